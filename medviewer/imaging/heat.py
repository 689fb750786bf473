"""A map of signed numbers laid over a grey picture, and the bar that says what its colours mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.colormaps import DIVERGING, LEVELS, color_map, colored
from medviewer.imaging.shapes import ColorBar, Drawn, Words

MOST_OPAQUE = 0.65
"""The strongest places are still seen through."""
BAR, ROOM = 14.0, 92.0
"""Widths of the bar and of the strip on which it stands with its words."""


def heated(greys: NDArray[np.uint8], values: NDArray[np.float32], most: float) -> NDArray[np.uint8]:
    """*greys* (row, column) with *values* of the same shape in colour, as (row, column, 3) RGB.

    Orange is for, blue against; values of *most* and beyond are the strongest, near 0 the picture stays.
    """
    share = np.clip(values / np.float32(most if most > 0 else 1.0), -1, 1)
    level = np.round((share + 1) / 2 * (LEVELS - 1)).astype(np.uint8)
    # the ends of the map only: its middle is a grey that would hide the picture
    ends = colored(np.where(level < LEVELS // 2, 0, LEVELS - 1).astype(np.uint8), DIVERGING)
    weight = (np.abs(share) * np.float32(MOST_OPAQUE))[..., None]
    mixed = greys[..., None].astype(np.float32) * (1 - weight) + ends.astype(np.float32) * weight
    return np.asarray(np.round(mixed), np.uint8)


def heat_bar(most: float, unit: str, height: int) -> tuple[Drawn, ...]:
    """The bar from -*most* to *most* for a strip of `ROOM` pixels and *height*, with its words."""
    line = 15.0
    top, tall = 2.5 * line, max(24.0, min(height - 4 * line, 200.0))
    left = 10.0
    colors = color_map(DIVERGING).hex()[::-1]
    edge = left + BAR + 6
    ticks = ((0.0, f"+{most:.3g}"), (0.5, "0"), (1.0, f"\N{MINUS SIGN}{most:.3g}"))
    return (
        Words(left, 4.0, "for", anchor=(0.0, 0.0), size=line),
        Words(left, top + tall + 6, "against", anchor=(0.0, 0.0), size=line),
        Words(left, top + tall + 6 + line, unit, anchor=(0.0, 0.0), size=line),
        ColorBar(left, top, BAR, tall, colors),
        *(Words(edge, top + share * tall, text, anchor=(0.0, 0.5), size=line) for share, text in ticks),
    )


def strongest(values: NDArray[np.float32]) -> float:
    """The value that gets the strongest colour: the largest, for or against."""
    return float(np.abs(values).max()) if values.size else 0.0
