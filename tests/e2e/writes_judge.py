"""Whether half of a move was mended, and a late write came to nothing: from evidence to violations.

Rules: those of `judge`.
"""

from tests.e2e import judge
from tests.e2e.evidence import Evidence
from tests.e2e.judge import ROUTES, Rules


def halfway(evidence: Evidence, rules: Rules = ROUTES) -> list[str]:
    """The next leader has the VIP as after any takeover, in spite of the one who died between its writes."""
    return [*_not_halfway(evidence, rules), *judge.takeover(evidence, rules)]


def late_write(evidence: Evidence, rules: Rules = ROUTES) -> list[str]:
    """A write that was made from a reading of before the takeover must come to nothing."""
    writes = [request for request in judge.requests_of_old(evidence) if request.mutating]
    idle = [] if writes else [f"{evidence.roles['old']}: had no write that could be late"]
    return [*idle, *judge.late_request(evidence, rules)]


def _not_halfway(evidence: Evidence, rules: Rules) -> list[str]:
    """A node that died before its first write, or after its second one, proves nothing."""
    dead = evidence.roles["halfway"]
    written = [
        request.subject
        for request in evidence.requests
        if request.node == dead and request.committed and request.action in rules.moves
    ]
    if written != [evidence.roles["old"]]:
        return [f"{dead}: was to die between its writes, and has written {written}"]
    return []
