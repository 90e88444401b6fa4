"""Record sets as holders, and the batch that makes them another's, in any cloud that has batches."""

from __future__ import annotations

import pytest

from vipswitch.errors import ConfigError
from vipswitch.model import NodeId
from vipswitch.providers.record_sets import Batch, Found, RecordSet, holding, marking, taking, unmarking

NAME = "db.example.com"
ME = NodeId("10.0.2.10,fd00::2")


def one(type_: str, *values: str, ttl: int = 10) -> RecordSet:
    return RecordSet(NAME, type_, ttl, values)


def text(*values: str) -> RecordSet:
    return RecordSet(f"_vipswitch.{NAME}", "TXT", 60, values)


def test_an_address_in_another_spelling_is_the_same_one() -> None:
    """A batch that deleted it and added it again would be a change of nothing."""
    seen = holding(Found((one("A", "10.0.2.10"), one("AAAA", "FD00:0::2"))), ("A", "AAAA"), "x")
    assert seen.holder == ME
    assert not taking(ME, NAME, ttl=10, seen=seen)
    assert taking(ME, NAME, ttl=5, seen=seen) == Batch(
        (one("A", "10.0.2.10"), one("AAAA", "FD00:0::2")),
        (one("A", "10.0.2.10", ttl=5), one("AAAA", "fd00::2", ttl=5)),
    )


def test_both_addresses_change_in_one_batch() -> None:
    """Half of a holder is never seen."""
    seen = holding(Found((one("A", "10.0.1.10"), one("AAAA", "fd00::1"))), ("A", "AAAA"), "x")
    batch = taking(ME, NAME, ttl=10, seen=seen)
    assert [(record.type, record.values) for record in batch.gone] == [
        ("A", ("10.0.1.10",)),
        ("AAAA", ("fd00::1",)),
    ]
    assert [(record.type, record.values) for record in batch.new] == [
        ("A", ("10.0.2.10",)),
        ("AAAA", ("fd00::2",)),
    ]


def test_a_text_that_a_mark_replaces_goes_to_the_letter() -> None:
    """All its values, in the order in which they were read, and its own TTL."""
    found = Found((one("A", "10.0.2.10"),), text('"z of somebody"', '"a of somebody"'))
    batch = marking(found, NodeId("10.0.2.10"), NAME, ttl=10, generation=7)
    assert batch.gone == (text('"z of somebody"', '"a of somebody"'),)
    assert [record.values for record in batch.new] == [('"released 10.0.2.10 7"',)]


def test_a_mark_among_other_values_is_none() -> None:
    """Somebody else's text: neither believed nor taken away."""
    found = Found((one("A", "10.0.2.10"),), text('"released 10.0.2.10 7"', '"more"'))
    assert not holding(found, ("A",), "x").released
    assert not unmarking(found, NodeId("10.0.2.10"))


@pytest.mark.parametrize(("type_", "called"), [("CNAME", "a CNAME"), ("ALIAS", "an ALIAS")])
def test_another_name_of_something_else_is_refused(type_: str, called: str) -> None:
    """Beside it there can be no address; an ALIAS is Cloud DNS's word for one at a zone's own name."""
    with pytest.raises(ConfigError, match=rf"x: is {called} \(other.example.com.\)") as caught:
        holding(Found((one(type_, "other.example.com."),)), ("A",), "x")
    assert caught.value.hint
