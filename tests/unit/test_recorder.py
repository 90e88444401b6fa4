"""The recorder: what the steps of an order leave behind, and the move that it becomes."""

from __future__ import annotations

import threading
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

from vipswitch.deadline import Deadline
from vipswitch.errors import Lost, Unavailable, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Verb, Vip
from vipswitch.move import Kind, Move, Reason, Way
from vipswitch.orders import Order, OrderBook
from vipswitch.plan import AddAddress, Claim, Prepare, Read
from vipswitch.processes import Process, boot_id
from vipswitch.recorder import Observers, Recorder, move_of
from vipswitch.result import Outcome, PlaceResult, Result
from vipswitch.steplog import StepLog
from vipswitch.switch import Switch
from vipswitch.testing.clock import ManualClock
from vipswitch.testing.cloud import FileCloud
from vipswitch.testing.hosts import MemoryHost, Segment
from vipswitch.world import Acknowledged, AddressAdded, OutcomeLost, Prepared, Saw, Troubled

ADDRESS = ip_address("10.99.0.50")
ONE, TWO = Place("rtb-1", ADDRESS), Place("rtb-2", ADDRESS)
VIP = Vip("primary", (ADDRESS,))
ME = NodeId("eni-1")
ORDER = Order("primary", Verb.UP, Process(4711, 1000), Process(411, 400), "this boot")
HELD = Result(VIP, Verb.UP, ME, (PlaceResult(ONE, Outcome.HELD, Holding(ME)),))


def made(recorder: Recorder, order: Order = ORDER, result: Result = HELD, **how: object) -> Move:
    return move_of(order, result, recorder, asked_by="pgpool", **how)  # type: ignore[arg-type]


def test_steps_that_overlap_keep_their_own_times() -> None:
    """Two places move side by side, and the second ends first."""
    clock = ManualClock()
    clock.wait(100)
    recorder = Recorder(clock)
    one, two = Claim(ONE, None), Claim(TWO, None)
    recorder.started(one)
    clock.wait(0.010)
    recorder.started(two)
    clock.wait(0.020)
    recorder.ended(two, [Acknowledged(TWO)], 0.020)
    clock.wait(0.030)
    recorder.ended(one, [Acknowledged(ONE)], 0.060)
    times = {step.places: (step.from_s, step.to_s) for step in recorder.recorded().steps}
    assert times == {(str(ONE),): (0.0, 0.060), (str(TWO),): (0.010, 0.030)}


def test_the_same_step_twice_is_two_records() -> None:
    """A read is made again and again until the cloud shows our write."""
    clock = ManualClock()
    recorder = Recorder(clock)
    for _ in range(2):
        recorder.started(Read((ONE,)))
        clock.wait(0.5)
        recorder.ended(Read((ONE,)), [Saw(ONE, Holding(None))], 0.5)
    steps = recorder.recorded().steps
    assert [(step.from_s, step.to_s) for step in steps] == [(0.0, 0.5), (0.5, 1.0)]
    assert {step.outcome for step in steps} == {"holder=nobody"}


def test_a_failure_is_recorded_with_its_reason() -> None:
    """Whoever looks at the move later sees what stood in its way."""
    recorder = Recorder(ManualClock())
    recorder.ended(Claim(ONE, None), [Troubled(ONE, Unavailable("rtb-1: throttled"))], 0.1)
    recorder.ended(Prepare(), [Prepared(("the check is on",))], 0.1)
    recorder.ended(AddAddress(ADDRESS), [AddressAdded(ADDRESS)], 0.1)
    steps = recorder.recorded().steps
    assert [(s.kind, s.ok) for s in steps] == [
        (Kind.CLAIM, False),
        (Kind.PREPARE, False),
        (Kind.ADD_ADDRESS, True),
    ]
    assert steps[0].outcome == "failed: rtb-1: throttled"


def test_a_read_of_many_places_says_the_same_once() -> None:
    """Fifty tables with one holder are one line, not fifty."""
    many = tuple(Place(f"rtb-{number}") for number in range(50))
    recorder = Recorder(ManualClock())
    recorder.ended(Read(many), [Saw(place, Holding(ME)) for place in many], 0.1)
    recorder.ended(Read(many), [Saw(p, Holding(NodeId(f"eni-{n}"))) for n, p in enumerate(many)], 0.1)
    same, different = recorder.recorded().steps
    assert same.outcome == "holder=eni-1"
    assert different.outcome == "holder=eni-0; holder=eni-1; holder=eni-2; and 47 more"
    assert len(same.places) == 50


def test_a_step_without_an_answer_is_part_of_the_move() -> None:
    """It is where the time went: a request that hung until the deadline."""
    clock = ManualClock()
    recorder = Recorder(clock)
    recorder.started(Claim(ONE, None))
    clock.wait(10)
    (step,) = recorder.recorded().steps
    assert (step.to_s, step.ok, step.outcome) == (10.0, False, "no answer")


def test_a_round_that_is_over_takes_its_open_steps_with_it() -> None:
    """The wait for the next round is not the time of a request that nobody listens to any more."""
    clock = ManualClock()
    recorder = Recorder(clock)
    recorder.started(Claim(ONE, None))
    clock.wait(10)
    recorder.cut_off()
    clock.wait(60)
    (step,) = recorder.recorded().steps
    assert step.to_s == 10.0
    assert recorder.recorded().seconds == 70.0


def test_a_long_move_keeps_its_start_and_its_end() -> None:
    """Ten minutes of tries fill neither the memory nor the history."""
    clock = ManualClock()
    recorder = Recorder(clock)
    for _ in range(1000):
        recorder.started(Read((ONE,)))
        clock.wait(1)
        recorder.ended(Read((ONE,)), [Saw(ONE, Holding(None))], 1)
    move = made(recorder)
    assert (len(move.steps), move.left_out) == (400, 600)
    assert (move.steps[0].from_s, move.steps[-1].to_s) == (0.0, 1000.0)
    assert len(move.to_json()) < 200_000


def test_steps_of_many_threads_are_all_recorded() -> None:
    """Each request runs in a thread of its own."""
    recorder = Recorder(ManualClock())

    def work(number: int) -> None:
        step = Claim(Place(f"rtb-{number}"), None)
        recorder.started(step)
        recorder.ended(step, [Acknowledged(step.place)], 0.1)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({step.places for step in recorder.recorded().steps}) == 100


def test_the_move_says_who_asked_and_since_when_they_run() -> None:
    """Counted from the moment in which the order was taken, so before it."""
    clock = ManualClock()
    clock.wait(10.5)
    recorder = Recorder(clock)
    clock.wait(2)
    move = made(recorder)
    assert (move.asked_by, move.caller, move.hook) == ("pgpool", ORDER.caller, ORDER.by)
    assert (move.caller_started_s, move.hook_started_s) == (-6.5, -0.5)
    assert (move.began, move.seconds, move.node, move.vip) == (10.5, 2.0, "eni-1", "primary")
    assert (move.path, move.reason, move.finished, move.exit_code) == (Way.ALONE, Reason.ORDER, True, 0)


def test_a_person_has_no_caller_and_an_unknown_start_is_none() -> None:
    """Not zero, which would be the boot."""
    order = replace(ORDER, by=Process(4711, 0), caller=None)
    move = made(Recorder(ManualClock()), order)
    assert (move.caller, move.caller_started_s, move.hook_started_s) == (None, None, None)


def test_the_move_says_how_it_ended() -> None:
    """Each place, each error once, and whether the agent goes on."""
    seen = Holding(NodeId("eni-2"))
    wrong: tuple[VipswitchError, ...] = (Lost("held by eni-2"), Lost("held by eni-2"))
    result = Result(VIP, Verb.UP, ME, (PlaceResult(ONE, Outcome.LOST, seen),), errors=wrong, repeated=True)
    move = made(Recorder(ManualClock()), result=result, rounds=3, path=Way.AGENT, finished=False)
    assert [(end.place, end.outcome, end.holder) for end in move.places] == [(str(ONE), "lost", "eni-2")]
    assert (move.errors, move.exit_code) == (("held by eni-2",), Lost.exit_code)
    assert (move.reason, move.rounds, move.path, move.finished) == (Reason.REPEAT, 3, Way.AGENT, False)


def test_a_real_order_becomes_a_move(tmp_path: Path) -> None:
    """Through the real switch; several observers see the same steps."""
    cloud = FileCloud(tmp_path, VIP.addresses)
    clock, recorder, another = cloud.clock, Recorder(cloud.clock), Recorder(cloud.clock)
    switch = Switch(
        VIP,
        cloud.provider("a"),
        MemoryHost("a", Segment()),
        orders=OrderBook(tmp_path, clock),
        clock=clock,
        observer=Observers(StepLog("primary"), recorder, another),
    )
    order = replace(ORDER, caller=None, boot_id=boot_id())
    move = made(recorder, order, switch.carry_out(order, Deadline(5, clock)))
    cloud.close()
    assert Move.from_json(move.to_json()) == move
    assert {end.outcome for end in move.places} == {"held"}
    claimed = {place for step in move.steps if step.kind is Kind.CLAIM for place in step.places}
    assert claimed == {end.place for end in move.places}
    assert another.recorded().steps == recorder.recorded().steps


def look(recorder: Recorder, clock: ManualClock, fact: Saw | OutcomeLost) -> None:
    """A read of 10 ms, a second after the last one."""
    clock.wait(1.0)
    recorder.started(Read((ONE,)))
    clock.wait(0.01)
    recorder.ended(Read((ONE,)), [fact], 0.01)


BUSY = Saw(ONE, Holding(ME, settled=False, busy=True, note="nic-a: Updating"))


def operations(recorder: Recorder) -> list[tuple[float, float, str, bool]]:
    """What was recorded of them."""
    steps = recorder.recorded().steps
    return [(s.from_s, s.to_s, s.outcome, s.ok) for s in steps if s.kind is Kind.OPERATION]


def test_an_operation_of_the_cloud_is_recorded_from_the_first_look_to_the_last() -> None:
    """It is what the time of the move went into, and nothing that this process did."""
    clock = ManualClock()
    recorder = Recorder(clock)
    for fact in (BUSY, BUSY, Saw(ONE, Holding(ME))):
        look(recorder, clock, fact)
    assert operations(recorder) == [(1.01, 3.03, "nic-a: Updating", True)]


def test_an_operation_that_came_to_nothing_says_why() -> None:
    """The cloud had accepted the write."""
    clock = ManualClock()
    recorder = Recorder(clock)
    for fact in (BUSY, OutcomeLost(ONE, Unavailable("nic-a: superseded"))):
        look(recorder, clock, fact)
    assert operations(recorder) == [(1.01, 2.02, "failed: nic-a: superseded", False)]


def test_an_operation_that_outlives_the_order_still_runs() -> None:
    """Its end was not seen."""
    clock = ManualClock()
    recorder = Recorder(clock)
    look(recorder, clock, BUSY)
    assert operations(recorder) == [(1.01, 1.01, "still runs", False)]
