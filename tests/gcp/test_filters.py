"""The filters of lists, both languages."""

from __future__ import annotations

import pytest

from tests.gcp.client import Plain, reason
from vipswitch.testing.gcp.errors import GcpError
from vipswitch.testing.gcp.filters import parse

ROUTE = {
    "name": "vip-1",
    "destRange": "10.99.0.50/32",
    "network": "https://www.googleapis.com/compute/v1/projects/p/global/networks/vpc",
    "priority": 900,
    "labels": {"role": "db"},
    "tags": ["one", "two"],
    "canIpForward": True,
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("", True),
        ('destRange="10.99.0.50/32"', True),
        ("destRange = '10.99.0.50/32'", True),
        ("destRange=10.99.0.50/32", True),
        ("destRange!=10.99.0.50/32", False),
        ('(destRange="10.99.0.50/32") AND (network="{network}")', True),
        ('(destRange="10.99.0.50/32")(network="{network}")', True),
        ('destRange="10.99.0.50/32" AND network="elsewhere"', False),
        ('name="other" OR name="vip-1"', True),
        ('name="other" OR name="vip-1" AND priority=1', False),
        ("NOT name=other", True),
        ("-name:vip", False),
        ("priority=900", True),
        ("priority<1000", True),
        ("priority>=1000", False),
        ("name:VIP", True),
        ("labels.role:*", True),
        ("labels.owner:*", False),
        ("labels.role=db", True),
        ("labels.owner=db", False),
        ("labels.owner!=db", True),
        ("tags=two", True),
        ("canIpForward=true", True),
        ("destRange eq 10.99.0.50/32", True),
        ('network eq ".*/vpc"', True),
        ("network eq vpc", False),
        ("name ne vip-.*", False),
        ("(name eq vip-.*) (priority eq 900)", True),
    ],
)
def test_filters(text: str, holds: bool) -> None:
    """`=` compares, `:` contains or asks for being, `eq` matches the whole value."""
    assert parse(text.replace("{network}", str(ROUTE["network"])))(ROUTE) is holds


@pytest.mark.parametrize(
    "text",
    [
        "name",
        "name=",
        "(name=a",
        "name=a)",
        "name eq [",
        "name=a OR",
        "name ~ a",
        'name="a',
        "name eq a AND b=c",
    ],
)
def test_what_is_no_filter_is_refused(text: str) -> None:
    """Also a mixture of the two languages."""
    with pytest.raises(GcpError, match="Invalid list filter expression"):
        parse(text)


def test_a_list_refuses_what_is_no_filter(ask: Plain) -> None:
    """400 invalid."""
    assert reason(ask("GET", "global/routes", filter="name")) == (400, "invalid")


def test_instances_are_found_by_their_labels(ask: Plain) -> None:
    """In a zone, and in all zones, where the others say that there is nothing."""
    found = ask.json("aggregated/instances", filter='labels.node="node2"')["items"]
    names = {scope: [one["name"] for one in told.get("instances", ())] for scope, told in found.items()}
    assert names == {
        "zones/europe-west1-b": [],
        "zones/europe-west1-c": ["node2"],
        "zones/europe-west1-d": [],
    }
    assert found["zones/europe-west1-b"]["warning"]["code"] == "NO_RESULTS_ON_PAGE"
    assert "items" not in ask.json("zones/europe-west1-b/instances", filter="labels.node:node2")
