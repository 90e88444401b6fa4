"""The official clients, unchanged, against the local Google Cloud, and what they cannot do."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import httplib2
import pytest
from google.api_core import exceptions
from google.cloud import compute_v1, dns
from google.cloud.compute_v1 import types
from googleapiclient.discovery import Resource
from googleapiclient.discovery import build as discover
from googleapiclient.errors import HttpError

from tests.gcp.client import ENDPOINT, credentials, session
from tests.gcp.place import ALIAS, EXTERNAL, NAME, ROUTED, Place
from vipswitch.testing.gcp import GcpCloud
from vipswitch.testing.gcp.inprocess import InProcessAdapter
from vipswitch.testing.wire import Request

C = TypeVar("C")


def _client(kind: type[C], cloud: GcpCloud, endpoint: str = ENDPOINT) -> C:
    """A typed client, in this process."""
    made: Any = kind(credentials=credentials(), client_options={"api_endpoint": endpoint})  # type: ignore[call-arg]
    made.transport._session.mount("https://", InProcessAdapter(cloud))
    return made  # type: ignore[no-any-return]


@pytest.fixture
def instances(place: Place) -> compute_v1.InstancesClient:
    return _client(compute_v1.InstancesClient, place.cloud)


@pytest.fixture
def routes(place: Place) -> compute_v1.RoutesClient:
    return _client(compute_v1.RoutesClient, place.cloud)


def _where(place: Place, node: int = 0) -> dict[str, str]:
    seed = place.nodes[node]
    return {"project": place.cloud.project, "zone": seed.zone, "instance": seed.name}


def _ended(place: Place, name: str) -> types.Operation:
    """An operation, asked for with a client that is told where."""
    client = _client(compute_v1.ZoneOperationsClient, place.cloud)
    return client.wait(project=place.cloud.project, zone=place.nodes[0].zone, operation=name)


def test_the_typed_client_moves_a_route(routes: compute_v1.RoutesClient, place: Place) -> None:
    """Inserted, listed with a filter, read, and deleted."""
    resource = types.Route(
        name="vip",
        dest_range=ROUTED,
        network=place.network,
        next_hop_instance=place.cloud.link(place.nodes[0].instance),
        priority=0,
    )
    operation = routes.insert(project=place.cloud.project, route_resource=resource)
    wait = _client(compute_v1.GlobalOperationsClient, place.cloud).wait
    assert wait(project=place.cloud.project, operation=operation.name).status == types.Operation.Status.DONE
    listed = routes.list(request={"project": place.cloud.project, "filter": f'destRange="{ROUTED}"'})
    assert [(one.name, one.priority) for one in listed] == [("vip", 0)]
    found = routes.get(project=place.cloud.project, route="vip")
    assert (found.dest_range, found.route_type) == (ROUTED, "STATIC")
    routes.delete(project=place.cloud.project, route="vip")
    place.cloud.finish()
    with pytest.raises(exceptions.NotFound, match="was not found"):
        routes.get(project=place.cloud.project, route="vip")


def test_the_typed_client_knows_conflicts(routes: compute_v1.RoutesClient, place: Place) -> None:
    """409, which is the compare-and-set of a route."""
    place.cloud.write("POST", "global/routes", place.route())
    resource = types.Route(name="vip", dest_range=ROUTED, network=place.network, next_hop_ip="10.0.1.4")
    with pytest.raises(exceptions.Conflict, match="already exists"):
        routes.insert(project=place.cloud.project, route_resource=resource)


def test_the_typed_client_reads_instances(instances: compute_v1.InstancesClient, place: Place) -> None:
    """One, those of a zone, and those of all zones."""
    found = instances.get(**_where(place))
    assert (found.name, found.network_interfaces[0].network_i_p) == ("node1", "10.0.1.4")
    zone = place.nodes[1].zone
    assert [one.name for one in instances.list(project=place.cloud.project, zone=zone)] == ["node2"]
    everywhere = dict(instances.aggregated_list(project=place.cloud.project))
    assert [one.name for one in everywhere[f"zones/{zone}"].instances] == ["node2"]


def test_the_typed_client_adds_an_alias(instances: compute_v1.InstancesClient, place: Place) -> None:
    """Under the fingerprint; a stale one is a failed precondition."""
    body = types.NetworkInterface(
        fingerprint=place.nic()["fingerprint"], alias_ip_ranges=[types.AliasIpRange(ip_cidr_range=ALIAS)]
    )
    asked = {**_where(place), "network_interface": "nic0", "network_interface_resource": body}
    operation = instances.update_network_interface(**asked)
    assert _ended(place, operation.name).status == types.Operation.Status.DONE
    assert place.aliases() == [ALIAS]
    with pytest.raises(exceptions.PreconditionFailed):
        instances.update_network_interface(**asked)


def test_the_typed_client_cannot_clear_the_last_alias(
    instances: compute_v1.InstancesClient, place: Place
) -> None:
    """It drops the empty list; the request succeeds, and nothing has changed."""
    place.hold(ALIAS)
    body = types.NetworkInterface(fingerprint=place.nic()["fingerprint"], alias_ip_ranges=[])
    operation = instances.update_network_interface(
        **_where(place), network_interface="nic0", network_interface_resource=body
    )
    assert json.loads(place.cloud.journal.writes()[-1].body) == {"fingerprint": place.nic()["fingerprint"]}
    assert not _ended(place, operation.name).error.errors
    assert place.aliases() == [ALIAS]


def test_a_plain_session_can(place: Place) -> None:
    """google-auth's sends what it is given."""
    place.hold(ALIAS)
    url = f"{ENDPOINT}/compute/v1/projects/{place.cloud.project}/{place.path(0, 'updateNetworkInterface')}"
    answer = session(place.cloud).patch(url, params={"networkInterface": "nic0"}, json=place.alias())
    assert answer.json()["status"] == "RUNNING"
    place.cloud.finish()
    assert place.aliases() == []


def test_the_typed_client_polls_at_the_public_endpoint(
    instances: compute_v1.InstancesClient, place: Place
) -> None:
    """`result()` makes a client of its own for that, which is told nothing of the endpoint."""
    body = types.AccessConfig(name="one")
    operation = instances.add_access_config(
        **_where(place), network_interface="nic0", access_config_resource=body
    )
    polled = instances.transport._extended_operations_services["zone_operations"]
    assert polled.transport._host == "https://compute.googleapis.com"
    assert instances.transport._host == ENDPOINT
    assert operation.name


def test_the_typed_client_moves_an_external_address(
    instances: compute_v1.InstancesClient, place: Place
) -> None:
    """Added, seen at the address, and deleted by its name."""
    addresses = _client(compute_v1.AddressesClient, place.cloud)
    asked = {"project": place.cloud.project, "region": place.cloud.region, "address": "vip"}
    body = types.AccessConfig(name="one", type_="ONE_TO_ONE_NAT", nat_i_p=EXTERNAL)
    instances.add_access_config(**_where(place), network_interface="nic0", access_config_resource=body)
    place.cloud.finish()
    found = addresses.get(**asked)
    assert (found.status, list(found.users)) == ("IN_USE", [place.cloud.link(place.nodes[0].path)])
    instances.delete_access_config(**_where(place), network_interface="nic0", access_config="one")
    place.cloud.finish()
    assert addresses.get(**asked).status == "RESERVED"


def test_an_error_inside_an_operation_is_known_to_the_typed_client(
    instances: compute_v1.InstancesClient, place: Place
) -> None:
    """Its code, its text, and the status that it would have had."""
    body = types.NetworkInterface(
        fingerprint=place.nic()["fingerprint"],
        alias_ip_ranges=[types.AliasIpRange(ip_cidr_range="10.0.1.5/32")],
    )
    operation = instances.update_network_interface(
        **_where(place), network_interface="nic0", network_interface_resource=body
    )
    ended = _ended(place, operation.name)
    assert ended.error.errors[0].code == "IP_IN_USE_BY_ANOTHER_RESOURCE"
    assert (ended.http_error_status_code, ended.http_error_message) == (400, "BAD REQUEST")


def test_the_dns_client_changes_records(place: Place) -> None:
    """It sends its TTL as text."""
    client: Any = dns.Client(  # type: ignore[no-untyped-call]
        place.cloud.project, credentials=credentials(), client_options={"api_endpoint": ENDPOINT}
    )
    client._http.mount("https://", InProcessAdapter(place.cloud))
    zone = client.zone("public")
    zone.reload()
    assert zone.dns_name == "example.com."
    for old, new in ((None, "10.0.1.50"), ("10.0.1.50", "10.0.1.51")):
        changes = zone.changes()
        for data, note in ((old, changes.delete_record_set), (new, changes.add_record_set)):
            if data:
                note(zone.resource_record_set(NAME, "A", 20, [data]))
        changes.create()
        assert changes.status == "pending"
        place.cloud.finish()
        changes.reload()
        assert changes.status == "done"
    assert b'"ttl": "20"' in place.cloud.journal.writes()[-1].body
    found = [one for one in zone.list_resource_record_sets() if one.name == NAME]
    assert [(one.ttl, one.rrdatas) for one in found] == [(20, ["10.0.1.51"])]
    absent = zone.changes()
    absent.delete_record_set(zone.resource_record_set("none.example.com.", "A", 20, ["10.0.1.50"]))
    with pytest.raises(exceptions.NotFound):
        absent.create()


class _Http(httplib2.Http):
    """httplib2 in this process."""

    def __init__(self, cloud: GcpCloud) -> None:
        super().__init__()
        self._cloud = cloud

    def request(self, uri: str, method: str = "GET", body: Any = None, headers: Any = None, **_: Any) -> Any:
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        data = body.encode() if isinstance(body, str) else body or b""
        target = uri.removeprefix(ENDPOINT)
        asked = Request(method, target, {**sent, "authorization": "Bearer discovered"}, data)
        answer = self._cloud.handle(asked)
        return httplib2.Response({**answer.headers, "status": answer.status}), answer.body


def _discovered(place: Place, service: str, path: str) -> Resource:
    """The client that is made of the discovery document."""
    options = {"api_endpoint": f"{ENDPOINT}/{path}"}
    return discover(service, "v1", http=_Http(place.cloud), static_discovery=True, client_options=options)


def test_the_discovered_client_clears_the_last_alias(place: Place) -> None:
    """It sends what it is given; its answers are plain documents."""
    place.hold(ALIAS)
    compute: Any = _discovered(place, "compute", "compute/v1/")
    asked = {**_where(place), "networkInterface": "nic0", "body": place.alias()}
    operation = compute.instances().updateNetworkInterface(**asked).execute()
    wait = {"project": place.cloud.project, "zone": place.nodes[0].zone, "operation": operation["name"]}
    assert compute.zoneOperations().wait(**wait).execute()["status"] == "DONE"
    assert place.aliases() == []
    with pytest.raises(HttpError) as refusal:
        compute.instances().updateNetworkInterface(
            **{**asked, "body": place.alias(fingerprint="old")}
        ).execute()
    assert (refusal.value.status_code, refusal.value.error_details[0]["reason"]) == (412, "conditionNotMet")


def test_the_discovered_client_changes_records(place: Place) -> None:
    """The same document serves both ends."""
    client: Any = _discovered(place, "dns", "")
    body = {"additions": [{"name": NAME, "type": "A", "ttl": 20, "rrdatas": ["10.0.1.50"]}]}
    asked = {"project": place.cloud.project, "managedZone": "public"}
    assert client.changes().create(**asked, body=body).execute()["status"] == "pending"
    found = client.resourceRecordSets().list(**asked, name=NAME, type="A").execute()["rrsets"]
    assert found[0]["rrdatas"] == ["10.0.1.50"]
