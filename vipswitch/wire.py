"""What a hook and the agent say to each other over the Unix socket: lines of text, ended by an empty one.

    vipswitch/1 up                 the version of this protocol, and what is asked
    name 10.99.0.50                a VIP or group, by name or address
    by 4711 180023                 the hook: pid, kernel start in ticks since boot; its order's generation
    runner 4700 180020             the HA manager's process that waits for the hook, if there is one
    caller 801 1520 pgpool         its outermost process, and its program
    wait 9.962                     how long the hook can wait, in seconds
    config /etc/vipswitch/x.toml   only if the hook was told which; the agent must have read the same
    detach yes                     only if the hook is to end as soon as the host side is done
    verbose yes                    only if each step is to be said

The answer: `no REASON` (the hook is on its own), or `taken`, then any number of `say TEXT`, then `exit CODE`.
An agent that knows another version says `no`, so that both can be upgraded in any order.

The thin client uses this module, so it imports nothing. Whatever arrives is checked here: a request has at
most `LONGEST` bytes, each key once, numbers of a sane size.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = "vipswitch/1"
LONGEST = 4096
END = b"\n\n"

ORDERS = ("up", "down")
QUESTIONS = ("pause", "resume")
_ONCE = ("by", "runner", "caller", "wait", "config", "detach", "verbose")
_LARGEST = 2**62


class Request:
    """One request. `by` and `runner` are (pid, start), `caller` is (pid, start, program)."""

    __slots__ = ("by", "caller", "config", "detach", "names", "runner", "verbose", "wait_s", "what")

    def __init__(
        self,
        what: str,
        names: tuple[str, ...],
        by: tuple[int, int],
        *,
        runner: tuple[int, int] | None = None,
        caller: tuple[int, int, str] | None = None,
        wait_s: float = 10.0,
        config: str = "",
        detach: bool = False,
        verbose: bool = False,
    ) -> None:
        self.what = what
        self.names = names
        self.by = by
        self.runner = runner
        self.caller = caller
        self.wait_s = wait_s
        self.config = config
        self.detach = detach
        self.verbose = verbose


def written(request: Request) -> bytes:
    """The request as it is sent. Raises ValueError for what cannot be said in it."""
    lines = [f"{VERSION} {request.what}", *(f"name {name}" for name in request.names)]
    lines.append("by {} {}".format(*request.by))
    if request.runner is not None:
        lines.append("runner {} {}".format(*request.runner))
    if request.caller is not None:
        lines.append("caller {} {} {}".format(*request.caller))
    lines.append(f"wait {request.wait_s:.3f}")
    lines += [f"config {request.config}"] if request.config else []
    lines += ["detach yes"] if request.detach else []
    lines += ["verbose yes"] if request.verbose else []
    if any("\n" in line for line in lines):
        raise ValueError("a line break in a word")
    raw = ("\n".join(lines)).encode() + END
    if len(raw) > LONGEST:
        raise ValueError(f"longer than {LONGEST} bytes")
    return raw


def parsed(raw: bytes) -> Request:
    """A request that came in, without its empty line. Raises ValueError with what is wrong with it."""
    first, *lines = raw.decode("utf-8").split("\n")
    version, _, what = first.partition(" ")
    if version != VERSION:
        raise ValueError(f"speaks {version[:20]!r}, not {VERSION}")
    if what not in (*ORDERS, *QUESTIONS):
        raise ValueError(f"{what[:20]!r} is no request")
    names: list[str] = []
    found: dict[str, str] = {}
    for key, value in _pairs(lines):
        if key == "name":
            names.append(value)
        elif key not in _ONCE or key in found:
            raise ValueError(f"{key[:20]!r} is unknown, or there twice")
        else:
            found[key] = value
    return _request(what, tuple(names), found)


def _pairs(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        key, space, value = line.partition(" ")
        if not space or not value:
            raise ValueError(f"{line[:20]!r} is not a key and a value")
        yield key, value


def _request(what: str, names: tuple[str, ...], found: dict[str, str]) -> Request:
    if what in ORDERS and len(names) != 1:
        raise ValueError("an order is for one name")
    runner, caller = found.get("runner"), found.get("caller")
    return Request(
        what,
        names,
        _process(found.get("by", "")),
        runner=None if runner is None else _process(runner),
        caller=None if caller is None else _program(caller),
        wait_s=_seconds(found.get("wait", "10")),
        config=found.get("config", ""),
        detach=_yes(found.get("detach")),
        verbose=_yes(found.get("verbose")),
    )


def _process(value: str) -> tuple[int, int]:
    pid, _, started = value.partition(" ")
    return _number(pid), _number(started)


def _program(value: str) -> tuple[int, int, str]:
    rest, _, program = value.rpartition(" ")
    if not program.isalnum() or len(program) > 32:
        raise ValueError(f"{program[:20]!r} is no program")
    return (*_process(rest), program)


def _number(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 20):
        raise ValueError(f"{value[:20]!r} is no number")
    return min(int(value), _LARGEST)


def _seconds(value: str) -> float:
    whole, _, part = value.partition(".")
    return _number(whole) + (_number(part) / 10 ** len(part) if part else 0.0)


def _yes(value: str | None) -> bool:
    if value not in (None, "yes"):
        raise ValueError(f"{value[:20]!r} is not yes")
    return value is not None
