"""What the cluster's configuration says: `OCF_RESKEY_*` in the environment.

`ip`, `nic` and `cidr_netmask` are those of ocf:heartbeat:IPaddr2, so that such a resource becomes one of ours
by its agent's name. A `start` begins here, so nothing is imported that takes time.
"""

from __future__ import annotations

import _socket

from vipswitch.callers.ocf.codes import CONFIGURED, Wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_S = 20.0
"""Pacemaker's own, where an operation has none."""

_SPARE_S = 2.0
"""Pacemaker kills at the timeout: so much sooner we have ended."""

_LONGEST_S = 3600.0
"""No order can be given longer."""


class Parameters:
    """Of one resource. `name` is what the VIP is called; `flags` are config keys; `limit_s` is ours."""

    __slots__ = ("address", "config", "depth", "flags", "limit_s", "name", "nic", "probes")

    def __init__(self, env: Mapping[str, str]) -> None:
        """Raises Wrong."""
        self.address = _key(env, "ip")
        self.nic = _key(env, "nic")
        self.config = _key(env, "config")
        self.name = _key(env, "vip") or self.address
        self.flags = _flags(_key(env, "settings"))
        self.limit_s = limit_s(_key(env, "CRM_meta_timeout"))
        self.depth = int(level) if (level := env.get("OCF_CHECK_LEVEL", "")).isdecimal() else 0
        self.probes = _key(env, "CRM_meta_interval") in ("", "0")  # Pacemaker leaves a 0 out
        if not self.name:
            raise Wrong(
                CONFIGURED, "ip: is missing; give the VIP's address, or its name in vipswitch.toml as vip"
            )
        if self.address and not _is_address(self.address):
            raise Wrong(CONFIGURED, f"ip: {self.address!r} is not an IP address")
        if self.name.startswith("-"):
            raise Wrong(CONFIGURED, f"vip: {self.name!r} is no name")
        if self.flags and self.nic:
            self.flags.setdefault("interface", self.nic)

    def words(self, seconds: float) -> list[str]:
        """The command line of a hook that has so much time."""
        config = ["--config", self.config] if self.config else []
        flags = [f"--{name.replace('_', '-')}={value}" for name, value in self.flags.items()]
        return [self.name, "--deadline", f"{seconds:.3f}", *config, *flags]


def limit_s(timeout_ms: str) -> float:
    """How long an action may take, by the timeout that Pacemaker has for it."""
    given = int(timeout_ms) / 1000 if timeout_ms.isdecimal() and int(timeout_ms) else TIMEOUT_S
    return min(max(given - _SPARE_S, given / 2), _LONGEST_S)


def _key(env: Mapping[str, str], name: str) -> str:
    return env.get(f"OCF_RESKEY_{name}", "").strip()


def _flags(settings: str) -> dict[str, str]:
    """`provider=aws-route-table route_tables=rtb-1,rtb-2`"""
    flags: dict[str, str] = {}
    for word in settings.split():
        name, equals, value = word.partition("=")
        if not (equals and name.replace("_", "").isalnum() and name[0].isalpha()):
            raise Wrong(CONFIGURED, f"settings: {word!r} is not of the form KEY=VALUE")
        flags[name] = value
    if flags and "provider" not in flags:
        raise Wrong(CONFIGURED, "settings: provider is missing; write provider=NAME and that provider's keys")
    return flags


def _is_address(text: str) -> bool:
    for family in (_socket.AF_INET, _socket.AF_INET6):
        try:
            _socket.inet_pton(family, text)
        except OSError:
            continue
        return True
    return False
