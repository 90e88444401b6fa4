"""What is asked of a cloud, as the layers below and the errors above need to know it.

It travels with the thread, because SDKs hand nothing through to their sockets and their credentials.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from vipswitch.deadline import Deadline


@dataclass(slots=True)
class Asked:
    """One thing asked of a cloud: by which action, of what, until when, and how far it came.

    `subject` is what people call it; `resource` what a policy calls it. `sent` is true from the moment that a
    byte of the request may have left; `endpoint` is where it went; `began` is when the last request was
    begun, on the monotonic clock.
    """

    action: str
    subject: str
    deadline: Deadline
    resource: str = "*"
    writes: bool = False
    sent: bool = False
    endpoint: str = "the cloud's API"
    began: float | None = None


_asked: ContextVar[Asked] = ContextVar("asked")


@contextmanager
def asking(asked: Asked) -> Iterator[None]:
    """Requests made inside, in this thread, are for `asked`."""
    token = _asked.set(asked)
    try:
        yield
    finally:
        _asked.reset(token)


def current() -> Asked:
    """What the requests of this thread are for."""
    return _asked.get()
