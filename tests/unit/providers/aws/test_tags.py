"""Route tables and network interfaces that the config names by a tag."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.providers.aws.rig import VIP4, Rig, StubMachine, soon
from vipswitch.errors import ConfigError
from vipswitch.model import NodeId, Vip
from vipswitch.providers.aws.route_table.provider import AwsRouteTable, RouteTableSettings
from vipswitch.providers.tags import Found, Tag
from vipswitch.testing.aws import MetadataServer

TAG = Tag("vipswitch", "primary")


def provider(rig: Rig, *, given: str | None = None) -> AwsRouteTable:
    """As one process on the first node has it."""
    machine = StubMachine(rig.nodes[0].mac, rig.folder, NodeId(given or rig.id(0)))
    return AwsRouteTable(RouteTableSettings(route_tables=(TAG,)), Vip("primary", (VIP4,)), machine)


def tag(rig: Rig, *ids: str, value: str = "primary") -> None:
    rig.ec2.create_tags(Resources=list(ids), Tags=[{"Key": "vipswitch", "Value": value}])


@pytest.fixture
def metadata(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Iterator[MetadataServer]:
    """The metadata service of the first node."""
    with MetadataServer(rig.topology.instance(rig.nodes[0])) as server:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
        yield server


def test_the_tables_with_the_tag_are_the_places(rig: Rig) -> None:
    """Those of this node's VPC."""
    tag(rig, *rig.tables)
    found = provider(rig)
    found.discover(soon())
    assert {place.id for place in found.places} == set(rig.tables)
    other = rig.ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    elsewhere = rig.ec2.create_route_table(VpcId=other)["RouteTable"]["RouteTableId"]
    tag(rig, elsewhere)
    found.discover(soon(), anew=True)
    assert elsewhere not in {place.id for place in found.places}
    rig.ec2.delete_tags(Resources=[elsewhere, *rig.tables], Tags=[{"Key": "vipswitch"}])


def test_a_hook_uses_what_is_kept_and_asks_nothing(rig: Rig) -> None:
    """A tag that somebody sets by mistake moves nothing until `check` has run again."""
    tag(rig, rig.tables[0])
    provider(rig).discover(soon())
    tag(rig, rig.tables[1])
    rig.cloud.journal.clear()
    hook = provider(rig)
    hook.discover(soon())
    assert [place.id for place in hook.places] == [rig.tables[0]]
    assert rig.asked() == []
    hook.discover(soon(), anew=True)
    assert {place.id for place in provider(rig).places} == set(rig.tables)
    rig.ec2.delete_tags(Resources=list(rig.tables), Tags=[{"Key": "vipswitch"}])


def test_before_the_first_look_the_places_are_unknown(rig: Rig) -> None:
    """And the hint says what to do."""
    with pytest.raises(ConfigError, match="not looked up yet") as caught:
        _ = provider(rig).places
    assert "vipswitch check" in caught.value.hint


def test_a_tag_that_no_table_has_is_told(rig: Rig) -> None:
    """With the VPC that was searched."""
    with pytest.raises(ConfigError, match="tag:vipswitch=primary: none in vpc-"):
        provider(rig).discover(soon())


def test_the_nodes_interface_may_be_named_by_a_tag(rig: Rig, metadata: MetadataServer) -> None:
    """One config serves all nodes: of this instance's interfaces the one that has the tag."""
    tag(rig, rig.id(0), rig.id(1))
    assert provider(rig, given=str(TAG)).node(soon()) == rig.id(0)
    rig.cloud.journal.clear()
    assert provider(rig, given=str(TAG)).node(soon()) == rig.id(0)
    assert rig.asked() == []
    rig.ec2.delete_tags(Resources=[rig.id(0), rig.id(1)], Tags=[{"Key": "vipswitch"}])


def test_an_instance_without_a_tagged_interface_is_told(rig: Rig, metadata: MetadataServer) -> None:
    """Nothing is guessed."""
    with pytest.raises(ConfigError, match="no network interfaces of i-"):
        provider(rig, given=str(TAG)).node(soon())


def test_what_another_machine_kept_is_not_believed(tmp_path: Path) -> None:
    """An image carries its parent's cache."""
    Found("aws", tmp_path, lambda: "parent").keep("route table", TAG, ["rtb-1"])
    assert Found("aws", tmp_path, lambda: "parent").ids("route table", TAG) == ("rtb-1",)
    assert Found("aws", tmp_path, lambda: "clone").ids("route table", TAG) == ()
    assert Found("aws", tmp_path, lambda: "").ids("route table", TAG) == ()


def test_one_tag_of_two_kinds_is_two_things(tmp_path: Path) -> None:
    """Tables and interfaces may have the same tag."""
    found = Found("aws", tmp_path, lambda: "here")
    found.keep("route table", TAG, ["rtb-1"])
    assert found.ids("network interface", TAG) == ()
    assert found.ids("route table", replace(TAG, value="other")) == ()
