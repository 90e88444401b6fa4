"""The client's questions and what became of them, as its program (`probe`) reports them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Probe:
    """One question; unanswered, or answered by `node`. Monotonic times."""

    sent: float
    answered: float | None = None
    node: str | None = None


class Probes:
    """All probes so far, in the order in which they were sent; grows in a thread of its own."""

    def __init__(self) -> None:
        self._probes: list[Probe] = []

    def read(self, source: int) -> None:
        """Take in what the program writes to the other end of this descriptor."""
        threading.Thread(target=self._follow, args=(source,), daemon=True).start()

    def all(self) -> Sequence[Probe]:
        return tuple(self._probes)

    def since(self, at: float) -> Sequence[Probe]:
        """Those sent at `at` or later."""
        return tuple(probe for probe in self._probes if probe.sent >= at)

    def take(self, line: str) -> None:
        """One line: a question, or the answer to an earlier one."""
        number, sent, *answer = line.split()
        if not answer:
            self._probes.append(Probe(float(sent)))
        else:
            self._probes[int(number)] = Probe(float(sent), float(answer[0]), answer[1])

    def _follow(self, source: int) -> None:
        with open(source, encoding="ascii") as lines:
            for line in lines:
                self.take(line)


def last_answer(probes: Iterable[Probe], *, before: float = float("inf")) -> Probe | None:
    """The latest answer before a moment."""
    answers = [probe for probe in probes if probe.answered is not None and probe.answered < before]
    return max(answers, key=lambda probe: probe.answered or 0.0, default=None)


def first_answer(probes: Iterable[Probe], node: str, *, after: float) -> Probe | None:
    """The earliest answer of a node after a moment."""
    answers = [p for p in probes if p.answered is not None and p.answered > after and p.node == node]
    return min(answers, key=lambda probe: probe.answered or 0.0, default=None)
