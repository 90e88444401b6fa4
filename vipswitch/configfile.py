"""Reading the config file: found, safe to believe, TOML, and of the expected shape.

The VIPs in it are not checked here but when they are selected: a mistake in one must not stop another.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from vipswitch import tables
from vipswitch.config import DEFAULT_PATH, SECTIONS, AgentConfig, Config, ConfigProblems, Tool
from vipswitch.errors import ConfigError
from vipswitch.settings import Problem, parse, suggestion


def read(path: Path | None, *, wary: bool = False) -> Config:
    """The config at `path`, else at VIPSWITCH_CONFIG, else the default one; empty if that is absent.

    Raises ConfigError: absent although named, not TOML, not of the expected shape, or writable by
    others than root while we are root. One who is `wary` for another reason, as the agent that lends its
    privilege to its callers, believes a file of root's or of his own user only.
    """
    chosen = path or (Path(named) if (named := os.environ.get("VIPSWITCH_CONFIG")) else DEFAULT_PATH)
    try:
        raw = _toml(chosen, wary=wary or os.geteuid() == 0)
    except FileNotFoundError as wrong:
        if chosen == DEFAULT_PATH:
            return Config()
        raise ConfigError(f"{chosen}: no such file", hint="see --config and VIPSWITCH_CONFIG") from wrong
    return _shaped(chosen, raw)


def _toml(path: Path, *, wary: bool) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            if wary:
                _refuse_if_others_can_write(path)
            return tomllib.load(file)
    except tomllib.TOMLDecodeError as wrong:
        raise ConfigError(f"{path}: not valid TOML: {wrong}", hint="mend that line") from wrong
    except UnicodeDecodeError as wrong:
        raise ConfigError(f"{path}: not UTF-8 text", hint="save it as UTF-8") from wrong
    except FileNotFoundError:
        raise
    except IsADirectoryError as wrong:
        raise ConfigError(f"{path}: is a folder", hint="name the file in it") from wrong
    except OSError as wrong:
        raise ConfigError(
            f"{path}: {wrong.strerror}", hint="let the user that runs the hooks read it"
        ) from wrong


def _refuse_if_others_can_write(path: Path) -> None:
    """A config decides what root runs, so as root we read only what root alone can change."""
    for part in (path.resolve(), *path.resolve().parents):
        about = part.stat()
        safe_for_all = part.is_dir() and about.st_mode & stat.S_ISVTX
        if about.st_uid not in (0, os.geteuid()) or (
            about.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not safe_for_all
        ):
            raise ConfigError(
                f"{path}: others than root can change {part}",
                hint=f"chown root {part} && chmod go-w {part}",
            )


def _shaped(path: Path, raw: Mapping[str, object]) -> Config:
    problems = [
        Problem(f"{path}: {name}", "expected a table", f"write [{name}]")
        for name, value in raw.items()
        if not isinstance(value, dict)
    ]
    given = {name: cast(dict[str, object], value) for name, value in raw.items() if isinstance(value, dict)}
    vips = given.pop("vip", {})
    problems += tables.misshapen(vips, _in(path, "vip"))
    tool, wrong = parse(Tool, given.pop("vipswitch", {}), _in(path, "vipswitch"))
    problems += wrong
    agent, wrong = parse(AgentConfig, given.pop("agent", {}), _in(path, "agent"))
    problems += wrong
    groups, wrong = tables.groups(given.pop("group", {}), _in(path, "group"), vips)
    problems += wrong
    nodes, wrong = tables.nodes(given.pop("node", {}), _in(path, "node"))
    problems += wrong
    authorities, wrong = tables.authorities(given.pop("authority", {}), _in(path, "authority"))
    problems += wrong
    sources, wrong = tables.sources(given.pop("follow", {}), _in(path, "follow"))
    problems += wrong
    problems += _unknown_sections(path, given)
    if problems or tool is None or agent is None:
        raise ConfigProblems(problems)
    return Config(
        path,
        cast(dict[str, dict[str, object]], vips),
        given,
        tool,
        groups,
        agent,
        nodes,
        authorities,
        sources,
    )


def _in(path: Path, table: str) -> Callable[[str], str]:
    return lambda name: f"{path}: {table}.{name}"


def _unknown_sections(path: Path, given: Mapping[str, object]) -> list[Problem]:
    known = ["vip", "group", "vipswitch", "agent", "node", "authority", "follow", *SECTIONS]
    return [
        Problem(f"{path}: {name}", "unknown table", suggestion(name, known))
        for name in given
        if name not in known
    ]
