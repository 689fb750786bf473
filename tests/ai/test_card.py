"""Cards: what is written can be read, and what cannot be used says why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from medviewer.ai.card_text import read_card, write_card
from medviewer.kit.errors import CardInvalid
from tests.ai.small_models import card, class_card


@pytest.mark.parametrize("about", [card(), class_card()])
def test_a_card_survives_being_written(about: dict[str, Any]) -> None:
    once = read_card(json.dumps(about))
    assert read_card(write_card(once)) == once


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "../evil"}, '"name" may hold letters'),
        ({"name": None}, '"name" must be a text'),
        ({"task": "dreaming"}, '"task" must be one of classification, multilabel, regression'),
        ({"input": None}, 'The part "input" is missing'),
        (
            {"input": {"name": "i", "channels": 4, "geometry": {"fit": "native"}}},
            "a whole number from 1 to 3",
        ),
        ({"input": {"name": "i", "size": [0, 8]}}, '"input.size" must be two whole numbers'),
        ({"input": {"name": "i"}}, 'geometry must be "native"'),
        (
            {"input": {"name": "i", "size": [8, 8], "values": {"scale": "window", "high": 9}}},
            '"input.values.low" must be',
        ),
        (
            {"input": {"name": "i", "size": [8, 8], "values": {"scale": "window", "low": 5, "high": 5}}},
            "is not below the upper one",
        ),
        ({"output": {"name": "o", "labels": []}}, "It has no labels"),
        (
            {"output": {"name": "o", "labels": [{"value": 1, "name": "a"}, {"value": 1, "name": "b"}]}},
            "Two labels have the same value",
        ),
        ({"output": {"name": "o", "labels": [{"value": 0, "name": "a"}]}}, '"output.labels[0].value"'),
        ({"output": {"name": "o", "labels": [{"name": "a", "color": "red"}]}}, "a colour like"),
        ({"output": {"name": "o", "labels": [{"name": "a"}], "temperature": 0}}, "from 0.01 to 100"),
        ({"schema": 99}, "newer medviewer (schema 99)"),
    ],
)
def test_each_fault_of_a_card_is_one_sentence(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CardInvalid) as caught:
        read_card(json.dumps({**card(), **change}), "the model")
    assert len(caught.value.faults) == 1
    assert sentence in caught.value.faults[0]


@pytest.mark.parametrize("text", ["", "[]", "{", "nonsense", '{"name": NaN}', "[" * 100_000, "x" * 2_000_000])
def test_what_is_no_card_at_all_is_a_sentence_too(text: str) -> None:
    with pytest.raises(CardInvalid):
        read_card(text)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(CardInvalid) as caught:
        read_card(json.dumps({**card(), "version": 3, "task": "x", "loops": "yes"}))
    assert len(caught.value.faults) == 3
