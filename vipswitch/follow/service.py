"""`vipswitch follow`: one process that runs until it is told to end.

Signals: HUP reads the config again and keeps the old one on an error; TERM and INT end it. The VIP stays
where it is then: an upgrade is no failover, and whoever starts next decides by its first answer. What is
under way here gets a few seconds; what an agent has taken is finished by the agent.
"""

from __future__ import annotations

import logging
import os
import queue
import signal
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vipswitch import configfile
from vipswitch.agent.notify import Notifier
from vipswitch.config import Config, VipConfig
from vipswitch.deadline import Clock, SystemClock
from vipswitch.errors import ConfigError, VipswitchError
from vipswitch.folders import run_folder
from vipswitch.follow.course import Patience
from vipswitch.follow.follower import Follower, Rhythm
from vipswitch.follow.hand import Ground, Hand
from vipswitch.follow.sighting import Source
from vipswitch.followed import EtcdSource, SourceSettings
from vipswitch.nodes import Node
from vipswitch.orders import OrderBook
from vipswitch.wiring import Commons

log = logging.getLogger("vipswitch.follow")

_BEAT_S = 5.0
_DEAF_S = 120.0
"""A follower that has not come round for so long is dead: the longest interval and a look take less."""

_LAST_S = 5.0
"""How long an order that is carried out here may still take when the end is asked for."""

Signals = queue.SimpleQueue[int]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for: which VIPs (none named: all that follow), as whom, by which config."""

    names: tuple[str, ...]
    member: str | None
    path: Path | None


@dataclass(frozen=True, slots=True)
class _Aim:
    """One source, as whom this node is sought there, and its VIPs; two that are equal need no change."""

    settings: SourceSettings
    me: str
    vips: tuple[VipConfig, ...]
    nodes: Mapping[str, Node]
    run_dir: Path | None


@dataclass(frozen=True, slots=True)
class _Running:
    """A follower at work, and what ends it."""

    aim: _Aim
    follower: Follower
    hands: tuple[Hand, ...]
    ended: threading.Event


def run(wish: Wish, clock: Clock | None = None) -> int:
    """Run until a signal ends it; the exit code. Raises ConfigError, HostError before it is ready."""
    notifier = Notifier.from_environment()
    signals = _signals()
    service = Service(wish, clock or SystemClock())
    _tell(notifier, service.load())
    code = _wait(service, notifier, signals)
    notifier.stopping()
    service.leave(signals)
    return code


class Service:
    """The followers of one config."""

    def __init__(self, wish: Wish, clock: Clock) -> None:
        self._wish = wish
        self._clock = clock
        self._commons = Commons()
        self._running: dict[str, _Running] = {}

    def load(self) -> str:
        """Read the config and follow what it says; in words. Raises ConfigError, and changes nothing then.

        What has not changed goes on, with what it remembers.
        """
        found = configfile.read(self._wish.path)
        aims = _aims(found, self._wish)
        kept = {name: each for name, each in self._running.items() if aims.get(name) == each.aim}
        fresh = {name: self._made(name, aim, found) for name, aim in aims.items() if name not in kept}
        for name in self._running.keys() - kept.keys():
            self._running[name].ended.set()
        for each in fresh.values():
            threading.Thread(target=each.follower.run, args=[each.ended], daemon=True).start()
        self._running = {**kept, **fresh}
        return "; ".join(f"{name} as {aim.me}: {_names(aim.vips)}" for name, aim in aims.items())

    @property
    def alive(self) -> bool:
        """Whether every follower comes round."""
        now_s = self._clock.now().monotonic
        return all(now_s - each.follower.beat_s < _DEAF_S for each in self._running.values())

    def leave(self, signals: Signals) -> None:
        """End: after what is under way here, at a second signal, or when it takes too long."""
        hands = [hand for each in self._running.values() for hand in each.hands]
        for each in self._running.values():
            each.ended.set()
        self._clock.until(lambda: not any(hand.busy for hand in hands) or not signals.empty(), _LAST_S)
        for hand in hands:
            hand.leave()

    def _made(self, name: str, aim: _Aim, found: Config) -> _Running:
        orders = OrderBook(run_folder(found.tool.run_dir), self._clock)
        named = str(self._wish.path or os.environ.get("VIPSWITCH_CONFIG", ""))
        ground = Ground(found, named, orders, self._commons, self._clock)
        hands = tuple(Hand(vip, ground) for vip in aim.vips)
        settings = aim.settings
        rhythm = Rhythm(settings.interval_s, Patience(settings.interval_s, settings.drop_after_s))
        follower = Follower(name, source(settings, aim.me, self._clock), hands, rhythm, self._clock)
        return _Running(aim, follower, hands, threading.Event())


def source(settings: SourceSettings, me: str, clock: Clock) -> Source:
    """The source of these settings; asks nobody yet. Raises ConfigError where its library is missing."""
    if isinstance(settings, EtcdSource):
        try:
            from vipswitch.follow.etcd import Etcd
        except ModuleNotFoundError as exc:
            raise ConfigError(f"{exc.name}: not installed", hint="pip install 'vipswitch[etcd]'") from exc
        return Etcd(settings, me, clock)
    from vipswitch.follow.patroni import Patroni

    return Patroni(settings, me, clock)


def name_here(settings: SourceSettings, nodes: Mapping[str, Node], wished: str | None, host: str) -> str:
    """What this node, whose host name is `host`, is called by its cluster."""
    node = nodes.get(host)
    return wished or settings.member or (node.host if node is not None and node.host else host)


def _aims(found: Config, wish: Wish) -> dict[str, _Aim]:
    """What is to be followed, by its name in the config. Raises ConfigError."""
    vips = _wished(found, wish.names)
    aims: dict[str, _Aim] = {}
    for name in dict.fromkeys(vip.follow for vip in vips if vip.follow is not None):
        settings = found.sources[name]
        me = name_here(settings, found.nodes, wish.member, socket.gethostname())
        its = tuple(vip for vip in vips if vip.follow == name)
        aims[name] = _Aim(settings, me, its, found.nodes, found.tool.run_dir)
    return aims


def _names(vips: Sequence[VipConfig]) -> str:
    return ", ".join(vip.vip.name for vip in vips)


def _wished(found: Config, names: Sequence[str]) -> list[VipConfig]:
    if not names:
        vips = [vip for vip in found.all() if vip.follow is not None]
        if not vips:
            hint = 'add `follow = "NAME"` to a VIP, and [follow.NAME]'
            raise ConfigError(f"{found.path or 'no config'}: no VIP follows anybody", hint=hint)
        return vips
    each = dict.fromkeys(name for named in names for name in found.members(named))
    vips = [found.select(name, {}) for name in each]
    for vip in vips:
        if vip.follow is None:
            hint = f'add `follow = "NAME"` to [vip.{vip.vip.name}], and [follow.NAME]'
            raise ConfigError(f"{found.path}: vip.{vip.vip.name} follows nobody", hint=hint)
    return vips


def _signals() -> Signals:
    """The signals as they come. Handled and not blocked: children would inherit a mask."""
    came: Signals = queue.SimpleQueue()
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: came.put(number))
    return came


def _wait(service: Service, notifier: Notifier, signals: Signals) -> int:
    """Until a signal says to end; the exit code, 0 for TERM."""
    while True:
        try:
            number = signals.get(timeout=notifier.watchdog_interval_s or _BEAT_S)
        except queue.Empty:
            if service.alive:
                notifier.alive()
            continue
        if number != signal.SIGHUP:
            log.info("follow: ended by %s; the VIPs stay where they are", signal.Signals(number).name)
            return 0 if number == signal.SIGTERM else 128 + number
        _reload(service.load, notifier)


def _reload(load: Callable[[], str], notifier: Notifier) -> None:
    notifier.reloading()
    try:
        _tell(notifier, load())
    except VipswitchError as wrong:
        log.error("the config is not used, the one before stays: %s", wrong.message)
        notifier.ready()


def _tell(notifier: Notifier, what: str) -> None:
    log.info("follows %s", what)
    notifier.ready()
    notifier.status(f"follows {what}")
