"""For all tests: assertions in the shipped suite explain themselves; what was counted is said at the end.

What is marked `full` is left out of all runs but `make test-full`.
"""

import gc
import os

import pytest

pytest.register_assert_rewrite("vipswitch.testing.contract")


_LONGEST = ("test_plan", "test_merges", "test_crashes", "test_requests", "test_demo", "test_interleavings")
"""The files that take longest by far. Begun first, they leave no core idle at the end."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest first; without what only the full run has the time for."""
    items.sort(
        key=lambda item: _LONGEST.index(item.path.stem) if item.path.stem in _LONGEST else len(_LONGEST)
    )
    if int(os.environ.get("VIPSWITCH_REPEAT", "1")) > 1:
        return
    left_out = [item for item in items if item.get_closest_marker("full")]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def pytest_collection_finish() -> None:
    """Tells Python's garbage collector to leave alone what lives until the end: a tenth of all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each test that has recorded how many merges it has tried."""
    passed = terminalreporter.stats.get("passed", [])
    lines = [str(told) for report in passed for name, told in report.user_properties if name == "merges"]
    if lines:
        terminalreporter.write_sep("=", "merges")
    for line in sorted(lines):
        terminalreporter.write_line(line)
