"""Stands in for Pgpool-II's watchdog: a program that is called `pgpool` and runs hooks as its children.

Told on stdin, a line of JSON each: `id`, `words`, `fresh` and the file for the hook's stderr. A fresh hook is
run by a process forked for it, as an escalation is; the others by this one, which is as old as the test. Says
on stdout `{"id": ..., "pid": ...}` when a hook has started and `{"id": ..., "code": ...}` when it has ended.
Every hook has a process group of its own, so that the whole group can be killed. Only the standard library,
because it runs under another interpreter's name. Source: wd_escalation.c, wd_if.c.
"""

import json
import os
import subprocess
import sys


def say(**what: int) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def run(order: dict) -> None:
    with open(order["stderr"], "ab") as stderr:
        hook = subprocess.Popen(
            order["words"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
        )
    say(id=order["id"], pid=hook.pid)
    say(id=order["id"], code=hook.wait())


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        if not order["fresh"]:
            run(order)
        elif os.fork() == 0:
            run(order)
            os._exit(0)


main()
