"""k-means with pairs that must, and pairs that must not, come together.

After K. Wagstaff, C. Cardie, S. Rogers, S. Schroedl, ICML 2001 (COP-k-means), with the first middles from
the labelled points (S. Basu, A. Banerjee, R. Mooney, ICML 2002: seeded k-means). Where a point has no cluster
left that heeds all its pairs, the one that breaks the fewest is taken, and they are counted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.frozen import frozen

Pairs = Sequence[tuple[int, int]]
MOST_ROUNDS = 50


@frozen(eq=False)
class Found:
    """Clusters."""

    numbers: NDArray[np.int64]
    """of each point its cluster, (n,)"""
    middles: NDArray[np.float64]
    """(cluster, feature)"""
    broken: int
    """pairs that must not come together and do"""


def cluster(
    points: NDArray[np.float64], truth: NDArray[np.int64], count: int, links: int, seed: int
) -> Found:
    """*count* clusters of *points* (n, feature) that heed *links* pairs drawn from *truth* (-1 unknown).

    Pairs of two classes must not come together. Raises TrainingTrouble with fewer clusters than classes.
    """
    rng = np.random.default_rng(seed)
    apart = drawn_pairs(truth, links, rng)
    return constrained(points, first_middles(points, truth, count, rng), (), apart)


def constrained(
    points: NDArray[np.float64],
    middles: NDArray[np.float64],
    together: Pairs,
    apart: Pairs,
) -> Found:
    """Clusters from *middles* (cluster, feature) on that heed pairs of places of points.

    Raises TrainingTrouble where a pair must and must not come together.
    """
    middles = middles.copy()
    group, forbidden = _groups(len(points), together, apart)
    count = int(group.max()) + 1
    sizes = np.bincount(group, minlength=count).astype(np.float64)
    sums = np.zeros((count, points.shape[1]))
    np.add.at(sums, group, points)
    means = sums / sizes[:, None]
    numbers = np.full(count, -1)
    for _ in range(MOST_ROUNDS):
        new = _assigned(means, middles, forbidden)
        if np.array_equal(new, numbers):
            break
        numbers = new
        for at in range(len(middles)):
            of = numbers == at
            if of.any():
                middles[at] = (means[of] * sizes[of, None]).sum(axis=0) / sizes[of].sum()
    found = numbers[group].astype(np.int64)
    broken = sum(int(found[one] == found[other]) for one, other in apart)
    return Found(found, middles, broken)


def drawn_pairs(truth: NDArray[np.int64], links: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """At most *links* pairs of places whose labels are known and differ."""
    known = np.flatnonzero(truth >= 0)
    one, other = rng.choice(known, links), rng.choice(known, links)
    return [(int(a), int(b)) for a, b in zip(one, other, strict=True) if truth[a] != truth[b]]


def first_middles(
    points: NDArray[np.float64], truth: NDArray[np.int64], count: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """The mean of each class, and more drawn from those of each class in turn."""
    classes = np.unique(truth[truth >= 0])
    if count < len(classes):
        raise TrainingTrouble(
            f"{count} clusters cannot keep {len(classes)} classes apart.", "Take as many clusters, or more."
        )
    middles = [points[truth == label].mean(axis=0) for label in classes]
    for at in range(count - len(classes)):
        of = np.flatnonzero(truth == classes[at % len(classes)])
        some = rng.choice(of, max(1, len(of) // 4), replace=False)
        middles.append(points[some].mean(axis=0))
    return np.stack(middles)


def _groups(count: int, together: Pairs, apart: Pairs) -> tuple[NDArray[np.int64], dict[int, set[int]]]:
    """The number of each point's group of those that must come together, and which groups must not meet."""
    parent = list(range(count))

    def top(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for one, other in together:
        parent[top(other)] = top(one)
    _, group = np.unique([top(at) for at in range(count)], return_inverse=True)
    forbidden: dict[int, set[int]] = {}
    for one, other in apart:
        first, second = int(group[one]), int(group[other])
        if first == second:
            raise TrainingTrouble("Two pictures must and must not come together.", "Check their labels.")
        forbidden.setdefault(first, set()).add(second)
        forbidden.setdefault(second, set()).add(first)
    return np.asarray(group, np.int64), forbidden


def _assigned(
    means: NDArray[np.float64],
    middles: NDArray[np.float64],
    forbidden: dict[int, set[int]],
) -> NDArray[np.int64]:
    """The nearest cluster of each group with the fewest forbidden ones; the most constrained choose first."""
    distances = ((means[:, None] - middles[None]) ** 2).sum(axis=2)
    numbers = np.asarray(distances.argmin(axis=1), np.int64)
    bound = sorted(forbidden, key=lambda at: (-len(forbidden[at]), at))
    placed: dict[int, int] = {}
    for at in bound:
        there = [placed[other] for other in forbidden[at] if other in placed]
        broken = np.bincount(there, minlength=len(middles)) if there else np.zeros(len(middles))
        placed[at] = int(np.lexsort((distances[at], broken))[0])
        numbers[at] = placed[at]
    return numbers
