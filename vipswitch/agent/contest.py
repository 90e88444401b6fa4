"""A VIP that another node holds while this one was told to have it: whom to ask, and when to believe it.

Rules: only an authority of the config is asked, and only about a node that holds all places of the VIP. One
YES is not enough: the next answer, an interval later and about the same holder, must be YES as well.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from vipswitch import authority
from vipswitch.authority import Authority, Question, Verdict
from vipswitch.deadline import Clock, Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import NodeId
from vipswitch.nodes import Node, respelt
from vipswitch.provider import Provider, Spells
from vipswitch.result import Report

log = logging.getLogger("vipswitch.agent")

_ASK_S = 3.0


Ask = Callable[[NodeId, NodeId | None], Question]
"""The question whether the first node may take the VIP from the second."""


def question(nodes: Mapping[str, Node], vip: str, provider: Provider, clock: Clock) -> Ask:
    """Asks about one VIP, with the nodes of the config as its provider names them."""

    def ask(me: NodeId, holder: NodeId | None) -> Question:
        deadline = Deadline(_ASK_S, clock)
        return authority.question(respelt(nodes, lambda id: _spelt(provider, id, deadline)), vip, me, holder)

    return ask


def _spelt(provider: Provider, node: NodeId, deadline: Deadline) -> NodeId:
    """What is no node of this provider's stays as it is: a node has ids for other methods as well."""
    try:
        return provider.spelt(node, deadline) if isinstance(provider, Spells) else node
    except VipswitchError:
        return node


class Contest:
    """Asks about one VIP. Without an authority nothing is ever decided."""

    def __init__(
        self,
        name: str,
        authority: Authority | None,
        question: Ask | None,
    ) -> None:
        self._name = name
        self._authority = authority
        self._question = question
        self._yes_before = False

    def forget(self) -> None:
        """It is not contested now, or not as it was: the next YES is a first one."""
        self._yes_before = False

    def decided(self, report: Report) -> bool:
        """Whether this node leads and the one that holds the VIP does not, twice in a row."""
        before, self._yes_before = self._yes_before, self._says_yes(report)
        return before and self._yes_before

    def _says_yes(self, report: Report) -> bool:
        holders = {seen.holder for seen in report.places.values() if not isinstance(seen, VipswitchError)}
        if self._authority is None or self._question is None or report.node is None or len(holders) != 1:
            return False
        answer = self._authority.ask(self._question(report.node, holders.pop()), _ASK_S)
        yes = answer.verdict is Verdict.YES
        level = logging.WARNING if yes else logging.INFO
        log.log(level, "%s: authority says %s: %s", self._name, answer.verdict.value, answer.why)
        return yes
