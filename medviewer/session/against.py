"""With what a viewport compares its picture: the other request, its frames, and why there is none."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.core.against import Against, Other, Way
from medviewer.core.beside_pixels import OVERLAY_GROUPS
from medviewer.core.geometry import Plane
from medviewer.core.pipeline import Pipeline
from medviewer.core.study import Series
from medviewer.core.volume import Frame
from medviewer.imaging.request import Comparison, RenderRequest
from medviewer.imaging.viewing import Viewing
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.remembered import remembered
from medviewer.kit.task import TaskContext
from medviewer.session.dimension import block, place_of, value_of, within
from medviewer.session.laid import fused_at_hand, leader_of, load_fused
from medviewer.session.state import Viewport

if TYPE_CHECKING:
    from medviewer.session.session import Session

OF_ONE_SCALE = ("CT",)
"""Modalities whose values mean the same in every series (Hounsfield units): one window shows both."""
APART_MM = 0.01
"""Planes that lie no further apart are the same."""
UNPLACED = "nothing says that both show the same place"


@frozen
class Placed:
    """The other rendering, at the place that the first one shows."""

    viewport: Viewport
    resampled: bool = False
    """whether its stack is to be sampled on the grid of the first"""
    remark: str = ""
    """what has to be said beside the comparison"""


@frozen(eq=False)
class Second:
    """The other of two requests with its frames, on the grid of the first."""

    request: RenderRequest
    frame: Frame
    fused: Frame | None = None


def placed(session: Session, number: int, against: Against) -> Placed | str:
    """The other rendering of the place that viewport *number* shows, or why there is none."""
    viewport = session.view.viewports[number]
    own = session.series(viewport.series)
    if own is None or not own.count:
        return "There is no picture here to compare."
    if viewport.view3d is not None:
        return "A body in 3-D has no pixels that another picture could have as well."
    if against.other is Other.VIEWPORT:
        return _of_viewport(session, number, against.viewport, own)
    if against.other is Other.SERIES:
        return _of_series(session, viewport, against, own)
    return Placed(viewport)


def comparison(
    session: Session, number: int, own: RenderRequest, viewing: Viewing | None, overlay: bool = True
) -> Comparison | None:
    """What the request *own* of a viewport is seen together with; None where nothing can be."""
    against = session.view.viewports[number].against
    found = None if against is None else placed(session, number, against)
    if against is None or found is None or isinstance(found, str):
        return None
    if against.other is Other.ORIGINAL:
        other = replace(own, pipeline=Pipeline())
    elif against.other is Other.PLAIN:
        hidden = (*own.hidden_overlays, *OVERLAY_GROUPS)
        other = replace(own, labels=(), fusion=None, hidden_overlays=hidden)
    else:
        made = session.rendering.request_of(found.viewport, viewing, overlay and not found.resampled)
        if made is None:
            return None
        other = replace(made, region=own.region, size=own.size, rotation=own.rotation, flipped=own.flipped)
    return _laid_out(against, Comparison(other, against.way, found.resampled), own, viewing, session, number)


def load_second(
    session: Session, request: RenderRequest, frame: Frame, context: TaskContext | None = None
) -> Second | None:
    """What *request*, whose picture is *frame*, is compared with. Slow. Raises FileTrouble, SeriesTrouble."""
    wanted = request.against
    if wanted is None:
        return None
    other = wanted.request
    if wanted.resampled:
        there = session.frames.load_onto(other.series, other.index, frame.plane, context)
    elif _shows_the_same(request, other):
        there = frame
    else:
        there = session.rendering.load(other, context)
    fused = load_fused(session, other.fusion, there, context)
    return Second(replace(other, voi=session.rendering.decided(other)), there, fused)


def second_at_hand(session: Session, request: RenderRequest, frame: Frame) -> Second | None:
    """The same, when all of it is there already."""
    wanted = request.against
    if wanted is None:
        return None
    other = wanted.request
    if wanted.resampled:
        there = session.frames.onto(other.series, other.index, frame.plane)
    elif _shows_the_same(request, other):
        there = frame
    else:
        there = session.rendering.frame(
            Viewport(other.series, other.index, cut=other.cut, presentation=other.presentation)
        )
    if there is None:
        return None
    fused = fused_at_hand(session, other.fusion, there)
    if other.fusion is not None and fused is None:
        return None
    return Second(replace(other, voi=session.rendering.decided(other)), there, fused)


def suggested(session: Session, number: int, way: Way) -> Against:
    """With what a reader who names nothing most likely wants to compare. Raises BadValue.

    What is compared now, else the original of what is enhanced, another viewport, what lies over it, another
    series of the same place.
    """
    view = session.view
    now = view.viewports[number]
    if now.against is not None:
        return replace(now.against, way=way)
    if session.rendering.pipeline_of(now).active:
        return Against(way)
    for other in view.shown:
        against = Against(way, Other.VIEWPORT, viewport=other)
        if other != number and not isinstance(placed(session, number, against), str):
            return against
    if now.fusion is not None or session.rendering.groups(number):
        return Against(way, Other.PLAIN)
    for study in session.state.studies:
        for series in study.series:
            against = Against(way, Other.SERIES, series=series.key)
            if not isinstance(placed(session, number, against), str):
                return against
    raise BadValue(
        "There is nothing to compare this picture with.",
        "Add an enhancement, or open another series of the same place.",
    )


def _of_viewport(session: Session, number: int, other: int, own: Series) -> Placed | str:
    viewports = session.view.viewports
    if other == number or not 0 <= other < len(viewports):
        return "A viewport cannot be compared with itself."
    there = viewports[other]
    series = session.series(there.series)
    if series is None or not series.count:
        return f"Viewport {other + 1} shows no picture."
    if there.view3d is not None:
        return f"Viewport {other + 1} shows a body in 3-D, which has no pixels of this place."
    return _here(session, viewports[number], there, own, series)


def _of_series(session: Session, viewport: Viewport, against: Against, own: Series) -> Placed | str:
    series = session.series(against.series)
    if series is None or not series.count:
        return "The other series is not open."
    if series.key == own.key:
        return "A series cannot be compared with itself: compare it with its original."
    leader = leader_of(session, series)
    index = series.places // 2 if leader is None else leader.index
    there = Viewport(series=series.key, index=index)
    if own.modality == series.modality and own.modality in OF_ONE_SCALE:
        there = replace(there, voi=session.rendering.voi(viewport))
    return _here(session, viewport, there, own, series, follows=True)


def _here(
    session: Session, viewport: Viewport, there: Viewport, own: Series, series: Series, follows: bool = False
) -> Placed | str:
    """*there*, as it shows *series*, at the place where *viewport* shows its series *own*.

    Without a place in the patient a series that *follows* goes to the picture of the same number.
    """
    there = replace(there, against=None)
    if series.key == own.key:
        index = within(series, there.index, place_of(own, viewport.index))
        is_other = value_of(series, index) != value_of(own, viewport.index)
        resampled = viewport.cut is not None and is_other
        return Placed(replace(there, index=index, cut=viewport.cut), resampled)
    plane = session.rendering.plane(viewport)
    if plane is None:
        return "There is no picture here to compare."
    if viewport.cut is None:
        same = _picture_on(series, block(series, there.index), plane)
        if same is not None:
            return Placed(replace(there, index=same, cut=None))
    if plane.placed:
        return _sampled(session, there, series, plane)
    if follows:
        there = replace(there, index=min(viewport.index, series.count - 1))
    other = session.rendering.plane(there)
    if other is None or other.placed or there.cut is not None or other.shape != plane.shape:
        return "Nothing is known of where this picture lies in the patient, and the other has another size."
    return Placed(there, remark=UNPLACED)


def _sampled(session: Session, there: Viewport, series: Series, plane: Plane) -> Placed | str:
    geometry = session.frames.geometry(series)
    if geometry is None:
        reference = series.frames[min(there.index, series.count - 1)].plane.frame_of_reference
    else:
        reference = geometry.frame_of_reference
    if reference != plane.frame_of_reference:
        return (
            "The two series lie in different frames of reference: "
            "nothing says which pixels of one are which of the other."
        )
    if geometry is None:
        return "The other series is not a volume, and none of its pictures lies exactly here."
    return Placed(replace(there, cut=None, presentation="", hidden_overlays=()), resampled=True)


def _picture_on(series: Series, pictures: range, plane: Plane) -> int | None:
    """Which of the *pictures* of a series lies on the grid of *plane*, pixel on pixel."""
    found = _first_on(series, plane)
    if found is None or found in pictures:
        return found
    at = within(series, pictures.start, place_of(series, found))
    return at if _is_same_grid(series.frames[at].plane, plane) else None


@remembered(64)
def _first_on(series: Series, plane: Plane) -> int | None:
    if not plane.placed:
        return None
    return next((at for at, one in enumerate(series.frames) if _is_same_grid(one.plane, plane)), None)


def _is_same_grid(one: Plane, other: Plane) -> bool:
    if one.shape != other.shape or one.frame_of_reference != other.frame_of_reference or not one.placed:
        return False
    if math.dist(one.origin, other.origin) > APART_MM or not one.is_parallel(other):
        return False
    pairs = zip(one.spacing, other.spacing, strict=True)
    # the far corner may lie no further off than the first pixel
    return all(abs(a - b) * length <= APART_MM for (a, b), length in zip(pairs, one.shape, strict=True))


def _shows_the_same(one: RenderRequest, other: RenderRequest) -> bool:
    return (one.series, one.index, one.cut, one.presentation) == (
        other.series,
        other.index,
        other.cut,
        other.presentation,
    )


def _laid_out(
    against: Against,
    made: Comparison,
    own: RenderRequest,
    viewing: Viewing | None,
    session: Session,
    number: int,
) -> Comparison:
    """*made* with what its way needs, in pixels of the output."""
    if viewing is None:
        plane = session.rendering.plane(session.view.viewports[number])
        (height, width), (x, y) = (1, 1) if plane is None else plane.shape, (0, 0)
        size = (height, width)
    else:
        target = viewing.target()
        (height, width), (x, y), size = viewing.size, (target.x, target.y), target.size
    match against.way:
        case Way.WIPE:
            at = round(against.at * (width if against.vertical else height)) - (x if against.vertical else y)
            most = size[1] if against.vertical else size[0]
            return replace(made, edge=min(max(at, 0), most), vertical=against.vertical)
        case Way.LENS:
            center = (round(against.spot[1] * height) - y, round(against.spot[0] * width) - x)
            return replace(made, center=center, radius=round(against.radius * min(height, width)))
        case Way.FLICKER:
            return replace(made, shows_other=against.shows_other)
        case Way.BLEND:
            return replace(made, opacity=against.opacity)
        case _:
            return replace(made, span=against.span)
