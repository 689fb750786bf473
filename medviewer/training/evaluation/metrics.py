"""Figures about a model, each with an interval; numpy only, so that judging needs no TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
RESAMPLES = 1000


def auc(truth: NDArray[Any], scores: NDArray[Any]) -> float:
    """Area under the ROC curve of *scores* for *truth* (0 or 1); ties count half; NaN for one class."""
    positive, negative = int((truth == 1).sum()), int((truth != 1).sum())
    if not positive or not negative:
        return float("nan")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[truth == 1].sum() - positive * (positive + 1) / 2) / (positive * negative))


def mean_auc(truth: NDArray[Any], probabilities: NDArray[Any]) -> float:
    """The AUC of class 1 of two, or the mean over all classes of each against the rest."""
    if probabilities.shape[1] == 2:
        return auc((truth == 1).astype(int), probabilities[:, 1])
    each = [auc((truth == label).astype(int), column) for label, column in enumerate(probabilities.T)]
    return float(np.mean(each))


def accuracy(truth: NDArray[Any], chosen: NDArray[Any]) -> float:
    """The share of right answers."""
    return float((truth == chosen).mean())


def recall(truth: NDArray[Any], chosen: NDArray[Any], label: int) -> float:
    """The share of pictures of class *label* that were found: sensitivity for 1, specificity for 0 of two."""
    rows = truth == label
    return float((chosen[rows] == label).mean()) if rows.any() else float("nan")


def precision(truth: NDArray[Any], chosen: NDArray[Any], label: int) -> float:
    """The share of answers *label* that were right."""
    rows = chosen == label
    return float((truth[rows] == label).mean()) if rows.any() else float("nan")


def calibration_error(truth: NDArray[Any], probabilities: NDArray[Any], bins: int = 10) -> float:
    """Expected calibration error of the chosen class's probability (Guo et al. 2017)."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    at = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(confidence[at == k].mean() - right[at == k].mean()) * (at == k).mean() for k in np.unique(at)]
    return float(np.sum(gaps))


def dice(truth: NDArray[np.bool_], found: NDArray[np.bool_]) -> float:
    """Twice the overlap over the sum of both; 1 when both are empty."""
    total = int(truth.sum()) + int(found.sum())
    return 2.0 * int((truth & found).sum()) / total if total else 1.0


def iou(truth: NDArray[np.bool_], found: NDArray[np.bool_]) -> float:
    """The overlap over the union; 1 when both are empty."""
    union = int((truth | found).sum())
    return int((truth & found).sum()) / union if union else 1.0


def interval(
    figure: Callable[[Rows], float], groups: Sequence[str], seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, float]:
    """*figure* over all rows, with a 95 % interval from resampling whole groups with replacement.

    Patients are drawn and not pictures, because pictures of one patient are alike.
    """
    names, member = np.unique(np.asarray(groups), return_inverse=True)
    rows_of = [np.flatnonzero(member == at) for at in range(len(names))]
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(resamples):
        chosen = rng.integers(0, len(names), len(names))
        value = figure(np.concatenate([rows_of[at] for at in chosen]))
        if np.isfinite(value):
            drawn.append(value)
    value = figure(np.arange(len(groups)))
    low, high = np.percentile(drawn, (2.5, 97.5)) if drawn else (value, value)
    return {"value": round(value, 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def best_threshold(truth: NDArray[Any], scores: NDArray[Any]) -> float:
    """Where sensitivity plus specificity is largest (Youden), midway between neighbouring scores."""
    order = np.unique(scores)
    cuts = (order[1:] + order[:-1]) / 2 if len(order) > 1 else np.array([0.5])
    gains = [
        recall(truth, (scores >= cut).astype(int), 1) + recall(truth, (scores >= cut).astype(int), 0)
        for cut in cuts
    ]
    best = np.flatnonzero(np.array(gains) >= max(gains) - 1e-12)
    return float(np.clip(cuts[best[len(best) // 2]], 0.01, 0.99))


def best_temperature(truth: NDArray[Any], logits: NDArray[Any]) -> float:
    """What to divide logits by so that probabilities fit best (temperature scaling, Guo et al. 2017)."""

    def loss(log_temperature: float) -> float:
        scaled = logits.astype(np.float64) / np.exp(log_temperature)
        scaled -= scaled.max(axis=1, keepdims=True)
        wanted = scaled[np.arange(len(truth)), truth]
        return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - wanted))

    low, high = np.log(0.2), np.log(10.0)
    golden = (5**0.5 - 1) / 2
    for _ in range(60):
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if loss(left) < loss(right) else (left, high)
    return round(float(np.exp((low + high) / 2)), 4)
