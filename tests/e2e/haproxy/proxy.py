"""HAProxy with keepalived on a node, with the files of examples/haproxy-keepalived-patroni.

Rules: everything of a node lies in its folder; what is replaced in the example, paths and ids, is replaced
here and nowhere else. HAProxy runs in the foreground as one process; it is ended by its pid.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.e2e import movers
from tests.e2e.agents import Agent
from tests.e2e.aws import Aws
from tests.e2e.keepalived.daemon import Keepalived
from vipswitch.testing.fabric.host import Host

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "examples" / "haproxy-keepalived-patroni"
PORT = 5000
_CHECK = "check-haproxy"
_TABLES = ("rtb-0a1b2c3d4e5f60718", "rtb-08172635445362718")
_PATH = f"{Path(sys.executable).parent}:/usr/sbin:/usr/bin:/sbin:/bin"


class Proxy:
    """One of the pair: HAProxy, keepalived, and vipswitch's agent."""

    def __init__(self, host: Host, name: str, folder: Path, cloud: Aws) -> None:
        self.host = host
        self.folder = folder
        folder.mkdir()
        env = _environment(folder, cloud)
        (folder / "vipswitch.toml").write_text(_config(cloud))
        shutil.copy(EXAMPLE / _CHECK, folder / _CHECK)
        text = (EXAMPLE / "keepalived.conf").read_text()
        for theirs, ours in _here(folder).items():
            text = text.replace(theirs, ours)
        self.keepalived = Keepalived(host, folder, text, env, name)
        self.agent = Agent(host, folder, [sys.executable, "-m", "vipswitch", "agent"], env)
        self._haproxy: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What HAProxy has logged, in all its lives."""
        return (self.folder / "haproxy.log").read_text(errors="replace")

    def start(self) -> None:
        """Start HAProxy."""
        command = ["/usr/sbin/haproxy", "-db", "-f", str(EXAMPLE / "haproxy.cfg")]
        with (self.folder / "haproxy.log").open("ab") as log:
            self._haproxy = self.host.namespace.popen(command, output=log)

    def kill(self) -> None:
        """SIGKILL HAProxy, and wait for its end."""
        if self._haproxy is not None:
            self._haproxy.kill()
            self._haproxy.wait()
            self._haproxy = None

    def kill_all(self) -> None:
        """SIGKILL HAProxy and keepalived with its scripts; the agent lives."""
        self.keepalived.kill()
        self.kill()


def _environment(folder: Path, cloud: Aws) -> dict[str, str]:
    """All that keepalived, its scripts and the agent have in theirs."""
    return {
        "PATH": _PATH,
        "PYTHONPATH": str(ROOT),
        "VIPSWITCH_CONFIG": str(folder / "vipswitch.toml"),
        "VIPSWITCH_RUN_DIR": str(folder / movers.RUN),
        **cloud.environment(),
    }


def _config(cloud: Aws) -> str:
    text = (EXAMPLE / "vipswitch.toml").read_text()
    for theirs, ours in zip(_TABLES, cloud.tables, strict=True):
        text = text.replace(theirs, ours)
    return text


def _here(folder: Path) -> dict[str, str]:
    """Where the programs are that the example has installed."""
    return {
        "/usr/local/bin/vipswitch-keepalived": f"{sys.executable} {ROOT / 'hooks' / 'keepalived'}",
        f"/etc/keepalived/{_CHECK}": str(folder / _CHECK),
    }
