"""What keepalived runs in the lab: the example's own files, and a script like those in use.

Rules: the examples are taken as they stand; what differs on this machine, paths, ids and users, is replaced
here and nowhere else. vipswitch's executables are those that pip would install: `hooks/installed` with the
path of an interpreter in their first line; where another user cannot read this one, the system's.
"""

import grp
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.e2e import movers
from tests.e2e.aws import Aws

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "examples" / "keepalived-route-table"
HERE = Path(__file__).resolve().parent
NOBODY = "nobody"
_TABLES = ("rtb-0a1b2c3d4e5f60718", "rtb-08172635445362718")


@dataclass(frozen=True, slots=True)
class Mover:
    """One way of moving the VIP: the example's `config`, an agent perhaps, the scripts' `user`.

    `naive` runs the counter-example instead of vipswitch.
    """

    config: str = "keepalived.conf"
    agent: bool = False
    user: str = "root"
    naive: bool = False


@cache
def interpreter_for(user: str) -> str | None:
    """The first Python that this user can run and that can hand an order over; None if there is none."""
    choices = (sys.executable, "/usr/bin/python3")
    return next((python for python in choices if _runs(python, user)), None)


def _runs(python: str, user: str) -> bool:
    words = [python, "-c", "import vipswitch.callers.keepalived"]
    group = pwd.getpwnam(user).pw_gid
    env = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            words, user=user, group=group, extra_groups=[], env=env, cwd="/", stderr=subprocess.DEVNULL
        )
    except OSError:
        return False
    return done.returncode == 0


def _another_user() -> str:
    """Whom scripts run as, where there is an agent that does what they may not."""
    return NOBODY if os.geteuid() == 0 and interpreter_for(NOBODY) else "root"


MOVERS: Mapping[str, Mover] = {
    "vipswitch": Mover(),
    "agent": Mover(agent=True, user=_another_user()),
    "fifo": Mover("keepalived-fifo.conf"),
    "fifo-agent": Mover("keepalived-fifo.conf", agent=True, user=_another_user()),
    "naive": Mover(naive=True),
}


WITHOUT_LOWER = {"    notify_master_rx_lower_pri": "    # notify_master_rx_lower_pri"}
"""An edit: whoever is MASTER is told nothing of lower ones, as when keepalived hears none of them."""


@dataclass(frozen=True, slots=True)
class Site:
    """One node's folder, and what its programs are told of the cloud."""

    folder: Path
    cloud: Aws

    @property
    def lower(self) -> Path:
        """What is written there is added to the node's priority."""
        return self.folder / "lower"

    @property
    def run(self) -> Path:
        """vipswitch's run folder."""
        return self.folder / movers.RUN

    @property
    def late(self) -> Path:
        """Which states' scripts begin their work late, and by how much: see `late`."""
        return self.folder / "late" / "next"

    def environment(self) -> dict[str, str]:
        """All of it, for keepalived, its scripts and the agent."""
        return {
            "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
            "PYTHONPATH": str(ROOT),
            "VIPSWITCH_CONFIG": str(self.folder / "vipswitch.toml"),
            "VIPSWITCH_RUN_DIR": str(self.run),
            **self.cloud.environment(),
        }


def installed(mover: Mover, site: Site, edits: Mapping[str, str] | None = None) -> str:
    """Put everything in place on one node, and return keepalived's config; `edits` are the scenario's own."""
    for name in ("vipswitch-keepalived", "vipswitch-keepalived-fifo"):
        _install(name, site.folder, interpreter_for(mover.user) or sys.executable)
    site.lower.write_text("0\n")
    site.late.parent.mkdir()
    site.late.parent.chmod(0o777)
    site.run.mkdir()
    shutil.chown(site.run, "root", _group())
    site.run.chmod(0o770)
    (site.folder / "vipswitch.toml").write_text(f'{config(site.cloud)}\n[agent]\ngroups = ["{_group()}"]\n')
    text = (EXAMPLE / mover.config).read_text()
    for example, here in {**_here(mover, site), **(edits or {})}.items():
        text = text.replace(example, here)
    return text


def config(cloud: Aws) -> str:
    """The example's vipswitch.toml with this cloud's route tables and region."""
    text = (EXAMPLE / "vipswitch.toml").read_text()
    for example, real in zip(_TABLES, cloud.tables, strict=True):
        text = text.replace(example, real)
    return text.replace("eu-central-1", cloud.seed.region)


def _group() -> str:
    """Whose members may give the agents orders: on nodes it is called vipswitch."""
    return grp.getgrgid(pwd.getpwnam(NOBODY).pw_gid).gr_name


def agent() -> Sequence[str]:
    """The command line of an agent."""
    return [sys.executable, "-m", "vipswitch", "agent"]


def _here(mover: Mover, site: Site) -> dict[str, str]:
    """What stands for what in the examples; a path that another begins with comes after it."""
    late = f"{interpreter_for(mover.user)} -I -S {HERE / 'late.py'} {site.late}"
    program = f"{site.folder / 'vipswitch-keepalived'}"
    naive = f"{sys.executable} {HERE / 'naive.py'} {_told(site)}"
    return {
        "/usr/local/bin/vipswitch-keepalived-fifo": f"{program}-fifo",
        "/usr/local/bin/vipswitch-keepalived": f"{late} {naive if mover.naive else program}",
        **(WITHOUT_LOWER if mover.naive else {}),
        "/etc/keepalived/lower": str(site.lower),
        "/run/vipswitch-keepalived.fifo": str(site.folder / "fifo"),
        "script_user root": f"script_user {mover.user} {_group()}"
        if mover.user == NOBODY
        else "script_user root",
    }


def _told(site: Site) -> str:
    """What the counter-example is told before keepalived's own words."""
    return f"{site.folder / 'hooks.jsonl'} eth0 {','.join(site.cloud.tables)}"


def _install(name: str, folder: Path, interpreter: str) -> None:
    lines = (ROOT / "hooks" / "installed" / name).read_text().splitlines(keepends=True)
    program = folder / name
    program.write_text("".join([f"#!{interpreter}\n", *lines[1:]]))
    program.chmod(0o755)
