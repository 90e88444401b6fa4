"""For users of the AWS script that Pgpool-II ships: the same words in the same order, only the path changes.

    up|down VIP INTERFACE rtb-1[,rtb-2...] [AWSCLI]

The last word, the path of the AWS command line tool, is accepted and not used.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

from vipswitch.callers import hook
from vipswitch.callers.pgpool import WAIT_S
from vipswitch.callers.process import leave, say
from vipswitch.edge import guarded
from vipswitch.errors import ConfigError
from vipswitch.model import Verb

_USAGE = "up|down VIP INTERFACE rtb-1[,rtb-2...] [AWSCLI]"


def rtb_if_cmd() -> NoReturn:
    """The executable that takes the place of aws_rtb_if_cmd.sh."""
    leave(guarded(lambda: _run(*translated(sys.argv[1:])), say))


def _run(verb: Verb, words: Sequence[str]) -> int:
    return hook.run(verb, words, WAIT_S)


def translated(words: Sequence[str]) -> tuple[Verb, list[str]]:
    """The order, and the words that our own hook takes for it. Raises ConfigError."""
    if len(words) not in (4, 5) or words[0] not in ("up", "down"):
        raise ConfigError("expected the words of aws_rtb_if_cmd.sh", hint=_USAGE)
    verb, address, interface, tables = words[:4]
    flags = ["--provider", "aws-route-table", "--interface", interface, "--route-tables", tables]
    return Verb(verb), [address, *flags]
