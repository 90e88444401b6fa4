"""Faults that a test arms while the cloud runs: those of every cloud, and AWS's own.

Rules: see `testing.faults`; `on` is the table, interface, address or hosted zone that a call is about. Codes
and texts: EC2 API Reference, "Error codes"; Route 53 API Reference, "Common errors"; PriorRequestNotComplete
as quoted in github.com/pcorliss/ruby_route_53/issues/34.
"""

from __future__ import annotations

from typing import Unpack

from .. import faults
from ..armed import Rule
from ..wire import Answer
from . import protocol
from .denial import denied
from .protocol import ApiRequest
from .stale import StaleReads

Which = faults.Which[ApiRequest]


class Faults(faults.Faults[ApiRequest]):
    """The armed faults of one cloud."""

    def __init__(self, *, account: str) -> None:
        super().__init__()
        self.stale = StaleReads()
        self._account = account

    def throttle(
        self, times: int | None, action: str | None = None, **which: Unpack[Which]
    ) -> Rule[ApiRequest]:
        """503 RequestLimitExceeded, Route 53: 400 Throttling; nothing is done."""
        return self._arm(self._before, _throttled, action, times, which)

    def unavailable(
        self, times: int | None, action: str | None = None, **which: Unpack[Which]
    ) -> Rule[ApiRequest]:
        """500 InternalError, Route 53: InternalFailure; nothing is done."""
        return self._arm(self._before, _unavailable, action, times, which)

    def prior_request_not_complete(self, times: int | None, **which: Unpack[Which]) -> Rule[ApiRequest]:
        """400 PriorRequestNotComplete to changes of Route 53's records; nothing is done."""
        text = "The request was rejected because Route 53 was still processing a prior request."
        effect = _refusing(400, "PriorRequestNotComplete", text)
        return self._arm(self._before, effect, "ChangeResourceRecordSets", times, which)

    def deny(
        self, action: str | None = None, *, times: int | None = None, **which: Unpack[Which]
    ) -> Rule[ApiRequest]:
        """403 UnauthorizedOperation, to dry runs too, Route 53: AccessDenied; nothing is done."""
        return self._arm(self._before, lambda api: denied(api, account=self._account), action, times, which)

    def stale_reads(self, times: int) -> None:
        """After the next write to a route, a tag or an address, `times` Describes of it show what was before.

        Those are DescribeRouteTables, or DescribeNetworkInterfaces and DescribeAddresses counted together;
        after a change of Route 53's records ListResourceRecordSets.
        """
        self.stale.arm(times)

    def clear(self) -> None:
        """Disarms everything and lets held calls go on."""
        self.stale.clear()
        super().clear()


def _throttled(api: ApiRequest) -> Answer:
    if api.service == protocol.ROUTE53:
        return protocol.refusal(api.service, status=400, code="Throttling", message="Rate exceeded")
    code, text = "RequestLimitExceeded", "Request limit exceeded."
    return protocol.refusal(api.service, status=503, code=code, message=text)


def _unavailable(api: ApiRequest) -> Answer:
    code = "InternalFailure" if api.service == protocol.ROUTE53 else "InternalError"
    text = "An internal error has occurred"
    return protocol.refusal(api.service, status=500, code=code, message=text)


def _refusing(status: int, code: str, message: str) -> faults.Effect[ApiRequest]:
    return lambda api: protocol.refusal(api.service, status=status, code=code, message=message)
