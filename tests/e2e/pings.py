"""Whether one host hears from another."""

import subprocess
from ipaddress import IPv4Address

from vipswitch.testing.fabric.host import Host


def ping(source: Host, target: IPv4Address, *options: str) -> str:
    """The summary of a ping; never more than half a second for one answer."""
    command = ["ping", "-n", "-q", "-W", "0.5", *(options or ("-c1",)), str(target)]
    try:
        return source.namespace.run(command)
    except subprocess.CalledProcessError as exc:
        return str(exc.stdout)


def answers(source: Host, target: IPv4Address, *options: str) -> bool:
    return " 0% packet loss" in ping(source, target, *options)
