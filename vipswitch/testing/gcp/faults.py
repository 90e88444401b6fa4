"""Faults that a test arms while the cloud runs: those of every cloud, and Google's own.

Rules: see `testing.faults`; an action is a method's id (`compute.routes.insert`, also with `*`), `on` the
last name of what it is about. Reasons and texts: "Troubleshooting API errors", Compute Engine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

from .. import faults
from ..armed import Rule
from ..fates import Fates
from . import errors, tokens
from .errors import GcpError
from .operations import Fate
from .request import Call

Which = faults.Which[Call]


class Faults(faults.Faults[Call]):
    """The armed faults of one cloud."""

    def __init__(self) -> None:
        super().__init__()
        self._fates: Fates[Call, Fate] = Fates()
        self._stale = 0

    def throttle(
        self,
        times: int | None,
        action: str | None = None,
        *,
        status: int = 403,
        retry_after: int | None = None,
        **which: Unpack[Which],
    ) -> Rule[Call]:
        """403 rateLimitExceeded, or 429, with or without Retry-After; nothing is done."""
        return self.refuse(errors.throttled(status, retry_after), action, times=times, **which)

    def unavailable(
        self, times: int | None, action: str | None = None, *, status: int = 503, **which: Unpack[Which]
    ) -> Rule[Call]:
        """503 backendError, 500 internalError or another status; nothing is done."""
        return self.refuse(errors.unavailable(status), action, times=times, **which)

    def unavailable_after(
        self, times: int | None, action: str | None = None, *, status: int = 503, **which: Unpack[Which]
    ) -> Rule[Call]:
        """Does the work, then answers as `unavailable`."""
        refusal = errors.unavailable(status)
        return self._arm(self._after, lambda _: refusal.answer(), action, times, which)

    def deny(
        self, action: str | None = None, *, times: int | None = None, **which: Unpack[Which]
    ) -> Rule[Call]:
        """403 forbidden, which names the permission and the resource; nothing is done."""
        return self._arm(self._before, lambda call: _denied(call).answer(), action, times, which)

    def quota(
        self, times: int | None = None, action: str | None = None, **which: Unpack[Which]
    ) -> Rule[Call]:
        """403 quotaExceeded; nothing is done."""
        return self.refuse(errors.quota("ROUTES", 200), action or "*.insert", times=times, **which)

    def refuse(
        self, refusal: GcpError, action: str | None = None, *, times: int | None = 1, **which: Unpack[Which]
    ) -> Rule[Call]:
        """Answers with that refusal; nothing is done."""
        return self._arm(self._before, lambda _: refusal.answer(), action, times, which)

    def refuse_tokens(self, times: int | None = None, **which: Unpack[Which]) -> Rule[Call]:
        """401 authError with WWW-Authenticate; nothing is done."""
        return self.refuse(tokens.expired(), None, times=times, **which)

    def foreign_write(
        self,
        action: str | None,
        callback: Callable[[], object],
        *,
        times: int = 1,
        **which: Unpack[Which],
    ) -> Rule[Call]:
        """Calls `callback` between what the client has read and its next write; it may call the cloud."""
        meant = which.get("where")
        which["where"] = lambda call: call.mutating and (meant is None or meant(call))
        return self._call_before(action, callback, times, which)

    def stuck(self, times: int | None = 1, action: str | None = None, **which: Unpack[Which]) -> Rule[Call]:
        """The operations of the next writes never end."""
        return self._fates.arm(Fate(), action, times, which)

    def fail_operation(
        self,
        code: str,
        message: str = "",
        *,
        action: str | None = None,
        times: int | None = 1,
        status: int = 400,
        **which: Unpack[Which],
    ) -> Rule[Call]:
        """The operations of the next writes are accepted and end with that error, their work undone."""
        return self._fates.arm(Fate(code, message or code, status), action, times, which)

    def stale_reads(self, times: int) -> None:
        """After the next write has taken effect, `times` reads of what it wrote show what was before."""
        self._stale = times

    def clear(self) -> None:
        """Disarms everything and lets held calls go on; operations that are stuck stay so."""
        self._fates.clear()
        self._stale = 0
        super().clear()

    def fate(self, call: Call) -> Fate | None:
        """How the operation of a write is to end, if not well."""
        return self._fates.of(call)

    def staleness(self) -> int:
        """For how many reads the write that is now done is not to be seen; asking counts."""
        times, self._stale = self._stale, 0
        return times


def _denied(call: Call) -> GcpError:
    permission = call.method.permissions[0] if call.method and call.method.permissions else "compute"
    return errors.forbidden(permission, call.resource)
