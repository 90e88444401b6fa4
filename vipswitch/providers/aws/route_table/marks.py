"""Release marks on a route table: a tag for each address of a VIP, which says who has let go of its route.

Rules: pure. The key is `vipswitch:` and the address, so that VIPs that share a table do not share a mark; the
value is `released`, the network interface and the generation of its order, with spaces between. EC2 takes
letters, digits, spaces and + - = . _ : / @ in both, and 50 tags on a table. A tag of our key that says
anything else is no mark. Source: EC2 User Guide, "Tag your Amazon EC2 resources", restrictions.
"""

from __future__ import annotations

from vipswitch.model import Address, NodeId

PREFIX = "vipswitch:"

_RELEASED = "released"


def key_of(address: Address) -> str:
    """The tag's key for the mark of an address."""
    return f"{PREFIX}{address}"


def value_of(node: NodeId, generation: object) -> str:
    """The tag's value with which a node says that it has let go."""
    return f"{_RELEASED} {node} {generation}"


def named_by(value: str | None) -> NodeId | None:
    """The node that a mark says has let go; None for no mark."""
    words = (value or "").split()
    return NodeId(words[1]) if len(words) == 3 and words[0] == _RELEASED else None
