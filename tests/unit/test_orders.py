"""The order book: newest wins, one lock per VIP, files that survive crashes and strangers."""

from __future__ import annotations

import json
import multiprocessing
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from vipswitch import orders, processes
from vipswitch.deadline import Deadline, SystemClock
from vipswitch.errors import HostError, Lost, TimeUp
from vipswitch.folders import run_folder
from vipswitch.model import Verb
from vipswitch.orders import Order, OrderBook, OrderState
from vipswitch.processes import Bringer, Caller, Process

CLOCK = SystemClock()


def soon() -> Deadline:
    return Deadline(2.0, CLOCK)


def order(verb: Verb = Verb.UP, started: int = 100, caller: Process | None = None) -> Order:
    by = Process(4711, started)
    return Order("primary", verb, by, caller, processes.boot_id(), runner=caller, asked_by="pgpool")


@pytest.fixture
def book(tmp_path: Path) -> OrderBook:
    """An empty order book."""
    return OrderBook(tmp_path, CLOCK)


def test_order_survives_the_process_that_took_it(book: OrderBook, tmp_path: Path) -> None:
    """What was asked last is found by the next hook."""
    taken = order(caller=Process(12, 34))
    book.take(taken, soon())
    assert OrderBook(tmp_path, CLOCK).last("primary") == taken


def test_newer_order_replaces_an_older_one(book: OrderBook) -> None:
    """The one that was started later wins."""
    book.take(order(Verb.UP, 100), soon())
    book.take(order(Verb.DOWN, 101), soon())
    assert book.last("primary") == order(Verb.DOWN, 101)


def test_older_order_cannot_replace_a_newer_one(book: OrderBook) -> None:
    """Whatever order they arrive in."""
    book.take(order(Verb.DOWN, 101), soon())
    with pytest.raises(Lost, match="newer `down`"):
        book.take(order(Verb.UP, 100), soon())


def test_superseded_order_cannot_touch_the_host(book: OrderBook) -> None:
    """The question and the change are one, under the lock."""
    book.take(order(Verb.UP, 100), soon())
    book.take(order(Verb.DOWN, 101), soon())
    with pytest.raises(Lost), book.newest(order(Verb.UP, 100), soon()):
        pytest.fail("the host was touched")


def test_end_of_a_superseded_order_is_not_noted(book: OrderBook) -> None:
    """A slow `up` does not write over the `down` that replaced it."""
    book.take(order(Verb.UP, 100), soon())
    book.take(order(Verb.DOWN, 101), soon())
    book.end(order(Verb.UP, 100), OrderState.DONE, {})
    assert book.last("primary") == order(Verb.DOWN, 101)


def test_end_of_an_order_is_noted_with_what_was_seen(book: OrderBook) -> None:
    """The holder that was replaced is remembered per place."""
    book.take(order(), soon())
    book.end(order(), OrderState.DONE, {"rtb-1": "eni-old", "rtb-2": None})
    last = book.last("primary")
    assert last == replace(order(), state=OrderState.DONE, first_seen={"rtb-1": "eni-old", "rtb-2": None})


@pytest.mark.parametrize("garbage", [b"", b"{", b"[]", b'{"vip": 1}', b"\xff\xfe"])
def test_garbage_in_the_file_is_no_order(book: OrderBook, tmp_path: Path, garbage: bytes) -> None:
    """A half-written or foreign file neither stops nor misleads anybody."""
    (tmp_path / "order-primary").write_bytes(garbage)
    assert book.last("primary") is None
    book.take(order(), soon())
    assert book.last("primary") == order()


def _hold(folder: Path, ready: str) -> None:
    with OrderBook(folder, CLOCK).alone("rtb-1", soon()):
        Path(ready).touch()
        Path(ready + ".go").exists() or os.read(os.open(ready + ".fifo", os.O_RDONLY), 1)


def test_lock_of_an_object_excludes_other_processes(book: OrderBook, tmp_path: Path) -> None:
    """Writes to one object are made one after the other; waiting ends at the deadline."""
    ready = str(tmp_path / "ready")
    os.mkfifo(ready + ".fifo")
    child = multiprocessing.get_context("spawn").Process(target=_hold, args=(tmp_path, ready))
    child.start()
    assert CLOCK.until(Path(ready).exists, 20.0)
    with pytest.raises(TimeUp), book.alone("rtb-1", Deadline(0.05, CLOCK)):
        pytest.fail("two held the lock")
    with book.alone("rtb-2", soon()):
        os.write(os.open(ready + ".fifo", os.O_WRONLY), b"!")
    child.join()
    with book.alone("rtb-1", soon()):
        assert child.exitcode == 0


def test_files_follow_no_link(book: OrderBook, tmp_path: Path) -> None:
    """The folder may belong to the postgres user while root writes there."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "order-primary.lock").symlink_to(victim)
    with pytest.raises(HostError):
        book.take(order(), soon())
    assert victim.read_text() == "precious"


def test_files_are_closed_to_strangers(book: OrderBook, tmp_path: Path) -> None:
    """Owner and group of the folder, nobody else."""
    book.take(order(), soon())
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {0o660}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give the folder to somebody else")
def test_what_root_makes_belongs_to_the_folders_owner(tmp_path: Path) -> None:
    """A person's command must not shut out the hooks of the postgres user."""
    folder = tmp_path / "run"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    OrderBook(folder, CLOCK).take(order(), soon())
    assert {path.stat().st_uid for path in folder.iterdir()} == {65534}


def test_folder_that_everybody_can_write_to_is_refused(tmp_path: Path) -> None:
    """Orders of strangers are no orders."""
    tmp_path.chmod(0o777)
    with pytest.raises(HostError):
        run_folder(tmp_path)


def test_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    """Somebody else may have put it there."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(HostError):
        run_folder(tmp_path / "link")


@pytest.mark.parametrize(
    ("verb", "last", "caller", "repeated"),
    [
        (Verb.UP, Verb.UP, Process(1, 50), True),
        (Verb.UP, Verb.UP, Process(1, 150), False),
        (Verb.UP, Verb.UP, None, False),
        (Verb.UP, Verb.DOWN, Process(1, 50), False),
        (Verb.DOWN, Verb.UP, Process(1, 50), False),
        (Verb.UP, None, Process(1, 50), False),
    ],
    ids=["watchdog", "fresh escalation", "person", "after down", "down", "first"],
)
def test_only_up_after_up_by_an_older_caller_is_a_repeat(
    verb: Verb, last: Verb | None, caller: Process | None, repeated: bool
) -> None:
    """The watchdog process lives long; an escalation is a process of its own."""
    before = order(last, started=100) if last else None
    assert orders.repeats(order(verb, started=200, caller=caller), before) is repeated


def test_own_process_is_alive_and_a_recycled_pid_is_not() -> None:
    """A process is its pid and its start time."""
    me = processes.me()
    assert processes.alive(me)
    assert not processes.alive(Process(me.pid, me.started + 1))
    assert processes.age_s(me) < 3600 * 24


FULL = Order(
    "primary",
    Verb.UP,
    Process(4711, 100),
    Process(800, 10),
    processes.boot_id(),
    state=OrderState.PENDING,
    first_seen={"rtb-1": "eni-a", "rtb-2": None},
    runner=Process(810, 90),
    asked_by="pgpool",
    worker=Process(900, 20),
    taken_s=12.5,
)


def test_everything_about_an_order_is_written_down(book: OrderBook, tmp_path: Path) -> None:
    """The agent that resumes it knows as much as the one that took it."""
    book.take(FULL, soon())
    assert OrderBook(tmp_path, CLOCK).last("primary") == FULL


@pytest.mark.parametrize("key", ["by", "boot_id", "worker", "taken_s", "state", "first_seen"])
def test_a_file_that_lacks_something_is_no_order(book: OrderBook, tmp_path: Path, key: str) -> None:
    """Written by another version: it is better to know nothing than half."""
    book.take(FULL, soon())
    path = tmp_path / "order-primary"
    path.write_text(json.dumps({k: v for k, v in json.loads(path.read_text()).items() if k != key}))
    assert book.last("primary") is None


def test_an_order_is_not_taken_for_a_hook_that_has_taken_it_itself(book: OrderBook) -> None:
    """The agent answered too late; the hook carries it out."""
    book.take(order(), soon())
    with pytest.raises(Lost, match="by itself"):
        book.take(replace(order(), worker=processes.me()), soon(), handed_over=True)
    assert book.last("primary") == order()


def test_a_hook_takes_its_own_order_back_from_an_agent_that_has_ended(book: OrderBook) -> None:
    """It goes on without it, under the same generation."""
    handed = replace(order(), worker=Process(900, 20))
    book.take(handed, soon(), handed_over=True)
    assert book.take(order(), soon()) == handed
    assert book.last("primary") == order()


@pytest.mark.parametrize(("pid", "later"), [(4711, 4712), (32767, 301), (4194303, 300)])
@pytest.mark.parametrize("verb", list(Verb))
def test_of_two_orders_of_one_tick_the_later_pid_wins(
    book: OrderBook, verb: Verb, pid: int, later: int
) -> None:
    """Whichever comes first: the kernel counts hundredths of a second, and pids start anew at their end."""
    first = replace(order(Verb.UP), by=Process(pid, 100))
    second = replace(order(verb), by=Process(later, 100))
    book.take(first, soon())
    book.take(second, soon())
    assert book.last("primary") == second
    with pytest.raises(Lost):
        book.take(first, soon())


def test_the_agents_own_order_yields_to_one_of_the_same_tick(book: OrderBook) -> None:
    """Its pid says nothing about when an authority was asked."""
    own = replace(order(Verb.UP), by=Process(5000, 100), asked_by=orders.AGENT)
    book.take(own, soon())
    book.take(order(Verb.DOWN), soon())
    assert book.last("primary") == order(Verb.DOWN)
    with pytest.raises(Lost):
        book.take(own, soon())


def test_what_is_noted_keeps_an_order_pending_in_the_hands_of_this_process(book: OrderBook) -> None:
    """A round has failed; another is to come."""
    book.take(FULL, soon())
    book.note(FULL, {"rtb-1": "eni-b"})
    assert book.last("primary") == replace(FULL, worker=processes.me(), first_seen={"rtb-1": "eni-b"})


def test_nothing_is_noted_for_an_order_that_was_replaced(book: OrderBook) -> None:
    """It is not pending any more."""
    newer = replace(FULL, verb=Verb.DOWN, by=Process(4712, 101))
    book.take(FULL, soon())
    book.take(newer, soon())
    book.note(FULL, {"rtb-1": "eni-b"})
    assert book.last("primary") == newer


ALIVE, DEAD = processes.me(), Process(processes.me().pid, 1)


@pytest.mark.parametrize(
    ("state", "worker", "by", "at_work"),
    [
        (OrderState.PENDING, ALIVE, DEAD, True),
        (OrderState.PENDING, DEAD, ALIVE, False),
        (OrderState.PENDING, None, ALIVE, True),
        (OrderState.PENDING, None, DEAD, False),
        (OrderState.FAILED, ALIVE, ALIVE, False),
        (OrderState.DONE, ALIVE, ALIVE, False),
    ],
)
def test_an_order_is_in_progress_while_its_worker_lives(
    state: OrderState, worker: Process | None, by: Process, at_work: bool
) -> None:
    """The agent outlives the hook that brought it, and the other way round."""
    assert replace(FULL, state=state, worker=worker, by=by).in_progress() is at_work


@pytest.mark.parametrize(("caller", "somebody"), [(ALIVE, True), (DEAD, False), (None, False)])
def test_somebody_stands_behind_an_order_while_its_caller_lives(
    caller: Process | None, somebody: bool
) -> None:
    """Nobody ever does behind a person's."""
    assert replace(FULL, caller=caller).has_somebody_behind() is somebody


def test_an_order_that_was_brought_knows_who_asked_and_who_works() -> None:
    """This process works for a hook that was called by Pgpool-II, or by a person."""
    hook = Process(4711, 100)
    asked = orders.brought(
        "primary", Verb.UP, Bringer(hook, Caller("pgpool", Process(800, 10), Process(810, 90)))
    )
    assert (asked.by, asked.generation, asked.worker) == (hook, 100, processes.me())
    assert (asked.caller, asked.runner, asked.asked_by) == (Process(800, 10), Process(810, 90), "pgpool")
    person = orders.brought("primary", Verb.UP, Bringer(hook, None))
    assert (person.caller, person.runner, person.asked_by) == (None, None, orders.PERSON)
    assert CLOCK.now().boot - 5.0 < person.taken_s <= CLOCK.now().boot


def test_whether_an_up_is_a_repeat_is_told_by_the_process_that_waits_for_it() -> None:
    """Pgpool-II's parent is older than everything; the escalation that it forks is not."""
    last = order(Verb.UP, 100)
    fresh = replace(order(Verb.UP, 200), caller=Process(1, 5), runner=Process(2, 150))
    assert not orders.repeats(fresh, last)
    assert orders.repeats(replace(fresh, runner=Process(2, 99)), last)


@pytest.mark.parametrize("program", ["keepalived", "patroni", "pacemaker", "follow"])
def test_nobody_but_pgpool_repeats_himself(program: str) -> None:
    """The same process lives on from one promotion to the next, and the `down` between may be late."""
    last = order(Verb.UP, 100)
    again = replace(order(Verb.UP, 200), caller=Process(1, 5), runner=Process(2, 50), asked_by=program)
    assert not orders.repeats(again, replace(last, asked_by=program))


def test_an_order_repeats_nothing_of_its_own_hook() -> None:
    """The hook goes on without the agent that had taken it."""
    again = replace(order(Verb.UP, 100), runner=Process(2, 50))
    assert not orders.repeats(again, again)
