"""What the preflight says of a keepalived.conf: a case for each way in which a hook is not run, or badly."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.preflight.conf import CONFIG, said
from vipswitch.config import Config
from vipswitch.preflight.keepalived import KeepalivedConf, look_at_keepalived, read_conf, vips_in
from vipswitch.preflight.keepalived_conf import read, words_of
from vipswitch.provider import Level

GLOBAL = "global_defs {\n    script_user root\n    enable_script_security\n}\n"
ROUTED = Config(
    vips={
        "primary": {"address": "10.99.0.50", "provider": "aws-route-table", "route_tables": ["rtb-0a1b2c3d"]},
        "wrong": {"address": "10.99.0.51", "provider": "nonsense"},
    }
)


@pytest.fixture
def hook(tmp_path: Path) -> Path:
    """An installed hook, and one of another program."""
    for name in ("vipswitch-keepalived", "vipswitch-keepalived-fifo", "vipswitch-if-up", "wrapper"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    return tmp_path / "vipswitch-keepalived"


def conf(hook: Path, instance: str, before: str = GLOBAL) -> KeepalivedConf:
    """An instance with those lines, where HOOK is the installed hook and DIR its folder."""
    if os.geteuid() != 0:
        pytest.skip("needs root: keepalived's rules are about root's files")
    path = hook.parent / "keepalived.conf"
    text = f"{before}vrrp_instance VI_1 {{\n    unicast_peer {{ 10.0.2.10 }}\n{instance}\n}}\n"
    text = text.replace("HOOK", str(hook)).replace("DIR", str(hook.parent))
    path.write_text(text)
    return read_conf(path)


def found(hook: Path, instance: str, before: str = GLOBAL, config: Config | None = ROUTED) -> list[str]:
    """What is not well, each finding in one line."""
    findings = look_at_keepalived(conf(hook, instance, before), config)
    return said([finding for finding in findings if finding.level is not Level.OK])


@pytest.mark.parametrize(
    "instance",
    [
        'notify "HOOK primary"',
        'notify "HOOK primary" root root',
        'notify_master "HOOK primary --deadline 20 master"\nnotify_backup "HOOK primary backup"\n'
        'notify_fault "HOOK primary FAULT"\nnotify_stop "HOOK 10.99.0.50 stop"',
        "notify \"HOOK 'primary'\"  # a comment",
        'notify "HOOK primary"\nnotify_master_rx_lower_pri "HOOK primary master_rx_lower_pri"',
        'notify "DIR/wrapper -x -- HOOK primary"',
    ],
)
def test_a_good_instance_has_only_good_findings(hook: Path, instance: str) -> None:
    """In each style that keepalived knows."""
    assert found(hook, instance) == []
    findings = list(look_at_keepalived(conf(hook, instance), ROUTED))
    assert {finding.message for finding in findings} == {"moves primary by aws-route-table"}


@pytest.mark.parametrize(
    ("instance", "expected"),
    [
        (
            "notify HOOK primary",
            "error: notify: primary is outside of quotes: keepalived takes it for the user to run it as",
        ),
        (
            'notify "/nowhere/vipswitch-keepalived primary"',
            "error: notify: /nowhere/vipswitch-keepalived is missing: keepalived never runs it",
        ),
        (
            'notify "vipswitch-keepalived primary"',
            "warning: notify: vipswitch-keepalived is looked for in keepalived's PATH",
        ),
        ('notify "HOOK primry"', "error: notify: primry: no VIP of that name or address"),
        ('notify "HOOK wrong"', "error: notify: None: vip.wrong.provider: unknown provider 'nonsense'"),
        ('notify "HOOK primary --help"', "error: notify: only prints a help text"),
        ('notify "HOOK"', "error: notify: no VIP named"),
        ('notify "HOOK primary master"', "error: notify: more than one VIP named: 'primary' 'master'"),
        (
            'notify "HOOK primary" stranger',
            "error: notify: runs as stranger, who is unknown here: keepalived ignores it",
        ),
        (
            'notify "DIR/vipswitch-if-up primary"',
            "error: notify: calls DIR/vipswitch-if-up, which does not know keepalived's words",
        ),
        (
            'notify "HOOK $VIP"',
            "warning: notify: has a $NAME that keepalived replaces: not looked at",
        ),
        (
            'notify "HOOK primary"\nnotify_master "HOOK primary master"',
            "warning: vrrp_instance VI_1: notify_master and notify both call us, side by side, for the same"
            " state",
        ),
    ],
)
def test_one_thing_is_wrong(hook: Path, instance: str, expected: str) -> None:
    """It is said, with what to do, and nothing else is."""
    [message] = found(hook, instance)
    assert message.startswith(expected.replace("DIR", str(hook.parent)))


STATES = {
    "notify_master": "master",
    "notify_backup": "backup",
    "notify_fault": "fault",
    "notify_stop": "stop",
}


@pytest.mark.parametrize(
    ("left_out", "expected"),
    [
        ("notify_master", "error: vrrp_instance VI_1: nothing takes the VIP: no notify_master calls us"),
        (
            "notify_backup",
            "error: vrrp_instance VI_1: no notify_backup calls us: a node in that state keeps the VIP's"
            " address",
        ),
        (
            "notify_fault",
            "error: vrrp_instance VI_1: no notify_fault calls us: a node in that state keeps the VIP's"
            " address",
        ),
        (
            "notify_stop",
            "warning: vrrp_instance VI_1: no notify_stop calls us: a node whose keepalived is stopped keeps"
            " the VIP's address",
        ),
    ],
)
def test_a_state_is_left_out(hook: Path, left_out: str, expected: str) -> None:
    """Each style of its own must cover both directions."""
    lines = [f'{name} "HOOK primary {state}"' for name, state in STATES.items() if name != left_out]
    assert found(hook, "\n".join(lines)) == [expected]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("primary", "no state of keepalived: 'primary'"),
        ("primary master", "says master where keepalived means backup"),
        ("primary 100", "no state of keepalived: '100'"),
    ],
)
def test_the_state_is_written_down_where_keepalived_appends_none(
    hook: Path, words: str, expected: str
) -> None:
    """A copied line takes the VIP where it should let go."""
    lines = {name: f'{name} "HOOK primary {state}"' for name, state in STATES.items()}
    lines["notify_backup"] = f'notify_backup "HOOK {words}"'
    assert found(hook, "\n".join(lines.values())) == [f"error: notify_backup: {expected}"]


def test_script_security_and_a_path_that_others_can_change(hook: Path) -> None:
    """keepalived then disables the script; without the option root runs what others may have written."""
    hook.chmod(0o777)
    spot = f"{hook} can be written to by everybody"
    assert found(hook, 'notify "HOOK primary"') == [
        f"error: notify: {spot}: by enable_script_security keepalived never runs it"
    ]
    without = GLOBAL.replace("enable_script_security", "")
    assert found(hook, 'notify "HOOK primary"', without) == [f"warning: notify: {spot}, and root runs it"]


def test_user_that_may_not_run_the_hook(hook: Path) -> None:
    """Pytest's folder is root's alone; script_user is who it is run as where the line names nobody."""
    wrong = "may not be run by nobody: keepalived never runs it"
    assert found(hook, 'notify "HOOK primary" nobody') == [f"error: notify: {hook} {wrong}"]
    by_all = GLOBAL.replace("script_user root", "script_user nobody")
    assert found(hook, 'notify "HOOK primary"', by_all) == [f"error: notify: {hook} {wrong}"]


def test_multicast_reaches_nobody_in_a_cloud(hook: Path) -> None:
    """Both nodes are master then; on a network of one's own it is how VRRP works."""
    path = conf(hook, 'notify "HOOK primary"').path
    path.write_text(path.read_text().replace("unicast_peer", "virtual_ipaddress"))
    [message] = said([f for f in look_at_keepalived(read_conf(path), ROUTED) if f.level is not Level.OK])
    assert message.startswith("warning: vrrp_instance VI_1: no unicast_peer")
    assert {f.level for f in look_at_keepalived(read_conf(path), CONFIG)} == {Level.OK}


def test_fifo_reader(hook: Path) -> None:
    """It hears every state, in their order; the FIFO's path is appended to its words."""
    before = GLOBAL.replace("}", '    vrrp_notify_fifo /run/k.fifo\n    vrrp_notify_fifo_script "READER"\n}')
    good = before.replace("READER", "HOOK-fifo primary --instance VI_1")
    assert found(hook, "", good) == []
    bad = before.replace("READER", "HOOK primary")
    assert found(hook, "", bad) == [
        f"error: vrrp_notify_fifo_script: calls {hook}, which does not know keepalived's words"
    ]


def test_a_file_that_does_not_call_us(hook: Path) -> None:
    """Whoever names it to `check` expects it to."""
    assert found(hook, 'notify "/bin/true primary"') == [
        f"warning: {hook.parent}/keepalived.conf: calls no hook of vipswitch"
    ]


def test_vips_that_only_keepalived_conf_defines(hook: Path) -> None:
    """By flags alone, without a config file."""
    flags = "--provider file --path /srv/vip.json --node a"
    there = conf(hook, f'notify_master "HOOK 10.99.0.99 {flags} master"\nnotify "HOOK wrong"')
    assert [str(vip.vip.addresses[0]) for vip in vips_in(there, ROUTED)] == ["10.99.0.99"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a b", ["a", "b"]),
        ('a "b c" d', ["a", "b c", "d"]),
        ('ab"c d"e', ["abc de"]),
        ("a 'b \"c' d", ["a", 'b "c', "d"]),
        ("a # b", ["a"]),
        ("a !b", ["a"]),
        ('a "#!b"', ["a", "#!b"]),
        (r"a \"b c", ["a", '"b', "c"]),
        ('a ""', ["a", ""]),
        ("", []),
    ],
)
def test_words_of_a_line(line: str, words: list[str]) -> None:
    """Quotes, comments and backslashes."""
    assert words_of(line) == words


def test_blocks_and_included_files(tmp_path: Path) -> None:
    """A brace may stand on a line of its own; files are included by pattern; lines are joined."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more/a.conf").write_text("vrrp_instance B\n{\n  notify x\n}\n")
    (tmp_path / "k.conf").write_text(
        "include more/*.conf\nvrrp_sync_group G { group { A } \n notify \\\n y\n}\n"
        "@main notify z\n~SEQ(a, 1) no $a\n"
    )
    told = [(s.words, s.block, s.line) for s in read(tmp_path / "k.conf") if s.words[0] == "notify"]
    assert told == [
        (("notify", "x"), ("vrrp_instance", "B"), 3),
        (("notify", "y"), ("vrrp_sync_group", "G"), 3),
        (("notify", "z"), (), 6),
    ]
