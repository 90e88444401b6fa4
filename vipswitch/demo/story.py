"""What happens: a node takes the VIP, dies, another takes over, the dead one's `down` comes late."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from vipswitch.demo.blackout import blackout
from vipswitch.demo.ear import Run
from vipswitch.demo.node import Node
from vipswitch.demo.probes import Probe, first_answer
from vipswitch.demo.scene import Request, Scene
from vipswitch.demo.screen import Screen
from vipswitch.demo.stage import SETTLE_S, Broken, Stage
from vipswitch.demo.verdict import Facts
from vipswitch.demo.vip import VIP

_ELECTED_WITHIN_S = 40.0
_CALM_S = 1.0


class Story:
    """Plays and tells one scene."""

    def __init__(self, scene: Scene, screen: Screen) -> None:
        self._scene = scene
        self._screen = screen
        self._stage = Stage(scene, screen)
        self._nodes = {node.name: node for node in scene.nodes}

    def tell(self) -> Facts:
        """Everything, from the first leader to `status`. Raises Broken."""
        with self._screen.live():
            first = self._first()
            second = self._failure(self._nodes[first.node])
            routes, taken = self._scene.routes(), self._requests(second)
            gap = blackout(self._scene.probes.all(), routes, second)
            down, probes = self._late_down(self._nodes[first.node], second.node)
            late, after = self._requests(down), self._scene.routes()
            status = self._status([second.node, first.node])
        return Facts(first, second, gap, taken, routes, down, late, after, probes, status)

    def _first(self) -> Run:
        began = self._stage.chapter("a node is chosen, and its hook takes the VIP")
        self._scene.caller.begin()
        up = self._run("up", since=began, within_s=_ELECTED_WITHIN_S)
        answer = self._answer(up)
        self._stage.watch(_CALM_S)
        self._stage.end_chapter(since=answer.sent - 0.5)
        return up

    def _failure(self, old: Node) -> Run:
        self._stage.watch(_CALM_S)
        fault = self._stage.chapter(f"{old.name} dies: SIGKILL to everything that runs on it")
        old.kill()
        self._stage.dead.add(old.name)
        self._stage.say(old.name, "is dead, and nobody runs its `down`")
        self._scene.caller.replace(old)
        up = self._run("up", since=fault, within_s=_ELECTED_WITHIN_S)
        self._answer(up)
        self._stage.watch(_CALM_S)
        self._stage.end_chapter(since=fault - 0.5)
        return up

    def _late_down(self, old: Node, new: str) -> tuple[Run, Sequence[Probe]]:
        """The late run, and the probes from before it until after it."""
        began = self._stage.chapter(f"{old.name} comes back, and its `down` comes late")
        old.respond()
        self._stage.dead.discard(old.name)
        self._stage.say(old.name, "its service runs again, but nobody asks it")
        self._stage.watch(_CALM_S)
        old.run(old.hook("down", str(VIP)))
        down = self._run("down", since=began, within_s=15)
        self._stage.watch(_CALM_S)
        seen = [p for p in self._scene.probes.since(began) if p.sent < time.monotonic() - SETTLE_S]
        self._stage.say(
            "client", f"{sum(p.node == new for p in seen)} of {len(seen)} probes answered by {new}"
        )
        self._stage.end_chapter(since=began)
        return down, seen

    def _status(self, nodes: Sequence[str]) -> dict[str, tuple[int, str]]:
        self._stage.chapter(f"`vipswitch status {VIP}`, asked on both nodes")
        with ThreadPoolExecutor() as pool:
            asked = {name: pool.submit(self._nodes[name].command, "status", str(VIP)) for name in nodes}
        answers = {name: each.result() for name, each in asked.items()}
        for name, (_, text) in answers.items():
            self._screen.output(f"{name}$ vipswitch status {VIP}", text)
        return answers

    def _run(self, verb: str, *, since: float, within_s: float) -> Run:
        """The first run of a hook that began after `since`, once it has ended."""
        ears = [node.ear for node in self._scene.nodes]

        def ended() -> Run | None:
            runs = [run for ear in ears for run in ear.runs if run.verb == verb and run.begun >= since]
            return next((run for run in runs if run.ended is not None), None)

        return self._stage.wait(ended, f"no `{verb}` has ended", within_s=within_s)

    def _answer(self, up: Run) -> Probe:
        """The client's first answer from the node. Raises Broken."""
        if up.code != 0:
            raise Broken(f"{up.node}: `up` ended with exit code {up.code}")

        def answered() -> Probe | None:
            return first_answer(self._scene.probes.all(), up.node, after=up.begun)

        return self._stage.wait(answered, f"{up.node} does not answer the client", within_s=5)

    def _requests(self, run: Run) -> Sequence[Request]:
        """What the node asked of the cloud since the hook began."""
        return [r for r in self._scene.requests() if r.node == run.node and r.received >= run.begun]
