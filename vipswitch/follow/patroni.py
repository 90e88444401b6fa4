"""Patroni's REST API on this node, asked who leads; whatever its store is.

`GET /cluster` says who holds the leader key, and fails without the store; `GET /patroni` says whether the
local PostgreSQL is a primary already. This node leads when both say so.

Rules: the key is what counts. Where another member has it, this node does not lead, whatever runs here. Where
this node has it and is no running primary, it is about to become one, or to lose the key: unknown. A
member that the cluster does not know is unknown too: a wrong name must not take a VIP away. A standby
leader is no primary. Without the store nobody can be elected: then a primary that Patroni has demoted is
still the likeliest place for the VIP, and nothing is said of who leads.
Source: Patroni documentation, "REST API", "Pause/Resume mode", "DCS Failsafe Mode".
"""

from __future__ import annotations

import threading
import time

from vipswitch.authority.http_get import get
from vipswitch.authority.patroni_cluster import Lead, check_primary, read_lead
from vipswitch.deadline import Clock
from vipswitch.errors import Unavailable
from vipswitch.follow.sighting import Leader, Sighting
from vipswitch.followed import PatroniSource

_ANSWER_S = 1.8
"""For both questions; what is older than FREEZE_S is not acted on."""


class Patroni:
    """A `Source`; `me` is a member's name, or where its PostgreSQL listens."""

    def __init__(self, settings: PatroniSource, me: str, clock: Clock) -> None:
        self._settings = settings
        self._me = me
        self._clock = clock

    def look(self) -> Sighting:
        """Ask for the cluster, and, where this node leads it, for its own opinion."""
        since, until = self._clock.now(), time.monotonic() + _ANSWER_S
        try:
            leader, why = self._asked(until)
        except Unavailable as wrong:
            leader, why = Leader.UNKNOWN, wrong.message
        except ValueError as wrong:
            leader, why = Leader.UNKNOWN, f"{self._settings.url}: {wrong}"
        return Sighting(leader, why, since)

    def rest(self, seconds: float, ended: threading.Event) -> None:
        """So long: the API tells nobody of changes."""
        ended.wait(seconds)

    def _asked(self, until: float) -> tuple[Leader, str]:
        lead = read_lead(self._get("cluster", until))
        leader, why = judge(lead, self._me)
        if leader is Leader.ME and lead.leader is not None:
            check_primary(self._get("patroni", until), lead.leader.name, may_be_paused=True)
        return leader, why

    def _get(self, what: str, until: float) -> bytes:
        return get(f"{self._settings.url}/{what}", self._settings.ca_file, until)


def judge(lead: Lead, me: str) -> tuple[Leader, str]:
    """Who leads by the store, and why; ME says nothing yet of what runs here. Raises ValueError: unknown."""
    mine = lead.member(me)
    if mine is None:
        raise ValueError(f"{me} is not one member's name or host")
    if lead.leader is None:
        if lead.paused:
            return Leader.PEOPLE, "no member holds the leader key, and the cluster is paused"
        return Leader.NOBODY, "no member holds the leader key"
    if lead.leader is not mine:
        return Leader.ANOTHER, f"{lead.leader.name} holds the leader key"
    if mine.role != "leader":
        raise ValueError(f"{mine.name} is {mine.role}")
    return Leader.ME, f"{mine.name} holds the leader key and is primary"
