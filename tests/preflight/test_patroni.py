"""What the preflight says of a patroni.yml: are the callbacks there, can they be run, which VIP they mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.preflight.conf import CONFIG, nothing_wrong, said
from vipswitch.config import Config
from vipswitch.preflight.patroni import look_at_patroni, read_yml, vips_in
from vipswitch.provider import Level

HOOK = "/usr/local/bin/vipswitch-patroni"
EXAMPLE = Path(__file__).resolve().parents[2] / "examples/patroni/patroni.yml"
GOOD = {name: f"{HOOK} primary" for name in ("on_start", "on_stop", "on_role_change")}


def yml(folder: Path, callbacks: dict[str, str]) -> Path:
    """A patroni.yml with those callbacks."""
    lines = "\n".join(f"    {name}: {value}" for name, value in callbacks.items())
    path = folder / "patroni.yml"
    path.write_text(f"scope: main\npostgresql:\n  callbacks:\n{lines}\n  parameters: {{}}\n")
    return path


def found(path: Path, config: Config | None = CONFIG) -> list[str]:
    """What is not well, each finding in one line."""
    findings = look_at_patroni(read_yml(path), config, nothing_wrong)
    return said([finding for finding in findings if finding.level is not Level.OK])


@pytest.mark.parametrize(
    "value",
    [
        f"{HOOK} primary",
        f"{HOOK} primary  # a comment",
        f"'{HOOK} primary'",
        f'"{HOOK} primary"  # a comment',
        f"{HOOK} primary --standby public --config /etc/other.toml",
        "/srv/vipswitch/hooks/patroni 10.99.0.50",
    ],
)
def test_good_callbacks_have_only_good_findings(tmp_path: Path, value: str) -> None:
    """However YAML writes one line."""
    path = yml(tmp_path, dict.fromkeys(GOOD, value.replace("--config /etc/other.toml", "--deadline 5")))
    assert found(path) == []
    told = {finding.message for finding in look_at_patroni(read_yml(path), CONFIG, nothing_wrong)}
    assert "moves primary by local" in told
    assert ("moves public by file" in told) is ("--standby" in value)


def test_our_example_is_well() -> None:
    """It is the very file that the end-to-end tests run."""
    assert found(EXAMPLE) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (
            {"on_stop": None},
            "error: patroni.yml: no on_stop calls us: a leader that is stopped keeps",
        ),
        ({"on_start": "/usr/bin/true"}, "error: patroni.yml: no on_start calls us"),
        ({"on_stop": f"{HOOK} primry"}, "error: on_stop: primry: no VIP of that name or address"),
        ({"on_stop": HOOK}, "error: on_stop: no VIP named"),
        ({"on_stop": f"{HOOK} primary public"}, "error: on_stop: more than one VIP named"),
        (
            {"on_stop": f"{HOOK} primary --standby nope"},
            "error: on_stop: nope: no VIP of that name",
        ),
        ({"before_stop": f"{HOOK} primary before_stop"}, ""),
        ({"before_stop": f"{HOOK} primary"}, "error: before_stop: no action of Patroni"),
        ({"on_stop": f"sudo -n {HOOK} primary"}, "warning: on_stop: runs by sudo: Patroni may not kill it"),
        ({"on_stop": "vipswitch-patroni primary"}, "warning: on_stop: vipswitch-patroni is looked for in"),
    ],
)
def test_one_thing_is_wrong(tmp_path: Path, changed: dict[str, str | None], expected: str) -> None:
    """It is said, with what to do, and nothing else is."""
    path = yml(tmp_path, {name: value for name, value in {**GOOD, **changed}.items() if value})
    messages = [message.replace(f"{tmp_path}/", "") for message in found(path)]
    assert [message.startswith(expected) for message in messages] == [True] * bool(expected), messages


def test_a_callback_that_cannot_be_run(tmp_path: Path) -> None:
    """Patroni logs it, and the VIP stays where it was; by sudo it is root's to run."""
    asked: list[tuple[str, bool]] = []

    def trouble(program: str, as_root: bool) -> str:
        asked.append((program, as_root))
        return "is missing"

    path = yml(tmp_path, {**GOOD, "on_stop": f"sudo -n {HOOK} primary"})
    findings = [f for f in look_at_patroni(read_yml(path), CONFIG, trouble) if f.level is Level.ERROR]
    assert {f.message for f in findings} == {f"{HOOK} is missing: Patroni goes on without it"}
    assert sorted(asked) == [(HOOK, False), (HOOK, False), (HOOK, True)]


@pytest.mark.parametrize("value", ["{on_stop: x}", "&anchor x", "*alias", "|"])
def test_yaml_of_another_kind_is_not_looked_at(tmp_path: Path, value: str) -> None:
    """That none was found is said, and not that there is none."""
    [message] = found(yml(tmp_path, {"on_start": value}))
    assert "no callback that calls us was found; only lines such as" in message


def test_vips_that_only_patroni_yml_defines(tmp_path: Path) -> None:
    """By flags alone, without a config file."""
    path = yml(tmp_path, {**GOOD, "on_start": f"{HOOK} 10.99.0.99 --provider file --path /v.json --node a"})
    assert "10.99.0.99" in {str(vip.vip.addresses[0]) for vip in vips_in(read_yml(path), CONFIG)}
