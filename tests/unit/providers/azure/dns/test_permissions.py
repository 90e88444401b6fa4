"""What `vipswitch iam` prints for Azure's DNS zones is enough, and nothing of it can be spared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.azure_dns_cloud import AzureDnsCloud
from tests.unit.providers.azure.dns.rig import KINDS, provider_on, seen, soon
from tests.unit.providers.azure.dns.test_check import link
from vipswitch.errors import VipswitchError
from vipswitch.provider import NODE, Grant
from vipswitch.providers.azure.dns.provider import ZoneRecords

EVERYONE = None
TYPES = {"A": ("A",), "AAAA": ("AAAA",), "both": ("A", "AAAA")}


class Subject:
    """A name in two zones, and everything that a node does with it; what fails is named."""

    def __init__(self, cloud: AzureDnsCloud, types: tuple[str, ...]) -> None:
        self.cloud = cloud
        self.provider = provider_on(cloud, None, types=types, publish="private")
        link(cloud)

    def flaws(self, grants: Sequence[Grant]) -> list[str]:
        """The operations that these grants do not allow."""
        operations: dict[str, Callable[[], object]] = {
            "move": self._move,
            "make": self._make,
            "check": self._check,
        }
        return [name for name, operation in operations.items() if self._fails(grants, operation)]

    def _fails(self, grants: Sequence[Grant], operation: Callable[[], object]) -> bool:
        roles = self.cloud.azure.roles
        roles.clear()
        roles.give({"Actions": []}, client=EVERYONE, scopes=("/nowhere",))
        for grant in grants:
            assert grant.principal == NODE
            roles.give({"Actions": list(grant.actions)}, client=EVERYONE, scopes=grant.resources)
        try:
            operation()
        except (VipswitchError, AssertionError):
            return True
        return False

    def _move(self) -> None:
        me = self.provider.node(soon())
        for number, place in enumerate(self.provider.places):
            self.provider.claim(place, me, seen(self.provider, number), soon())
            self.provider.mark(place, me, 5, soon())
            self.provider.unmark(place, me, soon())

    def _make(self) -> None:
        for place in self.provider.places:
            if self.cloud.record(place):
                self.cloud.empty(place)
        self._move()

    def _check(self) -> None:
        findings = list(self.provider.check(soon()))
        assert not [f for f in findings if f.fix.startswith("allow")]


@pytest.fixture(params=TYPES)
def subject(request: pytest.FixtureRequest, cloud: AzureDnsCloud) -> Subject:
    """Of each kind, with each choice of types."""
    return Subject(cloud, TYPES[request.param])


def test_what_is_printed_is_enough(subject: Subject) -> None:
    """For moving the name, making it, and looking at all that can be wrong."""
    assert subject.flaws(subject.provider.grants(soon())) == []


def test_nothing_of_it_can_be_spared(subject: Subject) -> None:
    """Each action and each scope that is taken away makes something fail."""
    grants = subject.provider.grants(soon())
    spared = [lesser for lesser in _lesser(grants) if not subject.flaws(lesser)]
    assert spared == []


def _lesser(grants: Sequence[Grant]) -> Iterator[list[Grant]]:
    """The grants less one action, or less one scope."""
    for number, grant in enumerate(grants):
        others = [*grants[:number], *grants[number + 1 :]]
        for action in grant.actions:
            yield [*others, replace(grant, actions=tuple(each for each in grant.actions if each != action))]
        for scope in grant.resources:
            yield [
                *others,
                replace(grant, resources=tuple(each for each in grant.resources if each != scope)),
            ]


def test_only_the_names_own_record_sets_may_be_written(cloud: AzureDnsCloud) -> None:
    """No other name in the zone, no other type, and no right to delete."""
    provider: ZoneRecords = provider_on(cloud, types=("A",))
    grants = list(provider.grants(soon()))
    actions = [action for grant in grants for action in grant.actions]
    assert [action for action in actions if not action.endswith("/read")] == [f"{cloud.kind.type}/A/write"]
    [moving] = [grant for grant in grants if f"{cloud.kind.type}/A/write" in grant.actions]
    assert moving.resources == tuple(cloud.path(place) for place in provider.places)


@pytest.mark.parametrize("kind", KINDS)
def test_purposes_are_words_of_letters(kind: str, tmp_path: Path) -> None:
    """They name the parts of the role."""
    cloud = KINDS[kind](tmp_path)
    try:
        provider = provider_on(cloud, types=("A", "AAAA"))
        assert all(grant.purpose.isalnum() for grant in provider.grants(soon()))
    finally:
        cloud.close()
