"""From all slices of a series to what a network over slices, or in three dimensions, takes.

Each slice goes the way of a picture; grey values are scaled over the whole stack, and along the slices it is
resampled where the plan says how far apart or how many they must be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.card import Input
from medviewer.ai.prepare import (
    Placement,
    inside,
    middle,
    place,
    prepare,
    prepare_mask,
    scaled,
    spacing_of,
    taken,
    values_of,
    with_channels,
)
from medviewer.core.volume import Frame
from medviewer.imaging.resample import resize_image
from medviewer.kit.errors import ModelDoesNotFit
from medviewer.kit.frozen import frozen

Slices = Sequence[Frame] | NDArray[Any]
"""The pictures of a series in order; an array is (slice, row, column) modality values."""


@frozen
class StackPlacement:
    """Which slices lie where in the network's input, and how each of them lies there."""

    slice: Placement
    slices: int
    """how many the series has"""
    taken: tuple[int, int]
    """(first, number) of the series' slices"""
    put: tuple[int, int]
    """(first, number) of places in the network's input"""
    size: int
    """slices of the network's input"""


def prepare_stack(slices: Slices, plan: Input) -> tuple[NDArray[np.float32], StackPlacement]:
    """*slices* as (slice, row, column, channel) float32, and where they went.

    Raises ModelDoesNotFit where slices differ in size, or the plan wants a spacing that they do not say.
    """
    if not len(slices):
        raise ModelDoesNotFit("The series has no pictures.", "")
    values = [values_of(one, plan.values) for one in slices]
    if len({one.shape for one in values}) > 1:
        raise ModelDoesNotFit("The pictures of the series have different sizes.", "Choose another series.")
    placement = place_stack((len(values), *values[0].shape), plan, stack_spacing(slices))
    first, count = placement.taken
    stack = np.stack([taken(one, placement.slice) for one in values[first : first + count]])
    stack = scaled(along(stack, placement.put[1]), plan.values)
    canvas = np.full((placement.size, *placement.slice.size), plan.geometry.pad, np.float32)
    start, places = placement.put
    for at in range(places):
        inside(canvas[start + at], placement.slice)[...] = stack[at]
    return with_channels(canvas, plan), placement


def prepare_sample(picture: NDArray[Any], plan: Input) -> NDArray[np.float32]:
    """A picture or a series that is nobody's, as the network takes it; its pixels have the plan's spacing."""
    plain = replace(plan, spacing=())
    return prepare_stack(picture, plain)[0] if plan.is_stacked else prepare(picture, plain)[0]


def prepare_stack_mask(masks: NDArray[np.uint8], placement: StackPlacement) -> NDArray[np.uint8]:
    """A mask of the series, (slice, row, column), on the network's grid; for training."""
    first, count = placement.taken
    planes = np.stack([prepare_mask(one, placement.slice) for one in masks[first : first + count]])
    result = np.zeros((placement.size, *placement.slice.size), np.uint8)
    start, places = placement.put
    into = result[start : start + places]
    if places == count:
        into[...] = planes
        return result
    for value in np.unique(planes[planes > 0]):
        into[along((planes == value).astype(np.float32), places) >= 0.5] = value
    return result


def place_stack(shape: tuple[int, int, int], plan: Input, spacing: Sequence[float] = ()) -> StackPlacement:
    """Where a series of *shape* (slice, row, column) with voxels of *spacing* (mm) goes."""
    across = place((shape[1], shape[2]), plan, spacing[-2:])
    count = shape[0]
    if len(plan.spacing) == 3 and plan.spacing[0] > 0:
        if len(spacing) != 3:
            raise ModelDoesNotFit(
                "The series does not say how far apart its slices lie, and the model takes slices "
                f"{plan.spacing[0]:g} mm apart.",
                "Choose a series of parallel slices.",
            )
        resized = max(1, round(count * spacing[0] / plan.spacing[0]))
        first, number, start, places = middle(count, resized, plan.slices or resized)
        return StackPlacement(across, count, (first, number), (start, places), plan.slices or resized)
    size = plan.slices or count
    return StackPlacement(across, count, (0, count), (0, size), size)


def stack_spacing(slices: Slices) -> tuple[float, ...]:
    """(slice, row, column) mm; (row, column) where slices are unevenly spaced, () where nobody knows."""
    if isinstance(slices, np.ndarray) or not len(slices):
        return ()
    first = slices[0].plane
    across = spacing_of(slices[0])
    if not across or not first.placed or len(slices) < 2:
        return across
    steps = np.diff([first.distance(one.plane.origin) for one in slices])
    step = float(np.median(steps))
    even = abs(step) > 1e-3 and bool((np.abs(steps - step) < 0.1 * abs(step)).all())
    return (abs(step), *across) if even else across


def along(stack: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """*stack* (slice, ...) with *count* slices: averaged where there are fewer, else interpolated."""
    if count == len(stack):
        return stack
    flat = stack.reshape(len(stack), -1)
    if flat.shape[1] <= _WIDEST:
        return np.asarray(resize_image(flat, (count, flat.shape[1])), np.float32).reshape(
            count, *stack.shape[1:]
        )
    parts = [flat[:, at : at + _WIDEST] for at in range(0, flat.shape[1], _WIDEST)]
    made = [resize_image(part, (count, part.shape[1])).reshape(count, -1) for part in parts]
    return np.concatenate(made, axis=1).reshape(count, *stack.shape[1:])


_WIDEST = 30_000
"""OpenCV resizes no picture with more columns than a 16-bit number counts."""
