"""Estimators that also learn from pictures without a label (-1), and judge new ones as any other."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn import semi_supervised

from medviewer.kit.params import Slider
from medviewer.training.classical.by_hand import Kernel, Nearest, all_classes, shares
from medviewer.training.classical.constrained import cluster
from medviewer.training.classical.estimator import ESTIMATORS, Given, estimator

UNKNOWN = -1
CLASSIFIES = ("classification",)


@estimator("Self-training SVM", tasks=CLASSIFIES, learns_unlabelled=True)
def self_training(
    given: Given,
    *,
    certain: Annotated[float, Slider(0.5, 0.9999, label="Probability that becomes a label")] = 0.9,
    rounds: Annotated[int, Slider(1, 100)] = 10,
    kernel: Literal["rbf", "linear", "poly"] = "rbf",
    c: Annotated[float, Slider(1e-4, 1e4, label="C, smaller is smoother")] = 1.0,
) -> Any:
    """A support vector machine that takes its own certain answers for labels (D. Yarowsky 1995)."""
    return SelfTraining(ESTIMATORS["svm"](given, kernel=kernel, c=c), certain, rounds)


@estimator("Label spreading", tasks=CLASSIFIES, learns_unlabelled=True)
def label_spreading(
    given: Given,
    *,
    gamma: Annotated[float, Slider(1e-4, 100, label="Steepness, of one over the number of features")] = 10.0,
    softness: Annotated[float, Slider(0.01, 0.99, label="How much a label may give way")] = 0.2,
) -> Any:
    """Labels flow to pictures with similar features (D. Zhou et al. 2004)."""
    return Spreading(gamma, softness)


@estimator("Constrained clusters", tasks=CLASSIFIES, learns_unlabelled=True)
def constrained_clusters(
    given: Given,
    *,
    clusters: Annotated[int, Slider(0, 500, label="Clusters, 0 for two of each class")] = 0,
    links: Annotated[int, Slider(0, 100_000, label="Pairs of labelled pictures that constrain")] = 500,
) -> Any:
    """k-means in which labelled pictures of two classes never come together (K. Wagstaff et al. 2001).

    A new picture is what most labelled pictures of its nearest cluster are.
    """
    return Clusters(clusters, links, given.seed)


class SelfTraining:
    """`SelfTrainingClassifier`, of which the last inner estimator stays."""

    def __init__(self, inner: Any, certain: float, rounds: int) -> None:
        self._loop = semi_supervised.SelfTrainingClassifier(inner, threshold=certain, max_iter=rounds)
        self.inner: Any = inner
        self.classes_: NDArray[np.int64] = np.zeros(0, np.int64)

    def fit(self, rows: NDArray[Any], truth: NDArray[Any]) -> SelfTraining:
        """*truth* is -1 where there is no label."""
        self._loop.fit(rows, truth)
        self.inner = self._loop.estimator_
        self.classes_ = self.inner.classes_
        return self

    def predict(self, rows: NDArray[Any]) -> Any:
        """(n,)"""
        return self.inner.predict(rows)

    def predict_proba(self, rows: NDArray[Any]) -> Any:
        """(n, class)"""
        return self.inner.predict_proba(rows)


class Spreading(Kernel):
    """`LabelSpreading`; new pictures are told by the kernel over all that were given."""

    def __init__(self, gamma: float, softness: float) -> None:
        super().__init__()
        self._gamma, self._softness = gamma, softness

    def fit(self, rows: NDArray[Any], truth: NDArray[Any]) -> Spreading:
        """*truth* is -1 where there is no label."""
        self.points = self.scale(rows)
        self.gamma = self._gamma / rows.shape[1]
        found = semi_supervised.LabelSpreading(
            kernel="rbf", gamma=self.gamma, alpha=self._softness, max_iter=200
        ).fit(self.points, truth)
        self.classes_ = np.asarray(found.classes_)
        self.meanings = np.asarray(found.label_distributions_, np.float64)
        return self


class Clusters(Nearest):
    """COP-k-means, of which the middles stay, each with the shares of the classes."""

    def __init__(self, clusters: int, links: int, seed: int) -> None:
        super().__init__()
        self._clusters, self._links, self._seed = clusters, links, seed

    def fit(self, rows: NDArray[Any], truth: NDArray[Any]) -> Clusters:
        """*truth* is -1 where there is no label."""
        scaled = self.scale(rows)
        self.classes_ = all_classes(truth)
        count = self._clusters or 2 * len(self.classes_)
        found = cluster(scaled, truth.astype(np.int64), count, self._links, self._seed)
        self.points = found.middles
        self.meanings = shares(found.numbers, truth.astype(np.int64), len(found.middles), len(self.classes_))
        return self
