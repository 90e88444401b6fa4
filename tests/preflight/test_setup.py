"""The config: each VIP with its own mistakes, and a file that only root can change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vipswitch.config import Config, VipConfig
from vipswitch.options import Options, parse
from vipswitch.preflight.setup import Setup, look_at_file, no_vip, read_setup
from vipswitch.preflight.users import User, user

TEXT = """
[vip.good]
address = "10.0.0.1"
provider = "local"
[vip.bad]
address = "10.0.0.300"
provider = "locl"
[vip.twin]
address = ["10.0.0.1", "fd00::1"]
provider = "local"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A config with good and bad VIPs."""
    path = tmp_path / "vipswitch.toml"
    path.write_text(TEXT)
    path.chmod(0o644)
    return path


def said(setup: Setup) -> list[str]:
    """The findings, a line each."""
    return [f"{f.level}: {f.subject}: {f.message}" for f in setup.findings]


def test_a_bad_vip_does_not_hide_the_good_ones(file: Path) -> None:
    """Every mistake at once, and the good VIPs are looked at."""
    setup = read_setup(Options("check", config=file))
    assert [vip.vip.name for vip in setup.vips] == ["good", "twin"]
    assert said(setup) == [
        f"error: {file}: vip.bad.provider: unknown provider 'locl' (did you mean local?)",
        f"error: {file}: vip.bad.address: '10.0.0.300' is not an IP address",
        "ok: config: 2 VIPs without a mistake",
        "error: twin: has 10.0.0.1, which is also good's: the hooks always take good",
    ]


def test_only_the_vips_that_are_named_are_looked_at(file: Path) -> None:
    """By name or address, with flags over the file's keys."""
    setup = read_setup(Options("check", ("good",), file, {"interface": "eth7"}))
    assert [(vip.vip.name, vip.interface) for vip in setup.vips] == [("good", "eth7")]
    nobody = read_setup(Options("check", ("nobody",), file))
    assert said(nobody)[0] == "error: nobody: nobody: no VIP of that name or address"


def test_a_config_that_cannot_be_read_is_a_finding(file: Path) -> None:
    """With its line; nothing else is said of it."""
    file.write_text("[vip.good\n")
    setup = read_setup(Options("check", config=file))
    assert setup.config is None
    assert "not valid TOML" in setup.findings[0].message
    assert list(no_vip(setup, [])) == []


def test_nothing_to_look_at_is_a_warning(tmp_path: Path) -> None:
    """An empty check that says ok would be a false comfort."""
    (finding,) = no_vip(Setup(Config(), (), ()), [])
    assert (finding.level, finding.message) == ("warning", "no VIP, so none was looked at")


def test_the_hooks_user_must_be_able_to_read_it(file: Path) -> None:
    """pytest's folder is ours alone, so a stranger cannot."""
    levels = [f.level for f in look_at_file(file, User("postgres", 54321, frozenset()))]
    assert levels[0] == "error"
    me = user(os.geteuid())
    assert [f.level for f in look_at_file(file, me)] == ([] if me.uid == 0 else ["warning"])


def test_a_config_that_others_can_change_is_a_warning(file: Path) -> None:
    """Root's own command refuses it; the hooks of another user do not look."""
    file.chmod(0o666)
    (finding,) = look_at_file(file, user(os.geteuid()))
    assert finding.message == "others than root can change it: `vipswitch` refuses it when run as root"
    assert finding.fix == f"chown root {file} && chmod go-w {file}"


def test_vips_are_told_apart_by_their_types() -> None:
    """`parse` gives what `check` takes."""
    options = parse(
        ["check", "10.9.9.9", "--provider", "local", "--pgpool-conf", "/a", "--pgpool-conf", "/b"]
    )
    assert options.pgpool_conf == (Path("/a"), Path("/b"))
    (vip,) = read_setup(options).vips
    assert isinstance(vip, VipConfig)
