"""A picture enhanced no finer than it is shown: quick enough to follow a slider, close to the exact one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import Plane
from medviewer.core.marks import moved
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, Rescale, read_only
from medviewer.imaging.enhance.apply import Enhanced, enhance
from medviewer.imaging.enhance.operation import ENHANCEMENTS, Stage
from medviewer.imaging.grayscale import effective_voi
from medviewer.imaging.reduce import Reduced
from medviewer.imaging.request import RenderRequest
from medviewer.imaging.resample import shape_of
from medviewer.imaging.viewing import Region
from medviewer.kit.frozen import frozen
from medviewer.kit.params import Kind, Parameter, Value
from medviewer.kit.task import TaskContext

WHOLE_PX = 1 << 20
"""Of the whole picture no more is looked at, where an operation counts all of its greys."""
PIXELS = "px"
LEAST_SHARE = 0.5
"""A radius that shrinks below this share of its least value changes nothing in a smaller picture."""


@frozen(eq=False)
class Preview:
    """What `render` takes in place of an exact `enhance` and `reduce`."""

    enhanced: Enhanced
    reduced: Reduced


def source_request(request: RenderRequest, shape: tuple[int, int]) -> RenderRequest:
    """What has to be reduced for a preview of *request* in a picture of *shape*: its own part of it.

    The whole picture, less finely, where an operation counts greys that are not to be seen just now.
    """
    counts = any(ENHANCEMENTS[step.operation].uses_valid for step in request.pipeline.active)
    if not counts or request.region is None or request.part(shape) == Region.whole(shape).slices(shape):
        return request
    share = min(1.0, (WHOLE_PX / (shape[0] * shape[1])) ** 0.5)
    size = (max(1, round(shape[0] * share)), max(1, round(shape[1] * share)))
    return replace(request, region=None, size=size, rotation=0)


def preview(
    frame: Frame, request: RenderRequest, reduced: Reduced, halvings: int, context: TaskContext | None = None
) -> Preview:
    """The visible part of *frame* enhanced in the size of *reduced*, halved so many times again.

    *reduced* is what `reduce` gave for `source_request`, without any enhancement. Lengths in pixels shrink
    with the picture. Raises BadValue, Cancelled.
    """
    shape = shape_of(frame.pixels)
    source = source_request(request, shape)
    small = _small(frame, reduced, halvings)
    part = source.part(shape)
    scale = small.pixels.shape[1] / (part[1].stop - part[1].start)
    voi = effective_voi(frame, request.voi)
    done = enhance(small, voi, scaled(request.pipeline, scale), context)
    steps = [(one.stop - one.start) / length for one, length in zip(part, small.plane.shape, strict=True)]
    marks = moved(done.marks, (steps[0], steps[1]), (part[0].start, part[1].start))
    values = _on_screen(done.values, request, source, shape, reduced)
    padded = None if reduced.padded is None else _on_screen(reduced.padded, request, source, shape, reduced)
    colors = None if reduced.colors is None else _on_screen(reduced.colors, request, source, shape, reduced)
    return Preview(replace(done, marks=marks), Reduced(values, padded, colors))


def trial(frame: Frame, voi: VOI, pipeline: Pipeline, side: int) -> int:
    """Enhance a piece from the middle of *frame*, to see how long that takes; how many pixels it has."""
    rows, columns = (_middle(length, side) for length in shape_of(frame.pixels))
    piece = np.ascontiguousarray(frame.pixels[rows, columns])
    shape = shape_of(piece)
    part = replace(frame, pixels=piece, plane=Plane(shape), overlays=(), supplement=None)
    enhance(part, effective_voi(frame, voi), pipeline)
    return shape[0] * shape[1]


def scaled(pipeline: Pipeline, scale: float) -> Pipeline:
    """*pipeline* for a picture that is *scale* times as large.

    Steps that change values are switched off where they then reach nowhere. Those on greys that have a length
    draw edges, lines or texture in place of the picture: they take the least length they can.
    """
    return replace(pipeline, steps=tuple(_scaled(step, scale) for step in pipeline.steps))


def _scaled(step: Step, scale: float) -> Step:
    operation = ENHANCEMENTS[step.operation]
    lengths = [one for one in operation.parameters if one.unit == PIXELS]
    given = dict(step.values)
    wanted = {one.name: float(given.get(one.name, one.default)) * scale for one in lengths}
    is_small = all(wanted[one.name] < LEAST_SHARE * (one.minimum or 0) for one in lengths)
    if lengths and is_small and operation.stage is Stage.SIGNAL:
        return replace(step, on=False)
    return step.with_values({one.name: _allowed(one, wanted[one.name]) for one in lengths})


def _allowed(parameter: Parameter, value: float) -> Value:
    low, high = parameter.minimum, parameter.maximum
    value = min(max(value, value if low is None else low), value if high is None else high)
    return round(value) if parameter.kind is Kind.INTEGER else value


def _small(frame: Frame, reduced: Reduced, halvings: int) -> Frame:
    """The reduced picture as one of its own, in modality values; no number where nothing is."""
    values: NDArray[Any] = reduced.values
    if not frame.is_color:
        values = frame.rescale.apply(values)
    for _ in range(halvings):
        size = tuple(max(1, length // 2) for length in shape_of(values))
        values = cv2.resize(values, size[::-1], interpolation=cv2.INTER_AREA)
    if reduced.padded is not None and not frame.is_color:
        size = shape_of(values)
        nowhere = cv2.resize(reduced.padded, size[::-1], interpolation=cv2.INTER_NEAREST)
        values = np.where(nowhere > 0, np.float32(np.nan), values)
    return Frame(
        read_only(np.ascontiguousarray(values)),
        Plane(shape_of(values)),
        Rescale(unit=frame.rescale.unit),
        inverted=frame.inverted,
        windows=frame.windows,
    )


def _on_screen(
    values: NDArray[Any], request: RenderRequest, source: RenderRequest, shape: tuple[int, int], like: Reduced
) -> NDArray[Any]:
    """*values* of what *source* shows, in the size and the place of what *request* shows."""
    part, shown = request.part(shape), source.part(shape)
    lengths = tuple(one.stop - one.start for one in part)
    wanted = request.upright_size or lengths
    size = tuple(min(one, other) for one, other in zip(wanted, lengths, strict=True))
    if part == shown:
        target = shape_of(like.values)
        return values if shape_of(values) == target else cv2.resize(values, target[::-1])
    # pixel centres: k of the output lies at (k + 0.5) / scale - 0.5 of the part
    steps = [
        (length / wide) * (have / (whole.stop - whole.start))
        for length, wide, have, whole in zip(lengths, size, shape_of(values), shown, strict=True)
    ]
    starts = [
        (one.start - whole.start) * have / (whole.stop - whole.start) + step / 2 - 0.5
        for one, whole, have, step in zip(part, shown, shape_of(values), steps, strict=True)
    ]
    matrix = np.array([[steps[1], 0, starts[1]], [0, steps[0], starts[0]]], np.float64)
    return np.asarray(
        cv2.warpAffine(
            values,
            matrix,
            size[::-1],
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
    )


def _middle(length: int, side: int) -> slice:
    start = max(0, (length - side) // 2)
    return slice(start, min(length, start + side))
