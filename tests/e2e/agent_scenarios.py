"""What only an agent can mend, one function per scenario; what must come of it stands in `agent_judge`.

Rules: those of `scenarios`. All of them can be played without agents too: then they must be caught.
"""

import os
import signal
import time

from tests.e2e import acts, agent_judge, movers
from tests.e2e.acts import Scenario
from tests.e2e.lab import Lab
from tests.e2e.pgpool import Pgpool
from vipswitch.deadline import SystemClock
from vipswitch.orders import OrderBook
from vipswitch.testing.aws import AwsCloud

_SETTLE_S = 3.0


def route_deleted(lab: Lab) -> None:
    """Somebody deletes the holder's routes by hand; nobody has called for anything."""
    holder = acts.leader(lab, lifecheck=False)
    lab.roles |= {"new": holder.host.name, "person": str(lab.vpc.api.address)}
    lab.mark("deleted")
    lab.cloud.ask(lambda aws: _delete_routes(lab, aws))
    time.sleep(agent_judge.BACK_WITHIN_S + 1.0)


def hook_killed(lab: Lab) -> None:
    """`up` is killed while the cloud has its writes before it, and these come to nothing."""
    tables, faults = len(lab.cloud.tables), lab.cloud.aws.faults
    old = acts.leader(lab, lifecheck=False)
    gate = faults.hold("ReplaceRoute", times=tables)
    faults.drop_before(tables, "ReplaceRoute")
    lab.mark("fault")
    old.kill()
    if not gate.arrived.wait(40):
        raise TimeoutError("no `up` has written")
    lab.roles["new"] = next(h.node for h in lab.hooks() if h.hook == "up" and h.started > lab.marks["fault"])
    _kill_hook(lab, lab.roles["new"])
    lab.mark("hook killed")
    gate.release()
    time.sleep(agent_judge.FINISHED_WITHIN_S + _SETTLE_S)


def stale_address(lab: Lab) -> None:
    """SIGKILL of everything on the leader, its agent too, which alone is started again."""
    old = acts.leader(lab, lifecheck=False)
    lab.mark("fault")
    _kill_everything(lab, old)
    acts.await_new(lab)
    time.sleep(_SETTLE_S)
    lab.mark("agent")
    if old.host.name in lab.agents:
        lab.agents[old.host.name].start()
    time.sleep(agent_judge.CLEARED_WITHIN_S + 1.0)


SCENARIOS = {
    "route-deleted": Scenario(route_deleted, agent_judge.route_deleted),
    "hook-killed": Scenario(hook_killed, agent_judge.hook_killed, style=movers.apart),
    "stale-address": Scenario(stale_address, agent_judge.stale_address),
}


def _delete_routes(lab: Lab, aws: AwsCloud) -> None:
    for table in lab.cloud.tables:
        aws.ec2().delete_route(RouteTableId=table, DestinationCidrBlock=f"{lab.vip.address}/32")


def _kill_everything(lab: Lab, node: Pgpool) -> None:
    if node.host.name in lab.agents:
        lab.agents[node.host.name].kill()
    node.kill()


def _kill_hook(lab: Lab, node: str) -> None:
    """With its process group, of which it is the only one."""
    order = OrderBook(lab.run_folder(node), SystemClock()).last(movers.NAME)
    assert order is not None, "no order"
    os.killpg(order.by.pid, signal.SIGKILL)
