"""`azure-public-ip` keeps every promise, over real HTTPS; bad ones beside it do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.azure_public_ip_cloud import PublicIpCloud
from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Vip
from vipswitch.provider import Machine
from vipswitch.providers.azure.configurations import Nic
from vipswitch.providers.azure.footing import Footing
from vipswitch.providers.azure.nics import Nics
from vipswitch.providers.azure.public_ip.provider import AzurePublicIp
from vipswitch.providers.azure.public_ip.settings import PublicIpSettings
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Cloud
from vipswitch.testing.contract import CompareAndSetContract

Answers = Mapping[Place, Holding | VipswitchError]


class TestAzurePublicIp(CompareAndSetContract):
    """Two public IPs, on two ip configurations of each node's network interface."""

    def cloud(self, folder: Path) -> Cloud:
        return PublicIpCloud(folder)


class BlindNics(Nics):
    """Writes whatever there is by now."""

    def write(self, nic: Nic, part: str, subject: str, deadline: Deadline) -> None:
        super().write(replace(nic, etag="*"), part, subject, deadline)


class PutsBlindly(AzurePublicIp):
    """Leaves If-Match out; of two places that have both moved, Azure would refuse the old copy anyway."""

    def __init__(self, settings: PublicIpSettings, vip: Vip, machine: Machine) -> None:
        super().__init__(settings, vip, machine)
        self._azure = Footing(settings, machine, connect=BlindNics)


class WritesItsOwnFirst(AzurePublicIp):
    """Gives the public IP to its own interface, wherever it is, and takes the refusal for a conflict."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        what, nics = self._moved(place, deadline), self._azure.api
        nics.write(what.put_on(nics.read(node, deadline)), what.part, what.subject, deadline)


class TakesItOffWhoeverHasIt(AzurePublicIp):
    """Looks up who has it when it is to be released, and takes it off that interface."""

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        what, nics = self._moved(place, deadline), self._azure.api
        now = self.read([place], deadline)[place]
        if isinstance(now, Holding) and now.holder:
            has = nics.read(now.holder, deadline)
            nics.write(what.taken_off(has), what.part, what.subject, deadline)


class SwallowsTheConflict(AzurePublicIp):
    """Takes a write that was refused for one that was made."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        with suppress(Conflict):
            super().claim(place, node, seen, deadline)


class SaysDoneWhenAccepted(AzurePublicIp):
    """Answers from what it has asked for, without looking whether it has come to be."""

    asked: frozenset[Place] = frozenset()

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        self.asked |= {place}
        super().claim(place, node, seen, deadline)

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        answers = super().read(places, deadline)
        mine = Holding(self.node(deadline))
        return {p: mine if p in self.asked else answer for p, answer in answers.items()}


@pytest.mark.parametrize(
    ("bad", "test"),
    [
        (PutsBlindly, "test_claim_on_a_changed_place_is_a_conflict"),
        (PutsBlindly, "test_release_of_a_changed_place_is_a_conflict"),
        (WritesItsOwnFirst, "test_up_takes_the_vip_from_another_node"),
        (TakesItOffWhoeverHasIt, "test_release_of_a_changed_place_is_a_conflict"),
        (TakesItOffWhoeverHasIt, "test_release_of_what_is_not_ours_is_a_conflict"),
        (SwallowsTheConflict, "test_restore_of_a_place_taken_since_is_a_conflict"),
        (SaysDoneWhenAccepted, "test_up_makes_this_node_the_holder"),
    ],
)
def test_bad_azure_provider_fails_the_contract(bad: type[AzurePublicIp], test: str, tmp_path: Path) -> None:
    """The mistakes that scripts around a command line tool make with public IPs."""
    cloud = PublicIpCloud(tmp_path, bad, count=1 if bad is PutsBlindly else 2)
    try:
        with pytest.raises((AssertionError, pytest.fail.Exception, VipswitchError)):
            getattr(TestAzurePublicIp(), test)(Bed(cloud, tmp_path))
    finally:
        cloud.close()
