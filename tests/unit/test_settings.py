"""Settings: one declaration serves the file and the flags."""

from dataclasses import dataclass

import pytest

from vipswitch.errors import ConfigError
from vipswitch.options import split_flags
from vipswitch.settings import key, parse, text


def even(raw: object) -> int:
    number = int(text(raw) if isinstance(raw, str) else str(raw))
    if number % 2:
        raise ValueError(f"{number} is odd")
    return number


@dataclass(frozen=True, slots=True)
class Sample:
    """Two keys."""

    numbers: tuple[int, ...] = key(even, many=True, help="even numbers")
    name: str | None = key(text, default=None, help="a name")


def test_list_is_read_alike_from_file_and_flag() -> None:
    """`numbers = [2, 4]` is `--numbers 2,4`."""
    from_file, _ = parse(Sample, {"numbers": [2, 4]}, str)
    from_flag, _ = parse(Sample, {"numbers": "2,4"}, str)
    assert from_file == from_flag == Sample((2, 4))


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ({}, ["numbers: is missing"]),
        ({"numbers": []}, ["numbers: expected a list, found []"]),
        ({"numbers": [2, 3, 5]}, ["numbers[1]: 3 is odd", "numbers[2]: 5 is odd"]),
        ({"numbers": "3"}, ["numbers: 3 is odd"]),
        ({"numbers": [2], "name": 7}, ["name: expected a text, found 7"]),
        ({"numbers": [2], "nmae": "x"}, ["nmae: unknown key"]),
    ],
)
def test_each_mistake_is_named(raw: dict[str, object], told: list[str]) -> None:
    """Where it is, and what is wrong."""
    made, problems = parse(Sample, raw, lambda name: name)
    assert made is None
    assert [str(problem) for problem in problems] == told


def test_provider_flags_are_taken_out_of_the_command_line() -> None:
    """Their values are no VIP names."""
    rest, flags = split_flags(["up", "10.0.0.1", "--route-tables", "rtb-1,rtb-2", "--region=eu", "-v"])
    assert rest == ["up", "10.0.0.1", "-v"]
    assert flags == {"route_tables": "rtb-1,rtb-2", "region": "eu"}


@pytest.mark.parametrize("words", [["up", "--route-tables"], ["up", "--route-tables", "--region", "x"]])
def test_flag_without_value_is_refused(words: list[str]) -> None:
    """Rather than swallowing the next word."""
    with pytest.raises(ConfigError, match="needs a value"):
        split_flags(words)
