"""What the headers of one scanner have in common: learnt from one file, checked in the next byte by byte.

The files of a series repeat the same elements in the same order, and most values have the same length every
time. Such a layout is compared with a file in a few calls of `struct`, where a walk takes a step of Python
for each element. It never guesses: every tag, value representation and length is compared or followed, and
whatever differs is left to the walk; from it the next layout is learnt.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct, error
from typing import Any, NamedTuple

from medviewer.dicom.charset import text
from medviewer.dicom.fields import META, PIXEL_VRS, PIXELS, Field, Fields
from medviewer.dicom.syntax import BIG_ENDIAN, DEFLATED, IMPLICIT
from medviewer.dicom.walk import (
    LONG_VRS,
    SHORT_VRS,
    UNDEFINED,
    Bytes,
    CutOff,
    Excessive,
    Unusual,
    skip_sequence,
)

MOST_LAYOUTS = 8
"""Series that are read side by side, as their files lie mixed in a folder."""

_START = 128
_SYNTAX = 0x00020010
_SAME = (_SYNTAX, 0x00080005)
"""The transfer syntax and the character set, which say how all the rest is to be read."""
_META_VRS = frozenset(b"AE LO OB SH UI UL UN UR US UT".split())
"""What is expected in the meta information; anything else is looked at with more care."""
_PROGRAMS = (b"M", b"#", b"\x7f")
"""How preambles begin of which the reader may have to be warned."""
_ELEMENT = Struct("<HH2sxx").unpack_from


class Element(NamedTuple):
    """One element of a file, as far as a layout has to know it."""

    tag: int
    vr: bytes
    """empty in implicit VR"""
    head: bytes
    """what stands before the length"""
    counted: bytes
    """the length as it stands in the file, two or four bytes"""
    length: int
    value: bytes


class Run(NamedTuple):
    """Elements of known lengths, and one of any length at their end."""

    heads: Callable[[bytes, int], tuple[Any, ...]]
    """what has to be as *expected*, then the length of the last element"""
    expected: list[bytes]
    values: Callable[[bytes, int], tuple[bytes, ...]]
    """what is wanted and may differ, but the last value"""
    size: int
    """up to the value of the last element"""
    takes: bool
    """whether that is wanted too"""
    opens: bool
    """whether it may be a sequence of undefined length"""


class Layout:
    """The *elements* of files up to their pixels, and which of them, by number, are not always the same."""

    def __init__(
        self, elements: tuple[Element, ...], longer: frozenset[int], other: frozenset[int], wanted: Fields
    ) -> None:
        """*longer* differ in the length of their values, *other* in values of one length."""
        self.elements, self.longer, self.other = elements, longer, other
        self.syntax = _syntax(elements)
        self.pixel_tag = elements[-1].tag
        known = {**wanted, **META}
        of_interest = [
            (at, one) for at, one in enumerate(elements) if one.tag in known and one.tag != _SYNTAX
        ]
        varying = longer | other
        self.taken: tuple[Field, ...] = tuple(known[one.tag] for at, one in of_interest if at in varying)
        """what `values` gives, in order"""
        self.constant = tuple((known[one.tag], one.value) for at, one in of_interest if at not in varying)
        """what all the files say alike"""
        self._implicit = not elements[-1].vr
        self._runs = _runs(elements, longer, other, frozenset(one.tag for _, one in of_interest))

    def values(self, head: bytes) -> tuple[list[bytes], int, int] | None:
        """The values of *taken*, the offset of the pixel data, and its length (-1: undefined).

        None when the file, of which *head* is the beginning, is laid out otherwise.
        """
        position = _START
        found: list[bytes] = []
        length = 0
        try:
            for heads, expected, values, size, takes, opens in self._runs:
                *here, length = heads(head, position)
                if here != expected:
                    return None
                found += values(head, position)
                position += size
                if takes:
                    found.append(head[position : position + length])
                if length == UNDEFINED and opens:
                    position = skip_sequence(Bytes.of(head), position, self._implicit)
                else:
                    position += length
        except (error, Unusual, CutOff, Excessive):
            return None
        if length == UNDEFINED:
            return None if self._implicit else (found, position - length, -1)
        return found, position - length, length

    def with_another(self, elements: tuple[Element, ...], wanted: Fields) -> Layout | None:
        """A layout that fits these *elements* too; None when more than values and their lengths differs."""
        if len(self.elements) != len(elements):
            return None
        longer, other = set(self.longer), set(self.other)
        for at, (one, another) in enumerate(zip(self.elements, elements, strict=True)):
            if one.head != another.head:
                return None
            if one.length != another.length:
                longer.add(at)
            elif one.value != another.value:
                other.add(at)
            if one.tag in _SAME and at in longer | other:
                return None
        first = next(at for at, one in enumerate(elements) if one.tag >> 16 != 2)
        if first in longer and self._implicit:
            return None  # its length could look like a value representation, which the walk has to judge
        return Layout(elements, frozenset(longer), frozenset(other - longer), wanted)


class Layouts:
    """The layouts met lately. Threads may share it: what is known is replaced as a whole."""

    def __init__(self, wanted: Fields) -> None:
        self._wanted = wanted
        self._known: tuple[Layout, ...] = ()
        self._strangers = 0

    def find(self, head: bytes) -> tuple[Layout, list[bytes], int, int] | None:
        """The layout of the file that begins with *head*, and what `Layout.values` says of it.

        None for a file that is laid out like none before. How it is laid out is then learnt.
        """
        known = self._known
        for layout in known:
            found = layout.values(head)
            if found is not None:
                if layout is not known[0]:
                    self._known = (layout, *(one for one in known if one is not layout))
                self._strangers = 0
                return None if head.startswith(_PROGRAMS) else (layout, *found)
        self._strangers += 1
        if self._strangers & (self._strangers - 1) == 0:  # ever more rarely where no two files are alike
            self._learn(head)
        return None

    def _learn(self, head: bytes) -> None:
        elements = _elements(head, self._wanted)
        if elements is None:
            return
        known = self._known
        for one in known:
            wider = one.with_another(elements, self._wanted)
            if wider is not None:
                self._known = (wider, *(other for other in known if other is not one))
                return
        fresh = Layout(elements, frozenset(), frozenset(), self._wanted)
        self._known = (fresh, *known)[:MOST_LAYOUTS]


def _syntax(elements: tuple[Element, ...] | list[Element]) -> str:
    """The transfer syntax, "" when the meta information names none."""
    raw = next((one.value for one in elements if one.tag == _SYNTAX), b"")
    return text(raw, "")


def _elements(head: bytes, wanted: Fields) -> tuple[Element, ...] | None:
    """All elements up to the pixels; None when they are not all at hand or the walk has to judge them."""
    found: list[Element] = []
    try:
        position = _START + 4
        while head[position : position + 2] == b"\2\0":
            position = _step(head, position, False, found)
            if found[-1].vr not in _META_VRS:
                return None
        syntax = _syntax(found)
        if syntax in ("", BIG_ENDIAN, DEFLATED) or (
            syntax == IMPLICIT and head[position + 4 : position + 6].isalpha()
        ):
            return None
        while not found or found[-1].tag not in PIXELS:
            position = _step(head, position, syntax == IMPLICIT, found)
    except (error, Unusual, CutOff, Excessive):
        return None
    return tuple(found) if _is_plain(found, wanted) else None


def _step(head: bytes, position: int, implicit: bool, found: list[Element]) -> int:
    """Add the element at *position* to *found*; where the next one begins."""
    group, element, vr = _ELEMENT(head, position)
    tag = group << 16 | element
    if implicit:
        vr, size, width = b"", 8, 4
    elif vr in SHORT_VRS:
        size, width = 8, 2
    elif vr in LONG_VRS:
        size, width = 12, 4
    else:
        raise Unusual("value representation")
    value = position + size
    counted = head[value - width : value]
    if len(counted) < width:
        raise CutOff(position)
    length = int.from_bytes(counted, "little")
    is_open = length == UNDEFINED or tag in PIXELS
    content = b"" if is_open else head[value : value + length]
    found.append(Element(tag, vr, head[position : value - width], counted, length, content))
    if length != UNDEFINED or tag in PIXELS:
        return value + length
    if vr not in (b"SQ", b""):
        raise Unusual("a value of undefined length")
    return skip_sequence(Bytes.of(head), value, implicit)


def _is_plain(elements: list[Element], wanted: Fields) -> bool:
    """Whether the wanted values can be taken as they stand, as the walk would."""
    pixels = elements[-1]
    tags = [one.tag for one in elements]
    data = [one for one in elements if one.tag >> 16 != 2]
    taken = [one for one in data if one.tag in wanted]
    return (
        (not pixels.vr or pixels.vr in PIXEL_VRS)
        and tags == sorted(set(tags))
        and all(not one.vr or one.vr in wanted[one.tag].vrs for one in taken)
        and not any(wanted[one.tag].form in ("sequence", "bytes") for one in taken)
    )


def _runs(
    elements: tuple[Element, ...], longer: frozenset[int], other: frozenset[int], wanted: frozenset[int]
) -> tuple[Run, ...]:
    """The elements in as few parts as their lengths allow."""
    runs = []
    heads, values, size, same = "<", "<", 0, b"DICM"
    expected: list[bytes] = []
    for at, one in enumerate(elements):
        is_last = at == len(elements) - 1
        if is_last or one.length == UNDEFINED or at in longer:
            same += one.head
            size += len(same)
            compared = Struct(f"{heads}{len(same)}s{'I' if len(one.counted) == 4 else 'H'}").unpack_from
            opens = not is_last and one.vr in (b"SQ", b"")
            taken = Struct(values).unpack_from
            runs.append(
                Run(compared, [*expected, same], taken, size + len(one.counted), one.tag in wanted, opens)
            )
            heads, values, expected, size, same = "<", "<", [], 0, b""
            continue
        same += one.head + one.counted
        if at not in other:
            same += one.value
            continue
        heads += f"{len(same)}s{one.length}x"
        values += f"{len(same)}x{one.length}{'s' if one.tag in wanted else 'x'}"
        expected.append(same)
        size += len(same) + one.length
        same = b""
    return tuple(runs)
