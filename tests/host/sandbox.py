"""A process without netlink, as a sandbox makes it: socket(2) refuses the family (seccomp(2)).

What the process starts inherits it, so only a stand-in for `ip` can answer; a security module, which
can let `ip` have what we have not, is nothing that a test can load.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_NUMBER, _FIRST_ARGUMENT = 0, 16
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_AF_NETLINK = 16
_SOCKET = {"x86_64": 41, "aarch64": 198}


def can_refuse_netlink() -> bool:
    """Whether the number of socket(2) is known for this machine."""
    return platform.machine() in _SOCKET


def refuse_netlink() -> None:
    """From now on, and for ever, this process and its children get EAFNOSUPPORT for netlink."""
    rules = [
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_IF_EQUAL, 0, 3, _SOCKET[platform.machine()]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_JUMP_IF_EQUAL, 0, 1, _AF_NETLINK),
        (_RETURN, 0, 0, _ERRNO | errno.EAFNOSUPPORT),
        (_RETURN, 0, 0, _ALLOW),
    ]
    packed = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *rule) for rule in rules))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(rules), ctypes.addressof(packed)))
    _prctl(_PR_SET_NO_NEW_PRIVS, 1, 0)
    _prctl(_PR_SET_SECCOMP, _FILTER, ctypes.addressof(program))


def _prctl(option: int, first: int, second: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    arguments = (ctypes.c_ulong(value) for value in (first, second, 0, 0))
    assert libc.prctl(option, *arguments) == 0, os.strerror(ctypes.get_errno())
