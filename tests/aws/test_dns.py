"""The name server of a hosted zone, asked over loopback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.aws.hosted_zone import ONE, TWO, VIP, Zone, change
from vipswitch.testing.aws import zones
from vipswitch.testing.fabric import dns
from vipswitch.testing.fabric.dns import Reply

LOOPBACK = "127.0.0.1"
Ask = Callable[..., Reply]


@pytest.fixture
def ask(zone: Zone) -> Iterator[Ask]:
    """Asks the zone's name server; changes propagate at once."""
    zones.propagate_after(zone.cloud, 0)
    with dns.ZoneServer(zone.cloud, zone.id, dns.sockets(LOOPBACK)) as server:
        yield lambda *question, **how: dns.ask(LOOPBACK, *question, port=server.port, **how)


@pytest.mark.parametrize("tcp", [False, True])
def test_records_are_answered_with_their_ttl(zone: Zone, ask: Ask, tcp: bool) -> None:
    """By authority, whatever the case of the question, by UDP and by TCP."""
    zone.make(change("CREATE", VIP, TWO, ONE, ttl=7))
    assert ask("VIP.example.com", tcp=tcp) == Reply("NOERROR", (ONE, TWO), 7, authoritative=True)


def test_other_types_are_answered_too(zone: Zone, ask: Ask) -> None:
    """IPv6 addresses and texts."""
    zone.make(change("CREATE", VIP, "fd00:99::50", type_="AAAA"), change("CREATE", VIP, '"a b"', type_="TXT"))
    assert ask(VIP, "AAAA").values == ("fd00:99::50",)
    assert ask(VIP, "TXT").values == ('"a b"',)
    assert len(ask("example.com", "NS").values) == 4


def test_a_pending_change_is_not_served(zone: Zone, ask: Ask) -> None:
    """Clients get the old address until the change is in sync."""
    zone.make(change("CREATE"))
    zones.propagate_after(zone.cloud, 3600)
    zone.make(change("DELETE"), change("CREATE", VIP, TWO))
    assert ask(VIP).values == (ONE,)
    zones.propagate_after(zone.cloud, 0)
    assert ask(VIP).values == (TWO,)


def test_an_absent_name_may_be_remembered_as_absent(ask: Ask) -> None:
    """For as long as the SOA says: the lesser of its TTL and its last number."""
    assert ask("no.example.com") == Reply("NXDOMAIN", (), 900, authoritative=True)


def test_the_zone_says_how_long_an_absence_lasts(zone: Zone, ask: Ask) -> None:
    """Its SOA can be changed."""
    zone.make(change("UPSERT", "example.com", "ns. mail. 1 7200 900 1209600 3", type_="SOA", ttl=900))
    assert ask("no.example.com").ttl == 3


@pytest.mark.parametrize("name", [VIP, "example.com"])
def test_a_name_without_that_type_exists(zone: Zone, ask: Ask, name: str) -> None:
    """So does a name above one that has records."""
    zone.make(change("CREATE", f"below.{VIP}"))
    assert ask(name, "AAAA") == Reply("NOERROR", (), 900, authoritative=True)


def test_a_cname_is_followed_within_the_zone(zone: Zone, ask: Ask) -> None:
    """To its address, or to where it leaves the zone."""
    alias: dict[str, Any] = {"type_": "CNAME"}
    zone.make(change("CREATE"), change("CREATE", "a.example.com", VIP, **alias))
    zone.make(change("CREATE", "b.example.com", "b.example.org.", **alias))
    zone.make(change("CREATE", "c.example.com", "c.example.com", **alias))
    assert ask("a.example.com").values == (ONE,)
    assert (ask("b.example.com").code, ask("b.example.com").values) == ("NOERROR", ())
    assert ask("c.example.com").values == ()


def test_an_escaped_name_is_answered(zone: Zone, ask: Ask) -> None:
    """Route 53 escapes in octal numbers, other DNS software in decimal ones."""
    zone.make(change("CREATE", "a\\044b.example.com"))
    assert ask("a\\036b.example.com").values == (ONE,)


def test_other_zones_are_refused(ask: Ask) -> None:
    """It is no resolver."""
    assert ask("example.org").code == "REFUSED"


def test_a_long_answer_is_cut_short_for_udp(zone: Zone, ask: Ask) -> None:
    """And whole by TCP."""
    values = [f"10.1.{number}.1" for number in range(100)]
    zone.make(change("CREATE", VIP, *values))
    assert len(ask(VIP).values) < len(values)
    assert len(ask(VIP, tcp=True).values) == len(values)


def test_the_local_aws_does_without_a_dns_library() -> None:
    """Only the name server needs one, which is in the dev extra."""
    program = "import sys, vipswitch.testing.aws, vipswitch.testing.aws.zones; print('dns' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "False\n"
