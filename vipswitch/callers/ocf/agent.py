"""The executable of `ocf:vipswitch:vip`: one action by its name, everything else in the environment.

The contract: exit codes are OCF's; nothing on stdout but the meta-data; at its timeout Pacemaker SIGKILLs the
process and nothing else, so every action ends by itself before that. What is neither named in the meta-data
nor to be found here is UNIMPLEMENTED.
"""

from __future__ import annotations

import os
import sys

from vipswitch.callers.ocf import codes
from vipswitch.callers.ocf.parameters import Parameters
from vipswitch.callers.ocf.voice import Voice, tell_reason
from vipswitch.callers.process import detach, leave, say, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

_CONTRACT = "an OCF agent is called as `vip ACTION`, with its parameters in OCF_RESKEY_*"
_ACTIONS = "start, stop, monitor, meta-data, validate-all, reload-agent"
_OPTIONAL = ("notify", "promote", "demote", "migrate_to", "migrate_from", "reload", "status", "usage")
"""Actions of other agents, which may be asked for without anything being wrong."""


def vip() -> NoReturn:
    """Carry out one action; the executable."""
    leave(run(sys.argv[1:], os.environ))


def run(words: Sequence[str], env: Mapping[str, str]) -> int:
    """The exit code of one action; a reason is told for each that is an error."""
    if list(words) == ["meta-data"]:
        return _describe()
    detach()
    voice = Voice()
    try:
        code = _carry_out(_action(words), env, voice)
    except codes.Wrong as wrong:
        say(wrong.reason)
        code, voice.first = wrong.code, wrong.reason
    if code not in (codes.SUCCESS, codes.NOT_RUNNING, codes.UNIMPLEMENTED):
        tell_reason(voice.first or "see the system log")
    return code


def _action(words: Sequence[str]) -> str:
    if len(words) != 1:
        given = shown(" ".join(words)) if words else "nothing"
        raise codes.Wrong(codes.ARGS, f"expected one action, found {given}; {_CONTRACT}: {_ACTIONS}")
    return words[0]


def _carry_out(action: str, env: Mapping[str, str], voice: Voice) -> int:
    if action == "start":
        from vipswitch.callers.ocf.orders import start

        return start(Parameters(env), voice)
    if action == "stop":
        from vipswitch.callers.ocf.orders import stop

        return stop(Parameters(env), voice)
    if action == "monitor":
        return _monitor(Parameters(env), voice)
    if action in ("validate-all", "reload-agent"):
        from vipswitch.callers.ocf.validate import validate

        return validate(Parameters(env), voice)
    if action not in _OPTIONAL:
        say(f"{shown(action)} is no action; {_CONTRACT}: {_ACTIONS}")
    return codes.UNIMPLEMENTED


def _monitor(resource: Parameters, voice: Voice) -> int:
    """The usual case costs no more than an interpreter: the resource's one address is where it should be."""
    if resource.depth == 0 and not resource.probes and resource.name == resource.address:
        from vipswitch.callers.ocf.here import is_surely_here

        if is_surely_here(resource.address):
            return codes.SUCCESS
    from vipswitch.callers.ocf.monitor import monitor  # with the config, and all that reads it: 150 ms

    return monitor(resource, voice)


def _describe() -> int:
    from vipswitch.callers.ocf.metadata import METADATA

    os.write(1, METADATA.encode())
    return codes.SUCCESS
