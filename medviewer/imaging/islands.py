"""Connected parts of a mask: which are large enough to be meant."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def without_islands(mask: NDArray[np.bool_], smallest_px: int, keep: int = 0) -> NDArray[np.bool_]:
    """*mask* without its connected parts of fewer than *smallest_px* pixels.

    With *keep* above 0 only that many of the largest parts stay. Pixels that touch at a corner are connected.
    """
    count, parts, facts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    areas = facts[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    stays = areas >= max(1, smallest_px)
    if keep > 0 and count - 1 > keep:
        largest = np.argsort(-areas, kind="stable")[:keep]
        stays &= np.isin(np.arange(count), largest)
    stays[0] = False
    kept: NDArray[np.bool_] = stays[parts]
    return kept


def without_holes(mask: NDArray[np.bool_], largest_px: int) -> NDArray[np.bool_]:
    """*mask* with its holes of at most *largest_px* pixels filled; what touches the border is no hole."""
    count, parts, facts, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8), connectivity=4)
    rows, columns = mask.shape
    inside = (
        (facts[:, cv2.CC_STAT_LEFT] > 0)
        & (facts[:, cv2.CC_STAT_TOP] > 0)
        & (facts[:, cv2.CC_STAT_LEFT] + facts[:, cv2.CC_STAT_WIDTH] < columns)
        & (facts[:, cv2.CC_STAT_TOP] + facts[:, cv2.CC_STAT_HEIGHT] < rows)
    )
    filled = inside & (facts[:, cv2.CC_STAT_AREA] <= largest_px)
    filled[0] = False
    result: NDArray[np.bool_] = mask | filled[parts]
    return result
