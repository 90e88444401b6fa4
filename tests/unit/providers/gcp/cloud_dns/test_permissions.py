"""What `vipswitch iam` prints for Cloud DNS is enough, and nothing of it can be spared."""

from __future__ import annotations

from collections.abc import Callable, Collection

import pytest

from tests.contract.gcp_cloud_dns_cloud import NAME, CloudDnsCloud
from tests.unit.providers.gcp.cloud_dns.rig import provider_on, seen, take
from tests.unit.providers.gcp.rig import soon
from vipswitch.errors import VipswitchError
from vipswitch.model import Holding
from vipswitch.provider import NODE, Level
from vipswitch.providers.gcp.cloud_dns.provider import GcpCloudDns
from vipswitch.providers.gcp.role import ROLE


class Subject:
    """A name in a zone, and everything that a node does with it; what fails is named."""

    def __init__(self, cloud: CloudDnsCloud) -> None:
        self.cloud = cloud
        self.provider = provider_on(cloud, None, zones=cloud.zones[:1])

    def flaws(self, permissions: str | Collection[str]) -> list[str]:
        """The operations that these permissions do not allow."""
        operations = {"move": self._move, "make": self._make, "check": self._check}
        return [name for name, operation in operations.items() if self._fails(permissions, operation)]

    def _fails(self, permissions: str | Collection[str], operation: Callable[[], object]) -> bool:
        self.cloud.gcp.roles.clear()
        self.cloud.gcp.roles.give(permissions)
        try:
            operation()
        except (VipswitchError, AssertionError):
            return True
        return False

    def _move(self) -> None:
        """From another node, followed until it is settled; let go of, and taken up again."""
        self.cloud.say(self.cloud.zones[0], (NAME, "A", [self.cloud.node_id("c")]))
        take(self.provider, seen(self.provider))
        looks = [seen(self.provider) for _ in range(3)]
        assert looks[-1].settled
        [place] = self.provider.places
        self.provider.mark(place, self.provider.node(soon()), 5, soon())
        self.provider.unmark(place, self.provider.node(soon()), soon())

    def _make(self) -> None:
        self.cloud.empty(self.provider.places[0])
        take(self.provider, Holding(None))

    def _check(self) -> None:
        assert not [found for found in self.provider.check(soon()) if found.level is Level.ERROR]


def wanted(provider: GcpCloudDns) -> set[str]:
    """All permissions that are asked for."""
    grants = provider.grants(soon())
    assert {grant.principal for grant in grants} == {NODE}
    assert all(grant.purpose.isalnum() for grant in grants)
    return {action for grant in grants for action in grant.actions}


@pytest.fixture
def subject(cloud: CloudDnsCloud) -> Subject:
    return Subject(cloud)


def test_what_is_printed_is_enough(subject: Subject) -> None:
    """As the YAML that is printed, for moving the name, making it, and looking at what can be wrong."""
    role = ROLE.written(ROLE.document(subject.provider.grants(soon())))
    assert subject.flaws(role) == []


def test_nothing_of_it_can_be_spared(subject: Subject) -> None:
    """Each permission that is taken away makes something fail."""
    permissions = wanted(subject.provider)
    assert [each for each in sorted(permissions) if not subject.flaws(permissions - {each})] == []


def test_it_is_asked_for_where_the_zones_are(cloud: CloudDnsCloud) -> None:
    """A zone of another project takes a role there."""
    lines = list(ROLE.advice(provider_on(cloud, project="my-project").grants(soon())))
    assert any("add-iam-policy-binding my-project " in line for line in lines)
    assert any(f"add-iam-policy-binding {cloud.gcp.project} " in line for line in lines)
