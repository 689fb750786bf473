"""From what a network gives to what it means: probabilities, and masks on the picture's own grid."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.card import Card, Output
from medviewer.ai.prepare import Placement
from medviewer.imaging.islands import without_islands
from medviewer.imaging.resample import resize_image
from medviewer.kit.errors import ModelTrouble

TOLERANCE = 1e-3


def probabilities(raw: NDArray[Any], plan: Output, name: str) -> NDArray[np.float32]:
    """*raw* outputs with channels last, as numbers from 0 to 1. Raises ModelTrouble when they cannot be."""
    values = raw.astype(np.float32)
    if not np.isfinite(values).all():
        raise ModelTrouble(f"{name} gave values that are no numbers; nothing is shown.")
    if plan.activation != "none":
        values = values / np.float32(plan.temperature)
    if plan.activation == "softmax":
        values = np.exp(values - values.max(axis=-1, keepdims=True))
        values = values / values.sum(axis=-1, keepdims=True)
    elif plan.activation == "sigmoid":
        # tanh neither overflows nor warns
        values = 0.5 * (1 + np.tanh(0.5 * values))
    if values.size and (values.min() < -TOLERANCE or values.max() > 1 + TOLERANCE):
        raise ModelTrouble(
            f"{name} gave values outside 0 to 1; nothing is shown.",
            'If it gives logits, its card must say so with "activation".',
        )
    return np.clip(values, 0, 1)


def scores(raw: NDArray[Any], card: Card) -> tuple[float, ...]:
    """One probability per label from the output for one picture, (class,); of a regression its values.

    Raises ModelTrouble.
    """
    if card.task == "regression":
        return _values(raw, card)
    found = probabilities(np.atleast_1d(raw).reshape(-1), card.output, card.name)
    labels = card.output.labels
    if card.task == "classification" and len(labels) == 2 and len(found) == 1:
        found = np.array([1 - found[0], found[0]], np.float32)
    if max(label.value for label in labels) >= len(found):
        raise ModelTrouble(
            f"{card.name} gave {len(found)} values, and its card has {len(labels)} labels.",
            "Correct the card.",
        )
    return tuple(float(found[label.value]) for label in labels)


def _values(raw: NDArray[Any], card: Card) -> tuple[float, ...]:
    found = np.atleast_1d(raw).reshape(-1).astype(np.float64)
    if not np.isfinite(found).all():
        raise ModelTrouble(f"{card.name} gave values that are no numbers; nothing is shown.")
    if max(label.value for label in card.output.labels) >= len(found):
        raise ModelTrouble(
            f"{card.name} gave {len(found)} values, and its card has {len(card.output.labels)}.",
            "Correct the card.",
        )
    return tuple(float(found[one.value] * one.scale + one.offset) for one in card.output.labels)


def mask(found: NDArray[np.float32], placement: Placement, card: Card) -> NDArray[np.uint8]:
    """Label values on the picture's grid, (row, column), from probabilities (row, column, class).

    Probabilities are brought back before the decision, so edges are finer than the network's grid. One class
    is that label alone; with softmax the largest wins, background included; with sigmoid the largest of
    those at or above their operating points.
    """
    if found.shape[:2] != placement.size:
        raise ModelTrouble(
            f"{card.name} gave a mask of {found.shape[1]} x {found.shape[0]} pixels "
            f"for {placement.size[1]} x {placement.size[0]}.",
        )
    single = found.shape[-1] == 1 and len(card.output.labels) == 1
    if not single and max(label.value for label in card.output.labels) >= found.shape[-1]:
        raise ModelTrouble(
            f"{card.name} gave {found.shape[-1]} classes; its card has more.", "Correct the card."
        )
    best = np.zeros(placement.picture, np.float32)
    result = np.zeros(placement.picture, np.uint8)
    if not single and card.output.activation != "sigmoid":
        best = back(found[..., 0], placement, outside=1.0)
    for label in card.output.labels:
        given = back(found[..., 0 if single else label.value], placement)
        yes = given > best
        if single or card.output.activation == "sigmoid":
            yes &= given >= label.threshold
        best = np.where(yes, given, best)
        result[yes] = label.value
    return tidy(result, card.output)


def back(plane: NDArray[np.float32], placement: Placement, outside: float = 0.0) -> NDArray[np.float32]:
    """One plane of the network's grid on the picture's grid; *outside* is what the network never saw."""
    top, left, rows, columns = placement.put
    part = resize_image(
        np.ascontiguousarray(plane[top : top + rows, left : left + columns]), placement.taken[2:]
    )
    if placement.taken == (0, 0, *placement.picture):
        return part
    whole = np.full(placement.picture, outside, np.float32)
    top, left, rows, columns = placement.taken
    whole[top : top + rows, left : left + columns] = part
    return whole


def tidy(values: NDArray[np.uint8], plan: Output) -> NDArray[np.uint8]:
    """Label values without the small parts that the card says are never meant."""
    if plan.smallest_island <= 0 and plan.largest_parts <= 0:
        return values
    smallest = round(plan.smallest_island * values.size)
    result = np.zeros_like(values)
    for label in plan.labels:
        result[without_islands(values == label.value, smallest, plan.largest_parts)] = label.value
    return result
