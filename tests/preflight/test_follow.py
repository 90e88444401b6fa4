"""What a VIP follows in the preflight: it is asked, and what it says is told."""

from __future__ import annotations

import pytest

from tests.unit.authority.fake_patroni import FakePatroni, serve
from vipswitch.config import Config, VipConfig
from vipswitch.followed import EtcdSource, PatroniSource, SourceSettings
from vipswitch.model import Vip
from vipswitch.preflight.follow import followed_by, look_at_source
from vipswitch.provider import Finding


def found(settings: SourceSettings) -> Finding:
    """The one finding."""
    (finding,) = look_at_source("cluster", Config(sources={"cluster": settings}))
    return finding


@pytest.mark.parametrize(
    ("member", "told"),
    [
        ("pg1", "as pg1: this node leads: pg1 holds the leader key and is primary"),
        ("pg2", "as pg2: another node leads: pg1 holds the leader key"),
    ],
)
def test_source_that_knows_this_node_is_well(member: str, told: str) -> None:
    """Whoever leads."""
    with serve(FakePatroni()) as url:
        finding = found(PatroniSource(url, member=member))
    assert (finding.level, finding.message) == ("ok", told)


def test_name_that_the_cluster_does_not_know_is_told_with_the_key_that_mends_it() -> None:
    """That node would never get the VIP."""
    with serve(FakePatroni()) as url:
        finding = found(PatroniSource(url, member="ip-10-0-1-10"))
    assert finding.level == "warning"
    assert "ip-10-0-1-10 is not one member's name or host" in finding.message
    assert "`member`" in finding.fix


def test_source_that_does_not_answer_is_told() -> None:
    """It may be down today only, so it is no error."""
    pytest.importorskip("etcd3gw", reason="etcd3gw is not installed: pip install 'vipswitch[etcd]'")
    finding = found(EtcdSource(("http://127.0.0.1:9",), "/leader"))
    assert (finding.level, "refused" in finding.message) == ("warning", True), finding.message


def test_each_source_is_asked_once() -> None:
    """However many VIPs follow it."""
    names = ["cluster", None, "cluster", "rest"]
    vips = [VipConfig(Vip(f"v{k}", ()), "local", None, follow=name) for k, name in enumerate(names)]
    assert followed_by(vips) == ("cluster", "rest")
