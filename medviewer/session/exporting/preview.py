"""The first of the pictures that are to leave, small, for who decides about it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.task import TaskContext
from medviewer.session.exporting.out import Leaving
from medviewer.session.exporting.roll import composed


def first_picture(leaving: Leaving, side: int, context: TaskContext) -> NDArray[np.uint8]:
    """The first picture as it will be; far larger ones only as large as *side* pixels. Slow.

    Raises FileTrouble.
    """
    height, width = leaving.size
    # words keep the size that they will have among the rest
    share = min(side / max(height, width, 1), 1.0)
    choice = replace(leaving.choice, scale=leaving.choice.scale * share)
    return composed(leaving.elsewhere, leaving.takings[0], choice, context)[0]
