"""Frozen values go into JSON and come back; a file can make nothing else of them."""

from __future__ import annotations

import json
import math
from enum import Enum
from typing import Any

import pytest

from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.plain import from_plain, to_plain


class Side(Enum):
    LEFT = "left"
    RIGHT = ("right", 2)


@frozen
class Leaf:
    name: str
    size: float = 1.0


@frozen
class Tree:
    leaves: tuple[Leaf, ...] = ()
    side: Side = Side.LEFT
    pair: tuple[int, str] = (0, "")
    value: int | float | bool | None = None
    kinds: frozenset[str] = frozenset()
    first: Tree | None = None


FULL = Tree((Leaf("a"), Leaf("b", 2.5)), Side.RIGHT, (3, "x"), 2, frozenset({"p"}), Tree(value=True))


def test_values_come_back_as_they_were() -> None:
    again = from_plain(Tree, json.loads(json.dumps(to_plain(FULL))))
    assert again == FULL
    assert type(again.value) is int
    assert again.first is not None
    assert again.first.value is True


def test_what_is_missing_has_its_default_and_what_is_unknown_is_left_out() -> None:
    assert from_plain(Tree, {"side": "left", "later": 1}) == Tree()
    assert "side" not in to_plain(FULL, without=("side",))["first"]


WRONG = [
    [], 5, None, {"leaves": 1}, {"leaves": [{}]}, {"side": "up"}, {"pair": [1]}, {"pair": [1, "x", 2]},
    {"value": "1"}, {"leaves": [{"name": "a", "size": math.nan}]}, {"leaves": [{"name": "a", "size": True}]},
    {"leaves": "ab"}, {"kinds": [["a"]]}, {"first": 3},
]  # fmt: skip


@pytest.mark.parametrize("found", WRONG)
def test_what_is_wrong_is_refused(found: Any) -> None:
    with pytest.raises(BadValue):
        from_plain(Tree, found)


@pytest.mark.parametrize("found", [one for one in WRONG if isinstance(one, dict)])
def test_who_forgives_gets_all_but_what_is_wrong(found: Any) -> None:
    assert from_plain(Tree, {"pair": [3, "x"], **found}, forgiving=(Tree,)).side is Side.LEFT
    kept = from_plain(Tree, {"kinds": ["a"], **found}, forgiving=(Tree,))
    assert kept.kinds == (frozenset() if "kinds" in found else {"a"})


def test_values_inside_of_values_come_to_an_end() -> None:
    found: dict[str, Any] = {}
    for _ in range(100):
        found = {"first": found, "value": 1}
    with pytest.raises(BadValue):
        from_plain(Tree, found)
    assert from_plain(Tree, found, forgiving=(Tree,)).value == 1


def test_anything_else_is_not_written() -> None:
    with pytest.raises(TypeError):
        to_plain({"a": 1})
