"""Who takes part, and the command line of each.

All of them get the same environment, as a daemon would give it, but for their folder and their address of the
API. Their numbers say which VIP and which route tables are theirs.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.cloud import About
from bench.node import INTERFACE

BIN = Path(sys.executable).parent
CONFIG = "vipswitch.toml"
_HERE = Path(__file__).parent


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
FLOOR = Contender("floor", 3, "boto3 floor", on_host=False)

ALL = (AGENT, HOOK, SAMPLE, FLOOR)
HOOKS = (AGENT, HOOK)
BY_KEY = {contender.key: contender for contender in ALL}


def words(contender: Contender, vip: str, tables: Sequence[str], eni: str) -> list[str]:
    """The command line that takes `vip` for this node; hooks find the rest in their config."""
    if contender is SAMPLE:
        return [str(_HERE / "sample.sh"), vip, INTERFACE, ",".join(tables), str(BIN / "aws"), eni]
    if contender is FLOOR:
        return [sys.executable, str(_HERE / "floor.py"), vip, tables[0], eni]
    return [str(BIN / "vipswitch-if-up"), vip]


def environment(contender: Contender, about: About, folder: Path) -> Mapping[str, str]:
    """What a contender finds in its environment; its home, config and orders are in `folder`."""
    return {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(folder),
        "AWS_ENDPOINT_URL": about.apis[contender.number],
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": about.metadata,
        "AWS_DEFAULT_REGION": about.region,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "VIPSWITCH_CONFIG": str(folder / CONFIG),
        "VIPSWITCH_RUN_DIR": str(folder / "run"),
    }
