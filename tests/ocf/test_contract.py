"""What OCF asks of every agent, whatever its resource is."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.host.lab import python_for_nobody
from tests.ocf.resource import AGENT, Make, Resource
from vipswitch.callers.ocf import codes
from vipswitch.callers.ocf.parameters import limit_s

FILE = """
[vip.primary]
address  = "10.99.0.50"
provider = "file"
path     = "FOLDER/place.json"
node     = "here"
"""
_LINT = "/usr/share/resource-agents"


@pytest.fixture
def resource(make: Make) -> Resource:
    """A VIP in a file."""
    return make(FILE, {"ip": "10.99.0.50"})


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], codes.ARGS),
        (["start", "10.99.0.50"], codes.ARGS),
        (["INSTANCE", "VI_1", "MASTER", "100"], codes.ARGS),
        (["on_role_change", "primary", "demo"], codes.ARGS),
        (["up"], codes.UNIMPLEMENTED),
        (["MASTER"], codes.UNIMPLEMENTED),
        (["--help"], codes.UNIMPLEMENTED),
    ],
)
def test_words_of_other_callers_are_answered_with_the_contract(
    resource: Resource, words: list[str], code: int
) -> None:
    """One line says how an OCF agent is called, and nothing is changed."""
    done = resource.act(*words)
    said = [line for line in done.said.splitlines() if line.startswith("vipswitch: ")]
    assert done.code == code
    assert len(said) == 1
    assert "an OCF agent is called as `vip ACTION`" in said[0]
    assert done.out == ""
    assert resource.order("primary") is None


@pytest.mark.parametrize("action", ["notify", "promote", "demote", "migrate_to", "migrate_from", "reload"])
def test_optional_actions_are_not_implemented(resource: Resource, action: str) -> None:
    """Without a word: Pacemaker and testers ask for them in earnest."""
    done = resource.act(action)
    assert (done.code, done.said) == (codes.UNIMPLEMENTED, "")


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"ip": ""}, "ip: is missing"),
        ({"ip": "10.99.0.500"}, "ip: '10.99.0.500' is not an IP address"),
        ({"ip": "10.99.0.50/24"}, "is not an IP address"),
        ({"vip": "--detach"}, "vip: '--detach' is no name"),
        ({"settings": "route_tables"}, "settings: 'route_tables' is not of the form KEY=VALUE"),
        ({"settings": "path=/tmp/x"}, "settings: provider is missing"),
    ],
)
@pytest.mark.parametrize("action", ["start", "monitor"])
def test_parameters_that_are_wrong_everywhere(
    resource: Resource, action: str, params: dict[str, str], reason: str
) -> None:
    """Pacemaker tries no other node then."""
    done = resource.act(action, **params)
    assert done.code == codes.CONFIGURED
    assert reason in done.reason


@pytest.mark.parametrize(
    ("params", "code", "reason"),
    [
        ({"ip": "10.99.0.51"}, codes.ARGS, "10.99.0.51: no VIP of that name or address"),
        ({"vip": "primary", "ip": "10.99.0.51"}, codes.ARGS, "ip: is 10.99.0.51, but primary has 10.99.0.50"),
        ({"config": "/nonexistent.toml"}, codes.ARGS, "/nonexistent.toml: no such file"),
        ({"nic": "nosuch0"}, codes.ARGS, "interface nosuch0: not on this host"),
        ({"settings": "provider=nosuch"}, codes.ARGS, "unknown provider 'nosuch'"),
        ({"cidr_netmask": "24"}, codes.SUCCESS, ""),
        ({"vip": "primary", "ip": ""}, codes.SUCCESS, ""),
    ],
)
def test_what_makes_no_sense_on_this_node(
    resource: Resource, params: dict[str, str], code: int, reason: str
) -> None:
    """Its configuration file is its own, so Pacemaker may try another node."""
    for action in ("validate-all", "reload-agent"):
        done = resource.act(action, **params)
        assert (done.code, reason in done.reason) == (code, True), done.said


def test_a_dns_name_has_no_ip(resource: Resource) -> None:
    """The node's own address would be taken for the VIP's, and a stop without a config would take it off."""
    resource.config.write_text(
        '[vip.primary]\nprovider = "aws-route53"\nname = "db.example.com"\nzones = ["Z0123456789ABCDEFGHIJ"]'
    )
    done = resource.act("validate-all", vip="primary")
    assert done.code == codes.ARGS, done.said
    assert done.reason == "ip: is 10.99.0.50, but primary has no address: leave ip out"
    assert resource.act("validate-all", vip="primary", ip="").code == codes.SUCCESS


def test_an_sdk_that_is_missing_is_told_apart(resource: Resource) -> None:
    """The agent runs under an interpreter without site-packages."""
    resource.config.write_text(
        '[vip.primary]\naddress = "10.99.0.50"\nprovider = "aws-route-table"\nroute_tables = ["rtb-0a1b2c3d"]'
    )
    done = subprocess.run(
        ["/usr/bin/env", "python3", "-I", "-S", str(AGENT), "validate-all"],
        env=resource.env(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == codes.INSTALLED, done.stderr
    assert "ocf-exit-reason:boto3: not installed; pip install 'vipswitch[aws]'" in done.stderr


@pytest.mark.parametrize("config", ["", "no toml [", '[vip.primary]\nprovider = "nosuch"'])
def test_a_probe_needs_nothing(resource: Resource, config: str) -> None:
    """Neither a config nor a cloud nor a program: nothing of ours runs here yet."""
    resource.config.write_text(config)
    assert resource.probe(PATH="/nonexistent").code == codes.NOT_RUNNING
    assert resource.probe(ip="", vip="primary").code == codes.NOT_RUNNING


def test_a_config_that_was_broken_meanwhile_moves_nothing(resource: Resource) -> None:
    """The monitor says that it is blind, and the start elsewhere is nobody's wish."""
    assert resource.act("start").code == codes.SUCCESS
    resource.config.write_text("no toml [")
    done = resource.act("monitor")
    assert done.code == codes.DEGRADED
    assert "not valid TOML" in done.reason


def test_the_description_is_valid(resource: Resource) -> None:
    """By the DTD that resource-agents ships."""
    if shutil.which("xmllint") is None or not Path(_LINT, "ra-api-1.dtd").exists():
        pytest.skip("needs xmllint and resource-agents (make e2e-deps)")
    done = resource.act("meta-data")
    lint = subprocess.run(
        ["xmllint", "--noout", "--valid", "-"], input=done.out, cwd=_LINT, capture_output=True, text=True
    )
    assert (done.code, lint.returncode, lint.stderr) == (codes.SUCCESS, 0, "")


def test_the_description_needs_no_right() -> None:
    """The user nobody gets it, with nothing in the environment."""
    python = python_for_nobody()
    if python is None:
        pytest.skip("no Python that the user nobody can run, or this tree is not for it to read")
    setpriv = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    done = subprocess.run([*setpriv, python, str(AGENT), "meta-data"], env={}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (codes.SUCCESS, "")
    assert '<action name="reload-agent"' in done.stdout


def test_ocf_tester_finds_nothing(resource: Resource) -> None:
    """The tester of resource-agents, as it is."""
    tester = shutil.which("ocf-tester", path="/usr/sbin:/usr/bin")
    if tester is None or shutil.which("xmllint") is None:
        pytest.skip("needs ocf-tester and xmllint (make e2e-deps)")
    if python_for_nobody() is None:
        pytest.skip("this tree is not for the user nobody to read, as whom the tester asks for the meta-data")
    words = ["-n", "vip", "-o", "ip=10.99.0.50", "-o", f"config={resource.config}", str(AGENT)]
    done = subprocess.run([tester, *words], env=resource.env(), capture_output=True, text=True, timeout=120)
    assert "passed all tests" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("timeout_ms", "seconds"),
    [("20000", 18.0), ("60000", 58.0), ("3000", 1.5), ("", 18.0), ("0", 18.0), ("7200000", 3600.0)],
)
def test_an_action_ends_before_its_timeout(timeout_ms: str, seconds: float) -> None:
    """Two seconds before Pacemaker kills it, or half-way where there are not so many."""
    assert limit_s(timeout_ms) == seconds


@pytest.mark.parametrize("ours", [*range(10), 130, 143])
def test_no_start_ends_as_not_running(ours: int) -> None:
    """Pacemaker takes that for an error of the agent."""
    assert codes.of_start(ours, root=True) in (codes.SUCCESS, codes.GENERIC, codes.ARGS)
    assert codes.of_start(ours, root=False) in (codes.SUCCESS, codes.GENERIC, codes.ARGS, codes.PERM)
