"""Several planes behind one another as one: their mean, or the largest or smallest value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.cut import Slab


def together(pictures: Iterable[NDArray[np.float32]], slab: Slab, falls: bool) -> NDArray[np.float32]:
    """Pictures behind one another as one; NaN takes no part.

    *falls* where the largest modality value is the smallest stored one, as with a negative slope.
    """
    several = iter(pictures)
    found = next(several)
    if slab is Slab.MEAN:
        return _mean(found, several)
    choose = np.fmin if (slab is Slab.MINIMUM) != falls else np.fmax
    for picture in several:
        choose(found, picture, out=found)
    return found


def of_whole_numbers(layers: NDArray[Any], slab: Slab, falls: bool) -> NDArray[np.float32]:
    """The same of *layers* (layer, row, column) of whole numbers, all of which are part of the picture."""
    if slab is Slab.MEAN:
        total = np.add.reduce(layers, axis=0, dtype=np.int64)
        mean: NDArray[np.float32] = (total / len(layers)).astype(np.float32)
        return mean
    choose = np.minimum if (slab is Slab.MINIMUM) != falls else np.maximum
    values: NDArray[np.float32] = choose.reduce(layers, axis=0).astype(np.float32)
    return values


def _mean(first: NDArray[np.float32], others: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
    there = np.isfinite(first)
    count, total = there.astype(np.float32), np.where(there, first, 0).astype(np.float64)
    for picture in others:
        there = np.isfinite(picture)
        count += there
        np.add(total, picture, out=total, where=there)
    total[count == 0] = np.nan
    return (total / np.maximum(count, 1)).astype(np.float32)
