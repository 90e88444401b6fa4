"""What `vipswitch iam` prints for `aws-elastic-ip` is enough, and nothing of it can be spared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.aws_elastic_ip_cloud import ElasticIpCloud
from vipswitch.model import Vip
from vipswitch.provider import NODE, Grant
from vipswitch.providers.aws.elastic_ip.provider import AwsElasticIp
from vipswitch.providers.aws.elastic_ip.settings import ElasticIpSettings
from vipswitch.providers.tags import Tag
from vipswitch.testing.aws import REGION
from vipswitch.testing.bed import VIP, Bed
from vipswitch.testing.cloud import Named

from .minimal import Operation, changes, checked_well, ended_well, flaws, read_well
from .rig import soon

NODE_KEY = "AKIAIOSFODNN7EXAMPLE"


class Subject:
    """A VIP of two Elastic IPs, its operations, and the key that its nodes sign with."""

    def __init__(self, folder: Path) -> None:
        self.cloud = ElasticIpCloud(folder)
        self.bed = Bed(self.cloud, folder)
        self.folders = (folder / f"cache-{number}" for number in range(10_000))
        self.settings = ElasticIpSettings(
            region=REGION,
            endpoint_url=self.cloud.aws.url,
            allocations=self.cloud.allocations,
            private_address=self.cloud.private,
            nodes=tuple(self.cloud.interfaces.values()),
        )
        self.address = VIP.addresses[:0]

    def provider(self) -> AwsElasticIp:
        """As a first command has it: nothing is kept."""
        folder = next(self.folders)
        folder.mkdir()
        machine = Named(self.cloud.interfaces["a"], folder)
        return AwsElasticIp(self.settings, Vip(VIP.name, self.address), machine)

    def operations(self) -> dict[str, Operation]:
        return {
            "up on a held place": self._up_on_a_held_place,
            "down": self._down,
            "up on a free place": self._up_on_a_free_place,
            "status": lambda: read_well(self.bed.status("a")),
            "check": lambda: checked_well(self.provider()),
        }

    def flaws(self, grants: Sequence[Grant], *only: str) -> dict[str, Sequence[str]]:
        self.bed.switches["a"].provider = self.provider()
        return flaws(self.cloud.aws, grants, self.operations(), access_key=NODE_KEY, only=only)

    def _up_on_a_held_place(self) -> Sequence[str]:
        ec2 = self.cloud.aws.ec2()
        for id, private in zip(self.cloud.allocations, self.cloud.private[-2:], strict=True):
            ec2.associate_address(
                AllocationId=id, NetworkInterfaceId=self.cloud.interfaces["c"], PrivateIpAddress=str(private)
            )
        return ended_well(self.bed.up("a"))

    def _down(self) -> Sequence[str]:
        """Of what this node holds, whatever became of the `up` before."""
        ec2 = self.cloud.aws.ec2()
        for id, private in zip(self.cloud.allocations, self.cloud.private[:2], strict=True):
            ec2.associate_address(
                AllocationId=id, NetworkInterfaceId=self.cloud.interfaces["a"], PrivateIpAddress=str(private)
            )
        return ended_well(self.bed.down("a"))

    def _up_on_a_free_place(self) -> Sequence[str]:
        for found in self.cloud.aws.ec2().describe_addresses()["Addresses"]:
            if found.get("AssociationId"):
                self.cloud.aws.ec2().disassociate_address(AssociationId=found["AssociationId"])
        return ended_well(self.bed.up("a"))


@pytest.fixture
def subject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Subject]:
    """Credentials of the nodes, which are not those of the tests' own clients."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", NODE_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    made = Subject(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", made.cloud.aws.url)
    yield made
    made.cloud.close()


def proved(subject: Subject, *, purposes: str = "") -> None:
    """Enough as a whole; less by any one thing of these purposes, and the operation that needs it fails."""
    grants = subject.provider().grants(soon())
    assert subject.flaws(grants) == {}
    for change in changes(grants):
        if change.what.startswith(purposes):
            wanted = _needs(change.what)
            assert wanted in subject.flaws(change.grants, wanted), change.what


def _needs(what: str) -> str:
    """The operation that cannot do without it."""
    if what.startswith("Move"):
        return "down" if "DisassociateAddress" in what else "up on a held place"
    return "status" if what.startswith("ReadElasticIps") else "check"


@pytest.mark.parametrize("narrowed_by", ["id", pytest.param("VPC", marks=pytest.mark.full)])
def test_the_policy_is_enough_and_nothing_of_it_can_be_spared(subject: Subject, narrowed_by: str) -> None:
    """Each action, resource and condition: without it a user's operation fails, and is named here."""
    nodes = (subject.cloud.interfaces["a"],) if narrowed_by == "id" else ()
    subject.settings = replace(subject.settings, nodes=nodes)
    proved(subject)


@pytest.mark.parametrize("named_by", ["tag", pytest.param("address", marks=pytest.mark.full)])
def test_a_name_in_the_config_is_a_condition(subject: Subject, named_by: str) -> None:
    """Whichever Elastic IPs have the tag or the public address may be moved, and no others."""
    ec2, ids = subject.cloud.aws.ec2(), subject.cloud.allocations
    ec2.create_tags(Resources=list(ids), Tags=[{"Key": "vipswitch", "Value": "primary"}])
    if named_by == "tag":
        subject.settings = replace(subject.settings, allocations=(Tag("vipswitch", "primary"),), nodes=())
    else:
        subject.settings = replace(subject.settings, allocations=(), nodes=())
        subject.address = subject.cloud.public
    proved(subject, purposes="MoveElasticIps")


def test_with_a_role_the_node_keeps_only_what_is_its_own(subject: Subject) -> None:
    """The role moves the Elastic IPs; the node assumes it, and looks at its own interface."""
    role = "arn:aws:iam::210987654321:role/vipswitch"
    subject.settings = replace(subject.settings, assume_role=role)
    grants = subject.provider().grants(soon())
    assert {grant.purpose for grant in grants if grant.principal == NODE} == {"ReadInterfaces", "AssumeRole"}
    moving = [grant for grant in grants if grant.purpose.startswith("Move")]
    assert all(grant.principal == role for grant in moving)
    assert all(":210987654321:" in resource for grant in moving for resource in grant.resources)
