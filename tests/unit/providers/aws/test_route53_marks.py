"""Release marks beside a name, as the hosted zone sees them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.unit.providers.aws.dns_rig import DOMAIN, NAME, A, B, DnsRig, record
from tests.unit.providers.aws.rig import soon
from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, PermissionDenied, TimeUp
from vipswitch.model import Holding, NodeId, Place
from vipswitch.providers.aws.route53.provider import AwsRoute53
from vipswitch.testing.aws import zones
from vipswitch.testing.clock import ManualClock

TEXT = f"_vipswitch.{NAME}"


def seen(provider: AwsRoute53) -> Holding:
    """What the provider reads of its place."""
    answer = provider.read(provider.places, soon())[provider.places[0]]
    assert isinstance(answer, Holding), answer
    return answer


def marked(dns: DnsRig, node: NodeId = A, generation: int = 5, **settings: object) -> AwsRoute53:
    """The provider of a node that has held the name and has let go."""
    dns.make(record(NAME, "A", node))
    provider = dns.provider(node, **settings)
    provider.mark(place(provider), node, generation, soon())
    return provider


def place(provider: AwsRoute53) -> Place:
    return provider.places[0]


def take(provider: AwsRoute53, before: Holding | None) -> None:
    provider.claim(place(provider), provider.node(soon()), before, soon())


def call(provider: AwsRoute53, verb: str, deadline: Deadline) -> None:
    """Mark the place once more, or take its mark away."""
    if verb == "mark":
        provider.mark(place(provider), A, 6, deadline)
    else:
        provider.unmark(place(provider), A, deadline)


def test_a_mark_is_a_look_and_a_batch(dns: DnsRig) -> None:
    """The text says who has let go and by which order; the record stays."""
    dns.make(record(NAME, "A", A))
    provider = dns.provider()
    dns.cloud.journal.clear()
    provider.mark(place(provider), A, 123456, soon())
    assert dns.asked() == ["ListResourceRecordSets", "ChangeResourceRecordSets"]
    assert dns.values(TEXT, "TXT") == (f'"released {A} 123456"',)
    assert dns.values() == (A,)


def test_a_mark_is_read_without_a_request_of_its_own(dns: DnsRig) -> None:
    """The text is listed right after the name."""
    marked(dns)
    dns.make(record(f"e.{DOMAIN}", "A", B))
    dns.cloud.journal.clear()
    holding = seen(dns.provider(B))
    assert (holding.holder, holding.released) == (A, True)
    assert holding.note == "released: its holder has let go"
    assert dns.asked() == ["ListResourceRecordSets"]


@pytest.mark.parametrize("below", ["*", "-x", "0", "_a"])
def test_names_below_the_name_may_come_between(dns: DnsRig, below: str) -> None:
    """A wildcard, or other nodes' names; they are nobody's business, and cost no request while few."""
    dns.make(record(f"{below}.{NAME}", "TXT", '"released x 1"'), record(f"z.{NAME}", "A", B))
    marked(dns)
    dns.cloud.journal.clear()
    assert seen(dns.provider(B)).released
    assert dns.asked() == ["ListResourceRecordSets"]


def test_many_names_below_it_are_read_to_the_text(dns: DnsRig) -> None:
    """A page is ten records; the listing ends behind the text."""
    dns.make(*(record(f"{n:02}.{NAME}", "A", B) for n in range(12)))
    dns.make(*(record(f"x{n:02}.{NAME}", "A", B) for n in range(12)))
    marked(dns)
    dns.cloud.journal.clear()
    assert seen(dns.provider(B)).released
    assert dns.asked() == ["ListResourceRecordSets"] * 2


def test_a_late_mark_changes_nothing(dns: DnsRig) -> None:
    """Neither where another node holds the name, nor where that came between its look and its batch."""
    provider = dns.provider()
    dns.make(record(NAME, "A", B), record(TEXT, "TXT", f'"held by {B}"'))
    with pytest.raises(Conflict, match=f"held by {B}"):
        provider.mark(place(provider), A, 5, soon())
    dns.make(record(NAME, "A", A), record(TEXT, "TXT", f'"held by {A}"'), action="UPSERT")
    gate = dns.cloud.faults.hold("ChangeResourceRecordSets")
    with ThreadPoolExecutor(1) as pool:
        marking = pool.submit(provider.mark, place(provider), A, 5, soon())
        assert gate.arrived.wait(5)
        other = dns.provider(B, txt=True)
        take(other, seen(other))
        gate.release()
        with pytest.raises(Conflict):
            marking.result()
    assert dns.values(TEXT, "TXT") == (f'"held by {B}"',)


@pytest.mark.parametrize("txt", [False, True])
def test_a_restore_takes_the_mark_away(dns: DnsRig, *, txt: bool) -> None:
    """In the batch of the address: one read and one write, as ever."""
    marked(dns, txt=txt)
    provider = dns.provider(B, txt=txt)
    dns.cloud.journal.clear()
    provider.restore(place(provider), B, seen(provider), soon())
    assert dns.asked() == ["ListResourceRecordSets", "ChangeResourceRecordSets"]
    assert dns.values() == (B,)
    assert dns.values(TEXT, "TXT") == ((f'"held by {B}"',) if txt else None)


def test_a_takeover_leaves_the_mark_of_another_and_takes_its_own_away(dns: DnsRig) -> None:
    """The one says nothing of the new holder; the other would say that it has let go."""
    first, second = marked(dns), dns.provider(B)
    take(second, seen(second))
    assert (seen(first).holder, seen(first).released) == (B, False)
    assert dns.values(TEXT, "TXT") == (f'"released {A} 5"',)
    take(first, seen(first))
    assert (seen(first).holder, seen(first).released) == (A, False)
    assert dns.values(TEXT, "TXT") is None


def test_a_held_name_is_never_restored(dns: DnsRig) -> None:
    """Whatever the caller thinks of it."""
    dns.make(record(NAME, "A", A))
    provider = dns.provider(B)
    with pytest.raises(Conflict, match=f"held by {A}"):
        provider.restore(place(provider), B, seen(provider), soon())
    assert dns.values() == (A,)


def test_a_released_name_that_was_taken_up_again_is_not_taken(dns: DnsRig) -> None:
    """The mark is a condition of the batch."""
    first, second = marked(dns), dns.provider(B)
    released = seen(second)
    first.unmark(place(first), A, soon())
    with pytest.raises(Conflict):
        second.restore(place(second), B, released, soon())
    assert dns.values() == (A,)


def test_a_name_seen_without_records_is_only_created(dns: DnsRig) -> None:
    """Whoever came since is not replaced."""
    provider = dns.provider()
    nobody = seen(provider)
    assert nobody == Holding(None)
    dns.make(record(NAME, "A", B))
    with pytest.raises(Conflict):
        take(provider, nobody)
    assert dns.values() == (B,)


@pytest.mark.parametrize("txt", [False, True])
def test_an_unmark_takes_its_own_mark_away(dns: DnsRig, *, txt: bool) -> None:
    """And tells people again, where they are told."""
    provider = marked(dns, txt=txt)
    provider.unmark(place(provider), A, soon())
    assert dns.values(TEXT, "TXT") == ((f'"held by {A}"',) if txt else None)
    dns.cloud.journal.clear()
    provider.unmark(place(provider), A, soon())
    assert dns.asked() == ["ListResourceRecordSets"]


def test_a_mark_is_seen_while_a_change_is_pending(dns: DnsRig) -> None:
    """What was listed before is not believed after this process has changed the text."""
    zones.propagate_after(dns.cloud, 3600.0)
    provider = dns.provider()
    take(provider, seen(provider))
    assert not seen(provider).released
    provider.mark(place(provider), A, 5, soon())
    assert seen(provider).released
    provider.unmark(place(provider), A, soon())
    assert not seen(provider).released


@pytest.mark.parametrize("verb", ["mark", "unmark"])
def test_what_is_not_permitted_is_named(dns: DnsRig, verb: str) -> None:
    """As for every other change."""
    provider = marked(dns)
    dns.cloud.faults.deny("ChangeResourceRecordSets")
    with pytest.raises(PermissionDenied, match="denied for route53:ChangeResourceRecordSets") as caught:
        call(provider, verb, soon())
    assert caught.value.hint == (
        f"allow route53:ChangeResourceRecordSets on arn:aws:route53:::hostedzone/{dns.zone}"
    )


@pytest.mark.parametrize("verb", ["mark", "unmark"])
def test_nothing_is_sent_after_the_deadline(dns: DnsRig, verb: str) -> None:
    """A mark that comes late speaks of a node that may hold the name again."""
    provider, clock = dns.provider(), ManualClock()
    over = Deadline(1.0, clock)
    clock.wait(2.0)
    with pytest.raises(TimeUp):
        call(provider, verb, over)
    assert dns.asked() == []
