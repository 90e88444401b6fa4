"""What is under test: vipswitch alone and with its agent, and for each method a script like those in use.

Rules: a mover is three command lines and their environment; a command line has at most 23 words, no quotes,
and a first word shorter than 128 bytes, because Pgpool-II splits it at spaces without a shell.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAME = "primary"
RUN = "run"
"""vipswitch's run folder, in the folder of its node."""


@dataclass(frozen=True, slots=True)
class Site:
    """What a mover on one node is told; `vip` is what Pgpool-II calls it, `env` is for all programs."""

    folder: Path
    vip: str
    config: str
    sample: Sequence[str]
    env: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mover:
    """Command lines in which `$_IP_$` stands for what the VIP is called, and the environment they need.

    `agent` is a program that runs beside Pgpool-II, if one does.
    """

    up: str
    down: str
    arping: str
    env: Mapping[str, str]
    agent: Sequence[str] = ()


def vipswitch(site: Site) -> Mover:
    """This project, as its documentation tells to install it."""
    config = site.folder / "vipswitch.toml"
    config.write_text(site.config)
    run = site.folder / RUN
    run.mkdir()
    up, down, arping = (
        Path(sys.executable).with_name(f"vipswitch-{hook}") for hook in ("if-up", "if-down", "arping")
    )
    env = {**_environment(site), "VIPSWITCH_CONFIG": str(config), "VIPSWITCH_RUN_DIR": str(run)}
    return Mover(f"{up} $_IP_$", f"{down} $_IP_$", f"{arping} $_IP_$", env)


def with_agent(site: Site) -> Mover:
    """The same, with the agent."""
    return replace(vipswitch(site), agent=[str(Path(sys.executable).with_name("vipswitch")), "agent"])


def sample(site: Site) -> Mover:
    """The counter-example."""
    program, *words = site.sample
    command = f"{sys.executable} {HERE / program}"
    end = " ".join(["$_IP_$", *words])
    return Mover(f"{command} up {end}", f"{command} down {end}", "/usr/bin/true $_IP_$", _environment(site))


Maker = Callable[[Site], Mover]
MOVERS: Mapping[str, Maker] = {"vipswitch": vipswitch, "agent": with_agent, "sample": sample}

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


def apart(mover: Mover, site: Site) -> dict[str, str]:
    """The same, where `up` is not of Pgpool-II's process group, and can be killed without it."""
    return delegate_ip(replace(mover, up=f"/usr/bin/setsid {mover.up}"), site)


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


def _environment(site: Site) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), **site.env}
