"""When the agent looks at a VIP, in a time that passes as it is told."""

from __future__ import annotations

from dataclasses import dataclass, field

from vipswitch.agent.looks import look_after
from vipswitch.agent.monitor import OFTEN_S, SELDOM_S
from vipswitch.errors import Unavailable


@dataclass
class Passing:
    """Time that passes whenever somebody waits; it ends at `until_s`. No order before `ordered_s`."""

    until_s: float
    ordered_s: float = 0.0
    now_s: float = 0.0
    looked_s: list[float] = field(default_factory=list)
    name: str = "primary"
    fails: bool = False

    def wait(self, timeout: float, /) -> bool:
        self.now_s += timeout
        return self.now_s > self.until_s

    @property
    def interval_s(self) -> float:
        return OFTEN_S if self.now_s >= self.ordered_s else SELDOM_S

    def look(self) -> float:
        self.looked_s.append(self.now_s)
        if self.fails:
            raise Unavailable("no answer")
        return self.interval_s


def test_first_look_is_made_at_once_and_the_others_at_even_intervals() -> None:
    """While the last order is `up`."""
    time = Passing(until_s=20)
    look_after(time, time)
    assert time.looked_s == [0, 5, 10, 15, 20]


def test_without_an_order_looks_are_seldom() -> None:
    """An account's API limit is shared by all clusters."""
    time = Passing(until_s=130, ordered_s=1000)
    look_after(time, time)
    assert time.looked_s == [0, 60, 120]


def test_an_order_that_comes_during_a_long_rest_is_looked_after_from_then_on() -> None:
    """A new holder does not go unwatched for what was left of a minute."""
    time = Passing(until_s=30, ordered_s=17)
    look_after(time, time)
    assert time.looked_s == [0, 20, 25, 30]


def test_look_that_fails_is_followed_by_others() -> None:
    """Whatever went wrong."""
    time = Passing(until_s=10, fails=True)
    look_after(time, time)
    assert time.looked_s == [0, 5, 10]
