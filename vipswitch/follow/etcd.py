"""A leader key in etcd v3: its value names the node that leads.

Every answer comes from a read that a majority of etcd has agreed to (linearizable, etcd's default): a member
that is cut off from the others cannot give one, and is as good as silent. A watch is only an alarm clock: it
ends a rest early, and what has changed is then read. So a watch that stands still, that etcd has cancelled
because of a compaction, or that was never granted, delays by one interval and misleads nobody.

Rules: the key and, where the key is Patroni's, its `config`, which says whether the cluster is paused, are
read in one transaction. No key, or an empty one: nobody leads; etcd takes the key away when its lease ends.
The members of etcd are asked in turn, beginning with the one that answered last. No proxy, no environment.
Source: etcd documentation, "gRPC gateway" and "API guarantees"; etcd3gw, whose clients send by requests.
"""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import os
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from etcd3gw.client import Etcd3Client
from etcd3gw.exceptions import ConnectionTimeoutError, Etcd3Exception, WatchTimedOut
from requests.adapters import HTTPAdapter

from vipswitch.deadline import Clock
from vipswitch.errors import ConfigError, Unavailable
from vipswitch.fields import Fields
from vipswitch.follow.sighting import Leader, Sighting
from vipswitch.followed import EtcdSource
from vipswitch.providers.foreign import innermost
from vipswitch.providers.secret_file import secret_in

log = logging.getLogger("vipswitch.follow")

_ANSWER_S = 1.8
"""For one member of etcd; what is older than FREEZE_S is not acted on."""

_PATRONIS = "/leader"


class Etcd:
    """A `Source`; `me` is the value that the key has while this node leads."""

    def __init__(self, settings: EtcdSource, me: str, clock: Clock) -> None:
        self._settings = settings
        self._me = me
        self._clock = clock
        self._members = [Member(endpoint, settings) for endpoint in settings.endpoints]
        self._keys = _keys(settings.key)
        self._revision: int | None = None

    def look(self) -> Sighting:
        """Read the key from the first member that can tell."""
        wrongs: list[str] = []
        for number, member in enumerate(self._members):
            since = self._clock.now()
            try:
                values, self._revision = member.read(self._keys)
            except (Unavailable, ConfigError) as wrong:
                wrongs.append(wrong.message)
                continue
            self._members = [*self._members[number:], *self._members[:number]]
            return Sighting(*judge(self._settings.key, values, self._me), since)
        return Sighting(Leader.UNKNOWN, "; ".join(dict.fromkeys(wrongs)), self._clock.now())

    def rest(self, seconds: float, ended: threading.Event) -> None:
        """So long, or until the key changes: a change since the last read is told at once."""
        until = time.monotonic() + seconds
        if self._revision is not None and self._members[0].changed(
            self._settings.key, self._revision + 1, seconds
        ):
            return
        ended.wait(max(until - time.monotonic(), 0.0))


def judge(key: str, values: Mapping[str, str], me: str) -> tuple[Leader, str]:
    """Who leads by what the keys say; a key that is not there has no value."""
    leader = values.get(key, "")
    if leader == me:
        return Leader.ME, f"{key} is {me}"
    if leader:
        return Leader.ANOTHER, f"{key} is {leader}, and this node {me}"
    if _is_paused(values.get(_config_of(key), "")):
        return Leader.PEOPLE, f"{key} is not there, and the cluster is paused"
    return Leader.NOBODY, f"{key} is not there"


def _keys(key: str) -> tuple[str, ...]:
    return (key, _config_of(key)) if _config_of(key) else (key,)


def _config_of(key: str) -> str:
    """Where Patroni keeps the settings of a cluster whose leader key this is; empty for other keys."""
    return f"{key.removesuffix(_PATRONIS)}/config" if key.endswith(_PATRONIS) else ""


def _is_paused(config: str) -> bool:
    try:
        found = json.loads(config)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("pause") is True


class Member:
    """One member of etcd, over connections that are kept."""

    def __init__(self, endpoint: str, settings: EtcdSource) -> None:
        self._endpoint = endpoint
        self._settings = settings
        self._reads = _client(endpoint, settings)
        self._watches = _client(endpoint, settings, goes_on=True)
        self._logged_in = settings.user is None

    def read(self, keys: Iterable[str]) -> tuple[dict[str, str], int]:
        """The values of those keys that are there, and etcd's revision. Raises Unavailable, ConfigError."""
        asked = {"success": [{"request_range": {"key": _coded(key)}} for key in keys]}
        try:
            try:
                self._log_in()
                answer = self._reads.transaction(asked)
            except Etcd3Exception:
                if self._settings.user is None:
                    raise
                self._logged_in = False  # the token may have expired
                self._log_in()
                answer = self._reads.transaction(asked)
            return _values(answer)
        except (Etcd3Exception, requests.RequestException, OSError) as wrong:
            raise Unavailable(f"{self._endpoint}: {_why(wrong)}") from wrong
        except ValueError as wrong:
            raise Unavailable(f"{self._endpoint}: {wrong}") from wrong

    def changed(self, key: str, revision: int, seconds: float) -> bool:
        """Whether the key changes at this revision or later, within so many seconds; False says nothing."""
        try:
            self._watches.watch_once(key, timeout=seconds, start_revision=revision)
        except WatchTimedOut:
            return False
        except (Etcd3Exception, requests.RequestException, OSError, ValueError, RuntimeError) as wrong:
            # RuntimeError: no thread could be had for the watch
            log.debug("%s: no watch: %s", self._endpoint, _why(wrong))
            return False
        return True

    def _log_in(self) -> None:
        if self._logged_in or self._settings.password_file is None:
            return
        password = secret_in(self._settings.password_file, see="password_file").decode().strip()
        url = self._reads.get_url("/auth/authenticate")
        body = {"name": self._settings.user, "password": password}
        self._reads.session.headers.pop("Authorization", None)
        token = Fields(self._reads.post(url, json=body)).text("token")
        for client in (self._reads, self._watches):
            client.session.headers["Authorization"] = token
        self._logged_in = True


class _Bounded(HTTPAdapter):
    """Connects and hears within `_ANSWER_S`; what `goes_on` is then read until somebody hangs up."""

    def __init__(self, *, goes_on: bool) -> None:
        self._goes_on = goes_on
        super().__init__()

    def send(self, request: requests.PreparedRequest, *_: Any, **given: Any) -> requests.Response:
        response = super().send(request, **{**given, "timeout": _ANSWER_S})
        connection = response.raw.connection
        if self._goes_on and connection is not None and connection.sock is not None:
            connection.sock.settimeout(None)
        return response


def _client(endpoint: str, settings: EtcdSource, *, goes_on: bool = False) -> Etcd3Client:
    at = urlsplit(endpoint)
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", _Bounded(goes_on=goes_on))
    session.mount("https://", _Bounded(goes_on=goes_on))
    if settings.ca_file is not None:
        session.verify = os.fspath(settings.ca_file)
    if settings.cert_file is not None and settings.key_file is not None:
        session.cert = (os.fspath(settings.cert_file), os.fspath(settings.key_file))
    return Etcd3Client(
        at.hostname or "", at.port or 2379, protocol=at.scheme, api_path="/v3/", session=session
    )


def _values(answer: object) -> tuple[dict[str, str], int]:
    """What a transaction of ranges has found. Raises ValueError."""
    raw = Fields(answer)
    revision = _number(Fields(raw.value("header")).text("revision"))
    values: dict[str, str] = {}
    for found in raw.each("responses", lambda each: Fields(Fields(each).value("response_range"))):
        for pair in found.each("kvs", Fields) if found.has("kvs") else ():
            values[_decoded(pair.text("key"))] = _decoded(pair.text("value")) if pair.has("value") else ""
    return values, revision


def _number(raw: str) -> int:
    if not (raw.isascii() and raw.isdigit() and len(raw) < 20):
        raise ValueError(f"{raw[:20]!r} is no revision")
    return int(raw)


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _decoded(raw: str) -> str:
    return base64.b64decode(raw).decode("utf-8", "replace")


def _why(wrong: Exception) -> str:
    """In one line: etcd's own words where it has said something, else what the socket said."""
    if isinstance(wrong, requests.Timeout | ConnectionTimeoutError):
        return "no answer in time"
    told = getattr(wrong, "detail_text", None) or ""
    if isinstance(wrong.__context__, requests.RequestException):
        told = innermost(wrong.__context__)
    with contextlib.suppress(ValueError):
        told = Fields(json.loads(told)).text("error")
    said = (told or innermost(wrong)).splitlines() or [type(wrong).__name__]
    return said[0][:200]
