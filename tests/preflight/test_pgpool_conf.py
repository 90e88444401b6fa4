"""The reader takes pgpool.conf as Pgpool-II's own lexer does, traps included."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from vipswitch.errors import ConfigError
from vipswitch.preflight.pgpool_conf import parse, read

PATH = Path("/etc/pgpool2/pgpool.conf")

VALUES = [
    ("a = 'b'\n", {"a": "b"}),
    ("a 'b'\n", {"a": "b"}),
    ("a = b.c:/d-e\n", {"a": "b.c:/d-e"}),
    ("a = -5 b=0x1F c = 10min d = 1.5e3\n", {"a": "-5", "b": "0x1F", "c": "10min", "d": "1.5e3"}),
    ("a = 'one' # 'two'\n", {"a": "one"}),
    ("a = 'one'\na = 'two'\n", {"a": "two"}),
    ("a = 'one'\nA = 'two'\n", {"a": "one", "A": "two"}),
    (r"a = 'it\'s'" "\n", {"a": r"it\'s"}),
    (r"a = 'C:\dir'" "\n", {"a": r"C:\dir"}),
    (r"a = 'end\\'" "\n", {"a": r"end\\"}),
    (r"a = 'b\' # it' # end" "\n", {"a": r"b\' # it"}),
    ("a = 'with # hash and \t tab'\n", {"a": "with # hash and \t tab"}),
    ("a = ''\r\nb = 2", {"a": "", "b": "2"}),
    ("# only a comment\n\n", {}),
    ("größe = 'ja'\n", {"größe": "ja"}),
]
STOPS = [
    ("a = 'b''c'\n", 1, "'c'"),
    ("a = 1\n# no newline", 2, "#"),
    ("a = 10.99.0.50\n", 1, ".0"),
    ("a = 1 2\n", 1, "2"),
    ("a = 1\n; comment\n", 2, ";"),
    ("a = = 2\n", 1, "2"),
    ("a = 1\n= 2\n", 2, "="),
]


@pytest.mark.parametrize(("text", "values"), VALUES)
def test_values_are_read_as_pgpool_reads_them(text: str, values: dict[str, str]) -> None:
    """The longest token, one token for a value, nothing unescaped, the last of a name."""
    settings = parse(PATH, text)
    assert {setting.name: setting.value for setting in settings} == values
    assert not any(setting.garbled for setting in settings)


@pytest.mark.parametrize(("text", "line", "word"), STOPS)
def test_what_pgpool_cannot_read_is_an_error_with_its_line(text: str, line: int, word: str) -> None:
    """A doubled quote is one, and so is a comment at the very end without a newline."""
    message = re.escape(f"{PATH}:{line}: Pgpool-II stops here with a syntax error at {word}")
    with pytest.raises(ConfigError, match=message) as caught:
        parse(PATH, text)
    assert caught.value.hint


@pytest.mark.parametrize(("text", "line", "word"), [*((t, 0, "") for t, _ in VALUES), *STOPS])
def test_the_real_pgpool_agrees(text: str, line: int, word: str, tmp_path: Path) -> None:
    """It stops at the same line and word; where it reads on, it stops before it starts, at its pid file."""
    said = _what_pgpool_says(text, tmp_path)
    assert ("syntax error" in said) is bool(line)
    if line:
        stopped = re.search(r"parse error at line (\d+) '(.*)' token", said)
        assert stopped is not None
        assert (int(stopped[1]), stopped[2]) == (line, word)


@pytest.mark.parametrize("text", ['a = "b" c = 3\n', "a =\nb = 2\n", "a = 'open\nc = 3\n", "a\n"])
def test_a_value_that_is_none_is_noticed(text: str) -> None:
    """Pgpool-II takes a single character, or the end of the line, for the value, and does not complain."""
    assert parse(PATH, text)[0].garbled


@pytest.mark.parametrize("value", ["on", "1", "yes", "maybe", "o", "''", "nope", "00"])
def test_whatever_is_no_no_is_a_yes(value: str) -> None:
    """A word that Pgpool-II does not know switches on."""
    assert read(PATH, lambda path: f"use_watchdog = {value}\n").on("use_watchdog")


@pytest.mark.parametrize("value", ["'off'", "F", "of", "no", "N", "0", "'false'"])
def test_a_no_may_be_short(value: str) -> None:
    """Prefixes count, case does not."""
    assert not read(PATH, lambda path: f"use_watchdog = {value}\n").on("use_watchdog", default=True)


def test_lines_are_counted_for_people() -> None:
    """Every finding can say where to look."""
    settings = parse(PATH, "a = 1 b = 2\n# three\n\nc = 4\n")
    assert [(setting.name, setting.line) for setting in settings] == [("a", 1), ("b", 1), ("c", 4)]
    assert settings[2].where == f"{PATH}:4: c"


def test_included_files_count_where_they_stand(tmp_path: Path) -> None:
    """A later setting wins, in whichever file it stands; a relative path starts at the including file."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "pgpool.conf").write_text("a = 1\ninclude = 'sub/more.conf'\nb = 3\n")
    (tmp_path / "sub/more.conf").write_text("a = 2\nb = 2\ninclude 'last.conf'\n")
    (tmp_path / "sub/last.conf").write_text("c = 2\n")
    found = read(tmp_path / "pgpool.conf")
    assert {name: found.text(name) for name in "abc"} == {"a": "2", "b": "3", "c": "2"}
    assert found.settings["a"].where == f"{tmp_path}/sub/more.conf:1: a"


def test_a_missing_or_endless_include_stops_pgpool(tmp_path: Path) -> None:
    """So it stops us, with the place of the include."""
    path = tmp_path / "pgpool.conf"
    path.write_text("a = 1\ninclude = 'nope.conf'\n")
    with pytest.raises(ConfigError, match=rf"{path}:2: include: no such file nope\.conf"):
        read(path)
    path.write_text("include = 'pgpool.conf'\n")
    with pytest.raises(ConfigError, match="included more than 10 deep"):
        read(path)


def test_a_file_that_is_no_text_is_read_all_the_same(tmp_path: Path) -> None:
    """Pgpool-II reads bytes; a Latin-1 comment must not hide the findings."""
    path = tmp_path / "pgpool.conf"
    path.write_bytes("# Größe\na = 'b'\n".encode("latin-1"))
    assert read(path).text("a") == "b"


def _what_pgpool_says(text: str, folder: Path) -> str:
    """Started with a pid file that it cannot open, it reads its config and goes no further."""
    program = shutil.which("pgpool", path="/usr/sbin:/usr/bin")
    if program is None:
        pytest.skip("needs pgpool2")
    for name in ("pcp.conf", "pool_hba.conf"):
        (folder / name).touch()
    (folder / "pgpool.conf").write_text(text)
    (folder / "first.conf").write_text("pid_file_name = '/nonexistent/pgpool.pid'\ninclude = 'pgpool.conf'\n")
    files: list[str | Path] = [
        "-f",
        folder / "first.conf",
        "-F",
        folder / "pcp.conf",
        "-a",
        folder / "pool_hba.conf",
    ]
    done = subprocess.run([program, "-n", *files], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode != 0
    return done.stdout + done.stderr
