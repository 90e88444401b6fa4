"""The metrics, as Prometheus scrapes them over HTTP."""

from __future__ import annotations

import io
import logging
import re
import socket
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from tests.unit.moves import TABLE, moved, step
from vipswitch.errors import ConfigError
from vipswitch.metrics import ADDRESS, STATES, Metrics, Server
from vipswitch.model import State, Verb
from vipswitch.move import Kind, Reason
from vipswitch.testing.clock import ManualClock

Scrape = Callable[[], dict[str, float]]
API = logging.getLogger("vipswitch.api")
SAID = {"cloud": "aws", "action": "ec2:ReplaceRoute", "code": "ok", "ms": 61.0}


@pytest.fixture
def clock() -> ManualClock:
    """Time that the test moves."""
    return ManualClock()


@pytest.fixture
def metrics(clock: ManualClock) -> Metrics:
    """The figures of an agent that has just started."""
    return Metrics(clock)


@pytest.fixture
def server(metrics: Metrics) -> Iterator[Server]:
    """Its server, on a free port, a little less patient than usual."""
    found = Server(0, metrics.registry, patience_s=0.1)
    yield found
    found.close()


@pytest.fixture
def scrape(server: Server) -> Scrape:
    """Everything that a scraper sees now, by name and labels."""

    def ask() -> dict[str, float]:
        with urllib.request.urlopen(f"http://{ADDRESS}:{server.port}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in pairs}

    return ask


def test_the_state_of_a_vip_is_one_of_several(metrics: Metrics, scrape: Scrape) -> None:
    """So that a query can ask who holds it, and an alert for what is wrong."""
    metrics.state("primary", "other", 0.0)
    metrics.state("primary", "self", 5.0)
    found = scrape()
    states = {state: found[f'vipswitch_vip_holder{{state="{state}",vip="primary"}}'] for state in STATES}
    assert states == dict.fromkeys(STATES, 0.0) | {"self": 1.0}


def test_every_state_of_the_model_is_shown() -> None:
    """None would vanish from the metrics."""
    assert set(STATES) == {*map(str, State), "contested"}


def test_the_age_of_the_unknown_grows_until_it_is_known(
    metrics: Metrics, clock: ManualClock, scrape: Scrape
) -> None:
    """Also between reads, and from the first of them."""
    name = 'vipswitch_vip_unknown_seconds{vip="primary"}'
    clock.wait(10)
    metrics.state("primary", "unknown", 10.0)
    clock.wait(60)
    metrics.state("primary", "unknown", 65.0)
    assert scrape()[name] == 60.0
    metrics.state("primary", "other", 70.0)
    assert scrape()[name] == 0.0


def test_a_move_is_shown_by_phase(metrics: Metrics, scrape: Scrape) -> None:
    """What the caller waited is the total."""
    metrics.moved(moved())
    found = scrape()
    phases = {
        phase: found[f'vipswitch_last_move_seconds{{phase="{phase}",verb="up",vip="primary"}}']
        for phase in ("wait", "host", "cloud", "verify", "total")
    }
    assert phases == pytest.approx(
        {"wait": 0.02, "host": 0.004, "cloud": 0.06, "verify": 0.03, "total": 0.12}
    )


def test_reads_before_a_write_are_of_the_cloud_and_not_of_the_verification(
    metrics: Metrics, scrape: Scrape
) -> None:
    """A method that must read first takes a round trip more there."""
    steps = (step(Kind.READ, 0, 10, TABLE), step(Kind.CLAIM, 10, 30, TABLE), step(Kind.READ, 30, 35, TABLE))
    metrics.moved(moved(steps=steps))
    found = scrape()
    assert found['vipswitch_last_move_seconds{phase="cloud",verb="up",vip="primary"}'] == pytest.approx(0.03)
    assert found['vipswitch_last_move_seconds{phase="verify",verb="up",vip="primary"}'] == pytest.approx(
        0.005
    )


def test_moves_are_counted_by_what_came_of_them(metrics: Metrics, scrape: Scrape) -> None:
    """One that stays pending is counted once, when it is over."""
    metrics.moved(moved())
    metrics.moved(moved(exit_code=4))
    metrics.moved(moved(exit_code=4))
    metrics.moved(moved(exit_code=1, verb=Verb.DOWN, reason=Reason.HEAL))
    metrics.moved(moved(exit_code=5, finished=False))
    counts = {name: value for name, value in scrape().items() if name.startswith("vipswitch_moves_total")}
    assert counts == {
        'vipswitch_moves_total{outcome="done",reason="order",verb="up",vip="primary"}': 1.0,
        'vipswitch_moves_total{outcome="lost",reason="order",verb="up",vip="primary"}': 2.0,
        'vipswitch_moves_total{outcome="failed",reason="heal",verb="down",vip="primary"}': 1.0,
    }


def test_requests_to_the_cloud_are_counted_by_their_answer(metrics: Metrics, scrape: Scrape) -> None:
    """As the providers tell of them."""
    with metrics.listening():
        API.debug("one", extra=SAID)
        API.debug("two", extra={**SAID, "code": "RequestLimitExceeded"})
        API.debug("something else")
    found = scrape()
    calls = {name: value for name, value in found.items() if name.startswith("vipswitch_api_calls_total")}
    assert calls == {
        'vipswitch_api_calls_total{action="ec2:ReplaceRoute",cloud="aws",code="ok"}': 1.0,
        'vipswitch_api_calls_total{action="ec2:ReplaceRoute",cloud="aws",code="RequestLimitExceeded"}': 1.0,
    }
    assert found['vipswitch_api_call_seconds_sum{action="ec2:ReplaceRoute",cloud="aws"}'] == pytest.approx(
        0.122
    )


def test_counting_requests_does_not_fill_the_log(metrics: Metrics) -> None:
    """A log at INFO stays at INFO; one at DEBUG has a line for each, and nobody counts when it is over."""
    ours, text = logging.getLogger("vipswitch"), io.StringIO()
    handler = logging.StreamHandler(text)
    ours.addHandler(handler)
    level = ours.level
    try:
        ours.setLevel(logging.INFO)
        with metrics.listening():
            API.debug("quiet", extra=SAID)
        ours.setLevel(logging.DEBUG)
        with metrics.listening():
            API.debug("loud", extra=SAID)
        API.debug("not counted", extra=SAID)
    finally:
        ours.setLevel(level)
        ours.removeHandler(handler)
    assert text.getvalue().splitlines() == ["loud", "not counted"]
    counted = metrics.registry.get_sample_value(
        "vipswitch_api_calls_total", {"cloud": "aws", "action": "ec2:ReplaceRoute", "code": "ok"}
    )
    assert counted == 2.0


def test_pending_orders_and_the_agent_itself_are_shown(metrics: Metrics, scrape: Scrape) -> None:
    """And what it takes of the machine."""
    metrics.pending("primary", True)
    metrics.pending("replica", True)
    metrics.pending("replica", False)
    found = scrape()
    assert found['vipswitch_pending_orders{vip="primary"}'] == 1.0
    assert found['vipswitch_pending_orders{vip="replica"}'] == 0.0
    assert [value for name, value in found.items() if re.match("vipswitch_agent_info{version=", name)] == [
        1.0
    ]
    assert found["process_resident_memory_bytes"] > 1e6


def test_a_vip_that_left_the_config_is_forgotten(metrics: Metrics, scrape: Scrape) -> None:
    """An old state would be taken for a present one; what was counted stays counted."""
    for vip in ("primary", "replica"):
        metrics.state(vip, "unknown", 0.0)
        metrics.pending(vip, True)
        metrics.moved(moved(vip=vip))
    metrics.forget("replica")
    metrics.forget("never seen")
    found = [name for name in scrape() if 'vip="replica"' in name]
    assert {name.partition("{")[0] for name in found} == {"vipswitch_moves_total", "vipswitch_moves_created"}
    assert any('vip="primary"' in name for name in scrape())


def test_only_this_machine_is_answered(server: Server) -> None:
    """The port is bound to the loopback address, not to all."""
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in others - {ADDRESS}:
        with pytest.raises(OSError), socket.create_connection((str(address), server.port), timeout=1):
            pass


def test_who_stalls_the_server_stalls_only_the_metrics(server: Server, scrape: Scrape) -> None:
    """Half a request and then silence, garbage, a line without end: the next one is answered."""
    half = socket.create_connection((ADDRESS, server.port))
    half.sendall(b"GET /metrics HT")
    for said in (b"\x00" * 1000 + b"\r\n\r\n", b"GET " + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n"):
        with socket.create_connection((ADDRESS, server.port)) as other:
            try:
                other.sendall(said)
            except ConnectionError:
                continue
    assert scrape()
    half.close()


def test_a_port_that_is_taken_is_said(metrics: Metrics, server: Server) -> None:
    """In one line, with what to do."""
    with pytest.raises(ConfigError, match=f"metrics port {server.port}: .*in use"):
        metrics.serve(server.port)
    with pytest.raises(ConfigError, match="metrics port 99999"):
        metrics.serve(99_999)


def test_a_closed_server_frees_its_port(metrics: Metrics) -> None:
    """A reload may serve there again."""
    first = metrics.serve(0)
    first.close()
    metrics.serve(first.port).close()
