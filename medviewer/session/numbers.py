"""What the enhancement of a viewport did in numbers: asked on the main thread, answered by a worker."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.core.against import Other
from medviewer.core.annotation import Annotation
from medviewer.core.pipeline import Pipeline
from medviewer.core.volume import Frame
from medviewer.imaging.against import Side
from medviewer.imaging.enhance.operation import ENHANCEMENTS, Stage
from medviewer.imaging.numbers import Numbers, Regions, numbers, regions
from medviewer.imaging.region import Area
from medviewer.imaging.request import RenderRequest
from medviewer.kit.cache import Shelf
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.against import Second, load_second, second_at_hand
from medviewer.session.compared import ORIGINAL, marks, recipe_name
from medviewer.session.scene import annotations_on
from medviewer.session.state import Viewport

if TYPE_CHECKING:
    from medviewer.session.session import Session

NO_PICTURE = "Open a study or choose a series first."
NO_BODY = "A body in 3-D has no pixels of its own. Go back to the slices (Shift+V)."
OTHERS = (Other.VIEWPORT, Other.SERIES)
"""What makes two pictures of other than the original and what is enhanced."""
KEPT_BYTES = 16_384
"""What the numbers of one pair of pictures take: mostly their histograms."""


@frozen
class Region:
    """An area annotation that lies on a picture."""

    id: str
    name: str
    """its kind and number: "Rectangle 1"; nothing that a reader has written"""
    text: str
    """what the reader has written beside it"""
    area: Area


@frozen(eq=False)
class Question:
    """A viewport whose numbers somebody asks for, with all that a worker needs to answer."""

    request: RenderRequest
    names: tuple[str, str]
    """what the first and the second picture are called"""
    is_enhanced: bool
    """whether there are two pictures"""
    is_compared: bool
    """whether the first is another picture than the original, chosen by the reader"""
    regions: tuple[Region, ...]
    """none or two"""


@frozen(eq=False)
class Answer:
    """The numbers that were asked for."""

    asked: Question
    numbers: Numbers
    regions: Regions | None
    has_grey_steps: bool
    """whether the enhanced values have passed a step that looks at greys, and have no unit"""


def regions_on(session: Session, number: int) -> tuple[Region, ...]:
    """The area annotations on the picture of a viewport, the oldest first."""
    viewport = session.view.viewports[number]
    plane = session.rendering.plane(viewport)
    series = session.series(viewport.series)
    if plane is None or series is None or viewport.view3d is not None:
        return ()
    areas = [one for one in annotations_on(session, series, viewport, plane) if _is_area(one)]
    found = []
    for at, one in enumerate(areas, 1):
        corners = tuple(plane.to_image(point) for point in one.points)
        name = f"{one.shape.word.capitalize()} {one.number or at}"
        found.append(Region(one.id, name, one.text, (one.shape, corners)))
    return tuple(found)


def chosen(session: Session, number: int) -> tuple[Region, ...]:
    """The two regions that are told apart: those that the reader chose, else the newest; or none."""
    here = regions_on(session, number)
    if len(here) < 2:
        return ()
    by_id = {one.id: one for one in here}
    first, second = (by_id.get(one) for one in session.view.regions)
    free = [one for one in reversed(here) if one not in (first, second)]
    if second is None:
        second = free.pop(0)
    if first is None or first is second:
        first = next(one for one in free if one is not second)
    return (first, second)


def question(session: Session, number: int) -> Question | str:
    """What has to be known of a viewport to tell its numbers, or why there are none.

    It compares what the viewport compares, else its original with what is enhanced; the original that is
    shown for as long as a key is held changes nothing.
    """
    viewport = session.view.viewports[number]
    if viewport.view3d is not None:
        return NO_BODY
    request = session.rendering.request(number, None, overlay=False)
    if request is None:
        return NO_PICTURE
    pipeline = _pipeline(session, viewport)
    request = replace(request, pipeline=pipeline, labels=(), fusion=None)
    against = viewport.against
    is_compared = request.against is not None and against is not None and against.other in OTHERS
    names = (ORIGINAL, recipe_name(pipeline))
    if is_compared:
        named = marks(session, number)
        names = names if named is None else (named.other, named.own)
    else:
        request = replace(request, against=None)
    changes = any(ENHANCEMENTS[step.operation].stage is not Stage.MARKS for step in pipeline.active)
    return Question(request, names, is_compared or changes, is_compared, chosen(session, number))


def is_at_hand(session: Session, number: int, asked: Question) -> bool:
    """Whether the pictures of *asked* are made: then numbers do not do what a viewport is doing just now."""
    rendering, request = session.rendering, asked.request
    frame = rendering.frame(session.view.viewports[number])
    if frame is None or not rendering.drawing.is_ready(frame, request):
        return False
    if request.against is None:
        return True
    second = second_at_hand(session, request, frame)
    return second is not None and rendering.drawing.is_ready(second.frame, second.request)


def answer(session: Session, asked: Question, context: TaskContext | None = None) -> Answer:
    """The numbers. Slow: workers call it. Raises FileTrouble, SeriesTrouble, BadValue, Cancelled."""
    context = context or TaskContext()
    frame = session.rendering.load(asked.request, context)
    request = replace(asked.request, voi=session.rendering.decided(asked.request), against=None)
    second = load_second(session, asked.request, frame, context)
    if second is None:
        second = Second(replace(request, pipeline=Pipeline()), frame)
    own = _side(session, frame, request, context)
    other = _side(session, second.frame, replace(second.request, against=None), context)
    before, after = (other, own) if asked.is_enhanced else (other, None)
    shelf: Shelf[Numbers] = session.frames.shelf("numbers")
    key = (before.key, None if after is None else after.key)
    found = shelf.get(key)
    if found is None:
        found = numbers(before, after, context)
        shelf.put(key, found, KEPT_BYTES)
    areas = tuple(one.area for one in asked.regions)
    grey = any(one.enhanced is not None and one.enhanced.displayed for one in (own, other))
    return Answer(asked, found, regions(before, own, areas) if areas else None, grey)


def _side(session: Session, frame: Frame, request: RenderRequest, context: TaskContext) -> Side:
    return Side(frame, request, session.rendering.drawing.enhanced(frame, request, context))


def _pipeline(session: Session, viewport: Viewport) -> Pipeline:
    """What is done to the picture of a viewport, whether or not its original is looked at for a moment."""
    if not viewport.enhanced:
        return Pipeline()
    return session.rendering.pipeline(viewport.series) if viewport.recipe is None else viewport.recipe


def _is_area(annotation: Annotation) -> bool:
    return annotation.shape.is_area
