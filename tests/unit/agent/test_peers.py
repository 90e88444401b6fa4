"""Who is at the other end, as the kernel says it, and who may give orders."""

from __future__ import annotations

import grp
import os
import pwd
import socket

import pytest

from vipswitch.agent.peers import Peer, may_order, peer_of

STRANGER = 4_000_000_000


def somebody() -> pwd.struct_passwd:
    """A user of this machine that is neither root nor us."""
    return next(user for user in pwd.getpwall() if user.pw_uid not in (0, os.geteuid()))


def some_group() -> grp.struct_group:
    return next(group for group in grp.getgrall() if group.gr_gid != 0)


def test_the_kernel_says_who_has_connected() -> None:
    """Whatever a peer says of itself."""
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        peer = peer_of(ours)
    assert (peer.pid, peer.uid) == (os.getpid(), os.geteuid())
    assert peer.gids == {os.getegid(), *os.getgroups()}


@pytest.mark.parametrize("uid", [0, os.geteuid()], ids=["root", "the agent's own user"])
def test_root_and_the_agents_own_user_always_may(uid: int) -> None:
    """They could do it themselves."""
    assert may_order(Peer(1, uid, frozenset()), [], [])


def test_a_stranger_may_not() -> None:
    """Nobody is admitted by default."""
    assert not may_order(Peer(1, STRANGER, frozenset({STRANGER})), [], [])


def test_a_user_is_admitted_by_name() -> None:
    """The postgres user, for example."""
    peer = Peer(1, somebody().pw_uid, frozenset({STRANGER}))
    assert may_order(peer, [somebody().pw_name], [])
    assert not may_order(peer, ["root"], [])


def test_a_member_is_admitted_by_any_group() -> None:
    """The first one is not the only one."""
    group = some_group()
    assert may_order(Peer(1, STRANGER, frozenset({STRANGER, group.gr_gid})), [], [group.gr_name])
    assert not may_order(Peer(1, STRANGER, frozenset({STRANGER})), [], [group.gr_name])


def test_names_that_this_machine_does_not_know_admit_nobody() -> None:
    """One file serves all nodes."""
    peer = Peer(1, STRANGER, frozenset({STRANGER}))
    assert not may_order(peer, ["no-such-user", str(STRANGER)], ["no-such-group"])
    assert may_order(Peer(1, somebody().pw_uid, frozenset()), ["no-such-user", somebody().pw_name], [])
