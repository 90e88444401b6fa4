"""The methods that a scenario can be run for: what the network needs, what the config says, who had the VIP.

Rules: what is specific to a method stands here and nowhere else in the lab; the truth about who had the VIP
is what the network or the cloud did, never what a mover said. Nodes are named as their hosts are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from tests.e2e import judge, movers, records
from tests.e2e.cloud import Cloud
from tests.e2e.evidence import Route
from vipswitch.testing.aws import zones
from vipswitch.testing.fabric.host import Host

DEFAULT = "aws-route-table"
_OUTSIDE = IPv4Address("10.99.0.50")
_SECONDARY = IPv4Address("10.0.1.50")
_ZONE, _NAME, _TTL_S = "example.test", "db.example.test", 1
_INSYNC_AND_ANSWER_S = 0.4


@dataclass(frozen=True, slots=True)
class Seed:
    """A VIP in a cloud that is ready to move it; `settings` are its lines in the config.

    `called` is what Pgpool-II and its hooks call it; `sample` is the counter-example's file and what it is
    told; a client on `client` connects to `reach`. `address` comes and goes on the nodes, if any does; `zone`
    is where `reach` is found, if that is a name.
    """

    settings: str
    called: str
    sample: Sequence[str]
    client: Host
    reach: str
    truth: Callable[[], list[Route]]
    address: IPv4Address | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """One method; with a `style` of its own it is not run in the style that the scenario asks for.

    `unchecked` says that the counter-example leaves it to its user to turn source/destination checks off.
    """

    seed: Callable[[Cloud], Seed]
    rules: judge.Rules
    scenarios: Sequence[str] | None = ("killed", "stopped", "late-request")
    style: movers.Style | None = None
    together: bool = False
    internet: bool = False
    unchecked: bool = False

    def plays(self, scenario: str) -> bool:
        """Whether the scenario makes sense for this method."""
        return self.scenarios is None or scenario in self.scenarios


def _route_table(cloud: Cloud) -> Seed:
    tables = ", ".join(f'"{table}"' for table in cloud.tables)
    return Seed(
        settings=f'provider = "{DEFAULT}"\naddress = "{_OUTSIDE}"\nroute_tables = [{tables}]',
        called=str(_OUTSIDE),
        sample=["sample_mover.py", "eth0", ",".join(cloud.tables)],
        client=cloud.vpc.client,
        reach=str(_OUTSIDE),
        truth=lambda: records.routes(cloud, _OUTSIDE),
        address=_OUTSIDE,
    )


def _secondary_ip(cloud: Cloud) -> Seed:
    return Seed(
        settings=f'provider = "aws-secondary-ip"\naddress = "{_SECONDARY}"',
        called=str(_SECONDARY),
        sample=["sample_secondary.py", "eth0"],
        client=cloud.vpc.client,
        reach=str(_SECONDARY),
        truth=lambda: records.holders(cloud, cloud.addresses.history, _SECONDARY),
        address=_SECONDARY,
    )


def _elastic_ip(cloud: Cloud) -> Seed:
    assert cloud.internet is not None, "the network was built without"
    host, gateway = cloud.internet.host, cloud.internet.gateway
    allocated = cloud.ask(lambda aws: aws.ec2().allocate_address(Domain="vpc"))
    public = IPv4Address(allocated["PublicIp"])
    return Seed(
        settings=f'provider = "aws-elastic-ip"\nallocations = ["{allocated["AllocationId"]}"]',
        called=movers.NAME,
        sample=["sample_elastic.py", "eth0", allocated["AllocationId"]],
        client=host,
        reach=str(public),
        truth=lambda: records.holders(cloud, gateway.history, public),
    )


def _route53(cloud: Cloud) -> Seed:
    zone = cloud.ask(lambda aws: zones.hosted_zone(aws, _ZONE))
    return Seed(
        settings=f'provider = "aws-route53"\nname = "{_NAME}"\nzones = ["{zone}"]\nttl = {_TTL_S}',
        called=movers.NAME,
        sample=["sample_route53.py", zone, _NAME, str(_TTL_S)],
        client=cloud.vpc.client,
        reach=_NAME,
        truth=lambda: records.records(cloud, _NAME),
        zone=zone,
    )


METHODS: Mapping[str, Method] = {
    DEFAULT: Method(_route_table, judge.ROUTES, scenarios=None, unchecked=True),
    "aws-secondary-ip": Method(
        _secondary_ip,
        judge.Rules(moves=frozenset({"AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"})),
        together=True,
    ),
    "aws-elastic-ip": Method(
        _elastic_ip,
        judge.Rules(moves=frozenset({"AssociateAddress", "DisassociateAddress"}), address=False),
        style=movers.escalation,
        internet=True,
    ),
    # A release mark is a change of records too: only what becomes of the VIP's own record is judged.
    "aws-route53": Method(
        _route53,
        judge.Rules(moves=frozenset(), first_answer_within_s=_TTL_S + _INSYNC_AND_ANSWER_S, address=False),
        style=movers.escalation,
    ),
}
