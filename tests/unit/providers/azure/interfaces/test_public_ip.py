"""A public IP moves between network interfaces; what it hangs on otherwise is left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.contract.azure_public_ip_cloud import NAMES, PublicIpCloud
from tests.unit.providers.azure.interfaces.looks import configurations, seen_by, written
from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Refused, VipswitchError
from vipswitch.model import Vip
from vipswitch.providers.azure.ids import PUBLIC_ADDRESSES, Name, ResourceId
from vipswitch.providers.azure.public_ip.addresses import PublicIp, PublicIps
from vipswitch.providers.azure.public_ip.provider import AzurePublicIp
from vipswitch.providers.azure.public_ip.settings import PublicIpSettings
from vipswitch.providers.azure.public_ip.sightings import Sighting, look
from vipswitch.result import Result
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Named


def _said(result: Result) -> str:
    return " ".join(f"{error.message} {error.hint}" for error in result.errors)


def _provider(public: PublicIpCloud, node: str, **keys: Any) -> AzurePublicIp:
    settings = PublicIpSettings(**public.account(), **{"public_ip": (Name(NAMES[0]),), **keys})
    return AzurePublicIp(settings, Vip("primary", ()), Named(public.ids[node], public.folder))


def test_a_takeover_writes_the_old_interface_and_then_our_own(public_bed: Bed, public: PublicIpCloud) -> None:
    """And changes nothing there but the one configuration."""
    before = {node: configurations(public.azure.get(nic)) for node, nic in public.nics.items()}
    assert public_bed.up("a").errors == ()
    assert written(public) == ["nic-node3", "nic-node1"]
    after = {node: configurations(public.azure.get(nic)) for node, nic in public.nics.items()}
    moved = before["c"]["ipconfig1"].pop("publicIPAddress")
    assert after["a"]["ipconfig1"].pop("publicIPAddress") == moved
    assert after == before


def test_a_reading_costs_two_requests_where_it_is_ours_and_three_where_it_is_not(
    public_bed: Bed, public: PublicIpCloud
) -> None:
    """However many nodes there are."""
    provider = _provider(public, "a")
    for count in (3, 2):
        public.azure.journal.clear()
        seen_by(provider, public_bed)
        assert len(public.azure.journal.calls()) == count
        public_bed.up("a")


def test_note_tells_the_address(public_bed: Bed, public: PublicIpCloud) -> None:
    """People know it by that."""
    address = public.azure.get(public.public(NAMES[0]))["properties"]["ipAddress"]
    assert seen_by(_provider(public, "a"), public_bed).note == address


def test_without_a_name_it_belongs_on_the_primary_configuration(
    public_bed: Bed, public: PublicIpCloud
) -> None:
    """Which every interface has."""
    public_bed.switches["a"].provider = _provider(public, "a")
    assert public_bed.up("a").errors == ()
    assert "publicIPAddress" in configurations(public.azure.get(public.nics["a"]))["ipconfig1"]


def test_on_another_configuration_it_is_not_ours_and_is_moved(public_bed: Bed, public: PublicIpCloud) -> None:
    """Somebody has put it there by hand; one write does it."""
    public_bed.up("a")
    public.azure.journal.clear()
    public_bed.switches["a"].provider = _provider(public, "a", ip_configuration=("second",))
    assert seen_by(public_bed.switches["a"].provider, public_bed).holder is None
    assert public_bed.up("a").errors == ()
    assert written(public) == ["nic-node1"]
    has = configurations(public.azure.get(public.nics["a"]))
    assert ["publicIPAddress" in has[name] for name in ("ipconfig1", "second")] == [False, True]


def test_another_public_ip_is_not_overwritten(public_bed: Bed, public: PublicIpCloud) -> None:
    """It may be this node's only way out. The VIP stays where it can be reached."""
    other = public.public("own")
    public.azure.put(other, {"location": public.azure.location, "properties": {}})
    public.change("a", lambda nic: _hang(nic, other))
    result = public_bed.up("a")
    assert result.exit_code == Refused.exit_code
    assert "has public IP own" in _said(result)
    assert public_bed.holders() == {public_bed.id("c")}
    assert written(public) == []


def _hang(nic: dict[str, Any], id: str) -> None:
    nic["properties"]["ipConfigurations"][0]["properties"]["publicIPAddress"] = {"id": id}


class HungOn(PublicIps):
    """Public IPs that say that they hang on something."""

    what = ""

    def read(self, id: ResourceId, deadline: Deadline) -> PublicIp:
        return replace(super().read(id, deadline), on=f"{id.scope}/providers/Microsoft.Network/{self.what}")


class OfALoadBalancer(HungOn):
    """Its front end."""

    what = "loadBalancers/lb/frontendIPConfigurations/front"


class OfOneThatIsGone(HungOn):
    """A machine was deleted together with its interface, a moment ago."""

    what = "networkInterfaces/gone/ipConfigurations/ipconfig1"


def _looked(kind: type[HungOn], public: PublicIpCloud, bed: Bed) -> Sighting | VipswitchError:
    azure = _provider(public, "a")._azure
    id = azure.resource(Name(NAMES[0]), PUBLIC_ADDRESSES, bed.deadline())
    return look(kind(azure.clients), azure.api, [id], public.ids["a"], bed.deadline())[0]


def test_what_hangs_on_something_else_is_refused_and_that_named(
    public_bed: Bed, public: PublicIpCloud
) -> None:
    """A load balancer or a gateway: nothing is taken from it."""
    refused = _looked(OfALoadBalancer, public, public_bed)
    assert isinstance(refused, Refused)
    assert "loadBalancers/lb" in refused.message


def test_an_interface_that_is_gone_has_none(public_bed: Bed, public: PublicIpCloud) -> None:
    """So that it is free."""
    found = _looked(OfOneThatIsGone, public, public_bed)
    assert isinstance(found, Sighting)
    assert found.seen.others == {}


@pytest.mark.parametrize(("nodes", "allowed"), [((), True), (("nic-node3",), True), (("nic-node2",), False)])
def test_it_is_taken_from_the_nodes_that_are_named(
    nodes: tuple[str, ...], allowed: bool, public_bed: Bed, public: PublicIpCloud
) -> None:
    """From any network interface where none are: an order seizes."""
    names = tuple(Name(node) for node in nodes)
    public_bed.switches["a"].provider = _provider(public, "a", nodes=names)
    result = public_bed.up("a")
    assert (result.exit_code == 0) == allowed
    if not allowed:
        assert result.exit_code == Refused.exit_code
        assert "rg-vipswitch/nic-node3, which is none of the nodes" in _said(result)
        assert written(public) == []


def test_one_of_another_region_is_a_wrong_config(public_bed: Bed, public: PublicIpCloud) -> None:
    """It goes only to interfaces of its own."""
    public.azure.put(public.public("far"), {"location": "northeurope", "properties": {}})
    public_bed.switches["a"].provider = _provider(public, "a", public_ip=(Name("far"),))
    result = public_bed.up("a")
    assert result.exit_code == ConfigError.exit_code
    assert "far" in _said(result)


def test_one_of_another_sku_is_refused(public_bed: Bed, public: PublicIpCloud) -> None:
    """All of an interface are of one."""
    basic = {"location": public.azure.location, "sku": {"name": "Basic"}, "properties": {}}
    public.azure.put(public.public("basic"), basic)
    public.azure.put(public.public("own"), {"location": public.azure.location, "properties": {}})
    public.change("a", lambda nic: _hang(nic, public.public("own")))
    keys = {"public_ip": (Name("basic"),), "ip_configuration": ("second",)}
    public_bed.switches["a"].provider = _provider(public, "a", **keys)
    result = public_bed.up("a")
    assert result.exit_code == Refused.exit_code
    assert "SKU" in _said(result)


@pytest.mark.parametrize("given", [(), ("ipconfig1",), ("ipconfig1", "second", "third")])
def test_several_need_an_ip_configuration_each(given: tuple[str, ...], public: PublicIpCloud) -> None:
    """They cannot share one."""
    both = tuple(map(Name, NAMES))
    with pytest.raises(ConfigError, match="given for 2 public IPs"):
        _ = _provider(public, "a", public_ip=both, ip_configuration=given).places


def test_one_that_is_not_there_is_a_wrong_config(public_bed: Bed, public: PublicIpCloud) -> None:
    """With its name."""
    public_bed.switches["a"].provider = _provider(public, "a", public_ip=(Name("no-such"),))
    result = public_bed.up("a")
    assert result.exit_code == ConfigError.exit_code
    assert "public IP no-such: not found" in _said(result)
