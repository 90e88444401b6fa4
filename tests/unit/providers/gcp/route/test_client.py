"""What is asked is what google-cloud-compute asks: the same verb, path, query and body for the same call."""

from __future__ import annotations

import json
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qsl

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import compute_v1

from tests.unit.providers.gcp.rig import PROJECT, Metadata, answer, operation, reading, soon
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.gcp.ids import GLOBAL, INSTANCES, NETWORKS, Resource
from vipswitch.providers.gcp.instances import instance
from vipswitch.providers.gcp.networks import subnets
from vipswitch.providers.gcp.route.routes import Routes
from vipswitch.providers.gcp.settings import Account
from vipswitch.testing import wire
from vipswitch.testing.gcp.inprocess import InProcessAdapter

NETWORK = Resource(PROJECT, GLOBAL, NETWORKS, "vpc")
NODE = Resource(PROJECT, "zones/europe-west1-b", INSTANCES, "db-1")
TO = ip_network("10.99.0.50/32")
NAME = "vipswitch-10-99-0-50-abcdef-40000"


class Recorder:
    """Says yes to everything, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []

    def handle(self, request: wire.Request) -> wire.Answer:
        query = dict(parse_qsl(request.query))
        query.pop("requestId", None)
        query.pop("$alt", None)
        self.asked.append((request.method, request.path, query, json.loads(request.body or b"null")))
        return answer(200, operation() if request.method != "GET" else {"name": "x"})


def typed(kind: Any, recorder: Recorder) -> Any:
    """A client of Google's, over the same transport."""
    client = kind(credentials=AnonymousCredentials())
    client.transport._session.mount("https://", InProcessAdapter(recorder))
    return client


def insert(clients: Clients) -> None:
    Routes(clients).insert(NETWORK, NAME, TO, 40000, hop=NODE, holder=NODE, of="f", deadline=soon())


def typed_insert(recorder: Recorder) -> None:
    route = compute_v1.Route(
        name=NAME,
        description=f"vipswitch: {NODE}",
        network=str(NETWORK),
        dest_range=str(TO),
        priority=40000,
        next_hop_instance=str(NODE),
    )
    typed(compute_v1.RoutesClient, recorder).insert(project=PROJECT, route_resource=route)


def delete(clients: Clients) -> None:
    Routes(clients).delete(PROJECT, NAME, of="f", deadline=soon())


def typed_delete(recorder: Recorder) -> None:
    typed(compute_v1.RoutesClient, recorder).delete(project=PROJECT, route=NAME)


def list_(clients: Clients) -> None:
    Routes(clients).read(PROJECT, [TO], soon())


def typed_list(recorder: Recorder) -> None:
    request = compute_v1.ListRoutesRequest(project=PROJECT, filter=f'(destRange = "{TO}")')
    list(typed(compute_v1.RoutesClient, recorder).list(request))


def get(clients: Clients) -> None:
    instance(NODE, clients, soon())


def typed_get(recorder: Recorder) -> None:
    typed(compute_v1.InstancesClient, recorder).get(project=PROJECT, zone=NODE.place, instance=NODE.name)


def look(clients: Clients) -> None:
    with clients.compute(reading()) as compute:
        compute.get(f"projects/{PROJECT}/global/operations/operation-1")


def typed_look(recorder: Recorder) -> None:
    typed(compute_v1.GlobalOperationsClient, recorder).get(project=PROJECT, operation="operation-1")


def ranges(clients: Clients) -> None:
    subnets(NETWORK, clients, soon())


def typed_ranges(recorder: Recorder) -> None:
    request = compute_v1.AggregatedListSubnetworksRequest(
        project=PROJECT, filter='network eq ".*/networks/vpc"'
    )
    list(typed(compute_v1.SubnetworksClient, recorder).aggregated_list(request))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (insert, typed_insert),
        (delete, typed_delete),
        (list_, typed_list),
        (get, typed_get),
        (look, typed_look),
        (ranges, typed_ranges),
    ],
)
def test_the_typed_client_asks_the_same(
    metadata: Metadata, ours: Callable[[Clients], None], theirs: Callable[[Recorder], None]
) -> None:
    """At the same host, too: that of the endpoint."""
    mine, google = Recorder(), Recorder()
    ours(Clients(Account(project=PROJECT), through=InProcessAdapter(mine)))
    theirs(google)
    assert mine.asked == google.asked
    assert len(mine.asked) == 1
