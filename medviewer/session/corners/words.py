"""What the corners of a viewport say, taken on the main thread: whose picture it is, what was done to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.core.geometry import Plane
from medviewer.core.object_kind import ObjectKind
from medviewer.core.study import Series
from medviewer.imaging.corners import CornerFacts
from medviewer.imaging.reslice import derived_words
from medviewer.session import compared, facts
from medviewer.session.blindness import HIDDEN
from medviewer.session.state import Viewport

if TYPE_CHECKING:
    from medviewer.core.presentation import Look
    from medviewer.session.session import Session

OUTLINES_ELSEWHERE = "no outlines here: make labels of them"


def corner_facts(
    session: Session,
    number: int,
    series: Series,
    viewport: Viewport,
    plane: Plane,
    identity: bool,
    is_titled: bool,
) -> CornerFacts:
    """The words in the corners of viewport *number*; *identity* and *is_titled* as `scene` has them."""
    study = session.study_of(series.key)
    if study is None:
        return CornerFacts()
    reading = session.state.document.reading(series.key)
    geometry = session.frames.geometry(series)
    has_overlay = bool(session.rendering.groups(number))
    if viewport.view3d is not None:
        return CornerFacts(
            patient=facts.patient_lines(study, series) if identity else (),
            study=facts.study_lines(study, series) if identity else facts.anonymous_study_lines(study),
            picture=facts.value_lines(series, viewport),
            series=facts.series_lines(series, plane.placed, False),
            made="; ".join(filter(None, (session.three_d.words(viewport), _outline_words(session, series)))),
            model="; ".join(session.three_d.model_lines(viewport)),
        )
    recipe = facts.recipe_words(
        session.rendering.shown_pipeline(number),
        session.rendering.pipeline(series.key),
        is_chosen=viewport.recipe is not None or session.view.before_grid is not None,
        bare=facts.bare_words(series),
    )
    if is_titled and not session.view.peek:
        recipe = ""
    marks = compared.marks(session, number)
    if marks is not None:
        recipe = marks.words
    if session.view.blind is not None:
        recipe, identity = HIDDEN, False
    known = CornerFacts(
        patient=facts.patient_lines(study, series) if identity else (),
        study=facts.study_lines(study, series) if identity else facts.anonymous_study_lines(study),
        picture=facts.marked_lines(
            facts.picture_lines(series, viewport, plane), facts.is_key(series, viewport, reading)
        ),
        series=facts.series_lines(series, plane.placed, viewport.cut is not None),
        recipe="; ".join(
            filter(None, (_state_words(session, viewport), recipe, compared.why_alone(session, number)))
        ),
        made=""
        if viewport.cut is None or geometry is None
        else "; ".join(
            filter(None, (derived_words(geometry, viewport.cut), _outline_words(session, series)))
        ),
        model="; ".join(facts.model_words(reading, viewport, has_overlay)),
    )
    view = session.view
    is_repeated = is_titled and view.linked and not view.maximised and number > 0
    return replace(known, patient=(), study=(), series=()) if is_repeated else known


def _outline_words(session: Session, series: Series) -> str:
    """Where the outlines are that are shown of a series, and cannot be seen on planes cut through it."""
    here = {one.uid for one in session.state.outlined if any(key == series.key for key, _ in one.pictures)}
    if any(one.uid in here for one in session.state.objects if one.kind is ObjectKind.STRUCTURES):
        return OUTLINES_ELSEWHERE
    return "no lines of reports here" if here else ""


def _state_words(session: Session, viewport: Viewport) -> str:
    """The presentation state that is applied."""
    if not viewport.presentation:
        return ""
    state = session.presenting.state(viewport.presentation)
    if state is None or applied_look(session, viewport) is None:
        return "Presentation state: says nothing of this picture"
    return f"Presentation state: {state.description or state.label}"


def applied_look(session: Session, viewport: Viewport) -> Look | None:
    """What the presentation state that is applied says of the picture of a viewport."""
    if not viewport.presentation or viewport.cut is not None:
        return None
    return session.presenting.look(viewport.series, viewport.index, viewport.presentation)
