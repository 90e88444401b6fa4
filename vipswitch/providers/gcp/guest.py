"""What Google's guest agent does on this host with alias ranges and forwarded addresses.

For each range that the metadata service shows on this instance it makes a route of the table `local`, of
protocol 66, and takes it away when the range is gone. With the address itself on the host that route is
superfluous, and without it it would do in its stead; vipswitch does not count on it, because the agent may be
off or late, and because it tells nothing of whose order it was.
Source: GoogleCloudPlatform/guest-agent, README, "IP Forwarding", and `google_guest_agent/addresses.go`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from vipswitch.provider import Finding, Level

AGENT = (Path("/usr/bin/google_guest_agent"), Path("/usr/bin/google_guest_agent_manager"))
"""There where it is installed."""


def alias_routes(agent: Sequence[Path] = AGENT) -> Iterator[Finding]:
    """What is to be known of the agent, where it is installed."""
    if any(each.exists() for each in agent):
        message = (
            "Google's guest agent makes a local route for an alias range as well (proto 66): harmless,"
            " and gone some seconds after the range"
        )
        yield Finding(Level.OK, "host", message)
