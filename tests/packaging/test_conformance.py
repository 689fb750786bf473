"""The page about what a correct display does: made from the tests, and no rule without one."""

from __future__ import annotations

import sys
from pathlib import Path

HOME = Path(__file__).parents[2]
sys.path.insert(0, str(HOME / "packaging"))

import conformance  # noqa: E402

from tests.rules import RULES  # noqa: E402


def test_every_rule_of_display_is_held_by_a_test() -> None:
    held = conformance.tests_by_rule()
    assert [rule for rule in RULES if rule not in held] == []


def test_no_test_claims_a_rule_that_does_not_exist() -> None:
    assert [rule for rule in conformance.tests_by_rule() if rule not in RULES] == []


def test_the_page_says_what_the_tests_hold() -> None:
    written = conformance.PAGE.read_text(encoding="utf-8")
    assert written == conformance.page(), "run: python packaging/conformance.py"
