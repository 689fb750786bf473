"""What a report says: words and pictures, decided before anybody lays them out."""

from __future__ import annotations

import unicodedata
from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.frozen import frozen

NOTICE = "Not a medical device. Not for diagnostic use."
LONGEST_CELL = 300
"""Letters of a cell of a table: it never needs more than a page for itself."""


@frozen(eq=False)
class Shot:
    """A picture of a report."""

    pixels: NDArray[np.uint8]
    """(row, column, 3) RGB"""
    letter: str
    """what tables call it"""
    lines: tuple[str, ...]
    """what it is a picture of: series, slice, window, recipe"""


@frozen
class Table:
    """Rows under heads."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]
    """how wide each column is in comparison with the others"""
    note: str = ""
    """what has to be said of all rows"""


@frozen(eq=False)
class Report:
    """One report; each writer puts all of it on its pages and adds nothing."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    """name and value, in order"""
    words: str = ""
    """the reader's own"""
    pictures: tuple[Shot, ...] = ()
    tables: tuple[Table, ...] = ()
    program: str = ""
    """with its version"""
    made: str = ""
    """date and time"""
    notice: str = field(default=NOTICE)


def plain(text: str) -> str:
    """*text* without signs that are not to be seen: control characters, marks that turn the direction.

    Line breaks stay. Header values come from strangers.
    """
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    return "".join(sign for sign in lines if sign == "\n" or not _is_hidden(sign))


def cell(text: str) -> str:
    """*text* for a cell of a table, cut where it is endless."""
    text = plain(text)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def _is_hidden(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cf", "Cs")
