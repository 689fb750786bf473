"""How bright a picture or a region is, and how its grey values are spread (IBSI, first-order statistics)."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from medviewer.imaging.features.feature import Image, Mask, features, inside
from medviewer.kit.params import Slider

PERCENTILES = (10, 25, 50, 75, 90)


@features("Intensity")
def intensity(
    image: Image,
    spacing: tuple[float, float],
    mask: Mask | None,
    *,
    bins: Annotated[int, Slider(4, 1024, label="Bins of the histogram")] = 64,
) -> dict[str, float]:
    """Mean, deviation, percentiles, skewness, excess kurtosis, energy, and entropy over bins from 0 to 1.

    Deviation and moments are those of the population (divided by n), as IBSI has them.
    """
    values = inside(image, mask)
    mean, deviation = float(values.mean()), float(values.std())
    from_mean = values - mean
    counts, _ = np.histogram(np.clip(values, 0, 1), bins=bins, range=(0.0, 1.0))
    shares = counts[counts > 0] / values.size
    found = {
        "mean": mean,
        "deviation": deviation,
        "minimum": float(values.min()),
        "maximum": float(values.max()),
        "skewness": _ratio(float((from_mean**3).mean()), deviation**3),
        "kurtosis": _ratio(float((from_mean**4).mean()), deviation**4, 3.0) - 3.0,
        "energy": float((values**2).sum()),
        "root_mean_square": float(np.sqrt((values**2).mean())),
        "entropy": float(-(shares * np.log2(shares)).sum()),
        "uniformity": float((shares**2).sum()),
    }
    cuts = np.percentile(values, PERCENTILES)
    found |= {f"percentile_{at}": float(cut) for at, cut in zip(PERCENTILES, cuts, strict=True)}
    return {f"intensity_{name}": number for name, number in found.items()}


def _ratio(above: float, below: float, otherwise: float = 0.0) -> float:
    """A picture of one grey has no shape of its distribution; rounding must not invent one."""
    return above / below if below > 1e-12 else otherwise
