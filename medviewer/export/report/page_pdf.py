"""A report as PDF, on one page where it can be, with the notice and the page's number on every page."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from reportlab.lib.colors import Color
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Spacer,
)
from reportlab.platypus import Table as Rows

from medviewer.export.picture import encoded
from medviewer.export.report.content import Report, Shot, Table, plain
from medviewer.export.report.flowing import GREY, Flowing, write
from medviewer.export.report.letters import fonts, text_width

PAPERS = {"A4": A4, "Letter": LETTER}
SIDE, TOP, BOTTOM, FOOT = 15 * mm, 13 * mm, 19 * mm, 12 * mm
SMALL, BODY, TITLE = 7.5, 9.0, 16.0
GAP = 4 * mm
HEIGHTS = tuple(height * mm for height in (120, 100, 85, 72, 60, 52))
"""Of pictures: the largest with which all is on one page."""
COMFORTABLE = 72 * mm
"""Of pictures, where there are many pages anyway."""
MANY_PAGES = 8
ROOM = 30 * mm
"""A table begins on the next page where less is left."""
_LINES = Color(0.75, 0.75, 0.75)

Draw = Callable[[Shot], ImageReader]
Tick = Callable[[], object]


def pdf(report: Report, paper: str = "A4", check: Tick = lambda: None) -> bytes:
    """The report as a file; *check* is called now and then and may raise to stop it."""
    fonts()
    pictures = {id(shot): ImageReader(io.BytesIO(encoded(shot.pixels, ".png"))) for shot in report.pictures}
    size = PAPERS[paper]
    height, count = _best(report, size, check)
    check()
    content, _ = _laid_out(report, size, height, count, lambda shot: pictures[id(shot)])
    return content


def _best(report: Report, size: tuple[float, float], check: Tick) -> tuple[float, int]:
    """The largest height of pictures with which there are fewest pages, and how many these are."""
    tried: list[tuple[int, float]] = []
    for height in HEIGHTS if report.pictures else HEIGHTS[:1]:
        check()
        _, count = _laid_out(report, size, height, 0, None)
        tried.append((count, -height))
        if count == 1:
            break
        if count > MANY_PAGES:
            height = COMFORTABLE
            return height, _laid_out(report, size, height, 0, None)[1]
    count, height = min(tried)
    return -height, count


def _laid_out(
    report: Report, size: tuple[float, float], height: float, count: int, draw: Draw | None
) -> tuple[bytes, int]:
    """The file and its number of pages; without *draw* pictures are left blank, which is quick."""
    target = io.BytesIO()
    document = BaseDocTemplate(
        target,
        pagesize=size,
        title=plain(report.title),
        creator=plain(report.program),
        author="",
        lang="en",
    )
    across = size[0] - 2 * SIDE
    frame = Frame(SIDE, BOTTOM, across, size[1] - TOP - BOTTOM, 0, 0, 0, 0)
    foot = partial(_foot, report, size, count)
    document.addPageTemplates(PageTemplate("page", [frame], onPageEnd=foot))
    document.build(_story(report, across, height, draw))
    return target.getvalue(), int(document.page)


def _foot(report: Report, size: tuple[float, float], count: int, canvas: Any, _: Any) -> None:
    canvas.saveState()
    canvas.setStrokeColor(_LINES)
    canvas.setLineWidth(0.5)
    canvas.line(SIDE, FOOT + 4 * mm, size[0] - SIDE, FOOT + 4 * mm)
    write(canvas, report.notice, (SIDE, FOOT), SMALL + 0.5, bold=True)
    pages = f"{canvas.getPageNumber()} / {count}"
    write(canvas, pages, (size[0] - SIDE - text_width(pages, SMALL, False), FOOT), SMALL)
    write(canvas, f"{report.program}, {report.made}", (SIDE, FOOT - 3.6 * mm), SMALL, color=GREY)
    canvas.restoreState()


def _story(report: Report, across: float, height: float, draw: Draw | None) -> list[Flowable]:
    story: list[Flowable] = [Flowing(plain(report.title), TITLE, bold=True, after=2 * mm)]
    if report.facts:
        story.append(_facts(report.facts, across))
    if report.words:
        story += [
            CondPageBreak(ROOM / 2),
            _head("Impression"),
            Flowing(plain(report.words), BODY + 0.5, after=1 * mm),
        ]
    if report.pictures:
        rows = _pictures(report.pictures, across, height, draw)
        story += [KeepTogether([_head("Pictures"), rows[0]]), *rows[1:]]
    for table in report.tables:
        story += _table(table, across)
    return story


def _head(text: str) -> Flowable:
    head = Flowing(plain(text), BODY + 2, bold=True, after=1 * mm)
    head.spaceBefore = 3.5 * mm
    return head


def _facts(facts: Sequence[tuple[str, str]], across: float) -> Flowable:
    wide = min(38 * mm, max(text_width(plain(name), BODY, False) for name, _ in facts) + GAP)
    cells = [[Flowing(plain(name), BODY, color=GREY), Flowing(plain(value), BODY)] for name, value in facts]
    return _rows(cells, (wide, across - wide), [("BOTTOMPADDING", (0, 0), (-1, -1), 0.4 * mm)])


def _pictures(shots: Sequence[Shot], across: float, height: float, draw: Draw | None) -> list[Flowable]:
    """Rows of pictures, as many beside each other as their shapes let."""
    columns = min(len(shots), _columns(shots, across, height))
    wide = (across - (columns - 1) * GAP) / columns
    rows = []
    for start in range(0, len(shots), columns):
        row = [_Figure(shot, (wide, height), draw) for shot in shots[start : start + columns]]
        cells: list[Any] = [*row, *[""] * (columns - len(row))]
        widths = [wide + GAP] * (columns - 1) + [wide]
        table = _rows([cells], widths, [("BOTTOMPADDING", (0, 0), (-1, -1), 2 * mm)])
        rows.append(table)
    return rows


def _columns(shots: Sequence[Shot], across: float, height: float) -> int:
    """How many of the widest stand beside each other at their full height; two where there are two at all."""
    widest = max(shot.pixels.shape[1] / shot.pixels.shape[0] for shot in shots) * height
    fitting = int((across + GAP) / (widest + GAP))
    return max(min(fitting, 4), 1 if len(shots) == 1 else 2)


class _Figure(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A picture with its caption below."""

    def __init__(self, shot: Shot, room: tuple[float, float], draw: Draw | None) -> None:
        super().__init__()
        self._shot, self._draw = shot, draw
        rows, columns = shot.pixels.shape[:2]
        scale = min(room[0] / columns, room[1] / rows)
        self._size = (columns * scale, rows * scale)
        first, *rest = (*shot.lines, "")[: max(len(shot.lines), 1)]
        self._caption = Flowing(plain("\n".join((f"{shot.letter}  {first}", *rest))), SMALL, color=GREY)

    def wrap(self, available: float, height: float) -> tuple[float, float]:
        """As wide as its column."""
        below = self._caption.wrap(available - GAP, height)[1]
        self.width, self.height = available, self._size[1] + 1 * mm + below
        return self.width, self.height

    def draw(self) -> None:
        """The picture, then the words."""
        if self._draw is not None:
            place = (0, self.height - self._size[1])
            self.canv.drawImage(self._draw(self._shot), *place, *self._size)
        self._caption.drawOn(self.canv, 0, 0)


def _table(table: Table, across: float) -> list[Flowable]:
    whole = sum(table.shares)
    widths = [across * share / whole for share in table.shares]
    heads = [Flowing(plain(head), SMALL + 0.5, bold=True) for head in table.heads]
    cells = [heads, *([Flowing(plain(text), SMALL + 0.5) for text in row] for row in table.rows)]
    looks: list[Any] = [
        ("LINEBELOW", (0, 0), (-1, 0), 0.9, Color(0.2, 0.2, 0.2)),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, _LINES),
        ("RIGHTPADDING", (0, 0), (-1, -1), 1.5 * mm),
        ("TOPPADDING", (0, 0), (-1, -1), 0.6 * mm),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0.9 * mm),
    ]
    rows = _rows(cells, widths, looks, heads=1)
    # a head and the first rows stand together; the rest may go on where a page ends
    story: list[Flowable] = [CondPageBreak(ROOM), _head(table.title), rows]
    if table.note:
        story += [Spacer(1, 1 * mm), Flowing(plain(table.note), SMALL, color=GREY)]
    return story


def _rows(cells: list[list[Any]], widths: Sequence[float], looks: Sequence[Any], heads: int = 0) -> Flowable:
    rows = Rows(cells, colWidths=list(widths), repeatRows=heads, hAlign="LEFT")
    rows.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            *looks,
        ]
    )
    return rows
