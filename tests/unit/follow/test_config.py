"""What the config says of following: read in its own types, and every mistake at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vipswitch import configfile
from vipswitch.config import ConfigProblems
from vipswitch.deadline import SystemClock
from vipswitch.errors import ConfigError
from vipswitch.follow.service import Service, Wish, name_here
from vipswitch.followed import EtcdSource, PatroniSource
from vipswitch.model import NodeId
from vipswitch.nodes import Node

GOOD = """
[vip.primary]
address = "10.99.0.50"
provider = "local"
follow = "cluster"

[vip.other]
address = "10.99.0.51"
provider = "local"

[group.both]
vips = ["primary", "other"]

[follow.cluster]
kind = "etcd"
endpoints = ["https://10.0.1.10:2379/", "https://[fd00::1]:2379"]
key = "/service/batman/leader"
ca_file = "/etc/etcd/ca.pem"
cert_file = "/etc/etcd/client.pem"
key_file = "/etc/etcd/client.key"
user = "vipswitch"
password_file = "/etc/vipswitch/etcd"
drop_after_s = 60

[follow.rest]
kind = "patroni"
url = "http://127.0.0.1:8008"
member = "pg1"
interval_s = 0.5
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "vipswitch.toml"
    path.write_text(text)
    return path


def test_sources_are_read(tmp_path: Path) -> None:
    """Each in its own type; what is left out has the documented default."""
    found = configfile.read(write(tmp_path, GOOD))
    assert found.sources == {
        "cluster": EtcdSource(
            ("https://10.0.1.10:2379", "https://[fd00::1]:2379"),
            "/service/batman/leader",
            ca_file=Path("/etc/etcd/ca.pem"),
            cert_file=Path("/etc/etcd/client.pem"),
            key_file=Path("/etc/etcd/client.key"),
            user="vipswitch",
            password_file=Path("/etc/vipswitch/etcd"),
            interval_s=2.0,
            drop_after_s=60.0,
        ),
        "rest": PatroniSource("http://127.0.0.1:8008", member="pg1", interval_s=0.5, drop_after_s=None),
    }
    assert {vip.vip.name: vip.follow for vip in found.all()} == {"primary": "cluster", "other": None}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[follow.a]\nurl = "x"\n[follow.b]\nkind = "etdc"\n',
            ["follow.a.kind: is missing", "follow.b.kind: unknown kind 'etdc'"],
        ),
        (
            '[follow.a]\nkind = "etcd"\nendpoints = ["10.0.1.10:2379", "http://h", "http://h:1/x"]\n'
            'interval_s = 0.1\ndrop_after_s = "60"\npassword = "secret"\nca_file = "ca.pem"\n',
            [
                "follow.a.endpoints[0]: '10.0.1.10:2379' is not a plain http or https URL",
                "follow.a.endpoints[1]: 'http://h' is not http://HOST:PORT",
                "follow.a.endpoints[2]: 'http://h:1/x' is not http://HOST:PORT",
                "follow.a.key: is missing",
                "follow.a.ca_file: ca.pem is not an absolute path",
                "follow.a.interval_s: 0.1 is not a number of seconds from 0.5 to 60",
                "follow.a.drop_after_s: '60' is not a number of seconds from 5 to 86400",
                "follow.a.password: unknown key",
            ],
        ),
        (
            '[follow.a]\nkind = "etcd"\nendpoints = ["http://h:1"]\nkey = "k"\ncert_file = "/c"\n'
            '[follow.b]\nkind = "etcd"\nendpoints = ["http://h:1"]\nkey = "k"\npassword_file = "/p"\n',
            ["follow.a.key_file: is missing", "follow.b.user: is missing"],
        ),
        (
            '[follow.a]\nkind = "patroni"\ninterval_s = true\nendpoints = ["http://h:1"]\n',
            [
                "follow.a.url: is missing",
                "follow.a.interval_s: True is not",
                "follow.a.endpoints: unknown key",
            ],
        ),
        (
            '[follow.a]\nkind = "etcd"\nkey = "k"\n'
            'endpoints = ["http://h:65536", "http://h:0", "http://[::1::]:2379"]\n',
            [
                "follow.a.endpoints[0]: 65536 is not a port from 1 to 65535",
                "follow.a.endpoints[1]: 0 is not a port from 1 to 65535",
                "follow.a.endpoints[2]: ",
            ],
        ),
        (
            '[follow.a]\nkind = "patroni"\nurl = "http://127.0.0.1:80080"\n',
            ["follow.a.url: 80080 is not a port from 1 to 65535"],
        ),
        ('[follow]\na = "patroni"\n', ["follow.a: expected a table"]),
    ],
)
def test_every_mistake_is_told(tmp_path: Path, text: str, told: list[str]) -> None:
    """Of all tables at once."""
    with pytest.raises(ConfigProblems) as caught:
        configfile.read(write(tmp_path, text))
    for line in told:
        assert line in str(caught.value)
    assert len(caught.value.problems) == len(told)


def test_vip_follows_what_there_is(tmp_path: Path) -> None:
    """A name that is nowhere is told where it is written."""
    path = write(tmp_path, GOOD.replace('follow = "cluster"', 'follow = "clutser"'))
    with pytest.raises(ConfigProblems, match=r"vip\.primary\.follow: no source clutser") as caught:
        configfile.read(path).all()
    assert caught.value.hint == "did you mean cluster?"


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("other",), "vip.other follows nobody"),
        (("both",), "vip.other follows nobody"),
        (("nosuch",), "nosuch: no VIP of that name or address"),
    ],
)
def test_only_what_follows_can_be_followed(tmp_path: Path, names: tuple[str, ...], told: str) -> None:
    """By name or by group; before anything is asked or ordered."""
    with pytest.raises(ConfigError, match=re.escape(told)):
        Service(Wish(names, None, write(tmp_path, GOOD)), SystemClock()).load()


def test_config_in_which_nobody_follows_is_told(tmp_path: Path) -> None:
    """Rather than to run for nothing."""
    text = GOOD.replace('follow = "cluster"\n', "")
    with pytest.raises(ConfigError, match="no VIP follows anybody"):
        Service(Wish((), None, write(tmp_path, text)), SystemClock()).load()


NODES = {"ip-10-0-1-10": Node((NodeId("eni-1"),), "pg1"), "b": Node((NodeId("eni-2"),))}


@pytest.mark.parametrize(
    ("member", "wished", "host", "name"),
    [
        (None, None, "ip-10-0-1-10", "pg1"),
        (None, None, "b", "b"),
        (None, None, "elsewhere", "elsewhere"),
        ("pg9", None, "ip-10-0-1-10", "pg9"),
        ("pg9", "pg7", "ip-10-0-1-10", "pg7"),
    ],
)
def test_name_of_this_node(member: str | None, wished: str | None, host: str, name: str) -> None:
    """The command line wins over the source's key, that over [node.HOSTNAME], that over the host name."""
    assert name_here(PatroniSource("http://h", member=member), NODES, wished, host) == name
