"""Which network interface this node is, in which region and account: asked once, then kept on disk.

Rules: a failover does not depend on the metadata service, so its answer is cached for good; a machine
cloned with its disk does not act for its parent, so what was cached on another machine, or for another
MAC, is not believed; a cache that cannot be read or written is as good as none.

A machine is told from others by all of three files that can be read. DMI's product UUID is the
instance's own, but only root may read it; the board asset tag is the instance id on Nitro instances, for
all to read; /etc/machine-id survives in a careless image, but then the MAC differs: EC2 gives every
interface its own. Only a digest is written, because the UUID is root's to know.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from vipswitch.deadline import Deadline
from vipswitch.model import NodeId
from vipswitch.provider import Machine

log = logging.getLogger(__name__)

MACHINE_FILES = (
    Path("/sys/class/dmi/id/product_uuid"),
    Path("/sys/class/dmi/id/board_asset_tag"),
    Path("/etc/machine-id"),
)


@dataclass(frozen=True, slots=True)
class Identity:
    """This node as AWS knows it."""

    interface: NodeId
    region: str
    account: str
    instance: str


class Home:
    """Where this process runs; thread-safe. `files` tell one machine from another."""

    def __init__(self, machine: Machine, files: Sequence[Path] = MACHINE_FILES) -> None:
        self._machine = machine
        self._files = files
        self._asking = threading.Lock()
        self._known: Identity | None = None

    @property
    def known(self) -> Identity | None:
        """The identity, if it has been asked for already."""
        return self._known

    def identity(self, deadline: Deadline) -> Identity:
        """The identity, from memory, disk or the metadata service. Raises as `Metadata` and `mac` do."""
        with self._asking:
            self._known = self._known or self._find(deadline)
            return self._known

    def _find(self, deadline: Deadline) -> Identity:
        mac = self._machine.mac()
        cache = self._machine.cache() / f"aws-identity-{mac.replace(':', '')}.json"
        machine = _digest(self._files, mac)
        return _load(cache, machine) or _ask(mac, cache, machine, deadline)


def _ask(mac: str, cache: Path, machine: str, deadline: Deadline) -> Identity:
    from vipswitch.providers.aws.metadata import Metadata  # http.client: 15 ms that a cached identity saves

    service = Metadata(deadline)
    found, interface = service.document(), service.interface_id(mac)
    identity = Identity(interface, found.region, found.account, found.instance)
    if machine:
        _store(cache, machine, identity)
    return identity


def _digest(files: Sequence[Path], mac: str) -> str:
    """What tells this machine and MAC from all others; empty where nothing does."""
    traits = []
    for file in files:
        with contextlib.suppress(OSError):
            traits.append(file.read_bytes())
    return hashlib.sha256(b"\0".join([*traits, mac.encode()])).hexdigest() if any(traits) else ""


def _load(cache: Path, machine: str) -> Identity | None:
    try:
        raw = json.loads(cache.read_bytes())
        if not machine or raw.pop("machine") != machine or not all(isinstance(v, str) for v in raw.values()):
            return None
        return Identity(**raw)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as wrong:
        log.debug("%s is not used: %s", cache, wrong)
        return None


def _store(cache: Path, machine: str, identity: Identity) -> None:
    """Written beside and renamed, so that nobody reads half of it; for this user's eyes only."""
    draft = cache.with_name(f".{cache.name}.{os.getpid()}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w") as file:
            json.dump({"machine": machine, **asdict(identity)}, file)
        draft.replace(cache)
    except OSError as wrong:
        log.debug("%s cannot be written: %s", cache, wrong)
