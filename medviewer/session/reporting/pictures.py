"""The pictures of a report: what is shown, what was marked, and what was drawn on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.core.annotation import Annotation, names
from medviewer.core.cut import Cut
from medviewer.core.study import Series, Study
from medviewer.export.report.content import Shot
from medviewer.imaging.measure import with_minus
from medviewer.imaging.volume_rendering.request import BodyRequest
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.drawn import lying_on
from medviewer.session.facts import picture_lines, series_lines
from medviewer.session.found.tracked import in_force
from medviewer.session.noted import request_note
from medviewer.session.pictures import Look, Snapshot, compose, snapshot, square
from medviewer.session.rendering import Rendering
from medviewer.session.reporting.facts import name_of, told
from medviewer.session.reporting.looking import looking_at
from medviewer.session.reporting.order import Order
from medviewer.session.state import Viewport

if TYPE_CHECKING:
    from medviewer.session.session import Session

MOST_PICTURES = 40
LEAST_PX, MOST_PX = 800, 1600
"""Of the longer side of a picture: a page needs no more."""
WORDS_PX = 480
"""Words on it are as large as a viewport of this size would show them, so that they can be read on paper."""
SPACE = "\N{NO-BREAK SPACE}"
Place = tuple[str, int, Cut | None]
"""Series, picture and plane."""


@frozen
class Taken:
    """A picture that will be in the report, as values."""

    place: Place
    letter: str
    words: str
    """series and slice"""
    snapshot: Snapshot


@frozen
class Drawn:
    """Something that was drawn, and a viewport in which it is seen; None where no picture holds it."""

    annotation: Annotation
    name: str
    """what it is called on the picture"""
    series: Series
    viewport: Viewport | None


def drawn_on(session: Session, study: Study) -> tuple[Drawn, ...]:
    """All annotations of a study, series by series, each on the picture where it lies."""
    document = session.state.document
    found = []
    for series in study.series:
        reading = document.reading(series.key)
        called = names(reading.annotations)
        drawn = in_force(reading, session.view.hidden_objects).annotations
        found += [Drawn(one, called[one.id], series, lying_on(session, series, one)) for one in drawn]
    return tuple(found)


def taken(session: Session, study: Study, order: Order, drawn: tuple[Drawn, ...]) -> tuple[Taken, ...]:
    """What is to be in the report, each picture once. Main thread; nothing is decoded."""
    view = session.view
    shown = [view.viewports[number] for number in view.shown] if order.shown else []
    wanted = [one for one in dict.fromkeys(shown) if one.series is not None]
    more = [
        *(_key_pictures(session, study) if order.key_pictures else ()),
        *(one.viewport for one in drawn if order.annotated and one.viewport is not None),
    ]
    # a part of a picture may leave out what was drawn on it
    covered = {_place(one) for one in wanted if one.zoom <= 1 and not one.actual}
    for viewport in more:
        if _place(viewport) not in covered:
            covered.add(_place(viewport))
            wanted.append(replace(viewport.fitted(), against=None, playing=False))
    found = (_taken(session, one, order, number) for number, one in enumerate(wanted[:MOST_PICTURES]))
    return tuple(one for one in found if one is not None)


def shot(rendering: Rendering, one: Taken, context: TaskContext) -> Shot:
    """A picture with its caption; slow. Raises FileTrouble, SeriesTrouble."""
    context.check()
    request = one.snapshot.request
    assert request is not None
    pipeline = None if isinstance(request, BodyRequest) else request.pipeline
    recipe = ""
    if pipeline is not None and pipeline.active:
        recipe = " ".join(filter(None, ("Recipe", pipeline.name, f"({pipeline.digest})")))
    lines = (one.words, request_note(rendering, request), recipe)
    return Shot(compose(rendering, one.snapshot), one.letter, tuple(filter(None, lines)))


def letter_of(pictures: tuple[Taken, ...], viewport: Viewport | None) -> str:
    """What the picture of a viewport is called in the report, "" where it is not in it."""
    if viewport is None:
        return ""
    return next((one.letter for one in pictures if one.place == _place(viewport)), "")


def words_of(session: Session, series: Series, viewport: Viewport | None) -> str:
    """Which series and which picture of it: "Series 3 CT Chest, 45 / 133, z -212.5 mm"."""
    name, plane = name_of(series), None if viewport is None else session.rendering.plane(viewport)
    if viewport is None or plane is None:
        return name
    if viewport.view3d is not None:
        return f"{name}, 3-D"
    lines = (with_minus(line).replace(" ", SPACE) for line in picture_lines(series, viewport, plane))
    return ", ".join((name, *lines))


def _place(viewport: Viewport) -> Place:
    return (viewport.series or "", viewport.index if viewport.cut is None else -1, viewport.cut)


def _key_pictures(session: Session, study: Study) -> Iterator[Viewport]:
    document = session.state.document
    for series in study.series:
        marked = set(document.reading(series.key).key_pictures)
        for index, address in enumerate(series.frames):
            if (series.instances[address.instance].sop_instance, address.frame) in marked:
                yield _as_shown(session, series, index)


def _as_shown(session: Session, series: Series, index: int) -> Viewport:
    """A picture through the window that its series has where it is shown."""
    view = session.view
    shown = (view.viewports[number] for number in view.shown)
    like = next((one for one in shown if one.series == series.key and one.view3d is None), None)
    if like is None:
        return Viewport(series=series.key, index=index)
    return replace(like, index=index, cut=None)


def _taken(session: Session, viewport: Viewport, order: Order, number: int) -> Taken | None:
    series = session.series(viewport.series)
    if series is None:
        return None
    known = told(series, order.identity)
    with looking_at(session, viewport):
        size = _size(session, viewport)
        if size is None:
            return None
        one = snapshot(session, 0, size, max(size) / WORDS_PX, Look(identity=order.identity == "patient"))
        words = words_of(session, known, viewport)
    if one.request is None or one.scene is None:
        return None
    if order.identity == "none":
        lines = series_lines(known, one.scene.plane.placed, viewport.cut is not None)
        facts = replace(one.scene.facts, study=(), series=lines)
        one = replace(one, scene=replace(one.scene, facts=facts))
    return Taken(_place(viewport), _letter(number), words, one)


def _size(session: Session, viewport: Viewport) -> tuple[int, int] | None:
    """(height, width): the shape of the picture where all of it is seen, else that of its viewport."""
    plane = session.rendering.plane(viewport)
    if plane is None:
        return None
    is_whole = viewport == viewport.fitted() and viewport.view3d is None
    height, width = square(plane.shape, plane.aspect, viewport.rotation)
    if not is_whole:
        numbers = [at for at in session.view.shown if at in session.canvas]
        height, width = session.canvas[numbers[0]] if numbers else (height, width)
    longer = max(height, width)
    scale = min(max(longer, LEAST_PX), MOST_PX) / longer
    return max(1, round(height * scale)), max(1, round(width * scale))


def _letter(number: int) -> str:
    """A to Z, then AA, AB, ..."""
    first, last = divmod(number, 26)
    return (chr(ord("A") + first - 1) if first else "") + chr(ord("A") + last)
