"""Record sets as holders and as batches, without a cloud."""

from __future__ import annotations

import pytest

from vipswitch.errors import ConfigError
from vipswitch.model import Holding, NodeId
from vipswitch.providers.aws.route53.records import Change, RecordSet, changes, holding, named

NAME = "db.example.com"
BOTH = ("A", "AAAA")


def one(type_: str, *values: str, ttl: int = 10, nature: str = "") -> RecordSet:
    return RecordSet(NAME, type_, ttl, values, nature)


def told(made: tuple[Change, ...]) -> list[tuple[str, str, int, tuple[str, ...]]]:
    return [(c.action, c.record.type, c.record.ttl, c.record.values) for c in made]


def test_the_holder_is_its_addresses() -> None:
    """IPv4 first, whatever was listed first; IPv6 as everybody writes it; no other records."""
    found = [one("AAAA", "2001:DB8:0::10"), one("A", "10.0.1.10"), one("MX", "10 mail")]
    assert holding(found, BOTH, "x").holder == "10.0.1.10,2001:db8::10"
    assert holding(found, ("A",), "x").holder == "10.0.1.10"
    assert holding([one("MX", "10 mail")], BOTH, "x") == Holding(None)


def test_a_takeover_deletes_to_the_letter_what_was_seen() -> None:
    """TTL and spelling as they are, and creates what is wanted."""
    found = [one("A", "10.0.1.10", ttl=300), one("AAAA", "2001:DB8::10", ttl=300)]
    seen = holding(found, BOTH, "x")
    made = changes(NodeId("10.0.2.10,fd00::2"), NAME, ttl=5, seen=seen, marked=False)
    assert told(made) == [
        ("DELETE", "A", 300, ("10.0.1.10",)),
        ("DELETE", "AAAA", 300, ("2001:DB8::10",)),
        ("CREATE", "A", 5, ("10.0.2.10",)),
        ("CREATE", "AAAA", 5, ("fd00::2",)),
    ]


def test_what_is_as_wanted_stays() -> None:
    """Half a holder becomes a whole one."""
    seen = holding([one("A", "10.0.2.10")], BOTH, "x")
    made = changes(NodeId("10.0.2.10,fd00::2"), NAME, ttl=10, seen=seen, marked=False)
    assert told(made) == [("CREATE", "AAAA", 10, ("fd00::2",))]


def test_another_ttl_is_another_record() -> None:
    """Route 53 compares it as well."""
    seen = holding([one("A", "10.0.2.10", ttl=60)], ("A",), "x")
    made = changes(NodeId("10.0.2.10"), NAME, ttl=10, seen=seen, marked=False)
    assert [change.action for change in made] == ["DELETE", "CREATE"]


def test_without_a_look_it_is_unconditional() -> None:
    """A provider that was given nothing to compare with compares nothing."""
    made = changes(NodeId("10.0.2.10"), NAME, ttl=10, seen=None, marked=False)
    assert told(made) == [("UPSERT", "A", 10, ("10.0.2.10",))]


def test_the_mark_is_a_quoted_text_beside_the_name() -> None:
    """For people; it follows the address records because it stands in their batch."""
    *_, mark = changes(NodeId("10.0.2.10"), NAME, ttl=10, seen=Holding(None), marked=True)
    assert mark == Change("UPSERT", RecordSet(f"_vipswitch.{NAME}", "TXT", 10, ('"held by 10.0.2.10"',)))


def test_a_node_becomes_one_record_of_each_family() -> None:
    """As the holder is written, so it is published."""
    assert [record.type for record in named(NodeId("10.0.2.10,fd00::2"), NAME, 10)] == ["A", "AAAA"]
    assert [record.type for record in named(NodeId("fd00::2"), NAME, 10)] == ["AAAA"]


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (one("CNAME", "other.example.com"), r"x: is a CNAME \(other.example.com\)"),
        (
            one("A", "10.0.1.10", "10.0.2.10", "10.0.3.10"),
            "its A record has 3 values: vipswitch publishes one",
        ),
        (one("A", nature="is an alias"), "its A record is an alias"),
    ],
)
def test_what_we_would_not_have_written_is_refused(found: RecordSet, reason: str) -> None:
    """Somebody needs it, or is about to be surprised."""
    with pytest.raises(ConfigError, match=reason) as caught:
        holding([found], BOTH, "x")
    assert caught.value.hint


def test_an_odd_record_of_a_type_that_does_not_move_is_nobodys_business() -> None:
    """An alias AAAA beside an A record that moves."""
    assert holding([one("A", "10.0.1.10"), one("AAAA", nature="is an alias")], ("A",), "x").holder
