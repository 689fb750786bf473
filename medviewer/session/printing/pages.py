"""Pages for a printer: taken on the main thread as values, made into a PDF by a worker."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import medviewer
from medviewer.core.geometry import Plane
from medviewer.export.report.page_pdf import pdf
from medviewer.export.report.sheet import Sheet, room, sheet_pdf
from medviewer.imaging.viewing import Viewing
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.pictures import Look, Taken, compose_layout, snapshot, snapshots
from medviewer.session.reporting.building import Draft, build, draft
from medviewer.session.reporting.looking import looking_at
from medviewer.session.reporting.order import Identity, Order, Paper

if TYPE_CHECKING:
    from medviewer.session.session import Session

What = Literal["viewport", "layout", "report"]
PAPERS_MM: dict[Paper, tuple[float, float]] = {"A4": (210.0, 297.0), "Letter": (215.9, 279.4)}
DOTS_PER_INCH = 300
MM_PER_INCH = 25.4
DENSITY = 2.2
"""How much larger words are drawn on a print of true size: 300 dots to the inch instead of a screen's 96."""
NOT_TRUE = "The file does not say how large a pixel is, so it cannot be printed at its true size."


@frozen
class PrintOrder:
    """What is to be printed, and how."""

    what: What = "viewport"
    paper: Paper = "A4"
    landscape: bool = False
    margin: float = 12.0
    """mm"""
    true_size: bool = False
    """a millimetre of the picture is one on paper"""
    ruler: bool = True
    identity: Identity = "none"
    report: Order = Order()

    @property
    def page(self) -> tuple[float, float]:
        """(width, height) in millimetres."""
        width, height = PAPERS_MM[self.paper]
        return (height, width) if self.landscape and self.what != "report" else (width, height)


@frozen
class Job:
    """Everything that decides the pages, before anything is decoded."""

    order: PrintOrder
    taken: Taken | None = None
    size: tuple[float, float] = (0.0, 0.0)
    """of the picture on paper, (width, height) in mm; (0, 0): as large as it fits"""
    words: str = ""
    draft: Draft | None = None


def why_not_true(session: Session) -> str:
    """Why the active viewport cannot be printed at its true size, "" where it can."""
    viewport = session.view.current
    plane = session.rendering.plane(viewport)
    if plane is None or viewport.view3d is not None:
        return "There is no picture with a size here."
    return "" if plane.ruler[1].unit == "mm" else NOT_TRUE


def job(session: Session, order: PrintOrder) -> Job:
    """What is to be printed now. Main thread, quick. Raises BadValue."""
    if order.what == "report":
        return Job(order, draft=draft(session, replace(order.report, identity=order.identity)))
    look = Look(identity=order.identity == "patient")
    if order.true_size and order.what == "viewport":
        if reason := why_not_true(session):
            raise BadValue(reason, "Print it as large as the page instead.")
        return _true_job(session, order, look)
    across, up = (side / MM_PER_INCH * DOTS_PER_INCH for side in room(order.page, order.margin))
    whole = order.what == "layout"
    taken = snapshots(session, 1.0, whole, look)
    if all(one.request is None for one in taken.cells):
        raise BadValue("There is no picture to print.", "Open a study first.")
    height, width = _whole_size(taken)
    taken = snapshots(session, min(across / width, up / height), whole, look)
    return Job(order, taken, words=_words("as large as the page", order))


def pages_pdf(session: Session, given: Job, context: TaskContext) -> bytes:
    """The pages; slow, workers call it. Raises FileTrouble, SeriesTrouble."""
    if given.draft is not None:
        return pdf(build(session, given.draft, context), given.order.paper, context.check)
    assert given.taken is not None
    order = given.order
    pixels = compose_layout(session.rendering, given.taken, context)
    size = given.size if given.size[0] else _fitted(pixels.shape, room(order.page, order.margin))
    program = f"medviewer {medviewer.__version__}"
    return sheet_pdf(Sheet(pixels, size, order.page, order.margin, given.words, order.ruler, program))


def _true_job(session: Session, order: PrintOrder, look: Look) -> Job:
    """The active viewport's picture, a millimetre of it on one of the paper."""
    viewport = session.view.current
    plane = session.rendering.plane(viewport)
    assert plane is not None
    (_, across), calibration = plane.ruler
    whole = _millimetres(plane, viewport.rotation)
    space = room(order.page, order.margin)
    dots = DOTS_PER_INCH / MM_PER_INCH
    size = (max(1, round(min(whole[1], space[1]) * dots)), max(1, round(min(whole[0], space[0]) * dots)))
    is_all = whole[0] <= space[0] and whole[1] <= space[1]
    shown = viewport.fitted() if is_all else replace(viewport, actual=False)
    fit = Viewing(plane.shape, plane.aspect, size, rotation=viewport.rotation).fit_scale
    with looking_at(session, replace(shown, zoom=across * dots / fit)):
        taken = Taken(1, (snapshot(session, 0, size, DENSITY, look),))
    part = "" if is_all else f"; a part of a picture of {whole[0]:.0f} x {whole[1]:.0f} mm"
    remark = f", {calibration.remark}" if calibration.remark else ""
    words = _words(f"true size{remark}{part}", order)
    return Job(order, taken, (size[1] / dots, size[0] / dots), words)


def _millimetres(plane: Plane, rotation: int) -> tuple[float, float]:
    """(width, height) of a picture as it is turned."""
    height, width = (count * step for count, step in zip(plane.shape, plane.ruler[0], strict=True))
    return (height, width) if rotation % 180 else (width, height)


def _fitted(shape: tuple[int, ...], space: tuple[float, float]) -> tuple[float, float]:
    scale = min(space[0] / shape[1], space[1] / shape[0])
    return shape[1] * scale, shape[0] * scale


def _whole_size(taken: Taken) -> tuple[int, int]:
    """(height, width) of a grid of snapshots, without its gaps."""
    rows = [taken.cells[at : at + taken.columns] for at in range(0, len(taken.cells), taken.columns)]
    height = sum(max(one.size[0] for one in row) for row in rows)
    width = sum(max(row[at].size[1] for row in rows if at < len(row)) for at in range(len(rows[0])))
    return height, width


def _words(size: str, order: PrintOrder) -> str:
    when = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z").strip()
    whose = "with" if order.identity == "patient" else "without"
    return f"Printed {when}, {size}, {whose} the patient's identity"
