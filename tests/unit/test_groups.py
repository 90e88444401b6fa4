"""Groups of VIPs, VIPs without an address, and names of the DNS: what a word on the command line means."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vipswitch import configfile
from vipswitch.cli import main
from vipswitch.config import Config
from vipswitch.errors import ConfigError
from vipswitch.options import Options
from vipswitch.selection import selected

TWO = """
[vipswitch]
run_dir = "{folder}/run"

[group.database]
vips = ["primary", "replication"]

[vip.primary]
address = "10.99.0.50"
provider = "file"
path = "{folder}/primary.json"
node = "a"

[vip.replication]
address = "10.99.0.51"
provider = "file"
path = "{folder}/replication.json"
node = "a"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two VIPs in a group."""
    path = tmp_path / "vipswitch.toml"
    path.write_text(TWO.format(folder=tmp_path))
    return path


def holder(folder: Path, name: str) -> str | None:
    return next(iter(json.loads((folder / f"{name}.json").read_text()).values()))["holder"]


def test_a_group_is_all_its_vips(file: Path) -> None:
    """Each once, also when it is named beside its group."""
    _, vips = selected(Options("up", ("database", "primary"), config=file))
    assert [vip.vip.name for vip in vips] == ["primary", "replication"]


def test_one_command_moves_a_group(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a result for each VIP."""
    assert main(["up", "database", "--config", str(file), "--json"]) == 0
    results = json.loads(capsys.readouterr().out)
    assert [(r["vip"], r["exit_code"]) for r in results] == [("primary", 0), ("replication", 0)]
    assert (holder(tmp_path, "primary"), holder(tmp_path, "replication")) == ("a", "a")


def test_one_vip_that_fails_does_not_stop_the_others(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its own result says so, and the exit code is the worst one."""
    (tmp_path / "primary.json").write_text("not ours")
    assert main(["up", "database", "--config", str(file), "--json"]) == 7
    results = json.loads(capsys.readouterr().out)
    assert [(r["vip"], r["exit_code"]) for r in results] == [("primary", 7), ("replication", 0)]
    assert holder(tmp_path, "replication") == "a"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('[group.other]\nvips = ["primary", "replikation"]', "no VIP replikation"),
        ('[group.primary]\nvips = ["replication"]', "is also the name of vip.primary"),
        ("[group.other]", "is missing"),
        ("[group.other]\nvips = []", "expected a list"),
        ('[group.other]\nvip = ["primary"]', "unknown key"),
    ],
)
def test_a_mistake_in_a_group_is_told(file: Path, lines: str, message: str) -> None:
    """With the group's name, before anything is moved."""
    file.write_text(f"{file.read_text()}\n{lines}\n")
    with pytest.raises(ConfigError, match=message):
        configfile.read(file)


def test_a_vip_without_an_address_is_refused_where_it_needs_one(file: Path) -> None:
    """It is the provider that says whether there is one."""
    file.write_text('[vip.primary]\nprovider = "file"\npath = "/srv/vip.json"\n')
    with pytest.raises(ConfigError, match=r"vip\.primary\.address: is missing"):
        configfile.read(file).select("primary", {})


def test_an_address_is_refused_where_it_has_no_meaning() -> None:
    """A DNS name is given the node's own address."""
    flags = {"provider": "aws-route53", "name": "db.example.com", "zones": "Z0123456789ABC"}
    with pytest.raises(ConfigError, match="not used by this provider"):
        Config().select("10.99.0.50", flags)


def test_a_dns_name_names_its_vip(tmp_path: Path) -> None:
    """As an address does; case and the dot at the end do not matter."""
    file = tmp_path / "vipswitch.toml"
    file.write_text(
        '[vip.primary]\nprovider = "aws-route53"\nname = "db.example.com"\nzones = ["Z0123456789ABC"]\n'
    )
    assert configfile.read(file).select("DB.example.com.", {}).vip.name == "primary"


def test_flags_alone_make_a_vip_without_an_address() -> None:
    """Its name is then the word on the command line."""
    flags = {"provider": "aws-elastic-ip", "allocations": "eipalloc-0a1b2c3d4e5f60718"}
    assert Config().select("primary", flags).vip.addresses == ()


def test_this_provider_moves_no_such_family() -> None:
    """An Elastic IP is always IPv4."""
    with pytest.raises(ConfigError, match="is IPv6, which this provider cannot move"):
        Config().select("2001:db8::1", {"provider": "aws-elastic-ip"})


SECTION = """
[aws]
region = "eu-west-1"
route53_endpoint_url = "http://127.0.0.1:5000"
reqion = "eu-west-1"

[vip.primary]
address = "10.99.0.50"
provider = "aws-route-table"
route_tables = ["rtb-0a1b2c3d"]
"""


def test_a_key_that_no_method_of_the_cloud_has_is_told(tmp_path: Path) -> None:
    """What other methods of that cloud take may stand in its section."""
    file = tmp_path / "vipswitch.toml"
    file.write_text(SECTION)
    with pytest.raises(ConfigError, match=r"aws\.reqion: unknown key") as caught:
        configfile.read(file).select("primary", {})
    assert caught.value.hint == "did you mean region?"
    assert "route53_endpoint_url" not in caught.value.message
