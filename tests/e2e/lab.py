"""The scene of one scenario, as the scenario sees it: what it may act on, and what was recorded."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.e2e import movers, records
from tests.e2e.agents import Agent
from tests.e2e.cloud import Cloud
from tests.e2e.evidence import AddressEvent, Evidence, Hook
from tests.e2e.method import Seed
from tests.e2e.pgpool import Pgpool

_SHOWN = 40
"""How many of its last lines are shown of each log."""


class Lab:
    """A running scene; the scenario acts on it and `mark`s what it does."""

    def __init__(
        self,
        cloud: Cloud,
        vip: Seed,
        nodes: Mapping[str, Pgpool],
        agents: Mapping[str, Agent],
        folder: Path,
        addresses: list[AddressEvent],
    ) -> None:
        self.vpc = cloud.vpc
        self.cloud = cloud
        self.vip = vip
        self.nodes = nodes
        self.agents = agents
        self.marks: dict[str, float] = {}
        self.roles: dict[str, str] = {}
        self._folder = folder
        self._addresses = addresses

    def mark(self, moment: str) -> None:
        """Note that this happens now."""
        self.marks[moment] = time.monotonic()

    def hooks(self) -> list[Hook]:
        """Every run of a hook so far, by its start."""
        return records.hooks(self._folder, self.nodes)

    def wait_for_up(self, *, since: float = 0.0, within_s: float = 40.0) -> Pgpool:
        """The node whose `up` was the first to begin after `since`, once that has ended well."""
        hook = self.wait_for(lambda hook: hook.hook == "up" and hook.started >= since, within_s=within_s)
        return self.nodes[hook.node]

    def wait_for(self, wanted: Callable[[Hook], bool], *, within_s: float) -> Hook:
        """The first run of a hook that is wanted, once it has ended; TimeoutError."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            found = next((hook for hook in self.hooks() if wanted(hook)), None)
            if found and found.ended is not None:
                return found
            time.sleep(0.05)
        raise TimeoutError(f"no such hook within {within_s} s: {self.hooks()}")

    def evidence(self) -> Evidence:
        """All that was recorded until now."""
        return Evidence(
            self.marks,
            self.roles,
            self.hooks(),
            self.cloud.requests(),
            self.vip.truth(),
            list(self._addresses),
            records.queries(self._folder / "queries.jsonl"),
            records.deeds(self._folder, self.nodes),
            {name: agent.log for name, agent in self.agents.items()},
        )

    def logs(self) -> dict[str, str]:
        """What each Pgpool-II node and each agent has logged."""
        agents = {f"{name}-agent": agent.log for name, agent in self.agents.items()}
        return {name: node.log for name, node in self.nodes.items()} | agents

    def run_folder(self, node: str) -> Path:
        """Where vipswitch keeps the orders of a node."""
        return self._folder / node / movers.RUN


@contextmanager
def explained(logs: Callable[[], Mapping[str, str]]) -> Iterator[None]:
    """What breaks off tells what everybody had logged."""
    try:
        yield
    except Exception as broken:
        broken.add_note("\n".join(ends(logs())))
        raise


def ends(logs: Mapping[str, str]) -> list[str]:
    """The last lines of each log."""
    return [f"  {name}: {line}" for name, text in logs.items() for line in text.splitlines()[-_SHOWN:]]
