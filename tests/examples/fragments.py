"""The files of examples/pgpool, read as Pgpool-II and vipswitch read them."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

from vipswitch.preflight.pgpool_command import FOLDERS, PLACEHOLDER
from vipswitch.preflight.pgpool_conf import PgpoolConf, read, read_text
from vipswitch.preflight.pgpool_version import Version
from vipswitch.preflight.pgpool_watchdog import DE_ESCALATION, ESCALATION, delegate_name

FOLDER = Path(__file__).parents[2] / "examples/pgpool"


@dataclass(frozen=True)
class Fragment:
    """One fragment, for the versions that it is written for; `base` is what stands before it."""

    name: str
    version: Version
    base: str = ""

    def conf(self) -> PgpoolConf:
        """The whole pgpool.conf that it makes."""
        texts = [read_text(FOLDER / name) for name in (self.base, self.name) if name]
        return read(FOLDER / self.name, lambda path: "\n".join(texts))

    def commands(self) -> dict[str, list[str]]:
        """What Pgpool-II runs to escalate, to announce and to give up, as words."""
        conf = self.conf()
        delegate = conf.text(delegate_name(conf, self.version))
        if not delegate:
            return {name: ["/bin/sh", "-c", conf.text(name)] for name in (ESCALATION, DE_ESCALATION)}
        return {name: conf.text(name).replace(PLACEHOLDER, delegate).split(" ") for name in FOLDERS}


FRAGMENTS = (
    Fragment("pgpool-4.3.conf", (4, 3, 5)),
    Fragment("pgpool-4.4.conf", (4, 4, 0)),
    Fragment("escalation-commands.conf", (4, 7, 2), base="pgpool-4.4.conf"),
    Fragment("flags-only.conf", (4, 7, 2), base="pgpool-4.4.conf"),
    Fragment("from-aws-rtb-if-cmd.conf", (4, 7, 2), base="pgpool-4.4.conf"),
)
WITHOUT_CONFIG = ("flags-only.conf", "from-aws-rtb-if-cmd.conf")


def as_installed(text: str) -> str:
    """Programs where the examples have them, found where this installation has them."""
    return text.replace("/usr/local/bin/vipswitch", f"{sysconfig.get_path('scripts')}/vipswitch")


def said_by_pgpool(fragment: Path, folder: Path) -> str:
    """What the real Pgpool-II says of a fragment; it ends at a pid file before it starts anything."""
    pgpool = shutil.which("pgpool", path="/usr/sbin:/usr/bin")
    if pgpool is None:
        pytest.skip("needs pgpool2")
    for name in ("pcp.conf", "pool_hba.conf"):
        (folder / name).touch()
    (folder / "pgpool_node_id").write_text("0\n")
    pid_file = "pid_file_name = '/nonexistent/pgpool.pid'"
    (folder / "pgpool.conf").write_text(f"include = '{fragment}'\n{pid_file}\n")
    kinds = {"config-file": "pgpool.conf", "pcp-file": "pcp.conf", "hba-file": "pool_hba.conf"}
    files = [f"--{kind}={folder / name}" for kind, name in kinds.items()]
    done = subprocess.run([pgpool, "-n", *files], capture_output=True, text=True, timeout=20, check=False)
    return done.stderr
