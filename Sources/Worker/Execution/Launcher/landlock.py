"""The second tier's view of files: nothing but what is named, by the kernel's Landlock."""

import ctypes
import os
import stat
import struct

import kernel

CREATE, ADD, RESTRICT = 444, 445, 446  # the same numbers on all machines
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REMOVE_FILE, MAKE_FILE = 1 << 5, 1 << 8
REFER, TRUNCATE, IOCTL_DEVICE = 1 << 13, 1 << 14, 1 << 15
MAKE_CHARACTER, MAKE_BLOCK = 1 << 6, 1 << 11
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEVICE
READING = EXECUTE | READ_FILE | READ_DIR
PLAIN_FILES = READ_FILE | READ_DIR | WRITE_FILE | TRUNCATE | REMOVE_FILE | MAKE_FILE
TCP, SCOPES = 0b11, 0b11  # bind and connect; abstract sockets and signals


def version():
    """What the kernel's Landlock can do, as its version; 0 where there is none."""
    try:
        return kernel.syscall(CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(1))
    except OSError:
        return 0


def _known(number):
    """Every right on files that a version knows."""
    return (1 << (13 + (number >= 2) + (number >= 3) + (number >= 5))) - 1


def restrict(readable, writable, flat, network):
    """From now on this process and its children reach only these paths, signal only each other, and open no
    connection unless `network`. In the folders `flat` they may make plain files, and no folders."""
    number = version()
    known = _known(number)
    scopes = SCOPES if number >= 6 else 0
    attributes = struct.pack("<QQQ", known, TCP if number >= 4 and not network else 0, scopes)
    size = 24 if number >= 6 else 16 if number >= 4 else 8
    rules = kernel.syscall(CREATE, ctypes.c_char_p(attributes), ctypes.c_size_t(size), ctypes.c_uint(0))
    all_but_code = known & ~(MAKE_CHARACTER | MAKE_BLOCK | EXECUTE)
    for paths, rights in ((readable, READING), (writable, all_but_code), (flat, PLAIN_FILES)):
        for path in paths:
            _allow(rules, path, rights & known)
    kernel.syscall(RESTRICT, ctypes.c_int(rules), ctypes.c_uint(0))
    os.close(rules)


def _allow(rules, path, rights):
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= OF_A_FILE
        rule = struct.pack("<Qi", rights, descriptor)
        kernel.syscall(ADD, ctypes.c_int(rules), ctypes.c_int(1), ctypes.c_char_p(rule), ctypes.c_uint(0))
    finally:
        os.close(descriptor)
