"""The cloud past its APIs, its journal, and where it is served."""

from __future__ import annotations

import json
import socket
import threading
import time

import pytest
import requests

from tests.gcp.client import Plain, reason, session
from tests.gcp.place import ALIAS, NAME, ROUTED, Place, furnish
from vipswitch.testing.gcp import Drop, GcpCloud, GcpError, Nic, build
from vipswitch.testing.gcp.ids import Ids
from vipswitch.testing.wire import Request


def test_the_journal_tells_of_each_call(place: Place, ask: Plain) -> None:
    """Writes that were accepted in the order of their commits, all calls in that of their arrival."""
    heard: list[str] = []
    end = place.cloud.journal.subscribe(lambda call: heard.append(call.action))
    ask("GET", "global/routes")
    ask("POST", "global/routes", place.route(), requestId="")
    ask("POST", "global/routes", place.route())
    end()
    calls = place.cloud.journal.calls()
    (write,) = place.cloud.journal.writes()
    assert [call.status for call in calls] == [200, 200, 409]
    assert [call.error for call in calls] == [None, None, "alreadyExists"]
    assert (write.method, write.resource) == ("POST", "projects/vipswitch-test/global/routes/vip")
    assert (write.query, json.loads(write.body)["name"]) == ("requestId=", "vip")
    assert heard == [write.action] == ["compute.routes.insert"]
    assert write.committed is not None
    assert write.received <= write.committed
    assert write.client is not None
    assert "bearer" not in write.client


def test_looking_with_post_is_no_write(place: Place, ask: Plain) -> None:
    """Nor is a seed a call."""
    place.cloud.write("POST", "global/routes", place.route())
    ask("POST", place.path(method="testIamPermissions"), {"permissions": []})
    assert [call.mutating for call in place.cloud.journal.calls()] == [False]


def test_a_method_is_about_its_resource(place: Place, ask: Plain) -> None:
    """So that a fault can be armed on an instance, whatever is done to it."""
    ask("POST", place.path(method="addAccessConfig"), {}, networkInterface="nic0")
    assert place.cloud.journal.calls()[-1].resource == place.nodes[0].path


def test_what_changes_is_told(place: Place, ask: Plain) -> None:
    """At the end of each operation, while what is in effect can be looked at; also what a stranger does."""
    heard: list[tuple[str, bool]] = []
    name = "global/routes/vip"
    end = place.cloud.subscribe(lambda path: heard.append((path, place.cloud.in_effect(name) is not None)))
    ask("POST", "global/routes", place.route())
    assert heard == []
    place.cloud.finish()
    place.cloud.set_instance(place.nodes[0].instance, status="TERMINATED")
    place.cloud.remove("global/routes/vip")
    end()
    place.cloud.remove(place.nodes[0].instance)
    path = f"projects/vipswitch-test/{name}"
    assert heard == [(path, True), (place.nodes[0].path, True), (path, False)]


def test_what_is_in_effect_has_paths_and_macs(place: Place) -> None:
    """For whoever leads packets."""
    found = place.cloud.in_effect(place.nodes[0].instance)
    assert found is not None
    assert found["nic0"] == {"mac": place.nodes[0].mac}
    assert found["networkInterfaces"][0]["network"] == place.topology.network
    assert place.cloud.in_effect("europe-west1-b/none") is None


def test_a_seed_is_refused_as_the_service_would(place: Place) -> None:
    """In the request or in the operation: a test cannot build what could not be."""
    place.cloud.write("POST", "global/routes", place.route())
    with pytest.raises(GcpError, match="alreadyExists"):
        place.cloud.write("POST", "global/routes", place.route())
    with pytest.raises(GcpError, match="IP_IN_USE_BY_ANOTHER_RESOURCE"):
        place.hold("10.0.1.5/32")
    with pytest.raises(GcpError, match="notFound"):
        place.cloud.get("europe-west1-b/none")


def test_a_seed_is_done_whatever_runs(place: Place, ask: Plain) -> None:
    """A stranger does not wait for an operation; that one then finds what the stranger has left."""
    operation = ask.done(
        "PATCH", place.path(0, "updateNetworkInterface"), place.alias(ALIAS), networkInterface="nic0"
    )
    body = {"natIP": "198.51.100.50"}
    place.cloud.write("POST", f"{place.nodes[0].instance}/addAccessConfig", body, networkInterface="nic0")
    assert (place.aliases(), len(place.configs())) == ([ALIAS], 1)
    assert ask.ended(operation)["status"] == "DONE"


def test_resources_are_named_in_several_ways(place: Place) -> None:
    """By their paths, their URLs, within the project, and an instance by its zone and name."""
    seed = place.nodes[0]
    for name in (seed.instance, seed.path, place.cloud.link(seed.path), f"zones/{seed.zone}/instances/node1"):
        assert place.cloud.path(name) == seed.path


def test_each_cloud_begins_the_same() -> None:
    """Ids and fingerprints, so that a test that fails fails again."""
    one, other = furnish(GcpCloud(now=lambda: 0.0)), furnish(GcpCloud(now=lambda: 0.0))
    assert one.cloud.get(one.nodes[1].path) == other.cloud.get(other.nodes[1].path)
    for place in (one, other):
        assert place.ask.done("POST", "global/routes", place.route())["id"] == "1000000000000000015"


def test_numbers_may_be_made_in_another_way(place: Place, ask: Plain) -> None:
    """Of what they are of alone, for who compares states."""

    class Named(Ids):
        def next(self, of: str) -> str:
            return str(len(of))

    place.cloud.api.store.ids = Named()
    operation = ask.done("POST", "global/routes", place.route())
    length = str(len("projects/vipswitch-test/global/routes/vip"))
    assert (operation["id"], operation["targetId"]) == (length, length)
    assert operation["name"] == f"operation-{length}"


@pytest.mark.parametrize("together", [True, False])
def test_the_topology_is_as_it_says(together: bool) -> None:
    """Each node's address is in its subnetwork."""
    cloud = GcpCloud()
    topology = build(
        cloud, nodes=3, clients=2, together=together, ipv6=True, hosts=() if together else (7, 8, 9)
    )
    assert len({node.subnet.id for node in topology.nodes}) == (1 if together else 3)
    assert [str(one.cidr) for one in topology.clients] == ["10.0.101.0/24", "10.0.102.0/24"]
    assert len({node.zone for node in topology.nodes}) == 3
    for node in topology.nodes:
        found = cloud.get(node.instance)
        (nic,) = found["networkInterfaces"]
        assert (nic["networkIP"], nic["ipv6Address"]) == (str(node.private_ip), str(node.ipv6))
        assert node.private_ip in node.subnet.cidr
        assert node.ipv6 in node.subnet.ipv6_cidr
        assert found["labels"] == {"node": node.name}
        assert found["canIpForward"] is True


def test_an_instance_may_have_several_nics(place: Place) -> None:
    """Each with its own address of hardware; in a host project's network, too."""
    place.cloud.add_project("host", "999999999999")
    shared = place.cloud.add_network("shared", project="host")
    subnet = place.cloud.add_subnetwork("inside", shared, "10.50.0.0/24")
    mine = Nic(place.nodes[0].subnet.id, "10.0.1.9", external="")
    path = place.cloud.add_instance("europe-west1-d/two", mine, Nic(subnet, "10.50.0.4"))
    found = place.cloud.in_effect(path)
    assert found is not None
    assert found["nic0"] != found["nic1"]
    assert [nic["network"] for nic in found["networkInterfaces"]] == [place.topology.network, shared]
    assert found["networkInterfaces"][0]["accessConfigs"][0]["natIP"] == "203.0.113.1"


def test_there_may_be_a_shared_network() -> None:
    """All nodes in the network of a host project."""
    cloud = GcpCloud()
    cloud.add_project("host", "999999999999")
    topology = build(cloud, network_project="host")
    assert topology.network == "projects/host/global/networks/vpc"
    assert topology.nodes[0].subnet.id == "projects/host/regions/europe-west1/subnetworks/subnet1"


def test_what_is_at_no_path_is_not_found(ask: Plain) -> None:
    """404, as for a project that is not here."""
    assert reason(ask("GET", "global/none")) == (404, "notFound")
    assert reason(ask("GET", "/elsewhere")) == (404, "notFound")
    assert reason(ask("GET", "/compute/v1/projects/none/global/routes")) == (404, "notFound")


@pytest.mark.parametrize("body", [b"text", b'["list"]', b"{"])
def test_a_body_that_is_no_object_is_refused(body: bytes, place: Place) -> None:
    """400 parseError."""
    path = "/compute/v1/projects/vipswitch-test/global/routes"
    answer = place.cloud.handle(Request("POST", path, {"authorization": "Bearer x"}, body))
    assert reason(answer) == (400, "parseError")


def test_a_barrier_sees_every_request(place: Place, ask: Plain) -> None:
    """Before it is handled; it may wait."""
    seen: list[str] = []
    place.cloud.barrier = lambda asked: seen.append(asked.path)
    ask("GET", "global/routes")
    assert seen == ["/compute/v1/projects/vipswitch-test/global/routes"]


def test_a_dropped_connection_is_an_error_of_requests(place: Place) -> None:
    """The one that it would be over a network."""
    place.cloud.faults.drop_after(1)
    with pytest.raises(requests.ConnectionError, match="Connection aborted"):
        session(place.cloud).get("https://gcp.test/compute/v1/projects/vipswitch-test/global/routes")


def test_the_cloud_is_served_over_https(served: Place) -> None:
    """On every socket that it is given, with one certificate; whoever does not trust that is refused."""
    listener = socket.create_server(("127.0.0.1", 0))
    ca, headers = str(served.cloud.ca_file), {"Authorization": "Bearer x"}
    for url in (served.cloud.url, served.cloud.serve_also(listener)):
        routes = f"{url}/compute/v1/projects/vipswitch-test/global/routes"
        assert (
            requests.get(routes, headers=headers, verify=ca, timeout=5).json()["kind"] == "compute#routeList"
        )
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(routes, headers=headers, timeout=5)


def test_an_answer_may_never_come(served: Place) -> None:
    """The connection is closed, and the write is done."""
    served.cloud.faults.drop_after(1)
    url = f"{served.cloud.url}/compute/v1/projects/vipswitch-test/global/routes"
    with pytest.raises(requests.ConnectionError):
        requests.post(
            url,
            json=served.route(),
            headers={"Authorization": "Bearer x"},
            verify=str(served.cloud.ca_file),
            timeout=5,
        )
    served.cloud.finish()
    assert served.cloud.next_hops(ROUTED) == [served.nodes[0].path]


def test_the_end_of_the_cloud_ends_what_is_held() -> None:
    """Nobody waits for a cloud that is gone."""
    with GcpCloud() as cloud:
        place = furnish(cloud)
        gate = cloud.faults.hold("compute.routes.insert")

        def write() -> None:
            with pytest.raises((requests.ConnectionError, Drop)):
                place.ask("POST", "global/routes", place.route())

        thread = threading.Thread(target=write)
        thread.start()
        assert gate.arrived.wait(5)
    thread.join(5)
    assert not thread.is_alive()


def test_thousands_of_schedules_can_be_explored() -> None:
    """A cloud, two requests and their answers in this process take a few milliseconds."""
    began = time.process_time()
    for _ in range(20):
        place = furnish(GcpCloud())
        place.ask.done("POST", "global/routes", place.route())
        place.ask.json("global/routes", filter=f'destRange="{ROUTED}"')
    assert (time.process_time() - began) / 20 < 0.1


def test_served_records_are_of_one_zone(place: Place) -> None:
    """By name and type."""
    place.cloud.records("private", (NAME, "A", 20, ["10.0.1.50"]))
    assert set(place.cloud.served("public")) == {("example.com.", "NS"), ("example.com.", "SOA")}
    assert place.cloud.served("private")[NAME, "A"]["rrdatas"] == ["10.0.1.50"]
