"""Where annotations lie: on which slice of a series, or on which plane through its stack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.core.annotation import Annotation
from medviewer.core.cut import PLANES
from medviewer.core.study import Series
from medviewer.core.vectors import Point
from medviewer.session import planes
from medviewer.session.dimension import block
from medviewer.session.scene import half_thickness
from medviewer.session.state import Viewport

if TYPE_CHECKING:
    from medviewer.session.session import Session


def middle_of(annotation: Annotation) -> Point:
    """The middle of its points."""
    x, y, z = (sum(values) / len(annotation.points) for values in zip(*annotation.points, strict=True))
    return (x, y, z)


def brought_to(session: Session, viewport: Viewport, annotation: Annotation) -> Viewport | None:
    """*viewport* at that of the slices or planes it steps through on which an annotation lies, or None."""
    series = session.series(viewport.series)
    if series is None or not series.count:
        return None
    geometry = session.frames.geometry(series)
    if viewport.cut is not None and geometry is not None:
        moved = replace(viewport, cut=planes.holding(geometry, viewport.cut, middle_of(annotation)))
    else:
        index = nearest_picture(series, viewport.index, annotation)
        if index is None:
            return None
        moved = replace(viewport, index=index)
    plane = session.rendering.plane(moved)
    within = half_thickness(session, series, moved)
    return moved if plane is not None and annotation.lies_on(plane, within) else None


def lying_on(session: Session, series: Series, annotation: Annotation) -> Viewport | None:
    """A viewport that shows an annotation of *series*: as one does now, as slices, as an anatomical plane."""
    for one in _ways(session, series):
        found = brought_to(session, one, annotation)
        if found is not None:
            return found
    return None


def nearest_picture(series: Series, index: int, annotation: Annotation) -> int | None:
    """The slice nearest to an annotation in its frame of reference, of picture *index*'s value if any."""
    own = [
        at
        for at, one in enumerate(series.frames)
        if one.plane.frame_of_reference == annotation.frame_of_reference
    ]
    here = set(block(series, index))
    own = [at for at in own if at in here] or own
    position = annotation.points[0]
    return min(own, key=lambda at: abs(series.frames[at].plane.distance(position)), default=None)


def _ways(session: Session, series: Series) -> Iterator[Viewport]:
    view = session.view
    shown = [view.current, *(view.viewports[number] for number in view.shown)]
    yield from (one for one in shown if one.series == series.key and one.view3d is None)
    index = next((one.index for one in shown if one.series == series.key), 0)
    yield Viewport(series=series.key, index=index)
    geometry = session.frames.geometry(series)
    if geometry is not None:
        for name in PLANES:
            cut = planes.anatomical_cut(geometry, name, planes.middle(geometry))
            yield Viewport(series=series.key, index=index, cut=cut)
