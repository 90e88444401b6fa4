"""Providers that move something between instances without care, each in a few lines, as scripts do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, OutcomeUnknown, VipswitchError
from vipswitch.model import Holding, NodeId, Place
from vipswitch.providers.asked import Asked
from vipswitch.providers.gcp.alias_ip.provider import GcpAliasIp
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.gcp.external_ip.provider import GcpExternalIp
from vipswitch.providers.gcp.interfaces import AccessConfig, ConfigGone, Instance, NewAliases, NewConfig
from vipswitch.providers.gcp.nics import UPDATE, Nics

Answers = Mapping[Place, Holding | VipswitchError]

FIXED = "External NAT"
"""What the console and the command line tool call every access config."""


class AliasNics(Nics):
    """Sends the PATCH by itself."""

    def body(self, change: NewAliases, deadline: Deadline, of: Instance) -> dict[str, Any]:
        """What is sent."""
        raise NotImplementedError

    def write(self, nic: Instance, part: str, subject: str, deadline: Deadline) -> None:
        change = nic.change
        assert isinstance(change, NewAliases)
        asked = Asked(UPDATE, subject, deadline, f"{nic.resource}/{part}", writes=True)
        body = self.body(change, deadline, nic)
        with self._clients.compute(asked) as compute:
            compute.patch(f"{nic.resource}/updateNetworkInterface", body, networkInterface=change.nic)


class TypedNics(AliasNics):
    """Leaves an empty list out, as google-cloud-compute does."""

    def body(self, change: NewAliases, deadline: Deadline, of: Instance) -> dict[str, Any]:
        ranges = [dict(each.document) for each in change.ranges]
        return {"fingerprint": change.fingerprint, **({"aliasIpRanges": ranges} if ranges else {})}


class NicsWithoutFingerprint(AliasNics):
    """Leaves the fingerprint out."""

    def body(self, change: NewAliases, deadline: Deadline, of: Instance) -> dict[str, Any]:
        return {"aliasIpRanges": [dict(each.document) for each in change.ranges]}


class BlindNics(AliasNics):
    """Sends what was decided long ago under the fingerprint of now."""

    def body(self, change: NewAliases, deadline: Deadline, of: Instance) -> dict[str, Any]:
        fresh = self.read(of.id, deadline).named(change.nic)
        assert fresh is not None
        return {
            "aliasIpRanges": [dict(each.document) for each in change.ranges],
            "fingerprint": fresh.fingerprint,
        }


class ForgetfulNics(AliasNics):
    """Does not know that the list replaces all ranges."""

    def body(self, change: NewAliases, deadline: Deadline, of: Instance) -> dict[str, Any]:
        last = [dict(each.document) for each in change.ranges][-1:]
        return {"aliasIpRanges": last, "fingerprint": change.fingerprint}


class WithBadNics(GcpAliasIp):
    """Writes by a class of its own."""

    nics: type[Nics]

    def _nics(self, clients: Clients) -> Nics:
        return self.nics(clients, self._gcp.instance_of)


class OmitsAnEmptyList(WithBadNics):
    """Takes the last alias off by a list that the client drops."""

    nics = TypedNics


class LeavesTheFingerprintOut(WithBadNics):
    """Thinks that it is for others."""

    nics = NicsWithoutFingerprint


class WritesAnOldList(WithBadNics):
    """Reads the fingerprint when it is needed, and the list when there was time for it."""

    nics = BlindNics


class ForgetsOtherRanges(WithBadNics):
    """Sends its own range alone."""

    nics = ForgetfulNics


class WritesItsOwnFirst(GcpAliasIp):
    """Gives the address to its own interface, wherever it is."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        what, nics = self._moved(place), self._gcp.api
        nics.write(what.put_on(nics.read(node, deadline)), what.part, what.subject, deadline)


class TakesItOffWhoeverHasIt(GcpAliasIp):
    """Looks up who has the address when it is to be released, and takes it off that instance."""

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        what, nics = self._moved(place), self._gcp.api
        now = self.read([place], deadline)[place]
        if isinstance(now, Holding) and now.holder:
            has = nics.read(now.holder, deadline)
            nics.write(what.taken_off(has), what.part, what.subject, deadline)


class TakesUnreachableForNobody(GcpAliasIp):
    """What cannot be read has nothing."""

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        try:
            return super().read(places, deadline)
        except VipswitchError:
            return dict.fromkeys(places, Holding(None))


class RepeatsALostWrite(GcpAliasIp):
    """Reads and writes again by itself when the answer was lost."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        try:
            super().claim(place, node, seen, deadline)
        except OutcomeUnknown:
            now = self.read([place], deadline)[place]
            assert isinstance(now, Holding)
            self.claim(place, node, now, deadline)


class FixedNics(Nics):
    """Knows one name for access configs."""

    def write(self, nic: Instance, part: str, subject: str, deadline: Deadline) -> None:
        change = nic.change
        if isinstance(change, ConfigGone):
            change = replace(change, name=FIXED)
        if isinstance(change, NewConfig):
            change = replace(change, config=AccessConfig(FIXED, change.config.address))
        super().write(replace(nic, change=change), part, subject, deadline)


class NamesAllAlike(GcpExternalIp):
    """Makes and deletes access configs by the name that the console gives them."""

    def _nics(self, clients: Clients) -> Nics:
        return FixedNics(clients, self._gcp.instance_of)


class AddsItsOwnFirst(GcpExternalIp):
    """Gives the address to its own instance, wherever it is."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        what, nics = self._moved(place), self._gcp.api
        own = self._own(nics.read(node, deadline), deadline, nic=self._nic(place))
        nics.write(what.put_on(own), what.part, what.subject, deadline)


class DeletesWhoseverItIs(GcpExternalIp):
    """Looks up who has the address when it is to be released, and deletes that access config."""

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        what, nics = self._moved(place), self._gcp.api
        now = self.read([place], deadline)[place]
        if isinstance(now, Holding) and now.holder:
            has = nics.read(now.holder, deadline)
            nics.write(what.taken_off(has), what.part, what.subject, deadline)


class SwallowsTheConflict(GcpExternalIp):
    """Takes a write that was refused for one that was made."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        with suppress(Conflict):
            super().claim(place, node, seen, deadline)


class SaysDoneWhenAccepted(GcpExternalIp):
    """Answers from what it has asked for, without looking whether it has come to be."""

    asked: frozenset[Place] = frozenset()

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        self.asked |= {place}
        super().claim(place, node, seen, deadline)

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        answers = super().read(places, deadline)
        mine = Holding(self.node(deadline))
        return {p: mine if p in self.asked else answer for p, answer in answers.items()}
