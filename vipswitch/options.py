"""The words of a command line, the same for `vipswitch` and for the hooks.

Flags that are not ours belong to the provider: `--route-tables rtb-1,rtb-2` is the config key
`route_tables`. They are taken out before argparse sees the line, so that no provider has to be
loaded to read it; the config reader checks them like the keys of the file.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from vipswitch.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Options:
    """One command line. `flags` are config keys given as flags; `deadline` is in seconds."""

    command: str
    names: tuple[str, ...] = ()
    config: Path | None = None
    flags: Mapping[str, str] = field(default_factory=dict)
    deadline: float | None = None
    dry_run: bool = False
    json: bool = False
    verbose: int = 0
    pgpool_conf: tuple[Path, ...] = ()
    keepalived_conf: tuple[Path, ...] = ()
    patroni_yml: tuple[Path, ...] = ()
    role: bool = False
    count: int = 1
    move: str | None = None
    svg: Path | None = None
    action: str = ""
    into: Path | None = None
    member: str | None = None


class _Parser(argparse.ArgumentParser):
    """argparse, with its errors made ours."""

    def error(self, message: str) -> NoReturn:
        raise ConfigError(message, hint=f"see `{self.prog} --help`")


_EPILOG = """\
A VIP is named by its name in the config or by its address. Every config key can be given as a flag
(--provider, --interface, --node, and the provider's own: --route-tables rtb-1,rtb-2); then no config
file is needed. The keys of each provider: `vipswitch help PROVIDER`.

exit codes: 0 done · 1 bug · 2 config · 3 permission · 4 lost to another node · 5 deadline or API down
            6 outcome unknown · 7 refused by the cloud · 8 host · 130/143 interrupted
"""


def parser() -> argparse.ArgumentParser:
    """The parser of `vipswitch`."""
    from vipswitch import __version__

    top = _Parser(
        prog="vipswitch",
        description="Moves a virtual IP to this node, in clouds where `ip addr add` reaches nobody.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"vipswitch {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)
    for name, about in _ORDERS.items():
        _order(commands.add_parser(name, help=about, description=about, epilog=_EPILOG, **_LOOKS))  # type: ignore[arg-type]
    check = commands.add_parser(
        "check",
        help=_CHECK,
        description=_CHECK,
        epilog=_EPILOG,
        **_LOOKS,  # type: ignore[arg-type]
    )
    _common(check, "*", "the VIPs to look at; all of the config when none is named")
    check.add_argument(
        "--pgpool-conf",
        action="append",
        type=Path,
        metavar="PATH",
        help="a pgpool.conf to look at; may be repeated",
    )
    check.add_argument(
        "--keepalived-conf",
        action="append",
        type=Path,
        metavar="PATH",
        help="a keepalived.conf to look at; may be repeated",
    )
    check.add_argument(
        "--patroni-yml",
        action="append",
        type=Path,
        metavar="PATH",
        help="a patroni.yml to look at; may be repeated",
    )
    iam = commands.add_parser("iam", help=_IAM, description=_IAM, epilog=_EPILOG, **_LOOKS)  # type: ignore[arg-type]
    _common(iam, "+", "the VIP's name in the config, or its address; or a group's name")
    iam.add_argument("--role", action="store_true", help="print what the role of `assume_role` needs")
    for name, about in _AGENT.items():
        _of_agent(commands.add_parser(name, help=about, description=about, epilog=_EPILOG, **_LOOKS))  # type: ignore[arg-type]
    for name, about in _LOOKING_BACK.items():
        _looking_back(commands.add_parser(name, help=about, description=about, **_LOOKS))  # type: ignore[arg-type]
    for_hooks = commands.add_parser("hooks", help=_HOOKS, description=_HOOKS, epilog=_OF_HOOKS, **_LOOKS)  # type: ignore[arg-type]
    _of_hooks(for_hooks)
    about = "list the providers, or the keys of one"
    commands.add_parser("help", help=about, description=about).add_argument(
        "names", nargs="?", metavar="PROVIDER"
    )
    return top


_LOOKS = {"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False}
_CHECK = "look at everything that can go wrong before a failover; changes nothing"
_IAM = "print the policy with the least rights that these VIPs need"
_HOOKS = "put the hooks where their callers look for them, take them away, or list them"
_OF_HOOKS = """\
callers: pgpool, keepalived, patroni: executables in /usr/local/bin
         pacemaker: the OCF agent ocf:vipswitch:vip, in /usr/lib/ocf or $OCF_ROOT
         systemd: the agent's and the follower's unit, their user and run folder, drop-ins, in /etc
"""
_AGENT = {
    "agent": "run the agent of this node: it takes the hooks' orders, finishes them and looks after the VIPs",
    "pause": "let the agent of this node leave VIPs alone until `resume`; orders are still carried out",
    "resume": "let the agent of this node look after VIPs again",
    "follow": "watch who leads, by Patroni or etcd, and order as a hook would; for clusters that call none",
}
_LOOKING_BACK = {
    "history": "list the past moves of this node, and who asked for them",
    "timeline": "draw one past move: where its time went",
}
_ORDERS = {
    "up": "give the VIP to this node",
    "down": "let go of the VIP on this node; never hurts a new holder",
    "arping": "tell the neighbours where the VIP is; does nothing for cloud methods",
    "status": "show who holds the VIP; changes nothing",
}


def _order(command: argparse.ArgumentParser) -> None:
    _common(command, "+", "the VIP's name in the config, or its address; or a group's name")
    command.add_argument("--deadline", type=_seconds, metavar="SECONDS", help="give up after this long")
    if command.prog.endswith((" up", " down")):
        command.add_argument(
            "--dry-run", action="store_true", help="print the plan and the API requests; changes nothing"
        )


def _of_agent(command: argparse.ArgumentParser) -> None:
    if not command.prog.endswith(" agent"):
        command.add_argument("names", nargs="*", metavar="NAME_OR_ADDRESS", help="the VIPs; default: all")
    command.add_argument(
        "--config",
        type=Path,
        metavar="PATH",
        help="default: $VIPSWITCH_CONFIG, /etc/vipswitch/vipswitch.toml",
    )
    command.add_argument("-v", "--verbose", action="count", default=0, help="say more")
    if command.prog.endswith(" follow"):
        command.add_argument("--member", metavar="NAME", help="this node as the cluster calls it")


def _of_hooks(command: argparse.ArgumentParser) -> None:
    command.add_argument("action", choices=("install", "remove", "list"), metavar="install|remove|list")
    command.add_argument("names", nargs="*", metavar="CALLER", help="whose hooks; `list` shows all")
    command.add_argument("--into", type=Path, metavar="FOLDER", help="where that caller looks, if elsewhere")
    command.add_argument("--dry-run", action="store_true", help="only tell what would be done")
    command.add_argument("--json", action="store_true", help="print the list as JSON")
    command.add_argument("-v", "--verbose", action="count", default=0, help="say more")


def _looking_back(command: argparse.ArgumentParser) -> None:
    _common(command, "?", "the VIP's name in the config, or its address; all when none is named")
    if command.prog.endswith(" history"):
        command.add_argument(
            "-n", dest="count", type=_count, default=20, metavar="N", help="the last N moves"
        )
        return
    which = command.add_mutually_exclusive_group()
    which.add_argument(
        "-n", dest="count", type=_count, default=1, metavar="K", help="the last move but K - 1"
    )
    which.add_argument("--move", metavar="ID", help="the move of that id, as `vipswitch history` shows it")
    command.add_argument("--svg", type=Path, metavar="PATH", help="draw it into this file, as SVG")


def _common(command: argparse.ArgumentParser, count: str, about: str) -> None:
    command.add_argument("names", nargs=count, metavar="NAME_OR_ADDRESS", help=about)
    command.add_argument(
        "--config",
        type=Path,
        metavar="PATH",
        help="default: $VIPSWITCH_CONFIG, /etc/vipswitch/vipswitch.toml",
    )
    command.add_argument("--json", action="store_true", help="print the result as JSON")
    command.add_argument("-v", "--verbose", action="count", default=0, help="say each step; twice: say more")


def _count(raw: str) -> int:
    if not raw.isdecimal() or int(raw) == 0:
        raise argparse.ArgumentTypeError(f"{raw!r} is not a number from 1")
    return int(raw)


def _seconds(raw: str) -> float:
    try:
        seconds = float(raw)
    except ValueError:
        seconds = 0.0
    if not 0.0 < seconds <= 3600.0:
        raise argparse.ArgumentTypeError(f"{raw!r} is not a number of seconds between 0 and 3600")
    return seconds


_OURS = frozenset(
    (
        "--config",
        "--deadline",
        "--dry-run",
        "--help",
        "--into",
        "--json",
        "--keepalived-conf",
        "--member",
        "--move",
        "--patroni-yml",
        "--pgpool-conf",
        "--role",
        "--svg",
        "--verbose",
        "--version",
    )
)


def parse(words: Sequence[str]) -> Options:
    """Read a command line. Raises ConfigError; prints help and raises SystemExit when asked to."""
    rest, flags = split_flags(words)
    found = parser().parse_args(rest)
    given = getattr(found, "names", None)
    names = given if isinstance(given, list) else [given] if given else []
    return Options(
        command=found.command,
        names=tuple(names),
        config=getattr(found, "config", None),
        flags=flags,
        deadline=getattr(found, "deadline", None),
        dry_run=getattr(found, "dry_run", False),
        json=getattr(found, "json", False),
        verbose=getattr(found, "verbose", 0),
        role=getattr(found, "role", False),
        count=getattr(found, "count", 1),
        move=getattr(found, "move", None),
        svg=getattr(found, "svg", None),
        action=getattr(found, "action", ""),
        into=getattr(found, "into", None),
        member=getattr(found, "member", None),
        pgpool_conf=tuple(getattr(found, "pgpool_conf", None) or ()),
        keepalived_conf=tuple(getattr(found, "keepalived_conf", None) or ()),
        patroni_yml=tuple(getattr(found, "patroni_yml", None) or ()),
    )


def split_flags(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Take the flags that are config keys out of a command line."""
    rest: list[str] = []
    flags: dict[str, str] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        name, given, value = word.partition("=")
        if not word.startswith("--") or word == "--" or name in _OURS:
            rest.append(word)
            continue
        if not given and (not left or left[0].startswith("--")):
            raise ConfigError(f"{word}: needs a value", hint=f"{word} VALUE")
        flags[name[2:].replace("-", "_")] = value if given else left.pop(0)
    return rest, flags
