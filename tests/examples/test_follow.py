"""The examples of `vipswitch follow`: read as they stand; tests/e2e/follow runs them on a Patroni cluster."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from vipswitch import configfile
from vipswitch.followed import EtcdSource, PatroniSource, SourceSettings

EXAMPLES = Path(__file__).parents[2] / "examples"
PATRONI = EXAMPLES / "follow-patroni"
ETCD = EXAMPLES / "follow-etcd"


def source(text: str, folder: Path) -> SourceSettings:
    """What the VIP of a config follows."""
    copy = folder / "vipswitch.toml"
    copy.write_text(text)
    found = configfile.read(copy)
    (vip,) = found.all()
    assert (vip.vip.name, vip.provider) == ("primary", "aws-route-table")
    assert vip.follow is not None
    return found.sources[vip.follow]


def uncommented(text: str) -> str:
    """With all that is offered in it."""
    return re.sub(r"^# (\w+ +=)", r"\1", text, flags=re.MULTILINE)


@pytest.mark.parametrize("folder", [PATRONI, ETCD], ids=lambda folder: folder.name)
def test_every_file_is_checked(folder: Path) -> None:
    """A new file gets its test, and is in the README."""
    assert {path.name for path in folder.iterdir()} == {"README.md", "vipswitch.toml"}
    assert "](vipswitch.toml)" in (folder / "README.md").read_text()


def test_patroni_is_asked_on_the_node_itself(tmp_path: Path) -> None:
    """So that one file serves all nodes."""
    text = (PATRONI / "vipswitch.toml").read_text()
    assert source(text, tmp_path) == PatroniSource("http://127.0.0.1:8008")
    assert source(uncommented(text), tmp_path) == PatroniSource("http://127.0.0.1:8008", member="db1")


def test_etcd_is_that_of_the_patroni_example(tmp_path: Path) -> None:
    """Its members, and the key of its scope."""
    text = (ETCD / "vipswitch.toml").read_text()
    found = source(text, tmp_path)
    endpoints = tuple(f"http://10.0.{k}.10:2379" for k in (1, 2, 3))
    assert found == EtcdSource(endpoints, "/service/pg/leader")
    whole = source(uncommented(text), tmp_path)
    assert isinstance(whole, EtcdSource)
    assert (whole.member, whole.drop_after_s, whole.user) == ("db1", 60.0, "vipswitch")
    assert (
        replace(whole, member=None, drop_after_s=None, ca_file=None, user=None, password_file=None) == found
    )
    patroni = (EXAMPLES / "patroni" / "patroni.yml").read_text()
    assert "scope: pg\n" in patroni
    assert "hosts: [10.0.1.10:2379, 10.0.2.10:2379, 10.0.3.10:2379]" in patroni
