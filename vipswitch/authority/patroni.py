"""Patroni as the authority, asked by the REST API of this node.

YES: the store has this node as the leader, the local Patroni calls itself a running primary, and the holder
is another member, not leader, whose PostgreSQL runs. The store's answer may be some seconds old (a cache, or
a member key that lives for `ttl` seconds). That cannot mislead: there is one leader key, nobody else gets it
before it has expired, and a Patroni that cannot renew it steps down before that and says so.

`standby_leader` is UNKNOWN: whether the VIP follows it is a matter of the hooks. So is a paused cluster, in
which people decide. Source: Patroni documentation, "REST API" and "Pause/Resume mode".
"""

from __future__ import annotations

import time

from vipswitch.authority.http_get import get
from vipswitch.authority.model import Answer, Question, no, unknown, yes
from vipswitch.authority.patroni_cluster import Cluster, check_primary, read_cluster
from vipswitch.authority.settings import PatroniSettings
from vipswitch.errors import Unavailable


class Patroni:
    """An `Authority`."""

    def __init__(self, settings: PatroniSettings) -> None:
        self._settings = settings

    def ask(self, question: Question, timeout_s: float) -> Answer:
        """Ask for the cluster, and, when it says yes, for this node's own opinion."""
        if question.my_host is None or question.holder_host is None:
            return unknown(f"{question.holder or 'nobody'} or {question.me} is in no [node.NAME]")
        until = time.monotonic() + timeout_s
        try:
            cluster = read_cluster(self._get("cluster", until))
            answer = judge(cluster, question.my_host, question.holder_host)
            if answer is None:
                check_primary(self._get("patroni", until), cluster.leader.name)
        except Unavailable as wrong:
            return unknown(wrong.message)
        except ValueError as wrong:
            return unknown(f"{self._settings.url}: {wrong}")
        return answer or yes(f"{cluster.leader.name} leads, and {question.holder_host} is a running replica")

    def _get(self, what: str, until: float) -> bytes:
        return get(f"{self._settings.url}/{what}", self._settings.ca_file, until)


def judge(cluster: Cluster, my_host: str, holder_host: str) -> Answer | None:
    """None when this node is the leader and may take from the holder, else the answer."""
    me, holder = cluster.member(my_host), cluster.member(holder_host)
    if me is None:
        return unknown(f"{my_host} is not one member's name or host")
    if cluster.leader is not me:
        return no(f"{cluster.leader.name} leads")
    if me.role != "leader" or me.state != "running":
        return unknown(f"{me.name} is {me.role}, {me.state}")
    if holder is None:
        return unknown(f"{holder_host} is not one member's name or host")
    if not holder.connected_replica:
        return unknown(f"{holder.name} is {holder.role}, {holder.state}")
    return None
