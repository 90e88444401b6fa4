"""The local Azure over HTTPS."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPSConnection

import pytest
import requests
from azure.core.exceptions import ServiceRequestError, ServiceResponseError
from azure.mgmt.network import NetworkManagementClient

from tests.azure import client
from tests.azure.place import Place, route
from vipswitch.testing.azure import AzureCloud, Drop


def sdk(place: Place, url: str | None = None) -> NetworkManagementClient:
    """A client that trusts the cloud's authority."""
    return client.network(
        place.cloud, base_url=url or place.cloud.url, connection_verify=str(place.cloud.ca_file)
    )


def test_the_sdk_writes_and_reads_over_https(served: Place) -> None:
    """With nothing but its address and its authority's certificate."""
    with sdk(served) as network:
        written = network.routes.begin_create_or_update(
            served.cloud.group, "rt-client1", "vip", route("10.0.1.4")
        ).result()
    assert written.next_hop_ip_address == "10.0.1.4"


def test_operations_are_polled_where_the_client_asked(served: Place) -> None:
    """Also at an address that the cloud was given later, in another network namespace perhaps."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = served.cloud.serve_also(listener)
    with sdk(served, url) as network:
        network.routes.begin_create_or_update(
            served.cloud.group, "rt-client1", "vip", route("10.0.1.4")
        ).result()
    assert url.startswith("https://")
    assert url != served.cloud.url


def test_a_client_that_does_not_trust_the_authority_gets_nowhere(served: Place) -> None:
    """The certificate is no one else's."""
    with (
        client.network(served.cloud, base_url=served.cloud.url) as network,
        pytest.raises(ServiceRequestError),
    ):
        network.route_tables.get(served.cloud.group, "rt-client1")
    assert served.cloud.journal.calls() == ()


def test_plain_http_gets_nowhere(served: Place) -> None:
    """And the cloud goes on."""
    with pytest.raises(requests.ConnectionError):
        requests.get(served.cloud.url.replace("https", "http"), timeout=5)
    with sdk(served) as network:
        assert network.route_tables.get(served.cloud.group, "rt-client1")


def test_a_slow_handshake_keeps_no_one_waiting(served: Place) -> None:
    """A client that connects and says nothing."""
    host, port = served.cloud.url.removeprefix("https://").split(":")
    with socket.create_connection((host, int(port))), sdk(served) as network:
        assert network.route_tables.get(served.cloud.group, "rt-client1")


def test_a_dropped_answer_is_a_lost_answer(served: Place) -> None:
    """The SDK cannot know that its write was done."""
    served.cloud.faults.drop_after(1, "*/routes/write")
    with sdk(served) as network, pytest.raises(ServiceResponseError):
        network.routes.begin_create_or_update(
            served.cloud.group, "rt-client1", "vip", route("10.0.1.4"), polling=False
        )
    assert served.cloud.get(served.route)


def test_a_warm_client_keeps_its_connection(served: Place) -> None:
    """One handshake for many requests."""
    context = ssl.create_default_context(cafile=str(served.cloud.ca_file))
    connection = HTTPSConnection(served.cloud.url.removeprefix("https://"), context=context, timeout=5)
    sockets = set()
    for _ in range(3):
        connection.request("GET", f"{served.table}?{client.VERSION}", headers={"Authorization": "Bearer x"})
        answer = connection.getresponse()
        sockets.add(connection.sock)
        assert (answer.status, len(answer.read()) > 0) == (200, True)
    connection.close()
    assert len(sockets) == 1
    assert None not in sockets


def test_the_certificate_is_good_for_the_hosts_that_were_named() -> None:
    """Names and addresses, also where the server is not yet."""
    with AzureCloud(hosts=("arm.example", "10.77.0.1")) as cloud:
        names = _names(cloud)
    assert {("DNS", "localhost"), ("DNS", "arm.example"), ("IP Address", "10.77.0.1")} <= names


def _names(cloud: AzureCloud) -> set[tuple[str, str]]:
    context = ssl.create_default_context(cafile=str(cloud.ca_file))
    host, port = cloud.url.removeprefix("https://").split(":")
    with (
        socket.create_connection((host, int(port))) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        certificate = connection.getpeercert()
    assert certificate
    return {(kind, str(name)) for kind, name in certificate["subjectAltName"]}  # type: ignore[misc]


def test_nothing_is_left_when_the_cloud_ends() -> None:
    """No thread, no file, no open connection."""
    before = set(threading.enumerate())
    with AzureCloud(operation_s=0.05) as cloud:
        folder = cloud.ca_file.parent
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda _: _names(cloud), range(4)))
        assert folder.exists()
    assert not folder.exists()
    assert set(threading.enumerate()) <= before


def test_a_held_call_is_dropped_when_the_cloud_ends() -> None:
    """With its work undone."""
    with AzureCloud() as cloud, ThreadPoolExecutor(1) as threads:
        gate = cloud.faults.hold("*/write")
        table = cloud.id("Microsoft.Network/routeTables", "rt")
        write = threads.submit(client.Plain(cloud), "PUT", table, {"location": cloud.location})
        assert gate.arrived.wait(5)
        cloud.faults.close()
        assert isinstance(write.exception(5), Drop)
        assert cloud.journal.writes() == ()


def test_operations_end_while_nobody_asks() -> None:
    """So that packets can follow a write whose client is dead."""
    with AzureCloud(operation_s=0.05) as cloud:
        place_ended = threading.Event()
        table = cloud.id("Microsoft.Network/routeTables", "rt")
        cloud.put(table, {"location": cloud.location})
        cloud.subscribe(lambda _: place_ended.set())
        client.Plain(cloud)("PUT", f"{table}/routes/vip", route("10.0.1.4"))
        effect = cloud.in_effect(table)
        assert effect is not None
        assert effect["properties"]["routes"] == []
        assert place_ended.wait(5)
        effect = cloud.in_effect(table)
        assert effect is not None
        assert len(effect["properties"]["routes"]) == 1


def test_the_cloud_is_started_by_hand() -> None:
    """It says where it is and what is in it, and ends when it is told to."""
    command = [sys.executable, "-m", "vipswitch.testing.azure", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(5)]
        process.terminate()
        assert process.wait(10) == 0
    assert said[0].startswith("endpoint = https://127.0.0.1:")
    assert said[3].startswith("# node1: nic-node1 10.0.1.4 metadata http://")


def test_the_clock_is_the_tests() -> None:
    """With a clock of its own no operation ends before its time, nor later."""
    now = [0.0]
    cloud = AzureCloud(now=lambda: now[0], operation_s=30.0)
    table, ask = cloud.id("Microsoft.Network/routeTables", "rt"), client.Plain(cloud)
    cloud.put(table, {"location": cloud.location})
    ask("PUT", f"{table}/routes/vip", route("10.0.1.4"))
    states = []
    for now[0] in (29.9, 30.0):
        states.append(ask.json(table)["properties"]["provisioningState"])
    assert states == ["Updating", "Succeeded"]
