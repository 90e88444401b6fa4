"""Record sets as holders and as batches, without a cloud."""

from __future__ import annotations

import pytest

from vipswitch.errors import ConfigError
from vipswitch.model import Holding, NodeId
from vipswitch.providers.aws.route53.records import Change, changes, marking, unmarking
from vipswitch.providers.record_sets import Found, RecordSet, holding, named

NAME = "db.example.com"
BOTH = ("A", "AAAA")


def one(type_: str, *values: str, ttl: int = 10, nature: str = "") -> RecordSet:
    return RecordSet(NAME, type_, ttl, values, nature)


def told(made: tuple[Change, ...]) -> list[tuple[str, str, int, tuple[str, ...]]]:
    return [(c.action, c.record.type, c.record.ttl, c.record.values) for c in made]


def test_the_holder_is_its_addresses() -> None:
    """IPv4 first, whatever was listed first; IPv6 as everybody writes it; no other records."""
    found = [one("AAAA", "2001:DB8:0::10"), one("A", "10.0.1.10"), one("MX", "10 mail")]
    assert holding(Found(tuple(found)), BOTH, "x").holder == "10.0.1.10,2001:db8::10"
    assert holding(Found(tuple(found)), ("A",), "x").holder == "10.0.1.10"
    assert holding(Found((one("MX", "10 mail"),)), BOTH, "x") == Holding(None)


def test_a_takeover_deletes_to_the_letter_what_was_seen() -> None:
    """TTL and spelling as they are, and creates what is wanted."""
    found = [one("A", "10.0.1.10", ttl=300), one("AAAA", "2001:DB8::10", ttl=300)]
    seen = holding(Found(tuple(found)), BOTH, "x")
    made = changes(NodeId("10.0.2.10,fd00::2"), NAME, ttl=5, seen=seen, told=False)
    assert told(made) == [
        ("DELETE", "A", 300, ("10.0.1.10",)),
        ("DELETE", "AAAA", 300, ("2001:DB8::10",)),
        ("CREATE", "A", 5, ("10.0.2.10",)),
        ("CREATE", "AAAA", 5, ("fd00::2",)),
    ]


def test_what_is_as_wanted_stays() -> None:
    """Half a holder becomes a whole one."""
    seen = holding(Found((one("A", "10.0.2.10"),)), BOTH, "x")
    made = changes(NodeId("10.0.2.10,fd00::2"), NAME, ttl=10, seen=seen, told=False)
    assert told(made) == [("CREATE", "AAAA", 10, ("fd00::2",))]


def test_another_ttl_is_another_record() -> None:
    """Route 53 compares it as well."""
    seen = holding(Found((one("A", "10.0.2.10", ttl=60),)), ("A",), "x")
    made = changes(NodeId("10.0.2.10"), NAME, ttl=10, seen=seen, told=False)
    assert [change.action for change in made] == ["DELETE", "CREATE"]


def test_without_a_look_it_is_unconditional() -> None:
    """A provider that was given nothing to compare with compares nothing."""
    made = changes(NodeId("10.0.2.10"), NAME, ttl=10, seen=None, told=False)
    assert told(made) == [("UPSERT", "A", 10, ("10.0.2.10",))]


def text(says: str, ttl: int = 10) -> RecordSet:
    return RecordSet(f"_vipswitch.{NAME}", "TXT", ttl, (f'"{says}"',))


def test_a_mark_releases_the_holder_that_it_names() -> None:
    """With both its addresses; a mark of another node says nothing of this one."""
    both = (one("A", "10.0.1.10"), one("AAAA", "fd00::1"))
    for named_in_it, released in (("10.0.1.10,fd00::1", True), ("10.0.1.10", False)):
        seen = holding(Found(both, text(f"released {named_in_it} 5")), BOTH, "x")
        assert (seen.holder, seen.released) == ("10.0.1.10,fd00::1", released)
        assert bool(seen.note) is released


def test_without_a_record_nobody_has_let_go() -> None:
    """Of nothing."""
    seen = holding(Found(text=text("released 10.0.1.10 5")), BOTH, "x")
    assert (seen.holder, seen.released) == (None, False)


@pytest.mark.parametrize("told_people", [False, True])
def test_a_restore_takes_the_mark_away_as_it_was_seen(*, told_people: bool) -> None:
    """In its batch, which fails if the holder has taken the name up again."""
    seen = holding(Found((one("A", "10.0.1.10"),), text("released 10.0.1.10 5", ttl=60)), ("A",), "x")
    made = changes(NodeId("10.0.2.10"), NAME, ttl=10, seen=seen, told=told_people, restoring=True)
    assert told(made)[:3] == [
        ("DELETE", "A", 10, ("10.0.1.10",)),
        ("DELETE", "TXT", 60, ('"released 10.0.1.10 5"',)),
        ("CREATE", "A", 10, ("10.0.2.10",)),
    ]
    assert told(made)[3:] == ([("CREATE", "TXT", 10, ('"held by 10.0.2.10"',))] if told_people else [])
    assert made[1].record.name == f"_vipswitch.{NAME}"


@pytest.mark.parametrize(
    ("marked_by", "made"),
    [
        ("10.0.1.10", [("DELETE", "A"), ("CREATE", "A")]),
        ("10.0.2.10", [("DELETE", "A"), ("DELETE", "TXT"), ("CREATE", "A")]),
    ],
)
def test_a_takeover_takes_only_its_own_old_mark_away(marked_by: str, made: list[tuple[str, str]]) -> None:
    """A new holder has none of its own beside it; for another's it may have no permission."""
    found = Found((one("A", "10.0.1.10"),), text(f"released {marked_by} 5"))
    batch = changes(NodeId("10.0.2.10"), NAME, ttl=10, seen=holding(found, ("A",), "x"), told=False)
    assert [(change.action, change.record.type) for change in batch] == made


def test_an_old_mark_is_no_condition_of_a_new_record() -> None:
    """Of a name that nobody holds: a restore creates its record, whoever left a mark there."""
    seen = holding(Found(text=text("released 10.0.1.10 5")), BOTH, "x")
    made = changes(NodeId("10.0.2.10"), NAME, ttl=10, seen=seen, told=False, restoring=True)
    assert [(change.action, change.record.type) for change in made] == [("CREATE", "A")]


def test_what_people_are_told_is_no_part_of_what_was_seen() -> None:
    """It may change without a Conflict, and it is no mark."""
    record = (one("A", "10.0.1.10"),)
    assert holding(Found(record, text("held by 10.0.1.10")), ("A",), "x") == holding(
        Found(record), ("A",), "x"
    )


def test_a_mark_takes_the_place_of_the_text_that_was_found() -> None:
    """Whatever it said; the same mark again changes nothing."""
    node, found = NodeId("10.0.1.10"), Found((one("A", "10.0.1.10"),), text("held by 10.0.1.10"))
    made = marking(found, node, NAME, ttl=10, generation=5)
    assert told(made) == [
        ("DELETE", "TXT", 10, ('"held by 10.0.1.10"',)),
        ("CREATE", "TXT", 10, ('"released 10.0.1.10 5"',)),
    ]
    assert told(marking(Found(found.records), node, NAME, ttl=10, generation=5)) == told(made)[1:]
    assert marking(Found(found.records, made[1].record), node, NAME, ttl=10, generation=5) == ()


@pytest.mark.parametrize(
    ("says", "told_people", "made"),
    [
        ("released 10.0.1.10 5", False, ["DELETE"]),
        ("released 10.0.1.10 5", True, ["DELETE", "CREATE"]),
        ("released 10.0.2.10 5", True, []),
        ("held by 10.0.1.10", True, []),
    ],
)
def test_an_unmark_takes_away_a_mark_of_its_own_node(
    says: str, *, told_people: bool, made: list[str]
) -> None:
    """And tells people again, if they are to be told."""
    found = Found((one("A", "10.0.1.10"),), text(says))
    batch = unmarking(found, NodeId("10.0.1.10"), NAME, ttl=10, told=told_people)
    assert [change.action for change in batch] == made


def test_the_text_for_people_is_quoted_beside_the_name() -> None:
    """It follows the address records because it stands in their batch."""
    *_, mark = changes(NodeId("10.0.2.10"), NAME, ttl=10, seen=Holding(None), told=True)
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
        holding(Found((found,)), BOTH, "x")
    assert caught.value.hint


def test_an_odd_record_of_a_type_that_does_not_move_is_nobodys_business() -> None:
    """An alias AAAA beside an A record that moves."""
    assert holding(
        Found(
            (
                one("A", "10.0.1.10"),
                one("AAAA", nature="is an alias"),
            )
        ),
        ("A",),
        "x",
    ).holder
