"""One value of a header in full, where the list of elements shows its beginning only."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from medviewer.core.study import Instance
from medviewer.dicom.charset import harmless
from medviewer.dicom.quiet import quietly
from medviewer.dicom.tags import TagRow, ancestors, content_until_pixels, tag_table
from medviewer.kit.archive import Archive
from medviewer.kit.errors import DamagedFile

LONGEST_TEXT = 1_000_000
LONGEST_DUMP = 16_384
"""Bytes of a value without text: more of them nobody reads."""
_PER_LINE = 16


def header_of(instance: Instance) -> tuple[TagRow, ...]:
    """The elements of a file of a series, or of a member of an archive. Raises FileTrouble."""
    return tag_table(instance.path, data=_member(instance), member=instance.member)


def whole_value(instance: Instance, rows: Sequence[TagRow], at: int) -> str:
    """The value of row *at* of `header_of`, as text in several lines. Raises FileTrouble."""
    # pydicom is imported for the one file somebody inspects, never while images are opened
    from medviewer.dicom import unusual  # noqa: PLC0415

    content = content_until_pixels(instance.path, _member(instance), instance.member)
    try:
        found: Any = unusual.read_until(io.BytesIO(content), lambda tag, *_: int(tag) >> 16 == 0x7FE0)
        if rows[at].tag.startswith("(0002"):
            found = found.file_meta
        with quietly():
            for row in _way(rows, at):
                is_item = row.tag == "(FFFE,E000)"
                found = found[int(row.name.removeprefix("Item ")) - 1] if is_item else found[_tag(row)].value
    except unusual.FAILURES as trouble:
        raise DamagedFile(f"This value cannot be read ({type(trouble).__name__}).", "") from None
    return _written(found)


def _way(rows: Sequence[TagRow], at: int) -> list[TagRow]:
    """The rows from the top of the header to row *at*."""
    above, way = ancestors(rows), []
    while at >= 0:
        way.append(rows[at])
        at = above[at]
    return way[::-1]


def _tag(row: TagRow) -> int:
    return int(row.tag[1:5] + row.tag[6:10], 16)


def _member(instance: Instance) -> bytes | None:
    if not instance.member:
        return None
    archive = Archive(Path(instance.path))
    try:
        return archive.read(instance.member)
    finally:
        archive.close()


def _written(value: Any) -> str:
    if isinstance(value, bytes):
        return _dump(value)
    if isinstance(value, (list, tuple)) or type(value).__name__ == "MultiValue":
        value = "\\".join(str(part) for part in value)
    text = harmless(str(value))
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"


def _dump(value: bytes) -> str:
    """Bytes as people have always looked at them: place, numbers, letters."""
    lines = [f"{len(value):,} bytes"]
    for start in range(0, min(len(value), LONGEST_DUMP), _PER_LINE):
        part = value[start : start + _PER_LINE]
        letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        lines.append(f"{start:06X}  {part.hex(' ').upper():<{3 * _PER_LINE}} {letters}")
    return "\n".join(lines + (["…"] if len(value) > LONGEST_DUMP else []))
