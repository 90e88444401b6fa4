"""`make demo` as a person runs it: what it says is true, and it leaves nothing behind."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping

import pytest

from tests.demo.performance import Performance
from vipswitch.demo import onefile, responder

ALL = ["packets", "user", "asked", "forbidden"]
WITH_PACKETS = ["packets", "user"]
WITHOUT_PACKETS = ["asked", "forbidden"]


@pytest.mark.parametrize("performance", ALL, indirect=True)
def test_it_ends_well_and_leaves_no_file(performance: Performance) -> None:
    """Exit code 0, nothing on stderr, nothing in the folder for temporary files."""
    ended = performance.wait()
    assert (ended.code, ended.err) == (0, ""), ended.out
    assert performance.temporary == []


@pytest.mark.parametrize("performance", ALL, indirect=True)
def test_it_tells_the_story_on_a_pipe(performance: Performance) -> None:
    """The chapters, the client's line, the gap and its parts, what came of the late `down`, what is next."""
    out = performance.wait().out
    found = re.findall(r"^(\d)\. .*?(n\d|a node|`vipswitch status)", out, re.MULTILINE)
    assert [number for number, _ in found] == ["1", "2", "3", "4"]
    assert re.fullmatch(r"(\d)\1+·+(\d)\2+", _line(out, chapter=2)), out
    assert re.search(r"n\d +runs vipswitch-if-up 10\.99\.0\.50", out)
    assert re.search(r"client +is answered by n\d after \d+ ms of silence", out)
    assert re.search(r"^The client waited \d+ ms:$", out, re.MULTILINE)
    assert re.search(r"unchanged; 0 of \d+ probes lost", out)
    assert "Next: README.md" in out


@pytest.mark.parametrize("performance", ALL, indirect=True)
def test_a_pipe_gets_no_control_sequences(performance: Performance) -> None:
    """Whoever keeps the output can read it."""
    assert "\x1b" not in performance.wait().out


@pytest.mark.parametrize("performance", WITH_PACKETS, indirect=True)
def test_the_cloud_is_written_and_read_back(performance: Performance) -> None:
    """The write to each table, the read-back, and a late `down` that looks and leaves the routes alone."""
    out = performance.wait().out
    assert re.search(r"AWS +ReplaceRoute clients' table → (n\d): done", out)
    assert re.search(r"AWS +ReplaceRoute nodes' table → (n\d): done", out)
    assert re.search(r"AWS +DescribeRouteTables: done", out)
    assert re.search(r"n\d +remove-address 10\.99\.0\.50 done", out)
    assert "asked AWS for 1 DescribeRouteTables; routes unchanged" in out


@pytest.mark.parametrize("performance", WITHOUT_PACKETS, indirect=True)
def test_without_packets_it_says_so_and_asks_the_local_aws(performance: Performance) -> None:
    """One line with the reason; then what `up` would ask of AWS, and what is read there."""
    out = performance.wait().out
    assert re.search(r"^No packets, because .*: a file is the cloud", out, re.MULTILINE)
    assert re.search(r"ec2:ReplaceRoute RouteTableId=rtb-\w+ DestinationCidrBlock=10\.99\.0\.50/32", out)
    assert re.search(r"other +rtb-\w+ 10\.99\.0\.50 +eni-\w+", out)


@pytest.mark.parametrize("performance", ["forbidden"], indirect=True)
def test_where_namespaces_are_forbidden_the_reason_is_the_kernels(performance: Performance) -> None:
    """Nobody has to guess what to install or to permit."""
    assert "there are no network namespaces here (unshare: " in performance.wait().out


def test_pgpool_is_used_where_it_is_installed(performances: Mapping[str, Performance]) -> None:
    """And where it is not, its part is played, which is said."""
    for name, said in (("packets", r"caller +(Pgpool-II \d|played by the demo)"), ("user", "played by the")):
        if name in performances:
            assert re.search(said, performances[name].wait().out)


@pytest.mark.parametrize("number", [pytest.param(signal.SIGINT, marks=pytest.mark.full), signal.SIGTERM])
def test_stopped_in_the_middle_it_leaves_no_process_and_no_namespace(
    packets: Performance, number: signal.Signals
) -> None:
    """One line; and a namespace that no process is in and no file names is gone."""
    packets.wait_for("is dead, and nobody runs its `down`")
    ended, left = packets.stop(number)
    assert ended.code == 128 + number
    assert ended.err == f"demo: stopped by {number.name}; nothing is left behind\n"
    assert left == set()
    assert packets.temporary == []


@pytest.mark.full
def test_killed_it_leaves_no_process_all_the_same(packets: Performance) -> None:
    """Nobody can catch SIGKILL; what runs inside the namespaces ends with it."""
    packets.wait_for("1. a node is chosen")
    _, left = packets.stop(signal.SIGKILL)
    assert left == set()


@pytest.mark.full
def test_stopped_without_namespaces_it_leaves_nothing_either(one_file: Performance) -> None:
    """No process, no folder."""
    one_file.wait_for("is dead, and nobody runs its `down`")
    ended, left = one_file.stop(signal.SIGINT)
    assert (ended.code, left, one_file.temporary) == (130, set(), [])


def test_what_a_killed_run_left_is_swept_by_the_next(
    one_file: Performance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its processes end by themselves, its folder goes when the next run makes its own."""
    one_file.wait_for("1. a node is chosen")
    _, left = one_file.stop(signal.SIGKILL)
    assert left == set()
    (old,) = one_file.temporary
    monkeypatch.setattr(tempfile, "tempdir", str(old.parent))
    with onefile.own_folder() as new:
        assert one_file.temporary == [new]


def test_a_service_whose_parent_was_gone_before_it_began_ends_at_once() -> None:
    """On a busy machine the demo can be killed before its services have looked whose they are."""
    not_its_parent = "-1"
    command = [sys.executable, "-I", "-S", responder.__file__, "127.0.0.1:0", "n1", not_its_parent]
    assert subprocess.run(command, timeout=20).returncode == 0


def _line(out: str, *, chapter: int) -> str:
    """The client's line of a chapter, in one piece."""
    told = out.split(f"\n{chapter}. ")[1].split(f"\n{chapter + 1}. ")[0]
    return re.sub(r"\s", "", told.rpartition("· silence\n")[2])
