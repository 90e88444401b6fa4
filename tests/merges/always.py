"""What must be true at every moment of a play, not only when everybody is through.

Rules: all that makes a difference to who holds the VIP is one object of its method, so that whatever one
schedule stands for goes through the same moments.
"""

from __future__ import annotations

from tests.merges.scene import Scene


def never_without(scene: Scene) -> None:
    """From the first holder on, there is one: a node that has an order, or that was there before.

    Whoever was ordered to let go may leave nobody; but not once another node has had the VIP.
    """
    holders = [moment.holder for moment in scene.moments]
    let_go = {scene.node_of(actor) for actor in scene.actors if actor.startswith("down")}
    came = (number for number, holder in enumerate(holders) if holder not in {None, *let_go})
    assert None not in holders[next(came, len(holders)) :], f"without a holder: {holders}"
    strangers = set(holders) - {None, holders[0], *scene.ordered}
    assert not strangers, f"held by {strangers}, which nobody has ordered"
