"""Which pictures leave, in which order, with what on them; and each of them composed as the screen does."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medviewer.core.study import Series
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.dimension import at_value, block, value_of
from medviewer.session.noted import layout_note
from medviewer.session.pictures import Look, Snapshot, Taken, compose_layout, snapshots
from medviewer.session.planes import at_step, steps
from medviewer.session.state import Viewport

if TYPE_CHECKING:
    from medviewer.session.exporting.elsewhere import Elsewhere
    from medviewer.session.session import Session

MOST = 20_000
"""Pictures in one go."""


class Through(Enum):
    """Along what pictures follow one another."""

    PLACES = "places"
    """the stack, at the time, phase or b-value that is shown"""
    VALUES = "values"
    """times, phases or b-values at the place that is shown"""
    EVERYTHING = "everything"
    """the stack at each of them"""


class Sides(Enum):
    """Which renderings of each picture are seen."""

    SHOWN = "shown"
    ORIGINAL = "original"
    BESIDE = "beside"
    """the original on the left, the enhanced picture on the right"""
    IN_TURN = "in turn"
    """the original, then the enhanced picture"""


@frozen
class Choice:
    """Which pictures, and what is on them."""

    through: Through = Through.PLACES
    first: int = 1
    """counted from 1, as corner text counts"""
    last: int = 0
    """0 is the last there is"""
    step: int = 1
    sides: Sides = Sides.SHOWN
    look: Look = Look()
    scale: float = 1.0
    as_on_screen: bool = False
    """with the zoom and the part that the screen shows, in its size; else whole pictures in their own"""


@frozen
class Taking:
    """One picture that is to leave."""

    viewports: tuple[Viewport, ...]
    """side by side"""
    name: str
    """of its file, without an ending: 0012, axial-0003, v02-0012, 0012-original"""
    number: int
    """of its place, from 1"""


def roll(session: Session, choice: Choice) -> tuple[Taking, ...]:
    """The pictures of the active viewport that *choice* names. Raises BadValue where there are none."""
    now = session.view.current
    series = session.series(now.series)
    if series is None or not series.count:
        raise BadValue("There are no pictures to export.", "Open a study first.")
    if now.view3d is not None:
        raise BadValue("A body in 3-D has no slices.", "Switch 3-D off, or save its picture as one.")
    found: list[Taking] = []
    for value in _values(series, now, choice):
        there = replace(now, index=at_value(series, now.index, value), playing=False)
        prefix = f"v{value + 1:02d}-" if choice.through is not Through.PLACES else ""
        found += [
            taking
            for number, viewport in _places(session, series, there, choice)
            for taking in _sides(session, viewport, prefix, number, choice)
        ]
    if len(found) > MOST:
        raise BadValue(f"These are {len(found):,} pictures.", f"Choose fewer: {MOST:,} at most.")
    return tuple(found)


def composed(
    elsewhere: Elsewhere, taking: Taking, choice: Choice, context: TaskContext
) -> tuple[NDArray[np.uint8], str]:
    """The finished picture, (row, column, 3) RGB, and what its file says of it. Raises FileTrouble."""
    cells: list[Snapshot] = []
    session = elsewhere.as_session
    for viewport in taking.viewports:
        elsewhere.look(viewport if choice.as_on_screen else _whole(viewport))
        cells += snapshots(session, choice.scale, False, choice.look).cells
    taken = Taken(len(cells), tuple(cells), elsewhere.view.blind is not None)
    picture = compose_layout(elsewhere.rendering, taken, TaskContext(context.token))
    return picture, layout_note(elsewhere.rendering, taken)


def size_of(elsewhere: Elsewhere, taking: Taking, choice: Choice) -> tuple[int, int]:
    """(height, width) of the finished picture, without decoding anything."""
    height = width = 0
    for number, viewport in enumerate(taking.viewports):
        elsewhere.look(viewport if choice.as_on_screen else _whole(viewport))
        (cell,) = snapshots(elsewhere.as_session, choice.scale, False, choice.look).cells
        height, width = max(height, cell.size[0]), width + cell.size[1] + (2 if number else 0)
    return height, width


def frame_rate(session: Session) -> float:
    """Pictures a second as the file wants them to be played (PS3.3 C.7.6.5), else as cine plays them."""
    series = session.series(session.view.current.series)
    for keyword in ("RecommendedDisplayFrameRate", "CineRate", "FrameTime"):
        try:
            number = float(series.detail(keyword).split("\\")[0]) if series is not None else 0.0
        except ValueError:
            continue
        if number > 0:
            return min(max(1000 / number if keyword == "FrameTime" else number, 0.5), 60.0)
    return float(session.view.cine_rate)


def _values(series: Series, now: Viewport, choice: Choice) -> list[int]:
    if choice.through is Through.PLACES:
        return [value_of(series, now.index)]
    if series.dimension is None:
        if choice.through is Through.VALUES:
            raise BadValue("This series has one picture at each place.", "Export its slices instead.")
        return [0]
    count = len(series.dimension.values)
    if choice.through is Through.EVERYTHING:
        return list(range(count))
    return [number - 1 for number in _numbers(count, choice)]


def _places(session: Session, series: Series, now: Viewport, choice: Choice) -> list[tuple[int, Viewport]]:
    """The viewports of one value's pictures with their numbers from 1."""
    geometry = session.frames.geometry(series)
    if now.cut is not None and geometry is not None:
        here, count = steps(geometry, now.cut)
        numbers = [here + 1] if choice.through is Through.VALUES else _numbers(count, choice)
        cuts = (at_step(geometry, now.cut, number - 1) for number in numbers)
        return [(number, replace(now, cut=cut)) for number, cut in zip(numbers, cuts, strict=True)]
    around = block(series, now.index)
    if choice.through is Through.VALUES:
        return [(now.index - around.start + 1, now)]
    return [(number, replace(now, index=around[number - 1])) for number in _numbers(len(around), choice)]


def _numbers(count: int, choice: Choice) -> list[int]:
    last = min(choice.last or count, count)
    if not 1 <= choice.first <= last:
        raise BadValue(
            f"There are no pictures from {choice.first} to {choice.last or count}.",
            f"Here there are 1 to {count}.",
        )
    return list(range(choice.first, last + 1, max(choice.step, 1)))


def _sides(session: Session, viewport: Viewport, prefix: str, number: int, choice: Choice) -> list[Taking]:
    plane = ""
    if viewport.cut is not None:
        plane = f"{viewport.cut.name.lower() or 'plane'}-"
    name = f"{prefix}{plane}{number:04d}"
    if choice.sides is Sides.SHOWN:
        return [Taking((viewport,), name, number)]
    original = replace(viewport, enhanced=False, against=None)
    if choice.sides is Sides.ORIGINAL:
        return [Taking((original,), name, number)]
    enhanced = replace(viewport, enhanced=True, against=None)
    if not session.rendering.pipeline_of(enhanced).active:
        raise BadValue("Nothing is enhanced here, so there is no before and after.", "Choose a recipe first.")
    if choice.sides is Sides.BESIDE:
        return [Taking((original, enhanced), name, number)]
    return [
        Taking((original,), f"{name}-1-original", number),
        Taking((enhanced,), f"{name}-2-enhanced", number),
    ]


def _whole(viewport: Viewport) -> Viewport:
    return replace(viewport, zoom=1.0, actual=False, center=(0.5, 0.5))
