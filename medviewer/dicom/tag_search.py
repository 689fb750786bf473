"""Finding elements of a header by a part of their number, keyword, name, value representation or value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from medviewer.dicom.tags import TagRow

_BETWEEN = re.compile(r"[(),\s]+")
_NUMBER = re.compile(r"[0-9a-f]{4,8}")


def searched(rows: Sequence[TagRow], wanted: str) -> tuple[int, ...]:
    """The places of the rows that answer to *wanted*; none for no words.

    A number may be written ``0028,1053``, ``(0028,1053)``, ``00281053`` or in part from its left. Otherwise
    each word has to stand somewhere in the row, in small or capital letters.
    """
    words = wanted.casefold().split()
    number = _BETWEEN.sub("", wanted.casefold())
    is_number = _NUMBER.fullmatch(number) is not None and any(sign.isdigit() for sign in number)
    if not words:
        return ()
    return tuple(
        at
        for at, row in enumerate(rows)
        if (is_number and _BETWEEN.sub("", row.tag).casefold().startswith(number)) or _says(row, words)
    )


def with_ancestors(parents: Sequence[int], places: Iterable[int]) -> tuple[int, ...]:
    """*places* and all the rows that they lie in, in order; *parents* as `tags.ancestors` gives them."""
    kept: set[int] = set()
    for place in places:
        at = place
        while at >= 0 and at not in kept:
            kept.add(at)
            at = parents[at]
    return tuple(sorted(kept))


def _says(row: TagRow, words: Sequence[str]) -> bool:
    text = "\n".join((row.tag, row.vr, row.keyword, row.name, row.creator, row.value)).casefold()
    return all(word in text for word in words)
