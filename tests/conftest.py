"""For all tests: assertions in the shipped suite explain themselves; what was counted is said at the end."""

import pytest

pytest.register_assert_rewrite("vipswitch.testing.contract")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each test that has recorded how many merges it has tried."""
    passed = terminalreporter.stats.get("passed", [])
    lines = [str(told) for report in passed for name, told in report.user_properties if name == "merges"]
    if lines:
        terminalreporter.write_sep("=", "merges")
    for line in sorted(lines):
        terminalreporter.write_line(line)
