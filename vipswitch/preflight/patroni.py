"""One patroni.yml: are the callbacks there, can they be run, and do they move the right VIP.

Rules: only what stands on a line of its own, `on_start: /usr/...`, quoted or not, is looked at. That is how
Patroni's manual and our examples write callbacks; whoever writes YAML in another way is told that none was
found. Patroni logs a callback that it cannot start, and goes on without it. The words are read by the
callback's own code. Source: cancellable.py of Patroni 3.0.2.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vipswitch.callers import patroni
from vipswitch.config import Config, VipConfig
from vipswitch.errors import ConfigError
from vipswitch.options import Options
from vipswitch.preflight.asked import look_at_vips, misunderstood, one_vip, vips_of
from vipswitch.preflight.findings import error, warning
from vipswitch.preflight.pgpool_command import Trouble, behind_sudo
from vipswitch.provider import Finding

HOOK = "vipswitch-patroni"
USUAL = (Path("/etc/patroni/config.yml"), Path("/etc/patroni/patroni.yml"))
NEEDED = ("on_start", "on_stop", "on_role_change")

_LINE = re.compile(rf"^\s*({'|'.join((*patroni.ACTIONS, patroni.BEFORE_STOP))}):\s+(.+?)\s*$")
_PLAIN = re.compile(r"\s+#.*$")
_OTHER_YAML = ("|", ">", "&", "*", "{", "[", "!")


@dataclass(frozen=True, slots=True)
class Callback:
    """One callback: its action, where it is set, its words, and those of our program."""

    action: str
    where: str
    words: tuple[str, ...]

    @property
    def called(self) -> tuple[str, ...]:
        """The words from the program on that does the work, sudo aside."""
        return behind_sudo(self.words)


@dataclass(frozen=True, slots=True)
class PatroniYml:
    """The callbacks of one file that call us."""

    path: Path
    callbacks: Sequence[Callback]


def read_yml(path: Path) -> PatroniYml:
    """Read the callbacks of a file that call us. Raises OSError."""
    lines = path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    return PatroniYml(path, [callback for callback in _callbacks(path, lines) if _is_ours(callback)])


def vips_in(yml: PatroniYml, config: Config | None) -> Iterator[VipConfig]:
    """The VIPs that its callbacks name and that are without a mistake; the findings tell of the others."""
    for callback in yml.callbacks:
        try:
            for asked in requests_of(callback):
                yield from vips_of(asked, config or Config())
        except ConfigError:
            continue


def look_at_patroni(yml: PatroniYml, config: Config | None, trouble: Trouble) -> Iterator[Finding]:
    """All findings about one file; `trouble` is what keeps Patroni's user, or root, from running programs."""
    if not yml.callbacks:
        message = "no callback that calls us was found; only lines such as `on_start: /...` are looked at"
        yield warning(str(yml.path), message, f"on_start: /usr/local/bin/{HOOK} NAME, and so on")
        return
    for callback in yml.callbacks:
        yield from _program(callback, trouble)
        yield from _words(callback, config)
    there = {callback.action for callback in yml.callbacks}
    for action in NEEDED:
        if action not in there:
            message = f"no {action} calls us: {_WITHOUT[action]}"
            yield error(str(yml.path), message, f"{action}: /usr/local/bin/{HOOK} NAME, as for the others")


_WITHOUT = {
    "on_start": "a leader that Patroni finds running does not take the VIP",
    "on_stop": "a leader that is stopped keeps the VIP's address",
    "on_role_change": "no failover moves the VIP",
}


def requests_of(callback: Callback) -> list[Options]:
    """What the callback will read from its words: the VIP, and the standby's. Raises ConfigError."""
    _, *words = callback.called
    appended = () if callback.action == patroni.BEFORE_STOP else (callback.action, "replica", "main")
    told = patroni.understood([*words, *appended])
    if isinstance(told, str):
        raise ConfigError(told, hint=f"{callback.action}: {callback.called[0]} NAME")
    _, *flags = told.vip
    return [one_vip(words) for words in (told.vip, [told.standby, *flags]) if words[0]]


def _program(callback: Callback, trouble: Trouble) -> Iterator[Finding]:
    program, by_sudo = callback.called[0], callback.called != callback.words
    if by_sudo:
        message = "runs by sudo: Patroni may not kill it, and the next callback waits for it"
        yield warning(callback.where, message, "let the agent do the work, and leave sudo out")
    if not program.startswith("/"):
        message = f"{program} is looked for in Patroni's PATH"
        yield warning(callback.where, message, "write the whole path")
    elif wrong := trouble(program, by_sudo):
        fix = "vipswitch hooks install patroni, or name a program that it can run"
        yield error(callback.where, f"{program} {wrong}: Patroni goes on without it", fix)


def _words(callback: Callback, config: Config | None) -> Iterator[Finding]:
    try:
        for asked in requests_of(callback):
            yield from look_at_vips(callback.where, asked, config)
    except ConfigError as wrong:
        yield from misunderstood(callback.where, wrong)


def _callbacks(path: Path, lines: Sequence[str]) -> Iterator[Callback]:
    for number, line in enumerate(lines, 1):
        found = _LINE.match(line)
        if found and not found[2].startswith(_OTHER_YAML):
            yield Callback(found[1], f"{path}:{number}: {found[1]}", _split(_scalar(found[2])))


def _scalar(value: str) -> str:
    """A plain scalar, or one in quotes."""
    quote = value[0]
    if quote in "'\"" and (end := value.find(quote, 1)) > 0:
        return value[1:end]
    return _PLAIN.sub("", value)


def _split(command: str) -> tuple[str, ...]:
    """As Patroni does it; what it could not split is one word."""
    try:
        return tuple(shlex.split(command))
    except ValueError:
        return (command,)


def _is_ours(callback: Callback) -> bool:
    path = Path(callback.called[0]) if callback.called else Path()
    return path.name == HOOK or path.parts[-2:] == ("hooks", "patroni")
