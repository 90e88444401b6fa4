"""Looking after a VIP: again and again, as often as its last order wants it.

An order may come at any moment, also to a hook that did without the agent, and want looks more often than the
one before: so no rest is longer than the shortest, and after each it is asked anew whether a look is due.
"""

from __future__ import annotations

import logging
import math
from typing import Protocol

from vipswitch.agent.monitor import OFTEN_S
from vipswitch.errors import VipswitchError

log = logging.getLogger("vipswitch.agent")


class Looker(Protocol):
    """Who looks at one VIP."""

    @property
    def name(self) -> str:
        """The VIP's."""
        ...

    @property
    def interval_s(self) -> float:
        """How long to rest between two looks, as things are now."""
        ...

    def look(self) -> float:
        """Look once and do what is to be done; seconds until the next look."""
        ...


class Ended(Protocol):
    """What ends the looking: a threading.Event."""

    def wait(self, timeout: float, /) -> bool:
        """Whether it has been set, before so many seconds have passed."""
        ...


def look_after(looker: Looker, ended: Ended) -> None:
    """Look whenever it is due, until the end."""
    rest_s, rested_s = 0.0, math.inf
    while not ended.wait(rest_s):
        rested_s, rest_s = rested_s + rest_s, OFTEN_S
        if rested_s >= looker.interval_s:
            rested_s = 0.0
            _look(looker)


def _look(looker: Looker) -> None:
    try:
        looker.look()
    except VipswitchError as wrong:
        log.warning("%s: %s", looker.name, wrong.message)
    except Exception:  # the last line of defence: the VIP would be looked after no more
        log.exception("bug while looking after %s", looker.name)
