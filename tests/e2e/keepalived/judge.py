"""Whether a pair of keepalived nodes went as it must: pure functions from evidence to violations.

Rules: those of `tests.e2e.judge`, whose judgements on a takeover are passed on each one of several in one
play: a `turn` is what lies between two marks, and has roles of its own.
"""

from tests.e2e import judge
from tests.e2e.evidence import AddressEvent, Evidence

INTERVAL_S = 5.0
HEALED_WITHIN_S = 3 * INTERVAL_S
OFF_WITHIN_S = 1.0
"""From the start of a script on: when keepalived stops, it kills what is not done then."""

ALONE_WITHIN_S = 2.5
"""Without an agent, where the process that outlives the script loads all that it needs, on a busy machine."""

_SEEN_BY_THE_LAB_S = 0.2
_TICKS_S = 0.02
"""The kernel notes the starts of processes in hundredths of a second."""

_LONGEST_STORM_S = 11.0


def turns(evidence: Evidence) -> list[str]:
    """Each takeover by itself; who was told to let go has done so, and who was killed harms nobody."""
    return [f"{name}: {each}" for name in evidence.marks if name != "end" for each in _turn(evidence, name)]


def off_after(evidence: Evidence) -> float | None:
    """From the request to stop on until the address was off, in seconds; None if it never was."""
    part = _until_next(evidence, "stopped")
    gone = _gone(part, evidence.roles["stopped old"], evidence.marks["stopped"])
    return gone[0].at - evidence.marks["stopped"] if gone else None


def storm(evidence: Evidence) -> list[str]:
    """From the end on: all that was late had no effect, and the last states are those of both nodes."""
    since, holder = evidence.marks["settled"], evidence.roles["new"]
    toggled = evidence.marks["end of storm"] - evidence.marks["storm"]
    events = [event for event in evidence.addresses if event.at > since]
    return [
        *misplaced(evidence),
        *judge.wrong_holders(evidence, since, holder),
        *judge.silences(evidence, since),
        *[f"{event.node}: the address moved {judge.at(evidence, event.at)}" for event in events],
        *([] if evidence.roles["late"] in ("n1 n2", "none") else ["no script began late"]),
        *([] if toggled < _LONGEST_STORM_S else [f"the storm took {toggled:.1f} s"]),
    ]


def unsettled(evidence: Evidence) -> bool:
    """Whether keepalived has changed a state when the storm was over.

    Its adverts are 0.2 s apart, and on a busy machine one node may miss three of the other's.
    """
    return any(hook.started > evidence.marks["settled"] for hook in evidence.hooks)


def misplaced(evidence: Evidence) -> list[str]:
    """Whether the address is not where it should be at the end, or is where it should not."""
    new, old = evidence.roles["new"], evidence.roles["old"]
    return [
        *([] if judge.has_address(evidence, new) else [f"{new} has no address"]),
        *([f"{old} has the address"] if judge.has_address(evidence, old) else []),
    ]


def heals(evidence: Evidence) -> list[str]:
    """After each heal the MASTER has the VIP in time and for good."""
    marks = [name for name in evidence.marks if name.startswith("heal ")]
    return [f"{name}: {each}" for name in marks for each in _healed(evidence, name)]


def healed_after(evidence: Evidence, name: str) -> float | None:
    """How long after this heal the VIP was the MASTER's for good, in seconds; None if it never was."""
    part = _until_next(evidence, name)
    settled = judge.settled(part, evidence.marks[name], evidence.roles[f"{name} master"])
    return None if settled is None else settled - evidence.marks[name]


def _healed(evidence: Evidence, name: str) -> list[str]:
    master, other = evidence.roles[f"{name} master"], evidence.roles[f"{name} other"]
    part, took = _until_next(evidence, name), healed_after(evidence, name)
    late = took is None or took > HEALED_WITHIN_S + _SEEN_BY_THE_LAB_S
    return [
        *([f"{master} did not get the VIP in {HEALED_WITHIN_S:.0f} s"] if late else []),
        *([] if judge.has_address(part, master) else [f"{master} has no address"]),
        *([f"{other} has the address"] if judge.has_address(part, other) else []),
        *([] if late or took is None else judge.silences(part, evidence.marks[name] + took)),
    ]


def _turn(evidence: Evidence, name: str) -> list[str]:
    part = _until_next(evidence, name)
    part.marks = {"fault": evidence.marks[name]}
    part.roles = {role: evidence.roles[f"{name} {role}"] for role in ("old", "new")}
    violations = judge.takeover(part)
    up = judge.new_up(part)
    if up and up.node != part.roles["new"]:
        violations.append(f"{up.node} took the VIP, not {part.roles['new']}")
    return violations + ([] if name == "killed" else _lets_go(part))


def _lets_go(part: Evidence) -> list[str]:
    """Whether the old node's address was late to go, or came back."""
    old, fault = part.roles["old"], part.marks["fault"]
    downs = [hook.started for hook in part.hooks if (hook.node, hook.hook) == (old, "down")]
    if not downs:
        return [f"{old}: no script was run"]
    limit = OFF_WITHIN_S if part.deeds else ALONE_WITHIN_S
    gone = _gone(part, old, fault)
    back = [event.at for event in part.addresses if event.node == old and event.present and event.at > fault]
    return [
        *([] if gone and gone[0].at - downs[0] < limit else [f"{old}: the address was not off in {limit} s"]),
        *[f"{old}: the address came back {judge.at(part, at)}" for at in back],
    ]


def _gone(evidence: Evidence, node: str, since: float) -> list[AddressEvent]:
    return [
        event for event in evidence.addresses if event.node == node and event.at > since and not event.present
    ]


def _until_next(evidence: Evidence, name: str) -> Evidence:
    """Up to the next mark of the play, with the orders of scripts that began after this one."""
    since = evidence.marks[name]
    later = [mark for mark, at in evidence.marks.items() if at > since]
    part = evidence.until(min(later, key=evidence.marks.__getitem__))
    part.hooks = [hook for hook in part.hooks if hook.started > since - _TICKS_S]
    return part
