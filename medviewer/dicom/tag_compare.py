"""What differs between two headers, element by element and item by item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import Enum

from medviewer.dicom.fields import PIXELS
from medviewer.dicom.tags import TagRow, ancestors
from medviewer.kit.frozen import frozen

_PIXELS = frozenset(PIXELS.values())


class Change(Enum):
    """How the two sides of a pair stand to each other, in words for a reader."""

    SAME = "same"
    VALUE = "differs"
    INSIDE = "differs inside"
    FIRST = "only in the first"
    SECOND = "only in the second"
    UNKNOWN = "not compared"
    """pixels of the same length"""


@frozen
class Pair:
    """One element of two headers, or of one of them."""

    first: TagRow | None
    second: TagRow | None
    change: Change

    @property
    def row(self) -> TagRow:
        """The element, as the first header has it if it does."""
        row = self.first or self.second
        assert row is not None
        return row

    @property
    def differs(self) -> bool:
        """Whether a reader who looks for differences has to see it."""
        return self.change not in (Change.SAME, Change.UNKNOWN)


def compare(first: Sequence[TagRow], second: Sequence[TagRow]) -> tuple[Pair, ...]:
    """The elements of both lists of `tag_table`, each once, in the order of their numbers.

    Private elements belong together by creator and element, whatever block each file gave the creator
    (PS3.5 7.8.1). Items of a sequence are compared by their number. Values are compared whole, also where
    their text is elided; pixels by their length only.
    """
    return tuple(_pairs(_Header(first), -1, _Header(second), -1))


def tally(pairs: Sequence[Pair]) -> dict[Change, int]:
    """How many elements stand to each other in which way."""
    return dict(Counter(pair.change for pair in pairs))


class _Header:
    """A list of rows as a tree."""

    def __init__(self, rows: Sequence[TagRow]) -> None:
        self.rows = rows
        self._inside: dict[int, list[int]] = {}
        for at, parent in enumerate(ancestors(rows)):
            self._inside.setdefault(parent, []).append(at)

    def children(self, parent: int | None) -> dict[tuple[str, ...], int]:
        """The places of the rows directly inside one, by what they are."""
        return {} if parent is None else {_name(self.rows[at]): at for at in self._inside.get(parent, ())}


def _pairs(first: _Header, above: int | None, second: _Header, above_second: int | None) -> list[Pair]:
    ours, theirs = first.children(above), second.children(above_second)
    found: list[Pair] = []
    for name in _in_order(first, ours, second, theirs):
        at, other = ours.get(name), theirs.get(name)
        inside = _pairs(first, at, second, other)
        one = None if at is None else first.rows[at]
        two = None if other is None else second.rows[other]
        found.append(Pair(one, two, _change(one, two, any(pair.differs for pair in inside))))
        found += inside
    return found


def _in_order(
    first: _Header, ours: dict[tuple[str, ...], int], second: _Header, theirs: dict[tuple[str, ...], int]
) -> list[tuple[str, ...]]:
    """What either side has, by number; items as they are counted, remarks without a number last."""

    def place(name: tuple[str, ...]) -> tuple[bool, str, int, str]:
        row = first.rows[ours[name]] if name in ours else second.rows[theirs[name]]
        number = row.name.removeprefix("Item ")
        return (not row.tag, row.tag, int(number) if number.isdecimal() else 0, row.value)

    return sorted({**ours, **theirs}, key=place)


def _name(row: TagRow) -> tuple[str, ...]:
    """What makes two rows the same element."""
    group, element = row.tag[1:5], row.tag[6:10]
    if row.is_private and element.startswith("00"):
        return (group, "creator", row.value)
    if row.is_private and row.creator:
        return (group, row.creator, element[2:])
    if not row.tag or row.tag.startswith("(FFFE"):
        return (row.tag, row.name, row.value)
    return (row.tag,)


def _change(first: TagRow | None, second: TagRow | None, differs_inside: bool) -> Change:
    if first is None or second is None:
        return Change.SECOND if first is None else Change.FIRST
    if (first.vr, first.value, first.digest) != (second.vr, second.value, second.digest):
        return Change.VALUE
    if differs_inside:
        return Change.INSIDE
    return Change.UNKNOWN if first.keyword in _PIXELS else Change.SAME
