"""System calls that training never needs, refused by a seccomp filter."""

import ctypes
import errno
import platform
import struct

import kernel

# Numbers as libseccomp gives them; a name is left out where a machine does not have the call.
NUMBERS = {
    "x86_64": {
        "acct": 163, "add_key": 248, "adjtimex": 159, "bpf": 321, "chroot": 161, "clock_adjtime": 305,
        "clock_settime": 227, "create_module": 174, "delete_module": 176, "fanotify_init": 300, "finit_module": 313,
        "fsconfig": 431, "fsmount": 432, "fsopen": 430, "fspick": 433, "get_kernel_syms": 177, "init_module": 175,
        "ioperm": 173, "iopl": 172, "kcmp": 312, "kexec_file_load": 320, "kexec_load": 246, "keyctl": 250,
        "lookup_dcookie": 212, "memfd_secret": 447, "migrate_pages": 256, "modify_ldt": 154, "mount": 165,
        "mount_setattr": 442, "move_mount": 429, "move_pages": 279, "name_to_handle_at": 303, "nfsservctl": 180,
        "open_by_handle_at": 304, "open_tree": 428, "perf_event_open": 298, "personality": 135, "pidfd_getfd": 438,
        "pivot_root": 155, "process_madvise": 440, "process_vm_readv": 310, "process_vm_writev": 311, "ptrace": 101,
        "query_module": 178, "quotactl": 179, "quotactl_fd": 443, "reboot": 169, "request_key": 249,
        "setdomainname": 171, "sethostname": 170, "setns": 308, "settimeofday": 164, "swapoff": 168, "swapon": 167,
        "sysfs": 139, "syslog": 103, "umount2": 166, "unshare": 272, "uselib": 134, "userfaultfd": 323, "ustat": 136,
        "vhangup": 153,
    },
    "aarch64": {
        "acct": 89, "add_key": 217, "adjtimex": 171, "bpf": 280, "chroot": 51, "clock_adjtime": 266,
        "clock_settime": 112, "delete_module": 106, "fanotify_init": 262, "finit_module": 273, "fsconfig": 431,
        "fsmount": 432, "fsopen": 430, "fspick": 433, "init_module": 105, "kcmp": 272, "kexec_file_load": 294,
        "kexec_load": 104, "keyctl": 219, "lookup_dcookie": 18, "memfd_secret": 447, "migrate_pages": 238,
        "mount": 40, "mount_setattr": 442, "move_mount": 429, "move_pages": 239, "name_to_handle_at": 264,
        "nfsservctl": 42, "open_by_handle_at": 265, "open_tree": 428, "perf_event_open": 241, "personality": 92,
        "pidfd_getfd": 438, "pivot_root": 41, "process_madvise": 440, "process_vm_readv": 270,
        "process_vm_writev": 271, "ptrace": 117, "quotactl": 60, "quotactl_fd": 443, "reboot": 142,
        "request_key": 218, "setdomainname": 162, "sethostname": 161, "setns": 268, "settimeofday": 170,
        "swapoff": 225, "swapon": 224, "syslog": 116, "umount2": 39, "unshare": 97, "userfaultfd": 282,
        "vhangup": 58,
    },
}
# What reaches other programs of the same user where no namespace is between: the old interprocess communication, message queues.
INTERPROCESS = {
    "x86_64": {
        "mq_open": 240, "mq_unlink": 241, "msgctl": 71, "msgget": 68, "msgrcv": 70, "msgsnd": 69, "semctl": 66,
        "semget": 64, "semop": 65, "semtimedop": 220, "shmat": 30, "shmctl": 31, "shmget": 29,
    },
    "aarch64": {
        "mq_open": 180, "mq_unlink": 181, "msgctl": 187, "msgget": 186, "msgrcv": 188, "msgsnd": 189, "semctl": 191,
        "semget": 190, "semop": 193, "semtimedop": 192, "shmat": 196, "shmctl": 195, "shmget": 194,
    },
}
# Modes, owners and times of files, which Landlock does not look at.
ATTRIBUTES = {
    "x86_64": {
        "chmod": 90, "chown": 92, "fchmod": 91, "fchmodat": 268, "fchmodat2": 452, "fchown": 93, "fchownat": 260,
        "futimesat": 261, "lchown": 94, "utime": 132, "utimensat": 280, "utimes": 235,
    },
    "aarch64": {"fchmod": 52, "fchmodat": 53, "fchmodat2": 452, "fchown": 55, "fchownat": 54, "utimensat": 88},
}
FURTHER_ATTRIBUTES = {
    "x86_64": {
        "file_setattr": 469, "fremovexattr": 199, "fsetxattr": 190, "lremovexattr": 198, "lsetxattr": 189,
        "removexattr": 197, "removexattrat": 466, "setxattr": 188, "setxattrat": 463,
    },
    "aarch64": {
        "file_setattr": 469, "fremovexattr": 16, "fsetxattr": 7, "lremovexattr": 15, "lsetxattr": 6, "removexattr": 14,
        "removexattrat": 466, "setxattr": 5, "setxattrat": 463,
    },
}
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
SPECIAL = {
    "x86_64": {"clone": 56, "clone3": 435, "socket": 41, "socketpair": 53, "ioctl": 16, "io_uring": (425, 426, 427)},
    "aarch64": {"clone": 220, "clone3": 435, "socket": 198, "socketpair": 199, "ioctl": 29, "io_uring": (425, 426, 427)},
}
NEW_NAMESPACES = 0x7E020080  # every CLONE_NEW… flag
TIOCSTI, TIOCLINUX = 0x5412, 0x541C
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
SOCK_STREAM, SOCK_SEQPACKET, SOCK_KIND = 1, 5, 0xF  # the last: which bits of a socket's type are not flags

# Of the structure a filter looks at: the call's number, the machine, and the lower halves of its first two arguments.
NUMBER, MACHINE, FIRST, SECOND = 0, 4, 16, 24
LOAD, EQUAL, AT_LEAST, ANY_BIT, AND, RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000


def _statement(code, value, matched=0, otherwise=0):
    return struct.pack("<HBBI", code, matched, otherwise, value)


def _refuse(number, error):
    """Two instructions: a call of this number fails with this error."""
    return _statement(EQUAL, number, 0, 1) + _statement(RETURN, REFUSE | error)


def _attributes(machine):
    """Nobody's modes and times change. Copying a file sets them, so to fail would break more than it protects."""
    parts = [_refuse(number, 0) for number in sorted(ATTRIBUTES[machine].values())]
    return parts + [_refuse(number, errno.ENOTSUP) for number in sorted(FURTHER_ATTRIBUTES[machine].values())]


def _pairs(number):
    """Connected pairs of local sockets, but for datagrams: one of those can still be sent, or connected, to any path."""
    return [
        _statement(EQUAL, number, 0, 6), _statement(LOAD, SECOND), _statement(AND, SOCK_KIND),
        _statement(EQUAL, SOCK_STREAM, 2, 0), _statement(EQUAL, SOCK_SEQPACKET, 1, 0),
        _statement(RETURN, REFUSE | errno.EACCES), _statement(RETURN, ALLOW),
    ]


def program(machine, families, shares_machine=False, owns_files=False, is_counted=False):
    """The filter's instructions for a kind of machine.

    `families` are the kinds of sockets that may be made. `shares_machine`: no namespace keeps the script's interprocess
    communication apart from that of others. `owns_files`: its user has files beyond those of the job. `is_counted`: its memory is
    what its processes are seen to have, so that a segment that none of them maps would not count."""
    special = SPECIAL[machine]
    parts = [
        _statement(LOAD, MACHINE), _statement(EQUAL, ARCHITECTURES[machine], 1, 0), _statement(RETURN, KILL),
        _statement(LOAD, NUMBER),
    ]
    if machine == "x86_64":  # the other set of numbers for the same calls
        parts += [_statement(AT_LEAST, 0x40000000, 0, 1), _statement(RETURN, REFUSE | errno.ENOSYS)]
    refused = [NUMBERS[machine], INTERPROCESS[machine]] if shares_machine else [NUMBERS[machine]]
    parts += [_refuse(number, errno.EPERM) for numbers in refused for number in sorted(numbers.values())]
    parts += [_refuse(INTERPROCESS[machine]["shmget"], errno.EPERM)] if is_counted else []
    parts += _attributes(machine) if owns_files else []
    # Programs fall back to older calls when these are not there. What clone3 is asked for, a filter cannot see.
    parts += [_refuse(number, errno.ENOSYS) for number in (special["clone3"], *special["io_uring"])]
    parts += [
        _statement(EQUAL, special["clone"], 0, 4), _statement(LOAD, FIRST),
        _statement(ANY_BIT, NEW_NAMESPACES, 0, 1), _statement(RETURN, REFUSE | errno.EPERM), _statement(RETURN, ALLOW),
        _statement(EQUAL, special["ioctl"], 0, 5), _statement(LOAD, SECOND),
        _statement(EQUAL, TIOCSTI, 1, 0), _statement(EQUAL, TIOCLINUX, 0, 1),
        _statement(RETURN, REFUSE | errno.EPERM), _statement(RETURN, ALLOW),
    ]
    parts += _pairs(special["socketpair"]) if shares_machine else []
    parts += [_statement(EQUAL, special["socket"], 0, len(families) + 2), _statement(LOAD, FIRST)]
    left = len(families)
    for family in families:  # a jump to the last instruction, which allows
        parts.append(_statement(EQUAL, family, left, 0))
        left -= 1
    parts += [_statement(RETURN, REFUSE | errno.EACCES), _statement(RETURN, ALLOW)]
    return b"".join(parts)


def is_known():
    """Whether there is a filter for this machine."""
    return platform.machine() in ARCHITECTURES


def apply(families, **more):
    """Puts the filter of `program` on this process and all that come from it; needs "no new privileges"."""
    code = program(platform.machine(), families, **more)
    buffer = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    description = Program(len(code) // 8, ctypes.addressof(buffer))
    kernel.prctl(kernel.PR_SET_SECCOMP, kernel.SECCOMP_MODE_FILTER, ctypes.addressof(description))
