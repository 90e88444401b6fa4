"""machine.py NAME: the first process of a node of the lab, in namespaces of its own.

Rules: what the cluster writes lies on file systems of this node, in memory, and lives as long as this
process; folders whose files the packages have put there keep them, and new ones can be put beside. It
starts nothing, and buries whatever is left to it. Source: mount(8), pid_namespaces(7).
"""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

OWN = ("/run", "/dev/shm", "/var/lib/pacemaker", "/var/lib/corosync", "/var/log", "/var/cache")
OPENED = ("/usr/sbin", "/usr/lib/ocf/resource.d")
"""Where fence agents and OCF agents are looked for."""

_PACEMAKERS = ("/var/lib/pacemaker", "/var/log/pacemaker", "/run/crm")
_PARTS = ("blackbox", "cib", "cores", "pengine")
READY = Path("/run/ready")


def main(name: str) -> None:
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    for folder in OWN:
        _in_memory(folder, mode="1777" if folder == "/dev/shm" else "755")
    for folder in OPENED:
        _open(Path(folder))
    _furnish()
    Path("/proc/sys/kernel/hostname").write_text(name)
    READY.touch()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries
    while True:
        signal.pause()


def _in_memory(folder: str, *, mode: str = "755") -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"mode={mode}", "vipswitch-lab", folder], check=True)


def _open(folder: Path) -> None:
    """Put a folder in memory that links to all that the other had."""
    before = Path("/run/before", folder.name)
    before.mkdir(parents=True)
    subprocess.run(["mount", "--bind", str(folder), str(before)], check=True)
    _in_memory(str(folder))
    for entry in before.iterdir():
        Path(folder, entry.name).symlink_to(entry)


def _furnish() -> None:
    """The folders that packages and systemd make."""
    Path("/run/lock").mkdir(exist_ok=True)
    Path("/var/log/crmsh").mkdir()
    for folder in (*_PACEMAKERS, *(f"/var/lib/pacemaker/{part}" for part in _PARTS)):
        Path(folder).mkdir(mode=0o750, exist_ok=True)
        Path(folder).chmod(0o750)
        shutil.chown(folder, "hacluster", "haclient")


if __name__ == "__main__":
    main(sys.argv[1])
