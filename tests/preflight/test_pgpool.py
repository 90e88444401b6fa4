"""What the preflight says of a pgpool.conf: one case for each trap that Pgpool-II sets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.preflight.conf import CONFIG, GOOD, NEW, OLD, conf, found, nothing_wrong, said
from vipswitch.config import Config
from vipswitch.preflight.pgpool import look_at_pgpool
from vipswitch.preflight.pgpool_calls import Surroundings, vips_in
from vipswitch.preflight.pgpool_version import Version
from vipswitch.preflight.pgpool_watchdog import equal_priorities
from vipswitch.provider import Level

HOOK = "/usr/local/bin/vipswitch-if-up"
SUCCESS = "Pgpool-II takes that for success"


@pytest.mark.parametrize(("version", "name"), [(OLD, "delegate_IP"), (NEW, "delegate_ip")])
def test_a_good_file_has_only_good_findings(version: Version, name: str) -> None:
    """In both spellings of the delegate IP, each where it is known."""
    text = GOOD.replace("delegate_IP", name)
    findings = list(look_at_pgpool(conf(text), Surroundings(version, CONFIG, nothing_wrong)))
    assert {finding.level for finding in findings} == {Level.OK}
    assert [finding.message for finding in findings] == ["moves primary by local"] * 3


def test_without_the_watchdog_nothing_else_is_said() -> None:
    """Debian's own file is that way, and says nothing of a VIP."""
    assert said(found("use_watchdog = off")) == [
        "warning: use_watchdog: is off: this Pgpool-II never moves a VIP"
    ]


@pytest.mark.parametrize(
    ("version", "level", "message"),
    [
        (OLD, "error", "is not known to Pgpool-II 4.3.5, which ignores it without a word: no VIP"),
        (
            None,
            "warning",
            "is ignored without a word by 4.3 and older, and no Pgpool-II was found here to ask",
        ),
    ],
)
def test_the_new_name_of_the_delegate_ip_is_ignored_before_4_4(
    version: Version | None, level: str, message: str
) -> None:
    """No VIP, no message: the trap of copying from the manual of another version."""
    text = GOOD.replace("delegate_IP", "delegate_ip")
    around = Surroundings(version, CONFIG, nothing_wrong)
    assert f"{level}: delegate_ip: {message}" in said([*look_at_pgpool(conf(text), around)][:-3])


def test_the_old_name_still_works() -> None:
    """Pgpool-II only grumbles."""
    assert said(found(version=NEW)) == ["warning: delegate_IP: is the old name since 4.4"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            f"if_up_cmd = '{HOOK} $_IP_$ {'-v ' * 22}'",
            "error: has 24 words; more than 23 smash Pgpool-II's stack",
        ),
        (
            f"if_up_cmd = '/{'x' * 113}/vipswitch-if-up $_IP_$'",
            "error: the program's path has 130 bytes and is cut after 127",
        ),
        (
            "if_up_cmd = '/usr/bin/$_IP_$/vipswitch-if-up $_IP_$'",
            "error: $_IP_$ in the program's own path is not replaced there",
        ),
        (f"""if_up_cmd = '{HOOK} "$_IP_$"'""", 'error: "10.99.0.50": no VIP of that name or address'),
        (
            f"""if_up_cmd = '{HOOK} "$_IP_$"'""",
            "warning: has a quote or a tab, which Pgpool-II passes on as an ordinary byte",
        ),
        (
            f"if_up_cmd = '{HOOK}\t$_IP_$'",
            "warning: has a quote or a tab, which Pgpool-II passes on as an ordinary byte",
        ),
        ("if_up_cmd = ''", "error: is empty, and Pgpool-II counts that as a failure"),
        ("if_up_cmd = '   '", "error: is empty, and Pgpool-II counts that as a failure"),
        ("arping_cmd = ''", "error: is empty, and Pgpool-II counts that as a failure"),
        ("arping_cmd = 'true'", "warning: is looked up as /usr/sbin/true"),
        ("arping_path = '/bin'\narping_cmd = 'true'", "warning: is looked up as /bin/true"),
        (f"if_up_cmd = '{HOOK} primary'", "warning: has no $_IP_$, so it does not follow the delegate IP"),
        (f"if_up_cmd = '{HOOK} six'", "warning: moves six, but Pgpool-II's delegate IP is 10.99.0.50"),
        (f"if_up_cmd = '{HOOK}'", "error: the following arguments are required: NAME_OR_ADDRESS"),
        (f"if_up_cmd = '{HOOK} $_IP_$ six'", "error: expected one address"),
        (f"if_up_cmd = '{HOOK} $_IP_$ --help'", f"error: {HOOK}: only prints a help text"),
        (f"if_up_cmd = '{HOOK} $_IP_$ --dry-run'", "error: --dry-run: a hook always acts"),
        (f"if_up_cmd = '{HOOK} $_IP_$ --provider fil'", "error: --provider: unknown provider 'fil'"),
        ("delegate_IP = '10.99.0.5'", "error: 10.99.0.5: no VIP of that name or address"),
        (
            "if_down_cmd = '/usr/local/bin/vipswitch-if-up $_IP_$'",
            "error: runs `up` where Pgpool-II means `down`",
        ),
        (
            "arping_cmd = '/usr/local/bin/vipswitch-if-up $_IP_$'",
            "error: runs `up` where Pgpool-II means `arping`",
        ),
        (
            "if_up_cmd = '/usr/local/bin/vipswitch up $_IP_$'",
            "warning: calls `vipswitch up`, which is for people and keeps Pgpool-II's sockets open",
        ),
        ("if_up_cmd = '/usr/local/bin/vipswitch status $_IP_$'", "error: runs `status` where"),
        ("if_up_cmd = '/etc/pgpool2/mine.sh up $_IP_$'", "warning: does not call vipswitch"),
        (f"if_up_cmd = '/usr/bin/sudo {HOOK} $_IP_$'", "warning: sudo without -n may wait for a password"),
        ("if_up_cmd = '/usr/bin/sudo -n vipswitch-if-up $_IP_$'", "warning: sudo looks for vipswitch-if-up"),
        (
            "wd_escalation_command = '/etc/pgpool2/escalation.sh'",
            "warning: runs escalation.sh before the takeover, and each dead peer costs it 5 s of outage",
        ),
        (
            "hostname2 = ''",
            "warning: is off with 2 nodes: the half that survives has no quorum and gets no VIP",
        ),
        ("hostname0=''\nhostname1=''\nhostname2=''", "warning: no watchdog node is named"),
        ('if_up_cmd = "x"', 'error: Pgpool-II takes " for its value'),
        ("if_up_cmd =", "error: Pgpool-II takes the end of the line for its value"),
    ],
)
def test_each_trap_is_named(line: str, expected: str) -> None:
    """One line away from a good file, one finding with its level."""
    level, message = expected.split(": ", 1)
    assert any(f.level == level and message in f.message for f in found(line)), said(found(line))


@pytest.mark.parametrize(
    "line",
    [
        f"if_up_cmd = '{HOOK} $_IP_$ {'-v ' * 20}'",
        f"if_up_cmd = '/usr/bin/sudo -n {HOOK} $_IP_$'",
        f"if_up_cmd = '/usr/bin/sudo -nu root -g wheel -- {HOOK} $_IP_$'",
        f"if_up_cmd = '/usr/bin/sudo --non-interactive A=b {HOOK} $_IP_$'",
        f"if_up_cmd = '{HOOK} $_IP_$ --provider local --interface eth1'",
        "arping_cmd = '/usr/bin/true'",
        "hostname2 = ''\nenable_consensus_with_half_votes = on",
        "hostname1 = ''\nhostname2 = ''",
    ],
)
def test_what_is_well_is_left_alone(line: str) -> None:
    """No warning that people learn to overlook."""
    assert said(found(line)) == []


def test_a_relative_if_up_cmd_beside_absolute_ones_ends_pgpool() -> None:
    """The start-up check glues the folder in front of the absolute paths."""
    messages = said(found("if_up_cmd = 'vipswitch-if-up $_IP_$'\nif_cmd_path = '/opt'"))
    glued = "is absolute but if_up_cmd is not: Pgpool-II looks for"
    assert f"error: if_down_cmd: {glued} /opt//usr/local/bin/vipswitch-if-down and ends" in messages
    assert f"error: arping_cmd: {glued} /usr/sbin//usr/local/bin/vipswitch-arping and ends" in messages


def test_commands_that_are_not_set_have_defaults_for_a_lan() -> None:
    """`ip addr add` alone reaches nobody in a cloud."""
    text = "".join(line for line in GOOD.splitlines(keepends=True) if "_cmd" not in line)
    findings = [*look_at_pgpool(conf(text), Surroundings(OLD, CONFIG, nothing_wrong))]
    assert [f"{f.level} {f.subject.split()[-1]}" for f in findings] == [
        "error if_up_cmd",
        "error if_down_cmd",
        "warning arping_cmd",
    ]


def test_a_program_that_cannot_be_run_counts_as_success() -> None:
    """The worst trap: nothing moves, and Pgpool-II reports that all went well."""

    def missing(program: str, as_root: bool) -> str:
        return "" if as_root else "is missing"

    around = Surroundings(OLD, CONFIG, missing)
    up = "if_up_cmd = '/usr/bin/sudo -n /usr/local/bin/vipswitch-if-up $_IP_$'\n"
    findings = [f for f in look_at_pgpool(conf(GOOD + up), around) if "missing" in f.message]
    assert said(findings) == [
        f"error: if_up_cmd: /usr/bin/sudo is missing: {SUCCESS}",
        f"error: if_down_cmd: /usr/local/bin/vipswitch-if-down is missing: {SUCCESS}",
        f"warning: arping_cmd: /usr/local/bin/vipswitch-arping is missing: {SUCCESS}",
    ]


def test_sudo_is_asked_for_the_program_behind_it() -> None:
    """As root, because that is who will run it."""

    def missing(program: str, as_root: bool) -> str:
        return "is missing" if as_root else ""

    up = "if_up_cmd = '/usr/bin/sudo -n /opt/vipswitch-if-up $_IP_$'\n"
    findings = [*look_at_pgpool(conf(GOOD + up), Surroundings(OLD, CONFIG, missing))]
    assert [f.message for f in findings if f.level is Level.ERROR] == ["/opt/vipswitch-if-up is missing"]


@pytest.mark.parametrize("delegate", ["203.0.113.7", "fd00::50", "10.99.0.51"])
@pytest.mark.parametrize(
    ("version", "warned"),
    [(None, True), (OLD, True), ((4, 2, 17), True), ((4, 2, 18), False), ((4, 5, 2), True), (NEW, False)],
)
def test_a_vip_that_pgpool_cannot_see_is_taken_again_and_again(
    delegate: str, version: Version | None, warned: bool
) -> None:
    """Not an address of a host, an IPv6 one, or on lo: until bug 823 each network event re-ran `up`."""
    messages = said(found(f"delegate_IP = '{delegate}'", version=version))
    assert any("runs `up` again at every network event" in message for message in messages) is warned


def test_monitored_interfaces_bring_the_runs_back() -> None:
    """Also in new versions, and a VIP that is no local IPv4 address gains nothing from it."""
    messages = said(found("wd_monitoring_interfaces_list = 'any'\ndelegate_IP = '203.0.113.7'", version=NEW))
    assert any("is not empty, although public is no address of a host" in m for m in messages)
    assert any("runs `up` again at every network event" in m for m in messages)
    assert not any(
        "not empty" in m for m in said(found("wd_monitoring_interfaces_list = 'any'", version=NEW))
    )


ESCALATION = "delegate_IP = ''\nwd_escalation_command = '{up}'\nwd_de_escalation_command = '{down}'"


@pytest.mark.parametrize(
    ("up", "expected"),
    [
        (f"{HOOK} public", []),
        (f"A=b exec 2>/dev/null; {HOOK} public >/tmp/log 2>&1 && echo done", []),
        (f"/usr/bin/sudo -n {HOOK} public", []),
        (f"{HOOK} $_IP_$", ["error: $_IP_$ means nothing here"]),
        ("vipswitch-if-up public", ["warning: vipswitch-if-up is looked for in Pgpool-II's PATH"]),
        (f'{HOOK} "public', ["error: the shell cannot read"]),
        (f"{HOOK} nobody", ["error: nobody: no VIP of that name or address"]),
        ("/usr/local/bin/vipswitch-if-down public", ["error: runs `down` where Pgpool-II means `up`"]),
        ("/etc/pgpool2/mine.sh", ["warning: does not call vipswitch"]),
        ("", ["error: is empty, and so is the delegate IP: Pgpool-II never calls vipswitch"]),
    ],
)
def test_escalation_commands_are_read_as_the_shell_reads_them(up: str, expected: list[str]) -> None:
    """The style for VIPs that are no local address: quotes, redirections and `;` work there."""
    findings = found(ESCALATION.format(up=up, down="/usr/local/bin/vipswitch-if-down public"))
    assert len(findings) == len(expected), said(findings)
    for finding, start in zip(findings, expected, strict=True):
        assert f"{finding.level}: {finding.message}".startswith(start)


def test_a_missing_escalation_program_is_an_error() -> None:
    """The shell reports it, and the VIP stays where it is."""
    text = (
        GOOD + ESCALATION.format(up=f"{HOOK} public", down="/usr/local/bin/vipswitch-if-down public") + "\n"
    )
    findings = [*look_at_pgpool(conf(text), Surroundings(OLD, CONFIG, lambda program, as_root: "is missing"))]
    assert sum(finding.message.endswith("is missing") for finding in findings) == 2


def test_the_sample_scripts_words_are_understood() -> None:
    """Users of aws_rtb_if_cmd.sh change only the path."""
    line = "/usr/local/bin/vipswitch-aws-rtb-if-cmd {} $_IP_$ eth0 rtb-0a1b2c3d {}"
    good = line.format("up", "/usr/bin/aws")
    assert said(found(f"if_up_cmd = '{good}'", config=Config())[:0]) == []
    text = f"{GOOD}if_up_cmd = '{good}'\n"
    assert [str(vip.vip) for vip in vips_in(conf(text), Surroundings(OLD, Config(), nothing_wrong))] == [
        "10.99.0.50"
    ]
    assert any("runs `down`" in m for m in said(found(f"if_up_cmd = '{line.format('down', '')}'")))
    assert any(
        "expected the words of aws_rtb_if_cmd.sh" in m
        for m in said(found(f"if_up_cmd = '{HOOK[:-5]}aws-rtb-if-cmd $_IP_$'"))
    )


def test_a_config_that_the_hook_would_not_find_is_noticed() -> None:
    """`check --config X` proves nothing when the hook reads another file."""
    elsewhere = Config(Path("/srv/vipswitch.toml"), CONFIG.vips)
    message = "warning: if_up_cmd: reads /etc/vipswitch/vipswitch.toml and not /srv/vipswitch.toml"
    assert message in said(found(config=elsewhere))
    own = "if_up_cmd = '/usr/local/bin/vipswitch-if-up $_IP_$ --provider local'"
    assert message not in said(found(own, config=elsewhere))


def test_without_a_readable_config_the_words_are_still_judged() -> None:
    """And no line is accused of naming a VIP that nobody could look for."""
    assert said(found(config=None)) == []
    assert said(found("if_up_cmd = '/usr/local/bin/vipswitch-if-down $_IP_$'", config=None)) == [
        "error: if_up_cmd: runs `down` where Pgpool-II means `up`"
    ]


def test_equal_priorities_are_found_across_nodes() -> None:
    """Two candidates of one second would reject each other, round after round."""
    one, two, unset = conf(GOOD), conf(GOOD), conf(GOOD.replace("wd_priority = 3", "# wd_priority = 1"))
    assert [f.message for f in equal_priorities([one, two, unset])] == [f"is 3 also in {two.path}"]
    assert list(equal_priorities([one, unset])) == []
    assert any(
        "so it is 1 on every node" in f.message
        for f in look_at_pgpool(unset, Surroundings(OLD, CONFIG, nothing_wrong))
    )
