"""Pgpool-II before a database whose failover is a service's own, by the pgpool.conf of examples/pgpool-rds.

Rules: the example is taken as it stands; what is the lab's own is left out, and the names of the database are
replaced, here and nowhere else.
"""

from collections.abc import Mapping
from pathlib import Path

from tests.e2e import judge, scenarios
from tests.e2e.acts import Scenario
from tests.e2e.stage import DATABASE
from vipswitch.preflight.pgpool_conf import read

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/pgpool-rds/pgpool-4.3.conf"
_OF_THE_LAB = {
    *("socket_dir", "pcp_socket_dir", "wd_ipc_socket_dir", "pid_file_name", "logdir"),
    *("wd_priority", "delegate_IP", "if_up_cmd", "if_down_cmd", "arping_cmd"),
    *("enable_pool_hba", "ssl", "ssl_cert", "ssl_key", "num_init_children"),
}
"""Each node's own folders and priority, the recorded commands, a database that trusts, a small machine."""


def settings() -> Mapping[str, str]:
    """The example's pgpool.conf for a node of the lab, both endpoints at the lab's database."""
    found = {name: setting.value for name, setting in read(EXAMPLE).settings.items()}
    kept = {name: value for name, value in found.items() if name not in _OF_THE_LAB}
    return kept | dict.fromkeys(("backend_hostname0", "backend_hostname1"), DATABASE)


SCENARIOS = {"killed-managed": Scenario(scenarios.killed, judge.killed, settings=settings())}
