"""A VIP that another node holds while this one was told to have it: whom to ask, and when to believe it.

Rules: only an authority of the config is asked, and only about a node that holds all places of the VIP. One
YES is not enough: the next answer, an interval later and about the same holder, must be YES as well.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from vipswitch.authority import Authority, Question, Verdict
from vipswitch.errors import VipswitchError
from vipswitch.model import NodeId
from vipswitch.result import Report

log = logging.getLogger("vipswitch.agent")

_ASK_S = 3.0


class Contest:
    """Asks about one VIP. Without an authority nothing is ever decided."""

    def __init__(
        self,
        name: str,
        authority: Authority | None,
        question: Callable[[NodeId, NodeId | None], Question] | None,
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
