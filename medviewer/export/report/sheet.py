"""A printed picture: at a size in millimetres, with a line to check it by, and the notice."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from reportlab.lib.colors import Color
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from medviewer.export.picture import encoded
from medviewer.export.report.content import NOTICE, plain
from medviewer.export.report.flowing import GREY, lines, write
from medviewer.export.report.letters import fonts
from medviewer.kit.frozen import frozen

RULER_MM = 50.0
FOOT_MM = 13.0
"""Below the picture: the line that is to be measured, and the words."""
SIZE = 7.5
RULER_WORDS = "This line is 50 mm long. If a ruler says otherwise, the printer has changed the size."


@frozen(eq=False)
class Sheet:
    """What stands on the page; lengths are millimetres, (width, height)."""

    pixels: NDArray[np.uint8]
    """(row, column, 3) RGB"""
    size: tuple[float, float]
    """of the picture on paper"""
    page: tuple[float, float]
    margin: float
    words: str = ""
    """what it is a picture of, and how large it is"""
    ruler: bool = True
    program: str = ""


def room(page: tuple[float, float], margin: float) -> tuple[float, float]:
    """What is left for a picture on a page, (width, height) in millimetres."""
    return page[0] - 2 * margin, page[1] - 2 * margin - FOOT_MM


def sheet_pdf(sheet: Sheet) -> bytes:
    """The page as a PDF file. Pixels are as they were given, however large they are printed."""
    fonts()
    target = io.BytesIO()
    page = (sheet.page[0] * mm, sheet.page[1] * mm)
    canvas = Canvas(target, pagesize=page, lang="en")
    canvas.setTitle("Picture")
    canvas.setCreator(plain(sheet.program))
    canvas.setAuthor("")
    across, up = room(sheet.page, sheet.margin)
    width, height = sheet.size
    left = sheet.margin + (across - width) / 2
    bottom = sheet.margin + FOOT_MM + (up - height)
    picture = ImageReader(io.BytesIO(encoded(sheet.pixels, ".png")))
    canvas.drawImage(picture, left * mm, bottom * mm, width * mm, height * mm)
    _foot(canvas, sheet, across)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def _foot(canvas: Any, sheet: Sheet, across: float) -> None:
    left, bottom = sheet.margin * mm, sheet.margin * mm
    write(canvas, f"{NOTICE}  {sheet.program}", (left, bottom), SIZE, bold=False)
    words = lines(plain(sheet.words), across * mm, SIZE, False)
    write(canvas, words[0], (left, bottom + 3.6 * mm), SIZE, color=GREY)
    if not sheet.ruler:
        return
    base = bottom + 8.5 * mm
    canvas.setStrokeColor(Color(0, 0, 0))
    canvas.setLineWidth(0.6)
    canvas.line(left, base, left + RULER_MM * mm, base)
    for at in range(0, int(RULER_MM) + 1, 10):
        long = at in (0, RULER_MM)
        canvas.line(left + at * mm, base, left + at * mm, base + (2.4 if long else 1.4) * mm)
    if across > RULER_MM + 60:
        write(canvas, RULER_WORDS, (left + (RULER_MM + 3) * mm, base), SIZE, color=GREY)
