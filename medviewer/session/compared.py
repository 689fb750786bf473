"""What is said of two renderings in one viewport: what each of them is, or why there is only one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.core.against import Against, Other, Way
from medviewer.core.pipeline import Pipeline
from medviewer.core.study import Series, SeriesKey
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame
from medviewer.imaging.against import is_of_greys
from medviewer.imaging.against_shapes import Marks
from medviewer.imaging.enhance.apply import titles
from medviewer.imaging.grayscale import effective_voi
from medviewer.imaging.request import RenderRequest
from medviewer.kit.frozen import frozen
from medviewer.session.against import Placed, placed, second_at_hand
from medviewer.session.dimension import value_of
from medviewer.session.facts import dimension_words, window_words
from medviewer.session.laid import names
from medviewer.session.probe import Probe, difference_words, other_words
from medviewer.session.state import Viewport

if TYPE_CHECKING:
    from medviewer.session.session import Session

ORIGINAL = "Original"
ALIKE = "same rendering"


def marks(session: Session, number: int) -> Marks | None:
    """What is drawn and said over the comparison in a viewport; None where there is none."""
    viewport = session.view.viewports[number]
    against = viewport.against
    found = None if against is None else placed(session, number, against)
    if against is None or found is None or isinstance(found, str):
        return None
    own, other = _sides(session, number, against, found)
    is_enhanced = any(_active(session, one) for one in (viewport, found.viewport))
    return Marks(
        way=against.way,
        own=own,
        other=other,
        remark=found.remark,
        at=against.at,
        vertical=against.vertical,
        spot=against.spot,
        radius=against.radius,
        opacity=against.opacity,
        shows_other=against.shows_other,
        enhanced=is_enhanced,
        bare=against.other is Other.PLAIN,
    )


def why_alone(session: Session, number: int) -> str:
    """Why a viewport that is to compare does not, in words; "" where it does or is not to."""
    against = session.view.viewports[number].against
    found = None if against is None else placed(session, number, against)
    return f"Not compared: {found}" if isinstance(found, str) else ""


def with_other(session: Session, number: int, found: Probe, request: RenderRequest, frame: Frame) -> Probe:
    """*found* in a viewport that shows *frame*, with what the other side has there, if that is at hand."""
    second, said = second_at_hand(session, request, frame), marks(session, number)
    if second is None or said is None or second.frame.plane.shape != frame.plane.shape:
        return found
    rendering, at = session.rendering, (found.row, found.column)
    made = rendering.drawing.made_at_hand(second.frame, second.request)
    found = replace(found, other_text=other_words(said.other, second.frame, at, made, second.frame is frame))
    if said.way is not Way.DIFFERENCE:
        return found
    final = replace(request, voi=rendering.decided(request))
    difference = rendering.comparing.difference_at(frame, final, second, at)
    return found if difference is None else replace(found, difference_text=difference_words(*difference))


def recipe_name(pipeline: Pipeline) -> str:
    """An enhancement in a word: the recipe's name, else its steps; "Original" for none."""
    if not pipeline.active:
        return ORIGINAL
    return pipeline.name or titles(pipeline)


def _sides(session: Session, number: int, against: Against, found: Placed) -> tuple[str, str]:
    """What the two renderings are called: all in which they differ."""
    viewport = session.view.viewports[number]
    if against.other is Other.ORIGINAL:
        return recipe_name(session.rendering.pipeline_of(viewport)), ORIGINAL
    if against.other is Other.PLAIN:
        return "With overlays", "Without overlays"
    there = found.viewport
    series, second = session.series(viewport.series), session.series(there.series)
    if series is None or second is None:
        return ALIKE, ALIKE
    parts = [_series_names(series, second, viewport, there)]
    pipelines = [session.rendering.pipeline_of(one) for one in (viewport, there)]
    if any(one.active for one in pipelines):
        parts.append((recipe_name(pipelines[0]), recipe_name(pipelines[1])))
    if series.key == second.key:
        parts += _looks(session, viewport, there, _has_windows(session, number, against))
    differing = [pair for pair in parts if pair[0] != pair[1]]
    if not differing:
        return ALIKE, f"{ALIKE} in viewport {against.viewport + 1}"
    own, other = (" · ".join(pair[side] for pair in differing if pair[side]) for side in (0, 1))
    return own, other


def _series_names(series: Series, second: Series, viewport: Viewport, there: Viewport) -> tuple[str, str]:
    if series.key != second.key:
        return names(series, second)
    if value_of(series, viewport.index) != value_of(second, there.index):
        return dimension_words(series, viewport), dimension_words(second, there)
    return "", ""


def _has_windows(session: Session, number: int, against: Against) -> bool:
    """Whether what is seen went through windows: values are subtracted before any."""
    scale = session.rendering.comparing.scale(number)
    return against.way is not Way.DIFFERENCE or (scale is not None and is_of_greys(scale))


def _looks(session: Session, viewport: Viewport, there: Viewport, has_windows: bool) -> list[tuple[str, str]]:
    """Window, colours and what is laid over, of two viewports of one series."""
    windows = ("", "")
    vois = _windows(session, viewport, there)
    if has_windows and vois[0] != vois[1]:
        windows = (_window(vois[0]), _window(vois[1]))
    colors = (viewport.colors or "grey", there.colors or "grey")
    fused = tuple("fused" if one.fusion is not None else "alone" for one in (viewport, there))
    return [windows, colors, (fused[0], fused[1])]


def _windows(session: Session, viewport: Viewport, there: Viewport) -> tuple[VOI, VOI]:
    """The windows of both; pictures of one series may each bring their own."""
    one, two = session.rendering.voi(viewport), session.rendering.voi(there)
    frame, other = session.rendering.frame(viewport), session.rendering.frame(there)
    if frame is None or other is None or frame.is_color or other.is_color:
        return one, two
    return effective_voi(frame, one), effective_voi(other, two)


def _window(voi: VOI) -> str:
    return window_words(voi, "") or "window of the file"


def _active(session: Session, viewport: Viewport) -> bool:
    return bool(session.rendering.pipeline_of(viewport).active)


@frozen
class Offer:
    """Something that a picture can be compared with."""

    other: Other
    title: str
    viewport: int = 0
    series: SeriesKey = ""
    why_not: str = ""
    """"" where it can be"""

    def is_of(self, against: Against) -> bool:
        """Whether *against* compares with it."""
        if against.other is not self.other:
            return False
        if self.other is Other.VIEWPORT:
            return against.viewport == self.viewport
        return self.other is not Other.SERIES or against.series == self.series


def offers(session: Session, number: int) -> tuple[Offer, ...]:
    """All that the picture of a viewport could be compared with, and why some of it cannot be."""
    view = session.view
    viewport = view.viewports[number]
    found = [Offer(Other.ORIGINAL, "Its original"), Offer(Other.PLAIN, "Without overlays")]
    for other in view.shown:
        there = view.viewports[other]
        if other != number and there.series is not None:
            words = recipe_name(session.rendering.pipeline_of(there))
            series = session.series(there.series)
            name = "" if series is None or there.series == viewport.series else f"{_title(series)} · "
            found.append(Offer(Other.VIEWPORT, f"Viewport {other + 1}: {name}{words}", viewport=other))
    for study in session.state.studies:
        found += [
            Offer(Other.SERIES, _title(series), series=series.key)
            for series in study.series
            if series.count and series.key != viewport.series
        ]
    return tuple(_judged(session, number, one) for one in found)


def _judged(session: Session, number: int, offer: Offer) -> Offer:
    against = Against(Way.WIPE, offer.other, offer.viewport, offer.series)
    answer = placed(session, number, against)
    return replace(offer, why_not=answer) if isinstance(answer, str) else offer


def _title(series: Series) -> str:
    return f"{series.modality}  {series.description or series.number or ''}".strip()
