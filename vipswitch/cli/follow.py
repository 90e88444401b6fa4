"""`vipswitch follow`: watch who leads, and give orders as a hook would."""

from __future__ import annotations

import logging
import sys

from vipswitch import logs
from vipswitch.callers.process import leave
from vipswitch.errors import ConfigError
from vipswitch.follow import service
from vipswitch.options import Options


def follow(options: Options) -> int:
    """Run in the foreground; each order and each step is logged."""
    if options.flags:
        raise ConfigError(
            f"--{min(options.flags).replace('_', '-')}: not a flag of `vipswitch follow`",
            hint="what it follows stands in the config: [follow.NAME]",
        )
    logs.log_to(sys.stderr, logging.DEBUG if options.verbose else logging.INFO)
    path = options.config.absolute() if options.config else None
    code = service.run(service.Wish(options.names, options.member, path))
    leave(code)  # threads that watch a source would hold the end up
