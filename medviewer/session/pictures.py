"""Pictures with everything that stands on them, composed away from the screen from frozen values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medviewer.export.pen import draw
from medviewer.imaging.render import Picture, RenderRequest
from medviewer.imaging.viewing import Viewing
from medviewer.imaging.volume_rendering.request import BodyRequest
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.rendering import Rendering
from medviewer.session.scene import Scene, scene, shapes

if TYPE_CHECKING:
    from medviewer.session.session import Session

GAP_PX = 2
"""Between the viewports of a layout."""
ORDINARY_PX = 700
"""A picture without a screen has words as large as a viewport of this size would show them."""
SMALLEST_DENSITY = 0.7
"""Below that words cannot be read."""


@frozen
class Look:
    """What is drawn besides the pixels."""

    annotations: bool = True
    overlay: bool = True
    text: bool = True
    identity: bool = False


@frozen
class Snapshot:
    """One viewport as it was when somebody asked for its picture."""

    size: tuple[int, int]
    """(height, width)"""
    viewing: Viewing | None = None
    request: RenderRequest | BodyRequest | None = None
    scene: Scene | None = None


@frozen
class Taken:
    """A grid of snapshots, row by row."""

    columns: int
    cells: tuple[Snapshot, ...]
    is_blind: bool = False
    """whether nothing may say how the pictures were enhanced"""


def snapshots(session: Session, scale: float, whole_layout: bool, look: Look) -> Taken:
    """The active viewport, or all that are shown, at *scale* times the size they have on the screen.

    Without a screen a viewport is as large as its picture.
    """
    view = session.view
    numbers = view.shown if whole_layout else (view.active,)
    columns = 1 if len(numbers) == 1 else view.layout.columns
    cells = tuple(_snapshot(session, number, scale, look) for number in numbers)
    return Taken(columns, cells, view.blind is not None)


def compose_layout(rendering: Rendering, taken: Taken, context: TaskContext) -> NDArray[np.uint8]:
    """All cells side by side as one (row, column, 3) RGB picture. Raises FileTrouble."""
    cells = []
    for number, one in enumerate(taken.cells):
        context.report(number / len(taken.cells), f"Picture {number + 1} of {len(taken.cells)}")
        cells.append(compose(rendering, one))
    rows = [cells[start : start + taken.columns] for start in range(0, len(cells), taken.columns)]
    heights = [max(cell.shape[0] for cell in row) for row in rows]
    widths = [max(row[at].shape[1] for row in rows if at < len(row)) for at in range(len(rows[0]))]
    shape = (sum(heights) + GAP_PX * (len(heights) - 1), sum(widths) + GAP_PX * (len(widths) - 1), 3)
    whole = np.zeros(shape, np.uint8)
    top = 0
    for row, height in zip(rows, heights, strict=True):
        left = 0
        for cell, width in zip(row, widths, strict=False):
            whole[top : top + cell.shape[0], left : left + cell.shape[1]] = cell
            left += width + GAP_PX
        top += height + GAP_PX
    return whole


def compose(rendering: Rendering, taken: Snapshot) -> NDArray[np.uint8]:
    """One viewport as (row, column, 3) RGB: the pixels the screen shows, and the same shapes over them."""
    canvas = np.zeros((*taken.size, 3), np.uint8)
    if taken.request is None or taken.viewing is None or taken.scene is None:
        return canvas
    if isinstance(taken.request, BodyRequest):
        _paste(canvas, rendering.body(taken.request), 0, 0)
        # what was left out of the body is known only once it was made
        facts = replace(taken.scene.facts, made=rendering.body_words(taken.request))
        draw(canvas, shapes(replace(taken.scene, facts=facts), None))
        return canvas
    frame = rendering.load(taken.request)
    picture = rendering.picture(taken.request, frame)
    target = taken.viewing.target()
    _paste(canvas, picture, target.x, target.y)
    # the first picture of a series may have decided the window only now
    known = replace(taken.scene, voi=rendering.decided(taken.request))
    made = rendering.drawing.made(frame, replace(taken.request, voi=known.voi)) if known.annotations else None
    fused = rendering.load_fused(taken.request, frame)
    draw(canvas, shapes(known, frame, fused, picture.scale, made))
    return canvas


def snapshot(session: Session, number: int, size: tuple[int, int], density: float, look: Look) -> Snapshot:
    """A viewport as a picture of *size* (height, width), with words and strokes *density* times as large."""
    rendering = session.rendering
    viewing = rendering.viewing(number, size)
    if viewing is None:
        return Snapshot(size)
    request = rendering.asked(number, viewing, overlay=look.overlay)
    drawn = scene(
        session,
        number,
        viewing,
        identity=look.identity,
        annotations=look.annotations,
        text=look.text,
        density=density,
    )
    return Snapshot(size, viewing, request, drawn)


def square(shape: tuple[int, int], aspect: float, rotation: int) -> tuple[int, int]:
    """The size (height, width) at which no pixel of a picture is lost and all are square."""
    rows, columns = shape
    height, width = round(rows * max(aspect, 1.0)), round(columns * max(1 / aspect, 1.0))
    return (width, height) if rotation % 180 else (height, width)


def _snapshot(session: Session, number: int, scale: float, look: Look) -> Snapshot:
    on_screen = session.canvas.get(number)
    height, width = on_screen or _own_size(session, number)
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    density = scale if on_screen else max(min(size) / ORDINARY_PX, SMALLEST_DENSITY)
    return snapshot(session, number, size, density, look)


def _own_size(session: Session, number: int) -> tuple[int, int]:
    """The picture's own size, in square pixels."""
    plane = session.rendering.plane(session.view.viewports[number])
    if plane is None:
        return (1, 1)
    return square(plane.shape, plane.aspect, session.view.viewports[number].rotation)


def _paste(canvas: NDArray[np.uint8], picture: Picture, x: int, y: int) -> None:
    """Put a picture at a place that may reach beyond the canvas."""
    pixels = picture.pixels if picture.pixels.ndim == 3 else picture.pixels[..., None]
    top, left = max(0, y), max(0, x)
    bottom, right = min(canvas.shape[0], y + pixels.shape[0]), min(canvas.shape[1], x + pixels.shape[1])
    if bottom > top and right > left:
        canvas[top:bottom, left:right] = pixels[top - y : bottom - y, left - x : right - x]
