"""Whether this process could change addresses, found out without changing anything.

`sudo -n -l COMMAND` alone would be a false comfort: it also succeeds for a command that would ask for
a password, as long as any other rule of this user does not. So the rule itself is read in sudo's
listing, where the last one that matches decides (sudoers(5)), and only "!authenticate" is a yes.
Sources: sudo(8) -l, sudoers(5) listpw; capabilities(7).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vipswitch.host.command import find_sudo, run
from vipswitch.host.privilege import NEEDS_CAPABILITY, Command, Runner, how_to_allow, is_setuid_root, status

_CAP_NET_ADMIN = 12


@dataclass(frozen=True, slots=True)
class Privilege:
    """How addresses would be changed, and what to do when they could not be.

    `password`: sudo knows the commands, but nothing shows that it would not ask for a password.
    """

    how: Literal["capability", "setuid", "sudo", "password", "none"]
    hint: str = ""


def can_change_addresses(runner: Runner, commands: Sequence[Command]) -> Privilege:
    """How `commands` would get their privilege. Raises HostError when sudo does not answer in time."""
    if has_capability():
        return Privilege("capability")
    if os.geteuid() == 0:
        return Privilege("none", NEEDS_CAPABILITY)
    if is_setuid_root(runner.ip):
        return Privilege("setuid")
    how = _by_sudo(runner, runner.whole(commands))
    return Privilege(how, "" if how == "sudo" else how_to_allow(runner.whole(commands)))


def has_capability() -> bool:
    """Whether this process has CAP_NET_ADMIN, so that the kernel does what it is asked."""
    return bool(int(status("CapEff") or "0", 16) >> _CAP_NET_ADMIN & 1)


def _by_sudo(runner: Runner, commands: Sequence[Command]) -> Literal["sudo", "password", "none"]:
    """-k: a password that a person typed a minute ago will not be there at the failover."""
    sudo = find_sudo()
    if sudo is None:
        return "none"
    ask = (sudo, "-n", "-k", "-l")
    if any(run((*ask, *command), runner.until).code != 0 for command in commands):
        return "none"
    listing = run((*ask, "-l"), runner.until).out
    return "sudo" if all(without_password(listing, " ".join(c)) for c in commands) else "password"


def without_password(listing: str, command: str) -> bool:
    """Whether the last rule in the output of `sudo -l -l` that matches `command` asks for no password."""
    rules = [rule for rule in listing.split("\n\n") if _matches(rule, command)]
    return bool(rules) and "!authenticate" in rules[-1]


def _matches(rule: str, command: str) -> bool:
    from fnmatch import fnmatchcase

    program = command.split()[0]
    patterns = [line.strip().replace("\\", "") for line in rule.splitlines() if line.startswith("\t")]
    return any(p in ("ALL", program) or fnmatchcase(command, p) for p in patterns)
