"""What the client could tell of its probes: by whom it is answered, and after how long. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from vipswitch.demo.events import Event
from vipswitch.demo.probes import Probe

SILENT_S = 0.1


def turns(probes: Sequence[Probe]) -> list[Event]:
    """An event for each answer from another node than the last, and for each after a silence."""
    events: list[Event] = []
    at, node = (probes[0].sent if probes else 0.0), None
    for probe in probes:
        if probe.answered is not None:
            silence = probe.answered - at
            if probe.node != node or silence > SILENT_S:
                after = f" after {silence * 1000:.0f} ms of silence" if node and silence > SILENT_S else ""
                events.append(Event(probe.answered, "client", f"is answered by {probe.node}{after}"))
            at, node = probe.answered, probe.node
    return events


def silence_s(probes: Sequence[Probe], now: float) -> float:
    """How long the client has had no answer, if it ever had one."""
    answered = [probe.answered for probe in probes if probe.answered is not None]
    return now - max(answered) if answered else 0.0
