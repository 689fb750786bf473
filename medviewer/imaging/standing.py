"""Words that stand on a picture in every mode: on as many lines as they need, and never without their end."""

from __future__ import annotations

import re
from collections.abc import Sequence

from medviewer.imaging.shapes import shortened, width_of
from medviewer.kit.frozen import frozen

MOST_WRAPPED = 4
"""Lines that a recipe, a model's answer or a warning may take."""


@frozen
class Statement:
    """What has to be said of a picture. What follows its last " · " is what it amounts to: "display only"."""

    text: str
    color: str
    weight: int = 0
    """of two that have no room the lighter one goes"""

    @property
    def most(self) -> int:
        """The lines that it may take; each answer of a model has its own."""
        return MOST_WRAPPED * (1 + self.text.count("; "))


def standing(statements: Sequence[Statement], widths: Sequence[float], line: float) -> list[tuple[str, str]]:
    """(words, color) of *statements*, below one another from the top, in letters for lines *line* high.

    *widths* is the room on each line from the lowest up, and no more lines are taken. Where there are too few
    the longest statement loses lines, and of its words those before its end.
    """
    shown = [one for one in statements if one.text]
    while len(shown) > len(widths):
        shown.remove(min(reversed(shown), key=lambda one: one.weight))
    most = [one.most for one in shown]
    laid = _all_laid(shown, widths, line, most)
    while sum(map(len, laid)) > len(widths):
        longest = max(range(len(laid)), key=lambda at: len(laid[at]))
        most[longest] = len(laid[longest]) - 1
        laid = _all_laid(shown, widths, line, most)
    return [(text, one.color) for one, texts in zip(shown, laid, strict=True) for text in texts]


def _all_laid(
    shown: Sequence[Statement], widths: Sequence[float], line: float, most: Sequence[int]
) -> list[list[str]]:
    """Each statement on up to *most* lines, as if there were room for all of them."""
    above = [*widths, *[widths[-1]] * sum(most)] if shown else []
    laid: list[list[str]] = []
    for one, count in zip(reversed(shown), reversed(most), strict=True):
        start = sum(map(len, laid))
        laid.append(_laid(one.text, above[start : start + count], line))
    return laid[::-1]


def _laid(text: str, widths: Sequence[float], line: float) -> list[str]:
    """A text on as few lines as it needs, or on all of *widths* without what stands before its end."""
    words = re.findall(r"\S+(?: ·)?", text)  # what parts two statements ends a line, it begins none
    for count in range(1, len(widths) + 1):
        laid = _flowed(words, widths[:count][::-1], line)
        if laid is not None:
            return laid
    parting = max((at for at, word in enumerate(words) if word.endswith(" ·")), default=len(words) - 1)
    before, end = words[: parting + 1], words[parting + 1 :]
    for kept in range(len(before) - 1, -1 if end else 0, -1):
        gap = [] if not kept else ["… ·"] if end else ["…"]
        laid = _flowed([*before[:kept], *gap, *end], widths[::-1], line)
        if laid is not None:
            return laid
    widest = max(range(len(widths)), key=widths.__getitem__)
    return [shortened(" ".join(end or words), line, widths[widest])] + [""] * widest


def _flowed(words: Sequence[str], widths: Sequence[float], line: float) -> list[str] | None:
    """*words* on lines of these widths from the top, or None when they do not fit.

    The last lines stay empty where what is above has room for all: beside them are a letter and a scale bar.
    """
    laid = [""]
    for word in words:
        longer = f"{laid[-1]} {word}" if laid[-1] else word
        while width_of(longer, line) > widths[len(laid) - 1]:
            if len(laid) == len(widths):
                return None
            laid.append("")
            longer = word
        laid[-1] = longer
    return laid + [""] * (len(widths) - len(laid))
