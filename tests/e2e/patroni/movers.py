"""What Patroni calls: our callback, with the agent and alone, and a script like those in use.

Rules: with the agent, Patroni has neither privileges nor credentials, and callbacks run under any Python; the
others need one that `postgres` can run, with the packages of this one. What is replaced in the example's
`vipswitch.toml` and in the command lines of its callbacks is replaced here and nowhere else.
"""

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

import yaml

from tests.e2e import movers
from tests.e2e.aws import Aws
from tests.e2e.patroni.member import USER, Calling, unprivileged
from vipswitch.testing.fabric.host import Host

ROOT = Path(__file__).resolve().parents[3]
VIP = IPv4Address("10.99.0.50")
INSTALLED = "/usr/local/bin/vipswitch-patroni"
NET_ADMIN = "net_admin"
_SYSTEM = "/usr/bin/python3"
_PATH = {"PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/sbin:/usr/bin:/sbin:/bin"])}


@dataclass(frozen=True, slots=True)
class Site:
    """A node, its folder and the cloud, for the files of an example, and more words for its callbacks."""

    host: Host
    folder: Path
    cloud: Aws
    example: Path
    flags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Mover:
    """What Patroni calls, and the agent beside it, if there is one."""

    calling: Calling
    agent: Sequence[str] = ()
    agent_env: Mapping[str, str] | None = None


def with_agent(site: Site) -> Mover:
    """As the example has it."""
    env = _installed(site)
    agent = [str(Path(sys.executable).with_name("vipswitch")), "agent"]
    theirs = {**env, **site.cloud.environment(), "PYTHONPATH": str(ROOT)}
    return Mover(Calling(_recorded(site, _callbacks(site)), env), agent, theirs)


def alone(site: Site) -> Mover:
    """Without the agent: the callback has the privilege and the credentials itself."""
    env = {**_installed(site), **site.cloud.environment()}
    callbacks = {action: f"{python()} {line}" for action, line in _callbacks(site).items()}
    return Mover(Calling(_recorded(site, callbacks), env, (NET_ADMIN,)))


def naive(site: Site) -> Mover:
    """The counter-example."""
    script = Path(__file__).with_name("naive.py")
    command = f"{python()} {script} {VIP} eth0 {','.join(site.cloud.tables)}"
    env = {**_PATH, **site.cloud.environment()}
    return Mover(Calling(_recorded(site, dict.fromkeys(_callbacks(site), command)), env, (NET_ADMIN,)))


def python() -> str | None:
    """A Python that `postgres` can run, with the packages of this one; None where there is none.

    This one may lie in root's home. Patroni has its own packages, so it is told to the callback alone.
    """
    if _runs(sys.executable):
        return f"/usr/bin/env PYTHONPATH={ROOT} {sys.executable}"
    packages = sysconfig.get_path("purelib")
    same = f"import sys; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})"
    return f"/usr/bin/env PYTHONPATH={ROOT}:{packages} {_SYSTEM}" if _runs(_SYSTEM, same) else None


def _runs(interpreter: str, program: str = "pass") -> bool:
    """Whether it can be run by a process that is `postgres` already."""
    if USER not in {entry.pw_name for entry in pwd.getpwall()}:
        return False
    command = unprivileged(["/bin/sh", "-c", '"$0" -c "$1"', interpreter, program])
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


MOVERS: Mapping[str, Callable[[Site], Mover]] = {"agent": with_agent, "vipswitch": alone, "naive": naive}


def config(example: Path, cloud: Aws) -> str:
    """The example's, about this cloud: its route tables and interfaces, and a user that every machine has."""
    text = (example / "vipswitch.toml").read_text()
    for theirs, ours in zip(_TABLES, cloud.tables, strict=True):
        text = text.replace(theirs, ours)
    for number, interface in enumerate(cloud.interfaces(), 1):
        text = text.replace(f"eni-0a1b2c3d4e5f6000{number}", interface)
    return text.replace('groups = ["vipswitch"]', f'users = ["{USER}"]')


_TABLES = ("rtb-0a1b2c3d4e5f60718", "rtb-08172635445362718")


def _installed(site: Site) -> dict[str, str]:
    """The config and the run folder in place; what tells programs of them."""
    site.folder.mkdir(parents=True, exist_ok=True)
    path, run = site.folder / "vipswitch.toml", site.folder / movers.RUN
    path.write_text(config(site.example, site.cloud))
    run.mkdir()
    _shared(run)
    return {**_PATH, "VIPSWITCH_CONFIG": str(path), "VIPSWITCH_RUN_DIR": str(run)}


def _shared(folder: Path) -> None:
    """As /run/vipswitch is: its group's, and what is made in it as well."""
    shutil.chown(folder, "root", USER)
    folder.chmod(0o2770)


def _callbacks(site: Site) -> dict[str, str]:
    """The example's callbacks, run from this clone."""
    theirs = yaml.safe_load((site.example / "patroni.yml").read_text())["postgresql"]["callbacks"]
    ours = {
        action: line.replace(INSTALLED, str(ROOT / "hooks" / "patroni")) for action, line in theirs.items()
    }
    return {action: " ".join([line, *site.flags]) for action, line in ours.items()}


def _recorded(site: Site, callbacks: Mapping[str, str]) -> dict[str, str]:
    """The same command lines, each run of which is noted."""
    log = site.folder / "hooks.jsonl"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.touch()
    shutil.chown(log, USER)
    recorder = ROOT / "tests" / "e2e" / "recorder"
    return {action: f"{recorder} {log} {action} {line}" for action, line in callbacks.items()}
