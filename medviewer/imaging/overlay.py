"""What lies over a picture, as shapes: annotations, orientation letters, a scale bar.

Geometry and wording are decided here once; the screen and the export only stroke what they get.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.geometry import Calibration, Plane, opposite_letters, orientation_letters
from medviewer.core.vectors import Vector
from medviewer.core.volume import Frame
from medviewer.imaging.annotation_lines import handles, outline, strokes
from medviewer.imaging.beside import Box, at_point, box_around, place
from medviewer.imaging.measure import measure, with_minus
from medviewer.imaging.region import Made
from medviewer.imaging.shapes import (
    ACCENT,
    DRAWN,
    TEXT,
    Drawn,
    Handle,
    Stroke,
    Words,
    width_of,
)
from medviewer.imaging.viewing import Viewing

LINE = 16.0
"""Height of a line of text on a screen of ordinary density."""
MARGIN = 8.0
NARROW = 460.0
"""Below this width the scale bar makes room in the middle and stands in the lower right corner."""
ROOMY = 640.0
"""Below this width only the selected annotation says all that is measured."""
NAMELESS: Mapping[str, str] = MappingProxyType({})
ANYWHERE = (0.0, 0.0, 0.0)
View = tuple[float, float]


def annotation_shapes(
    annotations: Sequence[Annotation],
    plane: Plane,
    viewing: Viewing,
    frame: Frame | None = None,
    selected: str = "",
    density: float = 1.0,
    within_mm: float = 0.5,
    covered: Sequence[Box] = (),
    made: Made | None = None,
    names: Mapping[str, str] = NAMELESS,
) -> tuple[Drawn, ...]:
    """The annotations that lie within *within_mm* of *plane*, with what they measure.

    *density* is device pixels per ordinary pixel. The *selected* one is in the accent colour and has handles.
    Measured values stand where no other words have *covered* the picture, if that can be; what they are in
    the enhanced picture, *made* of the *frame*, is said beside them. *names* are what annotations are called,
    by id.
    """
    drawn: list[Drawn] = []
    here = [one for one in annotations if one.lies_on(plane, within_mm)]
    # what a reader has written stands where it was put; measured values make room for it
    taken = [_written(one, plane, viewing, density) for one in here if one.shape is Shape.TEXT and one.text]
    taken += covered
    around = [box_around(outline(one, plane, viewing)) for one in here]
    for number, annotation in enumerate(here):
        others = around[:number]  # drawing another one moves no words
        name = names.get(annotation.id, "")
        drawn += _annotation(
            annotation, plane, viewing, frame, made, annotation.id == selected, density, taken, others, name
        )
    return tuple(drawn)


def orientation_words(plane: Plane, viewing: Viewing, density: float = 1.0) -> tuple[Words, ...]:
    """The sides of the patient at the four edges, true after rotation and flip; none when unknown."""
    return _orientation_words(replace(plane, origin=ANYWHERE), viewing, density)


# What scrolling does not change is remembered: a step of the wheel is over in a millisecond or two.
@lru_cache(maxsize=64)
def _orientation_words(plane: Plane, viewing: Viewing, density: float) -> tuple[Words, ...]:
    height, width = viewing.size
    margin = MARGIN * density
    edges = (
        ((0.0, 1.0), (width - margin, height / 2), (1.0, 0.5)),
        ((0.0, -1.0), (margin, height / 2), (0.0, 0.5)),
        ((1.0, 0.0), (width / 2, height - margin), (0.5, 1.0)),
        ((-1.0, 0.0), (width / 2, margin), (0.5, 0.0)),
    )
    words = []
    for (down, right), (x, y), anchor in edges:
        letters = _letters(plane, *_on_picture(viewing, right, down))
        if letters:
            words.append(Words(x, y, letters, TEXT, anchor, LINE * 1.15 * density))
    return tuple(words)


def scale_bar(plane: Plane, viewing: Viewing, density: float = 1.0) -> tuple[Drawn, ...]:
    """A bar of a round length, only where the picture knows millimetres: at the bottom middle.

    In a narrow viewport it stands in the lower right corner, beside the orientation letter, or above it when
    it has to say more than a length; none where not even that has room.
    """
    return _scale_bar(replace(plane, origin=ANYWHERE), viewing, density)


@lru_cache(maxsize=64)
def _scale_bar(plane: Plane, viewing: Viewing, density: float) -> tuple[Drawn, ...]:
    spacing = _bar_spacing(plane, viewing)
    if spacing is None:
        return ()
    pixels_per_mm = viewing.scale / spacing
    length = _round_length(viewing.size[1] / 4 / pixels_per_mm)
    half = length * pixels_per_mm / 2
    text = f"{length:g} mm {_bar_remark(plane)}".rstrip()
    size, tick, width = 0.9 * LINE * density, 4 * density, viewing.size[1]
    middle, bottom = width / 2, viewing.size[0] - (MARGIN + 1.6 * LINE) * density
    x, anchor = middle, 0.5
    if width < NARROW * density:
        x, anchor = width - MARGIN * density, 1.0
        middle = x - half
        room = width / 2 - (MARGIN + 1.2 * LINE) * density
        if width_of(f"{length:g} mm", size) > room:
            return ()
        if width_of(text, size) <= room:
            bottom = viewing.size[0] - MARGIN * density - tick
    points = (
        (middle - half, bottom - tick),
        (middle - half, bottom + tick),
        (middle - half, bottom),
        (middle + half, bottom),
        (middle + half, bottom - tick),
        (middle + half, bottom + tick),
    )
    return (
        Stroke(points, TEXT, 1.5 * density),
        Words(x, bottom - tick, text, TEXT, (anchor, 1.0), size),
    )


def _annotation(
    annotation: Annotation,
    plane: Plane,
    viewing: Viewing,
    frame: Frame | None,
    made: Made | None,
    selected: bool,
    density: float,
    taken: list[Box],
    others: Sequence[Box],
    name: str,
) -> list[Drawn]:
    color = ACCENT if selected else DRAWN
    line = outline(annotation, plane, viewing)
    drawn: list[Drawn] = [*strokes(annotation, plane, viewing, color, density)]
    texts: tuple[str, ...] = ()
    if annotation.shape.is_measured:
        found = measure(annotation, plane, frame, made)
        is_roomy = selected or viewing.size[1] >= ROOMY * density
        texts = named(name, tuple(map(with_minus, found.text if is_roomy else found.short)))
    if not annotation.shape.is_measured and annotation.text:
        texts = (annotation.text,)
    drawn += _beside(line, annotation, texts, color, viewing, density, taken, others)
    if selected:
        spots = (viewing.to_view(*spot) for spot in handles(annotation, plane))
        drawn += [Handle(x, y, ACCENT, 8 * density) for x, y in spots]
    return drawn


def named(name: str, lines: Sequence[str]) -> tuple[str, ...]:
    """What is measured, with its *name* before one line of it, and above several."""
    if not name:
        return tuple(lines)
    return (f"{name}: {lines[0]}",) if len(lines) == 1 else (name, *lines)


def _beside(
    line: list[View],
    annotation: Annotation,
    lines: Sequence[str],
    color: str,
    viewing: Viewing,
    density: float,
    taken: list[Box],
    drawn: Sequence[Box],
) -> list[Drawn]:
    """Lines of text beside a drawn thing; their place is added to what is *taken*."""
    if not lines:
        return []
    size, gap = LINE * density, 6 * density
    if annotation.shape is Shape.TEXT:
        box = at_point(line[0], lines, size, gap, viewing.size)
    else:
        box = place(line, lines, size, gap, viewing.size, taken, drawn)
        taken.append(box)
    # to the left of something words end beside it, however narrow their font is
    is_left = annotation.shape is not Shape.TEXT and box.right <= min(x for x, _ in line)
    x, anchor = (box.right, (1.0, 0.0)) if is_left else (box.left, (0.0, 0.0))
    return [
        Words(x, box.top + number * size, text, color, anchor, size, annotation.id)
        for number, text in enumerate(lines)
    ]


def _written(annotation: Annotation, plane: Plane, viewing: Viewing, density: float) -> Box:
    """Where the words of a text stand."""
    point = outline(annotation, plane, viewing)[0]
    return at_point(point, (annotation.text,), LINE * density, 6 * density, viewing.size)


def _on_picture(viewing: Viewing, right: float, down: float) -> tuple[float, float]:
    """Which way on the picture (rows, columns; in pixel widths) a way on the screen goes."""
    row, column = viewing.to_image(0, 0)
    next_row, next_column = viewing.to_image(right * viewing.scale, down * viewing.scale)
    return ((next_row - row) * viewing.aspect, next_column - column)


def _letters(plane: Plane, down: float, right: float) -> str:
    if plane.placed:
        x, y, z = np.asarray(plane.along_column) * down + np.asarray(plane.along_row) * right
        direction: Vector = (round(float(x), 9), round(float(y), 9), round(float(z), 9))
        return orientation_letters(direction)
    across, below = plane.letters
    letters, forward = (across, right) if abs(right) > abs(down) else (below, down)
    return letters if forward > 0 else opposite_letters(letters)


def _bar_spacing(plane: Plane, viewing: Viewing) -> float | None:
    """Millimetres of a picture column, or None where no bar may be drawn."""
    spacing, calibration = plane.ruler
    if calibration is Calibration.NONE:
        return None
    if calibration is not Calibration.REGIONS:
        return spacing[1]
    seen = viewing.region()
    spacings = {
        region.spacing
        for region in plane.regions
        if region.top < seen.bottom
        and region.bottom > seen.top
        and region.left < seen.right
        and region.right > seen.left
    }
    only = spacings.pop() if len(spacings) == 1 else None
    # one bar can only stand for both directions, and only for a picture with a single scale
    if only is None or abs(only[0] / only[1] / viewing.aspect - 1) > 0.02:
        return None
    return only[1]


def _bar_remark(plane: Plane) -> str:
    calibration = plane.ruler[1]
    return "" if calibration is Calibration.REGIONS else calibration.remark


def _round_length(most: float) -> float:
    """The largest of 1, 2, 5, 10, 20, 50 ... that is not above *most*."""
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (5, 2, 1) if step * power <= most * (1 + 1e-9))
