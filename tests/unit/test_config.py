"""The config: everything wrong at once, nothing guessed, flags over file, addresses compared as addresses."""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path

import pytest

from vipswitch import config, configfile
from vipswitch.config import ConfigProblems
from vipswitch.errors import ConfigError
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
