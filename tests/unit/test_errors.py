"""Exit codes: distinct, documented, and the worst one wins."""

import pytest

from vipswitch import errors
from vipswitch.options import parser


def test_exit_codes_are_documented_in_the_help() -> None:
    """What scripts rely on is said where people look."""
    told = parser().format_help()
    for code in (2, 3, 4, 5, 6, 7, 8):
        assert f" {code} " in told


@pytest.mark.parametrize(
    ("codes", "worst"),
    [
        ([], 0),
        ([0, 0], 0),
        ([0, 5], 5),
        ([5, 6], 6),
        ([6, 4], 4),
        ([4, 8, 7], 7),
        ([7, 3], 3),
        ([3, 2], 2),
        ([2, 1], 1),
    ],
)
def test_worst_exit_code_wins(codes: list[int], worst: int) -> None:
    """What passes by itself is mildest, a bug is worst."""
    assert errors.worst(codes) == worst


def test_classes_have_the_codes_they_document() -> None:
    """Each class is what the operator does next, and has its own number."""
    kinds = (
        errors.ConfigError,
        errors.PermissionDenied,
        errors.Lost,
        errors.Unavailable,
        errors.OutcomeUnknown,
        errors.Refused,
        errors.HostError,
    )
    assert [kind.exit_code for kind in kinds] == [2, 3, 4, 5, 6, 7, 8]
    assert errors.Interrupted(15, "SIGTERM").exit_code == 143
