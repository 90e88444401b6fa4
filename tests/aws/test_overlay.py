"""Where moto differs from EC2: each pair shows bare moto doing it and the corrected one not.

A test of bare moto that fails means that moto has learnt it: drop the correction and the pair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.core.authorization import enable_iam_authentication

from vipswitch.testing.aws import AwsCloud, corrected_moto

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import TagTypeDef

    from .conftest import Playground

VIP = "10.99.0.50/32"
VIP6 = "fd00:99::50/128"


@pytest.fixture(scope="module")
def cloud() -> Iterator[AwsCloud]:
    """A cloud of moto as it is."""
    with AwsCloud(corrected=False) as cloud:
        yield cloud


@pytest.fixture
def bare(aws: Playground) -> Playground:
    return aws


@pytest.fixture
def corrected(aws: Playground) -> Iterator[Playground]:
    with corrected_moto():
        yield aws


def refusal(call: Callable[[], object]) -> tuple[str, int]:
    """The error code and status with which a call is refused."""
    with pytest.raises(ClientError) as caught:
        call()
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def create6(aws: Playground, destination: str, interface_id: str) -> None:
    aws.ec2.create_route(
        RouteTableId=aws.table, DestinationIpv6CidrBlock=destination, NetworkInterfaceId=interface_id
    )


def launched(aws: Playground) -> tuple[str, str]:
    """A new instance and its network interface, which goes with it."""
    spec = aws.ec2.run_instances(
        MinCount=1,
        MaxCount=1,
        NetworkInterfaces=[
            {"DeviceIndex": 0, "SubnetId": aws.nodes[0].subnet_id, "DeleteOnTermination": True}
        ],
    )["Instances"][0]
    return spec["InstanceId"], spec["NetworkInterfaces"][0]["NetworkInterfaceId"]


def test_bare_create_overwrites_a_taken_destination(bare: Playground) -> None:
    """moto lets the second CreateRoute take the route from the first."""
    first, second = bare.nodes
    bare.create(VIP, first)
    bare.create(VIP, second)
    assert bare.holder(VIP) == second.interface_id


def test_create_refuses_a_taken_destination(corrected: Playground) -> None:
    """CreateRoute is create-if-absent, also for the same target again."""
    first, second = corrected.nodes
    corrected.create(VIP, first)
    for node in (second, first):
        assert refusal(lambda node=node: corrected.create(VIP, node)) == ("RouteAlreadyExists", 400)  # type: ignore[misc]
    assert corrected.holder(VIP) == first.interface_id


def test_bare_create_overwrites_a_taken_ipv6_destination(bare: Playground) -> None:
    """moto lets the second CreateRoute take an IPv6 route from the first."""
    first, second = bare.nodes
    create6(bare, VIP6, first.interface_id)
    create6(bare, VIP6, second.interface_id)
    assert bare.holder(VIP6) == second.interface_id


def test_create_refuses_a_taken_ipv6_destination(corrected: Playground) -> None:
    """CreateRoute is create-if-absent for IPv6 too, however the address is spelt."""
    first, second = corrected.nodes
    create6(corrected, VIP6, first.interface_id)
    spelt = "FD00:99:0:0::50/128"
    assert refusal(lambda: create6(corrected, spelt, second.interface_id)) == ("RouteAlreadyExists", 400)
    assert corrected.holder(VIP6) == first.interface_id


def test_bare_create_overwrites_the_local_route(bare: Playground) -> None:
    """moto lets a route replace the VPC's own."""
    bare.create("10.0.0.0/16", bare.nodes[0])
    assert bare.holder("10.0.0.0/16") == bare.nodes[0].interface_id


def test_create_refuses_the_local_route(corrected: Playground) -> None:
    """The VPC's own route is taken from the start."""
    code = refusal(lambda: corrected.create("10.0.0.0/16", corrected.nodes[0]))
    assert code == ("RouteAlreadyExists", 400)


def test_bare_dry_runs_make_the_change(bare: Playground) -> None:
    """moto ignores DryRun on all three route actions."""
    first, second = bare.nodes
    bare.create(VIP, first, dry_run=True)
    bare.replace(VIP, second, dry_run=True)
    assert bare.holder(VIP) == second.interface_id
    bare.delete(VIP, dry_run=True)
    assert VIP not in bare.routes()


def test_dry_runs_change_nothing(corrected: Playground) -> None:
    """DryRun on the route actions is answered with DryRunOperation and leaves the table alone."""
    first, second = corrected.nodes
    corrected.create(VIP, first)
    before = corrected.routes()
    dry_runs: list[Callable[[], object]] = [
        lambda: corrected.create("10.99.0.51/32", second, dry_run=True),
        lambda: corrected.replace(VIP, second, dry_run=True),
        lambda: corrected.delete(VIP, dry_run=True),
        lambda: corrected.ec2.describe_route_tables(DryRun=True),
    ]
    assert {refusal(dry_run) for dry_run in dry_runs} == {("DryRunOperation", 412)}
    assert corrected.routes() == before


def test_dry_run_of_the_interface_attribute_changes_nothing(corrected: Playground) -> None:
    """DryRun of ModifyNetworkInterfaceAttribute leaves the source/destination check on."""
    interface_id = corrected.nodes[0].interface_id
    code = refusal(
        lambda: corrected.ec2.modify_network_interface_attribute(
            NetworkInterfaceId=interface_id, SourceDestCheck={"Value": False}, DryRun=True
        )
    )
    assert code == ("DryRunOperation", 412)
    described = corrected.ec2.describe_network_interfaces(NetworkInterfaceIds=[interface_id])
    assert described["NetworkInterfaces"][0]["SourceDestCheck"]


def test_bare_shows_only_the_target_that_was_given(bare: Playground) -> None:
    """moto shows no instance for a route to an interface, and no interface for one to an instance."""
    first = bare.nodes[0]
    bare.create(VIP, first)
    bare.ec2.create_route(
        RouteTableId=bare.table, DestinationCidrBlock="10.99.0.51/32", InstanceId=first.instance_id
    )
    assert "InstanceId" not in bare.routes()[VIP]
    assert "NetworkInterfaceId" not in bare.routes()["10.99.0.51/32"]


def test_shows_both_ids_of_a_target(corrected: Playground) -> None:
    """A route shows interface and instance, whichever of the two it was made with."""
    first = corrected.nodes[0]
    corrected.create(VIP, first)
    corrected.ec2.create_route(
        RouteTableId=corrected.table, DestinationCidrBlock="10.99.0.51/32", InstanceId=first.instance_id
    )
    shown = {
        (route.get("InstanceId"), route.get("NetworkInterfaceId")) for route in corrected.routes().values()
    }
    assert shown == {(first.instance_id, first.interface_id)}


def test_bare_route_to_a_stopped_instance_is_active(bare: Playground) -> None:
    """moto shows every route as active."""
    instance_id, interface_id = launched(bare)
    bare.create(VIP, replace(bare.nodes[0], interface_id=interface_id))
    bare.ec2.stop_instances(InstanceIds=[instance_id])
    assert bare.routes()[VIP]["State"] == "active"


def test_route_follows_the_state_of_its_instance(corrected: Playground) -> None:
    """A route is a blackhole while its instance is stopped, and for ever once it is terminated."""
    instance_id, interface_id = launched(corrected)
    corrected.create(VIP, replace(corrected.nodes[0], interface_id=interface_id))
    states = [corrected.routes()[VIP]["State"]]
    for change in ("stop_instances", "start_instances", "terminate_instances"):
        getattr(corrected.ec2, change)(InstanceIds=[instance_id])
        states.append(corrected.routes()[VIP]["State"])
    assert states == ["active", "blackhole", "active", "blackhole"]
    assert corrected.holder(VIP) == interface_id


def test_bare_route_to_a_deleted_interface_is_active(bare: Playground) -> None:
    """moto does not notice that the target is gone."""
    interface_id = _unattached(bare)
    bare.create(VIP, replace(bare.nodes[0], interface_id=interface_id))
    bare.ec2.delete_network_interface(NetworkInterfaceId=interface_id)
    assert bare.routes()[VIP]["State"] == "active"


def test_route_to_an_unattached_or_deleted_interface_is_a_blackhole(corrected: Playground) -> None:
    """A route to an interface that no instance has leads nowhere, and keeps showing a deleted one."""
    interface_id = _unattached(corrected)
    corrected.create(VIP, replace(corrected.nodes[0], interface_id=interface_id))
    assert corrected.routes()[VIP]["State"] == "blackhole"
    corrected.ec2.delete_network_interface(NetworkInterfaceId=interface_id)
    route = corrected.routes()[VIP]
    assert (route["State"], route["NetworkInterfaceId"]) == ("blackhole", interface_id)


def _unattached(aws: Playground) -> str:
    created = aws.ec2.create_network_interface(SubnetId=aws.nodes[0].subnet_id)
    return created["NetworkInterface"]["NetworkInterfaceId"]


def test_bare_create_takes_a_destination_inside_the_vpc(bare: Playground) -> None:
    """moto lets a /32 inside the VPC be routed."""
    bare.create("10.0.9.9/32", bare.nodes[0])
    assert bare.holder("10.0.9.9/32") == bare.nodes[0].interface_id


def test_create_refuses_a_destination_inside_the_vpc(corrected: Playground) -> None:
    """A VIP inside the VPC's block is refused with the text that people search for."""
    with pytest.raises(ClientError, match="Route destination doesn't match any subnet CIDR blocks") as caught:
        corrected.create("10.0.9.9/32", corrected.nodes[0])
    assert caught.value.response["Error"]["Code"] == "InvalidParameterValue"


def test_create_refuses_an_ipv6_destination_inside_the_vpc(corrected: Playground) -> None:
    """The VPC's IPv6 block is closed to routes in the same way."""
    inside = f"{corrected.topology.vpc_ipv6_cidr[99]}/128"
    code = refusal(lambda: create6(corrected, inside, corrected.nodes[0].interface_id))
    assert code == ("InvalidParameterValue", 400)


def test_create_takes_a_whole_subnet_as_destination(corrected: Playground) -> None:
    """A destination inside the VPC is allowed if it is exactly a subnet's block."""
    first, second = corrected.nodes
    corrected.create(str(second.subnet.cidr), first)
    create6(corrected, str(second.subnet.ipv6_cidr), first.interface_id)
    assert set(corrected.routes()) == {str(second.subnet.cidr), str(second.subnet.ipv6_cidr)}


def test_bare_create_keeps_a_destination_as_it_is_spelt(bare: Playground) -> None:
    """moto stores host bits, and even what is no CIDR block at all."""
    bare.create("10.98.0.7/24", bare.nodes[0])
    bare.create("10.98.0/24", bare.nodes[0])
    assert set(bare.routes()) == {"10.98.0.7/24", "10.98.0/24"}


def test_create_makes_a_destination_canonical(corrected: Playground) -> None:
    """Host bits are cut off; what is no CIDR block is refused."""
    corrected.create("10.98.0.7/24", corrected.nodes[0])
    assert set(corrected.routes()) == {"10.98.0.0/24"}
    code = refusal(lambda: corrected.create("10.98.0/24", corrected.nodes[0]))
    assert code == ("InvalidParameterValue", 400)


def test_bare_refused_replace_loses_the_old_target(bare: Playground) -> None:
    """moto forgets the gateway before it finds that the new target does not exist."""
    _replace_gateway_by_nothing(bare)
    assert "GatewayId" not in bare.routes()[VIP]


def test_refused_replace_changes_nothing(corrected: Playground) -> None:
    """A ReplaceRoute to an unknown interface leaves the route as it is."""
    gateway_id = _replace_gateway_by_nothing(corrected)
    assert corrected.routes()[VIP]["GatewayId"] == gateway_id


def _replace_gateway_by_nothing(aws: Playground) -> str:
    gateway_id = aws.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    aws.ec2.create_route(RouteTableId=aws.table, DestinationCidrBlock=VIP, GatewayId=gateway_id)
    nobody = replace(aws.nodes[0], interface_id="eni-00000000000000000")
    assert refusal(lambda: aws.replace(VIP, nobody)) == ("InvalidNetworkInterfaceID.NotFound", 400)
    return gateway_id


def test_create_refuses_an_unknown_interface(corrected: Playground) -> None:
    """A route cannot be made to an interface that does not exist."""
    nobody = replace(corrected.nodes[0], interface_id="eni-00000000000000000")
    assert refusal(lambda: corrected.create(VIP, nobody)) == ("InvalidNetworkInterfaceID.NotFound", 400)


def test_bare_lacks_the_filters_on_routes(bare: Playground) -> None:
    """moto fails inside on a documented filter."""
    code = refusal(lambda: _tables_where(bare, "route.state", "blackhole"))
    assert code == ("InternalFailure", 500)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("route.destination-ipv6-cidr-block", VIP6),
        ("route.instance-id", "the instance"),
        ("route.state", "blackhole"),
    ],
)
def test_filters_tables_by_their_routes(corrected: Playground, name: str, value: str) -> None:
    """The documented filters on routes find the one table with such a route."""
    instance_id, interface_id = launched(corrected)
    create6(corrected, VIP6, interface_id)
    corrected.ec2.stop_instances(InstanceIds=[instance_id])
    value = instance_id if value == "the instance" else value
    assert corrected.table in _tables_where(corrected, name, value)
    assert corrected.topology.node_table_id not in _tables_where(corrected, name, value)


def test_refuses_an_unknown_filter(corrected: Playground) -> None:
    """There is no filter on a route's interface; EC2 says so."""
    code = refusal(lambda: _tables_where(corrected, "route.network-interface-id", "eni-1"))
    assert code == ("InvalidParameterValue", 400)


def _tables_where(aws: Playground, name: str, value: str) -> list[str]:
    found = aws.ec2.describe_route_tables(Filters=[{"Name": name, "Values": [value]}])
    return [table["RouteTableId"] for table in found["RouteTables"]]


def test_bare_instance_check_is_not_that_of_its_interface(bare: Playground) -> None:
    """moto switches the check of an instance off without touching its interface."""
    assert _checks_after_switching_off(bare) == (False, True)


def test_instance_check_is_that_of_its_primary_interface(corrected: Playground) -> None:
    """Switching the source/destination check off on an instance switches it off on its interface."""
    assert _checks_after_switching_off(corrected) == (False, False)


def _checks_after_switching_off(aws: Playground) -> tuple[bool, bool]:
    """What the instance and its interface then say."""
    instance_id, interface_id = launched(aws)
    aws.ec2.modify_instance_attribute(InstanceId=instance_id, SourceDestCheck={"Value": False})
    of_instance = aws.ec2.describe_instance_attribute(InstanceId=instance_id, Attribute="sourceDestCheck")
    of_interface = aws.ec2.describe_network_interfaces(NetworkInterfaceIds=[interface_id])
    return (
        of_instance["SourceDestCheck"]["Value"],
        of_interface["NetworkInterfaces"][0]["SourceDestCheck"],
    )


def test_bare_deletion_of_all_tags_deletes_none(bare: Playground) -> None:
    """moto takes a DeleteTags without a list for one with an empty list."""
    bare.tag(_tag("kept"), _tag("too"))
    bare.untag()
    assert set(bare.tags()) == {"kept", "too"}


def test_deletion_without_a_list_deletes_all_tags(corrected: Playground) -> None:
    """That is why a policy that names the tags must want some to be named; AWS's own stay."""
    corrected.tag(_tag("gone"), _tag("too"), _tag("aws:cloudformation:stack-name"))
    corrected.untag()
    assert set(corrected.tags()) == {"aws:cloudformation:stack-name"}


def test_a_tag_is_deleted_only_with_the_value_that_is_given(corrected: Playground) -> None:
    """A compare-and-delete, which answers yes in both cases; a key alone deletes whatever its value."""
    corrected.tag(_tag("a", "released eni-1 1"), _tag("b", "x"))
    corrected.untag(_tag("a", "released eni-2 1"))
    assert set(corrected.tags()) == {"a", "b"}
    corrected.untag(_tag("a", "released eni-1 1"))
    assert set(corrected.tags()) == {"b"}
    corrected.untag({"Key": "b"})
    assert corrected.tags() == {}


def test_dry_runs_of_tags_change_nothing(corrected: Playground) -> None:
    """Both are answered as other dry runs are, and are no writes in the journal."""
    corrected.tag(_tag("a", "1"))
    corrected.cloud.journal.clear()
    dry_runs: list[Callable[[], object]] = [
        lambda: corrected.tag(_tag("a", "2"), dry_run=True),
        lambda: corrected.untag(_tag("a", "1"), dry_run=True),
    ]
    assert {refusal(dry_run) for dry_run in dry_runs} == {("DryRunOperation", 412)}
    assert corrected.cloud.journal.writes() == ()
    assert corrected.tags() == {"a": "1"}


def test_tags_are_writes_in_the_journal(corrected: Playground) -> None:
    """Those that took effect, and a deletion that found nothing as well."""
    corrected.tag(_tag("a", "1"))
    corrected.untag(_tag("a", "2"))
    assert [call.action for call in corrected.cloud.journal.writes()] == ["CreateTags", "DeleteTags"]


def _tag(key: str, value: str = "") -> TagTypeDef:
    return {"Key": key, "Value": value}


def test_bare_denial_has_the_wrong_code(bare: Playground) -> None:
    """moto's IAM denies EC2 calls with the code of other services."""
    assert _denial(bare) == ("AccessDenied", 403)


def test_denial_has_the_code_of_ec2(corrected: Playground) -> None:
    """A call that no policy allows is an UnauthorizedOperation."""
    assert _denial(corrected) == ("UnauthorizedOperation", 403)


def _denial(aws: Playground) -> tuple[str, int]:
    """How a user without any policy is refused while IAM is enforced."""
    stranger = _client_of_a_new_user(aws)
    with enable_iam_authentication():
        return refusal(lambda: stranger.describe_route_tables())


def _client_of_a_new_user(aws: Playground) -> EC2Client:
    session = boto3.Session("local", "local", region_name=aws.topology.region)
    iam: Any = session.client("iam", endpoint_url=aws.cloud.url)
    iam.create_user(UserName=aws.table)
    key = iam.create_access_key(UserName=aws.table)["AccessKey"]
    user = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=aws.topology.region)
    return user.client("ec2", endpoint_url=aws.cloud.url)


def test_corrections_end_with_their_context(bare: Playground) -> None:
    """moto is as it was once the corrections are left."""
    with corrected_moto():
        pass
    bare.create(VIP, bare.nodes[0])
    bare.create(VIP, bare.nodes[1])
    assert bare.holder(VIP) == bare.nodes[1].interface_id
