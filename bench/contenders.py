"""Who takes part.

All of them get the same environment, as a daemon would give it, but for their folder and their address of the
API. Their numbers say which VIP and which route tables are theirs.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.ground import Ground

BIN = Path(sys.executable).parent
CONFIG = "vipswitch.toml"


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to move a VIP; `on_host`: it puts the address on the host as well."""

    key: str
    number: int
    label: str
    on_host: bool = True


AGENT = Contender("agent", 0, "hook with agent")
HOOK = Contender("hook", 1, "hook without agent")
SAMPLE = Contender("sample", 2, "sample (AWS CLI)")
FLOOR = Contender("floor", 3, "SDK floor", on_host=False)

ALL = (AGENT, HOOK, SAMPLE, FLOOR)
HOOKS = (AGENT, HOOK)
BY_KEY = {contender.key: contender for contender in ALL}


def environment(ground: Ground, folder: Path) -> Mapping[str, str]:
    """What a contender finds in its environment; its home, config and orders are in `folder`."""
    return {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(folder),
        **ground.environment,
        "VIPSWITCH_CONFIG": str(folder / CONFIG),
        "VIPSWITCH_RUN_DIR": str(folder / "run"),
    }
