"""Who leads, as far as it can be told at one moment.

Rules: UNKNOWN is not "no": silence, an error, an answer that is too old or that nobody expected. NOBODY is
said only by a store that answers for its majority. PEOPLE is said of a paused cluster in which nobody leads:
what runs there runs because somebody wants it to.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from vipswitch.deadline import Instant


class Leader(Enum):
    """Who leads, as seen from this node."""

    ME = "this node leads"
    ANOTHER = "another node leads"
    NOBODY = "nobody leads"
    PEOPLE = "nobody leads, and the cluster is paused"
    UNKNOWN = "who leads is unknown"


@dataclass(frozen=True, slots=True)
class Sighting:
    """Who leads, in one line for people how that is known, and the moment before which it may be untrue."""

    leader: Leader
    why: str
    since: Instant


class Source(Protocol):
    """Somebody who can be asked who leads."""

    def look(self) -> Sighting:
        """Ask; never raises, changes nothing, and takes some seconds at most."""
        ...

    def rest(self, seconds: float, ended: threading.Event) -> None:
        """Wait so long, less when something may have changed or `ended` is set."""
        ...
