"""What `vipswitch check` says for every AWS method: who asks, as which interface, and what went wrong.

Rules: what could not be looked at is a warning, never fine; what was found out to be wrong is an error.
"""

from __future__ import annotations

from collections.abc import Callable

from vipswitch.deadline import Deadline
from vipswitch.errors import Unavailable, VipswitchError
from vipswitch.model import NodeId
from vipswitch.provider import Finding, Level
from vipswitch.providers.aws.interfaces import Interface, Interfaces


def trouble(subject: str, wrong: VipswitchError) -> Finding:
    """What could not be found out is a warning; what was found out to be wrong is an error."""
    level = Level.WARNING if isinstance(wrong, Unavailable) else Level.ERROR
    message = wrong.message.removeprefix(f"{subject}: ")
    return Finding(level, subject, message, wrong.hint or "run `vipswitch check` again")


def caller(ask: Callable[[Deadline], str], deadline: Deadline) -> Finding:
    """Who the requests are made as."""
    try:
        return Finding(Level.OK, "AWS credentials", ask(deadline))
    except VipswitchError as wrong:
        return trouble("AWS credentials", wrong)


def own_interface(
    node: Callable[[Deadline], NodeId], interfaces: Interfaces, deadline: Deadline
) -> Interface | Finding:
    """This node's; an id that cannot be found out now could not be in a failover either: an error."""
    subject = "network interface"
    try:
        id = node(deadline)
    except VipswitchError as wrong:
        return Finding(Level.ERROR, subject, wrong.message, wrong.hint)
    try:
        return interfaces.describe(id, deadline)
    except VipswitchError as wrong:
        return trouble(subject, wrong)
