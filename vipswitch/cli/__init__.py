"""`vipswitch`: the commands for people. Parses, builds, runs, shows; decides nothing itself."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence

from vipswitch.edge import guarded, to_stderr
from vipswitch.options import Options, parse


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    return guarded(lambda: _run(sys.argv[1:] if words is None else words), to_stderr)


def _run(words: Sequence[str]) -> int:
    options = parse(words)
    _log_to_stderr(options.verbose)
    return _command(options.command)(options)


def _command(name: str) -> Callable[[Options], int]:
    """Imported when used: `--help` loads none of them."""
    match name:
        case "status":
            from vipswitch.cli.status import status as command
        case "check":
            from vipswitch.cli.check import check as command
        case "iam":
            from vipswitch.cli.iam import iam as command
        case "hooks":
            from vipswitch.cli.hooks import hooks as command
        case "history":
            from vipswitch.cli.history import history as command
        case "timeline":
            from vipswitch.cli.timeline import timeline as command
        case "help":
            from vipswitch.cli.help import help_on_providers as command
        case "agent":
            from vipswitch.cli.agent import agent as command
        case "pause" | "resume":
            from vipswitch.cli.agent import ask as command
        case "follow":
            from vipswitch.cli.follow import follow as command
        case "arping":
            from vipswitch.cli.orders import arping as command
        case _:
            from vipswitch.cli.orders import order as command
    return command


def _log_to_stderr(verbose: int) -> None:
    logger = logging.getLogger("vipswitch")
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("vipswitch: %(message)s"))
    logger.handlers[:] = [handler]
    logger.propagate = False
    logger.setLevel((logging.WARNING, logging.INFO)[verbose] if verbose < 2 else logging.DEBUG)
