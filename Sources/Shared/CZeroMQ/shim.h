#ifndef MLESTAR_CZEROMQ_SHIM_H
#define MLESTAR_CZEROMQ_SHIM_H

#include <zmq.h>
#include <sys/eventfd.h> // not part of Swift's Glibc module

#endif
