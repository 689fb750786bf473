"""Outlines on one picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.frozen import frozen


@frozen(eq=False)
class Outline:
    """One outline of something that has a name."""

    spots: NDArray[np.float64]
    """(point, 2): row and column, (0, 0) at the centre of the first pixel; read-only"""
    closed: bool
    color: str
    """#rrggbb"""
    name: str
