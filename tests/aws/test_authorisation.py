"""Calls under a policy: what each needs is enough, and each part of it is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tests.aws.restricted import (
    ACTIONS,
    KEY,
    NAMES,
    TYPES,
    VIP,
    Clients,
    Keys,
    Need,
    Site,
    arn,
    batch,
    clients,
    document,
)
from tests.aws.restricted_calls import CASES, Case
from vipswitch.testing.aws import ACCOUNT, AwsCloud, PolicyError, Topology
from vipswitch.testing.aws.zones import hosted_zone

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

OTHER_ACCOUNT = "210987654321"
OTHER_ROLE = f"arn:aws:iam::{OTHER_ACCOUNT}:role/with/a/path/failover"
OTHER_SESSION = f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/failover/vipswitch"
CODES = {"ec2": "UnauthorizedOperation", "sts": "AccessDenied", "route53": "AccessDenied"}
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}

each_case = pytest.mark.parametrize("case", CASES, ids=str)


@pytest.fixture(scope="module")
def node(cloud: AwsCloud) -> Iterator[Clients]:
    """The clients of the restricted node."""
    with clients(cloud, KEY) as node:
        yield node


@pytest.fixture(scope="module")
def ground(cloud: AwsCloud, ec2: EC2Client, topology: Topology, node: Clients) -> Site:
    """A tagged interface and Elastic IP, and a zone with a change; the table is the nodes'."""
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    tagged = [allocation, topology.nodes[0].interface_id]
    ec2.create_tags(Resources=tagged, Tags=[{"Key": "cluster", "Value": "pg"}])
    zone = hosted_zone(cloud, "example.com")
    seed = batch("seed.example.com", "CREATE")
    made = node.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=seed)
    change = made["ChangeInfo"]["Id"].rpartition("/")[2]
    return Site(cloud, ec2, topology, node, topology.node_table_id, allocation, zone, change)


@pytest.fixture
def site(ground: Site) -> Iterator[Site]:
    """The ground with a tagged route table of the test's own, and a route in it."""
    made = ground.admin.create_route_table(VpcId=ground.topology.vpc_id)["RouteTable"]["RouteTableId"]
    site = replace(ground, table=made)
    site.admin.create_tags(Resources=[made], Tags=[{"Key": "cluster", "Value": "pg"}])
    site.admin.create_route(
        RouteTableId=made, DestinationCidrBlock=VIP, NetworkInterfaceId=site.node.interface_id
    )
    yield site
    site.cloud.unrestrict()
    site.cloud.faults.clear()
    site.cloud.journal.clear()


def refusal(call: Callable[[], object]) -> tuple[str, int, str]:
    """The error code, status and message with which a call is refused."""
    with pytest.raises(ClientError) as caught:
        call()
    response = caught.value.response
    error = response["Error"]
    return error["Code"], response["ResponseMetadata"]["HTTPStatusCode"], error["Message"]


def assert_refused(site: Site, case: Case, need: Need, resource: str | None = None) -> None:
    """It is refused for want of this, as its service words that, and nothing was done."""
    site.cloud.journal.clear()
    code, status, message = refusal(lambda: case.call(site))
    on = "" if need.resource == "*" else f" on resource: {need.resource}"
    assert (code, status) == (CODES[case.service], 403)
    assert f"not authorized to perform: {need.action}{on} because no identity-based policy" in message
    last = site.cloud.journal.calls()[-1]
    assert (last.error, last.status, last.committed) == (code, 403, None)


@each_case
def test_what_it_needs_is_enough(site: Site, case: Case) -> None:
    """Each action on exactly its resource, under all of its condition keys."""
    case.before(site)
    site.restrict(*case.needs(site))
    case.call(site)


@each_case
def test_each_action_is_needed(site: Site, case: Case) -> None:
    """Without one of them, or with another of its name's beginning, the call is refused."""
    case.before(site)
    for need in case.needs(site):
        others = [other for other in case.needs(site) if other != need]
        site.restrict(*others, replace(need, action=need.action + "Plus"))
        assert_refused(site, case, need)


@each_case
def test_each_resource_is_needed(site: Site, case: Case) -> None:
    """With another resource of the same kind in the place of one, the call is refused."""
    case.before(site)
    for need in case.needs(site):
        others = [other for other in case.needs(site) if other != need]
        foreign = arn("subnet", "*") if need.resource == "*" else need.resource + "0"
        site.restrict(*others, replace(need, resource=foreign))
        assert_refused(site, case, need)


@each_case
def test_each_condition_is_looked_at(site: Site, case: Case) -> None:
    """With another value of one key, the call is refused."""
    case.before(site)
    for need in case.needs(site):
        others = [other for other in case.needs(site) if other != need]
        for key, value in need.keys.items():
            foreign = ["foreign"] if isinstance(value, list) else "foreign"
            site.restrict(*others, replace(need, keys={**need.keys, key: foreign}))
            assert_refused(site, case, need)


@pytest.mark.parametrize(
    ("name", "type_", "actions", "value", "allowed"),
    [
        ("vip.example.com", "A", ["UPSERT"], "10.0.0.1", True),
        ("VIP.Example.com.", "A", ["UPSERT"], "10.0.0.2", True),
        ("vip.example.com", "A", ["DELETE", "UPSERT"], "10.0.0.2", False),
        ("vip.example.com", "AAAA", ["UPSERT"], "fd00::1", False),
        ("vip2.example.com", "A", ["UPSERT"], "10.0.0.1", False),
        ("*.example.com", "A", ["UPSERT"], "10.0.0.1", False),
    ],
)
def test_every_change_of_a_batch_must_be_allowed(
    site: Site, name: str, type_: str, actions: list[str], value: str, allowed: bool
) -> None:
    """Names are compared in lower case and without the dot at the end."""
    changed: Keys = {NAMES: ["vip.example.com"], TYPES: ["A"], ACTIONS: ["UPSERT"]}
    site.restrict(site.on_zone("route53:ChangeResourceRecordSets", changed))
    asked = batch(name, *actions, type_=type_, value=value)
    change = site.clients.route53.change_resource_record_sets
    if allowed:
        change(HostedZoneId=site.zone, ChangeBatch=asked)
    else:
        assert refusal(lambda: change(HostedZoneId=site.zone, ChangeBatch=asked))[0] == "AccessDenied"


def replace_route(site: Site, *, dry_run: bool = False) -> object:
    return site.clients.ec2.replace_route(
        RouteTableId=site.table,
        DestinationCidrBlock=VIP,
        NetworkInterfaceId=site.topology.nodes[1].interface_id,
        DryRun=dry_run,
    )


def holder(site: Site) -> str | None:
    routes = site.admin.describe_route_tables(RouteTableIds=[site.table])["RouteTables"][0]["Routes"]
    return routes[-1].get("NetworkInterfaceId")


def test_a_denied_write_does_nothing(site: Site) -> None:
    """The route leads where it led, and the journal has the call with its error."""
    site.restrict()
    code, _, message = refusal(lambda: replace_route(site))
    assert (code, holder(site)) == ("UnauthorizedOperation", site.node.interface_id)
    assert arn("route-table", site.table) in message
    denied = next(call for call in site.cloud.journal.calls() if call.action == "ReplaceRoute")
    assert (denied.error, denied.status) == ("UnauthorizedOperation", 403)
    assert denied not in site.cloud.journal.writes()


def test_a_dry_run_tells_what_is_allowed(site: Site) -> None:
    """It is denied as the call would be, and says so itself where the call would not."""
    site.restrict(site.on_table("ec2:ReplaceRoute"))
    assert refusal(lambda: replace_route(site, dry_run=True))[:2] == ("DryRunOperation", 412)
    site.restrict(site.on_table("ec2:CreateRoute"))
    assert refusal(lambda: replace_route(site, dry_run=True))[:2] == ("UnauthorizedOperation", 403)
    assert holder(site) == site.node.interface_id


def test_an_explicit_deny_says_so(site: Site) -> None:
    """The reason is another one than the lack of an Allow."""
    deny = {"Effect": "Deny", "Action": "ec2:Replace*", "Resource": arn("route-table", site.table)}
    site.cloud.restrict(document(EVERYTHING, deny), access_key=KEY)
    assert "with an explicit deny in an identity-based policy" in refusal(lambda: replace_route(site))[2]
    site.clients.ec2.describe_route_tables()


def test_tags_are_those_of_the_moment(site: Site) -> None:
    """A table that loses its tag is no longer the one that the policy speaks of."""
    site.restrict(site.on_table("ec2:ReplaceRoute"))
    replace_route(site)
    site.admin.delete_tags(Resources=[site.table], Tags=[{"Key": "cluster"}])
    assert refusal(lambda: replace_route(site))[0] == "UnauthorizedOperation"


def test_all_tags_at_once_are_none_to_a_set_qualifier(site: Site) -> None:
    """ForAllValues passes a DeleteTags without a list; only wanting that there be one stops it."""
    on, keys = arn("route-table", site.table), {"aws:TagKeys": ["vip"]}
    named = {"Effect": "Allow", "Action": "ec2:DeleteTags", "Resource": on}
    loose: dict[str, object] = {"ForAllValues:StringEquals": keys}
    strict = {**loose, "Null": {"aws:TagKeys": ["false"]}}
    site.cloud.restrict(document({**named, "Condition": strict}), access_key=KEY)
    assert refusal(lambda: site.clients.ec2.delete_tags(Resources=[site.table]))[0] == "UnauthorizedOperation"
    site.clients.ec2.delete_tags(Resources=[site.table], Tags=[{"Key": "vip"}])
    site.cloud.restrict(document({**named, "Condition": loose}), access_key=KEY)
    site.clients.ec2.delete_tags(Resources=[site.table])
    [table] = site.admin.describe_route_tables(RouteTableIds=[site.table])["RouteTables"]
    assert table.get("Tags", []) == []


def test_a_stale_association_is_told_to_who_may_disassociate(site: Site) -> None:
    """No resource is left to be judged; without the action anywhere it is a denial all the same."""
    stale = site.associate()
    site.admin.disassociate_address(AssociationId=stale)

    def call() -> object:
        return site.clients.ec2.disassociate_address(AssociationId=stale)

    site.restrict(site.on_elastic_ip("ec2:DisassociateAddress"))
    assert refusal(call)[0] == "InvalidAssociationID.NotFound"
    site.restrict(site.on_elastic_ip("ec2:AssociateAddress"))
    assert refusal(call)[0] == "UnauthorizedOperation"


def test_a_table_that_does_not_exist_has_no_keys(site: Site) -> None:
    """Its ARN may be allowed, and then the cloud says that it is not there; its VPC cannot be."""
    absent = replace(site, table="rtb-0123456789abcdef0")
    site.restrict(replace(absent.on_table("ec2:ReplaceRoute"), keys={}))
    assert refusal(lambda: replace_route(absent))[0] == "InvalidRouteTableID.NotFound"
    site.restrict(absent.on_table("ec2:ReplaceRoute"))
    assert refusal(lambda: replace_route(absent))[0] == "UnauthorizedOperation"


def test_an_action_that_is_not_known_is_denied(site: Site) -> None:
    """The text says that this is the local AWS's fault, and not the policy's."""
    site.cloud.restrict(document(EVERYTHING), access_key=KEY)
    code, _, message = refusal(site.clients.ec2.describe_internet_gateways)
    assert code == "UnauthorizedOperation"
    assert "does not know on which resources the ec2:DescribeInternetGateways action" in message


def test_who_one_is_may_always_be_asked(site: Site) -> None:
    """GetCallerIdentity needs no permission, and cannot be denied."""
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    site.cloud.restrict(document(deny), access_key=KEY)
    assert site.clients.sts.get_caller_identity()["Account"] == ACCOUNT


def test_a_policy_without_a_key_is_for_everyone_else(site: Site) -> None:
    """Whoever has a policy of its own is judged by that alone."""
    site.cloud.restrict(document())
    site.restrict(site.on_table("ec2:ReplaceRoute"))
    replace_route(site)
    assert refusal(site.admin.describe_vpcs)[0] == "UnauthorizedOperation"
    site.cloud.unrestrict()
    assert site.admin.describe_vpcs()["Vpcs"]


def test_a_policy_takes_the_place_of_the_one_before(site: Site) -> None:
    """Two policies of one access key do not add up."""
    site.restrict(site.on_table("ec2:ReplaceRoute"))
    site.restrict(site.on_table("ec2:CreateRoute"))
    assert refusal(lambda: replace_route(site))[0] == "UnauthorizedOperation"


@pytest.mark.parametrize(
    ("operator", "key", "complaint"),
    [
        ("StringEquals", "ec2:RouteTable", "does not know the condition key ec2:RouteTable"),
        ("StringEquals", "aws:TagKeys", "aws:TagKeys is multivalued: it needs ForAllValues or ForAnyValue"),
        ("StringEqual", "ec2:Vpc", "unknown condition operator"),
    ],
)
def test_a_policy_that_cannot_be_judged_is_not_put_in_force(
    site: Site, operator: str, key: str, complaint: str
) -> None:
    """The one that was in force stays so."""
    site.restrict(site.on_table("ec2:ReplaceRoute"))
    with pytest.raises(PolicyError, match=complaint):
        site.cloud.restrict(document(EVERYTHING | {"Condition": {operator: {key: "x"}}}), access_key=KEY)
    replace_route(site)


def test_a_call_is_judged_when_it_is_carried_out(site: Site) -> None:
    """A write that was held up meets the policies of the moment at which it would be done."""
    gate = site.cloud.faults.hold("ReplaceRoute")
    with ThreadPoolExecutor() as pool:
        held = pool.submit(refusal, lambda: replace_route(site))
        assert gate.arrived.wait(5)
        site.restrict()
        gate.release()
        assert held.result()[0] == "UnauthorizedOperation"


@pytest.fixture
def session(site: Site) -> Iterator[Clients]:
    """Clients of the session that the node gets when it assumes the role of the other account."""
    external = {"sts:ExternalId": "shared"}
    site.restrict(Need("sts:AssumeRole", OTHER_ROLE, external))
    keys = site.clients.sts.assume_role(RoleArn=OTHER_ROLE, RoleSessionName="vipswitch", ExternalId="shared")[
        "Credentials"
    ]
    with clients(site.cloud, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]) as session:
        yield session


def test_a_role_has_a_policy_of_its_own(site: Site, session: Clients) -> None:
    """The node's policy allows to assume the role, the role's what is to be done in its account."""
    vpc = session.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    table = session.ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    there = arn("route-table", table, account=OTHER_ACCOUNT)
    need = Need("ec2:DeleteRoute", there, {"ec2:Vpc": arn("vpc", vpc, account=OTHER_ACCOUNT)})
    site.cloud.restrict(document(need.statement()), role=OTHER_ROLE)
    route = {"RouteTableId": table, "DestinationCidrBlock": VIP}
    assert refusal(lambda: session.ec2.delete_route(**route))[0] == "InvalidRoute.NotFound"
    _, _, message = refusal(lambda: session.ec2.replace_route(**route, GatewayId="local"))
    assert f"User: {OTHER_SESSION} is not authorized to perform: ec2:ReplaceRoute" in message
    assert f"on resource: {there}" in message
    assert refusal(lambda: replace_route(site))[0] == "UnauthorizedOperation"


def test_a_roles_policy_is_that_of_its_sessions_only(site: Site, session: Clients) -> None:
    """It is there for sessions to come as well, and nobody else is judged by it."""
    site.cloud.restrict(document(), role=OTHER_ROLE)
    assert refusal(session.ec2.describe_vpcs)[0] == "UnauthorizedOperation"
    assert site.admin.describe_vpcs()["Vpcs"]
    with pytest.raises(ValueError, match="of an access key or of a role"):
        site.cloud.restrict(document(), role=OTHER_ROLE, access_key=KEY)
