"""fence_lab: a fence agent whose machines are those of the lab; takes the parameters of any cloud's."""

import os
import socket
import sys

METADATA = """<?xml version="1.0"?>
<resource-agent name="fence_lab" shortdesc="Crashes a machine of the lab">
<longdesc>Asks the lab.</longdesc>
<parameters>
<parameter name="action">
<content type="string" default="reboot"/><shortdesc lang="en">Action</shortdesc>
</parameter>
<parameter name="plug"><content type="string"/><shortdesc lang="en">Machine</shortdesc></parameter>
<parameter name="region"><content type="string"/><shortdesc lang="en">Region</shortdesc></parameter>
</parameters>
<actions>
<action name="on"/><action name="off"/><action name="reboot"/><action name="status"/><action name="monitor"/>
<action name="metadata"/>
</actions>
</resource-agent>
"""


def main() -> int:
    words = sys.argv[1:]
    given = {"action": words[words.index("-o") + 1]} if "-o" in words else {}
    if not given:
        given = dict(line.rstrip("\n").split("=", 1) for line in sys.stdin if "=" in line)
    if given.get("action") == "metadata":
        sys.stdout.write(METADATA)
    elif given.get("action", "reboot") in ("off", "reboot"):
        _ask(given["nodename"])
    return 0


def _ask(node: str) -> None:
    with socket.socket(socket.AF_UNIX) as desk:
        desk.connect(os.environ["VIPSWITCH_LAB_FENCER"])
        desk.sendall(f"{node}\n".encode())
        desk.recv(16)


sys.exit(main())
