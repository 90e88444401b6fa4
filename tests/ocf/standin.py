"""Stands in for Pacemaker: a process called `pacemakerd` that runs agents as its children.

Told on stdin, a line of JSON each: `words` and `env`. Says on stdout `{"code": ..., "stderr": ...}` when the
agent has ended. Source: services_linux.c.
"""

import json
import subprocess
import sys
from pathlib import Path

Path("/proc/self/comm").write_text("pacemakerd")
for line in sys.stdin:
    asked = json.loads(line)
    done = subprocess.run(
        asked["words"], env=asked["env"], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    print(json.dumps({"code": done.returncode, "stderr": done.stderr, "stdout": done.stdout}), flush=True)
