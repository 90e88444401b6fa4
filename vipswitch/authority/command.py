"""Any program as the authority: exit status 0 is yes, 1 is no, and everything else is unknown.

It is told the VIP by VIPSWITCH_VIP, this node by VIPSWITCH_NODE and the holder by VIPSWITCH_HOLDER, as the
provider names them, and by VIPSWITCH_HOLDER_HOST as `[node.NAME]` has it (empty where it does not). It has
no other part of the agent's environment. What it says decides nothing: its first line is shown to people.
"""

from __future__ import annotations

from vipswitch.authority.model import Answer, Question, Verdict, unknown
from vipswitch.authority.program import Ended, first_line, run
from vipswitch.authority.settings import CommandSettings
from vipswitch.errors import Unavailable

_VERDICTS = {0: Verdict.YES, 1: Verdict.NO}


class Command:
    """An `Authority`."""

    def __init__(self, settings: CommandSettings) -> None:
        self._words = settings.command

    def ask(self, question: Question, timeout_s: float) -> Answer:
        """Run it and look at its exit status."""
        if question.holder is None:
            return unknown("nobody holds the VIP")
        environment = {
            "VIPSWITCH_VIP": question.vip,
            "VIPSWITCH_NODE": question.me,
            "VIPSWITCH_HOLDER": question.holder,
            "VIPSWITCH_HOLDER_HOST": question.holder_host or "",
        }
        try:
            ended = run(self._words, environment, timeout_s)
        except Unavailable as wrong:
            return unknown(wrong.message)
        return Answer(_VERDICTS.get(ended.code, Verdict.UNKNOWN), self._why(ended))

    def _why(self, ended: Ended) -> str:
        how = f"exit status {ended.code}" if ended.code >= 0 else f"ended by signal {-ended.code}"
        said = first_line(ended.out, ended.err)
        return f"{self._words[0]}: {how}" + (f": {said}" if said else "")
