"""A command line that calls vipswitch, read by the same code that the hook will read it with.

What the words ask for, and which VIPs they mean in the config that the hook would read.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from vipswitch import configfile
from vipswitch.callers import aws_samples
from vipswitch.callers.words import one_address
from vipswitch.config import DEFAULT_PATH, Config, VipConfig
from vipswitch.errors import ConfigError
from vipswitch.options import Options

UP, DOWN, ARPING = "up", "down", "arping"

_VERBS = {
    "vipswitch-if-up": UP,
    "if_up_cmd": UP,
    "vipswitch-if-down": DOWN,
    "if_down_cmd": DOWN,
    "vipswitch-arping": ARPING,
    "arping_cmd": ARPING,
}
_SAMPLES = ("vipswitch-aws-rtb-if-cmd", "aws_rtb_if_cmd")
_TOOL = "vipswitch"
_HELP = {"-h", "--help", "--version"}


@dataclass(frozen=True, slots=True)
class Line:
    """What one call of vipswitch asks for. `program` as written; `by_tool`: not one of the hooks."""

    program: str
    verb: str
    options: Options
    by_tool: bool = False


def is_ours(words: Sequence[str]) -> bool:
    """Whether these words call vipswitch."""
    name = os.path.basename(words[0]) if words else ""
    return name == _TOOL or name in _SAMPLES or name in _VERBS


def read_line(words: Sequence[str]) -> Line:
    """What the hook would read from its words. Raises ConfigError as the hook does."""
    program, *rest = words
    name = os.path.basename(program)
    if _HELP & set(rest):
        raise ConfigError(f"{program}: only prints a help text", hint="leave the flag out")
    if name in _SAMPLES:
        order, rest = aws_samples.translated(rest)
        return Line(program, order, one_address(order, rest))
    if name == _TOOL:
        verb = rest[0] if rest else ""
        return Line(program, verb, one_address(verb, rest[1:]), by_tool=True)
    return Line(program, _VERBS[name], one_address(_VERBS[name], rest))


def vips_of(line: Line, found: Config) -> list[VipConfig]:
    """The VIPs that it moves. `found` stands for the config that the hook would find by itself."""
    named = line.options.config
    read = found if named is None else configfile.read(named)
    return [read.select(name, line.options.flags) for name in read.members(line.options.names[0])]


def reads_another_file(line: Line, found: Config) -> bool:
    """Whether the hook needs a config, and would not find the one that we have read."""
    own = line.options.config is not None or "provider" in line.options.flags
    return not own and found.path not in (None, DEFAULT_PATH)
