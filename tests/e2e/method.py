"""What a method is to the lab: its cloud, what the config says, who had the VIP, by which rules it is judged.

Rules: what is specific to a method stands in its cloud's module (`aws_methods` and so on) and nowhere else in
the lab; the truth about who had the VIP is what the network or the cloud did, never what a mover said. Nodes
are named as their hosts are.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any

from tests.e2e import judge, movers
from tests.e2e.cloud import Cloud
from tests.e2e.evidence import Route
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.vpc import Vpc


@dataclass(frozen=True, slots=True)
class Seed:
    """A VIP in a cloud that is ready to move it; `config` is vipswitch's, the same on all nodes.

    `called` is what Pgpool-II and its hooks call it; `sample` is the counter-example's file and what it is
    told; a client on `client` connects to `reach`. `address` comes and goes on the nodes, if any does; `zone`
    is where `reach` is found, if that is a name. `by_hand` is what the counter-example leaves to its user.
    """

    config: str
    called: str
    sample: Sequence[str]
    client: Host
    reach: str
    truth: Callable[[], list[Route]]
    address: IPv4Address | None = None
    zone: str | None = None
    by_hand: Callable[[], object] = lambda: None


@dataclass(frozen=True, slots=True)
class Method:
    """One method: its cloud, and the VIP in it.

    With a `style` of its own it is not run in the style that the scenario asks for. `together` puts the nodes
    into one subnet.
    """

    serve: Callable[[Vpc], AbstractContextManager[Cloud]]
    seed: Callable[[Any], Seed]
    rules: judge.Rules
    scenarios: Sequence[str] | None = ("killed", "stopped", "late-request")
    style: movers.Style | None = None
    together: bool = False

    def plays(self, scenario: str) -> bool:
        """Whether the scenario makes sense for this method."""
        return self.scenarios is None or scenario in self.scenarios
