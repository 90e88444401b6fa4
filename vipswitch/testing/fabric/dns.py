"""DNS for a zone of the local Route 53: its name server, a caching resolver, and a client's one question.

Rules: the name server is authoritative for one zone and refuses all other names; it serves what is INSYNC,
so that a change still PENDING is not seen; it knows simple record sets, and neither wildcards, aliases,
weights nor delegations. The resolver is dnsmasq, which keeps an answer for its TTL and not longer; it reads
nothing outside its folder and is killed at the end. Both work on sockets of any network namespace.
Sources: RFC 1034 section 4.3.2; RFC 2308 section 3 (how long a negative answer lasts); dnsmasq(8).
"""

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rrset import RRset

from vipswitch.testing.aws import AwsCloud, names, zones
from vipswitch.testing.fabric.namespaces import Namespace

_TRIES = 20
DNSMASQ = Path("/usr/sbin/dnsmasq")
PORT = 53

_NO_EDNS = 512
_CHAIN = 8
_CLIENT_TAKES_S = 2.0
_STARTS_WITHIN_S = 5.0

_Sets = Mapping[tuple[Name, RdataType], RRset]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered: NOERROR or another code, and the values of the type that was asked for.

    `ttl` is how long the answer may be kept, also one without values (that of the SOA); None if it may not.
    """

    code: str
    values: tuple[str, ...] = ()
    ttl: int | None = None
    authoritative: bool = False


def ask(
    server: str, name: str, type_: str = "A", *, port: int = PORT, tcp: bool = False, timeout_s: float = 1.0
) -> Reply:
    """Ask a server one question, from the network namespace of the calling thread (`Namespace.inside`).

    Raises dns.exception.Timeout when nothing comes back.
    """
    exchange = dns.query.tcp if tcp else dns.query.udp
    answer = exchange(dns.message.make_query(name, type_), server, timeout=timeout_s, port=port)
    wanted = [found for found in answer.answer if found.rdtype == RdataType.make(type_)]
    told = wanted or [found for found in answer.authority if found.rdtype == RdataType.SOA]
    return Reply(
        code=dns.rcode.to_text(answer.rcode()),
        values=tuple(sorted(value.to_text() for found in wanted for value in found)),
        ttl=min((found.ttl for found in told), default=None),
        authoritative=bool(answer.flags & dns.flags.AA),
    )


def sockets(host: str, port: int = 0) -> tuple[socket.socket, socket.socket]:
    """A UDP and a listening TCP socket of one port, in the network namespace of the calling thread.

    Of any port, tried again for a while: what is free for UDP may be taken for TCP.
    """
    for _ in range(_TRIES if port == 0 else 1):
        try:
            return _pair(host, port)
        except OSError as exc:
            taken = exc
    raise taken


def _pair(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    udp = socket.socket(family, socket.SOCK_DGRAM)
    try:
        udp.bind((host, port))
        return udp, socket.create_server((host, udp.getsockname()[1]), family=family)
    except OSError:
        udp.close()
        raise


class ZoneServer:
    """Answers for one hosted zone on a pair of sockets, which are closed with it, while it is entered."""

    def __init__(self, cloud: AwsCloud, zone_id: str, pair: tuple[socket.socket, socket.socket]) -> None:
        self._cloud = cloud
        self._zone_id = zone_id
        self._udp, self._tcp = pair
        self._end, self._ended = socket.socketpair()
        self._clients = ThreadPoolExecutor(thread_name_prefix="dns-client")
        self._thread = threading.Thread(target=self._serve, name="dns", daemon=True)

    @property
    def port(self) -> int:
        return int(self._udp.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.close()
        self._thread.join()
        self._clients.shutdown()
        for each in (self._ended, self._udp, self._tcp):
            each.close()

    def _serve(self) -> None:
        with selectors.DefaultSelector() as ready:
            for each in (self._ended, self._udp, self._tcp):
                ready.register(each, selectors.EVENT_READ)
            while self._ended not in (waiting := [key.fileobj for key, _ in ready.select()]):
                if self._udp in waiting:
                    self._datagram()
                if self._tcp in waiting:
                    self._clients.submit(self._connection, self._tcp.accept()[0])

    def _datagram(self) -> None:
        with contextlib.suppress(dns.exception.DNSException, OSError):
            wire, client = self._udp.recvfrom(65535)
            query = dns.message.from_wire(wire)
            size = max(query.payload, _NO_EDNS)
            self._udp.sendto(self._reply(query).to_wire(max_size=size, prefer_truncation=True), client)

    def _connection(self, client: socket.socket) -> None:
        with client, contextlib.suppress(dns.exception.DNSException, OSError, EOFError):
            client.settimeout(_CLIENT_TAKES_S)
            while True:
                expires = time.time() + _CLIENT_TAKES_S
                query, _ = dns.query.receive_tcp(client, expires)
                dns.query.send_tcp(client, self._reply(query), expires)

    def _reply(self, query: Message) -> Message:
        return reply(query, zones.served(self._cloud, self._zone_id))


def reply(query: Message, records: zones.Zone) -> Message:
    """What an authoritative server of these records, one of them the SOA, answers."""
    response = dns.message.make_response(query)
    sets = {(found.name, found.rdtype): found for found in (_rrset(key, of) for key, of in records.items())}
    soa = next(found for (_, type_), found in sets.items() if type_ == RdataType.SOA)
    if query.opcode() != dns.opcode.QUERY or len(query.question) != 1:
        response.set_rcode(dns.rcode.NOTIMP)
    elif not (asked := query.question[0]).name.is_subdomain(soa.name):
        response.set_rcode(dns.rcode.REFUSED)
    else:
        response.flags |= dns.flags.AA
        _look_up(response, asked.name.canonicalize(), asked.rdtype, sets, soa)
    return response


def _look_up(response: Message, name: Name, type_: RdataType, sets: _Sets, soa: RRset) -> None:
    """Follow the CNAMEs of the zone to the sets asked for, or say for how long there are none."""
    for _ in range(_CHAIN):
        if found := sets.get((name, type_)):
            response.answer.append(found)
            return
        if (alias := sets.get((name, RdataType.CNAME))) is None:
            break
        response.answer.append(alias)
        name = alias[0].target.canonicalize()
        if not name.is_subdomain(soa.name):
            return
    if not any(known.is_subdomain(name) for known, _ in sets):
        response.set_rcode(dns.rcode.NXDOMAIN)
    negative = dns.rrset.from_rdata_list(soa.name, min(soa.ttl, soa[0].minimum), list(soa))
    response.authority.append(negative)


def _rrset(key: tuple[str, str], records: zones.Records) -> RRset:
    """A record set as dnspython has it; Route 53 takes names in values as complete without their dot too."""
    name = Name([*(label.encode("latin-1") for label in names.labels(key[0])), b""])
    return dns.rrset.from_text_list(
        name, records.ttl, "IN", key[1], records.values, origin=dns.name.root, relativize=False
    )


@contextlib.contextmanager
def resolver(
    namespace: Namespace, upstream: tuple[str, int], folder: Path, *, address: str = "127.0.0.1"
) -> Iterator[str]:
    """A caching resolver inside a namespace that asks `upstream` (host, port) for every name; its address.

    Raises TimeoutError, with what dnsmasq wrote, if it does not start.
    """
    config, log = folder / "dnsmasq.conf", folder / "dnsmasq.log"
    host, port = upstream
    config.write_text(_CONFIG.format(address=address, host=host, port=port))
    command = [str(DNSMASQ), "--keep-in-foreground", f"--conf-file={config}"]
    with log.open("wb") as output:
        process = namespace.popen(command, output=output)
    try:
        if not namespace.inside(lambda: _answers(address)):
            raise TimeoutError(f"dnsmasq does not answer: {log.read_text()}")
        yield address
    finally:
        process.kill()
        process.wait()


_CONFIG = """\
user=root
pid-file=
log-facility=-
no-hosts
no-resolv
bind-interfaces
listen-address={address}
server={host}#{port}
"""


def _answers(address: str) -> bool:
    """Whether a new dnsmasq comes to answer; this question it does not pass on."""
    query = dns.message.make_query("version.bind", "TXT", "CH")
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while time.monotonic() < deadline:
        with contextlib.suppress(dns.exception.DNSException, OSError):
            dns.query.udp(query, address, timeout=0.05)
            return True
    return False
