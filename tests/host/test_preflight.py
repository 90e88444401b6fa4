"""What the preflight says of the privilege is what a failover would meet."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.host.lab import AMBIENT, Namespace
from vipswitch.host import Host
from vipswitch.host.preflight import without_password

VIP = "10.0.1.50"
VIP6 = "fd00::50"
BOTH = pytest.mark.parametrize("vip", [VIP, VIP6])
Sudoers = Callable[..., str]
HERE = "nobody ALL=(root)"


@BOTH
@pytest.mark.parametrize(
    ("rule", "how"),
    [
        (None, "none"),
        (f"{HERE} NOPASSWD: ALL", "sudo"),
        (f"{HERE} NOPASSWD: /usr/sbin/ip", "sudo"),
        (f"{HERE} NOPASSWD: /usr/sbin/ip addr *", "sudo"),
        (f"{HERE} NOPASSWD: /usr/sbin/ip route *", "none"),
        (f"{HERE} ALL", "none"),
        (f"{HERE} NOPASSWD: /usr/bin/true, PASSWD: ALL", "password"),
    ],
)
def test_the_preflight_says_what_a_failover_would_meet(
    nobody: Namespace, sudoers: Sudoers, vip: str, rule: str | None, how: str
) -> None:
    """It changes nothing, and its answer is what `add` then does."""
    rules = sudoers(*([rule] if rule else []))
    answer = nobody.as_nobody("privilege", vip, sudoers=rules)
    assert answer.result == how
    assert (answer.hint == "") is (how == "sudo")
    assert not nobody.run(lambda: Host("eth0").has(ip_address(vip)))
    assert (nobody.as_nobody("add", vip, sudoers=rules).error == "") is (how == "sudo")


def test_the_preflight_asks_for_both_commands(nobody: Namespace, sudoers: Sudoers) -> None:
    """A rule that only lets the address be added would keep it on the loser."""
    rules = sudoers(f"{HERE} NOPASSWD: /usr/sbin/ip addr add *")
    assert nobody.as_nobody("privilege", VIP, sudoers=rules).result == "none"


@BOTH
def test_the_preflight_believes_the_line_it_asks_for(nobody: Namespace, sudoers: Sudoers, vip: str) -> None:
    """Pasting the hint turns "none" into "sudo"."""
    line = nobody.as_nobody("privilege", vip, sudoers=sudoers()).hint.split(": ", 1)[1]
    assert nobody.as_nobody("privilege", vip, sudoers=sudoers(line)).result == "sudo"


def test_the_preflight_sees_capabilities(nobody: Namespace, sudoers: Sudoers) -> None:
    """Root's own, and a user's ambient ones; a capability that is not passed on is none."""
    assert nobody.run(lambda: Host("eth0").privilege(ip_address(VIP))).how == "capability"
    for privileges, how in [(AMBIENT, "capability"), (AMBIENT[:1], "none")]:
        answer = nobody.as_nobody("privilege", VIP, sudoers=sudoers(), privileges=privileges)
        assert answer.result == how


def test_a_setuid_ip_is_a_privilege_unless_new_privileges_are_forbidden(
    nobody: Namespace, sudoers: Sudoers, public: Path
) -> None:
    """Pgpool-II's manual recommends it, and the preflight's answer is what `add` then does."""
    program = public / "ip"
    program.write_bytes(Path("/usr/sbin/ip").read_bytes())
    program.chmod(0o4755)
    for privileges, how in [((), "setuid"), (("--no-new-privs",), "none")]:
        for method, expected in [("privilege", how), ("add", "None" if how == "setuid" else "")]:
            answer = nobody.as_nobody(method, VIP, str(program), sudoers=sudoers(), privileges=privileges)
            assert answer.result == expected
        nobody.run(lambda: Host("eth0").remove(ip_address(VIP)))


def test_the_last_matching_rule_decides_about_the_password() -> None:
    """As in sudoers(5); a rule that allows the command but is not seen in the listing is no yes."""
    head = "Sudoers entry:\n    RunAsUsers: root\n"
    free = f"{head}    Options: !authenticate\n    Commands:\n\t/usr/sbin/ip addr *\n"
    asks = f"{head}    Commands:\n\tALL\n"
    command = "/usr/sbin/ip addr add fd00::50/128 dev eth0"
    assert without_password(f"{asks}\n{free}", command)
    assert not without_password(f"{free}\n{asks}", command)
    assert not without_password(free, "/usr/sbin/ip link set eth0 down")
