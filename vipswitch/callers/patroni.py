"""Patroni's callbacks.

    postgresql:
      callbacks:
        on_start: /usr/local/bin/vipswitch-patroni primary
        on_stop: /usr/local/bin/vipswitch-patroni primary
        on_restart: /usr/local/bin/vipswitch-patroni primary
        on_role_change: /usr/local/bin/vipswitch-patroni primary

Patroni appends ACTION ROLE SCOPE. A leader (`master` until 4.0, `primary` since, `promoted` in 3.0.0) takes
the VIP; whoever is anything else, or stops, lets go of it. `--standby NAME` names a second VIP, which a
replica takes and everybody else lets go of. `before_stop`, for which it appends nothing, is written last:

    before_stop: /usr/local/bin/vipswitch-patroni primary before_stop

The contract: no shell, nobody waits for a callback nor reads its exit code, and one runs at a time. A newer
one kills it with every process whose parents lead to it; if it cannot, because of sudo, it waits instead. So
the work is done by the agent or by a process that has nothing to do with the callback, the newest one counts,
and what several VIPs need is begun for all of them at once. on_reload has an executor of its own and may run
beside another callback: it moves nothing. Sources: callback_executor.py, cancellable.py, ha.py of Patroni.
"""

from __future__ import annotations

import os
import sys

from vipswitch import client
from vipswitch.callers import hook
from vipswitch.callers.process import detach, leave, say, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    Order = tuple[str, Sequence[str]]

WAIT_S = 3.0
"""How long a callback may watch: the next one waits for it where Patroni may not kill it."""

ACTIONS = ("on_start", "on_stop", "on_restart", "on_reload", "on_role_change")
BEFORE_STOP = "before_stop"
LEADERS = ("master", "primary", "promoted")
ROLES = (*LEADERS, "replica", "standby_leader", "demoted", "uninitialized")

WRONG = 2
"""The exit code for words that cannot be ours, as for every mistake in what was configured."""

_CONTRACT = (
    "Patroni calls this: NAME [--standby NAME] [--standby-leader] [flags]"
    f" {'|'.join(ACTIONS)} {'|'.join(ROLES)} SCOPE, or NAME [flags] {BEFORE_STOP}"
)


class Called:
    """What Patroni says, and what was configured: the VIP's words, and the standby VIP if there is one."""

    __slots__ = ("action", "leads", "replicates", "standby", "vip")

    def __init__(self, action: str, role: str, words: Sequence[str]) -> None:
        self.action = action
        self.vip, self.standby, standby_leads = _options(words)
        self.leads = role in LEADERS or (standby_leads and role == "standby_leader")
        self.replicates = role == "replica"


def callback() -> NoReturn:
    """The executable behind each callback."""
    called = understood(sys.argv[1:])
    if isinstance(called, str):
        detach()
        say(f"{called}; {_CONTRACT}")
        leave(WRONG)
    leave(obey(orders(called)))


def understood(words: Sequence[str]) -> Called | str:
    """What was called for; else what is wrong with the words."""
    if words and words[-1] == BEFORE_STOP:
        called = Called(BEFORE_STOP, "", words[:-1])
    elif len(words) < 3 or words[-3] not in ACTIONS:
        return f"no action of Patroni: {shown(words[-3] if len(words) > 2 else ' '.join(words))}"
    elif words[-2] not in ROLES:
        return f"no role of Patroni: {shown(words[-2])}"
    else:
        called = Called(words[-3], words[-2], words[:-3])
    return _wrong(called) or called


def orders(called: Called) -> list[Order]:
    """What is to be done: each VIP's verb and words. Pure."""
    if called.action == "on_reload":
        return []
    runs = called.action not in ("on_stop", BEFORE_STOP)
    _, *flags = called.vip
    wanted = [(runs and called.leads, called.vip)]
    if called.standby:
        wanted.append((runs and called.replicates, [called.standby, *flags]))
    return [("up" if takes else "down", [*words, "--detach"]) for takes, words in wanted]


def obey(ordered: Sequence[Order]) -> int:
    """Carry out all of them side by side; the exit code of one that failed, if one did."""
    if not ordered:
        return 0
    (verb, words), *others = ordered
    beside = [(_begun(*other), other) for other in others]
    code = hook.run(verb, words, WAIT_S)
    try:
        return max([code, *(_ended(pid) if pid else hook.run(*other, WAIT_S) for pid, other in beside)])
    except client.Stopped as stopped:
        return 128 + stopped.number


def _begun(verb: str, words: Sequence[str]) -> int:
    """The process that carries out one more order; 0 where there can be none: then it has to wait."""
    try:
        pid = os.fork()
    except OSError:
        return 0
    if pid == 0:
        leave(hook.run(verb, words, WAIT_S))
    return pid


def _ended(pid: int) -> int:
    return abs(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _options(words: Sequence[str]) -> tuple[list[str], str, bool]:
    """The words for the VIP, the name of the standby VIP, and whether a standby leader counts as leader."""
    vip, standby, standby_leads = list[str](), "", False
    left = list(words)
    while left:
        word = left.pop(0)
        flag, equals, value = word.partition("=")
        if flag == "--standby":
            standby = (value if equals else left.pop(0) if left else "") or "--"
        elif word == "--standby-leader":
            standby_leads = True
        else:
            vip.append(word)
    return vip, standby, standby_leads


def _wrong(called: Called) -> str:
    """What is wrong with what was configured, if anything: one name, then flags."""
    name, *flags = called.vip or ("--",)
    if name.startswith("-"):
        return "no VIP named"
    if flags and not flags[0].startswith("-"):
        return f"more than one VIP named: {shown(name)} {shown(flags[0])}"
    if called.standby.startswith("-"):
        return "no VIP named for the standby"
    if called.standby == name:
        return f"{shown(name)} cannot be the standby's VIP as well"
    return ""
