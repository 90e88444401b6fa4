"""keepalived's notify scripts.

    notify        "/usr/local/bin/vipswitch-keepalived primary"
    notify_master "/usr/local/bin/vipswitch-keepalived primary master"

`notify` gets four words appended, INSTANCE|GROUP NAME STATE PRIORITY; the others get nothing, so their state
is written down last. MASTER is an `up`, every other state a `down`. `notify_master_rx_lower_pri` is run by a
master for each advert that it hears of a lower one: by VRRP the higher one has the right to the VIP, so that
is an `up` too, but only once in a while.

The contract: nobody waits for the script, its exit code is ignored, its stdio is the null device; those of
successive states run side by side, so the newest one counts. When keepalived stops, they have one second
before their process group is killed: so the host's address goes first, and the rest is done by the agent or
by a process that outlives the script. Sources: notify.c and vrrp_notify.c of keepalived, keepalived.conf(5).
"""

from __future__ import annotations

import sys

from vipswitch.callers import hook
from vipswitch.callers.process import detach, leave, say, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

UP_WAITS_S = 10.0
"""How long an `up` may be watched; keepalived does not wait for it."""

DOWN_WAITS_S = 0.8
"""How long a `down` may be watched: keepalived gives a script one second when it stops."""

HEALED_EVERY_S = 3.0
"""How old the last `up` must be before a master that hears a lower one asks again."""

HEARD_LOWER = "MASTER_RX_LOWER_PRI"
STATES = {
    "MASTER": "up",
    HEARD_LOWER: "up",
    "BACKUP": "down",
    "FAULT": "down",
    "STOP": "down",
    "DELETED": "down",
}
"""What each state means for the VIP."""

WRONG = 2
"""The exit code for words that cannot be ours, as for every mistake in what was configured."""

_CONTRACT = (
    'keepalived calls this: NAME [flags] INSTANCE|GROUP "VI_1" MASTER|BACKUP|FAULT|STOP|DELETED PRIORITY'
    " (notify) or NAME [flags] master|backup|fault|stop|deleted|master_rx_lower_pri (notify_master and so on)"
)


def notify() -> NoReturn:
    """The executable behind `notify`, `notify_master` and the rest."""
    told = understood(sys.argv[1:])
    if isinstance(told, str):
        detach()
        say(f"{told}; {_CONTRACT}")
        leave(WRONG)
    leave(obey(*told))


def understood(words: Sequence[str]) -> tuple[str, list[str]] | str:
    """The state, and the words for the VIP; else what is wrong with the words."""
    if len(words) >= 4 and words[-4] in ("INSTANCE", "GROUP"):
        state, vip = words[-2], words[:-4]
    else:
        state, vip = words[-1] if words else "", words[:-1]
    if state.upper() not in STATES:
        return f"no state of keepalived: {shown(state)}"
    return wrong(vip) or (state.upper(), list(vip))


def wrong(vip: Sequence[str]) -> str:
    """What is wrong with the words for the VIP, if anything: they are one name, then flags."""
    if not vip or vip[0].startswith("-"):
        return "no VIP named"
    if len(vip) > 1 and not vip[1].startswith("-"):
        return f"more than one VIP named: {shown(vip[0])} {shown(vip[1])}"
    return ""


def obey(state: str, vip: Sequence[str]) -> int:
    """Carry out what the state means for the VIP and return the exit code."""
    verb = STATES[state]
    if state == HEARD_LOWER and _asked_lately(vip):
        return 0
    return hook.run(verb, [*vip, "--detach"], UP_WAITS_S if verb == "up" else DOWN_WAITS_S)


def _asked_lately(vip: Sequence[str]) -> bool:
    from vipswitch.callers.lately import up_lately  # reads the config, which no other state needs

    return up_lately(vip, HEALED_EVERY_S)
