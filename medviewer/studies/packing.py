"""Headers as text for the index, and back; nothing that could run when it is read.

Of the headers that are packed together, what all of them say is written once: the slices of a series differ
in a few values only. The index is a quarter of the size for it, and equal values are one string in memory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, NamedTuple

import medviewer
from medviewer.dicom.fields import DOSE, GROUPS, INDEX, NUCLEAR, REGION, SIEMENS
from medviewer.dicom.read import Header

_FIELDS = tuple(field.name for field in fields(Header))
_REST = _FIELDS[2:]
"""What a header holds beside its path and its values."""
_MEMBER = _REST.index("member")


def maker() -> str:
    """What tells one way of reading headers from another: the program's version and what it takes."""
    taken = [
        (tag, field.keyword, field.form)
        for listed in (INDEX, REGION, GROUPS, NUCLEAR, DOSE, SIEMENS)
        for tag, field in listed.items()
    ]
    digest = hashlib.sha256(repr((_FIELDS, taken)).encode()).hexdigest()[:16]
    return f"{medviewer.__version__} {digest}"


class Packed(NamedTuple):
    """One header as two texts: what it shares with those packed with it, and its own."""

    shared: str
    own: str


def packed(headers: Sequence[Header]) -> list[Packed]:
    """Each of the *headers* without its place, which the index keeps beside it."""
    alike: dict[frozenset[str], list[int]] = {}
    for at, header in enumerate(headers):
        alike.setdefault(frozenset(header.values), []).append(at)
    found: dict[int, Packed] = {}
    for places in alike.values():
        found.update(zip(places, _together([headers[at] for at in places]), strict=True))
    return [found[at] for at in range(len(headers))]


def _together(headers: list[Header]) -> Iterator[Packed]:
    """Headers with the same keywords, each as a row of which some columns are the same in all."""
    keywords = list(headers[0].values)
    rows = [
        (*map(header.values.__getitem__, keywords), *(getattr(header, name) for name in _REST))
        for header in headers
    ]
    columns = list(zip(*rows, strict=True))
    columns[len(keywords) + _MEMBER] = ("",) * len(rows)
    own = [at for at, column in enumerate(columns) if column.count(column[0]) < len(rows)]
    constant = {keyword: columns[at][0] for at, keyword in enumerate(keywords) if at not in own}
    shared = _written(
        [
            constant,
            [keyword for keyword in keywords if keyword not in constant],
            [column[0] for column in columns[len(keywords) :]],
            [at - len(keywords) for at in own if at >= len(keywords)],
        ]
    )
    for row in rows:
        yield Packed(shared, _written([row[at] for at in own]))


class Template:
    """Makes headers again of their own texts and the one that they share.

    Raises ValueError or TypeError when *shared* is not what `packed` wrote.
    """

    def __init__(self, shared: str) -> None:
        self._constant, self._keywords, rest, places = _read(shared)
        self._rest = [_frozen(value) for value in rest]
        self._places = tuple(enumerate(places, len(self._keywords)))
        self._count = len(self._keywords) + len(places)
        if len(rest) != len(_REST):
            raise ValueError("a header of another version")

    def header(self, own: str, path: str, member: str) -> Header | None:
        """One header, at its place; None when the text is damaged or of another version."""
        try:
            found = _read(own)
            if len(found) != self._count:
                return None
            values = self._constant.copy()
            values.update(zip(self._keywords, found))  # noqa: B905  (what follows the values is left over)
            rest = self._rest.copy()
            for at, place in self._places:
                rest[place] = _frozen(found[at])
            rest[_MEMBER] = member
            return Header(path, values, *rest)
        except (ValueError, TypeError, AttributeError, IndexError, RecursionError):
            return None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a header holds a {type(value).__name__}")


_written = json.JSONEncoder(default=_plain, separators=(",", ":")).encode
_decoded = json.JSONDecoder().raw_decode


def _read(text: str) -> Any:
    found, end = _decoded(text)
    if end != len(text):
        raise ValueError("something follows")
    return found


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
