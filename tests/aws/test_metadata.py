"""The metadata service, as a node and as boto3 see it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import boto3
import botocore.session
import pytest

from vipswitch.testing.aws import REGION, AwsCloud, Instance, Interface, MetadataServer, Topology

TTL = "X-aws-ec2-metadata-token-ttl-seconds"
TOKEN = "X-aws-ec2-metadata-token"
MAC, MAC2 = "02:00:00:00:00:01", "02:00:00:00:00:02"


def interface(mac: str, number: int) -> Interface:
    return Interface(
        mac=mac,
        interface_id=f"eni-{number}",
        subnet_id=f"subnet-{number}",
        vpc_id="vpc-1",
        subnet_cidr=IPv4Network(f"10.0.{number}.0/24"),
        vpc_cidrs=(IPv4Network("10.0.0.0/16"), IPv4Network("10.1.0.0/16")),
        local_ipv4s=(IPv4Address(f"10.0.{number}.10"), IPv4Address(f"10.0.{number}.11")),
        device_number=number,
    )


INSTANCE = Instance(
    "i-1", "eu-west-1", "eu-west-1a", "123456789012", (interface(MAC, 0), interface(MAC2, 1)), role="node"
)


@pytest.fixture
def imds() -> Iterator[MetadataServer]:
    with MetadataServer(INSTANCE) as server:
        yield server


def ask(
    imds: MetadataServer,
    path: str,
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    timeout: float = 5,
) -> str:
    request = urllib.request.Request(imds.url + path, method=method, headers=headers or {})
    with urllib.request.urlopen(request, timeout=timeout) as response:
        return str(response.read().decode())


def status(imds: MetadataServer, path: str, **asked: object) -> int:
    """The status with which a request is refused."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        ask(imds, path, **asked)  # type: ignore[arg-type]
    with caught.value:
        return caught.value.code


def token(imds: MetadataServer) -> dict[str, str]:
    """The header that a request needs."""
    return {TOKEN: ask(imds, "/latest/api/token", method="PUT", headers={TTL: "60"})}


def test_refuses_requests_without_a_token(imds: MetadataServer) -> None:
    """Version 1 of the service is switched off."""
    assert status(imds, "/latest/meta-data/instance-id") == 401
    assert status(imds, "/latest/meta-data/instance-id", headers={TOKEN: "made up"}) == 401


@pytest.mark.parametrize("ttl", [None, "", "0", "21601", "-1", "soon"])
def test_refuses_a_token_request_without_a_proper_lifetime(imds: MetadataServer, ttl: str | None) -> None:
    """A token lives between a second and six hours, and the client has to say so."""
    headers = {} if ttl is None else {TTL: ttl}
    assert status(imds, "/latest/api/token", method="PUT", headers=headers) == 400


def test_refuses_a_token_to_a_proxy(imds: MetadataServer) -> None:
    """A forwarded request for a token comes from elsewhere."""
    headers = {TTL: "60", "X-Forwarded-For": "203.0.113.7"}
    assert status(imds, "/latest/api/token", method="PUT", headers=headers) == 403


def test_tells_who_the_instance_is(imds: MetadataServer) -> None:
    """The identity document has the names under which a node is known."""
    document = json.loads(ask(imds, "/latest/dynamic/instance-identity/document", headers=token(imds)))
    told = {name: document[name] for name in ("instanceId", "region", "availabilityZone", "accountId")}
    assert told == {
        "instanceId": "i-1",
        "region": "eu-west-1",
        "availabilityZone": "eu-west-1a",
        "accountId": "123456789012",
    }
    assert document["privateIp"] == "10.0.0.10"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("instance-id", "i-1"),
        ("mac", MAC),
        ("placement/region", "eu-west-1"),
        ("placement/availability-zone", "eu-west-1a"),
        ("network/interfaces/macs/", f"{MAC}/\n{MAC2}/"),
        (f"network/interfaces/macs/{MAC2}/interface-id", "eni-1"),
        (f"network/interfaces/macs/{MAC2}/subnet-id", "subnet-1"),
        (f"network/interfaces/macs/{MAC2}/vpc-id", "vpc-1"),
        (f"network/interfaces/macs/{MAC2}/vpc-ipv4-cidr-block", "10.0.0.0/16"),
        (f"network/interfaces/macs/{MAC2}/vpc-ipv4-cidr-blocks", "10.0.0.0/16\n10.1.0.0/16"),
        (f"network/interfaces/macs/{MAC2}/subnet-ipv4-cidr-block", "10.0.1.0/24"),
        (f"network/interfaces/macs/{MAC2}/device-number", "1"),
        (f"network/interfaces/macs/{MAC2}/local-ipv4s", "10.0.1.10\n10.0.1.11"),
        (f"network/interfaces/macs/{MAC2}/owner-id", "123456789012"),
        ("iam/security-credentials/", "node"),
        ("", "iam/\ninstance-id\nlocal-ipv4\nmac\nnetwork/\nplacement/"),
    ],
)
def test_tells_each_document(imds: MetadataServer, path: str, text: str) -> None:
    """Every document that a node reads is there, and directories list theirs."""
    assert ask(imds, f"/latest/meta-data/{path}", headers=token(imds)) == text


@pytest.mark.parametrize(
    "path", ["/", "/latest/meta-data/none", "/latest/meta-data/mac/none", "/meta-data/mac"]
)
def test_unknown_paths_are_not_found(imds: MetadataServer, path: str) -> None:
    """A path without a document is 404, with a token."""
    assert status(imds, path, headers=token(imds)) == 404


def test_credentials_are_good_for_hours(imds: MetadataServer) -> None:
    """The role's credentials have not expired."""
    found = json.loads(ask(imds, "/latest/meta-data/iam/security-credentials/node", headers=token(imds)))
    assert found["Code"] == "Success"
    assert datetime.fromisoformat(found["Expiration"]) > datetime.now(UTC)


def test_stalled_service_takes_requests_and_does_not_answer(imds: MetadataServer) -> None:
    """A client of a stalled service times out, and the service has counted it."""
    headers = token(imds)
    imds.stall()
    with pytest.raises(TimeoutError):
        ask(imds, "/latest/meta-data/mac", headers=headers, timeout=0.1)
    assert imds.requests == 2
    imds.resume()
    assert ask(imds, "/latest/meta-data/mac", headers=headers) == MAC


@pytest.fixture
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment in which boto3 finds credentials nowhere but in the metadata service."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))


@pytest.mark.usefixtures("no_credentials")
def test_gives_credentials_to_botocore(imds: MetadataServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore's own chain finds the role's credentials."""
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", imds.url)
    credentials = botocore.session.Session().get_credentials()
    assert credentials is not None
    assert credentials.method == "iam-role"
    assert credentials.get_frozen_credentials().access_key == "ASIAVIPSWITCHTESTING"


@pytest.mark.usefixtures("no_credentials")
def test_node_of_a_topology_finds_its_interface(
    cloud: AwsCloud, topology: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the credentials of its own metadata service a node sees its own interface in the cloud."""
    node = topology.nodes[1]
    with MetadataServer(topology.instance(node)) as imds:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", imds.url)
        path = f"/latest/meta-data/network/interfaces/macs/{node.mac}/interface-id"
        interface_id = ask(imds, path, headers=token(imds))
        ec2 = boto3.Session(region_name=REGION).client("ec2", endpoint_url=cloud.url)
        found = ec2.describe_network_interfaces(NetworkInterfaceIds=[interface_id])["NetworkInterfaces"][0]
    assert found["Attachment"]["InstanceId"] == node.instance_id
    assert found["MacAddress"] == node.mac
