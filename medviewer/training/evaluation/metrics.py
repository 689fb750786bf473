"""Figures about a model, each with an interval; numpy only, so that judging needs no TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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


def f1(truth: NDArray[Any], chosen: NDArray[Any], label: int) -> float:
    """The harmonic mean of precision and sensitivity for class *label*; NaN without any of it."""
    hits = int(((truth == label) & (chosen == label)).sum())
    asked = int((truth == label).sum()) + int((chosen == label).sum())
    return 2 * hits / asked if asked else float("nan")


def balanced_accuracy(truth: NDArray[Any], chosen: NDArray[Any]) -> float:
    """The mean over the classes that there are of the share that was found."""
    return float(np.mean([recall(truth, chosen, label) for label in np.unique(truth)]))


def matthews(truth: NDArray[Any], chosen: NDArray[Any], classes: int) -> float:
    """Matthews' correlation, from -1 to 1, of any number of classes (Gorodkin 2004); 0 where undefined."""
    table = confusion(truth, chosen, classes).astype(np.float64)
    is_, said, total = table.sum(axis=1), table.sum(axis=0), table.sum()
    spread = (total**2 - (said**2).sum()) * (total**2 - (is_**2).sum())
    return float((np.trace(table) * total - said @ is_) / np.sqrt(spread)) if spread > 0 else 0.0


def kappa(truth: NDArray[Any], chosen: NDArray[Any], classes: int) -> float:
    """Cohen's kappa: agreement beyond chance, 1 for all; NaN where there is no room beyond chance."""
    table = confusion(truth, chosen, classes) / max(1, len(truth))
    chance = float(table.sum(axis=0) @ table.sum(axis=1))
    return float((np.trace(table) - chance) / (1 - chance)) if chance < 1 else float("nan")


def confusion(truth: NDArray[Any], chosen: NDArray[Any], classes: int) -> NDArray[np.int64]:
    """How often each class (row) was taken for each (column)."""
    flat = np.bincount(truth.astype(np.int64) * classes + chosen, minlength=classes * classes)
    return flat.reshape(classes, classes)


def average_precision(truth: NDArray[Any], scores: NDArray[Any]) -> float:
    """The precision at each score that is reached, weighed by the recall it adds; NaN without positives."""
    positive = int((truth == 1).sum())
    if not positive:
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order] == 1)
    last = np.r_[np.flatnonzero(np.diff(scores[order])), len(scores) - 1]
    gained = np.diff(np.r_[0, hits[last]])
    return float((gained * hits[last] / (last + 1)).sum() / positive)


def mean_average_precision(truth: NDArray[Any], probabilities: NDArray[Any]) -> float:
    """The average precision of class 1 of two, or the mean over all classes of each against the rest."""
    if probabilities.shape[1] == 2:
        return average_precision((truth == 1).astype(int), probabilities[:, 1])
    each = [average_precision((truth == at).astype(int), column) for at, column in enumerate(probabilities.T)]
    return float(np.mean(each))


def brier(truth: NDArray[Any], probabilities: NDArray[Any]) -> float:
    """The mean squared error of the probability: of class 1 of two, else summed over all classes."""
    if probabilities.shape[1] == 2:
        return float(((probabilities[:, 1] - (truth == 1)) ** 2).mean())
    wanted = np.eye(probabilities.shape[1])[truth.astype(np.int64)]
    return float(((probabilities - wanted) ** 2).sum(axis=1).mean())


def calibration_error(truth: NDArray[Any], probabilities: NDArray[Any], bins: int = 10) -> float:
    """Expected calibration error of the likeliest class's probability, in bins of equal width.

    Guo, Pleiss, Sun and Weinberger, ICML 2017.
    """
    return float(
        sum(abs(said - right) * count for said, right, count in reliability(truth, probabilities, bins))
    ) / max(1, len(truth))


def reliability(
    truth: NDArray[Any], probabilities: NDArray[Any], bins: int = 10
) -> list[tuple[float, float, int]]:
    """For each bin with answers: mean probability of the likeliest class, share that is right, number."""
    return binned(probabilities.max(axis=1), probabilities.argmax(axis=1) == truth, bins)


def binned(said: NDArray[Any], was: NDArray[Any], bins: int = 10) -> list[tuple[float, float, int]]:
    """For each bin of *said* (0 to 1) that is not empty: its mean, the share of *was*, the number."""
    at = np.minimum((said * bins).astype(int), bins - 1)
    return [
        (float(said[at == k].mean()), float(was[at == k].mean()), int((at == k).sum())) for k in np.unique(at)
    ]


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
    """*figure* over all rows, with a 95 % interval: see `intervals`."""
    return intervals({"": figure}, groups, seed, resamples)[""]


def intervals(
    figures: Mapping[str, Callable[[Rows], float]],
    groups: Sequence[str],
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> dict[str, dict[str, float]]:
    """Each figure over all rows, with a 95 % interval from resampling whole groups with replacement.

    Patients are drawn and not pictures, because pictures of one patient are alike. The ends are percentiles
    of the resamples in which the figure is defined; all figures see the same resamples.
    """
    drawn: dict[str, list[float]] = {name: [] for name in figures}
    for rows in resampled(groups, seed, resamples):
        for name, figure in figures.items():
            value = figure(rows)
            if np.isfinite(value):
                drawn[name].append(value)
    result = {}
    for name, figure in figures.items():
        value = figure(np.arange(len(groups)))
        low, high = np.percentile(drawn[name], (2.5, 97.5)) if drawn[name] else (value, value)
        result[name] = {
            "value": round(value, 4),
            "low": round(float(low), 4),
            "high": round(float(high), 4),
        }
    return result


def resampled(groups: Sequence[str], seed: int, resamples: int = RESAMPLES) -> Iterator[Rows]:
    """Rows of as many groups as there are, drawn with replacement, again and again."""
    names, member = np.unique(np.asarray(groups), return_inverse=True)
    order = np.argsort(member, kind="stable")
    rows_of = np.split(order, np.cumsum(np.bincount(member))[:-1])
    alone = len(names) == len(groups)
    rng = np.random.default_rng(seed)
    for _ in range(resamples):
        chosen = rng.integers(0, len(names), len(names))
        yield order[chosen] if alone else np.concatenate([rows_of[at] for at in chosen])


def best_threshold(truth: NDArray[Any], scores: NDArray[Any]) -> float:
    """Where sensitivity plus specificity is largest (Youden): see `operating.operating_point`."""
    cuts, sensitivity, specificity = operating_points(truth, scores)
    gains = sensitivity + specificity
    best = np.flatnonzero(gains >= gains.max() - 1e-12)
    return float(np.clip(cuts[best[len(best) // 2]], 0.01, 0.99))


def operating_points(
    truth: NDArray[Any], scores: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Cuts midway between neighbouring scores, rising, with the sensitivity and the specificity of each.

    At or above the cut the answer is yes. With one score for all the only cut is one half.
    """
    levels = np.unique(scores).astype(np.float64)
    cuts = (levels[1:] + levels[:-1]) / 2 if len(levels) > 1 else np.array([0.5])
    yes, no = np.sort(scores[truth == 1]), np.sort(scores[truth != 1])
    sensitivity = 1 - np.searchsorted(yes, cuts, "left") / max(1, len(yes))
    specificity = np.searchsorted(no, cuts, "left") / max(1, len(no))
    return cuts, sensitivity, specificity


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
