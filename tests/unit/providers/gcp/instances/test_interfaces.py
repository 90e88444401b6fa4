"""What instances say of their interfaces, and what a change of one leaves as it is; without a server."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest

from vipswitch.errors import ConfigError, Refused
from vipswitch.model import NodeId
from vipswitch.providers.gcp.alias_ip.addresses import VipAddress
from vipswitch.providers.gcp.external_ip.addresses import Attached, ExternalIp
from vipswitch.providers.gcp.ids import Resource
from vipswitch.providers.gcp.interfaces import ConfigGone, Instance, NewAliases, NewConfig, instance_of

PROJECT = "vipswitch-test"
ZONE = f"projects/{PROJECT}/zones/europe-west1-b"
VIP = ip_address("10.0.1.50")
RESOURCE = Resource(PROJECT, "zones/europe-west1-b", "instances", "a")
ADDRESS = Resource(PROJECT, "regions/europe-west1", "addresses", "vip-db")


def nic(number: int = 0, *ranges: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An interface as Compute Engine shows it."""
    return {
        "name": f"nic{number}",
        "network": f"https://www.googleapis.com/compute/v1/projects/123456789012/global/networks/vpc{number}",
        "subnetwork": f"https://www.googleapis.com/compute/v1/projects/host-project/regions/r/subnetworks/s{number}",
        "networkIP": f"10.{number}.1.4",
        "fingerprint": f"print{number}",
        **({"aliasIpRanges": list(ranges)} if ranges else {}),
        **more,
    }


def instance(*nics: dict[str, Any]) -> Instance:
    """One that has these."""
    self_link = (
        "https://compute.googleapis.com/compute/v1/projects/123456789012/zones/europe-west1-b/instances/a"
    )
    document = {"selfLink": self_link, "status": "RUNNING", "networkInterfaces": list(nics)}
    return instance_of(NodeId("europe-west1-b/a"), RESOURCE, document)


def aliases(of: Instance) -> list[dict[str, Any]]:
    """What its change would send."""
    assert isinstance(of.change, NewAliases)
    return [dict(each.document) for each in of.change.ranges]


KEPT = (
    {"ipCidrRange": "10.0.1.0/29"},
    {"ipCidrRange": "10.21.0.0/24", "subnetworkRangeName": "pods"},
    {"ipCidrRange": "10.0.1.77"},
    {"ipCidrRange": "10.0.1.78/32", "inventedIn2031": {"deep": [1]}},
)


@pytest.mark.parametrize("written", ["10.0.1.50", "10.0.1.50/32"])
def test_an_address_is_found_however_it_is_written(written: str) -> None:
    """Google does it one way or the other."""
    what = VipAddress(VIP)
    assert what.on(instance(nic(0, {"ipCidrRange": written})))
    assert not what.on(instance(nic(0, *KEPT)))


def test_all_other_ranges_stay_as_google_wrote_them() -> None:
    """In their order, with their names and with what is not known here."""
    what = VipAddress(VIP)
    given = what.put_on(instance(nic(0, *KEPT)))
    assert aliases(given) == [*KEPT, {"ipCidrRange": "10.0.1.50/32"}]
    vip = {"ipCidrRange": "10.0.1.50"}
    assert aliases(what.taken_off(instance(nic(0, *KEPT[:2], vip, *KEPT[2:])))) == list(KEPT)


def test_the_last_range_is_taken_off_by_an_empty_list() -> None:
    """An absent one would leave it."""
    freed = VipAddress(VIP).taken_off(instance(nic(0, {"ipCidrRange": "10.0.1.50/32"})))
    assert freed.change == NewAliases("nic0", "print0", ())


def test_a_secondary_range_is_named() -> None:
    """Otherwise Google takes the address for one of the primary range."""
    given = VipAddress(VIP, "vips").put_on(instance(nic()))
    assert aliases(given) == [{"ipCidrRange": "10.0.1.50/32", "subnetworkRangeName": "vips"}]


def test_a_piece_of_a_bigger_range_is_not_the_vip() -> None:
    """It neither holds it nor can it move."""
    what, has = VipAddress(VIP), instance(nic(0, {"ipCidrRange": "10.0.1.48/29"}))
    assert not what.on(has)
    with pytest.raises(ConfigError, match=r"is inside 10\.0\.1\.48/29, an alias range of europe-west1-b/a"):
        what.refuse(has)


def test_a_primary_address_never_moves() -> None:
    """An instance is created with it."""
    with pytest.raises(ConfigError, match="is the primary address"):
        VipAddress(ip_address("10.0.1.4")).refuse(instance(nic()))


def test_the_interface_is_the_one_in_a_network() -> None:
    """Whatever its number is on that instance."""
    two = instance(nic(0), nic(1))
    network = two.nics[1].network
    assert network == f"projects/{PROJECT}/global/networks/vpc1"
    found = two.in_network(network)
    assert found is not None
    assert (found.nic.name, found.nic.subnetwork) == (
        "nic1",
        "projects/host-project/regions/r/subnetworks/s1",
    )
    assert two.in_network("projects/other/global/networks/vpc1") is None
    given = VipAddress(VIP).put_on(found).change
    assert isinstance(given, NewAliases)
    assert (given.nic, given.fingerprint) == ("nic1", "print1")


def test_a_name_that_no_interface_has_is_said() -> None:
    """With those there are."""
    with pytest.raises(ConfigError, match="has no network interface nic7") as caught:
        instance(nic(0), nic(1)).where("nic7")
    assert "nic0, nic1" in caught.value.hint


def config(name: str, address: str) -> dict[str, str]:
    """An access config."""
    return {"name": name, "natIP": address, "type": "ONE_TO_ONE_NAT"}


def external(name: str = "vipswitch-db-0001") -> Attached:
    """A reserved address that moves."""
    found = ExternalIp(ADDRESS, ip_address("34.76.0.1"), "STANDARD")  # type: ignore[arg-type]  # IPv4
    return Attached(found, name)


def test_an_interface_is_made_free_before_it_is_given_an_address() -> None:
    """Each is a write of its own, and only the last one makes it the holder."""
    what = external()
    first = what.put_on(instance(nic(0, accessConfigs=[config("External NAT", "203.0.113.9")])))
    assert (first.change, what.on(first)) == (ConfigGone("nic0", "External NAT"), False)
    last = what.put_on(instance(nic()))
    assert isinstance(last.change, NewConfig)
    assert (last.change.config.name, last.change.tier) == ("vipswitch-db-0001", "STANDARD")
    assert (what.on(last), what.complete(last)) == (True, True)


def test_an_address_on_the_wrong_interface_is_taken_off_there() -> None:
    """It does not count as ours until it is where it belongs."""
    what = external()
    wrong = instance(nic(0), nic(1, accessConfigs=[config("x", "34.76.0.1")]))
    assert (what.on(wrong), what.complete(wrong)) == (True, False)
    assert what.put_on(wrong).change == ConfigGone("nic1", "x")


def test_another_vip_is_not_taken_off() -> None:
    """An interface has room for one."""
    with pytest.raises(Refused, match=r"has 34\.76\.0\.9, which is another VIP"):
        external().put_on(instance(nic(0, accessConfigs=[config("vipswitch-web-0001", "34.76.0.9")])))


def test_a_config_is_deleted_by_the_name_that_was_read() -> None:
    """Not by the one that is to be made."""
    freed = external("new").taken_off(instance(nic(0, accessConfigs=[config("old name", "34.76.0.1")])))
    assert freed.change == ConfigGone("nic0", "old name")


def test_a_forwarding_rule_keeps_its_address() -> None:
    """Nothing is taken from anything but an instance."""
    rule = f"projects/{PROJECT}/regions/europe-west1/forwardingRules/web"
    with pytest.raises(Refused, match="is no instance's"):
        ExternalIp(ADDRESS, ip_address("34.76.0.1"), "", (rule,)).instance()  # type: ignore[arg-type]  # IPv4


def test_tokens_tell_one_state_from_another() -> None:
    """Aliases by their fingerprint, external addresses by themselves, and which interface was meant."""
    states = [
        instance(nic(0), nic(1)),
        instance(nic(0), nic(1, fingerprint="other")),
        instance(nic(0), nic(1, accessConfigs=[config("x", "34.76.0.1")])),
        instance(nic(0), nic(1)).where("nic1"),
    ]
    assert len({each.token for each in states}) == len(states)
