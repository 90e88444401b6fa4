"""What `vipswitch check` says for every AWS method: who asks, and as which interface."""

from __future__ import annotations

from collections.abc import Callable

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import NodeId
from vipswitch.provider import Finding, Level
from vipswitch.providers.aws.interfaces import Interface, Interfaces
from vipswitch.providers.looked_at import trouble


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
