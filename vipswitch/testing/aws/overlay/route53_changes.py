"""GetChange: every change has an id of its own and is PENDING before it is INSYNC; what is served meanwhile.

moto answers with one id, which is INSYNC at once, and knows every id that it is asked for. Here a zone's
name servers keep to the records of before its oldest pending change, so that a test sees what clients see
between the answer and the propagation.
Sources: Route 53 API Reference, GetChange; the text of NoSuchChange as quoted in
github.com/boto/botocore/pull/543.
"""

from __future__ import annotations

import string
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.moto_api._internal import mock_random
from moto.route53.exceptions import Route53ClientError
from moto.route53.responses import Route53

from .correction import Correction

INSYNC_AFTER_S = 0.2
_ID = string.ascii_uppercase + string.digits
_OF_ZONES = (
    "create_hosted_zone",
    "delete_hosted_zone",
    "associate_vpc_with_hosted_zone",
    "disassociate_vpc_from_hosted_zone",
)


def corrections() -> Iterator[Correction]:
    yield Correction(Route53, "change_resource_record_sets", _change_resource_record_sets)
    yield Correction(Route53, "get_change", _get_change)
    for name in _OF_ZONES:
        yield Correction(Route53, name, _with_a_change_of_its_own)


@dataclass(slots=True)
class _Change:
    """One change of a zone; `before` are its record sets, in the order of the changes."""

    zone: Any = None
    before: Sequence[Any] = ()
    comment: str | None = None
    id: str = field(default_factory=lambda: "C" + "".join(mock_random.choices(_ID, k=20)))
    submitted: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=time.monotonic)
    insync: bool = False


class Changes:
    """The changes of one account. Not to be asked while a call is at work."""

    def __init__(self) -> None:
        self._changes: dict[str, _Change] = {}
        self._after_s = INSYNC_AFTER_S

    def propagate_after(self, seconds: float) -> None:
        """Changes are PENDING for so long, those under way too; what is INSYNC stays so."""
        self._settle()
        self._after_s = seconds

    def begin(self, change: _Change) -> dict[str, Any]:
        """The ChangeInfo of a change that was just made."""
        self._changes[change.id] = change
        return self.info(change.id)

    def info(self, id_: str) -> dict[str, Any]:
        """ChangeInfo. Raises Route53ClientError if there was no such change."""
        self._settle()
        if (change := self._changes.get(id_)) is None:
            raise Route53ClientError("NoSuchChange", f"Could not find resource with ID: {id_}")
        info = {
            "Id": f"/change/{change.id}",
            "Status": "INSYNC" if change.insync else "PENDING",
            "SubmittedAt": change.submitted,
        }
        return info | ({"Comment": change.comment} if change.comment else {})

    def served(self, zone: Any) -> Sequence[Any]:
        """The record sets that the zone's name servers know."""
        self._settle()
        pending = (c for c in self._changes.values() if c.zone is zone and not c.insync)
        oldest = next(pending, None)
        return oldest.before if oldest else zone.rrsets

    def _settle(self) -> None:
        now = time.monotonic()
        for change in self._changes.values():
            change.insync = change.insync or now - change.began >= self._after_s


def of(backend: Any) -> Changes:
    """The changes of this backend of moto's, which forgets them when it is reset."""
    changes: Changes = vars(backend).setdefault("vipswitch_changes", Changes())
    return changes


def _change_resource_record_sets(original: Callable[..., Any]) -> Callable[..., Any]:
    def change_resource_record_sets(response: Any) -> Any:
        zone = response.backend.get_hosted_zone(response._get_param("HostedZoneId"))
        before = tuple(zone.rrsets)
        original(response)
        change = _Change(zone, before, response._get_param("ChangeBatch.Comment"))
        return ActionResult({"ChangeInfo": of(response.backend).begin(change)})

    return change_resource_record_sets


def _get_change(_: Callable[..., Any]) -> Callable[..., Any]:
    def get_change(response: Any) -> Any:
        return ActionResult({"ChangeInfo": of(response.backend).info(response._get_param("Id"))})

    return get_change


def _with_a_change_of_its_own(original: Callable[..., Any]) -> Callable[..., Any]:
    def action(response: Any) -> Any:
        answer = original(response)
        change = _Change(comment=response._get_param("Comment"))
        return ActionResult({**answer.result, "ChangeInfo": of(response.backend).begin(change)})

    return action
