"""Authorities: whom the agent asks before it takes a VIP from a node that no longer leads.

Light: neither `subprocess` nor an HTTP client is loaded before an authority is built, because the config
reader imports this package for the settings.
"""

from __future__ import annotations

from collections.abc import Mapping

from vipswitch.authority.model import Answer, Authority, Question, Verdict
from vipswitch.authority.settings import AuthoritySettings, PatroniSettings, PgpoolSettings
from vipswitch.model import NodeId
from vipswitch.nodes import Node, host_of

__all__ = ["Answer", "Authority", "Question", "Verdict", "build", "question"]


def build(settings: AuthoritySettings) -> Authority:
    """The authority of these settings; asks nobody yet."""
    if isinstance(settings, PgpoolSettings):
        from vipswitch.authority.pgpool import Pgpool

        return Pgpool(settings)
    if isinstance(settings, PatroniSettings):
        from vipswitch.authority.patroni import Patroni

        return Patroni(settings)
    from vipswitch.authority.command import Command

    return Command(settings)


def question(nodes: Mapping[str, Node], vip: str, me: NodeId, holder: NodeId | None) -> Question:
    """Whether `me` may take this VIP from `holder`, with the hosts that `nodes` has for the two."""
    return Question(vip, me, holder, host_of(nodes, me), host_of(nodes, holder))
