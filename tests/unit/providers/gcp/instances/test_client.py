"""What is asked of instances is what google-cloud-compute asks; but for the one call that it cannot make."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

import pytest
from google.cloud import compute_v1

from tests.unit.providers.gcp.instances.test_interfaces import KEPT, VIP, instance, nic
from tests.unit.providers.gcp.rig import PROJECT, Metadata, soon
from tests.unit.providers.gcp.route.test_client import Recorder, typed
from vipswitch.model import NodeId
from vipswitch.providers.gcp.alias_ip.addresses import VipAddress
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.gcp.ids import INSTANCES, Resource
from vipswitch.providers.gcp.interfaces import AccessConfig, Instance
from vipswitch.providers.gcp.nics import Nics
from vipswitch.providers.gcp.settings import Account
from vipswitch.providers.tags import Tag
from vipswitch.testing.gcp.inprocess import InProcessAdapter

NODE = Resource(PROJECT, "zones/europe-west1-b", INSTANCES, "a")
WHERE = {"project": PROJECT, "zone": "europe-west1-b", "instance": "a"}


def written(change: Callable[[Instance], Instance], *ranges: dict[str, Any]) -> Callable[[Nics], object]:
    """The write of an instance with these alias ranges."""
    made = change(instance(nic(0, *ranges)))
    return lambda nics: nics.write(made, "part", "vip", soon())


def typed_update(client: Any, *ranges: dict[str, str]) -> None:
    names = {"ipCidrRange": "ip_cidr_range", "subnetworkRangeName": "subnetwork_range_name"}
    given = [compute_v1.AliasIpRange(**{names[key]: text for key, text in each.items()}) for each in ranges]
    resource = compute_v1.NetworkInterface(alias_ip_ranges=given, fingerprint="print0")
    client.update_network_interface(**WHERE, network_interface="nic0", network_interface_resource=resource)


def typed_add(client: Any) -> None:
    config = compute_v1.AccessConfig(
        type_="ONE_TO_ONE_NAT", name="vipswitch-db-1", nat_i_p="34.76.0.1", network_tier="STANDARD"
    )
    client.add_access_config(**WHERE, network_interface="nic0", access_config_resource=config)


def typed_list(client: Any) -> None:
    request = compute_v1.AggregatedListInstancesRequest(project=PROJECT, filter='labels.role="db"')
    list(client.aggregated_list(request))


NEW = {"ipCidrRange": f"{VIP}/32"}

CALLS = {
    "get": (lambda nics: nics.read(NodeId("a"), soon()), lambda client: client.get(**WHERE)),
    "update": (
        written(VipAddress(VIP).put_on, *KEPT[:2]),
        lambda client: typed_update(client, *KEPT[:2], NEW),
    ),
    "add": (
        written(
            lambda one: one.with_config(AccessConfig("vipswitch-db-1", IPv4Address("34.76.0.1")), "STANDARD")
        ),
        typed_add,
    ),
    "delete": (
        written(lambda one: one.without_config(one.nic, "External NAT")),
        lambda client: client.delete_access_config(
            **WHERE, network_interface="nic0", access_config="External NAT"
        ),
    ),
    "list": (lambda nics: nics.labelled(PROJECT, Tag("role", "db", "label"), soon()), typed_list),
}


def ours(recorder: Recorder) -> Nics:
    """Our own client, over the same transport."""
    clients = Clients(Account(project=PROJECT), through=InProcessAdapter(recorder))
    return Nics(clients, lambda id, deadline: NODE)


def asked(recorder: Recorder) -> list[Any]:
    """An empty body is none."""
    return [(*call, body or None) for *call, body in recorder.asked]


@pytest.mark.parametrize("name", CALLS)
def test_the_same_is_asked(name: str, metadata: Metadata) -> None:
    """Verb, path, query, body."""
    mine, theirs = Recorder(), Recorder()
    our_call, their_call = CALLS[name]
    our_call(ours(mine))  # type: ignore[no-untyped-call]  # of lambdas
    their_call(typed(compute_v1.InstancesClient, theirs))  # type: ignore[no-untyped-call]
    assert asked(mine) == asked(theirs)


def test_the_last_range_is_taken_off_by_what_the_typed_client_cannot_say(metadata: Metadata) -> None:
    """It drops an empty list, so that nothing would change."""
    mine, theirs = Recorder(), Recorder()
    written(VipAddress(VIP).taken_off, NEW)(ours(mine))
    typed_update(typed(compute_v1.InstancesClient, theirs))
    [(*call, body)], [(*their_call, their_body)] = mine.asked, theirs.asked
    assert call == their_call
    assert body == {"aliasIpRanges": [], "fingerprint": "print0"}
    assert their_body == {"fingerprint": "print0"}
