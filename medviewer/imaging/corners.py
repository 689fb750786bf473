"""What stands in the corners of a picture: where each line fits, what gives way in a small viewport."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from medviewer.imaging.beside import Box, box_of
from medviewer.imaging.overlay import LINE, MARGIN
from medviewer.imaging.shapes import (
    ACCENT,
    AI,
    MUTED,
    TEXT,
    WARNING,
    Drawn,
    Words,
    shortened,
    width_of,
    wrapped,
)
from medviewer.imaging.standing import MOST_WRAPPED, Statement, standing
from medviewer.kit.frozen import frozen

ABOVE, BELOW = 0.45, 0.36
"""The share of the width that a corner may take: up to the orientation letter, or beside the scale bar."""
WIDE = 700.0
"""Below this width a lower corner takes what is free on each line: there every letter counts."""
MOST_LINES = 4
GAP = 8.0
"""Between words and what else stands on their line."""
SLACK = 0.2
"""Lines may overlap by this share of their height."""

Line = tuple[str, str]
"""words, color"""
Room = tuple[float, float]
"""Where on a line the left corner has to end and the right one may begin."""


@frozen
class CornerFacts:
    """What may stand in the corners, laid out as in IHE Basic Image Review; the first line counts most."""

    patient: tuple[str, ...] = ()
    """top left: who; empty where nothing may say that"""
    study: tuple[str, ...] = ()
    """top right"""
    picture: tuple[str, ...] = ()
    """bottom left: number, position, window"""
    series: tuple[str, ...] = ()
    """bottom right: series, technique"""
    made: str = ""
    """how a picture was made that the file does not hold: a slab, interpolated; always shown"""
    recipe: str = ""
    """the enhancement that is on, in the accent colour; always shown"""
    laid: tuple[str, ...] = ()
    """the series that is laid over the picture, what of the file is switched off; always shown"""
    model: str = ""
    """the model whose proposal is shown; always shown"""
    warnings: tuple[str, ...] = ()
    """incomplete, lossy, ...; always shown"""


def corner_words(
    facts: CornerFacts,
    mode: str,
    size: tuple[int, int],
    density: float = 1.0,
    around: Sequence[Drawn] = (),
) -> tuple[Words, ...]:
    """The text in the four corners of a viewport of *size* (height, width).

    *mode* is full (four facts a corner), minimal (one) or off. How a picture was made, recipe, what is
    laid over it, model and warnings stand in every mode, on as many lines as they need. No corner reaches
    into the middle third of the height, nor onto the letters and the scale bar *around* the picture. In a
    small viewport number, position and window go on over several lines before anything of them is cut, and
    what was technique gives way to them.
    """
    line, margin = LINE * density, MARGIN * density
    lines = max(int((size[0] / 3 - margin) / line), 0)
    most = {"full": MOST_LINES, "minimal": 1, "off": 0}.get(mode, MOST_LINES)
    boxes = tuple(box_of(one) for one in around)
    above = _above(size, density, boxes) - margin
    alarms = [(part, WARNING) for text in facts.warnings for part in wrapped(text, line, above, MOST_WRAPPED)]
    rooms = _rooms(size, density, max(lines, 1), boxes)
    # which picture or plane this is has its line, however much is said of it, unless there is hardly any
    named = 1 if most and lines > 2 and any(facts.picture) else 0
    always = standing(_always(facts), [left - margin for left, _ in rooms[: max(lines - named, 1)]], line)
    left = _left(facts.picture[:most], always, rooms, lines, line, margin)
    ends = [margin + width_of(text, line) if text else 0.0 for text, _ in left]
    right = _right(facts.series[:most], rooms, lines, ends, line, margin, size[1])
    return (
        *_top(tuple(_kept(facts.patient, most, lines, [])), 0, size, line, above, margin),
        *_top(tuple(_kept(facts.study, most, lines, alarms)), 1, size, line, above, margin),
        *_bottom(left, 0, size, line, margin),
        *_bottom(right, 1, size, line, margin),
    )


def occupied(corners: Sequence[Words], around: Sequence[Drawn], size: tuple[int, int]) -> tuple[Box, ...]:
    """What the words of each corner cover together, and what stands *around* the picture, one by one."""
    blocks: dict[tuple[bool, bool], Box] = {}
    for words in corners:
        box, corner = box_of(words), (words.anchor[0] > 0, words.y < size[0] / 2)
        blocks[corner] = box if corner not in blocks else blocks[corner].united(box)
    return (*blocks.values(), *map(box_of, around))


def _above(size: tuple[int, int], density: float, around: tuple[Box, ...]) -> float:
    """Where the upper left corner has to end; the right one keeps to the same room."""
    letters = [one.left for one in around if one.bottom < size[0] / 3]
    return min([ABOVE * size[1], *(left - GAP / 2 * density for left in letters)])


def _always(facts: CornerFacts) -> list[Statement]:
    """What stands below the number of the picture in every mode."""
    return [
        Statement(facts.made, TEXT),
        Statement(facts.recipe, ACCENT, weight=3),
        *(Statement(one, ACCENT, weight=1) for one in facts.laid),
        Statement(facts.model, AI, weight=2),
    ]


def _rooms(size: tuple[int, int], density: float, lines: int, around: tuple[Box, ...]) -> tuple[Room, ...]:
    """What is free on each line of the lower corners, from the lowest line up."""
    line, margin, gap = LINE * density, MARGIN * density, GAP * density
    edge = size[1] - margin
    if size[1] >= WIDE * density:
        return ((BELOW * size[1], (1 - BELOW) * size[1]),) * lines
    rooms = []
    for number in range(lines):
        bottom = size[0] - margin - number * line
        # letters do not fill the whole height of their line
        there = [one for one in around if one.top < bottom - SLACK * line and one.bottom > bottom - line]
        left = min((one.left - gap for one in there), default=edge)
        rooms.append((left, max((one.right + gap for one in there), default=margin)))
    return tuple(rooms)


def _left(
    texts: Sequence[str], always: list[Line], rooms: Sequence[Room], lines: int, line: float, margin: float
) -> list[Line]:
    """The lines of the lower left corner from the lowest up: all there is as long as it fits."""
    free = max(lines - len(always), 0)
    found = [text for text in texts if text]
    under = [(text, color) for text, color in reversed(always)]
    widths = [left - margin for left, _ in rooms[len(always) : len(always) + free]]
    for kept in range(len(found), 0, -1):
        for count in range(kept, free + 1):
            laid = _flowed(found[:kept], widths[:count][::-1], max(widths), line)
            if laid is not None:
                return [*under, *([("", TEXT)] * (count - len(laid))), *reversed(laid)]
    cut = [
        (shortened(text, line, rooms[min(len(under), len(rooms) - 1)][0] - margin), TEXT)
        for text in found[: min(free, 1)]
    ]
    return [*under, *cut]


def _flowed(texts: Sequence[str], widths: Sequence[float], widest: float, line: float) -> list[Line] | None:
    """*texts* on lines of these widths from the top, or None when they do not fit.

    They are broken where two blanks part what can be read alone ("Axial", "z -539.8 mm"), and between
    words only what would be longer than the *widest* line there is.
    """
    laid: list[Line] = []
    for number, text in enumerate(texts):
        color = TEXT if number == 0 else MUTED
        begun = ""
        for glue, part in _parts(text, widest, line):
            longer = f"{begun}{glue}{part}" if begun else part
            if begun and width_of(longer, line) > widths[len(laid)]:
                laid.append((begun, color))
                longer = part
            if len(laid) == len(widths) or width_of(longer, line) > widths[len(laid)]:
                return None
            begun = longer
        laid.append((begun, color))
        if number + 1 < len(texts) and len(laid) == len(widths):
            return None
    return laid


def _parts(text: str, width: float, line: float) -> list[tuple[str, str]]:
    """*text* in pieces that should not be broken, each with the blanks before it."""
    parts: list[tuple[str, str]] = []
    for part in text.split("  "):
        pieces = [part] if width_of(part, line) <= width else part.split()
        parts += [("  " if number == 0 else " ", piece) for number, piece in enumerate(pieces) if piece]
    return parts


def _right(
    texts: Sequence[str],
    rooms: Sequence[Room],
    lines: int,
    ends: Sequence[float],
    line: float,
    margin: float,
    width: float,
) -> list[Line]:
    """The lines of the lower right corner from the lowest up: the first may be cut, others fit or go."""
    used = [end + line / 2 if end else 0.0 for end in ends] + [0.0] * (lines - len(ends))
    free = [width - margin - max(room[1], used[at]) for at, room in enumerate(rooms[:lines])]
    # where the scale bar stands in the corner the words begin above it
    base = next((at for at, room in enumerate(free) if room >= 2 * line), lines)
    # and rise no further into the picture than those on the left
    lines = min(lines, len(ends) or base + 1) if base else lines
    found = [text for text in texts if text]
    while found:
        if base + len(found) > lines:
            found.pop()
            continue
        places = range(base + len(found) - 1, base - 1, -1)
        first = shortened(found[0], line, free[places[0]])
        late = [at for at in range(1, len(found)) if width_of(found[at], line) > free[places[at]]]
        if not late and (first or len(found) == 1):
            shown = [(first, TEXT), *((text, MUTED) for text in found[1:])]
            return [*([("", TEXT)] * base), *reversed(shown)]
        found.pop(late[0] if late else 0)
    return []


def _bottom(
    texts: Sequence[Line], right: int, size: tuple[int, int], line: float, margin: float
) -> tuple[Words, ...]:
    x = size[1] - margin if right else margin
    low = size[0] - margin
    return tuple(
        Words(x, low - (number + 1) * line, text, color, (float(right), 0.0), line)
        for number, (text, color) in reversed(tuple(enumerate(texts)))
        if text
    )


def _kept(texts: tuple[str, ...], most: int, lines: int, always: list[Line]) -> list[Line]:
    """At most *lines* lines; what has always to be there stands last and pushes out the others."""
    always = always[: max(lines, 1)]
    plain = [text for text in texts if text][: max(min(most, lines - len(always)), 0)]
    return [(text, TEXT if number == 0 else MUTED) for number, text in enumerate(plain)] + always


@lru_cache(maxsize=256)
def _top(
    texts: tuple[Line, ...], right: int, size: tuple[int, int], line: float, room: float, margin: float
) -> tuple[Words, ...]:
    x = size[1] - margin if right else margin
    return tuple(
        Words(x, margin + number * line, shortened(text, line, room), color, (float(right), 0.0), line)
        for number, (text, color) in enumerate(texts)
    )
