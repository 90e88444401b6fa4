"""What the journal keeps, and when its listeners hear of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from vipswitch.testing.aws import Call

if TYPE_CHECKING:
    from .conftest import Playground

VIP = "10.99.0.50/32"


def test_keeps_who_asked_what_and_when(aws: Playground) -> None:
    """A call has its parameters as on the wire, its client and its times in order."""
    aws.create(VIP, aws.nodes[0])
    (call,) = aws.cloud.journal.calls()
    assert (call.service, call.action, call.source) == ("ec2", "CreateRoute", "127.0.0.1")
    assert dict(call.params) == {
        "RouteTableId": aws.table,
        "DestinationCidrBlock": VIP,
        "NetworkInterfaceId": aws.nodes[0].interface_id,
        "DryRun": "false",
    }
    assert (call.status, call.error, call.mutating) == (200, None, True)
    assert call.committed is not None
    assert call.answered is not None
    assert call.received < call.committed < call.answered


def test_writes_are_the_calls_that_took_effect(aws: Playground) -> None:
    """Reads, refused writes and dry runs are calls but not writes."""
    aws.create(VIP, aws.nodes[0])
    aws.routes()
    with pytest.raises(ClientError):
        aws.create(VIP, aws.nodes[1])
    with pytest.raises(ClientError):
        aws.delete(VIP, dry_run=True)
    journal = aws.cloud.journal
    assert [(call.action, call.error) for call in journal.calls()] == [
        ("CreateRoute", None),
        ("DescribeRouteTables", None),
        ("CreateRoute", "RouteAlreadyExists"),
        ("DeleteRoute", "DryRunOperation"),
    ]
    assert [call.action for call in journal.writes()] == ["CreateRoute"]
    assert [call.mutating for call in journal.calls()] == [True, False, True, False]


def test_shows_a_held_call_before_its_answer(aws: Playground) -> None:
    """A call on its way has arrived, and nothing more is known of it."""
    gate = aws.cloud.faults.hold("CreateRoute")
    with ThreadPoolExecutor() as pool:
        held = pool.submit(aws.create, VIP, aws.nodes[0])
        assert gate.arrived.wait(5)
        (call,) = aws.cloud.journal.calls()
        gate.release()
        held.result()
    assert (call.committed, call.answered, call.status) == (None, None, None)
    assert aws.cloud.journal.calls()[0].answered


def test_tells_a_lost_answer_from_lost_work(aws: Playground) -> None:
    """A dropped call was never answered; whether it was committed depends on when it was dropped."""
    aws.cloud.faults.drop_before(1)
    aws.cloud.faults.drop_after(1)
    for _ in range(2):
        with pytest.raises(ConnectionClosedError):
            aws.create(VIP, aws.nodes[0])
    before, after = aws.cloud.journal.calls()
    assert before.committed is None
    assert after.committed is not None
    assert (before.answered, after.answered) == (None, None)


def test_listener_hears_of_a_write_before_its_client(aws: Playground) -> None:
    """A listener sees the new state in the cloud, and the call unanswered."""
    heard: list[tuple[Call, str | None]] = []
    unsubscribe = aws.cloud.journal.subscribe(lambda call: heard.append((call, aws.holder(VIP))))
    aws.create(VIP, aws.nodes[0])
    unsubscribe()
    ((call, holder),) = heard
    assert (call.action, call.answered, holder) == ("CreateRoute", None, aws.nodes[0].interface_id)


def test_listener_hears_of_writes_in_the_order_of_their_commits(aws: Playground) -> None:
    """Writes of many clients at once are told one by one, as they were committed."""
    heard: list[float | None] = []
    unsubscribe = aws.cloud.journal.subscribe(lambda call: heard.append(call.committed))
    destinations = [f"10.99.1.{host}/32" for host in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda destination: aws.create(destination, aws.nodes[0]), destinations))
    unsubscribe()
    assert heard == sorted(heard, key=lambda at: at or 0.0)
    assert heard == [call.committed for call in aws.cloud.journal.writes()]


def test_listener_hears_nothing_of_refused_writes(aws: Playground) -> None:
    """Only what took effect is told."""
    heard: list[Call] = []
    unsubscribe = aws.cloud.journal.subscribe(heard.append)
    with pytest.raises(ClientError):
        aws.replace(VIP, aws.nodes[0])
    unsubscribe()
    assert heard == []
