"""A leader key in real etcd: elections, leases, members killed, frozen or outvoted, users and TLS."""

from __future__ import annotations

import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

pytest.importorskip("etcd3gw", reason="etcd3gw is not installed: pip install 'vipswitch[etcd]'")

from etcd3gw.client import Etcd3Client

from tests.follow.etcd import Etcd, Member, etcd, free_ports, needs_etcd
from vipswitch.deadline import SystemClock
from vipswitch.follow.etcd import Etcd as Source
from vipswitch.follow.sighting import Leader, Sighting
from vipswitch.followed import EtcdSource

pytestmark = needs_etcd

KEY, CONFIG = "/service/demo/leader", "/service/demo/config"
NEVER = threading.Event()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Etcd]:
    """Three members."""
    with etcd(tmp_path_factory.mktemp("etcd"), 3) as started:
        yield started


@pytest.fixture(autouse=True)
def _blank(store: Etcd) -> Iterator[None]:
    """All members up and no keys, before each test."""
    for number, member in enumerate(store.members):
        if member.process is None:
            member.start()
        member.signal(signal.SIGCONT)
        store.ready(number)
    for key in (KEY, CONFIG):
        store.client().delete(key)
    yield
    for member in store.members:
        if member.process is not None:
            member.signal(signal.SIGCONT)


@pytest.fixture
def n1(store: Etcd) -> Source:
    """The source as the node n1 has it."""
    return source(store)


def source(store: Etcd, *, me: str = "n1", key: str = KEY) -> Source:
    return Source(EtcdSource(store.endpoints, key), me, SystemClock())


def looked(at: Source, wanted: Leader, seconds: float = 60.0) -> Sighting:
    """Look until that is seen; what was seen last."""
    end = time.monotonic() + seconds
    while (seen := at.look()).leader is not wanted and time.monotonic() < end:
        time.sleep(0.05)
    return seen


def rested(at: Source, seconds: float) -> float:
    """How long a rest has taken."""
    since = time.monotonic()
    at.rest(seconds, NEVER)
    return time.monotonic() - since


def test_value_of_the_key_leads(store: Etcd, n1: Source) -> None:
    """Nobody, this node, another one; the whole name counts."""
    assert looked(n1, Leader.NOBODY).leader is Leader.NOBODY
    for value, leader in (
        ("n1", Leader.ME),
        ("n2", Leader.ANOTHER),
        ("n11", Leader.ANOTHER),
        ("", Leader.NOBODY),
    ):
        store.put(KEY, value)
        assert looked(n1, leader).leader is leader, value


def test_lease_that_nobody_keeps_alive_ends(store: Etcd, n1: Source) -> None:
    """etcd takes the key away, and the follower is woken by that."""
    store.lend(KEY, "n1", ttl_s=4)
    assert looked(n1, Leader.ME).leader is Leader.ME
    assert rested(n1, 60.0) < 40.0
    assert looked(n1, Leader.NOBODY).leader is Leader.NOBODY


def test_election_ends_a_rest(store: Etcd, n1: Source) -> None:
    """Long before the interval is over; also one that came between the look and the rest."""
    n1.look()
    since = time.monotonic()
    threading.Timer(0.3, store.put, [KEY, "n2"]).start()
    n1.rest(60.0, NEVER)
    assert 0.3 <= time.monotonic() - since < 40.0
    n1.look()
    store.put(KEY, "n1")
    assert rested(n1, 60.0) < 40.0
    assert looked(n1, Leader.ME).leader is Leader.ME


def test_rest_without_news_takes_its_time(n1: Source) -> None:
    """No busy loop."""
    n1.look()
    assert 0.9 < rested(n1, 1.0) < 20.0


def test_rest_for_which_no_thread_can_be_had_takes_its_time(n1: Source) -> None:
    """A watch takes one; a machine that is out of processes has none."""
    n1.look()
    before = threading.stack_size(1 << 47)  # more than a process can address
    try:
        assert 0.9 < rested(n1, 1.0) < 20.0
    finally:
        threading.stack_size(before)


def test_member_that_is_killed_is_not_missed(store: Etcd, n1: Source) -> None:
    """The next one answers, and is asked first from then on."""
    store.put(KEY, "n1")
    n1.look()
    store.members[0].kill()
    assert looked(n1, Leader.ME).leader is Leader.ME
    assert n1._members[0]._endpoint != store.members[0].endpoint


def test_minority_cannot_say_who_leads(store: Etcd) -> None:
    """It has the key, and it may be an old one: no answer is no answer."""
    store.put(KEY, "n1")
    outvoted = Source(EtcdSource((store.members[0].endpoint,), KEY), "n1", SystemClock())
    assert looked(outvoted, Leader.ME).leader is Leader.ME
    for member in store.members[1:]:
        member.signal(signal.SIGSTOP)
    assert outvoted.look().leader is Leader.UNKNOWN
    for member in store.members[1:]:
        member.signal(signal.SIGCONT)
    assert looked(outvoted, Leader.ME).leader is Leader.ME


def test_watch_that_stands_still_misleads_nobody(store: Etcd, n1: Source) -> None:
    """The member that has it is frozen: the rest ends in time, and another member is asked."""
    store.put(KEY, "n1")
    assert looked(n1, Leader.ME).leader is Leader.ME
    watched = store.members[0]
    frozen = threading.Timer(0.2, watched.signal, [signal.SIGSTOP])
    frozen.start()
    assert rested(n1, 1.5) < 30.0
    other = store.client(1)
    assert looked(n1, Leader.ME).leader is Leader.ME
    other.put(KEY, "n2")
    assert looked(n1, Leader.ANOTHER).leader is Leader.ANOTHER


def test_compaction_costs_a_rest_and_no_truth(store: Etcd, n1: Source) -> None:
    """The revision that the watch would begin with is gone."""
    store.put(KEY, "n1")
    n1.look()
    for number in range(5):
        store.put("elsewhere", str(number))
    client = store.client()
    store.put(KEY, "n2")
    revision = int(client.post(client.get_url("/kv/range"), json={"key": "eA=="})["header"]["revision"])
    client.post(client.get_url("/kv/compaction"), json={"revision": revision, "physical": True})
    assert rested(n1, 1.0) < 20.0
    assert looked(n1, Leader.ANOTHER).leader is Leader.ANOTHER


def test_outage_is_unknown_and_its_end_is_seen(store: Etcd, n1: Source) -> None:
    """All members are killed and come back with what they had."""
    store.put(KEY, "n1")
    assert looked(n1, Leader.ME).leader is Leader.ME
    for member in store.members:
        member.kill()
    seen = n1.look()
    assert (seen.leader, seen.why.count("refused")) == (Leader.UNKNOWN, 3), seen.why
    assert 0.9 < rested(n1, 1.0) < 20.0
    for member in store.members:
        member.start()
    assert looked(n1, Leader.ME, 60.0).leader is Leader.ME


@pytest.mark.parametrize(
    ("config", "leader"),
    [
        ('{"ttl": 30, "pause": true}', Leader.PEOPLE),
        ('{"ttl": 30, "pause": false}', Leader.NOBODY),
        ('{"ttl": 30}', Leader.NOBODY),
        ("no JSON", Leader.NOBODY),
        ("[" * 5000, Leader.NOBODY),
    ],
)
def test_key_of_a_paused_patroni(store: Etcd, n1: Source, config: str, leader: Leader) -> None:
    """In a pause people decide, unless somebody leads."""
    store.put(CONFIG, config)
    assert looked(n1, leader).leader is leader
    store.put(KEY, "n2")
    assert looked(n1, Leader.ANOTHER).leader is Leader.ANOTHER


def test_other_keys_have_no_pause(store: Etcd) -> None:
    """What stands beside them is not Patroni's."""
    store.put(CONFIG, '{"pause": true}')
    assert source(store, key="/service/demo/boss").look().leader is Leader.NOBODY


def test_rests_leave_nothing_behind(store: Etcd, n1: Source) -> None:
    """Neither threads nor open connections, whichever way they end."""
    n1.look()
    n1.rest(0.05, NEVER)
    before = _descriptors()
    for number in range(40):
        store.put(KEY, str(number)) if number % 2 else None
        n1.look()
        n1.rest(0.02, NEVER)
    assert SystemClock().until(lambda: threading.active_count() < 8, 20.0)
    assert _descriptors() <= before + 4


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Member, Path]]:
    """A member that speaks TLS, asks for a certificate, and has a user who may read one key."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    folder = tmp_path_factory.mktemp("guarded")
    certificate = _certified(folder)
    words = (
        f"--cert-file={certificate}",
        f"--key-file={folder / 'key.pem'}",
        f"--trusted-ca-file={certificate}",
        "--client-cert-auth=true",
    )
    member = Member("m0", folder, *free_ports(2), scheme="https", words=words)
    member.start()
    try:
        _with_user(member, certificate)
        yield member, certificate
    finally:
        member.kill()


def _certified(folder: Path) -> Path:
    """A certificate for server and client, which is its own authority; its key is beside it.

    It has no common name: with users, etcd refuses whoever has one at the gateway.
    """
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /O=test"
    extensions = ("subjectAltName=IP:127.0.0.1", "extendedKeyUsage=serverAuth,clientAuth")
    added = [word for each in extensions for word in ("-addext", each)]
    files = ["-keyout", folder / "key.pem", "-out", folder / "certificate.pem"]
    subprocess.run([*make.split(), *added, *files], check=True, capture_output=True)
    return folder / "certificate.pem"


def _client(member: Member, certificate: Path) -> Etcd3Client:
    """Nobody in particular, with a certificate."""
    session = requests.Session()
    session.trust_env = False
    session.verify, session.cert = str(certificate), (str(certificate), str(member.folder / "key.pem"))
    return Etcd3Client(
        "127.0.0.1", member.client_port, "https", timeout=5.0, api_path="/v3/", session=session
    )


def _put_by_root(member: Member, certificate: Path, value: str) -> None:
    client = _client(member, certificate)
    body = {"name": "root", "password": "root"}
    token = client.post(client.get_url("/auth/authenticate"), json=body)["token"]
    client.session.headers["Authorization"] = token
    client.put(KEY, value)


def _with_user(member: Member, certificate: Path) -> None:
    client = _client(member, certificate)
    assert SystemClock().until(lambda: _answers(client), 20.0), member.log.read_text()
    client.put(KEY, "n1")
    ranges = {"key": "L3NlcnZpY2UvZGVtby8=", "range_end": "L3NlcnZpY2UvZGVtbzA="}  # /service/demo/
    for path, body in (
        ("/auth/user/add", {"name": "root", "password": "root"}),
        ("/auth/user/grant", {"user": "root", "role": "root"}),
        ("/auth/role/add", {"name": "reader"}),
        ("/auth/role/grant", {"name": "reader", "perm": {"permType": "READ", **ranges}}),
        ("/auth/user/add", {"name": "vipswitch", "password": "secret"}),
        ("/auth/user/grant", {"user": "vipswitch", "role": "reader"}),
        ("/auth/enable", {}),
    ):
        client.post(client.get_url(path), json=body)


def _answers(client: Etcd3Client) -> bool:
    try:
        client.get("ready")
    except Exception:
        return False
    return True


def _settings(member: Member, ca: Path, folder: Path, **more: object) -> EtcdSource:
    password = folder / "password"
    password.write_text("secret\n")
    password.chmod(0o600)
    given: dict[str, object] = {
        "ca_file": ca,
        "cert_file": ca,
        "key_file": member.folder / "key.pem",
        "user": "vipswitch",
        "password_file": password,
        **more,
    }
    return EtcdSource((member.endpoint,), KEY, **given)  # type: ignore[arg-type]  # by their names


def test_users_and_certificates(guarded: tuple[Member, Path], tmp_path: Path) -> None:
    """A user who may read Patroni's keys is enough, and a token that has expired is renewed."""
    member, ca = guarded
    mine = Source(_settings(member, ca, tmp_path), "n1", SystemClock())
    assert mine.look().leader is Leader.ME, mine.look().why
    for each in mine._members:
        each._reads.session.headers["Authorization"] = "stale.1"
    assert mine.look().leader is Leader.ME, mine.look().why


def test_election_ends_a_rest_for_users_too(guarded: tuple[Member, Path], tmp_path: Path) -> None:
    """A watch by TLS, with a token."""
    member, certificate = guarded
    mine = Source(_settings(member, certificate, tmp_path), "n1", SystemClock())
    assert looked(mine, Leader.ME).leader is Leader.ME
    since = time.monotonic()
    threading.Timer(0.3, _put_by_root, [member, certificate, "n2"]).start()
    mine.rest(60.0, NEVER)
    assert 0.3 <= time.monotonic() - since < 40.0
    assert looked(mine, Leader.ANOTHER).leader is Leader.ANOTHER
    _put_by_root(member, certificate, "n1")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"user": None, "password_file": None}, "user name is empty"),
        ({"user": "nobody"}, "authentication failed"),
        ({"ca_file": None}, "certificate verify failed"),
        ({"cert_file": None, "key_file": None}, "https://127.0.0.1"),
        ({"password_file": Path("/nowhere")}, "/nowhere: No such file"),
    ],
)
def test_who_is_not_let_in_knows_nothing(
    guarded: tuple[Member, Path], tmp_path: Path, wrong: dict[str, object], why: str
) -> None:
    """It is said in etcd's words, and is not taken for an answer."""
    member, ca = guarded
    seen = Source(_settings(member, ca, tmp_path, **wrong), "n1", SystemClock()).look()
    assert seen.leader is Leader.UNKNOWN
    assert why in seen.why


def test_password_that_others_can_read_is_not_used(guarded: tuple[Member, Path], tmp_path: Path) -> None:
    """As with every secret of the config."""
    member, ca = guarded
    settings = _settings(member, ca, tmp_path)
    assert settings.password_file is not None
    settings.password_file.chmod(0o644)
    assert "others than its owner" in Source(settings, "n1", SystemClock()).look().why
