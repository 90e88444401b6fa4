"""Which priority a new route takes, and what it is called: pure.

A route of Google Cloud cannot be changed, so a takeover inserts one that is better by one priority number,
and that number is in its name. Two nodes that both saw the same route want the same name, and Google gives a
name to one of them alone: that is the compare-and-set. A name is not used again while the numbers last, so a
late deletion by name cannot hit a newer route.

The first route ever takes a number at random, far from the end. What only fills a place that nobody holds
takes a worse one than an order does, so that it never wins over an order that crosses it.
Source: Compute Engine API reference, "routes"; RFC 1035, section 2.3.1, for names.
"""

from __future__ import annotations

import hashlib
import random
import re
from ipaddress import ip_network

from vipswitch.model import Address

WORST = 65535
ORDERED = range(32768, 57344)
RESTORED = range(57344, WORST + 1)
FEW = 1000
"""So near to the end people are told."""

_NUMBER = re.compile(r"-(\d{5})")


def family(network: str, address: Address) -> str:
    """What the names of all routes of one place begin with.

    A network's name is enough to tell it from the others of its project, where names of routes are unique.
    """
    digest = hashlib.sha256(f"{network} {ip_network(address)}".encode()).hexdigest()[:6]
    told = str(address).replace(".", "-") if address.version == 4 else address.exploded.replace(":", "")
    return f"vipswitch-{told}-{digest}"


def name_of(family: str, priority: int) -> str:
    """The name of a place's route with that priority."""
    return f"{family}-{priority:05}"


def is_ours(name: str, priority: int, family: str) -> bool:
    """Whether a route was made for the place by vipswitch."""
    found = _NUMBER.fullmatch(name.removeprefix(family)) if name.startswith(family) else None
    return found is not None and int(found[1]) == priority


def better_than(priority: int) -> int | None:
    """The next better priority; None where there is none left."""
    return priority - 1 if priority > 0 else None


def first(of: range, chance: random.Random) -> int:
    """A priority for a place that has no route."""
    return chance.choice(of)
