"""What `vipswitch iam` prints for `aws-route-table` is enough, and nothing of it can be spared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from ipaddress import ip_network
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.contract.aws_cloud import RouteTableCloud
from vipswitch.errors import VipswitchError
from vipswitch.provider import Grant
from vipswitch.providers.aws.route_table.provider import AwsRouteTable
from vipswitch.providers.aws.route_table.settings import RouteTableSettings
from vipswitch.providers.tags import Tag
from vipswitch.testing.aws import REGION
from vipswitch.testing.bed import VIP, Bed
from vipswitch.testing.cloud import Named

from .minimal import Operation, changes, checked_well, ended_well, flaws, read_well
from .rig import soon

NODE_KEY = "AKIAIOSFODNN7EXAMPLE"


class Subject:
    """A VIP in two tables, its operations, and the key that its nodes sign with."""

    def __init__(self, folder: Path) -> None:
        self.cloud = RouteTableCloud(folder)
        self.bed = Bed(self.cloud, folder)
        self.settings = RouteTableSettings(
            region=REGION,
            endpoint_url=self.cloud.aws.url,
            route_tables=self.cloud.tables,
            nodes=(self.cloud.interfaces["a"],),
        )

    def provider(self, settings: RouteTableSettings | None = None) -> AwsRouteTable:
        return AwsRouteTable(
            settings or self.settings, VIP, Named(self.cloud.interfaces["a"], self.cloud.folder)
        )

    def operations(self) -> dict[str, Operation]:
        return {
            "up on a held place": lambda: ended_well(self._up()),
            "up on a free place": self._up_on_a_free_place,
            "up with the check on": self._up_with_the_check_on,
            "mark": self._mark,
            "status": lambda: read_well(self.bed.status("a")),
            "check": lambda: checked_well(self.provider()),
        }

    def flaws(self, grants: Sequence[Grant], *only: str) -> dict[str, Sequence[str]]:
        return flaws(self.cloud.aws, grants, self.operations(), access_key=NODE_KEY, only=only)

    def _up(self):  # type: ignore[no-untyped-def]
        self.bed.hosts["a"].addresses.clear()
        return self.bed.up("a")

    def _up_on_a_free_place(self) -> Sequence[str]:
        for table in self.cloud.tables:
            self.cloud.aws.ec2().delete_route(
                RouteTableId=table, DestinationCidrBlock=str(ip_network(VIP.addresses[0]))
            )
        result = ended_well(self._up())
        self._give_back()
        return result

    def _mark(self) -> Sequence[str]:
        """What `down` leaves, and the next `up` of the same node takes away."""
        provider, me = self.provider(), self.cloud.interfaces["a"]
        try:
            for place in provider.places:
                provider.mark(place, me, 1, soon())
                provider.unmark(place, me, soon())
        except VipswitchError as wrong:
            return [wrong.message]
        return []

    def _up_with_the_check_on(self) -> Sequence[str]:
        self.cloud.aws.ec2().modify_network_interface_attribute(
            NetworkInterfaceId=self.cloud.interfaces["a"], SourceDestCheck={"Value": True}
        )
        return ended_well(self._up())

    def _give_back(self) -> None:
        """The tables have a route to node c again, whatever became of the operation."""
        ec2, to = self.cloud.aws.ec2(), str(ip_network(VIP.addresses[0]))
        for table in self.cloud.tables:
            routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
            there = any(route.get("DestinationCidrBlock") == to for route in routes)
            change = ec2.replace_route if there else ec2.create_route
            change(RouteTableId=table, DestinationCidrBlock=to, NetworkInterfaceId=self.cloud.interfaces["c"])


@pytest.fixture
def subject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Subject]:
    """Credentials of the nodes, which are not those of the tests' own clients."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", NODE_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    made = Subject(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", made.cloud.aws.url)
    yield made
    made.cloud.close()


FAILS = {
    "ReadRouteTables": "status",
    "MoveRoutes": "up on a free place",
    "MarkRoutes": "mark",
    "ReadInterfaces": "up with the check on",
    "SwitchSourceDestCheck": "up with the check on",
}


@pytest.mark.parametrize("narrowed_by", ["id", pytest.param("VPC", marks=pytest.mark.full)])
def test_the_policy_is_enough_and_nothing_of_it_can_be_spared(subject: Subject, narrowed_by: str) -> None:
    """Each action, resource and condition: without it a user's operation fails, and is named here."""
    if narrowed_by == "VPC":
        subject.settings = replace(subject.settings, nodes=())
    grants = subject.provider().grants(soon())
    assert subject.flaws(grants) == {}
    for change in changes(grants):
        wanted = FAILS[change.what.partition(":")[0]]
        assert wanted in subject.flaws(change.grants, wanted), change.what


def test_no_other_tag_may_be_touched(subject: Subject) -> None:
    """A table's other tags decide what it costs whom, and what else may be done to it."""
    grants, table = subject.provider().grants(soon()), subject.cloud.tables[0]
    subject.cloud.aws.ec2().create_tags(Resources=[table], Tags=[{"Key": "team", "Value": "a"}])
    ec2 = boto3.client("ec2", endpoint_url=subject.cloud.aws.url, region_name=REGION)
    tries = {
        "put on": lambda: ec2.create_tags(Resources=[table], Tags=[{"Key": "team", "Value": "b"}]),
        "taken off": lambda: ec2.delete_tags(Resources=[table], Tags=[{"Key": "team"}]),
        "all taken off": lambda: ec2.delete_tags(Resources=[table]),
        "of another address": lambda: ec2.create_tags(
            Resources=[table], Tags=[{"Key": "vipswitch:10.99.0.5", "Value": "released x 1"}]
        ),
    }
    operations = {name: partial(refused, call) for name, call in tries.items()}
    found = flaws(subject.cloud.aws, grants, operations, access_key=NODE_KEY)
    ec2.close()
    assert {name: codes[0] for name, codes in found.items()} == dict.fromkeys(tries, "UnauthorizedOperation")


def refused(call: Callable[[], object]) -> Sequence[str]:
    """With which code."""
    try:
        call()
    except ClientError as wrong:
        return [wrong.response["Error"]["Code"]]
    return []


def test_a_tag_in_the_config_is_a_condition(subject: Subject) -> None:
    """Whichever tables have the tag may be changed, and no others."""
    ec2 = subject.cloud.aws.ec2()
    ec2.create_tags(Resources=list(subject.cloud.tables), Tags=[{"Key": "vipswitch", "Value": "primary"}])
    tagged = RouteTableSettings(
        region=REGION,
        endpoint_url=subject.cloud.aws.url,
        route_tables=(Tag("vipswitch", "primary"),),
        source_dest_check="leave",
    )
    subject.bed.switches["a"].provider = subject.provider(tagged)
    grants = subject.provider(tagged).grants(soon())
    operations = {
        "up": lambda: ended_well(subject.bed.up("a")),
        "check": lambda: checked_well(subject.provider(tagged)),
    }
    assert flaws(subject.cloud.aws, grants, operations, access_key=NODE_KEY) == {}
    [moving] = [grant for grant in grants if grant.purpose == "MoveTaggedRoutes"]
    assert moving.conditions[0].key == "aws:ResourceTag/vipswitch"
    for change in changes(grants):
        if change.what.startswith("MarkTaggedRoutes"):
            assert flaws(subject.cloud.aws, change.grants, operations, access_key=NODE_KEY, only=["check"])
    ec2.create_tags(Resources=list(subject.cloud.tables), Tags=[{"Key": "vipswitch", "Value": "other"}])
    subject.bed.hosts["a"].addresses.clear()
    assert set(flaws(subject.cloud.aws, grants, operations, access_key=NODE_KEY)) == {"up", "check"}
