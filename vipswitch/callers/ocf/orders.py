"""`start` and `stop`: the orders `up` and `down`, by the agent of this node, else by ourselves.

`start` tries again and again until it has the VIP or its time is over: with a failed start Pacemaker bans the
node, so an API that is down for a minute would leave the VIP with nobody for good.
`stop` succeeds once the address is off the host, whatever the cloud says: with a failed stop Pacemaker fences
the node. What is left in the cloud hurts nobody: the next `start` elsewhere replaces it.
"""

from __future__ import annotations

import os

from vipswitch.callers import hook
from vipswitch.callers.ocf import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from vipswitch.callers.ocf.parameters import Parameters
    from vipswitch.callers.ocf.voice import Voice

CLOUD_S = 10.0
"""The longest that a `stop` waits for the cloud: the resource's start elsewhere waits for the stop."""


def start(resource: Parameters, voice: Voice) -> int:
    """Take the VIP."""
    if resource.nic and not resource.flags:
        from vipswitch.callers.ocf.nic import refuse_another_nic

        refuse_another_nic(resource)
    ours = hook.run("up", resource.words(resource.limit_s), resource.limit_s, say=voice)
    if ours == codes.CONFIG_ERROR:
        return _why_not(resource, voice)
    return codes.of_start(ours, root=os.geteuid() == 0)


def _why_not(resource: Parameters, voice: Voice) -> int:
    """A config error with what may be missing told apart."""
    from vipswitch.callers.ocf.validate import validate

    return validate(resource, voice) or codes.ARGS


def stop(resource: Parameters, voice: Voice) -> int:
    """Let go of the VIP."""
    seconds = min(resource.limit_s / 2, CLOUD_S)
    ours = hook.run("down", resource.words(seconds), seconds, say=voice)
    if ours == 0:
        return codes.SUCCESS
    from vipswitch.callers.ocf.vips import cleared

    return codes.SUCCESS if cleared(resource, voice, removes=ours != codes.LOST) else codes.GENERIC
