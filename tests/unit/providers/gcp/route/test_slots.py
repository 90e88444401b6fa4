"""Priorities and names of routes, all of them."""

from __future__ import annotations

import random
import re
from ipaddress import ip_address
from itertools import permutations, product

import pytest

from vipswitch.providers.gcp.route import slots

IPV4 = ip_address("10.99.0.50")
IPV6 = ip_address("fd99::50")
NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


@pytest.mark.parametrize("address", [IPV4, IPV6, ip_address("255.255.255.255")])
@pytest.mark.parametrize("network", ["n", "n" * 63])
def test_every_name_is_one_that_google_takes(address: object, network: str) -> None:
    """At most 63 characters, whatever the network is called."""
    family = slots.family(network, address)  # type: ignore[arg-type]
    for priority in (0, 7, 65535):
        name = slots.name_of(family, priority)
        assert len(name) <= 63
        assert NAME.fullmatch(name)


def test_each_place_and_priority_has_a_name_of_its_own() -> None:
    """So that one name is one slot of one place: no two prefixes of each other either."""
    places = [slots.family(n, a) for n, a in product(("a", "a-b"), (IPV4, ip_address("10.99.0.5")))]
    names = {slots.name_of(family, priority) for family in places for priority in range(slots.WORST + 1)}
    assert len(names) == len(places) * (slots.WORST + 1)
    for one, other in permutations(places, 2):
        assert not slots.is_ours(slots.name_of(other, 5), 5, one)


def test_a_name_is_only_ours_with_its_own_priority() -> None:
    """Somebody may have copied the name of one, or made something alike."""
    family = slots.family("vpc", IPV4)
    for priority in range(0, slots.WORST + 1, 97):
        assert slots.is_ours(slots.name_of(family, priority), priority, family)
        assert not slots.is_ours(slots.name_of(family, priority), priority + 1, family)
    for alike in (family, f"{family}-", f"{family}-1", f"{family}-000001", f"{family}-00001-x", "by-hand"):
        assert not slots.is_ours(alike, 1, family)


def test_takeovers_go_down_to_the_end_and_no_further() -> None:
    """Each better by one, so that no number, and no name, comes twice."""
    priority: int | None = slots.WORST
    seen = []
    while priority is not None:
        seen.append(priority)
        priority = slots.better_than(priority)
    assert seen == list(range(slots.WORST, -1, -1))


def test_what_only_fills_a_place_is_worse_than_any_order() -> None:
    """And both ranges are full of takeovers before the end."""
    assert max(slots.ORDERED) < min(slots.RESTORED)
    assert max(slots.RESTORED) == slots.WORST
    assert min(slots.ORDERED) > 30 * slots.FEW
    chance = random.Random(1)
    for of in (slots.ORDERED, slots.RESTORED):
        drawn = {slots.first(of, chance) for _ in range(200)}
        assert drawn <= set(of)
        assert len(drawn) > 190
