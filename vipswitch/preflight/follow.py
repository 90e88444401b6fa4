"""Whom the VIPs follow: can it be asked from here, and does it know this node.

It is asked once, as the follower would ask; nothing is ordered. A node that is not found in its cluster would
never get a VIP, and would say so in its log alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from socket import gethostname

from vipswitch.config import Config, VipConfig
from vipswitch.deadline import SystemClock
from vipswitch.follow.service import name_here, source
from vipswitch.follow.sighting import Leader
from vipswitch.preflight.findings import ok, warning
from vipswitch.provider import Finding


def followed_by(vips: Sequence[VipConfig]) -> tuple[str, ...]:
    """The sources that these VIPs follow, each once."""
    return tuple(dict.fromkeys(vip.follow for vip in vips if vip.follow is not None))


def look_at_source(name: str, config: Config) -> Iterator[Finding]:
    """Who leads, as this node would see it. Raises ConfigError where a library is missing."""
    settings = config.sources[name]
    me = name_here(settings, config.nodes, None, gethostname())
    subject = f"follow {name}"
    seen = source(settings, me, SystemClock()).look()
    if seen.leader is Leader.UNKNOWN:
        fix = f"see [follow.{name}]; this node is sought there as {me}, see `member`"
        yield warning(subject, f"{seen.leader.value}: {seen.why}", fix)
    else:
        yield ok(subject, f"as {me}: {seen.leader.value}: {seen.why}")
