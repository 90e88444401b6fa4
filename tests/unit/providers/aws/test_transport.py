"""How requests travel: TLS, proxies, endpoints, connections."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.unit.providers.aws.rig import Rig, seen, soon
from vipswitch.errors import ConfigError
from vipswitch.testing import wire
from vipswitch.testing.aws import AwsCloud

DAY = datetime.timedelta(days=1)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of 127.0.0.1 and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "vipswitch test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now - DAY, now + DAY
        )
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return file


def forwarding(url: str, through: list[str]) -> wire.Application:
    """An application that passes every request on to `url` and notes its target."""

    def serve(request: wire.Request, reply: wire.Reply) -> None:
        through.append(request.target)
        onward = HTTPConnection(urlsplit(url).netloc, timeout=5)
        try:
            onward.request(request.method, request.path, request.body, dict(request.headers))
            answer = onward.getresponse()
            reply(wire.Answer(answer.status, answer.read(), {"Content-Type": "text/xml"}))
        finally:
            onward.close()

    return serve


@contextmanager
def over_tls(cloud: AwsCloud, certificate: Path) -> Iterator[str]:
    """The cloud at an https URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
    with wire.Server(forwarding(cloud.url, []), listener=listener) as server:
        yield server.url.replace("http:", "https:")


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_a_ca_of_ones_own_is_trusted(
    rig: Rig, certificate: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """Named as boto3 wants it named."""
    monkeypatch.setenv(variable, str(certificate))
    with over_tls(rig.cloud, certificate) as url:
        provider = rig.provider(endpoint_url=url)
        place = provider.places[0]
        provider.claim(place, rig.id(0), None, soon())
        assert seen(provider, place).holder == rig.id(0)


def test_a_stranger_is_not_trusted(rig: Rig, certificate: Path) -> None:
    """Nothing is sent to an endpoint whose certificate nobody vouches for, and the remedy is named."""
    with over_tls(rig.cloud, certificate) as url:
        provider = rig.provider(endpoint_url=url)
        with pytest.raises(ConfigError) as caught:
            provider.claim(provider.places[0], rig.id(0), None, soon())
    assert "certificate is not trusted" in caught.value.message
    assert "AWS_CA_BUNDLE" in caught.value.hint
    assert rig.asked() == []


def test_another_hosts_certificate_is_not_trusted(
    rig: Rig, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed by somebody we trust, but for another name."""
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    with over_tls(rig.cloud, certificate) as url:
        provider = rig.provider(endpoint_url=url.replace("127.0.0.1", "localhost"))
        with pytest.raises(ConfigError, match="certificate is not trusted"):
            provider.claim(provider.places[0], rig.id(0), None, soon())
    assert rig.asked() == []


def test_a_bundle_that_is_none_is_a_matter_of_the_config(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is gone, or something else."""
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nonexistent/ca.pem")
    provider = rig.provider(endpoint_url="https://127.0.0.1:1")
    with pytest.raises(ConfigError) as caught:
        provider.claim(provider.places[0], rig.id(0), None, soon())
    assert caught.value.message.startswith("/nonexistent/ca.pem")


def test_a_proxy_is_used_when_the_environment_names_one(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """As boto3 would."""
    through: list[str] = []
    with wire.Server(forwarding(rig.cloud.url, through)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        provider = rig.provider(endpoint_url="http://ec2.example.invalid")
        provider.claim(provider.places[0], rig.id(0), None, soon())
    assert set(through) == {"http://ec2.example.invalid/"}
    assert rig.holder(provider.places[0]) == rig.id(0)


def test_no_proxy_is_respected(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint inside the VPC is often excepted."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    provider = rig.provider()
    provider.claim(provider.places[0], rig.id(0), None, soon())


def test_the_endpoint_in_the_config_is_for_ec2_alone(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A VPC endpoint of EC2 answers no STS request."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", rig.cloud.url)
    provider = rig.provider(endpoint_url=rig.cloud.url)
    assert next(iter(provider.check(soon()))).subject == "AWS credentials"
    provider.claim(provider.places[0], rig.id(0), None, soon())
    assert rig.asked()[0] == "GetCallerIdentity"


def test_places_are_claimed_side_by_side(rig: Rig) -> None:
    """None of four writes is answered before all have come: nothing queues for a connection."""
    vip = tuple(ipaddress.ip_address(f"10.99.0.{n}") for n in (50, 51))
    provider = rig.provider(vip=vip)
    for place in provider.places:
        rig.give(place, 1)
    provider.read(provider.places, soon())
    together = threading.Barrier(4, timeout=8.0)
    rig.cloud.faults.delay(0.0, "ReplaceRoute", where=lambda _: together.wait() >= 0)
    rig.cloud.journal.clear()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda place: provider.claim(place, rig.id(0), None, soon()), provider.places))
    assert len(rig.cloud.journal.calls()) == 4


class CountingListener(socket.socket):
    """A listening socket that knows how many connections it has accepted."""

    accepted = 0

    def accept(self) -> tuple[socket.socket, object]:
        connection = super().accept()
        self.accepted += 1
        return connection


def test_connections_are_kept(rig: Rig) -> None:
    """A warm agent pays no handshake for the next takeover."""
    listener = CountingListener(fileno=socket.create_server(("127.0.0.1", 0)).detach())
    requests: list[str] = []
    with wire.Server(forwarding(rig.cloud.url, requests), listener=listener) as server:
        provider = rig.provider(endpoint_url=server.url)
        for _ in range(5):
            provider.read(provider.places, soon())
    assert (len(requests), listener.accepted) == (5, 1)
