"""`azure-ip-configuration` keeps every promise, over real HTTPS; bad ones beside it do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.azure_ip_configuration_cloud import DualStackCloud, IpConfigurationCloud
from vipswitch.deadline import Deadline
from vipswitch.errors import OutcomeUnknown, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Vip
from vipswitch.provider import Machine
from vipswitch.providers.azure.configurations import Nic, nic_of
from vipswitch.providers.azure.footing import Footing
from vipswitch.providers.azure.ip_configuration.provider import AzureIpConfiguration
from vipswitch.providers.azure.ip_configuration.settings import IpConfigurationSettings
from vipswitch.providers.azure.nics import Nics
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Cloud
from vipswitch.testing.contract import CompareAndSetContract

Answers = Mapping[Place, Holding | VipswitchError]


class TestAzureIpConfiguration(CompareAndSetContract):
    """Two IPv4 addresses of one subnet."""

    def cloud(self, folder: Path) -> Cloud:
        return IpConfigurationCloud(folder)


class TestAzureIpConfigurationDualStack(CompareAndSetContract):
    """An IPv6 and an IPv4 address of one subnet."""

    def cloud(self, folder: Path) -> Cloud:
        return DualStackCloud(folder)


class BlindNics(Nics):
    """Writes whatever there is by now, as `az network nic ip-config create` does."""

    def write(self, nic: Nic, part: str, subject: str, deadline: Deadline) -> None:
        super().write(replace(nic, etag="*"), part, subject, deadline)


class ForgetfulNics(Nics):
    """Writes back the configuration that was added, the primary one, and none of the others."""

    def write(self, nic: Nic, part: str, subject: str, deadline: Deadline) -> None:
        said = nic.document["properties"]
        first, *others = said["ipConfigurations"]
        kept = {**nic.document, "properties": {**said, "ipConfigurations": [first, *others[-1:]]}}
        super().write(nic_of(nic.id, kept), part, subject, deadline)


class WithBadNics(AzureIpConfiguration):
    """Writes by a class of its own."""

    nics: type[Nics]

    def __init__(self, settings: IpConfigurationSettings, vip: Vip, machine: Machine) -> None:
        super().__init__(settings, vip, machine)
        self._azure = Footing(settings, machine, connect=self.nics)


class PutsBlindly(WithBadNics):
    """Leaves If-Match out; of two places that have both moved, Azure would refuse the old copy anyway."""

    nics = BlindNics


class ForgetsOtherConfigurations(WithBadNics):
    """Does not know that a PUT replaces all of them."""

    nics = ForgetfulNics


class WritesItsOwnFirst(AzureIpConfiguration):
    """Gives the address to its own interface, wherever it is."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        what, nics = self._moved(place, deadline), self._azure.api
        nics.write(what.put_on(nics.read(node, deadline)), what.part, what.subject, deadline)


class TakesItOffWhoeverHasIt(AzureIpConfiguration):
    """Looks up who has the address when it is to be released, and takes it off that interface."""

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        what, nics = self._moved(place, deadline), self._azure.api
        now = self.read([place], deadline)[place]
        if isinstance(now, Holding) and now.holder:
            has = nics.read(now.holder, deadline)
            nics.write(what.taken_off(has), what.part, what.subject, deadline)


class WritesBackAnOldCopy(AzureIpConfiguration):
    """Remembers its interface from when it last read it, and deletes what it had then."""

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        what, nics = self._moved(place, deadline), self._azure.api
        old = nics.read(node, deadline)
        nics.write(what.taken_off(old), what.part, what.subject, deadline)


class TakesUnreachableForNobody(AzureIpConfiguration):
    """What cannot be read has nothing."""

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        try:
            return super().read(places, deadline)
        except VipswitchError:
            return dict.fromkeys(places, Holding(None))


class RepeatsALostWrite(AzureIpConfiguration):
    """Reads and writes again by itself when the answer was lost."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        try:
            super().claim(place, node, seen, deadline)
        except OutcomeUnknown:
            now = self.read([place], deadline)[place]
            assert isinstance(now, Holding)
            self.claim(place, node, now, deadline)


@pytest.mark.parametrize(
    ("bad", "test"),
    [
        (PutsBlindly, "test_claim_on_a_changed_place_is_a_conflict"),
        (PutsBlindly, "test_release_of_a_changed_place_is_a_conflict"),
        (WritesItsOwnFirst, "test_up_takes_the_vip_from_another_node"),
        (TakesItOffWhoeverHasIt, "test_release_of_a_changed_place_is_a_conflict"),
        (TakesItOffWhoeverHasIt, "test_release_of_what_is_not_ours_is_a_conflict"),
        (WritesBackAnOldCopy, "test_release_of_a_changed_place_is_a_conflict"),
        (ForgetsOtherConfigurations, "test_up_makes_this_node_the_holder"),
        (TakesUnreachableForNobody, "test_could_not_look_is_not_nobody"),
        (RepeatsALostWrite, "test_lost_answer_is_never_followed_by_a_blind_write"),
    ],
)
def test_bad_azure_provider_fails_the_contract(
    bad: type[AzureIpConfiguration], test: str, tmp_path: Path
) -> None:
    """The mistakes that scripts around a command line tool make with ip configurations."""
    cloud = IpConfigurationCloud(tmp_path, bad, count=1 if bad is PutsBlindly else 2)
    try:
        with pytest.raises((AssertionError, pytest.fail.Exception, VipswitchError)):
            getattr(TestAzureIpConfiguration(), test)(Bed(cloud, tmp_path))
    finally:
        cloud.close()
