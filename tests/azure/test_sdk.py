"""The official SDKs, unchanged, against the local Azure: what they send is taken, what they get is known to
them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceModifiedError, ResourceNotFoundError
from azure.core.polling import LROPoller
from azure.mgmt.dns.models import ARecord, RecordSet
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.network.models import ProvisioningState
from azure.mgmt.privatedns import models as private

from tests.azure import client
from tests.azure.client import Plain
from tests.azure.models import unknown, unmapped
from tests.azure.place import VIP, Place, route

Read = Callable[[NetworkManagementClient, Place], Any]

READS: dict[str, Read] = {
    "nic": lambda sdk, place: sdk.network_interfaces.get(place.cloud.group, "nic-node1"),
    "nic of a machine": lambda sdk, place: sdk.network_interfaces.get(place.cloud.group, "NIC-NODE2"),
    "ip configuration": lambda sdk, place: sdk.network_interface_ip_configurations.get(
        place.cloud.group, "nic-node1", "ipconfig1"
    ),
    "route table": lambda sdk, place: sdk.route_tables.get(place.cloud.group, "rt-client1"),
    "route": lambda sdk, place: sdk.routes.get(place.cloud.group, "rt-client1", "vip"),
    "public ip": lambda sdk, place: sdk.public_ip_addresses.get(place.cloud.group, "pip"),
    "network": lambda sdk, place: sdk.virtual_networks.get(place.cloud.group, "vnet"),
    "subnet": lambda sdk, place: sdk.subnets.get(place.cloud.group, "vnet", "subnet1"),
    "a list of nics": lambda sdk, place: next(iter(sdk.network_interfaces.list(place.cloud.group))),
    "all nics": lambda sdk, place: list(sdk.network_interfaces.list_all())[1],
    "a list of tables": lambda sdk, place: next(iter(sdk.route_tables.list(place.cloud.group))),
    "a list of routes": lambda sdk, place: next(iter(sdk.routes.list(place.cloud.group, "rt-client1"))),
    "a list of subnets": lambda sdk, place: next(iter(sdk.subnets.list(place.cloud.group, "vnet"))),
    "a list of public ips": lambda sdk, place: next(iter(sdk.public_ip_addresses.list(place.cloud.group))),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_what_is_read_is_known_to_the_models(
    read: Read, network: NetworkManagementClient, place: Place
) -> None:
    """Each name in an answer is a field of the SDK's model, and of its type."""
    place.cloud.put(place.route, route("10.0.1.4"))
    place.cloud.put(place.nodes[0].nic_id, place.with_vip(0, publicIPAddress={"id": place.public_ip}))
    assert list(unknown(read(network, place))) == []


WRITES: dict[str, Callable[[NetworkManagementClient, Place], LROPoller[Any]]] = {
    "nic": lambda sdk, place: sdk.network_interfaces.begin_create_or_update(
        place.cloud.group, "nic-node1", place.with_vip(0)
    ),
    "route": lambda sdk, place: sdk.routes.begin_create_or_update(
        place.cloud.group, "rt-client1", "vip", route("10.0.1.4")
    ),
    "route table": lambda sdk, place: sdk.route_tables.begin_create_or_update(
        place.cloud.group, "rt-new", {"location": place.cloud.location}
    ),
    "public ip": lambda sdk, place: sdk.public_ip_addresses.begin_create_or_update(
        place.cloud.group, "pip-new", {"location": place.cloud.location}
    ),
    "subnet": lambda sdk, place: sdk.subnets.begin_create_or_update(
        place.cloud.group, "vnet", "new", {"properties": {"addressPrefix": "10.0.77.0/24"}}
    ),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_is_written_comes_back_when_its_operation_has_ended(
    write: Callable[[NetworkManagementClient, Place], LROPoller[Any]],
    network: NetworkManagementClient,
    place: Place,
) -> None:
    """The SDK's own polling reads the operation, then the resource, and knows all of it."""
    written = write(network, place).result()
    assert written.properties.provisioning_state == ProvisioningState.SUCCEEDED
    assert list(unknown(written)) == []


@pytest.mark.parametrize("etag", ["present", "old"])
def test_etags_in_headers_reach_the_cloud(etag: str, network: NetworkManagementClient, place: Place) -> None:
    """The SDK has no argument for them; `headers` has."""
    nic = network.network_interfaces.get(place.cloud.group, "nic-node1")
    if etag == "old":
        place.cloud.put(place.nodes[0].nic_id, place.nic(0))
    put = network.network_interfaces.begin_create_or_update
    if etag == "present":
        put(place.cloud.group, "nic-node1", nic, headers={"If-Match": nic.etag}, polling=False)
        return
    with pytest.raises(HttpResponseError) as refusal:
        put(place.cloud.group, "nic-node1", nic, headers={"If-Match": nic.etag}, polling=False)
    assert (refusal.value.status_code, refusal.value.error.code) == (412, "PreconditionFailed")
    assert refusal.value.error.details[0].code == "PreconditionFailedEtagMismatch"


@pytest.mark.parametrize(("address", "free"), [("10.0.1.50", True), ("10.0.1.4", False), ("10.0.1.3", False)])
def test_whether_an_address_is_free_is_told(
    address: str, free: bool, network: NetworkManagementClient, place: Place
) -> None:
    """Free, or taken with a few that are free; not by whom it is taken."""
    found = network.virtual_networks.check_ip_address_availability(
        place.cloud.group, "vnet", ip_address=address
    )
    assert list(unknown(found)) == []
    assert found.available is free
    assert free or found.available_ip_addresses[:2] == ["10.0.1.6", "10.0.1.7"]


def test_a_nic_that_goes_through_the_sdk_keeps_all_that_it_had(
    network: NetworkManagementClient, place: Place
) -> None:
    """Read, changed and written back with the SDK's models, it has everything else as before."""
    furnished = place.nic(0)
    _furnish(place, furnished)
    place.cloud.put(place.nodes[0].nic_id, furnished)
    before = place.nic(0)
    nic = network.network_interfaces.get(place.cloud.group, "nic-node1")
    network.network_interfaces.begin_create_or_update(place.cloud.group, "nic-node1", nic).result()
    after = place.nic(0)
    assert _without_etags(after) == _without_etags(before)


def _furnish(place: Place, nic: dict[str, Any]) -> None:
    """With a security group, application groups, a pool, DNS servers, IPv6 and a property of tomorrow."""
    subscription = place.cloud.id("Microsoft.Network/{}", "x").rpartition("/{}")[0]
    first = nic["properties"]["ipConfigurations"][0]["properties"]
    first["applicationSecurityGroups"] = [{"id": f"{subscription}/applicationSecurityGroups/asg"}]
    pool = f"{subscription}/loadBalancers/lb/backendAddressPools/pool"
    first["loadBalancerBackendAddressPools"] = [{"id": pool}]
    nic["tags"] = {"owner": "dba", "node": "1"}
    nic["properties"] |= {
        "enableAcceleratedNetworking": True,
        "networkSecurityGroup": {"id": f"{subscription}/networkSecurityGroups/nsg"},
        "dnsSettings": {"dnsServers": ["10.0.0.53"], "internalDnsNameLabel": "node1"},
        "propertyOfTomorrow": {"deep": [1, {"deeper": None}]},
    }
    nic["properties"]["ipConfigurations"] += [
        place.configuration(privateIPAddress="10.0.1.60") | {"name": "second"},
        place.configuration(privateIPAddress="fd00:0:0:1::60", privateIPAddressVersion="IPv6")
        | {"name": "v6"},
    ]


def _without_etags(nic: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(nic).replace(json.dumps(nic["etag"]), '""')
    found: dict[str, Any] = json.loads(text)
    return found


def test_deletion_by_the_sdk_ends_with_the_resource_gone(
    network: NetworkManagementClient, place: Place
) -> None:
    """202, an operation, and then 404; a second deletion is no mistake."""
    place.cloud.put(place.route, route("10.0.1.4"))
    for _ in range(2):
        network.routes.begin_delete(place.cloud.group, "rt-client1", "vip").result()
    with pytest.raises(ResourceNotFoundError):
        network.routes.get(place.cloud.group, "rt-client1", "vip")


def test_an_operation_that_fails_is_raised_by_the_sdk(network: NetworkManagementClient, place: Place) -> None:
    """The error inside the operation becomes the exception's code."""
    place.cloud.faults.fail_operation("InternalServerError", "An error occurred.")
    with pytest.raises(HttpResponseError) as failure:
        network.network_interfaces.begin_create_or_update(
            place.cloud.group, "nic-node1", place.with_vip(0)
        ).result()
    assert failure.value.error.code == "InternalServerError"


def test_public_record_sets_are_known_to_the_sdk(place: Place, ask: Plain) -> None:
    """Written, read, listed and deleted with the SDK's own preconditions."""
    sdk, where = client.dns(place.cloud), (place.cloud.group, "example.com", "www", "A")
    wanted = RecordSet(ttl=20, metadata={"by": "node1"}, a_records=[ARecord(ipv4_address=VIP)])
    made = sdk.record_sets.create_or_update(*where, wanted, if_none_match="*")
    assert list(unmapped(made, ask.json(f"{place.zone}/A/www"))) == []
    assert (made.ttl, made.metadata, made.a_records[0].ipv4_address) == (20, {"by": "node1"}, VIP)
    with pytest.raises(HttpResponseError) as refusal:
        sdk.record_sets.create_or_update(*where, wanted, if_match="another")
    assert (refusal.value.status_code, refusal.value.error.code) == (412, "PreconditionFailed")
    assert [one.name for one in sdk.record_sets.list_by_type(place.cloud.group, "example.com", "A")] == [
        "www"
    ]
    sdk.record_sets.delete(*where, if_match=made.etag)
    with pytest.raises(ResourceNotFoundError):
        sdk.record_sets.get(*where)


def test_public_zones_are_known_to_the_sdk(place: Place, ask: Plain) -> None:
    """A preflight can ask for a zone."""
    zones = client.dns(place.cloud).zones
    (zone,) = zones.list_by_resource_group(place.cloud.group)
    assert zones.get(place.cloud.group, "example.com") == zone
    assert list(unmapped(zone, ask.json(place.zone))) == []


@pytest.mark.parametrize("quoted", [False, True])
def test_private_record_sets_are_known_to_the_sdk(place: Place, quoted: bool) -> None:
    """This SDK sends its etags in quotes when it is given them as arguments, and verbatim in headers."""
    sdk, where = client.private_dns(place.cloud), (place.cloud.group, "example.internal", "A", "db")
    wanted = private.RecordSet(properties=private.RecordSetProperties(ttl=20, a_records=[_private_a()]))
    made = sdk.record_sets.create_or_update(*where, wanted, headers={"If-None-Match": "*"})
    assert list(unknown(made)) == []
    by_argument = {"etag": made.etag, "match_condition": MatchConditions.IfNotModified}
    given = by_argument if quoted else {"headers": {"If-Match": made.etag}}
    sdk.record_sets.create_or_update(*where, wanted, **given)
    with pytest.raises((ResourceModifiedError, HttpResponseError)) as refusal:
        sdk.record_sets.create_or_update(*where, wanted, **given)
    assert refusal.value.status_code == 412


def test_private_zones_are_known_to_the_sdk(place: Place) -> None:
    """A preflight can ask for a zone."""
    zone = client.private_dns(place.cloud).private_zones.get(place.cloud.group, "example.internal")
    assert list(unknown(zone)) == []


def _private_a() -> private.ARecord:
    return private.ARecord(ipv4_address=VIP)
