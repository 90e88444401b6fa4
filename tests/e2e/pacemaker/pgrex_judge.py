"""Whether a play of a PG-REX pair went as it must: from evidence to violations, worded for people.

Rules: pure; judged on every move of a VIP, not on a look at the end. A row that a server has promised to keep
is never lost. Between two acts of the scenario each VIP stays where it belongs.
"""

from collections.abc import Sequence
from itertools import pairwise

from tests.e2e.evidence import Route
from tests.e2e.pacemaker.pgrex_evidence import Evidence, Statement

BACK_WITHIN_S = 90.0
"""From the fault to the first row that is written again, with PG-REX's own times of detection."""

_FAULTS = ("switchover", "standby killed", "primary killed", "end")
_ON = {"primary": "eth0", "standby": "eth0", "replication": "eth1"}
_WRITERS = ("primary", "replication")


def violations(evidence: Evidence) -> list[str]:
    """All that went wrong; nothing for a play in which everybody did his part."""
    first, second = evidence.roles["primary"], evidence.roles["standby"]
    writers = [
        *stays(evidence, _WRITERS, second, "switched", "primary killed"),
        *stays(evidence, _WRITERS, first, "promoted", "end"),
    ]
    readers = [
        *stays(evidence, ["standby"], first, "joined after switchover", "standby killed"),
        *stays(evidence, ["standby"], second, "moved to primary", "powered on"),
        *stays(evidence, ["standby"], first, "joined after power failure", "primary killed"),
        *stays(evidence, ["standby"], second, "joined after promotion", "end"),
    ]
    return [
        *mended(evidence, first),
        *writers,
        *readers,
        *back(evidence, evidence.writes, "switchover"),
        *back(evidence, evidence.writes, "standby killed"),
        *back(evidence, evidence.writes, "primary killed"),
        *back(evidence, evidence.reads, "standby killed"),
        *back(evidence, evidence.reads, "primary killed"),
        *read_from(evidence, "primary", "moved to primary", "powered on"),
        *read_from(evidence, "standby", "joined after power failure", "primary killed"),
        *unwritten(evidence),
        *lost_rows(evidence),
        *detours(evidence),
        *left_behind(evidence),
        *fenced(evidence, [first, second]),
        *(f"failed: {each}" for each in evidence.failures),
    ]


def unwritten(evidence: Evidence) -> list[str]:
    """Whether no application could write by way of the primary VIP."""
    return [] if any(each.said for each in evidence.writes) else ["no row was ever written"]


def mended(evidence: Evidence, primary: str) -> list[str]:
    """Whether a VIP that was deleted came back where it was; only the full run deletes one."""
    if "deleted" not in evidence.marks:
        return []
    start, end = evidence.marks["mended"], evidence.marks["switchover"]
    written = any(each.said for each in evidence.writes if start < each.started and each.ended < end)
    return [
        *stays(evidence, _WRITERS, primary, "mended", "switchover"),
        *([] if written else ["no row was written after: mended"]),
    ]


def stays(evidence: Evidence, vips: Sequence[str], node: str, since: str, until: str) -> list[str]:
    """Each VIP that reached another node than this one between two marks."""
    found = {vip: holders(evidence, evidence.moves[vip], since, until) for vip in vips}
    return [
        f"{vip} was at {', '.join(str(each) for each in held)}, not at {node}, between {since} and {until}"
        for vip, held in found.items()
        if held != [node]
    ]


def holders(evidence: Evidence, moves: Sequence[Route], since: str, until: str) -> list[str | None]:
    """Who held a VIP between two marks, in turn."""
    start, end = evidence.marks[since], evidence.marks[until]
    ends = [*(move.at for move in moves[1:]), float("inf")]
    return [move.holder for move, over in zip(moves, ends, strict=True) if over > start and move.at < end]


def back(evidence: Evidence, statements: Sequence[Statement], fault: str) -> list[str]:
    """Whether an application was without answers for too long from a fault to the next one."""
    since, until = evidence.marks[fault], evidence.marks[_FAULTS[_FAULTS.index(fault) + 1]]
    answered = [each.ended for each in statements if each.error is None and since < each.ended < until]
    longest = max(late - early for early, late in pairwise([since, *answered, until]))
    return [] if longest <= BACK_WITHIN_S else [f"no answer for {longest:.1f} s after: {fault}"]


def read_from(evidence: Evidence, role: str, since: str, until: str) -> list[str]:
    """Whether the reading application talked to a server of this role between two marks, and no other."""
    start, end = evidence.marks[since], evidence.marks[until]
    said = {each.said for each in evidence.reads if each.started > start and each.ended < end and each.said}
    return [] if said == {role} else [f"read from {sorted(said)}, not from {role}, after: {since}"]


def lost_rows(evidence: Evidence) -> list[str]:
    """Each node that lacks a row which was promised."""
    promised = {int(each.said) for each in evidence.writes if each.said}
    missing = {node: promised - set(rows) for node, rows in evidence.rows.items()}
    return [f"{node} lost {len(gone)} rows" for node, gone in missing.items() if gone]


def detours(evidence: Evidence) -> list[str]:
    """Each walreceiver that was not connected by the replication LAN to the replication VIP."""
    return [
        f"{each.node} replicated from {each.sender} by {each.source}"
        for each in evidence.standbys
        if each.sender != "10.0.2.100" or not each.source.startswith("10.0.2.")
    ]


def left_behind(evidence: Evidence) -> list[str]:
    """Each NIC that at the end had a VIP which was not there to be had, or had not its own."""
    belongs = {
        (evidence.moves[vip][-1].holder, nic, evidence.moves[vip][-1].table) for vip, nic in _ON.items()
    }
    found = {
        (node, nic, address)
        for node, nics in evidence.addresses.items()
        for nic, addresses in nics.items()
        for address in addresses
    }
    return [f"{node} has {address} on {nic}" for node, nic, address in sorted(found - belongs, key=str)] + [
        f"{node} has no {address} on {nic}" for node, nic, address in sorted(belongs - found, key=str)
    ]


def fenced(evidence: Evidence, wanted: Sequence[str]) -> list[str]:
    """Whether each machine that died was fenced, once, and no other."""
    return (
        []
        if sorted(evidence.fenced) == sorted(wanted)
        else [f"fenced: {evidence.fenced}, not {list(wanted)}"]
    )
