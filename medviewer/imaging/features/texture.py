"""Which grey values lie beside which: co-occurrence matrices and local binary patterns."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.features.feature import Image, Mask, features
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Slider, Words

ANGLES = (0, 45, 90, 135)
PROPERTIES = ("contrast", "dissimilarity", "homogeneity", "energy", "correlation", "entropy")
LBP_POINTS, LBP_RADIUS = 8, 1


@features("Texture (co-occurrence)")
def glcm(
    image: Image,
    spacing: tuple[float, float],
    mask: Mask | None,
    *,
    levels: Annotated[int, Slider(4, 256, label="Grey levels")] = 32,
    distances: Annotated[str, Words("Distances", "pixels, with spaces between")] = "1 2 4",
    directions: Annotated[
        Literal["mean", "each"], Words("Directions", "mean: of 0, 45, 90 and 135 degrees")
    ] = "mean",
) -> dict[str, float]:
    """Contrast, dissimilarity, homogeneity, energy, correlation, entropy of the co-occurrence matrix.

    After R. Haralick et al., IEEE SMC-3, 1973: symmetric matrices of 0..1 cut into equal *levels*; pairs with
    a pixel outside of the mask do not count.
    """
    steps = numbers_in(distances, "Distances", 1, 64)
    matrices = co_occurrence(image, mask, levels, steps)
    found = {}
    for name in PROPERTIES:
        values = _property(matrices, name)
        for at, step in enumerate(steps):
            if directions == "mean":
                found[f"glcm_{name}_{step:g}"] = float(values[at].mean())
            else:
                found |= {
                    f"glcm_{name}_{step:g}_{angle}": float(values[at, number])
                    for number, angle in enumerate(ANGLES)
                }
    return found


@features("Local binary patterns")
def lbp(image: Image, spacing: tuple[float, float], mask: Mask | None) -> dict[str, float]:
    """The shares of the ten uniform patterns of eight neighbours (T. Ojala et al., IEEE PAMI 24, 2002)."""
    from skimage import feature as scikit  # noqa: PLC0415  heavy, and needed only here

    # whole numbers, so that equal neighbours are equal on every processor
    local_binary_pattern: Any = scikit.local_binary_pattern
    steps = np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)
    codes = local_binary_pattern(steps, LBP_POINTS, LBP_RADIUS, method="uniform")
    counted = codes.ravel() if mask is None else codes[mask]
    counts = np.bincount(counted.astype(int), minlength=LBP_POINTS + 2)
    return {f"lbp_{at}": float(count / counted.size) for at, count in enumerate(counts)}


def co_occurrence(
    image: Image, mask: Mask | None, levels: int, distances: tuple[float, ...]
) -> NDArray[np.float64]:
    """Shares of pairs, (distance, angle, level, level); all 0 where there is no pair."""
    from skimage import feature as scikit  # noqa: PLC0415  heavy, and needed only here

    steps = np.clip((image * levels).astype(np.int64), 0, levels - 1) + 1
    if mask is not None:
        steps[~mask] = 0
    graycomatrix: Any = scikit.graycomatrix
    radians = [math.radians(angle) for angle in ANGLES]
    counts = graycomatrix(steps.astype(np.uint16), distances, radians, levels + 1, symmetric=True)
    # level 0 is what lies outside
    pairs = np.moveaxis(counts[1:, 1:].astype(np.float64), (0, 1), (2, 3))
    return np.asarray(pairs / np.maximum(pairs.sum(axis=(2, 3), keepdims=True), 1))


def numbers_in(text: str, what: str, low: float, high: float) -> tuple[float, ...]:
    """The numbers in *text*, spaces between. Raises BadValue that names *what* they are."""
    try:
        found = tuple(float(word) for word in text.split())
    except ValueError:
        found = ()
    if not found or len(set(found)) < len(found) or not all(low <= number <= high for number in found):
        raise BadValue(
            f"{what} cannot be {text!r:.60}.",
            f"They are numbers from {low:g} to {high:g}, each once, with spaces between.",
        )
    return found


def _property(matrices: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    """(distance, angle)"""
    places: NDArray[Any] = np.indices(matrices.shape[2:])
    one, other = places
    if name == "entropy":
        return np.asarray(-(matrices * np.log2(np.where(matrices > 0, matrices, 1))).sum(axis=(2, 3)))
    if name == "energy":
        return np.asarray(np.sqrt((matrices**2).sum(axis=(2, 3))))
    if name == "correlation":
        return _correlation(matrices, one, other)
    weights = {
        "contrast": (one - other) ** 2.0,
        "dissimilarity": np.abs(one - other),
        "homogeneity": 1 / (1 + (one - other) ** 2.0),
    }[name]
    return np.asarray((matrices * weights).sum(axis=(2, 3)))


def _correlation(
    matrices: NDArray[np.float64], one: NDArray[Any], other: NDArray[Any]
) -> NDArray[np.float64]:
    """1 where all pixels are of one grey, as IBSI and scikit-image have it."""
    mean = (matrices * one).sum(axis=(2, 3), keepdims=True)
    # a symmetric matrix has one mean and one variance
    variance = (matrices * (one - mean) ** 2).sum(axis=(2, 3))
    together = (matrices * (one - mean) * (other - mean)).sum(axis=(2, 3))
    return np.where(variance > 1e-12, together / np.maximum(variance, 1e-12), 1.0)
