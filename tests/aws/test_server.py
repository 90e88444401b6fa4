"""The server itself: connections, lifetime, accounts, and how it is run by hand."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from vipswitch.testing.aws import REGION, AwsCloud, Topology, build

VIP = "10.99.0.50/32"
ROLE = "arn:aws:iam::111122223333:role/failover"
SCOPE = f"AWS4-HMAC-SHA256 Credential=AKIAVIPSWITCHTESTING/20260101/{REGION}/ec2/aws4_request,"
HEADERS = {"Authorization": SCOPE, "Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(autouse=True)
def _no_threads_left() -> Iterator[None]:
    """Whatever a test starts has ended when it ends."""
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


@pytest.fixture
def cloud() -> Iterator[AwsCloud]:
    """A cloud of the test's own."""
    with AwsCloud() as cloud:
        yield cloud


@pytest.fixture
def topology(cloud: AwsCloud) -> Topology:
    return build(cloud)


def holder(cloud: AwsCloud, table_id: str) -> str | None:
    """The interface that the table's last route leads to."""
    found = cloud.ec2().describe_route_tables(RouteTableIds=[table_id])["RouteTables"][0]["Routes"]
    return found[-1].get("NetworkInterfaceId")


def test_corrects_moto_unless_told_otherwise(cloud: AwsCloud, topology: Topology) -> None:
    """A cloud as it comes refuses to create a route twice."""
    ec2, table_id = cloud.ec2(), topology.node_table_id
    first, second = (node.interface_id for node in topology.nodes)
    ec2.create_route(RouteTableId=table_id, DestinationCidrBlock=VIP, NetworkInterfaceId=first)
    with pytest.raises(ClientError, match="RouteAlreadyExists"):
        ec2.create_route(RouteTableId=table_id, DestinationCidrBlock=VIP, NetworkInterfaceId=second)
    assert holder(cloud, table_id) == first


def test_keeps_connections_alive(cloud: AwsCloud) -> None:
    """Several calls, also refused ones, go over one connection."""
    connection = HTTPConnection(urlsplit(cloud.url).netloc, timeout=5)
    connection.connect()
    first_socket = connection.sock
    for action in ("DescribeRouteTables", "CreateRoute", "DescribeRouteTables"):
        connection.request("POST", "/", f"Action={action}&Version=2016-11-15", HEADERS)
        response = connection.getresponse()
        assert len(response.read()) == int(response.headers["Content-Length"])
        assert connection.sock is first_socket
    connection.close()


def test_request_cut_off_half_way_does_nothing(cloud: AwsCloud) -> None:
    """A client that dies within its request has asked for nothing, and harms no other."""
    url = urlsplit(cloud.url)
    body = (
        f"Action=CreateRouteTable&Version=2016-11-15&VpcId={cloud.ec2().describe_vpcs()['Vpcs'][0]['VpcId']}"
    )
    head = "".join(f"{name}: {text}\r\n" for name, text in HEADERS.items())
    cloud.journal.clear()
    with socket.create_connection((url.hostname, url.port), timeout=5) as connection:
        connection.sendall(f"POST / HTTP/1.1\r\n{head}Content-Length: {len(body) + 1}\r\n\r\n{body}".encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert cloud.journal.calls() == ()


def test_warm_call_is_quick(cloud: AwsCloud, topology: Topology) -> None:
    """A ReplaceRoute over a warm connection takes less than 10 ms."""
    ec2, table_id = cloud.ec2(), topology.node_table_id
    interface_id = topology.nodes[0].interface_id
    ec2.create_route(RouteTableId=table_id, DestinationCidrBlock=VIP, NetworkInterfaceId=interface_id)
    durations = []
    for _ in range(20):
        started = time.perf_counter()
        ec2.replace_route(RouteTableId=table_id, DestinationCidrBlock=VIP, NetworkInterfaceId=interface_id)
        durations.append(time.perf_counter() - started)
    assert min(durations) < 0.010


def test_serves_a_socket_that_was_bound_elsewhere() -> None:
    """A given socket is served, and closed at the end."""
    listener = socket.create_server(("127.0.0.9", 0))
    with AwsCloud(listener=listener) as cloud:
        assert cloud.url.startswith("http://127.0.0.9:")
        assert cloud.ec2().describe_vpcs()["Vpcs"]
    assert listener.fileno() == -1


def test_serves_several_sockets_at_once(cloud: AwsCloud) -> None:
    """The same cloud answers on every socket it is given, also while a call on one of them is held."""
    url = cloud.serve_also(socket.create_server(("127.0.0.9", 0)))
    assert url.startswith("http://127.0.0.9:")
    gate = cloud.faults.hold("DescribeSubnets")
    other = boto3.Session("local", "local", region_name=REGION).client("ec2", endpoint_url=url)
    with ThreadPoolExecutor() as pool:
        held = pool.submit(other.describe_subnets)
        assert gate.arrived.wait(5)
        assert cloud.ec2().describe_subnets()["Subnets"]
        gate.release()
        assert held.result()["Subnets"]


def test_serves_ipv6() -> None:
    """A cloud can listen on IPv6, and its URL has the brackets."""
    with AwsCloud(host="::1") as cloud:
        assert cloud.url.startswith("http://[::1]:")
        assert cloud.ec2().describe_vpcs()["Vpcs"]


def test_refuses_a_second_cloud_in_one_process(cloud: AwsCloud) -> None:
    """Two clouds would share moto's state; the first one goes on undisturbed."""
    with pytest.raises(RuntimeError, match="has an AwsCloud already"), AwsCloud():
        pass
    assert cloud.ec2().describe_vpcs()["Vpcs"]


def test_each_cloud_begins_empty_and_with_the_same_ids() -> None:
    """A new cloud knows nothing of the last one, and the same calls make the same ids."""
    topologies = []
    for _ in range(2):
        with AwsCloud() as cloud:
            topologies.append(build(cloud))
            vpcs = cloud.ec2().describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"]
            assert len(vpcs) == 1
    assert topologies[0] == topologies[1]


def test_closing_drops_held_calls_with_their_work_undone() -> None:
    """The end of a cloud is not kept waiting, and a held write never happens."""
    with ThreadPoolExecutor() as pool:
        with AwsCloud() as cloud:
            topology = build(cloud)
            cloud.journal.clear()
            gate = cloud.faults.hold("CreateRoute")
            held = pool.submit(
                cloud.ec2().create_route,
                RouteTableId=topology.node_table_id,
                DestinationCidrBlock=VIP,
                NetworkInterfaceId=topology.nodes[0].interface_id,
            )
            assert gate.arrived.wait(5)
        with pytest.raises(ConnectionClosedError):
            held.result()
    assert cloud.journal.writes() == ()


def test_assumed_role_acts_in_its_own_account(cloud: AwsCloud) -> None:
    """AssumeRole gives credentials for the account that the role is in."""
    session = boto3.Session("local", "local", region_name=REGION)
    sts = session.client("sts", endpoint_url=cloud.url)
    keys = sts.assume_role(RoleArn=ROLE, RoleSessionName="vipswitch")["Credentials"]
    assumed = boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=REGION
    ).client("sts", endpoint_url=cloud.url)
    assert assumed.get_caller_identity()["Account"] == "111122223333"
    assert cloud.journal.calls()[0].service == "sts"
    assert cloud.journal.writes() == ()


def test_denied_assume_role_has_the_code_of_sts(cloud: AwsCloud) -> None:
    """A denial of AssumeRole is an AccessDenied that names the role."""
    cloud.faults.deny("AssumeRole")
    sts = boto3.Session("local", "local", region_name=REGION).client("sts", endpoint_url=cloud.url)
    with pytest.raises(ClientError, match=f"sts:AssumeRole on resource: {ROLE} because") as caught:
        sts.assume_role(RoleArn=ROLE, RoleSessionName="vipswitch")
    assert caught.value.response["Error"]["Code"] == "AccessDenied"


def test_importing_the_package_loads_neither_moto_nor_boto3() -> None:
    """Whoever needs only a metadata server does not wait a second for moto."""
    code = "import sys, vipswitch.testing.aws; sys.exit(bool({'moto', 'boto3', 'flask'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_run_by_hand_it_says_how_to_reach_it() -> None:
    """Run as a module it prints what a shell needs and the ids it began with, and ends on TERM."""
    command = [sys.executable, "-m", "vipswitch.testing.aws", "--listen", "127.0.0.1:0", "--nodes", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = [process.stdout.readline() for _ in range(5)]
        url = printed[0].split("AWS_ENDPOINT_URL=")[1].split()[0]
        session = boto3.Session("local", "local", region_name=REGION)
        assert session.client("ec2", endpoint_url=url).describe_instances()["Reservations"]
        process.terminate()
        rest, errors = process.communicate(timeout=10)
    assert [line.split(":")[0] for line in printed[2:]] == ["# node1", "# clients", "# nodes"]
    assert (process.returncode, rest, errors) == (0, "", "")
