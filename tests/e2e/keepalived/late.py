"""late.py FILE COMMAND [ARG...]: becomes COMMAND; at once, unless FILE says that its state comes late.

FILE holds `STATE SECONDS`; whoever of that state comes first takes it away, waits for so long, and then goes
on: it was started before those that overtake it. The process stays the same.
"""

import os
import sys
import time


def taken(path: str) -> list[str]:
    """What the file says, for the first that is of its state."""
    try:
        with open(path) as file:
            state, seconds = file.read().split()
        if state not in sys.argv[3:]:
            return []
        os.unlink(path)
    except (OSError, ValueError):
        return []
    return [seconds]


for seconds in taken(sys.argv[1]):
    time.sleep(float(seconds))
os.execv(sys.argv[2], sys.argv[2:])
