#ifndef MLESTAR_CZEROMQ_SHIM_H
#define MLESTAR_CZEROMQ_SHIM_H

#include <zmq.h>
// Not part of Swift's Glibc module:
#include <malloc.h>
#include <sys/eventfd.h>

#endif
