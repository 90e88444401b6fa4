"""Faults that a test arms while the cloud runs: those of every cloud, and Azure's own.

Rules: see `testing.faults`; an action is that of role definitions and may have `*` in it (`*/write`), `on` is
the last name of the resource. Codes and texts: "Common API response details" of the Azure REST API reference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

from .. import faults
from ..armed import Rule
from ..fates import Fates
from ..wire import Answer
from . import roles, tokens
from .errors import ArmError, throttled
from .operations import Fate
from .request import Call

Which = faults.Which[Call]


class Faults(faults.Faults[Call]):
    """The armed faults of one cloud."""

    def __init__(self, client: Callable[[str | None], str]) -> None:
        super().__init__()
        self._client = client
        self._fates: Fates[Call, Fate] = Fates()
        self._stale = 0

    def throttle(
        self,
        times: int | None,
        action: str | None = None,
        *,
        retry_after: int | None = None,
        **which: Unpack[Which],
    ) -> Rule[Call]:
        """429 TooManyRequests, with or without Retry-After; nothing is done."""
        return self._arm(self._before, lambda _: throttled(retry_after).answer(), action, times, which)

    def unavailable(
        self, times: int | None, action: str | None = None, *, status: int = 503, **which: Unpack[Which]
    ) -> Rule[Call]:
        """503 ServerBusy, 500 InternalServerError or another status; nothing is done."""
        return self._arm(self._before, _failing(status), action, times, which)

    def unavailable_after(
        self, times: int | None, action: str | None = None, *, status: int = 503, **which: Unpack[Which]
    ) -> Rule[Call]:
        """Does the work, then answers as `unavailable`."""
        return self._arm(self._after, _failing(status), action, times, which)

    def deny(
        self, action: str | None = None, *, times: int | None = None, **which: Unpack[Which]
    ) -> Rule[Call]:
        """403 AuthorizationFailed, which names action and scope; nothing is done."""
        return self._arm(self._before, self._denied, action, times, which)

    def refuse(
        self, refusal: ArmError, action: str | None = None, *, times: int | None = 1, **which: Unpack[Which]
    ) -> Rule[Call]:
        """Answers with that refusal; nothing is done."""
        return self._arm(self._before, lambda _: refusal.answer(), action, times, which)

    def refuse_tokens(self, times: int | None = None, **which: Unpack[Which]) -> Rule[Call]:
        """401 ExpiredAuthenticationToken with WWW-Authenticate; nothing is done."""
        return self._arm(self._before, lambda _: tokens.expired().answer(), None, times, which)

    def foreign_write(
        self, action: str | None, callback: Callable[[], object], *, times: int = 1, **which: Unpack[Which]
    ) -> Rule[Call]:
        """Calls `callback` between what the client has read and its next write; it may call the cloud."""
        return self._call_before(action or "*/write", callback, times, which)

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
        status: str = "Failed",
        **which: Unpack[Which],
    ) -> Rule[Call]:
        """The operations of the next writes are accepted and end so."""
        return self._fates.arm(Fate(status, code, message or code), action, times, which)

    def supersede(
        self, times: int | None = 1, action: str | None = None, **which: Unpack[Which]
    ) -> Rule[Call]:
        """The operations of the next writes end Canceled, as if another had taken their place."""
        text = "Operation PutOperation was canceled and superseded by operation PutOperation."
        details = (("CanceledAndSupersededDueToAnotherOperation", text),)
        return self._fates.arm(
            Fate("Canceled", "Canceled", "Operation was canceled.", details), action, times, which
        )

    def stale_reads(self, times: int) -> None:
        """After the next write, `times` GETs of what it wrote show what was before."""
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

    def _denied(self, call: Call) -> Answer:
        try:
            return roles.refused(self._client(call.token), call.action, call.resource).answer()
        except ArmError as refusal:
            return refusal.answer()


def _failing(status: int) -> faults.Effect[Call]:
    code = "InternalServerError" if status == 500 else "ServerBusy"
    text = "An error occurred." if status == 500 else "The server is busy. Please retry later."
    return lambda _: ArmError(status, code, text).answer()
