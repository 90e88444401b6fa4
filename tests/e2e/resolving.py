"""How a lab's client comes from a DNS name to an address: name server, caching resolver, resolv.conf.

Rules: the name server lies beside the cloud's API, and is asked through the network like the rest; only the
program that is started with the words yielded sees another resolv.conf, in a mount namespace of its own that
`ip netns exec` has made.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.e2e import aws
from tests.e2e.cloud import Cloud
from vipswitch.testing.fabric import dns
from vipswitch.testing.fabric.host import Host

_MOUNT = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'


@contextmanager
def resolving(cloud: Cloud, zone: str, host: Host, folder: Path) -> Iterator[Sequence[str]]:
    """Before a command on this host, these words make it ask a resolver that keeps answers for their TTL."""
    api = cloud.vpc.api
    pair = api.namespace.inside(lambda: dns.sockets(str(api.address), dns.PORT))
    upstream = (str(api.address), dns.PORT)
    with (
        dns.ZoneServer(aws.of(cloud).aws, zone, pair),
        dns.resolver(host.namespace, upstream, folder) as address,
    ):
        config = folder / "resolv.conf"
        config.write_text(f"nameserver {address}\n")
        yield ["sh", "-c", _MOUNT, str(config)]
