"""Start, stop, monitor and the probe, with a cloud that can be asked, cannot, or says something else."""

from __future__ import annotations

import threading

import pytest

from tests.ocf.conftest import Aws
from tests.ocf.resource import Make, Resource
from tests.ocf.test_contract import FILE
from vipswitch.callers.ocf import codes

LOCAL = """
[vip.primary]
address   = "10.99.0.50"
provider  = "local"
interface = "eth0"
"""


@pytest.fixture
def filed(make: Make) -> Resource:
    """A VIP that needs no address on the host."""
    return make(FILE, {"ip": "10.99.0.50"})


def mine(aws: Aws) -> str:
    return str(aws.topology.nodes[0].interface_id)


def others(aws: Aws) -> str:
    return str(aws.topology.nodes[1].interface_id)


def test_a_life(aws: Aws, routed: Resource) -> None:
    """Each action says what it has done, twice as well as once."""
    routed.pacemaker()
    assert routed.probe().code == codes.NOT_RUNNING
    for _ in range(2):
        assert routed.act("start").code == codes.SUCCESS
        assert (aws.leads_to(), aws.has_address()) == (mine(aws), True)
    assert routed.probe().code == codes.SUCCESS
    for depth in (0, 10, 20):
        assert routed.act("monitor", depth=depth).code == codes.SUCCESS
    for _ in range(2):
        assert routed.act("stop").code == codes.SUCCESS
        assert not aws.has_address()
    assert routed.act("monitor").code == codes.NOT_RUNNING
    assert routed.probe().code == codes.NOT_RUNNING


def test_a_life_without_an_address_on_the_host(filed: Resource) -> None:
    """The last order tells, as long as it stands; and then the cloud."""
    filed.pacemaker()
    assert filed.probe().code == codes.NOT_RUNNING
    assert filed.act("start").code == codes.SUCCESS
    assert filed.act("monitor").code == codes.SUCCESS
    assert filed.act("monitor", depth=20).code == codes.SUCCESS
    assert filed.probe().code == codes.SUCCESS
    filed.kill_pacemaker()
    filed.pacemaker()
    assert filed.probe().code == codes.SUCCESS
    assert filed.act("monitor").code == codes.SUCCESS
    assert filed.act("stop").code == codes.SUCCESS
    assert filed.act("monitor").code == codes.NOT_RUNNING


def test_a_start_waits_for_an_api_that_is_away(aws: Aws, routed: Resource) -> None:
    """A failed one would ban the node: it goes on trying, and succeeds soon after the API is back."""
    routed.pacemaker()
    aws.cloud.faults.unavailable(None)
    threading.Timer(3.0, aws.cloud.faults.clear).start()
    done = routed.act("start", timeout_s=12)
    assert done.code == codes.SUCCESS, done.said
    assert 2.5 < done.seconds < 7.0
    assert aws.leads_to() == mine(aws)


def test_a_start_gives_up_before_it_is_killed(aws: Aws, routed: Resource) -> None:
    """It fails for now, and says why."""
    routed.pacemaker()
    aws.cloud.faults.unavailable(None)
    done = routed.act("start", timeout_s=6)
    assert done.code == codes.GENERIC
    assert 3.0 < done.seconds < 6.0
    assert "could not be read back" in done.reason


def test_a_denial_is_no_ban(aws: Aws, routed: Resource) -> None:
    """The right may be there when Pacemaker tries again; what is missing is told."""
    routed.pacemaker()
    aws.cloud.faults.deny(None)
    done = routed.act("start", timeout_s=6)
    assert done.code == codes.GENERIC
    assert "permission denied" in done.reason


@pytest.mark.parametrize("fault", ["unavailable", "deny"])
def test_a_stop_without_a_cloud_succeeds(aws: Aws, routed: Resource, fault: str) -> None:
    """A failed one would have this node fenced; the address is off, and the rest is not waited for long."""
    routed.pacemaker()
    assert routed.act("start").code == codes.SUCCESS
    getattr(aws.cloud.faults, fault)(None)
    done = routed.act("stop", timeout_s=10)
    assert done.code == codes.SUCCESS, done.said
    assert done.seconds < 6.0
    assert not aws.has_address()


def test_a_stop_whose_config_is_broken_takes_the_address_off(aws: Aws, routed: Resource) -> None:
    """By the parameter `ip`."""
    routed.pacemaker()
    assert routed.act("start").code == codes.SUCCESS
    routed.config.write_text("no toml [")
    assert routed.act("stop").code == codes.SUCCESS
    assert not aws.has_address()


def test_a_stop_leaves_an_address_that_the_method_does_not_put_there(aws: Aws, make: Make) -> None:
    """With a DNS name as the VIP, `ip` may be the node's own: nobody would reach the node without it."""
    resource = make(FILE, {"ip": "10.99.0.50"}, {}, ("ip", "netns", "exec", aws.space.name))
    (resource.folder / "place.json").mkdir()
    aws.space.ip("address", "add", "10.99.0.50/32", "dev", "eth0")
    done = resource.act("stop", timeout_s=6)
    kept = aws.has_address()
    aws.space.ip("address", "del", "10.99.0.50/32", "dev", "eth0")
    assert (done.code, kept) == (codes.SUCCESS, True), done.said


def test_a_stop_that_leaves_the_address_fails(aws: Aws, routed: Resource) -> None:
    """The only reason for a stop to fail: the process may not change addresses."""
    routed.pacemaker()
    assert routed.act("start").code == codes.SUCCESS
    routed.prefix = (*routed.prefix, "setpriv", "--bounding-set=-net_admin")
    done = routed.act("stop", timeout_s=10)
    assert done.code == codes.GENERIC
    assert done.reason
    assert aws.has_address()


def test_an_address_that_is_gone_is_noticed_without_the_cloud(aws: Aws, routed: Resource) -> None:
    """Somebody has taken it off by hand."""
    routed.pacemaker()
    assert routed.act("start").code == codes.SUCCESS
    aws.cloud.faults.unavailable(None)
    before = len(aws.cloud.journal.calls())
    assert routed.act("monitor").code == codes.SUCCESS
    aws.space.ip("address", "del", "10.99.0.50/32", "dev", "eth0")
    assert routed.act("monitor").code == codes.NOT_RUNNING
    assert len(aws.cloud.journal.calls()) == before


@pytest.mark.parametrize(("depth", "fault"), [(10, "throttle"), (20, "unavailable"), (20, "deny")])
def test_a_cloud_that_cannot_be_asked_fails_no_resource(
    aws: Aws, routed: Resource, depth: int, fault: str
) -> None:
    """It is shown, and nothing fails over: a database may hang on the VIP."""
    routed.pacemaker()
    assert routed.act("start").code == codes.SUCCESS
    getattr(aws.cloud.faults, fault)(None)
    done = routed.act("monitor", depth=depth, timeout_s=6)
    assert done.code == codes.DEGRADED
    assert done.seconds < 5.0
    assert aws.table in done.reason


@pytest.mark.parametrize(
    ("depth", "astray", "code"),
    [
        (0, True, codes.SUCCESS),
        (10, True, codes.DEGRADED),
        (20, True, codes.GENERIC),
        (20, False, codes.GENERIC),
    ],
)
def test_a_route_that_leads_elsewhere(
    aws: Aws, routed: Resource, depth: int, astray: bool, code: int
) -> None:
    """By hand: how deep the monitor looks decides whether that is not seen, shown, or mended."""
    routed.pacemaker()
    assert routed.act("start").code == codes.SUCCESS
    aws.lead_to(others(aws) if astray else None)
    done = routed.act("monitor", depth=depth)
    assert done.code == code, done.said
    if depth:
        assert f"held by {others(aws) if astray else 'nobody'}" in done.reason
    assert aws.leads_to() == (others(aws) if astray else None)


def test_one_look_is_not_enough_to_fail(aws: Aws, routed: Resource) -> None:
    """What only one of two looks sees is shown, and no reason to recover."""
    routed.pacemaker()
    assert routed.act("start").code == codes.SUCCESS
    aws.lead_to(None)
    aws.cloud.faults.after_commit("DescribeRouteTables", lambda: aws.lead_to(mine(aws)))
    done = routed.act("monitor", depth=20)
    assert "held by nobody" in done.reason
    assert done.code == codes.DEGRADED


@pytest.mark.parametrize(
    ("left_by", "cloud", "code"),
    [
        ("a dead Pacemaker", "mine", codes.SUCCESS),
        ("a dead Pacemaker", "others", codes.NOT_RUNNING),
        ("a dead Pacemaker", "unknown", codes.NOT_RUNNING),
        ("nobody we know", "others", codes.NOT_RUNNING),
    ],
)
def test_a_probe_checks_an_address_that_was_left(
    aws: Aws, routed: Resource, left_by: str, cloud: str, code: int
) -> None:
    """It outlives a kill of everything. Where the VIP is not known to be this node's, it goes."""
    routed.pacemaker()
    assert routed.act("start").code == codes.SUCCESS
    routed.kill_pacemaker()
    if left_by == "nobody we know":
        (routed.run_folder / "order-primary").unlink()
    routed.pacemaker()
    if cloud == "others":
        aws.lead_to(others(aws))
    elif cloud == "unknown":
        aws.cloud.faults.unavailable(None)
    before = len(aws.cloud.journal.writes())
    done = routed.probe(timeout_s=30 if cloud == "mine" else 10)
    assert done.code == code, done.said
    assert aws.has_address() == (code == codes.SUCCESS)
    assert len(aws.cloud.journal.writes()) == before


def test_a_probe_of_several_vips_ends_before_it_is_killed(aws: Aws, routed: Resource) -> None:
    """A dead Pacemaker has left all of them, and the cloud is silent: it is asked for all at once."""
    one = routed.config.read_text()
    numbers = (50, 51, 52)
    vips = [one.replace("primary", f"vip{n}").replace("10.99.0.50", f"10.99.0.{n}") for n in numbers]
    routed.config.write_text("\n".join([*vips, "[group.all]", 'vips = ["vip50", "vip51", "vip52"]']))
    for number in numbers:
        aws.space.ip("address", "add", f"10.99.0.{number}/32", "dev", "eth0")
    aws.cloud.faults.delay(20.0)
    done = routed.probe(vip="all", ip="", timeout_s=8)
    assert done.code == codes.NOT_RUNNING, done.said
    assert done.seconds < 6.0
    assert " 10.99.0.5" not in aws.space.ip("-o", "-4", "address")


def test_a_probe_of_a_living_pacemaker_asks_no_cloud(aws: Aws, routed: Resource) -> None:
    """`crm_resource --refresh` probes what runs, also while the API is away."""
    routed.pacemaker()
    assert routed.act("start").code == codes.SUCCESS
    aws.cloud.faults.unavailable(None)
    assert routed.probe().code == codes.SUCCESS
    assert aws.has_address()


def test_the_nic_must_be_the_one_of_the_config(aws: Aws, routed: Resource) -> None:
    """An address on the wrong network would serve nobody: the start says so, and changes nothing."""
    assert routed.act("start", nic="eth0", cidr_netmask="24").code == codes.SUCCESS
    assert routed.act("stop").code == codes.SUCCESS
    done = routed.act("start", nic="far")
    assert done.code == codes.ARGS
    assert done.reason.startswith("nic: is far, but primary belongs on eth0")
    assert not aws.has_address()


def test_settings_do_without_a_config(aws: Aws, routed: Resource) -> None:
    """The interface is that of `nic`."""
    routed.config.write_text("")
    node = mine(aws)
    settings = f"provider=aws-route-table route_tables={aws.table} node={node} source_dest_check=leave"
    params = {"settings": settings, "nic": "eth0"}
    for action in ("validate-all", "start", "monitor"):
        done = routed.act(action, **params)
        assert done.code == codes.SUCCESS, done.said
    assert aws.leads_to() == node
    assert routed.act("stop", **params).code == codes.SUCCESS
