"""What each task learns from and how well it does: the truth, the weights of classes, the score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.frozen import frozen
from medviewer.training.data.loading import Loaded
from medviewer.training.evaluation.metrics import dice, mean_auc

SCORES = {
    "classification": "AUC",
    "multilabel": "AUC",
    "regression": "R2",
    "segmentation": "Dice",
    "enhancement": "PSNR",
    "generation": "closeness",
}
"""What chooses the best weights; more is better."""
DIRECTIONS = 64
"""along which two sets of pictures are compared"""


@frozen(eq=False)
class Lesson:
    """What a network learns from, and what it is to give."""

    loaded: Loaded
    """whose `truth` is what a loss takes: of a regression with mean 0 and deviation 1, of a generator the
    pictures themselves"""
    task: str
    outputs: int
    """how many channels the network gives"""
    weights: NDArray[np.float32]
    """how much each class counts, 1 on average; (1,) where there are no classes"""
    offset: tuple[float, ...] = ()
    """of a regression: what was taken off each target, and by what it was divided then"""
    scale: tuple[float, ...] = ()
    is_noised: bool = False
    """whether there are no worse pictures, so that noise has to make them"""

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest value of the first picture."""
        return float(self.loaded.inputs[0].min()), float(self.loaded.inputs[0].max())


def lesson_of(loaded: Loaded, task: str, train: NDArray[Any], is_balanced: bool) -> Lesson:
    """The lesson of *task*; statistics are those of the rows that *train*. Raises TrainingTrouble."""
    no_weights = np.ones(1, np.float32)
    if task == "classification":
        counts = np.bincount(loaded.labels[train])
        plain = replace(loaded, targets=None)
        # rare classes weigh more, so that missing all of them never pays
        return Lesson(plain, task, label_count(loaded, task), _balanced(counts, is_balanced))
    if task == "multilabel":
        values = _targets(loaded)
        weights = _balanced(values[train].sum(axis=0), is_balanced)
        return Lesson(replace(loaded, targets=values), task, values.shape[1], weights)
    if task == "regression":
        values = _targets(loaded)
        offset, scale = values[train].mean(axis=0), values[train].std(axis=0)
        scale = np.where(scale > 0, scale, 1).astype(np.float32)
        plain = replace(loaded, targets=(values - offset) / scale)
        return Lesson(plain, task, values.shape[1], no_weights, tuple(offset.tolist()), tuple(scale.tolist()))
    if task == "segmentation":
        labels = label_count(loaded, task)
        return Lesson(loaded, task, 1 if labels == 1 else labels + 1, no_weights)
    is_noised = task == "enhancement" and loaded.wanted is None
    if is_noised or task == "generation":
        loaded = replace(loaded, wanted=loaded.inputs, masks=None, targets=None)
    return Lesson(loaded, task, loaded.inputs[0].shape[-1], no_weights, is_noised=is_noised)


def label_count(loaded: Loaded, task: str) -> int:
    """How many labels there are to name. Raises TrainingTrouble."""
    if task == "segmentation":
        assert loaded.masks is not None
        return max(1, max(int(mask.max()) for mask in loaded.masks))
    if task == "classification":
        if len(np.unique(loaded.labels)) < 2:
            raise TrainingTrouble("All pictures are of one class.", "A classifier needs at least two.")
        return int(loaded.labels.max()) + 1
    return 0 if loaded.targets is None else loaded.targets.shape[1]


def scorer(task: str) -> Callable[[NDArray[Any], NDArray[Any]], float]:
    """The score of *task*, a function of (truth, logits) of the same rows."""
    return _SCORERS[task]


def distance_of_sets(some: NDArray[Any], others: NDArray[Any], seed: int = 0) -> float:
    """How far two sets of pictures are apart: sliced Wasserstein distance (Rabin et al. 2012).

    The mean distance of their sorted projections on random directions, in grey values; 0 is the same set.
    """
    one, two = (part.reshape(len(part), -1).astype(np.float64) for part in (some, others))
    axes = np.random.default_rng(seed).normal(size=(one.shape[1], DIRECTIONS))
    axes /= np.linalg.norm(axes, axis=0)
    at = np.linspace(0, 1, max(len(one), len(two)))
    first, second = (np.quantile(part @ axes, at, axis=0) for part in (one, two))
    return float(np.abs(first - second).mean())


def noised(pictures: NDArray[np.float32], seed: Sequence[int], deviation: float) -> NDArray[np.float32]:
    """*pictures* with normal noise of *deviation* that is a function of *seed*."""
    grain = np.random.default_rng(seed).standard_normal(pictures.shape, np.float32)
    return np.asarray(pictures + grain * np.float32(deviation), np.float32)


def _balanced(counts: NDArray[Any], is_balanced: bool) -> NDArray[np.float32]:
    if not is_balanced:
        return np.ones(len(counts), np.float32)
    return np.asarray(counts.sum() / (len(counts) * np.maximum(counts, 1)), np.float32)


def _targets(loaded: Loaded) -> NDArray[np.float32]:
    if loaded.targets is None:
        raise TrainingTrouble("The data have no columns of numbers to learn.", "Give data.target.")
    if not np.isfinite(loaded.targets).all():
        raise TrainingTrouble("Some targets are missing.", "Choose data.missing: drop, fill or interpolate.")
    return loaded.targets.astype(np.float32)


def _auc(truth: NDArray[Any], logits: NDArray[Any]) -> float:
    return mean_auc(truth, logits - logits.mean(axis=1, keepdims=True))


def _mean_label_auc(truth: NDArray[Any], logits: NDArray[Any]) -> float:
    each = [
        mean_auc(truth[:, at].astype(int), np.stack([-logits[:, at], logits[:, at]], axis=1))
        for at in range(truth.shape[1])
        if 0 < truth[:, at].sum() < len(truth)
    ]
    return float(np.mean(each)) if each else 0.5


def _explained(truth: NDArray[Any], logits: NDArray[Any]) -> float:
    """The share of the spread that is explained, 1 for all."""
    spread = float(((truth - truth.mean(axis=0)) ** 2).sum())
    return 1.0 - float(((truth - logits) ** 2).sum()) / max(spread, 1e-12)


def _mean_dice(truth: NDArray[Any], logits: NDArray[Any]) -> float:
    return float(np.mean([_mask_score(*pair) for pair in zip(truth, logits, strict=True)]))


def _mask_score(truth: NDArray[np.uint8], logits: NDArray[np.float32]) -> float:
    if logits.shape[-1] == 1:
        return dice(truth > 0, logits[..., 0] >= 0)
    found = logits.argmax(axis=-1)
    return float(np.mean([dice(truth == label, found == label) for label in range(1, logits.shape[-1])]))


def _psnr(truth: NDArray[Any], logits: NDArray[Any]) -> float:
    """DB over the range of the true pictures, at most 99."""
    error = float(((truth - logits) ** 2).mean())
    peak = max(float(np.ptp(truth)), 1e-6)
    return float(min(99.0, 10 * np.log10(peak**2 / max(error, 1e-12))))


_SCORERS: dict[str, Callable[[NDArray[Any], NDArray[Any]], float]] = {
    "classification": _auc,
    "multilabel": _mean_label_auc,
    "regression": _explained,
    "segmentation": _mean_dice,
    "enhancement": _psnr,
    "generation": lambda truth, made: -distance_of_sets(truth, made),
}
