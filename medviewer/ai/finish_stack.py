"""From what a network gives for all slices of a series to masks on the grid of that series."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medviewer.ai import finish
from medviewer.ai.card import Card
from medviewer.ai.prepare_stack import StackPlacement, along
from medviewer.kit.errors import ModelTrouble


def mask_of_stack(found: NDArray[np.float32], placement: StackPlacement, card: Card) -> NDArray[np.uint8]:
    """Label values (slice, row, column) from probabilities (slice, row, column, class) of the network's grid.

    Probabilities are brought back to the slices of the series before the decision. Slices that the network
    never saw stay empty. Raises ModelTrouble.
    """
    if found.ndim != 4 or found.shape[0] != placement.size:
        raise ModelTrouble(f"{card.name} gave no mask of {placement.size} slices.", "Correct the card.")
    first, count = placement.taken
    start, places = placement.put
    planes = along(np.ascontiguousarray(found[start : start + places]), count)
    result = np.zeros((placement.slices, *placement.slice.picture), np.uint8)
    for at in range(count):
        result[first + at] = finish.mask(planes[at], placement.slice, card)
    return result
