"""What tells a machine from all others, so that one cloned with its disk does not act for its parent.

A machine is told from others by all of three files that can be read. DMI's product UUID is the virtual
machine's own, but only root may read it; the board asset tag is the instance id on AWS's Nitro instances, for
all to read; /etc/machine-id survives in a careless image, but then the MAC differs: every network interface
in a cloud has its own. Only a digest is written, because the UUID is root's to know.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from pathlib import Path

MACHINE_FILES = (
    Path("/sys/class/dmi/id/product_uuid"),
    Path("/sys/class/dmi/id/board_asset_tag"),
    Path("/etc/machine-id"),
)


def digest(files: Sequence[Path], mac: str) -> str:
    """What tells this machine and MAC from all others; empty where nothing does."""
    traits = []
    for file in files:
        with contextlib.suppress(OSError):
            traits.append(file.read_bytes())
    return hashlib.sha256(b"\0".join([*traits, mac.encode()])).hexdigest() if any(traits) else ""
