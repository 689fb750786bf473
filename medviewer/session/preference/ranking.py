"""Strengths from pairs: the Bradley-Terry model with Davidson's ties, by maximum likelihood, with intervals.

Bradley and Terry, Biometrika 39 (1952) 324; ties: Davidson, J. Am. Stat. Assoc. 65 (1970) 317; whether a
maximum exists: Ford, Am. Math. Monthly 64 (1957) 28.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen

Z_95 = 1.959963984540054
MOST_STEPS = 200
SETTLED = 1e-10
FURTHEST = 30.0
"""No step goes further: the scale is logarithmic, and e**30 is beyond all counting."""

Counts = NDArray[np.int64]


@frozen(eq=False)
class Ranking:
    """How strong each recipe is, on a logarithmic scale whose mean is 0.

    A recipe is preferred to another e**d times as often as the other to it, where d is the difference of
    their strengths.
    """

    strengths: NDArray[np.float64]
    """(recipe,)"""
    covariance: NDArray[np.float64]
    """(recipe, recipe), of the strengths; its rows add up to 0"""
    tie: float
    """Davidson's nu: "no preference" against a preference among equals; 0: nobody said so"""
    is_steadied: bool
    """whether an imagined comparison with an average recipe, half won and half lost, was added to each:
    without it there is no maximum, for instance where one is never beaten"""

    @property
    def errors(self) -> NDArray[np.float64]:
        """Standard errors of the strengths."""
        return np.sqrt(np.clip(np.diag(self.covariance), 0, None))

    def interval(self, at: int) -> tuple[float, float]:
        """The 95 % interval of one strength, against the mean of all."""
        reach = Z_95 * float(self.errors[at])
        return float(self.strengths[at]) - reach, float(self.strengths[at]) + reach

    def difference(self, one: int, other: int) -> tuple[float, float, float]:
        """By how much *one* is stronger than *other*, and the 95 % interval of that."""
        cov = self.covariance
        error = math.sqrt(max(float(cov[one, one] + cov[other, other] - 2 * cov[one, other]), 0.0))
        found = float(self.strengths[one] - self.strengths[other])
        return found, found - Z_95 * error, found + Z_95 * error

    def chance(self, at: int) -> float:
        """How often the recipe is preferred to one of average strength, where either is."""
        return 1 / (1 + math.exp(-float(self.strengths[at])))


def rank(wins: Counts, ties: Counts) -> Ranking:
    """The ranking from how often recipe *i* was preferred to *j*, (i, j), and how often neither was, (i, j).

    *ties* is symmetric: each counts in both places. Raises BadValue where nothing was preferred even once.
    """
    wins, ties = np.asarray(wins, np.int64), np.asarray(ties, np.int64)
    if not wins.any():
        raise BadValue("There is no ranking: no picture was preferred to another yet.", "Answer more pairs.")
    steadied = not has_maximum(wins, ties)
    strengths, tie, information, has_ties = _maximum(wins, ties, steadied)
    # the covariance of what is free, taken to the strengths, which add up to 0
    count = len(wins)
    covariance = np.linalg.inv(information)
    basis = _basis(count)
    inner = covariance[: count - 1, : count - 1]
    return Ranking(strengths, basis @ inner @ basis.T, math.exp(tie) if has_ties else 0.0, steadied)


def has_maximum(wins: Counts, ties: Counts) -> bool:
    """Whether one set of strengths is likelier than all others.

    From each recipe a chain of preferences, or of ties, has to lead to every other one (Ford 1957). With
    ties the strengths must not be able to grow together with the weight of a tie either: it must be
    impossible to place the recipes so that whatever was preferred stands higher by 1 at least, and what was
    tied by 1 at most.
    """
    won, tied = np.asarray(wins) > 0, np.asarray(ties) > 0
    linked = won | tied | np.eye(len(won), dtype=bool)
    for middle in range(len(won)):
        linked |= linked[:, middle, None] & linked[middle]
    if not linked.all() or not tied.any():
        return bool(linked.all())
    # a circle of such steps that leads below where it began says that there are no such places
    step = np.where(won, -1.0, np.where(tied, 1.0, np.inf))
    for middle in range(len(won)):
        step = np.minimum(step, step[:, middle, None] + step[middle])
    return bool((np.diag(step) < 0).any())


def wilson(successes: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, J. Am. Stat. Assoc. 22 (1927) 209); of nothing it is 0 to 1."""
    if count < 1:
        return 0.0, 1.0
    share, z2 = successes / count, Z_95**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    reach = Z_95 * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2)) / (1 + z2 / count)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _maximum(
    wins: Counts, ties: Counts, steadied: bool
) -> tuple[NDArray[np.float64], float, NDArray[np.float64], bool]:
    """Newton's method on a concave function; half steps where a whole one leads down."""
    count = len(wins)
    has_ties = bool(ties.any())
    basis = _basis(count)
    free = np.zeros(count - 1 + has_ties)
    value, slope, information = _likelihood(free, basis, wins, ties, steadied)
    for _ in range(MOST_STEPS):
        step = np.clip(np.linalg.solve(information, slope), -FURTHEST, FURTHEST)
        for _ in range(60):
            found = _likelihood(free + step, basis, wins, ties, steadied)
            if found[0] >= value - 1e-12:
                break
            step = step / 2
        free = free + step
        value, slope, information = found
        if float(np.abs(step).max(initial=0)) < SETTLED:
            break
    tie = float(free[-1]) if has_ties else 0.0
    return basis @ free[: count - 1], tie, information, has_ties


def _likelihood(
    free: NDArray[np.float64], basis: NDArray[np.float64], wins: Counts, ties: Counts, steadied: bool
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """The logarithm of the likelihood, its slope and its information, in what is free.

    Each pair has three outcomes whose weights are exponentials of sums: one preferred, the other, neither.
    """
    count, has_ties = len(wins), len(free) > len(wins) - 1
    strengths = basis @ free[: count - 1]
    to_free = np.zeros((count + has_ties, len(free)))
    to_free[:count, : count - 1] = basis
    if has_ties:
        to_free[count, count - 1] = 1.0
    value = 0.0
    slope, information = np.zeros(count + has_ties), np.zeros((count + has_ties,) * 2)
    for one in range(count):
        for other in range(one + 1, count):
            seen = [int(wins[one, other]), int(wins[other, one])] + [int(ties[one, other])] * has_ties
            if not sum(seen):
                continue
            sums = [strengths[one], strengths[other]]
            sums += [free[-1] + (strengths[one] + strengths[other]) / 2] * has_ties
            parts = np.zeros((len(seen), count + has_ties))
            parts[0, one] = parts[1, other] = 1.0
            if has_ties:
                parts[2, [one, other, count]] = 0.5, 0.5, 1.0
            more = _pair(np.asarray(seen, float), np.asarray(sums), parts)
            value, slope, information = value + more[0], slope + more[1], information + more[2]
    if steadied:
        chance = 1 / (1 + np.exp(-strengths))
        value -= float(np.logaddexp(0, strengths).sum() + np.logaddexp(0, -strengths).sum()) / 2
        slope[:count] += 0.5 - chance
        information[range(count), range(count)] += chance * (1 - chance)
        if has_ties:
            # where neither was ever preferred, or always, a tie has no likeliest weight either
            share = 1 / (1 + math.exp(-float(free[-1])))
            value -= float(np.logaddexp(0, free[-1]) + np.logaddexp(0, -free[-1])) / 2
            slope[count] += 0.5 - share
            information[count, count] += share * (1 - share)
    return value, to_free.T @ slope, to_free.T @ information @ to_free


def _pair(
    seen: NDArray[np.float64], sums: NDArray[np.float64], parts: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """What the answers about one pair of recipes add."""
    total = float(seen.sum())
    top = float(sums.max())
    weights = np.exp(sums - top)
    shares = weights / weights.sum()
    mean = shares @ parts
    value = float(seen @ sums) - total * (top + math.log(float(weights.sum())))
    around = parts - mean
    return value, seen @ parts - total * mean, total * (around.T * shares) @ around


def _basis(count: int) -> NDArray[np.float64]:
    """(count, count - 1): directions of length 1, across each other, in which the sum stays 0."""
    basis = np.zeros((count, count - 1))
    for at in range(1, count):
        basis[:at, at - 1] = 1.0
        basis[at, at - 1] = -at
        basis[:, at - 1] /= math.sqrt(at * (at + 1))
    return basis
