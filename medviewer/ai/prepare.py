"""From a picture to what a network takes; training and viewer both go through here.

The order is: luminance, padding, photometric sense, spacing and geometry in one step, grey values, padding of
the network's input. Percentiles and means are taken from the picture at the network's size, so that a small
training picture and a full radiograph of the same chest are treated alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.card import Input, Values
from medviewer.core.geometry import Calibration
from medviewer.core.volume import Frame
from medviewer.imaging.resample import resize_image
from medviewer.kit.errors import ModelDoesNotFit
from medviewer.kit.frozen import frozen

LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
"""ITU-R BT.601, the Y of YBR_FULL (PS3.3 C.7.6.3.1.2)."""

Box = tuple[int, int, int, int]
"""(top, left, rows, columns)"""


@frozen
class Placement:
    """Which part of the picture lies where in the network's input; `back` in finish undoes it."""

    picture: tuple[int, int]
    """(rows, columns)"""
    taken: Box
    """of the picture"""
    put: Box
    """into the network's input"""
    size: tuple[int, int]
    """(rows, columns) of the network's input"""


def prepare(picture: Frame | NDArray[Any], plan: Input) -> tuple[NDArray[np.float32], Placement]:
    """*picture* as (row, column, channel) float32, and where it went. Finite unless the picture is not.

    An array is taken as modality values with bright meaning dense; (row, column, 3) is RGB. Raises
    ModelDoesNotFit where the plan wants a spacing and the picture does not say its own.
    """
    values = values_of(picture, plan.values)
    spacing = spacing_of(picture) if plan.spacing else ()
    placement = place((values.shape[0], values.shape[1]), plan, spacing)
    canvas = np.full(placement.size, plan.geometry.pad, np.float32)
    inside(canvas, placement)[...] = scaled(taken(values, placement), plan.values)
    return with_channels(canvas, plan), placement


def taken(values: NDArray[np.float32], placement: Placement) -> NDArray[np.float32]:
    """The part of a picture that the network sees, at the network's size."""
    top, left, rows, columns = placement.taken
    part: NDArray[np.float32] = resize_image(
        values[top : top + rows, left : left + columns], placement.put[2:]
    )
    return part


def inside(canvas: NDArray[Any], placement: Placement) -> NDArray[Any]:
    """Where the picture lies in the network's input, (row, column): a view."""
    top, left, rows, columns = placement.put
    return canvas[top : top + rows, left : left + columns]


def spacing_of(picture: Frame | NDArray[Any]) -> tuple[float, ...]:
    """The way from pixel to pixel, (row, column) mm; () where nobody knows."""
    if not isinstance(picture, Frame):
        return ()
    spacing, calibration = picture.plane.ruler
    return () if calibration in (Calibration.NONE, Calibration.REGIONS) else spacing


def prepare_mask(mask: NDArray[np.uint8], placement: Placement) -> NDArray[np.uint8]:
    """A mask of the picture, (row, column), on the network's grid; for training.

    Each label is averaged and cut at one half, so that a thin edge keeps its place when the mask shrinks.
    """
    result = np.zeros(placement.size, np.uint8)
    top, left, rows, columns = placement.taken
    part = mask[top : top + rows, left : left + columns]
    into = result[placement.put[0] : placement.put[0] + placement.put[2]]
    into = into[:, placement.put[1] : placement.put[1] + placement.put[3]]
    for value in np.unique(part[part > 0]):
        into[resize_image((part == value).astype(np.float32), placement.put[2:]) >= 0.5] = value
    return result


def stacked(pictures: Sequence[NDArray[np.float32]], plan: Input) -> NDArray[Any]:
    """Prepared pictures as one batch in the layout and the type that the network wants."""
    if plan.features:
        from medviewer.ai.features import features_of  # noqa: PLC0415  only these models need the arithmetic

        return np.stack([features_of(picture, plan) for picture in pictures])
    batch = np.stack(pictures)
    if plan.layout == "NCHW":
        batch = np.moveaxis(batch, -1, 1)
    if plan.dtype == "uint8":
        batch = np.clip(np.round(batch), 0, 255)
    return np.ascontiguousarray(batch.astype(plan.dtype))


def place(shape: tuple[int, int], plan: Input, spacing: Sequence[float] = ()) -> Placement:
    """Where a picture of *shape* with pixels of *spacing* (mm) goes. Raises ModelDoesNotFit."""
    fit, size = plan.geometry.fit, plan.size
    whole = (0, 0, *shape)
    if plan.spacing:
        return _spaced(shape, plan, spacing)
    if size is None:
        return Placement(shape, whole, whole, _multiple(shape, plan.divisible_by))
    if fit == "tiles":
        return Placement(shape, whole, whole, (max(shape[0], size[0]), max(shape[1], size[1])))
    if fit == "letterbox":
        return Placement(shape, whole, _inside(shape, size), size)
    taken = _middle(shape, size) if fit == "crop" else whole
    return Placement(shape, taken, (0, 0, *size), size)


def _spaced(shape: tuple[int, int], plan: Input, spacing: Sequence[float]) -> Placement:
    """Each pixel at the plan's spacing; what is too much is cut off all around, what lacks is padding."""
    if not spacing:
        raise ModelDoesNotFit(
            "The picture does not say how large its pixels are, and the model takes pixels of "
            f"{plan.spacing[-2]:g} x {plan.spacing[-1]:g} mm.",
            "Choose a picture with a pixel spacing, or calibrate this one.",
        )
    factors = [has / wants for has, wants in zip(spacing[-2:], plan.spacing[-2:], strict=True)]
    resized = [max(1, round(side * factor)) for side, factor in zip(shape, factors, strict=True)]
    whole: Box = (0, 0, resized[0], resized[1])
    if plan.size is None:
        return Placement(shape, (0, 0, *shape), whole, _multiple(resized, plan.divisible_by))
    if plan.geometry.fit == "tiles":
        larger = [max(pair) for pair in zip(resized, plan.size, strict=True)]
        return Placement(shape, (0, 0, *shape), whole, (larger[0], larger[1]))
    rows, columns = (
        middle(side, one, into) for side, one, into in zip(shape, resized, plan.size, strict=True)
    )
    box = (rows[0], columns[0], rows[1], columns[1])
    return Placement(shape, box, (rows[2], columns[2], rows[3], columns[3]), plan.size)


def middle(side: int, resized: int, size: int) -> tuple[int, int, int, int]:
    """Along one axis of *side* pixels that become *resized*, of which *size* are wanted.

    The first pixel that is taken and how many, and the first place where they go and how many places.
    """
    if resized <= size:
        return 0, side, (size - resized) // 2, resized
    count = max(1, min(side, round(side * size / resized)))
    return (side - count) // 2, count, 0, size


def values_of(picture: Frame | NDArray[Any], plan: Values) -> NDArray[np.float32]:
    """Modality values in the sense the network knows, padding as the darkest value of the picture."""
    if isinstance(picture, Frame):
        values = _luminance(picture.pixels) if picture.is_color else picture.values()
        padded = picture.padded
        turned = picture.inverted and plan.bright == "dense" and not picture.is_color
    else:
        values = _luminance(picture) if picture.ndim == 3 else picture.astype(np.float32)
        padded, turned = None, False
    padded = _without_values(values, padded)
    if turned:
        values = np.float32(plan.low + plan.high) - values if plan.scale == "window" else -values
    if padded is not None:
        inside = values[~padded]
        values = np.where(padded, inside.min() if inside.size else np.float32(0), values)
    return values


def _without_values(
    values: NDArray[np.float32], padded: NDArray[np.bool_] | None
) -> NDArray[np.bool_] | None:
    """Where there is no picture: padding, and what is no number."""
    lacking = ~np.isfinite(values)
    if not lacking.any():
        return padded
    return lacking if padded is None else lacking | padded


def _luminance(rgb: NDArray[Any]) -> NDArray[np.float32]:
    grey: NDArray[np.float32] = rgb[..., :3].astype(np.float32) @ LUMINANCE
    return grey


def scale_of(picture: Frame | NDArray[Any], plan: Values) -> Values:
    """The scale that *plan* means for *picture*, for another picture that is to get the same numbers."""
    values = values_of(picture, plan)
    if plan.scale == "z-score":
        deviation = max(float(values.std()), 1e-6)
        return replace(plan, scale="none", mean=(float(values.mean()),), deviation=(deviation,))
    low, high = ends(values, plan)
    return plan if plan.scale == "none" else replace(plan, scale="window", low=low, high=high)


def ends(values: NDArray[np.float32], plan: Values) -> tuple[float, float]:
    """The values that become the lowest and the highest number, on a scale that has such."""
    if plan.scale == "percentile":
        low, high = np.percentile(values, (plan.low, plan.high))
        return float(low), float(high)
    return (float(values.min()), float(values.max())) if plan.scale == "range" else (plan.low, plan.high)


def scaled(values: NDArray[np.float32], plan: Values) -> NDArray[np.float32]:
    """Modality values as the numbers that the network was trained on."""
    if plan.scale == "none":
        return values
    if plan.scale == "z-score":
        return np.asarray((values - values.mean()) / max(float(values.std()), 1e-6), np.float32)
    low, high = ends(values, plan)
    # a picture of one value is all low: there is nothing to stretch
    width = high - low
    unit = np.clip((values - np.float32(low)) / np.float32(width if width > 0 else 1.0), 0.0, 1.0)
    result: NDArray[np.float32] = (plan.to[0] + unit * (plan.to[1] - plan.to[0])).astype(np.float32)
    return result


def with_channels(canvas: NDArray[np.float32], plan: Input) -> NDArray[np.float32]:
    """With as many equal channels last as the network takes."""
    result: NDArray[np.float32] = np.repeat(canvas[..., None], plan.channels, axis=-1)
    if plan.values.mean:
        result -= np.asarray(plan.values.mean, np.float32)
    if plan.values.deviation:
        result /= np.asarray(plan.values.deviation, np.float32)
    return result


def _multiple(shape: Sequence[int], of: int) -> tuple[int, int]:
    return -(-shape[0] // of) * of, -(-shape[1] // of) * of


def _inside(shape: tuple[int, int], size: tuple[int, int]) -> Box:
    """The largest box with the sides of *shape* in the middle of *size*."""
    scale = min(size[0] / shape[0], size[1] / shape[1])
    rows = min(size[0], max(1, round(shape[0] * scale)))
    columns = min(size[1], max(1, round(shape[1] * scale)))
    return (size[0] - rows) // 2, (size[1] - columns) // 2, rows, columns


def _middle(shape: tuple[int, int], size: tuple[int, int]) -> Box:
    """The largest box with the sides of *size* in the middle of *shape*."""
    scale = min(shape[0] / size[0], shape[1] / size[1])
    rows = min(shape[0], max(1, round(size[0] * scale)))
    columns = min(shape[1], max(1, round(size[1] * scale)))
    return (shape[0] - rows) // 2, (shape[1] - columns) // 2, rows, columns
