"""The pure parts of the benchmark: figures, turns, verdicts, and what is written of them."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest

from bench import agenda, results
from bench.azure.places import TABLES, IpConfiguration, Routes
from bench.contenders import AGENT, ALL, BY_KEY, FLOOR, HOOK, SAMPLE, Contender
from bench.figures import Call, Ran, Run, in_series, run_of
from bench.ground import Ground
from bench.method import Method
from bench.methods import METHODS
from bench.report import page
from bench.results import Cell, Machine, Measured, Rest, Results
from bench.rounds import in_turn
from bench.sentences import sentences
from bench.tables import all_tables, milliseconds
from bench.targets import TARGETS, verdicts
from vipswitch.testing.azure import AzureCloud, build

RUN = Run(
    whole_s=0.1,
    cpu_s=0.02,
    agent_cpu_s=0.0,
    write_s=0.02,
    moved_s=0.03,
    calls=2,
    in_series=2,
    writes=1,
    call_s=0.005,
    read_s=0.004,
)


class Names(dict[str, str]):
    """Every name there is."""

    def __missing__(self, word: str) -> str:
        return f"the-{word}"


GROUND = Ground("https://127.0.0.10:1", ["rt"], Names(), {})


def call(received_s: float, answered_s: float | None, *, writes: bool = False, works: bool = True) -> Call:
    """A call that was committed just before its answer, if it is a write that works."""
    committed_s = answered_s if writes and works else None
    return Call("Any", writes, received_s, committed_s, answered_s)


def measured(contender: Contender, cell: Cell, **figures: float) -> Measured:
    """Three equal runs."""
    return Measured(cell, contender.key, (replace(RUN, **figures),) * 3)  # type: ignore[arg-type]


def resting(cloud: str, *, resident_mb: float = 89.0, cpu_s: float = 0.29, reads: int = 13) -> Rest:
    """An agent with a route, as good as it must be."""
    return Rest(f"{cloud}-route-table", 60.0, resident_mb, cpu_s, reads)


def good() -> Results:
    """Results that meet every target, each by a hair."""
    slow, many = Cell(latency_ms=100), Cell(tables=50, latency_ms=100)
    routes = [Cell("azure-route-table", latency_ms=ms) for ms in (0, 100)]
    found = (
        measured(AGENT, Cell(), write_s=0.0249, whole_s=0.039),
        measured(HOOK, Cell(), whole_s=0.389, read_s=0.004),
        measured(SAMPLE, Cell(), write_s=0.88, whole_s=0.98),
        measured(FLOOR, Cell(), whole_s=0.3),
        measured(AGENT, slow, write_s=0.0249, whole_s=0.229, call_s=0.1),
        measured(HOOK, slow, whole_s=0.5),
        measured(AGENT, many, whole_s=0.68),
        measured(HOOK, many, whole_s=1.49),
        measured(AGENT, Cell("aws-route53"), write_s=0.0289, read_s=0.004),
        measured(AGENT, routes[0], write_s=0.0289, read_s=0.004),
        measured(FLOOR, routes[0], write_s=0.348),
        measured(AGENT, routes[1], write_s=0.1249, read_s=0.1),
        measured(HOOK, routes[1], calls=4, writes=1),
        measured(HOOK, routes[0], calls=4, writes=1),
        measured(HOOK, Cell("azure-ip-configuration"), calls=11, writes=2),
    )
    machine = Machine(2, "3.11.0", {"boto3": "1.0"})
    return Results(machine, found, (resting("aws"), resting("azure")))


def spoiled(number: int, **figures: float) -> Results:
    """The same, with one of its measurements changed."""
    found = list(good().measured)
    one = found[number]
    found[number] = replace(one, runs=tuple(replace(run, **figures) for run in one.runs))  # type: ignore[arg-type]
    return replace(good(), measured=tuple(found))


def rested(rest: Rest) -> Results:
    """The same, with one agent that rested otherwise."""
    others = [each for each in good().rests if each.method != rest.method]
    return replace(good(), rests=(*others, rest))


def missed(found: Results) -> set[str]:
    """The demands that are not met."""
    return {verdict.demand for verdict in verdicts(found) if not verdict.met}


def test_calls_at_the_same_time_count_once_in_series() -> None:
    """Fifty writes side by side and a read after them are two in series."""
    writes = [call(0.02 + n / 1000, 0.2 + n / 1000, writes=True) for n in range(50)]
    assert in_series([*writes, call(0.3, 0.4)]) == 2


def test_a_call_without_an_answer_is_in_no_series() -> None:
    """Nothing can have waited for it."""
    assert in_series([call(0.0, None), call(0.1, 0.2)]) == 1


def test_a_refused_write_is_not_the_one_that_counts() -> None:
    """The sample's create-route fails; the VIP moves with the replace-route after it."""
    refused = call(0.4, 0.41, writes=True, works=False)
    run = run_of(Ran(1.0, 0.9), [refused, call(0.9, 0.91, writes=True)])
    assert (run.write_s, run.moved_s, run.calls, run.writes) == (0.9, 0.91, 2, 2)


def test_the_first_and_the_last_of_several_writes_are_told_apart() -> None:
    """The first has reached the cloud long before the last has taken effect."""
    run = run_of(Ran(1.0, 0.9), [call(n / 10, n / 10 + 0.05, writes=True) for n in (1, 2, 3)])
    assert (run.write_s, run.moved_s) == (0.1, 0.35)


def test_a_run_in_which_nothing_changed_has_no_figures() -> None:
    """It measured no takeover."""
    with pytest.raises(ValueError, match="no call changed anything"):
        run_of(Ran(1.0, 0.9), [call(0.1, 0.2)])


def test_contenders_take_turns() -> None:
    """Whoever runs less often is spread over all rounds, not crowded into the first."""
    turns = list(in_turn({"a": 4, "b": 4, "c": 2}))
    assert {key: turns.count(key) for key in "abc"} == {"a": 4, "b": 4, "c": 2}
    assert turns[:2] == ["a", "b"]
    assert "".join(turns) == "ababcababc"


def test_whole_agenda_has_every_setting() -> None:
    """Each hook runs fifteen times or as often as asked; one table is never measured without everyone."""
    turns = agenda.whole(15)
    assert {(t.cell.tables, t.cell.latency_ms) for t in turns} == {
        (tables, ms) for tables in (1, 3, 10, 50) for ms in (0, 20, 100)
    }
    assert all(turn.counts[key] == 15 for turn in turns for key in (AGENT.key, HOOK.key))
    assert all(set(t.counts) == {c.key for c in ALL} for t in turns[:3])


def test_quick_agenda_has_a_figure_for_every_target_but_rest() -> None:
    """What a target is judged by is measured in a quick run too; the rest of an agent takes minutes."""
    found = tuple(Measured(turn.cell, key, (RUN,)) for turn in agenda.quick(1) for key in turn.counts)
    judged = verdicts(replace(good(), measured=found, rests=()))
    assert {verdict.demand[:13] for verdict in judged if verdict.found == "not measured"} == {"agent at rest"}


def test_everybody_on_the_agenda_has_a_command_line() -> None:
    """Also the floor, wherever it is asked for; the VIPs of two contenders are never the same."""
    for turn in agenda.whole(1):
        method = METHODS[turn.cell.method]
        who = [BY_KEY[key] for key in turn.counts]
        vips = [method.vip(each.number) for each in who]
        assert len(set(vips)) == len(who)
        for each, vip in zip(who, vips, strict=True):
            assert vip in method.words(each, GROUND, vip)


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_the_config_of_a_method_names_its_vip_and_provider(method: Method) -> None:
    """It is TOML, and has no other VIP."""
    config = tomllib.loads(method.config(GROUND, "10.99.0.50"))
    (vip,) = config["vip"].values()
    assert "10.99.0.50" in (vip.get("address"), vip.get("name"))
    assert vip["provider"] == method.name


def test_clouds_are_played_one_after_the_other() -> None:
    """None of them is started twice."""
    for turns in (agenda.whole(1), agenda.quick(1)):
        clouds = [METHODS[turn.cell.method].cloud for turn in turns]
        assert [cloud for cloud, _ in groupby(clouds)] == ["aws", "azure"]


def test_azure_routes_that_are_given_away_are_not_ours() -> None:
    """As far as they are counted, and whoever had them before."""
    azure = AzureCloud()
    topology = build(azure, together=True)
    azure.put(azure.id(TABLES, "rt"), {"location": azure.location, "properties": {}})
    here = Routes(azure, topology, ["rt"])
    there = Routes(azure, replace(topology, nodes=topology.nodes[::-1]), ["rt"])
    for ours, theirs in ((here, there), (there, here)):
        ours.give_away("10.99.0.50", 1)
        assert not ours.are_ours("10.99.0.50", 1)
        assert theirs.are_ours("10.99.0.50", 1)


def test_an_azure_address_that_is_given_away_is_not_ours() -> None:
    """It can be given back and forth, and again to who has it; the nodes keep their own addresses."""
    azure = AzureCloud()
    topology = build(azure, together=True)
    here = IpConfiguration(azure, topology)
    there = IpConfiguration(azure, replace(topology, nodes=topology.nodes[::-1]))
    for ours, theirs in ((here, there), (here, there), (there, here)):
        ours.give_away("10.0.1.50", 1)
        assert not ours.are_ours("10.0.1.50", 1)
        assert theirs.are_ours("10.0.1.50", 1)
    assert here.are_ours(str(topology.nodes[0].private_ip), 1)


def test_good_results_meet_every_target() -> None:
    """All of them are judged."""
    assert len(verdicts(good())) == len(TARGETS)
    assert not missed(good())


@pytest.mark.parametrize(
    ("spoiling", "demand"),
    [
        (spoiled(4, write_s=0.0251), "within 25 ms of the hook's start"),
        (spoiled(2, write_s=0.87), "35 times"),
        (spoiled(0, whole_s=0.0393), "25 times"),
        (spoiled(4, whole_s=0.2301), "2.3 round trips"),
        (spoiled(8, write_s=0.0291), "Route 53"),
        (spoiled(2, whole_s=0.972), "2.5 times"),
        (spoiled(3, whole_s=0.295), "boto3 floor"),
        (spoiled(6, whole_s=0.69), "hook with agent: 50 tables"),
        (spoiled(7, whole_s=1.51), "hook without agent: 50 tables"),
        (spoiled(9, write_s=0.0291), "azure-route-table: its write"),
        (spoiled(11, write_s=0.1251), "azure-route-table: its write"),
        (spoiled(10, write_s=0.346), "12 times sooner"),
        (spoiled(12, calls=5), "azure-route-table: at most 4 requests"),
        (spoiled(13, writes=2), "azure-route-table: at most 4 requests"),
        (spoiled(14, calls=12), "azure-ip-configuration: at most 11 requests"),
        (spoiled(14, writes=3), "azure-ip-configuration: at most 11 requests"),
        *(
            (rested(resting(cloud, **too_much)), f"agent at rest{named}: {demand}")  # type: ignore[arg-type]
            for cloud, named in (("aws", ""), ("azure", ", azure-route-table"))
            for too_much, demand in (
                ({"resident_mb": 90.0}, "below 90 MB"),
                ({"cpu_s": 0.31}, "at most 0.5 %"),
                ({"reads": 14}, "reads every 5 s"),
            )
        ),
    ],
)
def test_a_figure_a_little_too_bad_misses_its_target(spoiling: Results, demand: str) -> None:
    """Each target fails by its own figure."""
    assert any(demand in each for each in missed(spoiling))


def test_what_was_not_measured_is_not_met() -> None:
    """Nobody fools himself by leaving the agent out."""
    found = tuple(each for each in good().measured if each.contender != AGENT.key)
    assert {d for d in TARGETS if d.startswith("hook with agent")} <= missed(replace(good(), measured=found))


def test_the_page_is_computed_from_the_results() -> None:
    """Another figure makes another page, in text, table and verdict."""
    text, other = page(good(), verdicts(good())), spoiled(2, write_s=0.498, whole_s=0.6)
    assert "**35 times** as long" in text
    assert "| **no** |" not in text
    changed = page(other, verdicts(other))
    assert "**20 times** as long" in changed
    assert "| sample (AWS CLI) | 498 (498) | 600 (600) |" in changed
    assert "| **no** |" in changed


def test_nothing_is_said_of_what_was_not_measured() -> None:
    """Without an agent only the hook's own sentences are left."""
    found = tuple(each for each in good().measured if each.contender != AGENT.key)
    said = list(sentences(replace(good(), measured=found, rests=())))
    assert [sentence.split()[0] for sentence in said] == ["Without", "That"]


def test_results_survive_their_file(tmp_path: Path) -> None:
    """What is loaded is what was saved."""
    results.save(good(), tmp_path / "results.json")
    assert results.load(tmp_path / "results.json") == good()


def test_tables_have_a_cell_for_each_column() -> None:
    """Also where a contender was not measured."""
    for table in all_tables(good()):
        assert {len(row) for row in table.rows} == {len(table.columns)}


@pytest.mark.parametrize(("seconds", "text"), [(0.02345, "23.4"), (0.3456, "346"), (55.3174, "55,317")])
def test_milliseconds_are_written_as_people_read_them(seconds: float, text: str) -> None:
    """A decimal where it matters, commas where they help."""
    assert milliseconds(seconds) == text
