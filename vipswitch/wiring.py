"""Where the objects are built: from one VIP's config to a switch that can carry out orders.

The only module that knows the host, the providers and the folders at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import TypeVar, cast

from vipswitch import orders, processes
from vipswitch.config import Config, VipConfig
from vipswitch.deadline import Clock, SystemClock
from vipswitch.folders import cache_folder, run_folder
from vipswitch.history import History
from vipswitch.host import Host
from vipswitch.model import NodeId, Verb
from vipswitch.orders import OrderBook
from vipswitch.processes import Bringer
from vipswitch.provider import Provider, load
from vipswitch.recorder import Observers, Recorder
from vipswitch.result import Observer
from vipswitch.switch import Switch
from vipswitch.together import Commission

T = TypeVar("T")


class Commons:
    """What the providers of one process share, made once for each key; thread-safe."""

    def __init__(self) -> None:
        self._made: dict[Hashable, object] = {}
        self._making = threading.Lock()

    def shared(self, key: Hashable, make: Callable[[], T]) -> T:
        """What there is under `key`, made now if there is nothing yet."""
        with self._making:
            if key not in self._made:
                self._made[key] = make()
            return cast(T, self._made[key])


class ThisMachine:
    """What a provider may ask about the machine it runs on."""

    def __init__(
        self,
        host: Host,
        cache: Path,
        node: NodeId | None,
        commons: Commons,
        *,
        nodes: Sequence[NodeId],
    ) -> None:
        self._host = host
        self._cache = cache
        self._node = node
        self._commons = commons
        self._nodes = tuple(nodes)

    def mac(self) -> str:
        """The MAC of the VIP's interface."""
        return self._host.mac()

    def cache(self) -> Path:
        """The folder for what may be forgotten."""
        return self._cache

    def node(self) -> NodeId | None:
        """The node id from the config."""
        return self._node

    def nodes(self) -> tuple[NodeId, ...]:
        """The ids of all nodes in the config."""
        return self._nodes

    def shared(self, key: Hashable, make: Callable[[], T]) -> T:
        """What the providers of this process have in common."""
        return self._commons.shared(key, make)


def provider_for(
    vip: VipConfig, host: Host, cache: Path, commons: Commons | None = None, *, nodes: Sequence[NodeId]
) -> Provider:
    """The provider of one VIP, in a config that names these nodes; does no I/O."""
    machine = ThisMachine(host, cache, vip.node, commons or Commons(), nodes=nodes)
    return cast(Provider, load(vip.provider)(vip.settings, vip.vip, machine))


def switch_for(
    found: Config,
    vip: VipConfig,
    observer: Observer,
    *,
    clock: Clock | None = None,
    commons: Commons | None = None,
    only_looks: bool = False,
) -> Switch:
    """The switch of one VIP; those with the same `commons` share an SDK. HostError without a usable folder.

    One that `only_looks` takes no orders and makes no folders: made by root, they would shut out the
    hooks of the postgres user.
    """
    clock = clock or SystemClock()
    run = run_folder(found.tool.run_dir, make=not only_looks)
    host = host_for(vip)
    return Switch(
        vip.vip,
        provider_for(vip, host, cache_folder(run, make=not only_looks), commons, nodes=found.node_ids),
        host,
        orders=OrderBook(run, clock),
        clock=clock,
        observer=observer,
    )


def commission(
    found: Config,
    vip: VipConfig,
    verb: Verb,
    observer: Observer,
    *,
    clock: Clock | None = None,
    bringer: Bringer | None = None,
    commons: Commons | None = None,
) -> Commission:
    """One VIP's order, brought by this process unless it says by whom. Raises as `switch_for`.

    A process that gives several, one after the other, keeps its SDK in `commons`. An order is noted in the
    run folder, on tmpfs: a stalling disk must not hold a failover up.
    """
    clock = clock or SystemClock()
    recorder = Recorder(clock)
    switch = switch_for(found, vip, Observers(observer, recorder), clock=clock, commons=commons)
    history = History([run_folder(found.tool.run_dir)])
    order = orders.brought(vip.vip.name, verb, bringer or processes.bringer())
    return Commission(switch, order, recorder, history)


def host_for(vip: VipConfig) -> Host:
    """The host side of one VIP."""
    return Host(vip.interface)
