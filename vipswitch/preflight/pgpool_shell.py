"""wd_escalation_command and wd_de_escalation_command, which /bin/sh runs: the calls of vipswitch in them.

Enough of the shell's grammar for the lines that people write there: words and quotes, `;`, `&&`, `|`,
redirections, assignments in front. Variables and substitutions stay as they are written.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from vipswitch.errors import ConfigError
from vipswitch.preflight.pgpool_command import behind_sudo
from vipswitch.preflight.pgpool_line import is_ours

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_OPERATORS = frozenset(";&|()<>")


def calls_in(command: str) -> list[tuple[str, ...]]:
    """The words of each call of vipswitch. Raises ConfigError for a quote that stays open."""
    called = (behind_sudo(_without_assignments(words)) for words in _simple_commands(command))
    return [words for words in called if is_ours(words)]


def _simple_commands(command: str) -> Iterator[list[str]]:
    words: list[str] = []
    redirects = False
    for token in (*_tokens(command), ";"):
        if redirects:
            redirects = False
        elif token[0] in "<>":
            words = words[:-1] if words and words[-1].isdigit() else words  # the 2 of 2>&1
            redirects = True
        elif token[0] in _OPERATORS:
            yield words
            words = []
        else:
            words.append(token)


def _tokens(command: str) -> list[str]:
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        return [token for token in lexer if token]
    except ValueError as wrong:
        raise ConfigError(f"the shell cannot read {command!r}", hint="close the quote") from wrong


def _without_assignments(words: list[str]) -> list[str]:
    while words and _ASSIGNMENT.match(words[0]):
        words = words[1:]
    return words
