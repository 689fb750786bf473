"""Reads headers of files that are laid out like one met before: most files of a study are."""

from __future__ import annotations

import os
import stat
from functools import lru_cache
from typing import NamedTuple

from medviewer.dicom.charset import text
from medviewer.dicom.fields import INDEX, PIXELS, Field
from medviewer.dicom.header import Header
from medviewer.dicom.layout import MOST_LAYOUTS, Layout, Layouts
from medviewer.dicom.walk import Unusual, numbers

_HEAD = 16384
_OPENING = (
    os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
)
_CHARSET = "SpecificCharacterSet"
_MOST_REMEMBERED = 1 << 14
_LONGEST_REMEMBERED = 128

Texts = dict[bytes, str]
"""The text of raw values that were met before. Equal values become one string, which saves memory too."""

_LAYOUTS = Layouts(INDEX)
_MET: dict[str, Texts] = {}
"""By the form of the values, as the fields have it."""


class _Columns(NamedTuple):
    """What the values of one layout mean."""

    constant: dict[str, str]
    keywords: tuple[str, ...]
    met: tuple[Texts, ...]
    charset: str


def read_alike(path: str) -> Header | None:
    """The header of the file at *path*; None when it has to be read with more care, and the reason told.

    The answer is the same as that of the walk.
    """
    try:
        head = _head(path)
    except OSError:
        return None
    found = _LAYOUTS.find(head)
    if found is None:
        return None
    layout, raws, offset, length = found
    try:
        columns = _columns(layout)
        texts = list(map(dict.get, columns.met, raws))
        if None in texts:
            _complete(texts, raws, columns, layout)
    except Unusual:
        return None
    values = columns.constant.copy()
    values.update(zip(columns.keywords, texts, strict=True))  # type: ignore[arg-type]
    if "" in texts:
        values = {keyword: value for keyword, value in values.items() if value}
    return Header(path, values, layout.syntax, PIXELS[layout.pixel_tag], offset, length)


def _head(path: str) -> bytes:
    """How the file begins; nothing when it is no file. Raises OSError."""
    descriptor = os.open(path, _OPENING)
    try:
        return os.read(descriptor, _HEAD) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    finally:
        os.close(descriptor)


@lru_cache(maxsize=2 * MOST_LAYOUTS)
def _columns(layout: Layout) -> _Columns:
    raw = next((value for field, value in layout.constant if field.keyword == _CHARSET), b"")
    charset = text(raw, "")
    said = {field.keyword: _text(value, field, charset) for field, value in layout.constant}
    return _Columns(
        {keyword: value for keyword, value in said.items() if value},
        tuple(field.keyword for field in layout.taken),
        tuple(_MET.setdefault(field.form, {}) for field in layout.taken),
        charset,
    )


def _complete(texts: list[str | None], raws: list[bytes], columns: _Columns, layout: Layout) -> None:
    """Put the texts that were not met before in their places, and remember them."""
    for at, known in enumerate(texts):
        if known is not None:
            continue
        raw, met = raws[at], columns.met[at]
        found = texts[at] = _text(raw, layout.taken[at], columns.charset)
        # what is not plain ASCII reads otherwise in another character set
        if len(raw) <= _LONGEST_REMEMBERED and raw.isascii() and b"\x1b" not in raw:
            if len(met) >= _MOST_REMEMBERED:
                met.clear()
            met[raw] = found


def _text(raw: bytes, field: Field, charset: str) -> str:
    """One value as text. Raises Unusual."""
    if field.form != "text":
        return "\\".join(f"{value!r}" for value in numbers(raw, field.form))
    return text(raw, charset, field.keyword == "PatientName")
