"""The agent as a whole: which requests it serves, for which VIPs of its config, and what a reload changes."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.agent.scene import Noted
from vipswitch import processes
from vipswitch.agent.agent import Agent, keepers_of
from vipswitch.agent.desk import Reply
from vipswitch.agent.peers import Peer
from vipswitch.deadline import SystemClock
from vipswitch.errors import ConfigError
from vipswitch.wire import Request

CONFIG = """
[vipswitch]
run_dir = "{folder}/run"

[group.database]
vips = ["primary", "replica"]

[vip.primary]
address = "10.99.0.50"
provider = "file"
path = "{folder}/primary.json"
node = "b"

[vip.replica]
address = "10.99.0.51"
provider = "file"
path = "{folder}/replica.json"
node = "b"
"""

ME = processes.me()
PEER = Peer(ME.pid, 0, frozenset())
SOON_S = 10.0


class Hook:
    """A hook's side of the conversation, which can be waited for."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.over = threading.Event()

    def no(self, reason: str) -> None:
        self.heard.append(f"no {reason}")
        self.over.set()

    def taken(self) -> None:
        self.heard.append("taken")

    def say(self, line: str) -> None:
        self.heard.append(f"say {line}")

    def exit(self, code: int) -> None:
        self.heard.append(f"exit {code}")
        self.over.set()


def request(what: str, *names: str, **more: object) -> Request:
    return Request(what, names, (ME.pid, ME.started), **more)  # type: ignore[arg-type]


class Town:
    """An agent, its config, and its two VIPs' files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "vipswitch.toml"
        self.path.write_text(CONFIG.format(folder=folder))
        self.run = folder / "run"
        self.run.mkdir(mode=0o700)
        self.noted = Noted()
        self.agent = Agent(self.path, self.run, SystemClock(), self.noted)

    def asks(self, request: Request, peer: Peer = PEER) -> list[str]:
        """What a hook hears, until its exit code."""
        hook = Hook()
        reply: Reply = hook  # type: ignore[assignment]
        self.agent.serve(request, peer, reply)
        assert hook.over.wait(SOON_S)
        return hook.heard

    def holder(self, name: str) -> str | None:
        path = self.folder / f"{name}.json"
        return next(iter(json.loads(path.read_text()).values()))["holder"] if path.exists() else None


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """An agent that has read its config."""
    town = Town(tmp_path)
    assert town.agent.load() == ["primary", "replica"]
    yield town
    town.agent.leave()


@pytest.mark.parametrize("name", ["primary", "10.99.0.50"])
def test_a_vip_is_moved_by_its_name_or_its_address(town: Town, name: str) -> None:
    """And no other."""
    assert town.asks(request("up", name)) == ["taken", "exit 0"]
    assert (town.holder("primary"), town.holder("replica")) == ("b", None)


def test_a_group_is_moved_by_one_order(town: Town) -> None:
    """With one answer."""
    assert town.asks(request("up", "database")) == ["taken", "exit 0"]
    assert (town.holder("primary"), town.holder("replica")) == ("b", "b")


@pytest.mark.parametrize("name", ["10.99.0.99", "other", "../../etc", "", "fd00::1", "10.99.0.5"])
def test_what_is_no_vip_of_its_config_is_not_moved(town: Town, name: str) -> None:
    """It lends neither credentials nor privilege for anything else."""
    assert town.asks(request("up", name)) == [f"no {name} is no VIP of {town.path}"]


def test_a_hook_that_was_told_another_config_is_on_its_own(town: Town) -> None:
    """The agent must have read the same."""
    heard = town.asks(request("up", "primary", config="/etc/other.toml"))
    assert heard == [f"no it has read {town.path}, not /etc/other.toml"]
    assert town.asks(request("up", "primary", config=str(town.path)))[-1] == "exit 0"


def test_a_pid_that_is_not_the_peers_is_not_believed(town: Town) -> None:
    """Of another pid namespace, or a liar: its generation would mean nothing here."""
    heard = town.asks(request("up", "primary"), Peer(ME.pid + 1, 0, frozenset()))
    assert heard == ["no its agent lives in another pid namespace"]


def test_a_start_in_the_future_is_not_believed(town: Town) -> None:
    """It would be newer than every order to come."""
    bad = Request("up", ("primary",), (ME.pid, processes.ticks_now() + 1000))
    assert town.asks(bad) == ["no it says that it started in the future"]


def test_noise_for_a_name_is_answered_and_harms_nobody(town: Town) -> None:
    """Whatever comes over the wire."""
    luck = random.Random(20251129)
    for _ in range(300):
        name = "".join(chr(luck.randrange(1, 0x500)) for _ in range(luck.randrange(1, 20)))
        assert town.asks(request(luck.choice(["up", "pause"]), name))[0].startswith("no ")
    assert town.asks(request("up", "primary"))[-1] == "exit 0"


def test_a_limit_beyond_all_bounds_is_served_within_the_life_of_an_order(town: Town) -> None:
    """A number that no clock can wait for."""
    assert town.asks(request("up", "primary", wait_s=float(2**62))) == ["taken", "exit 0"]


def test_pause_and_resume_outlive_the_agent(town: Town) -> None:
    """A file in the run folder is what counts."""
    assert town.asks(request("pause", "primary")) == ["taken", "say primary: paused on this node", "exit 0"]
    assert [path.name for path in town.run.glob("paused-*")] == ["paused-primary"]
    assert town.asks(request("pause"))[-1] == "exit 0"
    assert len(list(town.run.glob("paused-*"))) == 2
    heard = town.asks(request("resume"))
    assert heard[1:3] == ["say primary: looked after on this node", "say replica: looked after on this node"]
    assert list(town.run.glob("paused-*")) == []


def test_a_reload_keeps_the_keepers_of_what_has_not_changed(town: Town) -> None:
    """And with them what is under way."""
    before = dict(keepers_of(town.agent))
    town.path.write_text(town.path.read_text().replace("replica.json", "moved.json"))
    town.agent.load()
    after = keepers_of(town.agent)
    assert after["primary"] is before["primary"]
    assert after["replica"] is not before["replica"]


def test_a_reload_serves_new_vips_and_forgets_those_that_are_gone(town: Town) -> None:
    """From the next order on."""
    text = town.path.read_text().replace("replica", "standby").replace("10.99.0.51", "10.99.0.52")
    town.path.write_text(text)
    assert town.agent.load() == ["primary", "standby"]
    assert town.noted.forgotten == ["replica"]
    assert town.asks(request("up", "10.99.0.52"))[-1] == "exit 0"
    assert town.asks(request("up", "replica")) == [f"no replica is no VIP of {town.path}"]


@pytest.mark.parametrize("text", ["", "[vip.primary]\naddress = 'nonsense'\n", "not toml ["])
def test_a_config_that_cannot_be_used_leaves_everything_as_it_is(town: Town, text: str) -> None:
    """The agent goes on with the one before."""
    before = dict(keepers_of(town.agent))
    town.path.write_text(text)
    with pytest.raises(ConfigError):
        town.agent.load()
    assert dict(keepers_of(town.agent)) == before
    assert town.asks(request("up", "primary"))[-1] == "exit 0"


def test_the_run_folder_is_not_changed_by_a_reload(town: Town) -> None:
    """Its socket and the orders of everybody else are where they were."""
    text = town.path.read_text()
    town.path.write_text(text.replace(str(town.run), f"{town.folder}/elsewhere"))
    with pytest.raises(ConfigError, match="run_dir"):
        town.agent.load()
    assert not (town.folder / "elsewhere").exists()
    assert town.asks(request("up", "primary"))[-1] == "exit 0"
