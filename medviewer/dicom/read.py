"""Reads the header of a file: the walker where it can, pydicom where it must."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from medviewer.dicom.alike import read_alike
from medviewer.dicom.charset import LONGEST, text
from medviewer.dicom.dose import with_offsets
from medviewer.dicom.fields import DOSE, INDEX, META, NUCLEAR, PIXELS, SIEMENS
from medviewer.dicom.header import Header
from medviewer.dicom.mosaic import is_asked, with_siemens
from medviewer.dicom.nuclear import with_nuclear
from medviewer.dicom.opening import INDEX_ITEMS, Opened, open_picture
from medviewer.dicom.walk import Elements, Unusual, numbers
from medviewer.kit.errors import FileTrouble

__all__ = ["Header", "read_header"]

_NAMES = ("PatientName",)
_REGIONS, _SHARED, _PER_FRAME = 0x00186011, 0x52009229, 0x52009230
_TEXTS = {
    tag: field.keyword
    for fields in (META, INDEX_ITEMS, INDEX)
    for tag, field in fields.items()
    if field.form == "text"
}
_NUMBERS = {
    tag: (field.keyword, field.form)
    for fields in (INDEX_ITEMS, INDEX, NUCLEAR)
    for tag, field in fields.items()
    if field.form not in ("text", "sequence", "bytes")
}
_OF_FRAMES = frozenset((_REGIONS, _SHARED, _PER_FRAME))


def read_header(path: Path | str, data: bytes | None = None, member: str = "") -> Header:
    """The index values of the file at *path*, or of its content *data* (a *member* of an archive).

    Raises NotDicom, DamagedFile, TooLarge or FileTrouble, each with the exact reason.
    """
    path = str(path)
    header = read_alike(path) if data is None else None
    if header is None:
        header = _header(path, member, open_picture(path, member, data, INDEX, INDEX_ITEMS))
    if not header.pixel_keyword:
        return header
    try:
        return _with_particulars(header, data)
    except (FileTrouble, Unusual):
        return header  # what is odd in there must not cost anybody the picture


def _with_particulars(header: Header, data: bytes | None) -> Header:
    """What few files have is read in a second walk, so that the many are not slowed down."""
    place = (header.path, header.member, data)
    if header.get("Modality") == "NM":
        return with_nuclear(header, _flat(open_picture(*place, NUCLEAR, INDEX_ITEMS).walked.elements, ""))
    if header.get("Modality") == "RTDOSE":
        return with_offsets(header, open_picture(*place, DOSE, {}).walked.elements)
    if is_asked(header.values):
        return with_siemens(header, open_picture(*place, SIEMENS, {}).walked.elements)
    return header


def _header(path: str, member: str, opened: Opened) -> Header:
    elements = opened.walked.elements
    charset = text(elements.get(0x00080005, b""), "")
    shared = _first(elements.get(_SHARED), charset)
    values = {
        **_flat({tag: value for tag, value in opened.meta.items() if tag != 0x00020010}, charset),
        **shared,
        **_flat(elements, charset),
    }
    _, pixel_tag, offset, length = opened.walked
    return Header(
        path=path,
        member=member,
        values=values,
        transfer_syntax=opened.syntax,
        pixel_keyword=PIXELS.get(pixel_tag, ""),
        pixel_offset=offset if opened.body is None else -1,
        pixel_length=length,
        frames=tuple(_flat(item, charset) for item in elements.get(_PER_FRAME, ())),
        regions=tuple(_flat(item, charset) for item in elements.get(_REGIONS, ())),
        warnings=opened.warnings,
    )


def _first(items: list[Elements] | None, charset: str) -> dict[str, str]:
    return _flat(items[0], charset) if items else {}


def _flat(elements: Elements, charset: str) -> dict[str, str]:
    """Text by keyword; of a sequence, what its first item says."""
    keywords: list[str] = []
    raws: list[bytes] = []
    found: dict[str, str] = {}
    for tag, raw in elements.items():
        keyword = _TEXTS.get(tag)
        if keyword is not None:
            keywords.append(keyword)
            raws.append(raw)
        elif not raw:
            continue
        elif tag in _NUMBERS:
            name, form = _NUMBERS[tag]
            with suppress(Unusual):  # half a number is none, and costs nobody the picture
                found[name] = _number_text(raw, form)
        elif tag not in _OF_FRAMES:
            found.update(_flat(raw[0], charset))
    for keyword, value in zip(keywords, _decoded(raws, keywords, charset), strict=True):
        if value:
            found[keyword] = value
    return found


def _decoded(raws: list[bytes], keywords: list[str], charset: str) -> list[str]:
    """All texts at once where they are plain ASCII, which is several times faster than one by one."""
    together = b"\x1f".join(raws)
    if together.isascii() and b"\x1b" not in together and len(together) <= LONGEST:
        values = together.decode("ascii").split("\x1f")
        if len(values) == len(raws):
            return [value.strip(" \0") for value in values]
    return [text(raw, charset, keyword in _NAMES) for raw, keyword in zip(raws, keywords, strict=True)]


def _number_text(raw: bytes, form: str) -> str:
    if len(raw) == 2 and form == "H":
        return str(raw[0] | raw[1] << 8)
    return "\\".join(f"{value!r}" for value in numbers(raw, form))
