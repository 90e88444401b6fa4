"""A pgpool.conf that is well, and what the preflight says once some lines are added to it."""

from __future__ import annotations

from pathlib import Path

from vipswitch.config import Config
from vipswitch.preflight.pgpool import look_at_pgpool
from vipswitch.preflight.pgpool_calls import Surroundings
from vipswitch.preflight.pgpool_conf import PgpoolConf, read
from vipswitch.preflight.pgpool_version import Version
from vipswitch.provider import Finding, Level

PATH = Path("/etc/pgpool2/pgpool.conf")
OLD: Version = (4, 3, 5)
NEW: Version = (4, 7, 2)
CONFIG = Config(
    vips={
        "primary": {"address": "10.99.0.50", "provider": "local"},
        "public": {"address": "203.0.113.7", "provider": "file", "path": "/srv/vip.json"},
        "six": {"address": "fd00::50", "provider": "local"},
        "looped": {"address": "10.99.0.51", "provider": "local", "interface": "lo"},
    }
)
GOOD = """\
use_watchdog = on
hostname0 = '10.0.1.10'
hostname1 = '10.0.2.10'
hostname2 = '10.0.3.10'
wd_priority = 3
delegate_IP = '10.99.0.50'
if_up_cmd = '/usr/local/bin/vipswitch-if-up $_IP_$'
if_down_cmd = '/usr/local/bin/vipswitch-if-down $_IP_$'
arping_cmd = '/usr/local/bin/vipswitch-arping $_IP_$'
"""


def conf(text: str) -> PgpoolConf:
    """That text, read as a file."""
    return read(PATH, lambda path: text)


def nothing_wrong(program: str, as_root: bool) -> str:
    """A host on which every program can be run."""
    return ""


def found(added: str = "", *, version: Version | None = OLD, config: Config | None = CONFIG) -> list[Finding]:
    """The findings that are not ok, where the lines of `added` win over the good ones."""
    around = Surroundings(version, config, nothing_wrong)
    return [f for f in look_at_pgpool(conf(f"{GOOD}{added}\n"), around) if f.level is not Level.OK]


def said(findings: list[Finding]) -> list[str]:
    """Each finding in one line, as the tests compare them; all have a fix."""
    assert all(finding.fix for finding in findings)
    return [f"{f.level}: {f.subject.rsplit(': ', 1)[-1]}: {f.message}" for f in findings]
