"""A hook on a machine that has no process left: SECONDS ALLOWED PROGRAM [WORD...].

So many forks succeed, counted along each line of descent; for so long no further one does.
"""

import errno
import os
import runpy
import sys
import time

_until = time.monotonic() + float(sys.argv[1])
_left = int(sys.argv[2])


def _refuse(event: str, _: object) -> None:
    global _left
    if event == "os.fork" and time.monotonic() < _until:
        _left -= 1
        if _left < 0:
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))


sys.addaudithook(_refuse)
del sys.argv[:3]
runpy.run_path(sys.argv[0])
