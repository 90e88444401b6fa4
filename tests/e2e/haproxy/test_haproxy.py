"""Two real HAProxies with keepalived in front of a real Patroni cluster: no single one of them is needed.

What runs are the files of examples/haproxy-keepalived-patroni.
"""

import pytest

from tests.e2e.evidence import Evidence
from tests.e2e.haproxy import run

PLAYED_BY = "tests.e2e.haproxy.run"
NEEDS = ("haproxy", "keepalived", "patroni", "etcd", "initdb")


@pytest.mark.parametrize("mover", ["agent"])
@pytest.mark.parametrize("scenario", ["proxies"])
def test_a_client_writes_on_through_whichever_proxy_is_left(
    scenario: str, mover: str, repetition: int, evidence: Evidence
) -> None:
    """HAProxy dies and returns, Patroni switches over behind it, all of a node dies; no row is lost."""
    print(run.summary(scenario, mover, evidence))
    assert run.violations(scenario, evidence) == []
