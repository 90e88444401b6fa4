"""One change of the host's addresses: asked of the kernel, or made by an `ip` that has the privilege.

Rules: the kernel is asked directly. Only when it says EPERM is the same change made in the words of
`ip` (privilege.py). EACCES is not a privilege: the kernel answers it when IPv6 is disabled on the
interface. What kept a change from being made is told in the words of `ip`, whoever was asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from errno import ENODEV, EPERM
from functools import partial
from typing import TYPE_CHECKING, Literal

from vipswitch.host.messages import Answer
from vipswitch.host.netlink import Conversation, ask
from vipswitch.host.rtnetlink import add_request, delete_request

if TYPE_CHECKING:
    from vipswitch.host.command import Outcome
    from vipswitch.host.interface import Interface
    from vipswitch.host.privilege import Command, Runner


@dataclass(frozen=True, slots=True)
class Change:
    """`address`, with its prefix, put on the link or taken off it."""

    verb: Literal["add", "del"]
    address: Interface
    link: str

    @property
    def command(self) -> Command:
        """The words after `ip`, as sudoers names them."""
        words = ("addr", self.verb, self.address.with_prefixlen, "dev", self.link)
        new_ipv6 = self.verb == "add" and self.address.version == 6
        return (*words, "nodad", "preferred_lft", "0") if new_ipv6 else words


def make(change: Change, runner: Runner, *, allow: Sequence[Change]) -> str | None:
    """What kept the change from being made; None where nothing did.

    Raises PermissionDenied, with the sudoers line for the changes in `allow`, when neither we nor sudo
    have the privilege; HostError when it is not made in time.
    """
    answer = ask(partial(_request, change), runner.until)
    commands = [allowed.command for allowed in allow]
    if answer is None:
        return _failure(runner.change(change.command, allow=commands))
    if answer.errno == EPERM:
        return _failure(runner.change_as_root(change.command, allow=commands))
    return answer.reason


def _request(change: Change, kernel: Conversation) -> Answer:
    from socket import if_nametoindex

    try:
        index = if_nametoindex(change.link)
    except OSError:
        return Answer(ENODEV, f'Cannot find device "{change.link}"')
    request = add_request if change.verb == "add" else delete_request
    return kernel.change(request(change.address, index))


def _failure(outcome: Outcome) -> str | None:
    return outcome.reason if outcome.code else None
