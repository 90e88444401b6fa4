"""The config: everything wrong at once, nothing guessed, flags over file, addresses compared as addresses."""

from __future__ import annotations

import os
import re
from ipaddress import ip_address
from pathlib import Path

import pytest

from vipswitch import config, configfile
from vipswitch.authority.settings import CommandSettings, PatroniSettings, PgpoolSettings
from vipswitch.config import AgentConfig, ConfigProblems
from vipswitch.errors import ConfigError
from vipswitch.model import NodeId
from vipswitch.nodes import Node
from vipswitch.providers.file import FileSettings

GOOD = """
[vip.primary]
address = ["10.0.2.123", "fd00::0:50"]
provider = "file"
path = "/srv/vip.json"

[vip.other]
address = "110.0.2.123"
provider = "local"
interface = "eth1"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A good config."""
    path = tmp_path / "vipswitch.toml"
    path.write_text(GOOD)
    return path


@pytest.mark.parametrize("name", ["primary", "10.0.2.123", "fd00::50", "fd00:0::50"])
def test_vip_is_found_by_name_or_address(file: Path, name: str) -> None:
    """Pgpool-II passes the address; however it is written, it is the same one."""
    found = configfile.read(file).select(name, {})
    assert found.vip.name == "primary"
    assert found.vip.addresses == (ip_address("10.0.2.123"), ip_address("fd00::50"))
    assert found.settings == FileSettings(Path("/srv/vip.json"))


def test_address_is_not_found_inside_another(file: Path) -> None:
    """10.0.2.123 is part of the text 110.0.2.123, and not the same address."""
    assert configfile.read(file).select("110.0.2.123", {}).vip.name == "other"
    with pytest.raises(ConfigError, match=r"10\.0\.2\.12: no VIP"):
        configfile.read(file).select("10.0.2.12", {})


def test_flags_win_over_the_file(file: Path) -> None:
    """One line in pgpool.conf may differ from the shared file."""
    found = configfile.read(file).select("primary", {"path": "/elsewhere.json", "node": "a"})
    assert found.settings == FileSettings(Path("/elsewhere.json"))
    assert found.node == "a"


def test_flags_alone_make_a_vip() -> None:
    """No file is needed."""
    found = config.Config().select("10.9.9.9", {"provider": "file", "path": "/x.json", "places": "one,two"})
    assert found.vip.addresses == (ip_address("10.9.9.9"),)
    assert found.settings == FileSettings(Path("/x.json"), ("one", "two"))


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    """One run of `check` shows them all, each with its key and a hint."""
    path = tmp_path / "vipswitch.toml"
    path.write_text(
        """
        [vip.one]
        address = "10.0.0.300"
        provider = "fil"
        [vip.two]
        address = ["10.0.0.1", "nonsense"]
        provider = "file"
        pathh = "/x"
        """
    )
    with pytest.raises(ConfigProblems) as caught:
        configfile.read(path).all()
    told = [f"{p} ({p.hint})" for p in caught.value.problems]
    assert [line.partition(": ")[2].partition(":")[0] for line in told] == [
        "vip.one.provider",
        "vip.one.address",
        "vip.two.address[1]",
        "vip.two.path",
        "vip.two.pathh",
    ]
    assert "did you mean file" in told[0]
    assert "did you mean path?" in told[4]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[vip.primary\n", "line 1"),
        ("[vips.primary]\n", "unknown table"),
        ("vip = 3\n", "expected a table"),
        ("[vip]\nprimary = 3\n", "expected a table"),
        ('[vip."../x"]\naddress = "10.0.0.1"\n', "unusable name"),
        ("[vipswitch]\nrundir = '/x'\n", "unknown key"),
        ("[nodes.a]\n", "unknown table"),
    ],
)
def test_misshapen_file_is_refused(tmp_path: Path, text: str, told: str) -> None:
    """What cannot be meant is said, not guessed."""
    path = tmp_path / "vipswitch.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=told):
        configfile.read(path)


def test_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    """Only the default one may be absent."""
    with pytest.raises(ConfigError, match="no such file"):
        configfile.read(tmp_path / "absent.toml")


def test_folder_in_place_of_a_config_file_is_named_as_one(tmp_path: Path) -> None:
    """The permissions are right there: a hint about them would send the reader the wrong way."""
    with pytest.raises(ConfigError, match="is a folder") as refused:
        configfile.read(tmp_path)
    assert refused.value.hint == "name the file in it"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root refuses")
@pytest.mark.parametrize("what", ["file", "folder", "owner"])
def test_root_refuses_a_config_that_others_can_change(file: Path, what: str) -> None:
    """Who writes the config decides what root does."""
    if what == "owner":
        os.chown(file, 65534, 65534)
    else:
        (file if what == "file" else file.parent).chmod(0o777)
    with pytest.raises(ConfigError, match="others than root can change"):
        configfile.read(file)


AGENT = """
[vip.primary]
address = "10.0.2.123"
provider = "local"
authority = "watchdog"

[agent]
users = ["postgres"]
groups = []
metrics_port = 9101

[node.a]
ids = ["eni-0a", "10.0.1.5"]
host = "10.0.1.5"

[node.b]
ids = ["eni-0b"]

[authority.watchdog]
kind = "pgpool"
user = "vipswitch"
passfile = "/etc/vipswitch/pcppass"

[authority.patroni]
kind = "patroni"
url = "https://[::1]:8008/"

[authority.script]
kind = "command"
command = ["/usr/local/bin/who-leads", "--scope", ""]
"""


def write(tmp_path: Path, text: str) -> Path:
    """A config of this text."""
    path = tmp_path / "vipswitch.toml"
    path.write_text(text)
    return path


def test_tables_of_the_agent_are_read(tmp_path: Path) -> None:
    """Each in its own type; what is left out has the documented default."""
    found = configfile.read(write(tmp_path, AGENT))
    assert found.agent == AgentConfig(("postgres",), (), 9101)
    assert found.nodes == {
        "a": Node((NodeId("eni-0a"), NodeId("10.0.1.5")), "10.0.1.5"),
        "b": Node((NodeId("eni-0b"),)),
    }
    assert found.authorities == {
        "watchdog": PgpoolSettings("vipswitch", Path("/etc/vipswitch/pcppass"), "localhost", 9898, None),
        "patroni": PatroniSettings("https://[::1]:8008"),
        "script": CommandSettings(("/usr/local/bin/who-leads", "--scope", "")),
    }
    assert found.select("primary", {}).authority == "watchdog"
    assert [vip.authority for vip in found.all()] == ["watchdog"]


def test_agent_obeys_its_group_alone_by_default(file: Path) -> None:
    """No user by name, and no port that anybody could ask."""
    assert configfile.read(file).agent == AgentConfig((), ("vipswitch",), None)
    assert configfile.read(file).select("primary", {}).authority is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[agent]\nusers = "postgres"\ngroups = [7]\nmetrics_port = 70000\nport = 1\n',
            [
                "agent.users: expected a list, found 'postgres'",
                "agent.groups: expected a text, found 7",
                "agent.metrics_port: 70000 is not a port from 1 to 65535",
                "agent.port: unknown key",
            ],
        ),
        (
            '[node]\nx = 1\n[node.a]\nids = ["i-1", "i-1"]\nhost = "10.0.0.1"\n'
            '[node.b]\nids = ["i-1"]\nhost = "10.0.0.1"\n[node.c]\n[node.d]\nids = []\nhosts = "d"\n',
            [
                "node.x: expected a table",
                "node.c.ids: is missing",
                "node.d.ids: expected a list, found []",
                "node.d.hosts: unknown key",
                "node.b.ids: i-1 is also an id of node.a",
                "node.b.host: 10.0.0.1 is also the host of node.a",
            ],
        ),
        (
            '[node.a]\nids = ["1"]\n[node.b]\nids = ["2"]\nhost = "A."\n'
            '[node.c]\nids = ["3"]\nhost = "fd00::1"\n[node.d]\nids = ["4"]\nhost = "fd00:0::1"\n',
            [
                "node.b.host: A. is also the host of node.a",
                "node.d.host: fd00:0::1 is also the host of node.c",
            ],
        ),
        (
            '[authority.a]\nuser = "x"\n[authority.b]\nkind = "pgpol"\n[authority.c]\nkind = ["pgpool"]\n',
            [
                "authority.a.kind: is missing",
                "authority.b.kind: unknown kind 'pgpol'",
                "authority.c.kind: unknown kind ['pgpool']",
            ],
        ),
        (
            '[authority.a]\nkind = "pgpool"\npassfile = "pcppass"\nport = 1024\npassword = "secret"\n'
            'program = "pcp_watchdog_info"\n',
            [
                "authority.a.user: is missing",
                "authority.a.passfile: pcppass is not an absolute path",
                "authority.a.port: 1024 is not a port from 1025 to 65535",
                "authority.a.program: pcp_watchdog_info is not an absolute path",
                "authority.a.password: unknown key",
            ],
        ),
        (
            '[authority.a]\nkind = "patroni"\nurl = "http://u:p@localhost:8008"\nca_file = "ca.pem"\n'
            '[authority.b]\nkind = "patroni"\nurl = "ftp://localhost"\n'
            '[authority.c]\nkind = "patroni"\nurl = "http://localhost:8008/?x"\n',
            [
                "authority.a.url: 'http://u:p@localhost:8008' is not a plain http or https URL",
                "authority.a.ca_file: ca.pem is not an absolute path",
                "authority.b.url: 'ftp://localhost' is not a plain http or https URL",
                "authority.c.url: 'http://localhost:8008/?x' is not a plain http or https URL",
            ],
        ),
        (
            '[authority.a]\nkind = "command"\ncommand = "/bin/true a"\n'
            '[authority.b]\nkind = "command"\ncommand = ["true"]\n'
            '[authority.c]\nkind = "command"\ncommand = ["/bin/true", "\\u0000"]\n'
            '[authority.d]\nkind = "command"\ncommand = ["/bin/true", 1]\n',
            [
                "authority.a.command: expected a list of words, found '/bin/true a'",
                "authority.b.command: 'true' is not an absolute path",
                "authority.c.command: a word has a NUL in it",
                "authority.d.command: expected a list of words, found ['/bin/true', 1]",
            ],
        ),
        (
            '[group]\nx = 1\n[group.y]\nvips = ["v"]\n[vip.y]\n',
            ["group.x: expected a table", "group.y: is also the name of vip.y", "group.y.vips: no VIP v"],
        ),
    ],
)
def test_mistakes_in_the_named_tables_are_reported_at_once(
    tmp_path: Path, text: str, told: list[str]
) -> None:
    """Those of all tables, each with its key and a hint, and no secret has a key."""
    with pytest.raises(ConfigProblems) as caught:
        configfile.read(write(tmp_path, text))
    assert [str(problem).partition(".toml: ")[2] for problem in caught.value.problems] == told
    assert all(problem.hint for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("more", "told", "hint"),
    [
        ("", "no authority watchdog", r"add \[authority.watchdog\]"),
        ('[authority.watchdgo]\nkind = "command"\ncommand = ["/x"]', "no authority watchdog", "did you mean"),
        (
            '[authority.watchdog]\nkind = "patroni"\nurl = "http://localhost:8008"',
            "watchdog calls nodes by their hosts, and no node is defined",
            r"add \[node.NAME\] with ids and host",
        ),
    ],
)
def test_vip_needs_an_authority_that_can_be_asked_about_it(
    tmp_path: Path, more: str, told: str, hint: str
) -> None:
    """It exists, and somebody says which of its hosts is which holder."""
    vip = '[vip.v]\naddress = "10.0.0.1"\nprovider = "local"\nauthority = "watchdog"\n'
    with pytest.raises(ConfigProblems, match=f"vip.v.authority: {told}") as caught:
        configfile.read(write(tmp_path, vip + more)).select("v", {})
    assert re.match(hint, caught.value.hint)


def test_command_is_asked_without_knowing_hosts(tmp_path: Path) -> None:
    """It is given the holder as the provider names it."""
    vip = '[vip.v]\naddress = "10.0.0.1"\nprovider = "local"\nauthority = "script"\n'
    script = '[authority.script]\nkind = "command"\ncommand = ["/x"]\n'
    assert configfile.read(write(tmp_path, vip + script)).select("v", {}).authority == "script"
