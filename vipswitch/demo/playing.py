"""One performance: the scene is built, the story told and summed up, and all of it taken down."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack

from rich.console import Console

from vipswitch.demo import onefile, pgpool, rehearsal, summary
from vipswitch.demo.scene import Scene
from vipswitch.demo.screen import Screen
from vipswitch.demo.stage import Broken
from vipswitch.demo.story import Story
from vipswitch.demo.verdict import untrue
from vipswitch.demo.vip import VIP

_TITLE = "vipswitch: a virtual IP follows the leader, in a cloud that exists on this machine only"
_LAST = 12
_NEXT = "Next: README.md, section Install; then `vipswitch check`, which changes nothing."


def with_packets(*, with_pgpool: bool) -> int:
    """Inside `sandbox`; the exit code."""
    from vipswitch.demo import packets

    screen = _screen()
    version = pgpool.installed() if with_pgpool else None
    because = "Pgpool-II is not installed" if with_pgpool else "you want no Pgpool-II"
    return _closed(screen, _perform(screen, packets.scene(version, because)))


def without_packets(reason: str) -> int:
    """Anywhere; the exit code."""
    screen = _screen()
    screen.line(f"No packets, because {reason}: a file is the cloud, and after that AWS is asked.")
    problems = _perform(screen, onefile.scene())
    return _closed(screen, [*problems, *rehearsal.show(screen)])


def _perform(screen: Screen, scene: AbstractContextManager[Scene]) -> list[str]:
    """What was not as it should have been."""
    with ExitStack() as stack:
        with screen.working("building nodes, a network and a cloud"):
            built = stack.enter_context(scene)
        screen.line()
        screen.about(built.about())
        try:
            facts = Story(built, screen).tell()
        except Broken as exc:
            _show_logs(screen, built)
            return [str(exc)]
        summary.show(screen, built, facts)
        return list(untrue(facts))


def _closed(screen: Screen, problems: Sequence[str]) -> int:
    screen.line()
    for problem in problems:
        screen.line(f"NOT TRUE: {problem}", style="bold red")
    if not problems:
        screen.line(_NEXT, style="bold")
    return 1 if problems else 0


def _show_logs(screen: Screen, scene: Scene) -> None:
    for node in scene.nodes:
        screen.output(f"{node.name} said last:", "\n".join(node.ear.lines[-_LAST:]))


def _screen() -> Screen:
    screen = Screen(Console(), str(VIP))
    screen.line(_TITLE, style="bold")
    return screen
