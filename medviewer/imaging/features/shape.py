"""How large an outline is, and of what form."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.features.feature import Image, Mask, features
from medviewer.kit.params import Words

NAMES = (
    "area_mm2",
    "perimeter_mm",
    "major_axis_mm",
    "minor_axis_mm",
    "feret_mm",
    "eccentricity",
    "solidity",
    "circularity",
    "extent",
)


@features("Shape", needs_mask=True)
def shape(
    image: Image,
    spacing: tuple[float, float],
    mask: Mask | None,
    *,
    of: Annotated[
        Literal["given", "bright", "dark"],
        Words("Region", "given: an outline; bright, dark: the largest part above or below Otsu's threshold"),
    ] = "given",
) -> dict[str, float]:
    """Area, perimeter, axes, largest diameter, eccentricity, solidity, circularity and extent of a region.

    In mm where the spacing of the prepared picture is known, else in its pixels. The perimeter runs along the
    marching-squares outline at one half, the axes are those of the ellipse with the same second moments.
    """
    found = mask if of == "given" else _found(image, of == "bright")
    if found is None or not found.any():
        return dict.fromkeys((f"shape_{name}" for name in NAMES), 0.0)
    return {
        f"shape_{name}": value
        for name, value in zip(NAMES, _measured(found, np.asarray(spacing, float)), strict=True)
    }


def _measured(mask: Mask, spacing: NDArray[np.float64]) -> tuple[float, ...]:
    from scipy.spatial import ConvexHull  # noqa: PLC0415  heavy, and needed only here
    from scipy.spatial.distance import pdist  # noqa: PLC0415
    from skimage import measure  # noqa: PLC0415

    find_contours: Any = measure.find_contours
    area = float(mask.sum() * spacing.prod())
    outlines = [line * spacing for line in find_contours(np.pad(mask, 1).astype(float), 0.5)]
    perimeter = sum(float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum()) for line in outlines)
    places = np.argwhere(mask) * spacing
    variances = np.sort(np.linalg.eigvalsh(_covariance(places, spacing)))[::-1]
    major, minor = 4 * np.sqrt(np.maximum(variances, 0))
    corners = np.concatenate([places + spacing * np.array(at) / 2 for at in _CORNERS])
    hull = ConvexHull(corners)
    diameter = float(pdist(corners[hull.vertices]).max())
    box = np.ptp(corners, axis=0).prod()
    return (
        area,
        perimeter,
        float(major),
        float(minor),
        diameter,
        float(np.sqrt(max(0.0, 1 - variances[1] / variances[0]))),
        area / float(hull.volume),
        4 * np.pi * area / perimeter**2,
        area / float(box),
    )


_CORNERS = ((-1, -1), (-1, 1), (1, -1), (1, 1))


def _covariance(places: NDArray[np.float64], spacing: NDArray[np.float64]) -> NDArray[np.float64]:
    """Second central moments of the pixels as areas, so that one pixel has some, too."""
    from_middle = places - places.mean(axis=0)
    return np.asarray(from_middle.T @ from_middle / len(places) + np.diag(spacing**2) / 12)


def _found(image: Image, is_bright: bool) -> Mask | None:
    """The largest part above or below Otsu's threshold."""
    from skimage import filters, measure  # noqa: PLC0415  heavy, and needed only here

    threshold_otsu: Any = filters.threshold_otsu
    label: Any = measure.label
    if float(np.ptp(image)) <= 0:
        return None
    cut = threshold_otsu(image)
    parts = label(image > cut if is_bright else image <= cut)
    sizes = np.bincount(parts.ravel())[1:]
    return np.asarray(parts == 1 + int(sizes.argmax()))
