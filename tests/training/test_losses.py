"""Losses, optimisers and schedules: by name, and what the formulas say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from medviewer.kit.errors import BadValue

tf = pytest.importorskip("tensorflow", reason="needs TensorFlow")
keras = pytest.importorskip("keras", reason="needs Keras")

from medviewer.training.losses import ADVERSARIAL, LOSSES, USUAL  # noqa: E402
from medviewer.training.optimizers import OPTIMIZERS, SCHEDULES  # noqa: E402

pytestmark = pytest.mark.training
RNG = np.random.default_rng(1)
LOGITS = RNG.normal(0, 2, (5, 3)).astype(np.float32)
TRUTH = np.array([0, 2, 1, 1, 0])
EVEN = tf.ones(3)


def softmax(logits: np.ndarray) -> np.ndarray:
    each = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return each / each.sum(axis=-1, keepdims=True)


def value(name: str, truth: Any, logits: Any, weights: Any = EVEN, **values: Any) -> float:
    return float(LOSSES[name].with_values(values)(tf.constant(truth), tf.constant(logits), weights))


def test_cross_entropy_is_minus_the_logarithm_of_the_right_probability() -> None:
    right = softmax(LOGITS)[np.arange(5), TRUTH]
    assert value("cross_entropy", TRUTH, LOGITS) == pytest.approx(-np.log(right).mean(), rel=1e-5)
    weights = np.array([0.5, 1.0, 1.5], np.float32)
    weighed = (-np.log(right) * weights[TRUTH]).mean()
    assert value("cross_entropy", TRUTH, LOGITS, tf.constant(weights)) == pytest.approx(weighed, rel=1e-5)


def test_focal_loss_without_gamma_is_cross_entropy_and_with_it_the_published_formula() -> None:
    right = softmax(LOGITS)[np.arange(5), TRUTH]
    assert value("focal", TRUTH, LOGITS, gamma=0) == pytest.approx(value("cross_entropy", TRUTH, LOGITS))
    wanted = ((1 - right) ** 2 * -np.log(right)).mean()
    assert value("focal", TRUTH, LOGITS, gamma=2) == pytest.approx(wanted, rel=1e-5)


def test_a_perfect_mask_costs_nearly_nothing_and_an_empty_one_left_empty_nothing_of_dice() -> None:
    truth = (RNG.random((2, 8, 8)) > 0.5).astype(np.uint8)
    perfect = np.where(truth, 40.0, -40.0).astype(np.float32)[..., None]
    for name in ("dice", "mask_entropy", "entropy_dice", "mask_focal"):
        assert value(name, truth, perfect) < 0.01
        assert value(name, truth, -perfect) > value(name, truth, perfect) + 0.5
    assert value("dice", np.zeros_like(truth), np.full_like(perfect, -40)) == pytest.approx(0, abs=1e-6)


def test_a_single_channel_says_the_same_as_two() -> None:
    truth = (RNG.random((2, 8, 8)) > 0.6).astype(np.uint8)
    one = RNG.normal(size=(2, 8, 8, 1)).astype(np.float32)
    two = np.concatenate([np.zeros_like(one), one], axis=-1)
    for name in ("dice", "mask_entropy", "entropy_dice", "mask_focal"):
        assert value(name, truth, one) == pytest.approx(value(name, truth, two), rel=1e-5)


@pytest.mark.parametrize("name", [one.name for one in LOSSES if one.name != ADVERSARIAL])
def test_every_loss_falls_along_its_gradient(name: str) -> None:
    loss = LOSSES[name]
    task = loss.tasks[0]
    truth, logits = {
        "classification": (TRUTH, LOGITS),
        "multilabel": (RNG.integers(0, 2, (5, 3)), LOGITS),
        "regression": (RNG.normal(size=(5, 3)).astype(np.float32), LOGITS),
        "segmentation": (RNG.integers(0, 3, (2, 8, 8)), RNG.normal(size=(2, 8, 8, 3)).astype(np.float32)),
    }[task]
    wanted, given = tf.constant(truth), tf.Variable(logits)
    with tf.GradientTape() as tape:
        before = loss.with_values({})(wanted, given, EVEN)
    given.assign_sub(0.01 * tape.gradient(before, given))
    assert float(loss.with_values({})(wanted, given, EVEN)) < float(before)


def test_every_task_has_a_usual_loss_that_is_for_it() -> None:
    for task, name in USUAL.items():
        assert task in LOSSES[name].tasks


@pytest.mark.parametrize("name", [one.name for one in OPTIMIZERS])
def test_every_optimiser_finds_the_bottom_of_a_bowl(name: str) -> None:
    place = keras.Variable(np.array([3.0, -2.0], np.float32))
    optimizer = OPTIMIZERS[name](0.1)
    for _ in range(120):
        optimizer.apply([2 * place.value], [place])
    assert float(tf.norm(place.value)) < 0.7


@pytest.mark.parametrize("name", [one.name for one in SCHEDULES])
def test_no_schedule_is_ever_above_its_rate_or_below_nothing(name: str) -> None:
    course = SCHEDULES[name](0.01, 100, 10)
    rates = [float(course(step)) for step in range(0, 101, 5)]
    assert max(rates) == pytest.approx(0.01, rel=0.05)
    assert min(rates) > 0
    assert rates[-1] <= rates[10] * (1 + 1e-6)


def test_what_a_loss_or_an_optimiser_does_not_take_is_refused() -> None:
    with pytest.raises(BadValue, match="no parameter 'alpha'"):
        LOSSES["focal"].with_values({"alpha": 1})
    with pytest.raises(BadValue, match="Weight decay cannot be 2"):
        OPTIMIZERS["adamw"](0.1, weight_decay=2.0)
