"""The agent in the preflight: absent, deaf, closed to the hooks' user, or ready."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from vipswitch.config import AgentConfig, Config
from vipswitch.preflight.agent import look_at_agent
from vipswitch.preflight.users import User, user
from vipswitch.provider import Finding

STRANGER = User("postgres", 54321, frozenset({54321}))


@pytest.fixture
def listener(tmp_path: Path) -> socket.socket:
    """Somebody who listens where an agent would."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "agent.sock"))
    return listener


def look(folder: Path, who: User) -> Finding:
    """The one finding."""
    config = Config(agent=AgentConfig(groups=("no-such-group",)))
    (finding,) = look_at_agent(folder / "agent.sock", config, who)
    return finding


def test_without_an_agent_the_hooks_are_on_their_own(tmp_path: Path) -> None:
    """It is optional, so its absence is no fault; what follows from it is said."""
    finding = look(tmp_path, STRANGER)
    assert finding.level == "ok"
    assert "each hook does the work itself" in finding.message


def test_a_socket_that_nobody_listens_at_is_an_error(tmp_path: Path, listener: socket.socket) -> None:
    """An agent that died hard leaves it behind."""
    listener.close()
    assert look(tmp_path, STRANGER).level == "error"


def test_an_agent_that_lets_the_hooks_in_is_well(tmp_path: Path, listener: socket.socket) -> None:
    """Its own user always may."""
    with listener:
        listener.listen()
        assert look(tmp_path, user(os.geteuid())).level == "ok"


def test_an_agent_closed_to_the_hooks_user_is_a_warning_with_the_command(
    tmp_path: Path, listener: socket.socket
) -> None:
    """Its hooks would be refused, and do the work themselves if they can."""
    with listener:
        listener.listen()
        finding = look(tmp_path, STRANGER)
    assert finding.level == "warning"
    assert finding.fix.startswith("usermod -aG no-such-group postgres")
