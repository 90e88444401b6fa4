"""What errors that are not ours say of themselves, in every cloud whose requests go over `requests`."""

from __future__ import annotations

import time
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase


def innermost(exc: BaseException) -> str:
    """What the socket said, below the layers that wrapped it."""
    arguments = (arg for arg in exc.args if isinstance(arg, BaseException))
    inner = getattr(exc, "inner_exception", None) or exc.__cause__ or next(arguments, None)
    inner = inner or getattr(exc, "reason", None)
    if isinstance(inner, BaseException) and inner is not exc:
        return innermost(inner)
    return (isinstance(exc, OSError) and exc.strerror) or str(exc)


def matches(patterns: str, names: Iterable[str]) -> bool:
    """Whether one of the names is like one of the patterns, which are parted by blanks."""
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns.split())


def retry_after_s(given: str) -> float | None:
    """How long a header Retry-After asks us to wait: it gives seconds, or a date."""
    if given.isdigit():
        return float(given)
    try:
        return max(parsedate_to_datetime(given).timestamp() - time.time(), 0.0)
    except ValueError:
        return None
