"""The two things under test: vipswitch, and for each method a counter-example that scripts in use are like.

Rules: a mover is three command lines and their environment; a command line has at most 23 words, no quotes,
and a first word shorter than 128 bytes, because Pgpool-II splits it at spaces without a shell.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAME = "primary"
CONFIG = f"""\
[vip.{NAME}]
interface = "eth0"
"""


@dataclass(frozen=True, slots=True)
class Site:
    """What a mover on one node is told; `vip` is what Pgpool-II calls it."""

    folder: Path
    vip: str
    settings: str
    sample: Sequence[str]
    endpoint: str
    region: str


@dataclass(frozen=True, slots=True)
class Mover:
    """Command lines in which `$_IP_$` stands for what the VIP is called, and the environment they need."""

    up: str
    down: str
    arping: str
    env: Mapping[str, str]


def vipswitch(site: Site) -> Mover:
    """This project, as its documentation tells to install it."""
    config = site.folder / "vipswitch.toml"
    config.write_text(f"{CONFIG}{site.settings}\n")
    run = site.folder / "run"
    run.mkdir()
    up, down, arping = (
        Path(sys.executable).with_name(f"vipswitch-{hook}") for hook in ("if-up", "if-down", "arping")
    )
    env = {**_aws(site), "VIPSWITCH_CONFIG": str(config), "VIPSWITCH_RUN_DIR": str(run)}
    return Mover(f"{up} $_IP_$", f"{down} $_IP_$", f"{arping} $_IP_$", env)


def sample(site: Site) -> Mover:
    """The counter-example."""
    program, *words = site.sample
    command = f"{sys.executable} {HERE / program}"
    end = " ".join(["$_IP_$", *words])
    return Mover(f"{command} up {end}", f"{command} down {end}", "/usr/bin/true $_IP_$", _aws(site))


Maker = Callable[[Site], Mover]
MOVERS: Mapping[str, Maker] = {"vipswitch": vipswitch, "sample": sample}

Style = Callable[[Mover, Site], dict[str, str]]


def delegate_ip(mover: Mover, site: Site) -> dict[str, str]:
    """The settings that let Pgpool-II run the three commands for the delegate IP, each one recorded.

    The old spelling of `delegate_ip`: before 4.4 the new one is ignored in silence, later both are taken.
    """
    lines = {"up": mover.up, "down": mover.down, "arping": mover.arping}
    commands = {hook: recorded(hook, line, site) for hook, line in lines.items()}
    return {
        "delegate_IP": site.vip,
        "if_up_cmd": commands["up"],
        "if_down_cmd": commands["down"],
        "arping_cmd": commands["arping"],
    }


def escalation(mover: Mover, site: Site) -> dict[str, str]:
    """The settings of the other style: no delegate IP, the same commands on escalation and de-escalation."""
    up, down = (recorded(hook, line, site) for hook, line in (("up", mover.up), ("down", mover.down)))
    return {
        "wd_escalation_command": up.replace("$_IP_$", site.vip),
        "wd_de_escalation_command": down.replace("$_IP_$", site.vip),
    }


def recorded(hook: str, line: str, site: Site) -> str:
    """The same command line, run by the recorder under a path that is short wherever the project lies."""
    recorder = site.folder / "recorder"
    if not recorder.exists():
        recorder.symlink_to(HERE / "recorder")
    return f"{recorder} {site.folder / 'hooks.jsonl'} {hook} {line}"


def _aws(site: Site) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
        "AWS_ENDPOINT_URL_EC2": site.endpoint,
        "AWS_ENDPOINT_URL_ROUTE_53": site.endpoint,
        "AWS_ACCESS_KEY_ID": "AKIAVIPSWITCHE2E",
        "AWS_SECRET_ACCESS_KEY": "vipswitch",
        "AWS_DEFAULT_REGION": site.region,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }
