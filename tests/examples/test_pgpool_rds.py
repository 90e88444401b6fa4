"""The example in front of RDS: read by the preflight and by the real Pgpool-II, beside the one it builds on.

That a real watchdog moves the VIP with this very pgpool.conf is what tests/e2e/test_pgpool_managed.py plays.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.examples.fragments import FOLDER as BASE
from tests.examples.fragments import Fragment, said_by_pgpool
from vipswitch import config, configfile
from vipswitch.preflight.pgpool import look_at_pgpool
from vipswitch.preflight.pgpool_calls import Surroundings
from vipswitch.provider import Level

FOLDER = BASE.parent / "pgpool-rds"
WHOLE = (
    Fragment("../pgpool-rds/pgpool-4.3.conf", (4, 3, 5)),
    Fragment("../pgpool-rds/pgpool-4.4.conf", (4, 7, 2)),
)
EACH = pytest.mark.parametrize("whole", WHOLE, ids=lambda whole: Path(whole.name).name)


def test_every_file_is_checked() -> None:
    """A new file gets its test; the VIP's part is the one without RDS."""
    known = {"README.md", "vipswitch.toml", "pgpool-4.3.conf", "pgpool-4.4.conf"}
    assert {path.name for path in FOLDER.iterdir()} == known
    assert known - {"README.md"} <= set(re.findall(r"\]\(([^)]+)\)", (FOLDER / "README.md").read_text()))
    assert (FOLDER / "vipswitch.toml").read_text() == (BASE / "vipswitch.toml").read_text()


@EACH
def test_the_watchdog_is_the_one_of_the_plain_example(whole: Fragment) -> None:
    """Its commands are run there, on a real interface and a local AWS."""
    plain = (BASE / Path(whole.name).name).read_text()
    assert (BASE / whole.name).read_text().endswith(plain[plain.index("use_watchdog") :])


@EACH
def test_nothing_fails_over_but_the_vip(whole: Fragment) -> None:
    """The writer is the primary for good, and no backend is ever detached."""
    conf = whole.conf()
    assert conf.text("backend_flag0") == "ALWAYS_PRIMARY|DISALLOW_TO_FAILOVER"
    assert conf.text("backend_flag1") == "DISALLOW_TO_FAILOVER"
    assert {conf.text(name) for name in ("sr_check_period", "health_check_period")} == {"0"}
    assert not any(
        map(conf.on, ("failover_on_backend_error", "failover_on_backend_shutdown", "auto_failback"))
    )
    assert (conf.text("failover_command"), conf.text("follow_primary_command")) == ("", "")


@EACH
def test_the_preflight_finds_nothing_wrong(whole: Fragment, tmp_path: Path) -> None:
    """With the example's config, and its programs installed."""
    copy = tmp_path / "vipswitch.toml"
    copy.write_text((FOLDER / "vipswitch.toml").read_text())
    example = replace(configfile.read(copy), path=config.DEFAULT_PATH)
    around = Surroundings(whole.version, example, lambda program, as_root: "")
    findings = list(look_at_pgpool(whole.conf(), around))
    assert [finding for finding in findings if finding.level is not Level.OK] == []
    assert len(findings) >= 2


@EACH
def test_the_real_pgpool_reads_it(whole: Fragment, tmp_path: Path) -> None:
    """It ends before it starts anything, at a pid file that it cannot open; not at a syntax error."""
    said = said_by_pgpool((BASE / whole.name).resolve(), tmp_path)
    assert "could not open pid file" in said, said
