"""What lets agents ask Pgpool-II who leads: a user of pcp on each node, and who is who in the config.

Source: docs/authorities.md; Pgpool-II manual, "pcp.conf" and "PCP connection authentication".
"""

import hashlib
from pathlib import Path

from tests.e2e.cloud import Cloud
from tests.e2e.movers import NAME

USER = "vipswitch"
HOST = "127.0.0.1"
_PASSWORD = "secret"


def admit(folder: Path) -> Path:
    """Let our user ask the Pgpool-II of this folder; the password file for that."""
    digest = hashlib.md5(_PASSWORD.encode(), usedforsecurity=False).hexdigest()
    (folder / "pcp.conf").write_text(f"{USER}:{digest}\n")
    passfile = folder / "pcppass"
    passfile.write_text(f"{HOST}:9898:{USER}:{_PASSWORD}\n")
    passfile.chmod(0o600)
    return passfile


def added(config: str, cloud: Cloud, passfile: Path) -> str:
    """A config with the VIP's authority, and each node as the cloud and as Pgpool-II call it."""
    vip = f"[vip.{NAME}]\n"
    return config.replace(vip, f'{vip}authority = "pgpool"\n') + _tables(cloud, passfile)


def _tables(cloud: Cloud, passfile: Path) -> str:
    asked = (
        f'[authority.pgpool]\nkind = "pgpool"\nuser = "{USER}"\npassfile = "{passfile}"\nhost = "{HOST}"\n'
    )
    nodes = [
        f'[node.{host.name}]\nids = ["{interface}"]\nhost = "{host.address}"\n'
        for interface, host in cloud.interfaces().items()
    ]
    return "\n".join(["", asked, *nodes])
