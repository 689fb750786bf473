"""From numbers to meaning."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from medviewer.ai.card import Card
from medviewer.ai.card_text import read_card
from medviewer.ai.finish import mask, probabilities, scores
from medviewer.ai.prepare import Placement
from medviewer.ai.tiles import blended, starts, weights
from medviewer.kit.errors import ModelTrouble
from tests.ai.small_models import card, class_card

WHOLE = Placement((6, 6), (0, 0, 6, 6), (0, 0, 6, 6), (6, 6))


def read(about: dict[str, Any], **output: Any) -> Card:
    return read_card(json.dumps({**about, "output": {**about["output"], **output}}))


def test_softmax_with_a_temperature() -> None:
    plan = read(class_card(), temperature=2.0).output
    found = probabilities(np.array([[2.0, 0.0]]), plan, "m")
    np.testing.assert_allclose(found, [[np.e / (np.e + 1), 1 / (np.e + 1)]], atol=1e-6)


def test_huge_logits_neither_overflow_nor_warn() -> None:
    for activation in ("softmax", "sigmoid"):
        plan = read(class_card(), activation=activation).output
        assert np.isfinite(probabilities(np.array([[1e30, -1e30]]), plan, "m")).all()


def test_one_sigmoid_stands_for_two_classes() -> None:
    two = read(class_card(), activation="sigmoid")
    assert scores(np.array([0.0]), two) == (0.5, 0.5)


def test_fewer_outputs_than_labels_is_said() -> None:
    labels = [{"value": 0, "name": "a"}, {"value": 1, "name": "b"}]
    several = read(card(task="multilabel"), labels=labels)
    with pytest.raises(ModelTrouble, match="1 values, and its card has 2 labels"):
        scores(np.array([0.3]), several)


def test_softmax_masks_let_the_background_win() -> None:
    three = read(card(), activation="softmax", labels=[{"value": 1, "name": "a"}, {"value": 2, "name": "b"}])
    found = np.zeros((6, 6, 3), np.float32)
    found[..., 0] = 0.4
    found[:, 2:4, 1] = 0.5
    found[:, 4:, 2] = 0.6
    np.testing.assert_array_equal(mask(found, WHOLE, three)[0], [0, 0, 1, 1, 2, 2])


def test_sigmoid_masks_obey_their_operating_points() -> None:
    labels = [{"value": 1, "name": "a", "threshold": 0.3}, {"value": 2, "name": "b", "threshold": 0.9}]
    two = read(card(), activation="sigmoid", labels=labels)
    found = np.zeros((6, 6, 3), np.float32)
    found[..., 1] = 0.35
    found[..., 2] = 0.8
    assert (mask(found, WHOLE, two) == 1).all()


def test_islands_that_are_too_small_disappear() -> None:
    one = read(card(), smallest_island=0.1)
    found = np.zeros((6, 6, 1), np.float32)
    found[0, 0] = 1
    found[3:, 3:] = 1
    drawn = mask(found, WHOLE, one)
    assert drawn[0, 0] == 0
    assert drawn.sum() == 9


def test_what_the_network_never_saw_stays_unlabelled() -> None:
    where = Placement((6, 12), (0, 3, 6, 6), (0, 0, 6, 6), (6, 6))
    drawn = mask(np.ones((6, 6, 1), np.float32), where, read(card()))
    np.testing.assert_array_equal(drawn[0], [0] * 3 + [1] * 6 + [0] * 3)


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(ModelTrouble, match="3 x 3 pixels for 6 x 6"):
        mask(np.ones((3, 3, 1), np.float32), WHOLE, read(card()))


@pytest.mark.parametrize("length", [1, 31, 32, 33, 64, 65, 100, 511])
@pytest.mark.parametrize("overlap", [0.0, 0.25, 0.5, 0.9])
def test_tiles_are_evenly_spread_and_leave_nothing_out(length: int, overlap: float) -> None:
    found = starts(length, 32, overlap)
    assert found[0] == 0
    assert found[-1] == max(0, length - 32)
    steps = np.diff(found)
    assert len(steps) == 0 or (steps.max() <= 32 * (1 - overlap) + 1 and np.ptp(steps) <= 1)


def test_blending_is_exact_for_what_does_not_depend_on_the_tile() -> None:
    picture = np.random.default_rng(2).random((70, 45, 1)).astype(np.float32)
    again = blended(picture, (32, 32), lambda tiles: np.stack(tiles) * 2)
    np.testing.assert_allclose(again, picture * 2, atol=1e-5)


def test_the_weight_of_a_tile_is_never_nothing() -> None:
    assert weights((32, 48)).min() >= 1e-3
    assert weights((32, 48)).shape == (32, 48)
