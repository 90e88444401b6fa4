"""A Patroni with its store, over real HTTP: members, who has the leader key, and what each says of itself.

Rules: `GET /cluster` and `GET /patroni` as Patroni 3.3 answers them on the node of `asked`; a body set in
`spoilt` is sent instead, and `drip_s` makes an answer come byte by byte. Source: Patroni documentation, "REST
API".
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class FakePatroni:
    """Three nodes; pg1 is the leader, and it is pg1 that is asked."""

    asked: str = "pg1"
    leader: str | None = "pg1"
    primary: str | None = "pg1"
    states: dict[str, str] = field(
        default_factory=lambda: {"pg1": "running", "pg2": "streaming", "pg3": "streaming"}
    )
    roles: dict[str, str] = field(default_factory=dict)
    store_is_up: bool = True
    pause: object = None
    failsafe: bool = False
    spoilt: dict[str, bytes] = field(default_factory=dict)
    status: dict[str, int] = field(default_factory=dict)
    drip_s: float = 0.0
    requests: list[str] = field(default_factory=list)

    def answer(self, path: str) -> tuple[int, bytes]:
        """What a request gets."""
        self.requests.append(path)
        if path not in ("/cluster", "/patroni") or (path == "/cluster" and not self.store_is_up):
            return 503, b"{}"
        made = self._cluster() if path == "/cluster" else self._patroni()
        return self.status.get(path, 200), self.spoilt.get(path, json.dumps(made).encode())

    def _cluster(self) -> dict[str, object]:
        members = [
            {
                "name": name,
                "role": self.roles.get(name, "leader" if name == self.leader else "replica"),
                "state": state,
                "api_url": f"http://10.0.{name[2:]}.10:8008/patroni",
                "host": f"10.0.{name[2:]}.10",
                "port": 5432,
                "timeline": 1,
            }
            for name, state in self.states.items()
        ]
        return {"members": members, "scope": "demo", **self._flags()}

    def _patroni(self) -> dict[str, object]:
        flags = {**self._flags(), **({"cluster_unlocked": True} if self.leader is None else {})}
        if self.failsafe:
            flags["failsafe_mode_is_active"] = True
        return {
            "state": "running",
            "role": "master" if self.asked == self.primary else "replica",
            "server_version": 150004,
            "timeline": 1,
            **flags,
            "dcs_last_seen": 1692356718,
            "patroni": {"version": "3.3.0", "scope": "demo", "name": self.asked},
        }

    def _flags(self) -> dict[str, object]:
        return {} if self.pause is None else {"pause": self.pause}


@contextmanager
def serve(fake: FakePatroni, certificate: Path | None = None) -> Iterator[str]:
    """Its URL while it runs; https with a certificate and its key in one file."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = fake.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            try:
                for k in range(len(body)) if fake.drip_s else ():
                    self.wfile.write(body[k : k + 1])
                    time.sleep(fake.drip_s)
                if not fake.drip_s:
                    self.wfile.write(body)
            except OSError:
                return

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up, or distrusts us, is no news."""

    server = Server(("127.0.0.1", 0), Answers)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    running = threading.Thread(target=server.serve_forever, args=[0.01])
    running.start()
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        running.join()
        server.server_close()
