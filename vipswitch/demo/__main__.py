"""`python -m vipswitch.demo`: exit code 0 if all that was shown is true, else 1; 130 and 143 when stopped.

Rules: everything is let go of on every way out; the first signal stops the demo, and no other disturbs that.
"""

from __future__ import annotations

import argparse
import signal
import sys
from types import FrameType

from vipswitch.demo import sandbox

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """By a signal."""


def main() -> int:
    """Play, as far as nobody stops it."""
    options = _options()
    for number in _SIGNALS:
        signal.signal(number, _stop)
    try:
        return _inside(options) if options.inside else _outside(options)
    except Stopped as exc:
        number = signal.Signals(exc.args[0])
        print(f"demo: stopped by {number.name}; nothing is left behind", file=sys.stderr)
        return 128 + number


def _outside(options: argparse.Namespace) -> int:
    """Go inside if there is an inside."""
    try:
        words = sandbox.entrance() if not options.without_namespaces else ()
    except sandbox.NoNamespaces as exc:
        return _without(f"there are no network namespaces here ({exc})")
    if not words:
        return _without("you want no network namespaces")
    return sandbox.run([*words, sys.executable, "-m", "vipswitch.demo", "--inside", *sys.argv[1:]])


def _inside(options: argparse.Namespace) -> int:
    sandbox.obey()
    from vipswitch.demo import playing

    return playing.with_packets(with_pgpool=not options.without_pgpool)


def _without(reason: str) -> int:
    from vipswitch.demo import playing

    return playing.without_packets(reason)


def _stop(number: int, frame: FrameType | None) -> None:
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(number)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m vipswitch.demo", description="A failover on this machine, without a cloud account."
    )
    parser.add_argument("--without-namespaces", action="store_true", help="no packets: a file as the cloud")
    parser.add_argument("--without-pgpool", action="store_true", help="play its part")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
