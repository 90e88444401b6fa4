"""Runs the tiers one after the other and prints how long each took and how many tests ran.

The end-to-end tier needs Debian packages. As root and with CI set they are installed, while the source is
looked at; otherwise what is missing is said and that tier is skipped.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CLOSING = re.compile(r"(\d+) (passed|failed|errors?|skipped)")

UNIT = ["-q", "--ignore=tests/e2e"]
SIDE_BY_SIDE = ["-n", str((os.cpu_count() or 1) + 1), "--dist", "loadfile", "--no-loadscope-reorder"]
"""One process more than cores, because some tests mostly wait."""


TIMED = [str(path) for path in sorted(ROOT.glob("tests/**/test_*.py")) if "mark.timed" in path.read_text()]
"""The files that have such tests: to collect all the others takes longer than to run these."""

TIERS = {
    "lint": [[BIN / "ruff", "check", "."], [BIN / "ruff", "format", "--check", "."]],
    "types": [[BIN / "mypy"]],
    "unit": [
        [BIN / "pytest", *UNIT, "-m", "not timed", *SIDE_BY_SIDE],
        [BIN / "pytest", "-q", "-s", "-m", "timed", *TIMED],
    ],
    "e2e": [[BIN / "pytest", "-q", "-s", "tests/e2e"]],
}

BESIDE_INSTALLING = ("lint", "types")


def main() -> int:
    """Run every tier, also after one failed, and sum up."""
    environment = {**os.environ, **({"VIPSWITCH_REPEAT": "3"} if "--full" in sys.argv else {})}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # thousands of processes would compile us anew
    installs = _installing_packages()
    counts: dict[str, int] = {}
    summary = []
    for tier, commands in TIERS.items():
        began = time.monotonic()
        if tier not in BESIDE_INSTALLING and installs and installs.wait() != 0:
            raise SystemExit("tests/e2e/install-deps failed")
        codes = [_run(command, environment, counts) for command in commands]
        summary.append((tier, max(codes), time.monotonic() - began))
    print()
    for tier, code, seconds in summary:
        print(f"{tier:<6} {'ok' if code == 0 else 'FAILED':<7} {seconds:6.1f} s")
    failed = counts.get("failed", 0) + counts.get("error", 0)
    print(f"{counts.get('passed', 0)} passed, {failed} failed, {counts.get('skipped', 0)} skipped")
    return max(code for _, code, _ in summary)


def _installing_packages() -> subprocess.Popen[bytes] | None:
    if os.environ.get("CI") and os.geteuid() == 0:
        return subprocess.Popen([ROOT / "tests/e2e/install-deps"], cwd=ROOT)
    return None


def _run(command: list[object], environment: dict[str, str], counts: dict[str, int]) -> int:
    """Run one command, pass its output on as it comes, and count the tests of its closing line."""
    words = [str(word) for word in command]
    print(f"\n$ {' '.join([Path(words[0]).name, *words[1:]])}", flush=True)
    last = ""
    with subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line if CLOSING.search(line) else last
    if Path(words[0]).name == "pytest":
        for number, what in CLOSING.findall(last):
            counts[what.rstrip("s") if what.startswith("error") else what] = int(number) + counts.get(
                what.rstrip("s") if what.startswith("error") else what, 0
            )
    return process.returncode


if __name__ == "__main__":
    sys.exit(main())
