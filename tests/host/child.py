"""`child.py [--without-netlink] METHOD ADDRESS [IP]`: calls one Host method as whoever runs it.

Prints how it went as JSON. With the option, the kernel refuses it netlink (sandbox.py).
"""

from __future__ import annotations

import json
import sys
import time
from ipaddress import ip_address

from vipswitch.errors import VipswitchError
from vipswitch.host import Host


def answer(method: str, address: str, ip: str | None = None) -> dict[str, object]:
    """The result in words, or the error."""
    host = Host("eth0", timeout_s=0.5 if ip else 3.0, ip=ip)
    started = time.monotonic()
    try:
        result = getattr(host, method)(ip_address(address))
    except VipswitchError as wrong:
        said = {"error": type(wrong).__name__, "message": wrong.message, "hint": wrong.hint}
    else:
        said = {"result": getattr(result, "how", str(result)), "hint": getattr(result, "hint", "")}
    return {**said, "seconds": time.monotonic() - started}


if __name__ == "__main__":
    words = sys.argv[1:]
    if words[0] == "--without-netlink":
        from tests.host.sandbox import refuse_netlink

        refuse_netlink()
        words = words[1:]
    print(json.dumps(answer(*words)))
