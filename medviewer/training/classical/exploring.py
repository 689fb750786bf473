"""What features say of pictures without being told any label: components, clusters, a map."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster import hierarchy
from sklearn import cluster, decomposition, manifold, metrics
from sklearn.exceptions import ConvergenceWarning

from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.training.classical.self_organising import Sheet, trained

Points = NDArray[np.float64]
MOST_IN_TREE = 150
MOST_JUDGED = 2000
"""pictures for the silhouette and for t-SNE, which compare each with each"""
FEWEST = 8
COMPONENTS = 10


@frozen(eq=False)
class Clusters:
    """Clusters, and how they agree with the classes."""

    numbers: NDArray[np.int64]
    silhouette: float
    """-1 to 1: how much nearer pictures are to their own cluster than to the next (P. Rousseeuw 1987)"""
    rand: float | None
    """adjusted for chance (L. Hubert, P. Arabie 1985): 1 as the classes, 0 by chance; None without"""


@frozen(eq=False)
class Explored:
    """Everything that was found."""

    principal: Points
    """(n, component)"""
    explained: NDArray[np.float64]
    """the share of the variance of each component"""
    loadings: tuple[tuple[str, ...], ...]
    """of each of the first components the features that count most in it"""
    independent: Points
    """(n, 2): the two components that are least like noise"""
    means: Clusters
    tree: Clusters
    linkage: Points
    """of `tree_rows`, as SciPy has it"""
    tree_rows: NDArray[np.int64]
    sheet: Sheet
    places: NDArray[np.int64]
    """(n, 2) on the sheet"""
    shown: dict[tuple[int, int], int]
    """for each node that has pictures the one that is nearest to it"""
    embedded: Points | None
    """(n, 2) of t-SNE"""
    embedded_rows: NDArray[np.int64]


def explored(
    features: NDArray[np.float32],
    names: tuple[str, ...],
    classes: NDArray[np.int64] | None,
    context: TaskContext,
    *,
    clusters: int = 0,
    side: int = 0,
    tsne: bool = False,
    seed: int = 1,
) -> Explored:
    """Explore *features* (n, feature); *classes* (n,) only colour and judge.

    *clusters* 0 takes as many as there are classes, else those with the best silhouette; *side* 0 chooses the
    side of the map by the number of pictures. Raises TrainingTrouble, Cancelled.
    """
    if len(features) < FEWEST:
        raise TrainingTrouble(f"There are {len(features)} pictures.", f"Exploring takes {FEWEST} or more.")
    points, kept = _scaled(features, names)
    rng = np.random.default_rng(seed)
    context.report(0.0, "Principal components")
    count = min(COMPONENTS, *points.shape)
    pca = decomposition.PCA(count, random_state=seed)
    principal = pca.fit_transform(points)
    context.report(0.15, "Independent components")
    independent = _independent(points, count, seed)
    context.report(0.3, "Clusters")
    few = rng.permutation(len(points))[:MOST_JUDGED]
    wanted = clusters or (len(np.unique(classes)) if classes is not None else 0)
    means = _means(points, wanted, classes, few, seed)
    context.report(0.5, "Tree")
    rows = np.sort(rng.permutation(len(points))[:MOST_IN_TREE])
    linkage = hierarchy.linkage(points[rows], "ward")
    groups = hierarchy.fcluster(linkage, int(means.numbers.max()) + 1, "maxclust") - 1
    inside = None if classes is None else classes[rows]
    tree = _judged(points[rows], groups.astype(np.int64), inside, np.arange(len(rows)))
    context.report(0.65, "Map")
    edge = side or int(np.clip(round(np.sqrt(5 * np.sqrt(len(points)))), 3, 10))
    sheet = trained(points, edge, edge)
    embedded, embedded_rows = None, np.sort(few)
    if tsne:
        context.report(0.75, "t-SNE")
        perplexity = min(30.0, (len(embedded_rows) - 1) / 3)
        learner = manifold.TSNE(2, perplexity=perplexity, init="pca", random_state=seed)
        embedded = np.asarray(learner.fit_transform(principal[embedded_rows]), np.float64)
    context.check()
    return Explored(
        principal, pca.explained_variance_ratio_, _loadings(pca.components_, kept), independent, means, tree,
        linkage, rows, sheet, sheet.places(points), sheet.examples(points), embedded, embedded_rows,
    )  # fmt: skip


def _scaled(features: NDArray[np.float32], names: tuple[str, ...]) -> tuple[Points, tuple[str, ...]]:
    """Features of mean 0 and deviation 1, without those that never change."""
    spread = features.astype(np.float64).std(axis=0)
    varies = np.ptp(features, axis=0) > 0
    if varies.sum() < 2:
        raise TrainingTrouble("The features of all pictures are the same.", "Choose other features.")
    points = (features[:, varies].astype(np.float64) - features[:, varies].mean(axis=0)) / spread[varies]
    return points, tuple(name for name, one in zip(names, varies, strict=True) if one)


def _independent(points: Points, count: int, seed: int) -> Points:
    """The two components that are least normally distributed (A. Hyvärinen 1999)."""
    with warnings.catch_warnings():
        # components that have not settled are drawn as they are: this is a look, not a measurement
        warnings.simplefilter("ignore", ConvergenceWarning)
        learner = decomposition.FastICA(count, whiten="unit-variance", max_iter=500, random_state=seed)
        found = learner.fit_transform(points)
    unlike = np.abs((found**4).mean(axis=0) / (found**2).mean(axis=0) ** 2 - 3)
    return np.asarray(found[:, np.argsort(-unlike)[:2]], np.float64)


def _means(
    points: Points, wanted: int, classes: NDArray[np.int64] | None, few: NDArray[np.int64], seed: int
) -> Clusters:
    counts = [wanted] if wanted > 1 else range(2, min(9, len(points) - 1))
    found = []
    for count in counts:
        learner = cluster.KMeans(count, n_init=10, random_state=seed).fit(points)
        found.append(_judged(points, learner.labels_.astype(np.int64), classes, few))
    return max(found, key=lambda one: one.silhouette)


def _judged(
    points: Points, numbers: NDArray[np.int64], classes: NDArray[np.int64] | None, few: NDArray[np.int64]
) -> Clusters:
    several = 1 < len(np.unique(numbers[few])) < len(few)
    silhouette = float(metrics.silhouette_score(points[few], numbers[few])) if several else 0.0
    rand = None if classes is None else float(metrics.adjusted_rand_score(classes, numbers))
    return Clusters(numbers, silhouette, rand)


def _loadings(components: Points, names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(names[at] for at in np.argsort(-np.abs(row))[:4]) for row in components[:3])


def in_words(found: Explored) -> dict[str, Any]:
    """The figures alone, for the terminal."""
    return {
        "explained_variance": [round(float(share), 4) for share in found.explained],
        "k_means": _told(found.means),
        "tree": _told(found.tree),
        "map": {
            "nodes": list(found.sheet.nodes.shape[:2]),
            "distance": round(found.sheet.error, 4),
            "torn": round(found.sheet.torn, 4),
        },
    }


def _told(found: Clusters) -> dict[str, Any]:
    told = {"clusters": int(found.numbers.max()) + 1, "silhouette": round(found.silhouette, 4)}
    return told | ({} if found.rand is None else {"adjusted_rand": round(found.rand, 4)})
