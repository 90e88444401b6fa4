"""The end of the demo in a few lines: how long the client waited and for whom, what the cloud was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from vipswitch.demo.scene import Request, Scene
from vipswitch.demo.screen import Screen
from vipswitch.demo.verdict import Facts


def show(screen: Screen, scene: Scene, facts: Facts) -> None:
    """What was seen, in numbers."""
    screen.line()
    if gap := facts.blackout:
        parts = {
            scene.caller.detection: gap.detection_s,
            f"the hook, until it had moved the {scene.pointer}": gap.hook_s,
            "until the client had its answer": gap.propagation_s,
        }
        screen.parts(f"The client waited {gap.total_s * 1000:.0f} ms:", parts)
    if facts.second.ended is not None:
        whole = (facts.second.ended - facts.second.begun) * 1000
        screen.line(
            f"The hook's whole run took {whole:.0f} ms: it reads back before it says that it is done."
        )
    for line in _requests(facts) if facts.taken else ():
        screen.line(line)
    screen.line(_late(facts, scene.pointer))


def _requests(facts: Facts) -> list[str]:
    kinds = {
        "writes": [request for request in facts.taken if request.writes],
        "reads": [request for request in facts.taken if not request.writes],
    }
    parts = [f"{len(found)} {kind} ({_counted(found)})" for kind, found in kinds.items()]
    return [f"The takeover asked AWS {len(facts.taken)} times: {', '.join(parts)}."]


def _counted(requests: Sequence[Request]) -> str:
    counts = Counter(request.action for request in requests)
    return ", ".join(f"{count} {action}" for action, count in counts.items()) or "nothing"


def _late(facts: Facts, pointer: str) -> str:
    kept = "unchanged" if len(facts.routes_after) == len(facts.routes) else "CHANGED"
    lost = f"{facts.lost} of {len(facts.probes)} probes lost"
    asked = f"asked AWS for {_counted(facts.late)}; " if facts.taken else ""
    return f"The late `down`: {asked}{pointer} {kept}; {lost}."
