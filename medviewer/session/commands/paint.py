"""Painting labels by hand. Positions are patient millimetres on the picture of a viewport."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from medviewer.core.vectors import Point, point
from medviewer.core.voi import Curve
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Slider
from medviewer.kit.task import Lane, Task, TaskContext, ignore
from medviewer.session.command import command
from medviewer.session.session_type import Session
from medviewer.session.state import Brush

# what paints is imported where it is first used: most readers never paint, and none before the first picture

SMALLEST, LARGEST = 0.5, 500.0
SIZES = (0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200, 300, 500)
"""Diameters (mm) that the keys and the wheel lead to."""
Diameter = Annotated[float, Slider(SMALLEST, LARGEST, step=0.5, unit="mm")]


@command("paint.stroke", title="Paint")
def stroke(
    session: Session,
    *,
    points: Sequence[Point],
    viewport: int = -1,
    label: int = 0,
    erase: bool = False,
    drag: str = "",
) -> bool:
    """Lead the brush through positions on a picture; all strokes of one *drag* are one undo.

    The answer says whether anything has changed.
    """
    from medviewer.session.painting.covered import Easel  # noqa: PLC0415  (see above)
    from medviewer.session.painting.target import put, target  # noqa: PLC0415  (see above)

    easel = Easel(session, session.view.number(viewport))
    into, brush = target(session, easel.series.key, label), session.view.brush
    free = into.free(erase, brush.over_others)
    if erase:
        brush = replace(brush, limits=None, adaptive=False)
    covered = easel.swept(_points(points, 1), brush)
    words = f"{'Erase' if erase else 'Paint'} {into.label.name}"
    return bool(put(session, into, covered, words, free, erase, ("paint", drag) if drag else None))


@command("paint.prepare", title="Get ready to paint")
def prepare(session: Session, *, viewport: int) -> None:
    """Let workers decode the slices whose values the ball will look at, so that no stroke waits for them."""
    from medviewer.session.painting.covered import Easel  # noqa: PLC0415  (see above)

    number, brush = session.view.number(viewport), session.view.brush
    easel = Easel(session, number)
    wanted = session.frames.missing(easel.series.key, easel.looked_at(brush))

    def work(context: TaskContext) -> None:
        for one in wanted:
            context.check()
            session.frames.load(easel.series.key, one, context=context)

    if wanted:  # what cannot be decoded is told when it is shown, or painted on
        session.submit(Task(work, failed=ignore, lane=Lane.SOON, replaces=("paint", number)))


@command("paint.outline", title="Paint inside an outline")
def outline(
    session: Session, *, points: Sequence[Point], viewport: int = -1, label: int = 0, erase: bool = False
) -> None:
    """Paint, or erase, what an outline on a picture encloses: pixels whose centre lies inside or on it."""
    from medviewer.session.painting.covered import Easel  # noqa: PLC0415  (see above)
    from medviewer.session.painting.target import put, target  # noqa: PLC0415  (see above)

    easel = Easel(session, session.view.number(viewport))
    into, brush = target(session, easel.series.key, label), session.view.brush
    free = into.free(erase, brush.over_others)
    if erase:
        brush = replace(brush, limits=None)
    words = f"{'Erase' if erase else 'Paint'} {into.label.name}"
    put(session, into, easel.enclosed(_points(points, 3), brush), words, free, erase)


@command("paint.fill", title="Fill")
def fill(
    session: Session,
    *,
    position: Point,
    viewport: int = -1,
    label: int = 0,
    erase: bool = False,
    through: bool | None = None,
) -> None:
    """Fill the hole or the area at a position, or erase the island there.

    *through* the slices, or on this one only; as the brush is set unless told otherwise.
    """
    from medviewer.session.painting import areas  # noqa: PLC0415  (see above)

    deep = session.view.brush.is_ball if through is None else through
    areas.fill(session, session.view.number(viewport), point(position), label, erase, deep)


@command("paint.scissors", title="Cut with scissors")
def scissors(
    session: Session,
    *,
    points: Sequence[Point],
    viewport: int = -1,
    label: int = 0,
    keep: bool = False,
    through: bool | None = None,
) -> None:
    """Cut away what an outline covers of the label, or *keep* nothing else; *through* as in filling."""
    from medviewer.session.painting import cutting  # noqa: PLC0415  (see above)

    deep = session.view.brush.is_ball if through is None else through
    cutting.scissors(session, session.view.number(viewport), _points(points, 3), label, keep, deep)


@command("paint.interpolate", title="Interpolate between slices", menu="Segment")
def interpolate(session: Session, *, viewport: int = -1, label: int = 0) -> None:
    """Fill the slices between those on which the label is painted."""
    from medviewer.session.painting import slices  # noqa: PLC0415  (see above)

    slices.interpolate(session, session.view.number(viewport), label)


@command("paint.copy", title="Copy label to the next slice", menu="Segment")
def copy(
    session: Session, *, by: Annotated[int, Slider(-1000, 1000)] = 1, viewport: int = -1, label: int = 0
) -> None:
    """Add what the label holds on this slice to the next one, or to so many; negative numbers lead back."""
    from medviewer.session.painting import slices  # noqa: PLC0415  (see above)

    if by:
        slices.copy(session, session.view.number(viewport), by, label)


@command("paint.brush", title="Set the brush")
def brush(
    session: Session,
    *,
    diameter: Diameter | None = None,
    ball: bool | None = None,
    adaptive: bool | None = None,
    over_others: bool | None = None,
) -> None:
    """Change what is given of the brush: its size in mm, and what it paints on."""
    given = {"diameter": diameter, "is_ball": ball, "adaptive": adaptive, "over_others": over_others}
    _change(session, **{name: value for name, value in given.items() if value is not None})


@command("paint.size", title="Larger brush", menu="Segment")
def size(session: Session, *, by: Annotated[int, Slider(-50, 50)] = 1) -> None:
    """Make the brush some steps larger, or smaller."""
    now = session.view.brush.diameter
    larger = [one for one in SIZES if one > now * 1.001]
    smaller = [one for one in SIZES if one < now * 0.999][::-1]
    way = larger if by > 0 else smaller
    if by and way:
        _change(session, diameter=float(way[min(abs(by), len(way)) - 1]))


@command("paint.limits", title="Paint between two values only")
def limits(session: Session, *, low: float, high: float) -> None:
    """Paint only where modality values are from *low* to *high*."""
    if not low <= high:
        raise BadValue(f"There are no values from {low:g} to {high:g}.", "Give the lower one first.")
    _change(session, limits=(low, high))


@command("paint.limits_from_window", title="Paint inside the window only", menu="Segment")
def limits_from_window(session: Session) -> None:
    """Paint only values that the window of the active viewport shows between black and white.

    In colour these are those of its brightness.
    """
    viewport = session.view.current
    if viewport.series is None:
        raise BadValue("There is no picture whose window could be used.", "Open a study first.")
    # a plane has the values and the windows of the slices it is made of
    frame, voi = session.frames.load(viewport.series, viewport.index), session.rendering.voi(viewport)
    from medviewer.imaging.grayscale import effective_voi  # noqa: PLC0415  (see above)

    shown = effective_voi(frame, voi)
    if not shown.is_known or shown.lut is not None:
        raise BadValue("The window of this picture is a table of the file.", "Set centre and width first.")
    # a linear window is one step narrower than it says, and its middle lies half a step lower (C.11.2.1.2.1)
    step = 1.0 if shown.curve is Curve.LINEAR else 0.0
    middle, half = shown.center - step / 2, (shown.width - step) / 2
    _change(session, limits=(middle - half, middle + half))


@command("paint.no_limits", title="Paint on all values", menu="Segment")
def no_limits(session: Session) -> None:
    """Paint whatever the values are."""
    _change(session, limits=None)


def _change(session: Session, **values: object) -> None:
    changed: Brush = replace(session.view.brush, **values)  # type: ignore[arg-type]
    if changed != session.view.brush:
        session.change(lambda view: replace(view, brush=changed))


def _points(points: Sequence[Point], least: int) -> tuple[Point, ...]:
    found = tuple(point(one) for one in points)
    if len(found) < least:
        raise BadValue(f"{len(found)} positions are too few.", f"Give {least} or more.")
    return found
