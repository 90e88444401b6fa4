"""What the agent counts, for Prometheus, on a port of this machine only.

    vipswitch_vip_holder{vip,state}               1 for the state the VIP is in, 0 for the others
    vipswitch_vip_unknown_seconds{vip}            for how long the holder could not be read; else 0
    vipswitch_last_move_seconds{vip,verb,phase}   wait (hook start to order taken), host, cloud, verify, total
    vipswitch_moves_total{vip,verb,reason,outcome}
    vipswitch_pending_orders{vip}                 1 while the agent still works on an order
    vipswitch_api_calls_total{cloud,action,code}, vipswitch_api_call_seconds{cloud,action}
    vipswitch_agent_info{version}, process_*      the agent itself

The server answers one request at a time and waits two seconds for each: whoever stalls it, and every user of
the machine can, stalls the metrics and nothing else. Source: prometheus_client, "Custom registries".
"""

from __future__ import annotations

import logging
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import HTTPServer

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    MetricsHandler,
    ProcessCollector,
)

import vipswitch
from vipswitch.deadline import Clock
from vipswitch.errors import ConfigError
from vipswitch.model import Verb
from vipswitch.move import Move
from vipswitch.phases import Phase, hook_start, spent

log = logging.getLogger(__name__)

STATES = ("self", "other", "nobody", "mixed", "unknown", "contested")
"""What a VIP can be, seen from this node: `model.State`, and contested, which only the agent can tell."""

ADDRESS = "127.0.0.1"
_PATIENCE_S = 2.0
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_OUTCOMES = {
    0: "done",
    2: "config",
    3: "denied",
    4: "lost",
    5: "deadline",
    6: "unknown",
    7: "refused",
    8: "host",
}
_PHASES: dict[str, tuple[Phase, ...]] = {
    "wait": (Phase.HOOK,),
    "host": (Phase.HOST,),
    "cloud": (Phase.LOOK, Phase.WRITE, Phase.OPERATION, Phase.PREPARE),
    "verify": (Phase.VERIFY,),
    "total": (),
}


class Metrics:
    """All figures of one agent; thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._unknown_since: dict[str, float] = {}
        self.registry = CollectorRegistry()
        self._holder = self._gauge("vip_holder", "1 for the state that the VIP is in", "vip", "state")
        self._unknown = self._gauge("vip_unknown_seconds", "how long the holder has been unknown", "vip")
        self._last = self._gauge("last_move_seconds", "the last move, by phase", "vip", "verb", "phase")
        self._pending = self._gauge("pending_orders", "orders that the agent still works on", "vip")
        self._moves = self._counter(
            "moves", "orders and healings carried out", "vip", "verb", "reason", "outcome"
        )
        self._calls = self._counter("api_calls", "requests to a cloud", "cloud", "action", "code")
        self._call_seconds = Histogram(
            "vipswitch_api_call_seconds",
            "how long requests to a cloud took",
            ("cloud", "action"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        Info("vipswitch_agent", "this agent", registry=self.registry).info({"version": vipswitch.__version__})
        ProcessCollector(registry=self.registry)

    def moved(self, move: Move) -> None:
        """A move is over; of one that stays pending, only its times are shown."""
        for phase, seconds in _phases(move).items():
            self._last.labels(move.vip, move.verb, phase).set(seconds)
        if move.finished:
            outcome = _OUTCOMES.get(move.exit_code, "failed")
            self._moves.labels(move.vip, move.verb, move.reason, outcome).inc()

    def state(self, vip: str, state: str, at: float) -> None:
        """The VIP was read at `at`, on the monotonic clock, and is in one of `STATES`."""
        for each in STATES:
            self._holder.labels(vip, each).set(each == state)
        if state != "unknown":
            self._unknown_since.pop(vip, None)
        else:
            self._unknown_since.setdefault(vip, at)
        self._unknown.labels(vip).set_function(lambda: self._unknown_for(vip))

    def pending(self, vip: str, on: bool) -> None:
        """Whether the agent still works on an order of the VIP."""
        self._pending.labels(vip).set(on)

    def called(self, cloud: str, action: str, code: str, seconds: float) -> None:
        """A request to a cloud was answered, or not."""
        self._calls.labels(cloud, action, code).inc()
        self._call_seconds.labels(cloud, action).observe(seconds)

    def forget(self, vip: str) -> None:
        """The VIP is no longer in the config: nothing is known of it any more."""
        self._unknown_since.pop(vip, None)
        for gauge, labels in (
            *((self._holder, (vip, state)) for state in STATES),
            *((self._last, (vip, verb, phase)) for verb in Verb for phase in _PHASES),
            (self._unknown, (vip,)),
            (self._pending, (vip,)),
        ):
            with suppress(KeyError):
                gauge.remove(*labels)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Inside, the requests that providers make are counted."""
        logger, ear = logging.getLogger("vipswitch.api"), _Ear(self)
        level, propagates = logger.level, logger.propagate
        logger.propagate = logger.isEnabledFor(logging.DEBUG)  # else the log would get what it does not want
        logger.setLevel(logging.DEBUG)
        logger.addHandler(ear)
        try:
            yield
        finally:
            logger.removeHandler(ear)
            logger.setLevel(level)
            logger.propagate = propagates

    def serve(self, port: int) -> Server:
        """Answer scrapers on that port of the loopback interface, 0 for a free one. Raises ConfigError."""
        try:
            return Server(port, self.registry)
        except (OSError, OverflowError) as wrong:
            raise ConfigError(f"metrics port {port}: {wrong}", hint="choose another port") from wrong

    def _unknown_for(self, vip: str) -> float:
        since = self._unknown_since.get(vip)
        return 0.0 if since is None else max(self._clock.now().monotonic - since, 0.0)

    def _gauge(self, name: str, about: str, *labels: str) -> Gauge:
        return Gauge(f"vipswitch_{name}", about, labels, registry=self.registry)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"vipswitch_{name}", about, labels, registry=self.registry)


class Server:
    """A server at work in a thread of its own, until `close`."""

    def __init__(self, port: int, registry: CollectorRegistry, *, patience_s: float = _PATIENCE_S) -> None:
        handler = type("Handler", (MetricsHandler,), {"registry": registry, "timeout": patience_s})
        self._http = _Http((ADDRESS, port), handler)
        self.port: int = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Answer nobody any more."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(_PATIENCE_S)


class _Http(HTTPServer):
    """One request at a time; no name is looked up for an address."""

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = ADDRESS, self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        log.debug("a scraper went away", exc_info=True)


class _Ear(logging.Handler):
    """Counts what the providers say of their requests."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__(logging.DEBUG)
        self._metrics = metrics

    def emit(self, record: logging.LogRecord) -> None:
        said = record.__dict__
        if {"cloud", "action", "code", "ms"} <= said.keys():
            self._metrics.called(said["cloud"], said["action"], said["code"], said["ms"] / 1000)


def _phases(move: Move) -> dict[str, float]:
    took = spent(move)
    found = {name: sum(took[phase] for phase in phases) for name, phases in _PHASES.items()}
    return {**found, "total": move.seconds - (hook_start(move) or 0.0)}
