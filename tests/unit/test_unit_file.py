"""The agent's unit: accepted by systemd, closed as far as the docs say, open where the agent needs it.

Whether the agent works inside is for systemd to show; here is asserted what a later edit could undo unseen.
Needs `systemd-analyze` (Debian: systemd), which reads a unit without a running systemd.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "systemd/vipswitch-agent.service"
FOLLOWER = ROOT / "systemd/vipswitch-follow.service"
INSTALL = ROOT / "docs/agent-install.md"
EXPOSURE_TENTHS = 30

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed (Debian: systemd)"
)


def options(unit: Path = UNIT) -> dict[str, list[str]]:
    """Every option of a unit with its values, in their order; no name is in two sections."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def words(name: str) -> set[str]:
    """The words of one option that is given once."""
    [value] = options()[name]
    return set(value.split())


def copied(folder: Path, change: Callable[[str], str] = lambda text: text, *, unit: Path = UNIT) -> Path:
    """The unit with a program that is there: `verify` looks for it, and vipswitch need not be installed."""
    there = folder / unit.name
    there.write_text(change(unit.read_text().replace("/usr/local/bin/vipswitch", "/bin/true")))
    return there


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze, which then asks no running systemd."""
    command = ["systemd-analyze", *map(str, arguments)]
    english = {**os.environ, "LC_ALL": "C"}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=english)


def complaints(unit: Path) -> list[str]:
    """What `verify` has to say of this unit; units of the machine that it refers to may have their own."""
    said = analyze("verify", "--man=no", unit).stderr
    return [line for line in said.splitlines() if unit.name in line]


@needs_systemd
@pytest.mark.parametrize("unit", [UNIT, FOLLOWER], ids=lambda unit: unit.stem)
def test_systemd_accepts_every_line(tmp_path: Path, unit: Path) -> None:
    """A word that systemd does not know is ignored by it, and so is the protection that was meant."""
    assert complaints(copied(tmp_path, unit=unit)) == []


@needs_systemd
@pytest.mark.parametrize(
    ("line", "typo"), [("ProtectSystem=", "ProtectSytem="), ("/bin/true agent", "/nowhere/vipswitch agent")]
)
def test_verify_would_see_a_mistake(tmp_path: Path, line: str, typo: str) -> None:
    """So that the test before this one can fail."""
    assert complaints(copied(tmp_path, lambda text: text.replace(line, typo)))


@needs_systemd
def test_exposure_is_at_most_three(tmp_path: Path) -> None:
    """In systemd's own measure, from 0 to 10; the threshold is in tenths."""
    said = analyze("security", "--offline=true", f"--threshold={EXPOSURE_TENTHS}", copied(tmp_path))
    [exposure] = re.findall(r"Overall exposure level for \S+: ([\d.]+)", said.stdout)
    print(f"exposure {exposure}")
    assert said.returncode == 0, said.stdout
    assert float(exposure) * 10 <= EXPOSURE_TENTHS


@needs_systemd
def test_threshold_would_see_an_open_unit(tmp_path: Path) -> None:
    """A unit for the same program with nothing closed is far above it."""
    bare = copied(tmp_path, lambda text: "[Service]\nExecStart=/bin/true\n")
    assert analyze("security", "--offline=true", f"--threshold={EXPOSURE_TENTHS}", bare).returncode != 0


@pytest.mark.parametrize("name", ["CapabilityBoundingSet", "AmbientCapabilities"])
def test_capabilities_are_exactly_two(name: str) -> None:
    """Addresses and announcements; `ip` runs as a child, so they are ambient."""
    assert words(name) == {"CAP_NET_ADMIN", "CAP_NET_RAW"}


def test_agent_is_its_own_user_without_a_way_up() -> None:
    """Neither root nor sudo, whatever it is made to run."""
    assert words("User") == words("Group") == {"vipswitch"}
    assert words("NoNewPrivileges") == {"yes"}
    assert "@privileged" in options()["SystemCallFilter"][-1]
    assert options()["SystemCallFilter"][-1].startswith("~")


def test_sockets_are_those_the_agent_needs() -> None:
    """Hooks and journal, the cloud, `ip`, and raw frames for gratuitous ARP."""
    wanted = {"AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET"}
    assert words("RestrictAddressFamilies") == wanted


@pytest.mark.parametrize(
    ("name", "value"),
    [("PrivateNetwork", "no"), ("PrivateUsers", "no"), ("ProtectProc", "default"), ("ProcSubset", "all")],
)
def test_host_network_and_other_processes_stay_in_sight(name: str, value: str) -> None:
    """Addresses are the host's, the callers are other users', and the boot id is under /proc/sys."""
    assert words(name) == {value}


def test_orders_are_shared_by_group_and_outlive_a_restart() -> None:
    """The hooks' user reads and writes them, strangers do not, and a new agent finds them."""
    assert words("RuntimeDirectory") == {"vipswitch"}
    assert words("RuntimeDirectoryMode") == {"2770"}
    assert words("RuntimeDirectoryPreserve") == {"yes"}
    assert words("UMask") == {"0007"}
    tmpfiles = (ROOT / "systemd/vipswitch.tmpfiles.conf").read_text().splitlines()
    assert "d /run/vipswitch 2770 vipswitch vipswitch -" in tmpfiles


def test_agent_cannot_change_its_config() -> None:
    """systemd gives a folder of ConfigurationDirectory= to the unit's user, and makes it writable."""
    assert "ConfigurationDirectory" not in options()
    assert "ReadWritePaths" not in options()
    assert words("ProtectSystem") == {"strict"}


def test_agent_runs_before_and_stops_after_the_ha_managers() -> None:
    """So that the orders of their last moments are carried out; it needs none of them and waits for none."""
    assert words("Before") >= {
        "pgpool2.service",
        "pgpool.service",
        "keepalived.service",
        "patroni.service",
        "pacemaker.service",
    }
    assert not {"Requires", "BindsTo", "PartOf", "Wants", "Requisite"} & options().keys()
    assert "network-online.target" not in words("After")


def test_agent_comes_back_always() -> None:
    """After a crash, a hang, or an exit of any kind, however often."""
    assert words("Restart") == {"always"}
    assert words("StartLimitIntervalSec") == {"0"}
    assert words("Type") == {"notify"}
    assert words("NotifyAccess") == {"main"}
    assert "WatchdogSec" in options()


def test_nothing_starts_the_agent_by_socket() -> None:
    """A hook that finds no agent works on its own at once; it must not wait for one to start."""
    assert "Sockets" not in options()
    assert list(UNIT.parent.glob("*.socket")) == []


def test_docs_explain_every_protection() -> None:
    """Whoever loosens one for a reason finds what it was for."""
    text = UNIT.read_text()
    named = re.findall(r"^(\w+)=", text[text.index("User=") : text.index("[Install]")], re.MULTILINE)
    explained = set(re.findall(r"`(\w+)=?", INSTALL.read_text()))
    assert set(named) - explained == set()


def test_follower_is_as_closed_as_the_agent() -> None:
    """It may have to do the agent's work; where that unit is changed for a reason, this one is too."""
    agents, followers = UNIT.read_text(), FOLLOWER.read_text()

    def closed(text: str) -> list[str]:
        part = text[text.index("User=") : text.index("[Install]")]
        return [line for line in part.splitlines() if line and not line.startswith("#")]

    assert closed(followers) == closed(agents)


def test_follower_starts_after_the_agent_and_without_it() -> None:
    """The agent is wished for, and not required."""
    given = options(FOLLOWER)
    assert given["Wants"] == ["vipswitch-agent.service"]
    assert "vipswitch-agent.service" in given["After"][0].split()
    assert not {"Requires", "BindsTo", "PartOf", "Requisite"} & given.keys()
    assert given["Restart"] == ["always"]
    assert given["StartLimitIntervalSec"] == ["0"]
