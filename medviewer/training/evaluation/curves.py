"""Curves over all thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Curve = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def roc(truth: NDArray[Any], scores: NDArray[Any]) -> Curve:
    """(1 - specificity, sensitivity, threshold) from never to always yes; the first threshold is infinite."""
    hits, false, levels = _counts(truth, scores)
    return false / max(1, int((truth != 1).sum())), hits / max(1, int((truth == 1).sum())), levels


def precision_recall(truth: NDArray[Any], scores: NDArray[Any]) -> Curve:
    """(recall, precision, threshold) from never to always yes; where nothing is answered, precision is 1."""
    hits, false, levels = _counts(truth, scores)
    said = hits + false
    precision = np.where(said > 0, hits / np.maximum(said, 1), 1.0)
    return hits / max(1, int((truth == 1).sum())), precision, levels


def _counts(truth: NDArray[Any], scores: NDArray[Any]) -> Curve:
    """How many of both kinds are answered yes at each score that occurs, the highest first."""
    order = np.argsort(-scores, kind="stable")
    right = truth[order] == 1
    last = (
        np.r_[np.flatnonzero(np.diff(scores[order])), len(scores) - 1] if len(scores) else np.array([], int)
    )
    hits, false = np.cumsum(right)[last], np.cumsum(~right)[last]
    zero = np.zeros(1)
    return np.r_[zero, hits], np.r_[zero, false], np.r_[np.inf, scores[order][last].astype(np.float64)]
