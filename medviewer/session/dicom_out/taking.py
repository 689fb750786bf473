"""Takes what is to be saved out of the state, on the main thread: frozen values that a worker can write."""

from __future__ import annotations

from pathlib import Path

from medviewer.core.finding import Finding, State
from medviewer.core.labels import LabelMap
from medviewer.core.presentation import Area
from medviewer.core.study import Series, Study
from medviewer.imaging.viewing import Viewing
from medviewer.kit.frozen import frozen
from medviewer.session.dicom_out.order import Order, kept_groups, marked, study_and_series
from medviewer.session.found.tracked import in_force
from medviewer.session.measuring.table import Row, rows
from medviewer.session.pictures import Look, snapshots
from medviewer.session.pictures import Taken as Screen
from medviewer.session.session_type import Session
from medviewer.session.state import Viewport


@frozen(eq=False)
class Part:
    """What is to be saved of one series."""

    series: Series
    groups: tuple[LabelMap, ...]
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    keys: tuple[int, ...]
    """the numbers of its key pictures"""
    viewport: Viewport
    """through which it is seen, or would be"""
    area: Area | None = None
    """which part of its pictures is seen; None: all of it"""
    scales: tuple[tuple[str, float], ...] = ()
    """set by hand, as in `Reading.scales`"""


@frozen(eq=False)
class Taken:
    """All that a worker needs to carry an order out."""

    order: Order
    study: Study
    parts: tuple[Part, ...]
    numbers: tuple[int | None, ...]
    """the Series Numbers that are given away"""
    folder: Path
    screen: Screen | None = None
    shown: tuple[tuple[Series, int], ...] = ()
    """the pictures that are on the screen"""


def taken(session: Session, order: Order) -> Taken:
    """What *order* asks for as it stands now. Raises BadValue where there is nothing of it."""
    order.check()
    study, chosen = study_and_series(session, order.scope)
    parts = tuple(_part(session, order, one) for one in chosen)
    screen = snapshots(session, 1.0, False, Look(identity=True)) if order.picture else None
    return Taken(
        order,
        study,
        parts,
        tuple(one.number for one in study.series),
        _folder(order, chosen[0] if chosen else study.series[0]),
        screen,
        _on_screen(session),
    )


def _part(session: Session, order: Order, series: Series) -> Part:
    reading = in_force(session.state.document.reading(series.key), session.view.hidden_objects)
    viewport, number = _shown(session, series)
    wants_rows = order.measurements or order.presentation
    findings = tuple(one for one in reading.findings if one.state is not State.REJECTED)
    return Part(
        series,
        kept_groups(reading) if order.segmentation else (),
        rows(session, (series.key,)) if wants_rows else (),
        findings if order.measurements else (),
        marked(reading, series) if order.key_pictures else (),
        viewport,
        None if number is None or viewport.cut is not None else _area(session, number),
        reading.scales,
    )


def _shown(session: Session, series: Series) -> tuple[Viewport, int | None]:
    """The viewport that shows a series, the active one first; its first picture as it would be shown."""
    view = session.view
    for number in (view.active, *view.shown):
        one = view.viewports[number]
        if one.series == series.key and one.view3d is None:
            return one, number
    return Viewport(series=series.key, index=series.count // 2), None


def _area(session: Session, number: int) -> Area | None:
    size = session.canvas.get(number)
    viewing = None if size is None else session.rendering.viewing(number, size)
    if viewing is None or (viewing.zoom == 1 and not viewing.actual and viewing.center == (0.5, 0.5)):
        return None
    return _seen(viewing)


def _seen(viewing: Viewing) -> Area:
    """Which part of the picture fills the viewport; it may reach beyond the picture."""
    height, width = viewing.size
    one, two = viewing.to_image(0, 0), viewing.to_image(width, height)
    rows, columns = sorted((one[0], two[0])), sorted((one[1], two[1]))
    return Area(rows[0], columns[0], rows[1], columns[1])


def _on_screen(session: Session) -> tuple[tuple[Series, int], ...]:
    one = session.view.current
    series = session.series(one.series)
    if series is None or not series.count:
        return ()
    return ((series, min(one.index, series.count - 1)),)


def _folder(order: Order, series: Series) -> Path:
    if order.folder is not None:
        return Path(order.folder)
    return Path(series.instances[0].path).parent
