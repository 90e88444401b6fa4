"""The privilege to change addresses, with a real user who has none and a real sudo."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.host.lab import AMBIENT, Answer, Namespace
from vipswitch.host import Host
from vipswitch.host.address import commands
from vipswitch.host.privilege import sudoers_line

VIP = "10.0.1.50"
VIP6 = "fd00::50"
BOTH = pytest.mark.parametrize("vip", [VIP, VIP6])
Sudoers = Callable[..., str]
HERE = "nobody ALL=(root)"

_WOULD_HANG_AS_ROOT = """#!/bin/sh
test "$1" = -json && exec /usr/sbin/ip "$@"
test "$(id -u)" = 0 && echo $$ > "${0%/ip}/pid" && exec sleep 3
echo 'RTNETLINK answers: Operation not permitted' >&2
exit 2
"""


def line_in(hint: str) -> str:
    """The sudoers line that a hint ends with."""
    return hint.split(": ", 1)[1]


def has(node: Namespace, vip: str) -> bool:
    """Whether the node has the address."""
    return node.run(lambda: Host("eth0").has(ip_address(vip)))


def denied(answer: Answer) -> bool:
    """Whether the error is the one for a missing privilege."""
    return answer.error == "PermissionDenied"


@BOTH
def test_without_privilege_the_hint_is_the_sudoers_line_that_helps(
    nobody: Namespace, sudoers: Sudoers, vip: str
) -> None:
    """The line of the hint, put in sudoers as it is, lets the same user add, add again and remove."""
    refused = nobody.as_nobody("add", vip, sudoers=sudoers())
    assert denied(refused)
    assert not has(nobody, vip)
    rules = sudoers(line_in(refused.hint))
    for method, there in [("add", True), ("add", True), ("remove", False), ("remove", False)]:
        assert nobody.as_nobody(method, vip, sudoers=rules).error == ""
        assert has(nobody, vip) is there


def test_the_sudoers_line_names_user_program_and_both_commands() -> None:
    """It is short enough to be read before it is pasted."""
    whole = [("/usr/sbin/ip", *command) for command in commands(ip_address("10.99.0.50"), "eth0")]
    assert sudoers_line(whole).endswith(
        " ALL=(root) NOPASSWD: /usr/sbin/ip addr add 10.99.0.50/32 dev eth0, "
        "/usr/sbin/ip addr del 10.99.0.50/32 dev eth0"
    )


def test_the_refusal_says_what_was_run_and_why_it_failed(nobody: Namespace, sudoers: Sudoers) -> None:
    """Both the command and sudo's own words are in the message."""
    refused = nobody.as_nobody("add", VIP, sudoers=sudoers())
    assert refused.message.startswith("/usr/sbin/ip addr add 10.0.1.50/32 dev eth0: sudo: ")
    assert "nobody ALL=(root) NOPASSWD: /usr/sbin/ip addr add" in refused.hint


def test_a_rule_for_another_address_does_not_help(nobody: Namespace, sudoers: Sudoers) -> None:
    """Exactly the command is run that the hint names."""
    rules = sudoers(f"{HERE} NOPASSWD: /usr/sbin/ip addr add 10.0.1.5/32 dev eth0")
    assert denied(nobody.as_nobody("add", VIP, sudoers=rules))


def test_remove_names_the_command_for_what_is_really_there(nobody: Namespace, sudoers: Sudoers) -> None:
    """Another tool's prefix and link need their own rule."""
    nobody.ip("addr", "add", f"{VIP}/24", "dev", "eth1")
    refused = nobody.as_nobody("remove", VIP, sudoers=sudoers())
    assert denied(refused)
    assert line_in(refused.hint).endswith(f"/usr/sbin/ip addr del {VIP}/24 dev eth1")


def test_nothing_to_do_needs_no_privilege(nobody: Namespace, sudoers: Sudoers) -> None:
    """An address that is already there, or already gone, is success for anyone."""
    assert nobody.as_nobody("remove", VIP, sudoers=sudoers()).error == ""
    nobody.ip("addr", "add", f"{VIP}/32", "dev", "eth0")
    assert nobody.as_nobody("add", VIP, sudoers=sudoers()).error == ""


def test_sudos_success_is_not_taken_for_ips(nobody: Namespace, sudoers: Sudoers) -> None:
    """When `ip` fails under sudo it is the host's error, not a missing rule."""
    nobody.sysctl("ipv6/conf/eth0/disable_ipv6", "1")
    rules = sudoers(f"{HERE} NOPASSWD: ALL")
    assert nobody.as_nobody("add", VIP6, sudoers=rules).error == "HostError"


@pytest.mark.parametrize(
    ("defaults", "ended"),
    [("", True), ("Defaults !pam_session, !pam_setcred", False)],
    ids=["sudo waits for its command", "sudo becomes its command"],
)
@pytest.mark.timed
def test_a_command_that_hangs_under_sudo_is_given_up_in_time(
    nobody: Namespace, sudoers: Sudoers, public: Path, defaults: str, ended: bool
) -> None:
    """It is ended through sudo; one that only root could end is not waited for either."""
    program = public / "ip"
    program.write_text(_WOULD_HANG_AS_ROOT)
    program.chmod(0o755)
    rules = sudoers(defaults, f"{HERE} NOPASSWD: ALL")
    answer = nobody.as_nobody("add", VIP, str(program), sudoers=rules)
    assert answer.error == "HostError"
    assert "sudo -n" in answer.message
    assert "did not end within" in answer.message
    assert answer.seconds < 2.0
    assert Path("/proc", (public / "pid").read_text().strip()).exists() is not ended


def test_with_ambient_capabilities_no_sudo_is_needed(nobody: Namespace, sudoers: Sudoers) -> None:
    """What systemd's AmbientCapabilities gives is passed on to `ip`."""
    answer = nobody.as_nobody("add", VIP, sudoers=sudoers(), privileges=AMBIENT)
    assert answer.error == ""
    assert has(nobody, VIP)


@pytest.mark.parametrize("method", ["add", "announce"])
def test_where_sudo_cannot_work_the_hint_does_not_name_it(
    nobody: Namespace, sudoers: Sudoers, method: str
) -> None:
    """A service with NoNewPrivileges needs capabilities, not a sudoers line."""
    rules = sudoers(f"{HERE} NOPASSWD: ALL")
    refused = nobody.as_nobody(method, VIP, sudoers=rules, privileges=["--no-new-privs"])
    assert denied(refused)
    assert "AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW" in refused.hint
    assert "sudoers" not in refused.hint


def test_announcing_without_privilege_names_the_program_to_run_as_root(
    nobody: Namespace, sudoers: Sudoers
) -> None:
    """Raw sockets cannot be had through `ip`, so the hook itself is run by sudo."""
    refused = nobody.as_nobody("announce", VIP, sudoers=sudoers())
    assert denied(refused)
    assert refused.hint.startswith(f"run `sudo -n /usr/local/bin/vipswitch-arping {VIP}` instead; ")
    assert refused.hint.endswith(f"{HERE} NOPASSWD: /usr/local/bin/vipswitch-arping {VIP}")
