"""Exchanging one value for another, whole and only if nobody else did: where moto differs from Route 53.

Each pair shows bare moto doing it and the corrected one not. A test of bare moto that fails means that moto
has learnt it: drop the correction and the pair.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws.hosted_zone import ONE, TWO, VIP, Zone, change, refusal
from vipswitch.testing.aws import zones
from vipswitch.testing.aws.zones import Records


def test_bare_moto_deletes_what_once_was(bare_zone: Zone) -> None:
    """Any value that was ever set deletes the record."""
    bare_zone.make(change("CREATE"))
    bare_zone.make(change("UPSERT", VIP, TWO))
    bare_zone.make(change("DELETE"))
    assert bare_zone.values() is None


def test_a_stale_delete_is_refused(zone: Zone) -> None:
    """DELETE has to name the values that are there now."""
    zone.make(change("CREATE"))
    zone.make(change("UPSERT", VIP, TWO))
    assert zone.refusal(change("DELETE")) == (
        f"Tried to delete resource record set [name='{VIP}', type='A'] "
        "but the values provided do not match the current values"
    )
    zone.make(change("DELETE", VIP, TWO))
    assert zone.values() is None


def test_bare_moto_lets_a_stale_exchange_pass(bare_zone: Zone) -> None:
    """Compare-and-set never fails: the loser overwrites the winner."""
    bare_zone.make(change("CREATE"))
    bare_zone.make(change("DELETE"), change("CREATE", VIP, TWO))
    bare_zone.make(change("DELETE"), change("CREATE", VIP, "10.0.3.10"))
    assert bare_zone.values() == ("10.0.3.10",)


def test_a_stale_exchange_is_refused_whole(zone: Zone) -> None:
    """Of two nodes that exchange the same old value for their own, one loses."""
    zone.make(change("CREATE"))
    zone.make(change("DELETE"), change("CREATE", VIP, TWO))
    text = zone.refusal(change("DELETE"), change("CREATE", VIP, "10.0.3.10"))
    assert text.endswith("but the values provided do not match the current values")
    assert zone.values() == (TWO,)


@pytest.mark.parametrize(
    "other",
    [
        change("DELETE", VIP, ONE, ttl=6),
        change("DELETE", VIP, ONE, TWO),
        change("DELETE", VIP, ONE, HealthCheckId="3d2f1a0c"),
    ],
)
def test_delete_compares_everything(zone: Zone, other: Any) -> None:
    """The TTL, all values and the health check belong to a record set."""
    zone.make(change("CREATE"))
    assert zone.refusal(other).endswith("but the values provided do not match the current values")


def test_the_order_of_values_and_the_writing_of_the_name_do_not_count(zone: Zone) -> None:
    """Values are a set; a name may be in capitals and without its dot."""
    zone.make(change("CREATE", VIP, ONE, TWO))
    zone.make(change("DELETE", "VIP.Example.com", TWO, ONE))
    assert zone.values() is None


def test_bare_moto_has_another_error_for_a_delete_of_nothing(bare_zone: Zone) -> None:
    """InvalidInput, with a text about something else."""
    code, text = refusal(lambda: bare_zone.make(change("DELETE")))
    assert code == "InvalidInput"
    assert "Expected exactly one of" in text


def test_a_delete_of_nothing_is_refused(zone: Zone) -> None:
    """Another text than that for other values."""
    assert zone.refusal(change("DELETE")) == (
        f"Tried to delete resource record set [name='{VIP}', type='A'] but it was not found"
    )


def test_bare_moto_creates_over_another_value(bare_zone: Zone) -> None:
    """Two record sets of one name and type."""
    bare_zone.make(change("CREATE"))
    bare_zone.make(change("CREATE", VIP, TWO))
    assert bare_zone.listed().count((VIP, "A")) == 2


def test_create_over_another_value_is_refused(zone: Zone) -> None:
    """Whatever the value is."""
    zone.make(change("CREATE"))
    expected = f"Tried to create resource record set [name='{VIP}', type='A'] but it already exists"
    assert zone.refusal(change("CREATE", VIP, TWO)) == expected
    assert zone.refusal(change("CREATE")) == expected


def test_upsert_creates_and_replaces(zone: Zone) -> None:
    """Unconditionally, TTL and values."""
    zone.make(change("UPSERT"))
    zone.make(change("UPSERT", VIP, TWO, ttl=60))
    assert zones.records(zone.cloud, zone.id)[VIP, "A"] == Records(60, (TWO,))


def test_each_change_sees_what_those_before_it_left(zone: Zone) -> None:
    """A record set may be created in place of one that is deleted first, not the other way round."""
    zone.make(change("CREATE"))
    zone.make(change("DELETE"), change("CREATE", VIP, "other.example.net.", type_="CNAME"))
    text = zone.refusal(change("CREATE"), change("DELETE", VIP, "other.example.net.", type_="CNAME"))
    assert "conflicting RRSet of type CNAME" in text


def test_the_same_change_twice_is_refused(zone: Zone) -> None:
    """One record set cannot be deleted more than once in a batch."""
    zone.make(change("CREATE"))
    assert zone.refusal(change("DELETE"), change("DELETE")) == (
        f"The request contains an invalid set of changes for a resource record set 'A {VIP}'"
    )


def test_every_mistake_of_a_batch_is_reported(zone: Zone) -> None:
    """One text for each change that cannot be made."""
    zone.make(change("CREATE"))
    text = zone.refusal(
        change("CREATE"), change("DELETE", "a.example.com"), change("CREATE", "b.example.com")
    )
    assert text == (
        f"Tried to create resource record set [name='{VIP}', type='A'] but it already exists, "
        "Tried to delete resource record set [name='a.example.com.', type='A'] but it was not found"
    )


def test_a_protected_name_and_type_cannot_be_changed(zone: Zone) -> None:
    """By nobody, in a batch with others neither, until the protection ends."""
    zone.make(change("CREATE"))
    with zones.protected(zone.cloud, zone.id, "vip.example.com", "A", comment="ask Ann"):
        text = zone.refusal(change("CREATE", "a.example.com"), change("UPSERT"))
        assert f"[name='{VIP}', type='A']" in text
        assert "ask Ann" in text
        zone.make(change("CREATE", VIP, '"free"', type_="TXT"))
    zone.make(change("UPSERT", VIP, TWO))
