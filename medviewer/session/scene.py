"""What is drawn over a picture, as values: taken on the main thread, turned into shapes anywhere."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from medviewer.core.against import Other, SignedScale, Way
from medviewer.core.annotation import Annotation, names
from medviewer.core.geometry import Plane
from medviewer.core.study import Series
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame
from medviewer.imaging.against import is_of_greys
from medviewer.imaging.against_shapes import (
    Marks,
    difference_scale,
    has_room_for_legend,
    mark_shapes,
    on_own_side,
    span_words,
)
from medviewer.imaging.corners import CornerFacts, corner_words, occupied
from medviewer.imaging.crossing import Line, crossed_by, line_shapes
from medviewer.imaging.grayscale import effective_voi
from medviewer.imaging.legend import legend
from medviewer.imaging.overlay import annotation_shapes, orientation_words, scale_bar
from medviewer.imaging.region import Made
from medviewer.imaging.reslice import reach
from medviewer.imaging.shapes import Drawn, Words
from medviewer.imaging.viewing import Viewing
from medviewer.kit.frozen import frozen
from medviewer.session import compared, facts
from medviewer.session.corners.words import applied_look, corner_facts
from medviewer.session.crossings import crossings
from medviewer.session.laid import Laid, laid, legend_of, words_of
from medviewer.session.state import CornerText, Viewport

if TYPE_CHECKING:
    from medviewer.core.outlines import Outline
    from medviewer.core.presentation import Look
    from medviewer.session.session import Session

FALLBACK_THICKNESS_MM = 1.0


@frozen
class Scene:
    """Everything that decides the shapes over one picture, besides the values under them."""

    viewing: Viewing
    plane: Plane
    voi: VOI
    annotations: tuple[Annotation, ...]
    names: tuple[tuple[str, str], ...]
    """the ID of each of them, and what it is called"""
    selected: str
    facts: CornerFacts
    corner_text: CornerText
    density: float
    """device pixels per ordinary pixel: the size of words and strokes"""
    within_mm: float
    laid: Laid = Laid()
    lines: tuple[Line, ...] = ()
    """where other pictures cross this one"""
    look: Look | None = None
    """what a presentation state says of the picture"""
    marks: Marks | None = None
    """what is drawn and said over two renderings"""
    outlines: tuple[Outline, ...] = ()
    """those of structure sets"""


def scene(
    session: Session,
    number: int,
    viewing: Viewing,
    *,
    identity: bool = True,
    annotations: bool = True,
    text: bool = True,
    density: float = 1.0,
    is_titled: bool = False,
) -> Scene | None:
    """What belongs over the picture of a viewport; without *identity* nothing says who the patient is.

    *is_titled* where the name of the recipe stands above the picture already, as in the enhancement grid,
    whose first cell says what is the same in all.
    """
    view = session.view
    viewport = view.viewports[number]
    series = session.series(viewport.series)
    plane = session.rendering.plane(viewport)
    if series is None or plane is None:
        return None
    within = half_thickness(session, series, viewport)
    marks = compared.marks(session, number)
    annotations = annotations and not view.annotations_hidden and not _is_plain_now(viewport, marks)
    # what is measured is said of the enhanced picture too
    annotations = annotations and view.blind is None
    drawn = _named(session, plane, within) if annotations else ()
    return Scene(
        viewing=viewing,
        plane=plane,
        voi=session.rendering.voi(viewport),
        annotations=tuple(one for one, _ in drawn),
        names=tuple((one.id, name) for one, name in drawn),
        selected=view.selected,
        facts=corner_facts(session, number, series, viewport, plane, identity, is_titled),
        corner_text=view.corner_text if text else CornerText.OFF,
        density=density,
        within_mm=within,
        lines=crossed_by(crossings(session, number), plane, viewing, view.crosshair, within)
        if annotations
        else (),
        laid=Laid() if viewport.view3d is not None else laid(session, number),
        look=applied_look(session, viewport) if annotations else None,
        marks=marks,
        outlines=_outlines(session, viewport) if annotations else (),
    )


def shapes(
    taken: Scene,
    frame: Frame | None,
    fused: Frame | None = None,
    scale: SignedScale | None = None,
    made: Made | None = None,
) -> tuple[Drawn, ...]:
    """The strokes and words of a scene; with the decoded *frame* also what depends on its values.

    *fused* is the series of the scene's fusion on the grid of the frame, *scale* that of a difference, *made*
    what an enhancement has made of the frame.
    """
    plane, viewing, density = taken.plane, taken.viewing, taken.density
    known = _with_values(taken, frame, scale)
    bars = _bars(taken, frame, fused, scale)
    corners, around = _written(known, taken.corner_text, plane, viewing, density)
    is_crossed = taken.annotations or taken.lines
    covered = occupied(corners, (*around, *bars), viewing.size) if is_crossed else ()
    state = () if taken.look is None else _drawn_by(taken.look, viewing, density)
    if taken.outlines:
        state = (*_drawn_around(taken.outlines, viewing, density), *state)
    lines = line_shapes(taken.lines, viewing.size, density, covered)
    own = annotation_shapes(
        taken.annotations,
        plane,
        viewing,
        frame,
        taken.selected,
        density,
        taken.within_mm,
        covered,
        made,
        names=dict(taken.names),
    )
    if taken.marks is None:
        return (*state, *lines, *own, *bars, *corners, *around)
    if taken.marks.bare:
        state, own = (on_own_side(one, taken.marks, viewing.size) for one in (state, own))
    span = "" if bars or scale is None else span_words(scale)
    marks = mark_shapes(taken.marks, viewing.size, density, span)
    return (*state, *lines, *own, *marks, *bars, *corners, *around)


def _bars(
    taken: Scene, frame: Frame | None, fused: Frame | None, scale: SignedScale | None
) -> tuple[Drawn, ...]:
    """The legends of all colours that are seen."""
    size, density = taken.viewing.size, taken.density
    if taken.marks is not None and taken.marks.way is Way.DIFFERENCE:
        if scale is None or not has_room_for_legend(size, density):
            return ()
        return legend((difference_scale(scale),), size, density)
    return () if frame is None else legend_of(taken.laid, frame, taken.voi, fused, size, density)


def _is_plain_now(viewport: Viewport, marks: Marks | None) -> bool:
    """Whether a flicker shows the picture with nothing over it at this moment."""
    against = viewport.against
    if against is None or marks is None or against.other is not Other.PLAIN:
        return False
    return against.way is Way.FLICKER and against.shows_other


# Linked viewports of one size write the same, and an open slice that is drawn again has it already.
@lru_cache(maxsize=16)
def _written(
    known: CornerFacts, mode: CornerText, plane: Plane, viewing: Viewing, density: float
) -> tuple[tuple[Words, ...], tuple[Drawn, ...]]:
    """The words in the corners, and what stands around the picture."""
    # what was done to the picture, who says so and what is wrong with it stand there in every mode
    around: tuple[Drawn, ...] = ()
    if mode is not CornerText.OFF:
        around = (*orientation_words(plane, viewing, density), *scale_bar(plane, viewing, density))
    return corner_words(known, mode.value, viewing.size, density, around=around), around


def _drawn_by(look: Look, viewing: Viewing, density: float) -> tuple[Drawn, ...]:
    # few studies have presentation states: the others need not pay for them at start
    from medviewer.imaging.presented import presentation_shapes  # noqa: PLC0415

    return presentation_shapes(look, viewing, density)


def _outlines(session: Session, viewport: Viewport) -> tuple[Outline, ...]:
    """The outlines on the picture of a viewport; they lie on pictures, not on planes cut through them."""
    shown = session.state.outlined
    if not shown or viewport.series is None or viewport.cut is not None or viewport.view3d is not None:
        return ()
    place = (viewport.series, viewport.index)
    return tuple(outline for one in shown for outline in one.pictures.get(place, ()))


def _drawn_around(outlines: tuple[Outline, ...], viewing: Viewing, density: float) -> tuple[Drawn, ...]:
    # few studies have structure sets: the others need not pay for them at start
    from medviewer.imaging.outlined import outline_shapes  # noqa: PLC0415

    return outline_shapes(outlines, viewing, density)


def half_thickness(session: Session, series: Series, viewport: Viewport) -> float:
    """How far from a picture something still counts as lying on it: half the way to the next one.

    On a slab, half of that where it is thicker.
    """
    geometry = session.frames.geometry(series)
    if viewport.cut is not None and geometry is not None:
        return max(reach(geometry, viewport.cut)[2], viewport.cut.thickness) / 2
    if series.geometry is not None and series.count > 1:
        return float(series.geometry.spacing[0]) / 2
    try:
        return max(float(series.detail("SliceThickness")) / 2, 0.01)
    except ValueError:
        return FALLBACK_THICKNESS_MM


def annotations_on(
    session: Session, series: Series, viewport: Viewport, plane: Plane
) -> tuple[Annotation, ...]:
    """The annotations that lie on the picture of a viewport, of *series* at *plane*, the oldest first."""
    return tuple(one for one, _ in _named(session, plane, half_thickness(session, series, viewport)))


def _named(session: Session, plane: Plane, within: float) -> tuple[tuple[Annotation, str], ...]:
    """The annotations that lie on this picture, with what they are called.

    Those drawn on other series of the patient are among them.
    """
    found: list[tuple[Annotation, str]] = []
    hidden = session.view.hidden_objects
    for reading in session.state.document.readings.values():
        here = [one for one in reading.annotations if one.source not in hidden and one.lies_on(plane, within)]
        called = names(reading.annotations) if here else {}
        found += [(one, called[one.id]) for one in here]
    return tuple(found)


def _with_values(taken: Scene, frame: Frame | None, scale: SignedScale | None) -> CornerFacts:
    """With what lies over the picture, the window as it really is, and what the decoder had to remark."""
    known, voi, laid = taken.facts, taken.voi, words_of(taken.laid, frame)
    if frame is None:
        return replace(known, laid=laid)
    words = facts.window_words(effective_voi(frame, voi), frame.rescale.unit)
    is_difference = taken.marks is not None and taken.marks.way is Way.DIFFERENCE
    # values are subtracted before any window, and the legend says what the colours mean
    is_unused = is_difference and scale is not None and not is_of_greys(scale)
    window = () if is_unused or (frame.is_color and not voi.is_known) else (words,)
    picture, warnings = (*known.picture, *window), (*known.warnings, *frame.remarks)
    return replace(known, laid=laid, picture=picture, warnings=warnings)
