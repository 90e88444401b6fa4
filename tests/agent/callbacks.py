"""Runs callbacks as Patroni does, with Patroni's own code: a program that is called `patroni`.

Told on stdin, a line of JSON each: the words of a callback, action, role and scope last. Says on stdout that
it was called. Runs under the system's interpreter, for which Debian installs Patroni, and another name.
"""

import json
import sys

from patroni.postgresql.callback_executor import CallbackExecutor

executor = CallbackExecutor()
for line in sys.stdin:
    executor.call(json.loads(line))
    print("called", flush=True)
