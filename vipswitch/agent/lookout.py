"""What was seen of one VIP before, and said of it: two looks that agree, and since when nobody holds it.

Whatever comes between two looks (an order, a pause, a change made by the agent itself) makes the next one a
first one again.
"""

from __future__ import annotations

import logging

from vipswitch.agent.monitor import Act, Look
from vipswitch.model import State
from vipswitch.result import Report

log = logging.getLogger("vipswitch.agent")


class Lookout:
    """Remembers the looks at one VIP. `gap_s` is how long another node's takeover may leave it to nobody."""

    def __init__(self, name: str, gap_s: float) -> None:
        self._name = name
        self._gap_s = gap_s
        self._before: Look | None = None
        self._vacant_since: float | None = None
        self._said: tuple[object, ...] = ()

    def forget(self) -> None:
        """Something came between: the next look is a first one."""
        self._before = None
        self._vacant_since = None

    def agrees(self, look: Look, now_s: float) -> bool:
        """Whether this look is the same as the one before it."""
        vacant = look.state in (State.NOBODY, State.MIXED)
        self._vacant_since = (now_s if self._vacant_since is None else self._vacant_since) if vacant else None
        agreed, self._before = look == self._before, look
        return agreed

    def may_be_a_takeover(self, now_s: float) -> bool:
        """Whether somebody has been missing for no longer than another node's takeover takes."""
        since = now_s if self._vacant_since is None else self._vacant_since
        return now_s - since < self._gap_s

    def say(self, look: Look, act: Act, report: Report) -> None:
        """One line whenever what is seen, or what it means, changes."""
        contested = act is Act.CONTESTED
        said = (look.state, look.standing, look.holders, contested)
        if said == self._said:
            return
        self._said = said
        log.log(
            logging.WARNING if act in (Act.LEAVE, Act.CONTESTED) else logging.INFO,
            "%s: %s%s; last order here: %s",
            self._name,
            look.state,
            ", contested" if contested else "",
            look.standing,
            extra={"vip": self._name, "state": str(look.state), "contested": contested},
        )
        for error in report.errors:
            log.info("%s: %s", self._name, error.message)
