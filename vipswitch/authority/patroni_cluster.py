"""What Patroni's REST API says of the cluster, read exactly; no I/O.

`GET /cluster` comes from the store (etcd, Consul, ...), and fails without it: its leader is the one that
holds the key there. `GET /patroni` is what the local Patroni says of itself.

Rules: one leader; names that are all different; roles and states in Patroni's own words. Pause, a key that
nobody holds and failsafe mode are reasons to keep still: then people decide, or nobody does. Anything else
than expected is a ValueError. Sources: Patroni documentation, "REST API"; cluster_as_json in
patroni/utils.py, 2.0 to 4.1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vipswitch.nodes import same_host

_ROLES = ("leader", "standby_leader", "replica", "sync_standby", "quorum_standby")
_NO_PRIMARY = ("replica", "sync_standby", "quorum_standby")
_CONNECTED = ("running", "streaming")
_PRIMARY = ("primary", "master")
_REASONS_TO_WAIT = ("pause", "cluster_unlocked", "failsafe_mode_is_active")


@dataclass(frozen=True, slots=True)
class Member:
    """One member by its name; `host` is where its PostgreSQL listens, empty where nobody said so."""

    name: str
    host: str
    role: str
    state: str

    @property
    def connected_replica(self) -> bool:
        """Not leader, and its PostgreSQL is up as its living Patroni reports."""
        return self.role in _NO_PRIMARY and self.state in _CONNECTED


@dataclass(frozen=True, slots=True)
class Cluster:
    """The members as the store has them."""

    leader: Member
    members: tuple[Member, ...]

    def member(self, host: str) -> Member | None:
        """The member of that name, or the only one that listens at that host."""
        return _known_as(host, self.members)


@dataclass(frozen=True, slots=True)
class Lead:
    """Who holds the leader key, nobody perhaps, and whether the cluster is paused."""

    leader: Member | None
    members: tuple[Member, ...]
    paused: bool

    def member(self, host: str) -> Member | None:
        """As in a `Cluster`."""
        return _known_as(host, self.members)


def read_cluster(body: bytes) -> Cluster:
    """The answer to `GET /cluster`; ValueError when it is not one, or a leader is not to be acted for."""
    raw = _object(body)
    _refuse_to_guess(raw, _REASONS_TO_WAIT)
    members = _members(raw)
    leaders = _leaders(members)
    if len(leaders) != 1:
        raise ValueError(f"{len(leaders)} members lead")
    return Cluster(leaders[0], members)


def read_lead(body: bytes) -> Lead:
    """The same answer, for who wants to know who leads also where nobody does, and in a pause."""
    raw = _object(body)
    members, paused = _members(raw), raw.get("pause", False)
    leaders = _leaders(members)
    if len(leaders) > 1:
        raise ValueError(f"{len(leaders)} members lead")
    if not isinstance(paused, bool):
        raise ValueError(f"pause is {paused!r}")
    return Lead(leaders[0] if leaders else None, members, paused)


def check_primary(body: bytes, name: str, *, may_be_paused: bool = False) -> None:
    """ValueError unless `GET /patroni` was answered by a running primary, of this name as far as it says."""
    raw = _object(body)
    _refuse_to_guess(raw, _REASONS_TO_WAIT[1:] if may_be_paused else _REASONS_TO_WAIT)
    own = raw.get("patroni", {})
    if not isinstance(own, dict) or own.get("name", name) != name:
        raise ValueError(f"the Patroni that was asked is not {name}")
    if raw.get("role") not in _PRIMARY or raw.get("state") != "running":
        raise ValueError(f"{name} calls itself {raw.get('role')!r}, {raw.get('state')!r}")


def _known_as(host: str, members: Sequence[Member]) -> Member | None:
    named = [member for member in members if member.name == host]
    there = named or [member for member in members if member.host and same_host(member.host, host)]
    return there[0] if len(there) == 1 else None


def _members(raw: Mapping[str, object]) -> tuple[Member, ...]:
    listed = raw.get("members")
    if not isinstance(listed, list):
        raise ValueError("no list of members")
    members = tuple(_member(each) for each in listed)
    if len({member.name for member in members}) != len(members):
        raise ValueError("two members have one name")
    return members


def _leaders(members: Sequence[Member]) -> list[Member]:
    return [member for member in members if member.role in ("leader", "standby_leader")]


def _refuse_to_guess(raw: Mapping[str, object], reasons: Sequence[str]) -> None:
    for name in reasons:
        if raw.get(name, False) is not False:
            raise ValueError(f"{name} is {raw[name]!r}")


def _member(raw: object) -> Member:
    if not isinstance(raw, dict):
        raise ValueError("a member is no object")
    name, role, state = (_text(raw, key) for key in ("name", "role", "state"))
    if role not in _ROLES:
        raise ValueError(f"{name} has the role {role!r}")
    return Member(name, _text(raw, "host") if "host" in raw else "", role, state)


def _text(raw: Mapping[str, object], key: str) -> str:
    value = raw.get(key)
    if not isinstance(value, str):
        raise ValueError(f"a member's {key} is {value!r}")
    return value


def _object(body: bytes) -> Mapping[str, object]:
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise ValueError("not JSON") from wrong
    if not isinstance(raw, dict):
        raise ValueError("no JSON object")
    return raw
