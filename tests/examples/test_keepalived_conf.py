"""Every keepalived.conf of the examples is well, as `vipswitch check` sees it, with the config beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from vipswitch import configfile
from vipswitch.preflight.keepalived import look_at_keepalived, read_conf
from vipswitch.provider import Level

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "examples").glob("**/keepalived*.conf"))
OF_THIS_MACHINE = (" is missing: keepalived never runs it", "who is unknown here: keepalived ignores it")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_keepalived_conf_is_well(path: Path) -> None:
    """Its programs and users apart, which this machine need not have; each file moves at least one VIP."""
    conf = read_conf(path)
    findings = list(look_at_keepalived(conf, configfile.read(path.parent / "vipswitch.toml")))
    errors = [f"{f.subject}: {f.message}" for f in findings if f.level is Level.ERROR]
    assert [error for error in errors if not error.endswith(OF_THIS_MACHINE)] == []
    assert any(f.level is Level.OK and f.message.startswith("moves ") for f in findings)
