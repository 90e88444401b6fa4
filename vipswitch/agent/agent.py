"""The agent: a keeper for each VIP of the config, and the desk where orders for them come in.

Rules: only VIPs of the agent's own config are moved, by their own settings: whoever may give orders lends
neither its credentials nor its privilege for anything else. The number of orders under way is bounded. A
config that cannot be read leaves everything as it is.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from vipswitch import authority, configfile, orders, processes, wire
from vipswitch.agent import contest
from vipswitch.agent.answer import Answer
from vipswitch.agent.callers import CallerWatch
from vipswitch.agent.chronicle import Chronicle
from vipswitch.agent.desk import Reply
from vipswitch.agent.keeper import Keeper
from vipswitch.agent.looks import look_after
from vipswitch.agent.peers import Admission, Peer
from vipswitch.agent.pursuit import ALIVE_S
from vipswitch.config import Config, VipConfig
from vipswitch.deadline import Clock, Deadline
from vipswitch.errors import ConfigError, HostError, VipswitchError
from vipswitch.folders import run_folder
from vipswitch.model import Verb
from vipswitch.orders import OrderBook
from vipswitch.processes import Bringer, Caller, Process
from vipswitch.steplog import StepLog
from vipswitch.wiring import Commons, switch_for

log = logging.getLogger("vipswitch.agent")

_MOST_ORDERS = 64


@dataclass(frozen=True, slots=True)
class _Care:
    """One config, whom it admits, and the keepers of exactly its VIPs, each with what ends its looks."""

    config: Config
    admission: Admission
    keepers: Mapping[str, tuple[VipConfig, Keeper, threading.Event]]


class Agent:
    """Everything that the agent takes care of, by one config file."""

    def __init__(self, path: Path | None, run: Path, clock: Clock, chronicle: Chronicle) -> None:
        self._path = path
        self._run = run
        self.clock = clock
        self._chronicle = chronicle
        self._callers = CallerWatch()
        self._orders = OrderBook(run, clock)
        self._commons = Commons()
        self._care = _Care(Config(), Admission(), {})
        self._under_way = threading.BoundedSemaphore(_MOST_ORDERS)
        self._changing = threading.Lock()

    def load(self) -> list[str]:
        """Read the config and take care of its VIPs, by name. Raises ConfigError, and changes nothing then.

        A VIP whose settings have not changed keeps its keeper, and with it what is under way.
        """
        found = configfile.read(self._path, wary=True)
        vips = {vip.vip.name: vip for vip in found.all()}
        if not vips:
            raise ConfigError(f"{found.path or self._path}: no VIP", hint="define one: [vip.NAME]")
        if run_folder(found.tool.run_dir, make=False) != self._run:
            raise ConfigError(f"{found.path}: run_dir has changed", hint="start the agent again")
        with self._changing:
            before = self._care
            asked = (found.nodes, found.authorities) == (before.config.nodes, before.config.authorities)
            kept = {n: k for n, k in before.keepers.items() if asked and vips.get(n) == k[0]}
            for name in before.keepers.keys() - kept.keys():
                before.keepers[name][2].set()
                self._chronicle.forget(name)
            for _, keeper, _ in kept.values():
                threading.Thread(target=keeper.warm, daemon=True).start()
            keepers = {name: kept.get(name) or self._looked_after(found, vip) for name, vip in vips.items()}
            admission = Admission.of(found.agent.users, found.agent.groups)
            self._care = _Care(found, admission, keepers)
        return list(vips)

    def admits(self, peer: Peer) -> bool:
        """Whether this peer may give orders."""
        return self._care.admission.admits(peer)

    def serve(self, request: wire.Request, peer: Peer, reply: Reply) -> None:
        """Begin with what is asked; does not wait."""
        keepers = self._meant(request)
        if isinstance(keepers, str):
            reply.no(keepers)
        elif request.what not in wire.ORDERS:
            self._pause(keepers, reply, on=request.what == "pause")
        elif wrong := _not_believed(request, peer):
            reply.no(wrong)
        else:
            self._begin(request, keepers, reply)

    def leave(self) -> None:
        """End: what is pending stays so, for the next agent."""
        for _, keeper, ended in self._care.keepers.values():
            ended.set()
            keeper.leave()

    @property
    def busy(self) -> bool:
        """Whether an order is under way."""
        return any(keeper.busy for _, keeper, _ in self._care.keepers.values())

    def _meant(self, request: wire.Request) -> list[Keeper] | str:
        """The keepers of the VIPs that a request names, or why it cannot be served."""
        care = self._care  # once: another thread may read another config meanwhile
        config, keepers = care.config, care.keepers
        if request.config and Path(request.config) != config.path:
            return f"it has read {config.path}, not {request.config}"
        names = request.names or tuple(keepers)
        found: dict[str, Keeper] = {}
        for name in (vip for named in names for vip in config.members(named)):
            try:
                vip = config.select(name, {}).vip.name
            except VipswitchError:
                return f"{name} is no VIP of {config.path}"
            found[vip] = keepers[vip][1]
        return list(found.values())

    def _begin(self, request: wire.Request, keepers: list[Keeper], reply: Reply) -> None:
        verb, bringer = Verb(request.what), Bringer(Process(*request.by), _caller(request))
        answer = Answer(reply, len(keepers), detach=request.detach, verbose=request.verbose)
        deadline, since = Deadline(min(request.wait_s, ALIVE_S), self.clock), self.clock.now()
        for keeper in keepers:
            order = orders.brought(keeper.name, verb, bringer)
            self._start(partial(keeper.order, order, deadline, answer, since), reply)

    def _start(self, work: Callable[[], None], reply: Reply) -> None:
        if not self._under_way.acquire(blocking=False):
            reply.no("too many orders are under way")
            return

        def run() -> None:
            try:
                work()
            except Exception as bug:  # the last line of defence: the hook must not wait for a dead thread
                log.exception("bug")
                reply.say(f"internal error: {type(bug).__name__}: {bug}")
                reply.exit(1)
            finally:
                self._under_way.release()

        threading.Thread(target=run, daemon=True).start()

    def _looked_after(self, found: Config, vip: VipConfig) -> tuple[VipConfig, Keeper, threading.Event]:
        """A keeper, and the thread that looks after the VIP until the event is set."""
        name = vip.vip.name
        asked = found.authorities.get(vip.authority) if vip.authority else None
        switch = switch_for(found, vip, StepLog(name), clock=self.clock, commons=self._commons)
        keeper = Keeper(
            switch,
            self._orders,
            self.clock,
            chronicle=self._chronicle,
            callers=self._callers,
            authority=authority.build(asked) if asked else None,
            question=contest.question(found.nodes, name, switch.provider, self.clock),
            paused=self._pause_file(name).exists,
        )
        ended = threading.Event()
        threading.Thread(target=_take_care, args=(keeper, ended), name=f"keeper-{name}", daemon=True).start()
        return vip, keeper, ended

    def _pause(self, keepers: list[Keeper], reply: Reply, *, on: bool) -> None:
        """The file is what counts: a pause outlives the agent."""
        reply.taken()
        for keeper in keepers:
            file = self._pause_file(keeper.name)
            try:
                file.touch(0o660) if on else file.unlink(missing_ok=True)
            except OSError as wrong:
                reply.say(f"{file}: {wrong.strerror}")
                reply.exit(HostError.exit_code)
                return
            reply.say(f"{keeper.name}: {'paused' if on else 'looked after'} on this node")
            log.info("%s: %s", keeper.name, "paused" if on else "looked after again")
        reply.exit(0)

    def _pause_file(self, vip: str) -> Path:
        return self._run / f"paused-{vip}"


def _take_care(keeper: Keeper, ended: threading.Event) -> None:
    keeper.warm()
    look_after(keeper, ended)


def _not_believed(request: wire.Request, peer: Peer) -> str:
    """What is wrong with what a request says of itself; empty when nothing is."""
    pid, started = request.by
    if pid != peer.pid:
        return "its agent lives in another pid namespace"
    return "it says that it started in the future" if started > processes.ticks_now() else ""


def _caller(request: wire.Request) -> Caller | None:
    if request.caller is None or request.runner is None:
        return None
    pid, started, program = request.caller
    return Caller(program, Process(pid, started), Process(*request.runner))


def keepers_of(agent: Agent) -> Mapping[str, Keeper]:
    """The keepers by their VIPs' names."""
    return {name: keeper for name, (_, keeper, _) in agent._care.keepers.items()}
