"""How requests travel: TLS, proxies, connections, and never after the deadline."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.providers.gcp.rig import Google, Metadata, answer, google_in, operation, read, soon, write
from vipswitch.errors import ConfigError, OutcomeUnknown, TimeUp, Unavailable
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.testing import wire


def connections(clients: Clients) -> list[socket.socket]:
    """The kept ones to Google."""
    adapter: Any = clients._session.get_adapter("https://x")
    pools = adapter.poolmanager.pools
    found: list[Any] = [pools[key].pool.queue for key in list(pools.keys())]  # urllib3's own container
    return [each.sock for queue in found for each in queue if each is not None and each.sock]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Google]:
    """A server that another authority vouches for."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with google_in(folder) as made:
        yield made


def test_a_stranger_is_not_trusted(google: Google, elsewhere: Google, metadata: Metadata) -> None:
    """Nothing is sent to one whose certificate nobody vouches for, and the remedy is named."""
    with pytest.raises(ConfigError, match="certificate is not trusted") as caught:
        write(google.clients(endpoint=elsewhere.url))
    assert "ca_file" in caught.value.hint
    assert elsewhere.requests == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_environment_s_authority_is_trusted(
    google: Google, metadata: Metadata, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """As requests wants it named."""
    monkeypatch.setenv(variable, str(google.ca_file))
    read(google.clients(ca_file=None))
    assert len(google.requests) == 1


def test_a_bundle_that_is_none_is_a_matter_of_the_config(google: Google, tmp_path: Path) -> None:
    """A file that is gone, or something else."""
    gone = tmp_path / "gone.pem"
    with pytest.raises(ConfigError, match=str(gone)) as caught:
        google.clients(ca_file=gone)
    assert "[gcp]" in caught.value.hint


def test_a_netrc_does_not_replace_the_token(
    clients: Clients, google: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """requests would take its password for this host, or for any."""
    (tmp_path / ".netrc").write_text("default login me password mine\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    read(clients)
    assert google.requests[0].headers["authorization"] == "Bearer token-1"


def test_a_proxy_is_used_when_the_environment_names_one(
    clients: Clients, google: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the APIs; the metadata service is never asked through it."""
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        url = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        monkeypatch.setenv("HTTPS_PROXY", url)
        monkeypatch.setenv("HTTP_PROXY", url)
        with pytest.raises(Unavailable):
            write(clients, soon(0.5))
        accepted, _ = proxy.accept()
        with accepted:
            said = accepted.recv(100).decode()
    assert said.startswith(f"CONNECT {google.url.removeprefix('https://')} ")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    read(clients)
    assert len(google.requests) == 1


def test_connections_are_kept_and_forget_what_they_sent(clients: Clients, google: Google) -> None:
    """A warm agent pays no handshake; what the process wrote does not outlive it, or its deadline."""
    for _ in range(3):
        read(clients, soon(2.0))
    [kept] = connections(clients)
    assert kept.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == struct.pack("ii", 1, 0)
    assert 0 < kept.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) <= 2000


def test_nothing_is_sent_after_the_deadline(clients: Clients, google: Google, metadata: Metadata) -> None:
    """Not even a token is asked for; also with a token at hand."""
    with pytest.raises(TimeUp):
        write(clients, soon(0.0))
    assert (metadata.requests, google.requests) == ([], [])
    read(clients)
    with pytest.raises(TimeUp):
        write(clients, soon(0.0))
    assert len(google.requests) == 1


def test_a_deadline_that_passes_while_a_token_is_got_ends_the_write(
    clients: Clients, google: Google, metadata: Metadata
) -> None:
    """It was not sent, so its outcome is known."""
    metadata.slow_s = 0.4
    with pytest.raises(Unavailable):
        write(clients, soon(0.3))
    assert google.requests == []


@pytest.mark.parametrize(("of_write", "kind"), [(False, Unavailable), (True, OutcomeUnknown)])
def test_an_answer_is_waited_for_until_the_deadline(
    clients: Clients, google: Google, of_write: bool, kind: type[Exception]
) -> None:
    """Then a read was in vain, and a write may have happened; the answer comes when nobody waits any more."""
    read(clients)
    given_up = threading.Event()
    google.before = lambda _: given_up.wait(10.0)
    with pytest.raises(kind):
        (write if of_write else read)(clients, soon(0.5))
    given_up.set()


def test_an_answer_that_breaks_off_is_no_answer(clients: Clients, google: Google) -> None:
    """Its Content-Length promised more."""
    google.says(wire.Answer(200, b'{"name": ', {"Content-Type": "application/json"}))
    with pytest.raises(Unavailable):
        read(clients)
    google.says(answer(200, {"name": "r"}))
    assert read(clients) == {"name": "r"}


def test_every_write_has_an_id_of_its_own(clients: Clients, google: Google) -> None:
    """By which Google knows it again; a read has none."""
    google.says(answer(200, operation()))
    for _ in range(2):
        write(clients)
    read(clients)
    ids = [request.query.removeprefix("requestId=") for request in google.requests]
    assert len(ids[0]) == len(ids[1]) == 36
    assert ids[0] != ids[1]
    assert ids[2] == ""
