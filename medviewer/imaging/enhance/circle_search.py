"""Circles among edges: every edge votes for the centres on its gradient, and what is voted for is measured.

After C. Kimme, D. Ballard and J. Sklansky, Finding circles by an array of accumulators, Comm. ACM 18, 1975.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.core.marks import Circle
from medviewer.imaging.enhance.operation import Image
from medviewer.kit.frozen import frozen

CANDIDATES = 300
"""So many places with the most votes are looked at."""
WIDE_PX = 1.5
"""How far votes for one centre lie apart."""
ALIGNED = 0.9
"""The edge of a circle runs across the way to its centre: the least cosine."""
SECTORS = 72
LEAST_EDGES = 8
"""Fewer pixels say nothing of where a circle lies."""
DISTINCT_SHARE = 0.5
"""Two circles are told apart when their centres are this share of the larger radius away, or more."""


@frozen(eq=False)
class Edges:
    """Edge pixels and which way the greys rise across them."""

    places: NDArray[np.float64]
    """(edge, 2): row, column"""
    rising: NDArray[np.float64]
    """(edge, 2): a vector of length 1"""

    @classmethod
    def of(cls, greys: Image, lines: NDArray[np.uint8], sigma: float) -> Edges:
        """The edges of *greys*, smoothed by *sigma*, that lie on *lines*."""
        smooth = cv2.GaussianBlur(greys, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
        at = np.nonzero(lines)
        across, down = (
            cv2.Sobel(smooth, cv2.CV_32F, x, 1 - x, borderType=cv2.BORDER_REFLECT)[at] for x in (1, 0)
        )
        rising = np.column_stack([down, across]).astype(np.float64)
        steepness = np.maximum(np.hypot(rising[:, :1], rising[:, 1:]), 1e-12)
        return cls(np.column_stack(at).astype(np.float64), rising / steepness)


def find_circles(
    edges: Edges, shape: tuple[int, int], radii: tuple[float, float], least_seen: float, most: int
) -> list[Circle]:
    """Up to *most* circles with *radii* from the first to the second, those that are seen best first.

    At least the share *least_seen* of a circle lies on *edges*, and its centre in a picture of *shape*.
    """
    if len(edges.places) < LEAST_EDGES:
        return []
    measured = [
        found for center in _centers(edges, shape, radii) if (found := _measured(edges, center, radii))
    ]
    kept: list[Circle] = []
    for seen, circle in sorted(measured, key=lambda one: (-one[0], one[1].center)):
        if seen >= least_seen and not any(_is_alike(circle, other) for other in kept):
            kept.append(circle)
    return kept[:most]


def _centers(edges: Edges, shape: tuple[int, int], radii: tuple[float, float]) -> list[tuple[float, float]]:
    """The places with the most votes; each edge counts for less the further away it votes."""
    votes = np.zeros(shape[0] * shape[1], np.float64)
    for radius in np.arange(radii[0], radii[1] + 1):
        for side in (-radius, radius):
            row, column = np.rint(edges.places + side * edges.rising).astype(np.int64).T
            inside = (row >= 0) & (row < shape[0]) & (column >= 0) & (column < shape[1])
            at = row[inside] * shape[1] + column[inside]
            votes += np.bincount(at, minlength=len(votes)) / radius
    spread = cv2.GaussianBlur(votes.reshape(shape), (0, 0), WIDE_PX, borderType=cv2.BORDER_CONSTANT)
    is_peak = (spread > 0) & (spread >= cv2.dilate(spread, np.ones((3, 3), np.uint8)))
    peaks = np.flatnonzero(is_peak)
    best = peaks[np.argsort(-spread.ravel()[peaks], kind="stable")][:CANDIDATES]
    return [(float(at // shape[1]), float(at % shape[1])) for at in best]


def _measured(
    edges: Edges, center: tuple[float, float], radii: tuple[float, float]
) -> tuple[float, Circle] | None:
    """The circle around *center* that most edges lie on, and which share of it is seen."""
    way = edges.places - center
    away = np.hypot(way[:, 0], way[:, 1])
    aligned = np.abs((way * edges.rising).sum(axis=1)) >= ALIGNED * away
    held = aligned & (away >= radii[0] - 1) & (away <= radii[1] + 1)
    if held.sum() < LEAST_EDGES:
        return None
    counts = np.bincount(np.rint(away[held]).astype(np.int64), minlength=3).astype(np.float64)
    around = np.convolve(counts, np.ones(3), mode="same") / np.maximum(np.arange(len(counts)), 1)
    circle = _fitted(Circle(center, float(np.argmax(around))), edges.places[held])
    if not radii[0] - 1 <= circle.radius_px <= radii[1] + 1:
        return None
    return _seen(circle, edges.places[aligned]), circle


def _fitted(circle: Circle, places: NDArray[np.float64]) -> Circle:
    """*circle*, found to a few pixels, moved onto the edges near it.

    The circle of least squares of I. Kasa, IEEE Trans. Instrumentation and Measurement 25, 1976.
    """
    fitted = circle
    for reach_px in (3.0, 2.0):
        away = np.hypot(*(places - fitted.center).T) - fitted.radius_px
        near = places[np.abs(away) <= reach_px] - circle.center
        if len(near) < LEAST_EDGES:
            return circle
        terms = np.column_stack([2 * near, np.ones(len(near))])
        (row, column, rest), *_ = np.linalg.lstsq(terms, (near**2).sum(axis=1), rcond=None)
        if math.hypot(row, column) > 3 * reach_px:
            return circle
        radius = math.sqrt(max(rest + row**2 + column**2, 0.0))
        fitted = Circle((circle.center[0] + float(row), circle.center[1] + float(column)), radius)
    return fitted


def _seen(circle: Circle, places: NDArray[np.float64]) -> float:
    """The share of the sectors around *circle* in which an edge lies on it."""
    way = places - circle.center
    near = way[np.abs(np.hypot(way[:, 0], way[:, 1]) - circle.radius_px) <= WIDE_PX]
    sectors = min(SECTORS, max(round(math.pi * circle.radius_px), 8))
    turns = (np.arctan2(near[:, 0], near[:, 1]) / (2 * math.pi)) % 1
    return len(np.unique(np.floor(turns * sectors))) / sectors


def _is_alike(one: Circle, two: Circle) -> bool:
    return math.dist(one.center, two.center) < DISTINCT_SHARE * max(one.radius_px, two.radius_px)
