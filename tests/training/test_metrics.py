"""Figures agree with those of scikit-learn and with what can be worked out on paper."""

from __future__ import annotations

import numpy as np
import pytest

from medviewer.training.evaluation import metrics

RNG = np.random.default_rng(11)


def test_the_auc_is_the_one_of_scikit_learn_ties_included() -> None:
    judge = pytest.importorskip("sklearn.metrics")
    for _ in range(20):
        truth = RNG.integers(0, 2, 60)
        scores = np.round(RNG.random(60) + truth * 0.3, 1)
        assert metrics.auc(truth, scores) == pytest.approx(judge.roc_auc_score(truth, scores), abs=1e-12)
    truth = RNG.integers(0, 3, 90)
    given = RNG.dirichlet((1, 1, 1), 90)
    assert metrics.mean_auc(truth, given) == pytest.approx(
        judge.roc_auc_score(truth, given, multi_class="ovr"), abs=1e-12
    )


def test_the_auc_of_one_class_is_no_number() -> None:
    assert np.isnan(metrics.auc(np.ones(5), np.arange(5)))


def test_sensitivity_specificity_and_precision() -> None:
    truth, chosen = np.array([1, 1, 1, 1, 0, 0]), np.array([1, 1, 1, 0, 1, 0])
    assert metrics.recall(truth, chosen, 1) == 0.75
    assert metrics.recall(truth, chosen, 0) == 0.5
    assert metrics.precision(truth, chosen, 1) == 0.75


def test_dice_and_iou_with_their_rule_for_empty_masks() -> None:
    one = np.array([True, True, False, False])
    other = np.array([True, False, True, False])
    nothing = np.zeros(4, bool)
    assert metrics.dice(one, other) == 0.5
    assert metrics.iou(one, other) == pytest.approx(1 / 3)
    assert (metrics.dice(nothing, nothing), metrics.iou(nothing, nothing)) == (1, 1)
    assert metrics.dice(one, nothing) == 0


def test_an_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    inside = 0
    for seed in range(60):
        values = np.random.default_rng(seed).normal(5, 1, 60)
        found = metrics.interval(
            lambda rows, v=values: float(v[rows].mean()), [str(k) for k in range(60)], seed, 400
        )
        inside += found["low"] <= 5 <= found["high"]
    assert inside >= 50


def test_pictures_of_one_patient_do_not_make_an_interval_narrower() -> None:
    values = np.repeat(RNG.normal(0, 1, 20), 10)
    groups = [str(at // 10) for at in range(200)]
    wide = metrics.interval(lambda rows: float(values[rows].mean()), groups)
    narrow = metrics.interval(lambda rows: float(values[rows].mean()), [str(at) for at in range(200)])
    assert wide["high"] - wide["low"] > 2 * (narrow["high"] - narrow["low"])


def test_the_threshold_separates_what_can_be_separated() -> None:
    cut = metrics.best_threshold(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9]))
    assert 0.2 < cut < 0.8


def test_the_temperature_undoes_overconfidence() -> None:
    truth = RNG.integers(0, 2, 4000)
    honest = np.where(truth == 1, 1.0, -1.0) + RNG.normal(0, 1, 4000)
    logits = np.stack([-honest, honest], axis=1)
    assert metrics.best_temperature(truth, logits * 3) == pytest.approx(
        3 * metrics.best_temperature(truth, logits), rel=0.02
    )


def test_calibration_error_of_certain_and_right_answers_is_nothing() -> None:
    truth = np.array([0, 1, 1])
    assert metrics.calibration_error(truth, np.eye(2)[truth]) == 0
