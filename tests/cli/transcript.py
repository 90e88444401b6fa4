"""Transcripts: what a person types and sees, as text files that the tests run again.

    A sentence or two about the case; `needs: root` or `needs: files of our own` on a line of its own where
    it does.

    $ vipswitch up primary --node a        what is typed, in an empty folder
    primary 10.99.0.50: up done in N ms    stdout
    ! vipswitch: hint: ...                 stderr
    ...                                    any number of lines
    [exit 4]                               unless it is 0

    -- vipswitch.toml --                   a file that lies there at the start
    [vip.primary]

Durations are N, the folder is /tmp/case, this machine HOST, its links LINKS, the folder of our executables
SCRIPTS; several blanks count as two.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path

_FILE = re.compile(r"^-- (\S+) --\n", re.MULTILINE)
_NUMBERS = re.compile(r"(?<= in )\d+(?= ms)|(?<=ms=)\d+|(?<=\"seconds\": )[\d.]+")


@dataclass(frozen=True)
class Case:
    """One transcript: what is said of it, each command with what it shows, the files there are."""

    about: str
    steps: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]


def read(text: str) -> Case:
    """Take a transcript apart."""
    script, *rest = _FILE.split(text)
    about, *steps = re.split(r"^\$ ", script, flags=re.MULTILINE)
    shown = tuple((step.partition("\n")[0], step.partition("\n")[2].strip("\n")) for step in steps)
    return Case(about, shown, tuple(zip(rest[::2], rest[1::2], strict=True)))


def lay_out(case: Case, folder: Path) -> None:
    """Make the files of a case; the config is empty where it has none."""
    for name, content in (("vipswitch.toml", ""), *case.files):
        (folder / name).write_text(content.replace("/tmp/case", str(folder)))


def run(command: str, folder: Path) -> tuple[str, float]:
    """What a command shows, and how many seconds it takes."""
    environment = {
        "PATH": f"{sysconfig.get_path('scripts')}:{os.defpath}:/usr/sbin:/sbin",
        "VIPSWITCH_CONFIG": str(folder / "vipswitch.toml"),
        "VIPSWITCH_RUN_DIR": str(folder / "run"),
        "COLUMNS": "110",
    }
    began = time.monotonic()
    shell = ["/bin/sh", "-c", command.replace("/tmp/case", str(folder))]
    done = subprocess.run(
        shell, cwd=folder, env=environment, capture_output=True, text=True, timeout=30, check=False
    )
    seconds = time.monotonic() - began
    lines = [*done.stdout.splitlines(), *(f"! {line}" for line in done.stderr.splitlines())]
    lines += [f"[exit {done.returncode}]"] if done.returncode else []
    return "\n".join(_plain(line, folder) for line in lines), seconds


def agrees(shown: str, expected: str) -> bool:
    """Whether it is what the transcript says, where `...` stands for any lines."""
    lines = (r"(?:\n.*)*" if line == "..." else re.escape(f"\n{line}") for line in expected.split("\n"))
    return re.fullmatch("".join(lines), f"\n{shown}") is not None


def _plain(line: str, folder: Path) -> str:
    line = line.replace(str(folder), "/tmp/case").replace(sysconfig.get_path("scripts"), "SCRIPTS")
    line = line.replace(socket.gethostname(), "HOST")
    line = re.sub(r"(?<=name one of ).*", "LINKS", _NUMBERS.sub("N", line))
    return re.sub(r"(?<=\S) {2,}|^ +(?=→)", "  ", line).rstrip()
