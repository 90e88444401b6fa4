"""For all tests: assertions in the shipped suite explain themselves."""

import pytest

pytest.register_assert_rewrite("vipswitch.testing.contract")
