"""The words of a hook: a command line for exactly one VIP."""

from __future__ import annotations

from collections.abc import Sequence

from vipswitch.errors import ConfigError
from vipswitch.options import Options, parse


def one_address(command: str, words: Sequence[str]) -> Options:
    """The options of a hook, which is called for exactly one VIP. Raises ConfigError."""
    options = parse([command, *words])
    if len(options.names) != 1:
        raise ConfigError("expected one address", hint="write the setting as 'COMMAND $_IP_$'")
    if options.dry_run:
        raise ConfigError("--dry-run: a hook always acts", hint=f"use `vipswitch {command} --dry-run`")
    return options
