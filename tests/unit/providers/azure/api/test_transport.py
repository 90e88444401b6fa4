"""How requests travel: TLS, proxies, connections, and never after the deadline."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.providers.azure.rig import Arm, Imds, answer, arm_in, read, soon, write
from vipswitch.errors import ConfigError, OutcomeUnknown, TimeUp, Unavailable
from vipswitch.providers.azure.api.client import Clients
from vipswitch.testing import wire


def connections(clients: Clients) -> list[socket.socket]:
    """The kept ones to ARM."""
    pools = clients._transport.session.get_adapter("https://x").poolmanager.pools  # type: ignore[union-attr]
    found: list[Any] = [pools[key].pool.queue for key in list(pools.keys())]  # urllib3's own container
    return [each.sock for queue in found for each in queue if each is not None and each.sock]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Arm]:
    """A server that another authority vouches for."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with arm_in(folder) as made:
        yield made


def test_a_stranger_is_not_trusted(arm: Arm, elsewhere: Arm, tmp_path: Path) -> None:
    """Nothing is sent to one whose certificate nobody vouches for, and the remedy is named."""
    with pytest.raises(ConfigError, match="certificate is not trusted") as caught:
        write(arm.clients(tmp_path, endpoint=elsewhere.url))
    assert "ca_file" in caught.value.hint
    assert elsewhere.requests == []


def test_another_host_s_certificate_is_not_trusted(tmp_path: Path) -> None:
    """Signed by somebody we trust, but for another name."""
    with arm_in(tmp_path, hosts=("management.example",)) as arm:
        with pytest.raises(ConfigError, match="certificate is not trusted"):
            read(arm.clients(tmp_path))
        assert arm.requests == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_environment_s_authority_is_trusted(
    arm: Arm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """Named as the SDK wants it named."""
    monkeypatch.setenv(variable, str(arm.ca_file))
    read(arm.clients(tmp_path, ca_file=None))
    assert len(arm.requests) == 1


def test_a_bundle_that_is_none_is_a_matter_of_the_config(arm: Arm, tmp_path: Path) -> None:
    """A file that is gone, or something else."""
    gone = tmp_path / "gone.pem"
    with pytest.raises(ConfigError, match=str(gone)):
        arm.clients(tmp_path, ca_file=gone)


def test_a_plain_endpoint_is_refused_by_the_settings() -> None:
    """A token does not travel unencrypted."""
    from vipswitch.providers.azure.settings import url

    with pytest.raises(ValueError, match="is not a URL such as https"):
        url("http://management.azure.com")


def test_a_netrc_does_not_replace_the_token(
    clients: Clients, arm: Arm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """requests would take its password for this host, or for any."""
    (tmp_path / ".netrc").write_text("default login me password mine\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    read(clients)
    assert arm.requests[0].headers["authorization"] == "Bearer token-1"


def test_a_proxy_is_used_when_the_environment_names_one(
    clients: Clients, arm: Arm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the SDK would; the metadata service is never asked through it."""
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        url = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        monkeypatch.setenv("HTTPS_PROXY", url)
        monkeypatch.setenv("HTTP_PROXY", url)
        with pytest.raises(Unavailable):
            write(clients, soon(0.5))
        accepted, _ = proxy.accept()
        with accepted:
            said = accepted.recv(100).decode()
    assert said.startswith(f"CONNECT {arm.url.removeprefix('https://')} ")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    write(clients)
    assert len(arm.requests) == 1


def test_connections_are_kept_and_forget_what_they_sent(clients: Clients, arm: Arm) -> None:
    """A warm agent pays no handshake; what the process wrote does not outlive it, or its deadline."""
    for _ in range(3):
        read(clients, soon(2.0))
    [kept] = connections(clients)
    assert len({request.source for request in arm.requests}) == 1
    assert kept.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == struct.pack("ii", 1, 0)
    assert 0 < kept.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) <= 2000


def test_nothing_is_sent_after_the_deadline(clients: Clients, arm: Arm, imds: Imds) -> None:
    """Not even a token is asked for; also with a token at hand."""
    with pytest.raises(TimeUp):
        write(clients, soon(0.0))
    assert (imds.requests, arm.requests) == ([], [])
    read(clients)
    with pytest.raises(TimeUp):
        write(clients, soon(0.0))
    assert len(arm.requests) == 1


def test_a_deadline_that_passes_while_a_token_is_got_ends_the_write(
    clients: Clients, arm: Arm, imds: Imds
) -> None:
    """It was not sent, so its outcome is known."""
    imds.slow_s = 0.4
    with pytest.raises(Unavailable):
        write(clients, soon(0.3))
    assert arm.requests == []


@pytest.mark.parametrize(("of_write", "kind"), [(False, Unavailable), (True, OutcomeUnknown)])
def test_an_answer_is_waited_for_until_the_deadline(
    clients: Clients, arm: Arm, of_write: bool, kind: type[Exception]
) -> None:
    """Then a read was in vain, and a write may have happened; the answer comes when nobody waits any more."""
    read(clients)
    given_up = threading.Event()
    arm.before = lambda _: given_up.wait(10.0)
    with pytest.raises(kind):
        (write if of_write else read)(clients, soon(0.5))
    given_up.set()


def test_an_answer_that_breaks_off_is_no_answer(clients: Clients, arm: Arm) -> None:
    """Its Content-Length promised more."""
    arm.says(wire.Answer(200, b'{"etag": ', {"Content-Type": "application/json"}))
    with pytest.raises(Unavailable):
        read(clients)
    arm.says(answer(200, {"etag": "W/2"}))
    assert read(clients) == "W/2"
