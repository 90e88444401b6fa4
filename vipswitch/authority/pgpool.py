"""Pgpool-II's watchdog as the authority, asked by `pcp_watchdog_info` on this node.

YES: the local watchdog is LEADER with QUORUM EXIST and has escalated, nobody else is, and the holder's is a
MEMBER on STANDBY that accepts a connection right now. After a healed split of two nodes with half votes the
quorum exists again (seen on 4.3.5, 9 s after the heal). "On the edge" is UNKNOWN: the other half of the votes
may have a leader too.

The connection is made because the watchdog's own knowledge is late: a leader that is cut off calls the others
STANDBY until its next lifecheck, up to wd_interval after they may have elected another.

Source: Pgpool-II manual, pcp_watchdog_info; src/watchdog/watchdog.c.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator

from vipswitch.authority.model import Answer, Question, no, unknown, yes
from vipswitch.authority.program import PATH, Ended, first_line, run
from vipswitch.authority.settings import PgpoolSettings
from vipswitch.authority.watchdog_info import Quorum, Watchdog, WatchdogNode, parse
from vipswitch.errors import Unavailable
from vipswitch.nodes import same_host

_PROGRAM = "pcp_watchdog_info"


class Pgpool:
    """An `Authority`."""

    def __init__(self, settings: PgpoolSettings) -> None:
        self._settings = settings

    def ask(self, question: Question, timeout_s: float) -> Answer:
        """Ask the watchdog of this node, then see whether the holder's can be reached."""
        if question.my_host is None or question.holder_host is None:
            return unknown(f"{question.holder or 'nobody'} or {question.me} is in no [node.NAME]")
        until = time.monotonic() + timeout_s
        try:
            watchdog = parse(self._watchdog_info(timeout_s))
            holder = standby(watchdog, question.my_host, question.holder_host)
            if isinstance(holder, Answer):
                return holder
            _connect(holder, until)
        except Unavailable as wrong:
            return unknown(wrong.message)
        except ValueError as wrong:
            return unknown(f"{_PROGRAM}: {wrong}")
        return yes(f"{watchdog.local.host} leads with quorum, and {holder.host} is a connected standby")

    def _watchdog_info(self, timeout_s: float) -> str:
        asked = self._settings
        program = str(asked.program) if asked.program else _find()
        words = [program, "-w", "-v", "-h", asked.host, "-p", str(asked.port), "-U", asked.user]
        return _said(run(words, {"PCPPASSFILE": str(asked.passfile)}, timeout_s))


def standby(watchdog: Watchdog, my_host: str, holder_host: str) -> WatchdogNode | Answer:
    """The holder's node when this one leads and may take from it, else the answer."""
    local = watchdog.local
    if not same_host(local.host, my_host):
        return unknown(f"the Pgpool-II that was asked is {local.host}, and this node is {my_host}")
    leaders = [node for node in (local, *watchdog.remote) if node.status == "LEADER"]
    if leaders and local not in leaders:
        return no(f"{leaders[0].host} leads")
    if leaders != [local] or not same_host(watchdog.leader_host, local.host):
        return unknown(f"{len(leaders)} nodes lead, by name {watchdog.leader_host}")
    if watchdog.quorum is not Quorum.EXIST or not watchdog.escalated or not local.member:
        return unknown(f"{local.host} leads, but {'; '.join(_lacking(watchdog))}")
    holder = next((node for node in watchdog.remote if same_host(node.host, holder_host)), None)
    if holder is None:
        return unknown(f"{holder_host} is none of the other Pgpool-II nodes")
    if holder.status != "STANDBY" or not holder.member:
        return unknown(f"{holder.host} is {holder.status}{'' if holder.member else ', no member'}")
    return holder


def _lacking(watchdog: Watchdog) -> Iterator[str]:
    """What a leader lacks."""
    if watchdog.quorum is not Quorum.EXIST:
        yield watchdog.quorum.value.lower()
    if not watchdog.escalated:
        yield "it has not escalated"
    if not watchdog.local.member:
        yield "it is no member"


def _said(ended: Ended) -> str:
    """Its output; its exit status is 0 also where Pgpool-II refused, so a silent one is a failure."""
    if ended.code != 0 or not ended.out:
        why = first_line(ended.err, ended.out) or f"exit status {ended.code}"
        raise Unavailable(f"{_PROGRAM}: {why}")
    return ended.out


def _connect(holder: WatchdogNode, until: float) -> None:
    """Raises Unavailable unless the holder's watchdog accepts a connection."""
    left = until - time.monotonic()
    try:
        socket.create_connection((holder.host, holder.watchdog_port), max(left, 0.001)).close()
    except OSError as wrong:
        why = (wrong.strerror or str(wrong)).lower()
        raise Unavailable(f"{holder.host} port {holder.watchdog_port}: {why}") from wrong


def _find() -> str:
    """Where the program is; its bare name when it is nowhere, so that the failure names it."""
    folders = [*os.environ.get("PATH", "").split(":"), *PATH.split(":")]
    paths = (f"{folder}/{_PROGRAM}" for folder in folders if folder.startswith("/"))
    return next((path for path in paths if os.access(path, os.X_OK)), _PROGRAM)
