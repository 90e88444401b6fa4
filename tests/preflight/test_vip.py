"""One VIP: the host, this node, and who holds the places."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar

import pytest

from vipswitch.config import Config, VipConfig
from vipswitch.deadline import Deadline, SystemClock
from vipswitch.errors import HostError, Unavailable, VipswitchError
from vipswitch.host import Host, Link
from vipswitch.host.preflight import Privilege
from vipswitch.model import Address, Holding, NodeId, Place, Vip
from vipswitch.preflight.examination import Examination
from vipswitch.preflight.vip import look_at_holders, look_at_host, look_at_node, vip_parts
from vipswitch.provider import Capabilities, Finding
from vipswitch.providers.file import File, FileSettings

T = TypeVar("T")


VIP = Vip("primary", (ip_address("10.99.0.50"),))


class FakeHost(Host):
    """A host with one link, and perhaps the VIP's address."""

    def __init__(self, *, up: bool = True, on: bool = False, how: Privilege | None = None) -> None:
        super().__init__(None)
        self._up, self._on, self._how = up, on, how or Privilege("capability")

    def link(self) -> Link:
        return Link("eth0", "02:00:00:00:00:01", (), self._up)

    def has(self, address: Address) -> bool:
        return self._on

    def privilege(self, address: Address) -> Privilege:
        return self._how


class Machine:
    """Node a."""

    def mac(self) -> str:
        raise HostError("no MAC")

    def shared(self, key: Hashable, make: Callable[[], T]) -> T:
        return make()

    def cache(self) -> Path:
        raise AssertionError

    def node(self) -> NodeId:
        return NodeId("a")


class WithAddress(File):
    """The reference provider, as if the host had to carry the address."""

    capabilities = Capabilities()


class HalfBlind(WithAddress):
    """One place cannot be read."""

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        first, second = super().read(places, deadline).items()
        return dict([first, (second[0], Unavailable("throttled"))])


@pytest.fixture
def deadline() -> Deadline:
    """Time enough."""
    return Deadline(10.0, SystemClock())


def provider(folder: Path, kind: type[File] = WithAddress, holder: str = "") -> File:
    """A provider with two places in a file, held by `holder`."""
    made = kind(FileSettings(folder / "vip.json", ("one", "two")), VIP, Machine())
    for place in made.places if holder else ():
        made.claim(place, NodeId(holder), None, Deadline(10.0, SystemClock()))
    return made


def said(findings: Iterator[Finding]) -> list[str]:
    """The findings, a line each."""
    return [f"{f.level}: {f.subject}: {f.message}" for f in findings]


def test_a_host_that_is_able_is_well() -> None:
    """Interface up, addresses may be changed."""
    assert [line.split(" (")[0] for line in said(look_at_host(FakeHost(), VIP.addresses))] == [
        "ok: interface eth0: is up",
        "ok: privilege: this process may change addresses",
    ]


def test_a_link_that_is_down_is_an_error() -> None:
    """The route would lead to a dead interface."""
    finding = next(look_at_host(FakeHost(up=False), ()))
    assert (finding.level, finding.message) == ("error", "is down or has no carrier")


def test_a_missing_privilege_comes_with_the_sudoers_line() -> None:
    """As the host side words it."""
    line = "add this line: postgres ALL=(root) NOPASSWD: /usr/sbin/ip addr add ..."
    *_, finding = look_at_host(FakeHost(how=Privilege("none", line)), VIP.addresses)
    assert (finding.level, finding.fix) == ("error", line)


def test_the_node_is_named(tmp_path: Path, deadline: Deadline) -> None:
    """As the cloud would show it as holder."""
    assert said(look_at_node(provider(tmp_path), deadline)) == ["ok: node: this node is a"]


def test_holders_are_named(tmp_path: Path, deadline: Deadline) -> None:
    """This node, another, nobody."""
    for holder, words in [("", "nobody"), ("a", "a, this node"), ("b", "b")]:
        lines = said(look_at_holders(provider(tmp_path, holder=holder), FakeHost(), VIP, deadline))
        assert lines == [
            f"ok: vip.json:one: held by {words}",
            f"ok: vip.json:two: held by {words}",
            "ok: 10.99.0.50: is not on this host",
        ]


@pytest.mark.parametrize(("holder", "level"), [("b", "warning"), ("a", "ok")])
def test_an_address_that_was_left_behind_is_a_warning(
    tmp_path: Path, deadline: Deadline, holder: str, level: str
) -> None:
    """After SIGKILL of everything no `down` runs; the address stays, here or where it belongs."""
    *_, finding = look_at_holders(provider(tmp_path, holder=holder), FakeHost(on=True), VIP, deadline)
    assert finding.level == level
    assert ("vipswitch down primary" in finding.fix) is (level == "warning")


def test_a_place_that_could_not_be_read_is_a_warning(tmp_path: Path, deadline: Deadline) -> None:
    """Could not look is not nobody, and does not hide the other place."""
    lines = said(look_at_holders(provider(tmp_path, HalfBlind, "a"), FakeHost(), VIP, deadline))
    assert lines[:2] == [
        "ok: vip.json:one: held by a, this node",
        "warning: vip.json:two: could not be looked at: throttled",
    ]


def test_a_vip_without_a_host_address_says_nothing_of_the_host(tmp_path: Path, deadline: Deadline) -> None:
    """The reference provider needs none."""
    flags = {"provider": "file", "path": str(tmp_path / "vip.json"), "node": "a"}
    vip: VipConfig = Config().select("10.99.0.50", flags)
    examination = Examination()
    for part in vip_parts(vip, tmp_path, tmp_path, deadline):
        examination.look(part)
    assert [finding.subject for finding in examination.findings] == [
        "10.99.0.50: node",
        f"10.99.0.50: {tmp_path}/vip.json",
        "10.99.0.50: vip.json:file",
    ]
