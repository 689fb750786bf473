"""Every element of a file as rows of text, for looking things up."""

from __future__ import annotations

import io
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from medviewer.dicom.charset import LONGEST, shown
from medviewer.dicom.fields import PIXELS
from medviewer.dicom.header import Header
from medviewer.dicom.quiet import quietly
from medviewer.dicom.read import read_header
from medviewer.kit.errors import DamagedFile, TooLarge
from medviewer.kit.frozen import frozen

MOST_ROWS = 20_000
"""Nobody reads so many; the last row says that there are more."""
MOST_ITEMS = 10_000
"""A longer sequence gets one row: pydicom would take minutes for millions of items."""
DEEPEST = 40
_ITEM_MARKS = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")
_SHOWN_BYTES = 16
_LARGEST_HEADER = 256 << 20
_UNDEFINED = 0xFFFFFFFF


@frozen
class TagRow:
    """One element; the items of a sequence follow it, one *depth* further in."""

    depth: int
    tag: str
    """(0028,0010)"""
    vr: str
    keyword: str
    """"" for private elements and items"""
    name: str
    value: str
    """as text, elided at 4,096 characters"""
    creator: str = ""
    """whose private element it is"""
    digest: str = ""
    """tells values apart whose text is elided; "" where the text says all"""

    @property
    def is_private(self) -> bool:
        """Whether its meaning is known to one maker only (PS3.5 7.8)."""
        return self.tag[4:5] in _ODD


_ODD = ("1", "3", "5", "7", "9", "B", "D", "F")
_MORE = TagRow(0, "", "", "", "...", f"only the first {MOST_ROWS:,} elements are listed")


def ancestors(rows: Sequence[TagRow]) -> list[int]:
    """For each row the place of the row that it lies in, -1 at the top."""
    found: list[int] = []
    last: dict[int, int] = {}
    for at, row in enumerate(rows):
        found.append(max((last[depth] for depth in last if depth < row.depth), default=-1))
        last = {depth: place for depth, place in last.items() if depth < row.depth}
        last[row.depth] = at
    return found


def tag_table(
    path: Path | str, *, private: bool = True, data: bytes | None = None, member: str = ""
) -> tuple[TagRow, ...]:
    """The elements of the file at *path*, or of its content *data*, up to the pixel data, which gets one row.

    Raises FileTrouble. Values are for reading: nothing in them is trusted or executed.
    """
    header = read_header(path, data, member)
    # pydicom is imported for the one file somebody inspects, never while images are opened
    from medviewer.dicom import unusual  # noqa: PLC0415

    content = _content(header, data)
    rows = _Rows(private, unusual.FAILURES)
    try:
        limit = _Limit(_items(content) > MOST_ITEMS)
        dataset = unusual.read_until(io.BytesIO(content), limit)
        with quietly():
            for part in (dataset.file_meta, dataset):
                rows.add(part, 0)
    except RecursionError:
        raise TooLarge(f"The elements of {Path(path).name} are nested too deep to be listed.", "") from None
    except unusual.FAILURES as trouble:
        raise DamagedFile(
            f"The elements of {Path(path).name} cannot be listed ({type(trouble).__name__}).",
            "Get the file again.",
        ) from None
    more = () if _MORE in rows.found[-1:] else limit.row
    return (*rows.found, *more, *_pixel_row(header))


def _items(value: bytes) -> int:
    """How many items may be inside, in either byte order; too many if anything, never too few."""
    return max(value.count(mark) for mark in _ITEM_MARKS)


class _Limit:
    """Where pydicom is to stop: at the pixels, after too many elements, before a sequence without end."""

    def __init__(self, has_many_items: bool) -> None:
        self._has_many_items = has_many_items
        self._seen = 0
        self.row: tuple[TagRow, ...] = ()
        """what to say when the rest is not listed"""

    def __call__(self, tag: Any, vr: Any, length: int) -> bool:
        self._seen += 1
        if self._has_many_items and length == _UNDEFINED and tag not in PIXELS:
            words = "has too many items: it and what follows it are not listed"
            self.row = (TagRow(0, _number(tag), "", "", "...", words),)
            return True
        if tag not in PIXELS and self._seen > MOST_ROWS:
            self.row = (_MORE,)
        return tag in PIXELS or bool(self.row)


def content_until_pixels(path: Path | str, data: bytes | None = None, member: str = "") -> bytes:
    """What `tag_table` reads of a file. Raises FileTrouble."""
    return _content(read_header(path, data, member), data)


def _content(header: Header, data: bytes | None) -> bytes:
    """The file up to its pixels; all of it when that place is not known."""
    if data is not None:
        return data
    with open(header.path, "rb") as file:
        return file.read(header.pixel_offset if header.pixel_offset > 0 else _LARGEST_HEADER)


def _pixel_row(header: Header) -> tuple[TagRow, ...]:
    if not header.pixel_keyword:
        return ()
    numbers = {"PixelData": "0010", "DoubleFloatPixelData": "0009", "FloatPixelData": "0008"}
    length = f"{header.pixel_length:,} bytes" if header.pixel_length >= 0 else "compressed"
    name = {"PixelData": "Pixel Data", "FloatPixelData": "Float Pixel Data"}.get(
        header.pixel_keyword, "Double Float Pixel Data"
    )
    return (TagRow(0, f"(7FE0,{numbers[header.pixel_keyword]})", "", header.pixel_keyword, name, length),)


class _Rows:
    """The rows as far as they have been made."""

    def __init__(self, private: bool, failures: tuple[Any, ...]) -> None:
        self.found: list[TagRow] = []
        self._private = private
        self._failures = failures
        self._is_full = False

    def add(self, dataset: Any, depth: int) -> None:
        """The elements of a data set, one row each, those of its sequences after them."""
        for tag in sorted(dataset.keys()):
            if self._stop(depth):
                return
            if tag.is_private and not self._private:
                continue
            try:
                element = _element(dataset, tag)
            except RecursionError:
                raise
            except self._failures as trouble:
                reason = f"(cannot be read: {type(trouble).__name__})"
                self.found.append(TagRow(depth, _number(tag), "", "", "", reason))
                continue
            self.found.append(_row(element, depth))
            if element.VR == "SQ" and element.value is not None and not isinstance(element, _Long):
                self._add_items(element.value, depth)

    def _add_items(self, items: Any, depth: int) -> None:
        for at, item in enumerate(items, 1):
            if self._stop(depth + 1):
                return
            self.found.append(TagRow(depth + 1, "(FFFE,E000)", "", "", f"Item {at}", ""))
            self.add(item, depth + 2)

    def _stop(self, depth: int) -> bool:
        """Whether the list ends here, which its last row then says."""
        if self._is_full:
            return True
        if len(self.found) >= MOST_ROWS:
            self._is_full = True
            self.found.append(_MORE)
        elif depth > DEEPEST:
            self.found.append(TagRow(depth, "", "", "", "...", "nested deeper: not listed"))
            return True
        return self._is_full


def _element(dataset: Any, tag: Any) -> Any:
    """The element; of a very long value only the beginning: converting 50 MB of text takes seconds."""
    raw = dataset.get_item(tag)
    value = getattr(raw, "value", None)
    if type(raw).__name__ == "RawDataElement" and isinstance(value, bytes) and len(value) > 4 * LONGEST:
        vr = raw.VR if isinstance(raw.VR, str) else "UN"
        if vr not in ("SQ", "UN") or _items(value) > MOST_ITEMS:
            return _Long(tag, vr, value, _creator(dataset, tag))
    return dataset[tag]


def _creator(dataset: Any, tag: Any) -> str:
    """Who has reserved the block that a private element stands in (PS3.5 7.8.1)."""
    number = int(tag)
    reserved = number & 0xFFFF0000 | (number & 0xFFFF) >> 8
    return str(dataset[reserved].value) if tag.is_private and reserved in dataset else ""


class _Long:
    """A long value, not converted."""

    def __init__(self, tag: Any, vr: str, value: bytes, creator: str) -> None:
        from pydicom.datadict import dictionary_description, dictionary_has_tag, keyword_for_tag  # noqa: PLC0415

        self.tag, self.VR, self.private_creator = tag, vr, creator
        self.keyword = keyword_for_tag(tag)
        self.name = dictionary_description(tag) if dictionary_has_tag(tag) else ""
        self.digest = _digest(value)
        is_text = vr in ("LT", "ST", "UT", "UC", "LO", "SH", "PN", "UR", "DS", "IS")
        self.value = value[: LONGEST + 1].decode("utf-8", "replace") if is_text else value


def _row(element: Any, depth: int) -> TagRow:
    return TagRow(
        depth,
        _number(element.tag),
        str(element.VR),
        element.keyword or "",
        shown(str(element.name)),
        _value(element),
        shown(str(element.private_creator or "")),
        _told_apart(element),
    )


def _told_apart(element: Any) -> str:
    """What tells a value from others that look the same where their text ends."""
    value = element.value
    if isinstance(element, _Long):
        return element.digest
    if isinstance(value, bytes):
        return _digest(value) if len(value) > _SHOWN_BYTES else ""
    if element.VR == "SQ" or value is None or len(text := str(value)) <= LONGEST:
        return ""
    return _digest(text.encode("utf-8", "surrogatepass"))


def _digest(value: bytes) -> str:
    return blake2b(value, digest_size=8).hexdigest()


def _number(tag: Any) -> str:
    return f"({int(tag) >> 16:04X},{int(tag) & 0xFFFF:04X})"


def _value(element: Any) -> str:
    value = element.value
    if isinstance(element, _Long) and element.VR in ("SQ", "UN"):
        return f"{len(value):,} bytes with about {_items(value):,} items: not listed"
    if element.VR == "SQ":
        return f"{len(value or ())} items"
    if value is None:
        return ""
    if isinstance(value, bytes):
        start = " ".join(f"{byte:02X}" for byte in value[:_SHOWN_BYTES])
        return f"{len(value):,} bytes: {start}{' ...' if len(value) > _SHOWN_BYTES else ''}"
    if isinstance(value, (list, tuple)) or type(value).__name__ == "MultiValue":
        return shown("\\".join(str(part) for part in value[:LONGEST]), LONGEST)
    return shown(str(value), LONGEST)
