"""All merges of what several nodes ask of one cloud, tried one after the other.

    for run in explore(begin):
        ...  # run.play is at its end, run.events led there

`explore` is the search: it begins a play anew for every schedule and chooses who goes next, so that of all
schedules that differ only in the order of requests that do not meet, one is run. `stage` has actors that are
threads, in which every request waits until it is chosen; nothing sleeps, and time is each actor's own.
`actor` remembers what they do, so that most of them need not come alive. `count` says for how many merges a
schedule stands.

Nothing here knows of any cloud: what a request looks at and what it has changed is said by the test's.
Source: P. Abdulla and others, "Optimal Dynamic Partial Order Reduction" (source sets, sleep sets); M.
Musuvathi and others, "Finding and Reproducing Heisenbugs in Concurrent Programs" (stateless search).
"""

from .actor import Actor, Memory
from .explore import Choice, Effect, Event, Play, Run, again, explore
from .stage import Killed, PacedClock, Stage, Watch

__all__ = [
    "Actor",
    "Choice",
    "Effect",
    "Event",
    "Killed",
    "Memory",
    "PacedClock",
    "Play",
    "Run",
    "Stage",
    "Watch",
    "again",
    "explore",
]
