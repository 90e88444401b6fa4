"""The hook path imports the host side, and import time is failover time."""

from __future__ import annotations

import subprocess
import sys

from tests.host.lab import ROOT

_HEAVY = {"asyncio", "boto3", "http", "pathlib", "pyroute2", "socket", "ssl", "subprocess", "urllib"}
_PRINT_MODULES = "import sys; sys.path.insert(0, sys.argv[1]); import vipswitch.host; print(*sys.modules)"


def test_importing_the_host_side_loads_nothing_heavy() -> None:
    """Also not subprocess and socket: a VIP that needs no address on the host never uses them."""
    argv = [sys.executable, "-I", "-S", "-c", _PRINT_MODULES, str(ROOT)]
    loaded = set(subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split())
    assert "vipswitch.host.privilege" in loaded
    assert loaded & _HEAVY == set()
