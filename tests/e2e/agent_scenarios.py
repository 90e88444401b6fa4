"""What only an agent can mend, one function per scenario; what must come of it stands in `agent_judge`.

Rules: those of `scenarios`. All of them can be played without agents too: then they must be caught.
"""

import os
import signal
import time
from collections.abc import Sequence

from tests.e2e import acts, agent_judge, aws, movers
from tests.e2e.acts import Scenario
from tests.e2e.agents import Agent
from tests.e2e.lab import Lab
from tests.e2e.pgpool import Pgpool
from vipswitch.deadline import SystemClock
from vipswitch.orders import OrderBook
from vipswitch.testing.aws import AwsCloud

_SETTLE_S = 2.0


def neglected(lab: Lab) -> None:
    """One after the other, in one lab: three things that no caller will ever mend."""
    old = acts.leader(lab, lifecheck=False)
    new = _kill_all_and_the_hook(lab, old)
    _start_agent(lab, old)
    _delete_routes(lab, new)


SCENARIOS = {"neglected": Scenario(neglected, agent_judge.neglected, style=movers.apart)}


def _kill_all_and_the_hook(lab: Lab, old: Pgpool) -> Pgpool:
    """Everything on the leader, its agent too, and then `up` of the new one.

    The cloud has the writes of `up` before it when that is killed, and they come to nothing.
    """
    cloud = aws.of(lab.cloud)
    tables, faults = len(cloud.tables), cloud.aws.faults
    gate = faults.hold("ReplaceRoute", times=tables)
    faults.drop_before(tables, "ReplaceRoute")
    lab.mark("fault")
    for agent in _agents(lab, old):
        agent.kill()
    old.kill()
    if not gate.arrived.wait(40):
        raise TimeoutError("no `up` has written")
    new = next(h.node for h in lab.hooks() if h.hook == "up" and h.started > lab.marks["fault"])
    lab.roles["new"] = new
    _kill_hook(lab, new)
    lab.mark("hook killed")
    gate.release()
    acts.await_holder(lab, lab.nodes[new], within_s=agent_judge.FINISHED_WITHIN_S)
    time.sleep(_SETTLE_S)
    return lab.nodes[new]


def _start_agent(lab: Lab, old: Pgpool) -> None:
    """Alone, where all else is dead."""
    lab.mark("agent")
    for agent in _agents(lab, old):
        agent.start()
    time.sleep(agent_judge.CLEARED_WITHIN_S)


def _delete_routes(lab: Lab, holder: Pgpool) -> None:
    """By hand: nobody has called for anything."""
    lab.roles["person"] = str(lab.vpc.api.address)
    lab.mark("deleted")
    cloud = aws.of(lab.cloud)
    cloud.ask(lambda api: _delete_each(lab, cloud.tables, api))
    acts.await_holder(lab, holder, within_s=agent_judge.BACK_WITHIN_S)
    time.sleep(_SETTLE_S)


def _delete_each(lab: Lab, tables: Sequence[str], api: AwsCloud) -> None:
    for table in tables:
        api.ec2().delete_route(RouteTableId=table, DestinationCidrBlock=f"{lab.vip.address}/32")


def _agents(lab: Lab, node: Pgpool) -> list[Agent]:
    """That of this node, if it has one."""
    return [agent for name, agent in lab.agents.items() if name == node.host.name]


def _kill_hook(lab: Lab, node: str) -> None:
    """With its process group, of which it is the only one."""
    order = OrderBook(lab.run_folder(node), SystemClock()).last(movers.NAME)
    assert order is not None, "no order"
    os.killpg(order.by.pid, signal.SIGKILL)
