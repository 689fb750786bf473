"""Lines, words, handles and bars of colours as data: what is drawn over a picture, whichever pen draws it.

All positions and sizes are device pixels of the viewport, (0, 0) at its upper left corner.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from medviewer.kit.frozen import frozen

# The palette of the reading room: what stands on the black of the picture.
TEXT = "#e4e7ea"
MUTED = "#9aa3ab"
ACCENT = "#4aa8d8"
AI = "#d8a24a"
WARNING = "#e0b341"
DRAWN = "#f0e442"
"""annotations of the reader; not an accent, so that a selected one can be told from the others"""
HALO = "#000000"


@frozen
class Stroke:
    """A line through points, with a dark halo that keeps it visible on white."""

    points: tuple[tuple[float, float], ...]
    """(x, y)"""
    color: str
    """#rrggbb"""
    width: float = 1.5
    dashed: bool = False
    closed: bool = False


@frozen
class Words:
    """One line of text with a dark halo; plain text, whatever stands in it."""

    x: float
    y: float
    text: str
    color: str = TEXT
    anchor: tuple[float, float] = (0.0, 0.0)
    """which point of the text lies at (x, y): (0, 0) its upper left, (1, 1) its lower right"""
    size: float = 13.0
    """height of a line"""
    of: str = ""
    """the id of the annotation whose words they are"""


@frozen
class Handle:
    """A point that can be grabbed: drawn as a square of *size*."""

    x: float
    y: float
    color: str = ACCENT
    size: float = 8.0


@frozen
class ColorBar:
    """Colours on top of one another, evenly, with a dark halo around them."""

    x: float
    y: float
    width: float
    height: float
    colors: tuple[str, ...]
    """#rrggbb, from top to bottom"""


Drawn = Stroke | Words | Handle | ColorBar


def width_of(text: str, size: float) -> float:
    """How wide a line of *text* is at most in an ordinary sans-serif font: an estimate on the safe side."""
    return size * 0.8 * _ems_of(text)


def shortened(text: str, size: float, room: float) -> str:
    """*text*, cut with an ellipsis where it needs more than *room*; "" where nothing fits.

    Whole words go first, so that no number loses digits and reads as another one.
    """
    if width_of(text, size) <= room:
        return text
    kept = text
    while " " in kept:
        kept = kept.rpartition(" ")[0].rstrip()
        if width_of(f"{kept} …", size) <= room:
            return f"{kept} …"
    while kept and (kept[-1].isdigit() or width_of(f"{kept}…", size) > room):
        kept = kept[:-1]
    return f"{kept}…" if kept else ""


def wrapped(text: str, size: float, room: float, most: int) -> tuple[str, ...]:
    """*text* on up to *most* lines that fit into *room*, broken between words; the last one may be cut."""
    lines: list[str] = []
    for word in re.findall(r"\S+(?: ·)?", text):  # what parts two statements ends a line, it begins none
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and (len(lines) == most or width_of(longer, size) <= room):
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(shortened(line, size, room) for line in lines)


@lru_cache(maxsize=4096)
def _ems_of(text: str) -> float:
    """The same words stand in the corners of picture after picture."""
    return sum(map(_ems, text))


def _ems(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.05
    if unicodedata.combining(letter):
        return 0.0
    return 0.9 if letter.isupper() or letter in "mw@%·–—" else 0.65
