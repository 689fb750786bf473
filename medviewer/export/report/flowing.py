"""Paragraphs of any script that break into lines, and over pages; no sign in them means anything."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from reportlab.lib.colors import Color
from reportlab.platypus import Flowable

from medviewer.export.report.letters import BOLD, FONT, picture_of, pieces, text_width, width

LEADING = 1.3
"""Of a line, in sizes of its letters."""
_BEFORE_BASE = 0.98
# between words, and between the signs of scripts that write without spaces
_TOKENS = re.compile(r" +|[^ \u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]+|.")

Ink = tuple[float, float, float]
"""Red, green and blue, 0 to 1."""
BLACK: Ink = (0.07, 0.07, 0.07)
GREY: Ink = (0.33, 0.33, 0.33)


class Flowing(Flowable):  # type: ignore[misc]  # reportlab has no types
    """Words in one size and colour."""

    def __init__(
        self, text: str, size: float, bold: bool = False, color: Ink = BLACK, after: float = 0
    ) -> None:
        super().__init__()
        self._paragraphs = text.split("\n")
        self._size, self._bold, self._color = size, bold, color
        self._lines: list[str] = []
        self.spaceAfter = after

    def wrap(self, available: float, _: float) -> tuple[float, float]:
        """How large this is in a column of a width, in points."""
        self.width = available
        self._lines = [
            line
            for paragraph in self._paragraphs
            for line in lines(paragraph, available, self._size, self._bold)
        ]
        return available, len(self._lines) * self._size * LEADING

    def split(self, available: float, height: float) -> list[Flowable]:
        """What fits into *height*, and the rest."""
        self.wrap(available, height)
        count = int(height / (self._size * LEADING))
        if count < 1 or count >= len(self._lines):
            return []
        parts = ("\n".join(self._lines[:count]), "\n".join(self._lines[count:]))
        return [Flowing(part, self._size, self._bold, self._color, self.spaceAfter) for part in parts]

    def draw(self) -> None:
        """Onto the page."""
        top = len(self._lines) * self._size * LEADING
        for number, line in enumerate(self._lines):
            write(
                self.canv,
                line,
                (0, top - self._size * (LEADING * number + _BEFORE_BASE)),
                self._size,
                self._bold,
                self._color,
            )


def write(
    canvas: Any, line: str, at: tuple[float, float], size: float, bold: bool = False, color: Ink = BLACK
) -> None:
    """One line with its base line beginning *at* (x, y)."""
    x, y = at
    canvas.setFillColor(Color(*color))
    for piece in pieces(line):
        if piece.is_picture:
            ink = (round(color[0] * 255), round(color[1] * 255), round(color[2] * 255))
            drawn, height, below = picture_of(piece, size, bold, ink)
            across = height / drawn.getSize()[1] * drawn.getSize()[0]
            canvas.drawImage(drawn, x, y - below, across, height, mask="auto")
        else:
            canvas.setFont(BOLD if bold else FONT, size)
            canvas.drawString(x, y, piece.text)
        x += width(piece, size, bold)


@lru_cache(maxsize=2048)
def lines(text: str, available: float, size: float, bold: bool) -> tuple[str, ...]:
    """*text* broken where words end; a word that is wider than the column is broken anywhere."""
    found, line = [], ""
    for token in _TOKENS.findall(text):
        for part in _fitting(token, available, size, bold):
            if not line or text_width(line + part, size, bold) <= available:
                line += part
                continue
            found.append(line.rstrip())
            line = "" if part.isspace() else part
    return (*found, line.rstrip())


def _fitting(token: str, available: float, size: float, bold: bool) -> list[str]:
    if text_width(token, size, bold) <= available:
        return [token]
    parts, now = [], ""
    for sign in token:
        if now and text_width(now + sign, size, bold) > available:
            parts.append(now)
            now = ""
        now += sign
    return [*parts, now]
