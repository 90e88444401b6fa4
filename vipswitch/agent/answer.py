"""What a hook hears: one answer for all the VIPs that its order is for."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from vipswitch.agent.desk import Reply
from vipswitch.edge import distinct, lines
from vipswitch.errors import VipswitchError, worst
from vipswitch.hostside import HostSide
from vipswitch.model import Verb
from vipswitch.plan import Step
from vipswitch.result import Result
from vipswitch.steplog import name_of, outcome_of
from vipswitch.world import Fact


class Answer:
    """`taken` once every VIP's order is written down, the results, then the worst exit code. Thread-safe.

    With `detach` the hook is let go as soon as the host side of a `down` is done everywhere.
    """

    def __init__(self, reply: Reply, vips: int, *, detach: bool = False, verbose: bool = False) -> None:
        self._reply = reply
        self._vips = vips
        self._detach = detach
        self._verbose = verbose
        self._lock = threading.Lock()
        self._untaken = vips
        self._let_go: set[str] = set()
        self._codes: list[int] = []

    def taken(self) -> None:
        """One VIP's order is written down, or will never be."""
        with self._lock:
            self._untaken -= 1
            if self._untaken == 0:
                self._reply.taken()

    def refused(self, error: VipswitchError) -> None:
        """One VIP's order could not be taken."""
        self.taken()
        self._told(lines(error), error.exit_code)

    def result(self, result: Result, *, goes_on: bool) -> None:
        """What came of the round that the hook waits for."""
        said = [f"warning: {warning}" for warning in result.warnings]
        said += [line for error in distinct(result.errors) for line in lines(error)]
        if goes_on and result.errors:
            said.append(f"{result.vip} {result.verb}: the agent goes on trying")
        self._told(said, result.exit_code)

    def host_done(self, vip: str, result: Result | None = None) -> None:
        """The host side of one VIP's `down` is done, as far as it goes without, or with, this result."""
        if result is not None and result.exit_code != 0:
            return
        with self._lock:
            self._let_go.add(vip)
            if self._detach and len(self._let_go) == self._vips:
                self._reply.exit(0)

    def watching(self, vip: str, verb: Verb) -> HostSide:
        """An observer of one VIP's errand, for what is to be said while it runs."""
        return HostSide(self, vip, verb)

    def step(self, vip: str, step: Step, facts: list[Fact], seconds: float) -> None:
        """A step is over; said if the hook wants to hear each."""
        if self._verbose:
            for fact in facts:
                said = f"vip={vip} step={name_of(step)} {outcome_of(step, fact)} ms={seconds * 1000:.0f}"
                self._reply.say(said)

    def _told(self, said: Iterable[str], code: int) -> None:
        with self._lock:
            for line in said:
                self._reply.say(line)
            self._codes.append(code)
            if len(self._codes) == self._vips:
                self._reply.exit(worst(self._codes))
