"""The methods of AWS."""

from collections.abc import Mapping
from functools import partial
from ipaddress import IPv4Address

from tests.e2e import aws, judge, movers, records
from tests.e2e.aws import Aws
from tests.e2e.evidence import Route
from tests.e2e.method import Method, Seed
from vipswitch.testing.aws import Call, zones

DEFAULT = "aws-route-table"
_OUTSIDE = IPv4Address("10.99.0.50")
_SECONDARY = IPv4Address("10.0.1.50")
_ZONE, _NAME, _TTL_S = "example.test", "db.example.test", 1
_INSYNC_AND_ANSWER_S = 0.4


def _route_table(cloud: Aws) -> Seed:
    tables = ", ".join(f'"{table}"' for table in cloud.tables)
    return Seed(
        config=_config(DEFAULT, f'address = "{_OUTSIDE}"', f"route_tables = [{tables}]"),
        called=str(_OUTSIDE),
        sample=["sample_mover.py", "eth0", ",".join(cloud.tables)],
        client=cloud.vpc.client,
        reach=str(_OUTSIDE),
        truth=lambda: records.routes(cloud, _OUTSIDE),
        address=_OUTSIDE,
        by_hand=cloud.turn_checks_off,
    )


def _secondary_ip(cloud: Aws) -> Seed:
    return Seed(
        config=_config("aws-secondary-ip", f'address = "{_SECONDARY}"'),
        called=str(_SECONDARY),
        sample=["sample_secondary.py", "eth0"],
        client=cloud.vpc.client,
        reach=str(_SECONDARY),
        truth=lambda: records.holders(cloud, cloud.addresses.history, _SECONDARY),
        address=_SECONDARY,
    )


def _elastic_ip(cloud: Aws) -> Seed:
    assert cloud.internet is not None, "the network was built without"
    host, gateway = cloud.internet.host, cloud.internet.gateway
    allocated = cloud.ask(lambda aws: aws.ec2().allocate_address(Domain="vpc"))
    public = IPv4Address(allocated["PublicIp"])
    return Seed(
        config=_config("aws-elastic-ip", f'allocations = ["{allocated["AllocationId"]}"]'),
        called=movers.NAME,
        sample=["sample_elastic.py", "eth0", allocated["AllocationId"]],
        client=host,
        reach=str(public),
        truth=lambda: records.holders(cloud, gateway.history, public),
    )


def _route53(cloud: Aws) -> Seed:
    zone = cloud.ask(lambda aws: zones.hosted_zone(aws, _ZONE))
    return Seed(
        config=_config("aws-route53", f'name = "{_NAME}"', f'zones = ["{zone}"]', f"ttl = {_TTL_S}"),
        called=movers.NAME,
        sample=["sample_route53.py", zone, _NAME, str(_TTL_S)],
        client=cloud.vpc.client,
        reach=_NAME,
        truth=lambda: _pointed(cloud, _NAME),
        zone=zone,
    )


def _config(provider: str, *settings: str) -> str:
    lines = [f"[vip.{movers.NAME}]", 'interface = "eth0"', f'provider = "{provider}"', *settings]
    return "\n".join([*lines, ""])


def _pointed(cloud: Aws, name: str) -> list[Route]:
    """To whom an A record pointed, by the batches that took effect; an unknown address is its own name."""
    nodes = {str(host.address): host.name for host in cloud.vpc.nodes}
    pointed = [(call, _values(call, name)) for call in cloud.aws.journal.writes()]
    return [
        Route(call.committed or call.received, name, nodes.get(values[-1], values[-1]) or None)
        for call, values in pointed
        if values
    ]


def _values(call: Call, name: str) -> list[str]:
    """What the changes of one batch made of the record, one after the other; "" is a deleted one."""
    found = []
    for number in range(1, len(call.params) + 1):
        change = {
            key: call.params.get(f"Changes.{number}.{key}", "")
            for key in ("Action", "Name", "Type", "Values")
        }
        if change["Name"].rstrip(".").lower() == name and change["Type"] == "A":
            found.append("" if change["Action"] == "DELETE" else change["Values"])
    return found


AWS: Mapping[str, Method] = {
    DEFAULT: Method(aws.serve, _route_table, judge.ROUTES, scenarios=None),
    "aws-secondary-ip": Method(
        aws.serve,
        _secondary_ip,
        judge.Rules(moves=frozenset({"AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"})),
        together=True,
    ),
    "aws-elastic-ip": Method(
        partial(aws.serve, internet=True),
        _elastic_ip,
        judge.Rules(moves=frozenset({"AssociateAddress", "DisassociateAddress"}), address=False),
        style=movers.escalation,
    ),
    # A release mark is a change of records too: only what becomes of the VIP's own record is judged.
    "aws-route53": Method(
        aws.serve,
        _route53,
        judge.Rules(moves=frozenset(), first_answer_within_s=_TTL_S + _INSYNC_AND_ANSWER_S, address=False),
        style=movers.escalation,
    ),
}
