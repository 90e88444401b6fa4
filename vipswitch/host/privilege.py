"""The privilege to change addresses where it is not ours: lent by sudo for exactly one command of `ip`.

Rules: where the kernel says EPERM and we are not root, a setuid `ip` is run, or else the same words
through `sudo -n`, so that a sudoers line can name them to the letter.
Sources: capabilities(7) CAP_NET_ADMIN, sudo(8), sudoers(5) "Special characters and escapes".
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass

from vipswitch.errors import HostError, PermissionDenied
from vipswitch.host.command import IP_PLACES, Outcome, find_ip, find_sudo, run

Command = tuple[str, ...]
"""The words after `ip`."""

_EPERM = "Operation not permitted"
_NO_DEVICE = "Cannot find device"
_ESCAPED = str.maketrans({char: f"\\{char}" for char in "\\,:=*?[]!"})

NEEDS_CAPABILITY = (
    "root lacks CAP_NET_ADMIN here: give it to the container (--cap-add NET_ADMIN) or to the service "
    "(CapabilityBoundingSet)"
)
_NO_NEW_PRIVILEGES = (
    "this service has NoNewPrivileges, so sudo cannot help: give it "
    "AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW (systemd.exec(5))"
)
_NO_LISTING = (
    "let this process have netlink sockets (systemd.exec(5): RestrictAddressFamilies=AF_NETLINK), "
    "or install iproute2 4.14 or later"
)


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs `ip` for one operation, all of whose steps end by `until` (a moment on `time.monotonic`)."""

    until: float
    program: str | None

    @classmethod
    def within(cls, seconds: float, *, ip: str | None = None) -> Runner:
        """A runner for an operation that may take `seconds`; `ip` is the program's absolute path."""
        return cls(time.monotonic() + seconds, ip or find_ip())

    @property
    def ip(self) -> str:
        """The absolute path of `ip`. Raises HostError where there is none."""
        if self.program is None:
            raise HostError(f"ip: found at none of {', '.join(IP_PLACES)}", hint="install iproute2")
        return self.program

    def read(self, *words: str) -> str:
        """What `ip` prints; never with a privilege that is not ours. Raises HostError."""
        outcome = run((self.ip, *words), self.until)
        if outcome.code != 0:
            raise HostError(f"{self.text(words)}: {outcome.reason}", hint=_NO_LISTING)
        return outcome.out

    def change(self, command: Command, *, allow: Sequence[Command]) -> Outcome:
        """Run a changing command, as ourselves if that is enough; how it ended is for the caller to judge.

        Raises as `change_as_root` does.
        """
        outcome = run((self.ip, *command), self.until)
        return self.change_as_root(command, allow=allow) if _lacks_privilege(outcome) else outcome

    def change_as_root(self, command: Command, *, allow: Sequence[Command]) -> Outcome:
        """Run a changing command for which we lack the privilege; how it ended is for the caller to judge.

        Raises PermissionDenied, with the sudoers line for the commands in `allow`, when sudo does not
        lend it either; HostError when it does not end in time.
        """
        outcome = self._by_somebody_else(command, allow) if os.geteuid() != 0 else None
        if outcome is None or _lacks_privilege(outcome):
            raise PermissionDenied(f"{self.text(command)}: {_EPERM.lower()}", hint=NEEDS_CAPABILITY)
        return outcome

    def _by_somebody_else(self, command: Command, allow: Sequence[Command]) -> Outcome:
        if is_setuid_root(self.ip):
            outcome = run((self.ip, *command), self.until)
            if not _lacks_privilege(outcome):
                return outcome
        return self._through_sudo(command, allow)

    def _through_sudo(self, command: Command, allow: Sequence[Command]) -> Outcome:
        """sudo exits 1 when it refuses, else with `ip`'s own status; that is 1 for a device that is gone."""
        sudo = find_sudo()
        if sudo is None:
            raise self._denied(command, "not root, and sudo is not installed", allow)
        outcome = run((sudo, "-n", self.ip, *command), self.until)
        if outcome.code == 1 and _NO_DEVICE not in outcome.err:
            raise self._denied(command, outcome.reason, allow)
        return outcome

    def _denied(self, command: Command, why: str, allow: Sequence[Command]) -> PermissionDenied:
        return PermissionDenied(f"{self.text(command)}: {why}", hint=how_to_allow(self.whole(allow)))

    def whole(self, commands: Sequence[Command]) -> list[Command]:
        """The commands with the program before them, as sudo sees them."""
        return [(self.ip, *command) for command in commands]

    def text(self, command: Command) -> str:
        """The command line, for people."""
        return " ".join((self.program or "ip", *command))


def how_to_allow(commands: Sequence[Sequence[str]]) -> str:
    """The hint that lets this process's user run `commands` (program and words) as root."""
    if status("NoNewPrivs") == "1":
        return _NO_NEW_PRIVILEGES
    return f"add this line with `visudo -f /etc/sudoers.d/vipswitch`: {sudoers_line(commands)}"


def sudoers_line(commands: Sequence[Sequence[str]]) -> str:
    """`postgres ALL=(root) NOPASSWD: /usr/sbin/ip addr add 10.99.0.50/32 dev eth0, ...`

    The colons of an IPv6 address carry a backslash, as sudoers(5) demands of command arguments.
    """
    return f"{_user()} ALL=(root) NOPASSWD: {', '.join(_escaped(command) for command in commands)}"


def is_setuid_root(program: str) -> bool:
    """Whether this process would get root's privileges by running it. Raises HostError."""
    try:
        about = os.stat(program)
    except OSError as exc:
        raise HostError(f"{program}: {(exc.strerror or str(exc)).lower()}", hint="install iproute2") from exc
    return about.st_uid == 0 and bool(about.st_mode & stat.S_ISUID) and status("NoNewPrivs") != "1"


def status(field: str) -> str:
    """One field of this thread in /proc/PID/status (proc(5)); empty where the kernel has no such field."""
    with open("/proc/thread-self/status", encoding="utf-8", errors="replace") as lines:
        return next((line.split()[1] for line in lines if line.startswith(f"{field}:")), "")


def _escaped(command: Sequence[str]) -> str:
    return " ".join(word.translate(_ESCAPED) for word in command)


def _user() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"#{os.geteuid()}"


def _lacks_privilege(outcome: Outcome) -> bool:
    return outcome.code != 0 and _EPERM in outcome.err
