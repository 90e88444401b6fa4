"""Eventual consistency: reads that do not see the last write yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from .conftest import Playground

VIP = "10.99.0.50/32"


def test_reads_show_the_old_holder_so_many_times(aws: Playground) -> None:
    """After a ReplaceRoute the next reads show its old target, then the new one."""
    first, second = aws.nodes
    aws.create(VIP, first)
    aws.cloud.faults.stale_reads(2)
    aws.replace(VIP, second)
    assert [aws.holder(VIP) for _ in range(3)] == [
        first.interface_id,
        first.interface_id,
        second.interface_id,
    ]


def test_a_new_route_is_missing_at_first(aws: Playground) -> None:
    """After a CreateRoute the next read does not show it."""
    aws.cloud.faults.stale_reads(1)
    aws.create(VIP, aws.nodes[0])
    assert aws.routes() == {}
    assert VIP in aws.routes()


def test_a_deleted_route_is_still_there_at_first(aws: Playground) -> None:
    """After a DeleteRoute the next read still shows it."""
    aws.create(VIP, aws.nodes[0])
    aws.cloud.faults.stale_reads(1)
    aws.delete(VIP)
    assert VIP in aws.routes()
    assert aws.routes() == {}


def test_writes_are_not_stale(aws: Playground) -> None:
    """A write acts on the routes as they are, also while reads show old ones."""
    aws.cloud.faults.stale_reads(2)
    aws.create(VIP, aws.nodes[0])
    aws.replace(VIP, aws.nodes[1])
    assert aws.routes() == {}
    assert aws.routes() == {}
    assert aws.holder(VIP) == aws.nodes[1].interface_id


def test_a_refused_write_leaves_reads_fresh(aws: Playground) -> None:
    """Only a write that took effect makes the next reads stale."""
    first, second = aws.nodes
    aws.create(VIP, first)
    aws.cloud.faults.stale_reads(1)
    with pytest.raises(ClientError):
        aws.create(VIP, second)
    assert aws.holder(VIP) == first.interface_id
    aws.replace(VIP, second)
    assert aws.holder(VIP) == first.interface_id
    assert aws.holder(VIP) == second.interface_id
