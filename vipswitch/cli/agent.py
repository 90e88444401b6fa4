"""`vipswitch agent`, and what people ask of it."""

from __future__ import annotations

import logging
import sys

from vipswitch import client, configfile
from vipswitch.edge import to_stderr
from vipswitch.errors import Unavailable
from vipswitch.options import Options

_WAIT_S = 5.0


def agent(options: Options) -> int:
    """Run the agent in the foreground; each step is logged."""
    from vipswitch import logs
    from vipswitch.agent import service

    logs.log_to(sys.stderr, logging.DEBUG if options.verbose else logging.INFO)
    return service.run(options.config)


def ask(options: Options) -> int:
    """Pause or resume the agent of this node. Raises Unavailable when none answers."""
    run_dir = configfile.read(options.config).tool.run_dir
    path = client.socket_path(str(run_dir or ""))
    config = str(options.config) if options.config else ""
    request = client.question(options.command, options.names, _WAIT_S, config=config)
    code = client.hand_over(request, path, to_stderr)
    if code is None:
        raise Unavailable(f"agent at {path}: has not done it", hint="is it running? see `systemctl status`")
    return code
