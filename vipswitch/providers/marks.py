"""Release marks: what a node leaves beside a pointer that it does not move, to say that it has let go.

Rules: pure. A mark is a text: `released`, the node, and the generation of its order, with spaces between.
What says anything else is no mark. On a route table it is a tag, whose key is `vipswitch:` and the address,
so that VIPs that share a table do not share a mark. EC2 takes letters, digits, spaces and + - = . _ : / @ in
keys and values; Azure takes anything but < > % & \\ ? / in keys, which it compares without regard to case;
both take 50 tags on a table. In a zone of Route 53 or Cloud DNS it is a TXT record.
Source: EC2 User Guide, "Tag your Amazon EC2 resources"; Azure Resource Manager docs, "Use tags to organize
your Azure resources".
"""

from __future__ import annotations

from vipswitch.model import Address, NodeId

NOTE = "released: its holder has let go"
"""What people are told of a place with a mark that is believed."""

_PREFIX = "vipswitch:"
_RELEASED = "released"


def key_of(address: Address) -> str:
    """The key of the tag for an address."""
    return f"{_PREFIX}{address}"


def value_of(node: NodeId, generation: object) -> str:
    """The text with which a node says that it has let go."""
    return f"{_RELEASED} {node} {generation}"


def named_by(text: str | None) -> NodeId | None:
    """The node that a text says has let go; None for no mark."""
    words = (text or "").split()
    return NodeId(words[1]) if len(words) == 3 and words[0] == _RELEASED else None
