"""Stateless 1:1 address translation at one port of a namespace, by the kernel's nftables.

Rules: all rules are replaced in one transaction, so that each packet meets the old ones or the new ones; at
the port what is not translated is dropped; other ports are not touched. The addresses that an ICMP error
quotes stay as they are. Needs `nft` (Debian's package nftables). Source: nft(8), "Payload statement".
"""

from collections.abc import Mapping
from ipaddress import IPv4Address

from vipswitch.testing.fabric.namespaces import Namespace

NFT = "/usr/sbin/nft"

_RULES = """\
table ip vipswitch
delete table ip vipswitch
table ip vipswitch {{
  chain in {{
    type filter hook prerouting priority -300; policy accept;
    iifname != "{port}" accept
    {incoming}
    drop
  }}
  chain out {{
    type filter hook postrouting priority 100; policy accept;
    oifname != "{port}" accept
    {outgoing}
    drop
  }}
}}
"""


def translate(namespace: Namespace, port: str, private: Mapping[IPv4Address, IPv4Address]) -> None:
    """From now on `private` maps the public addresses that packets through `port` may come for."""
    rules = _RULES.format(
        port=port,
        incoming="\n    ".join(f"ip daddr {p} ip daddr set {own} accept" for p, own in private.items()),
        outgoing="\n    ".join(f"ip saddr {own} ip saddr set {p} accept" for p, own in private.items()),
    )
    namespace.run([NFT, "-f", "-"], rules)
