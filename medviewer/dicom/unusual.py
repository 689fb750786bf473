"""Reads with pydicom what the walker leaves alone: big endian, wrong order, contradicting elements."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from pydicom import config
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.filereader import dcmread, read_partial
from pydicom.tag import Tag

from medviewer.dicom.fields import PIXELS, Fields
from medviewer.dicom.quiet import quietly
from medviewer.dicom.walk import DEEPEST, CutOff, Elements, Excessive, Walked

config.settings.reading_validation_mode = config.IGNORE

FAILURES = (
    NotImplementedError,
    BytesLengthException,
    InvalidDicomError,
    OSError,
    struct.error,
    ValueError,
    AttributeError,
    TypeError,
    EOFError,
    LookupError,
    RecursionError,
    OverflowError,
    MemoryError,
    AssertionError,
    zlib.error,
)
"""What pydicom raises on damaged files (found by mutation)."""

_WIDTHS = {"H": 2, "h": 2, "I": 4, "i": 4, "f": 4, "d": 8}
_ASCII_NUMBERS = ("DS", "IS")


def read_unusual(file: Any, size: int, wanted: Fields, items: Fields) -> tuple[Walked, str]:
    """The *wanted* elements as the walker would give them, and the transfer syntax.

    Raises one of FAILURES, CutOff or Excessive.
    """
    file.seek(0)
    with quietly():
        data = dcmread(file, stop_before_pixels=True, specific_tags=[Tag(tag) for tag in wanted])
        at = file.tell()
        walked = Walked(_elements(data, wanted, items), *_pixels(file, data, at, size))
    syntax = str(data.file_meta.get("TransferSyntaxUID", "") or "")
    return walked, syntax or _guessed_syntax(data)


def read_until(file: Any, stop: Callable[[Any, Any, int], bool]) -> FileDataset:
    """The data set as pydicom reads it up to where *stop* (tag, VR, length) says. Raises one of FAILURES."""
    with quietly():
        return read_partial(file, stop, force=True)


def _guessed_syntax(data: FileDataset) -> str:
    implicit, little = data.original_encoding
    if not little:
        return "1.2.840.10008.1.2.2"
    return "1.2.840.10008.1.2" if implicit else "1.2.840.10008.1.2.1"


def _pixels(file: Any, data: FileDataset, at: int, size: int) -> tuple[int, int, int]:
    """Tag, offset and length of the pixel data; pydicom stops at group 7FE0, which may begin with a table."""
    implicit, little = data.original_encoding
    order = "<" if little else ">"
    while at + 8 <= size:
        file.seek(at)
        head = file.read(12)
        tag = int.from_bytes(struct.pack(">HH", *struct.unpack(order + "HH", head[:4])), "big")
        long_form = not implicit and head[4:6] in (b"OB", b"OW", b"OF", b"OD", b"OV", b"UN")
        offset = at + (12 if long_form else 8)
        length = struct.unpack(order + "I", head[8:12] if long_form else head[4:8])[0]
        if tag in PIXELS:
            return tag, offset, -1 if length == 0xFFFFFFFF else length
        if tag >> 16 != 0x7FE0 or length == 0xFFFFFFFF:
            break
        at = offset + length
    return 0, -1, -1


def _elements(data: Dataset, wanted: Fields, items: Fields, depth: int = 0) -> Elements:
    if depth > DEEPEST:
        raise Excessive(f"sequences are nested more than {DEEPEST} deep")
    found: Elements = {}
    for tag, field in wanted.items():
        if tag not in data:
            continue
        if field.form == "sequence":
            value = data[tag].value
            if isinstance(value, (list, tuple)) or hasattr(value, "__iter__"):
                found[tag] = [_elements(item, items, items, depth + 1) for item in value]
        else:
            found[tag] = _raw(data, tag, field.form)
    return found


def _raw(data: Dataset, tag: int, form: str) -> bytes:
    element = data.get_item(Tag(tag))
    if not isinstance(element, RawDataElement):
        return _written(element.value, form)
    value = element.value or b""
    if element.length != 0xFFFFFFFF and len(value) < element.length:
        raise CutOff(element.value_tell)
    if form in _WIDTHS:
        return _binary(data, element, value, form)
    if form == "bytes" and not element.is_little_endian and element.VR in ("US", "SS", "OW"):
        return np.frombuffer(value, ">u2").astype("<u2").tobytes()
    return value


def _binary(data: Dataset, element: RawDataElement, value: bytes, form: str) -> bytes:
    width = _WIDTHS[form]
    if element.VR in _ASCII_NUMBERS or element.VR not in (None, "UN", *_VRS_OF[form]):
        raise ValueError(f"an element has the value representation {element.VR}")
    if len(value) % width:
        raise ValueError("a binary value of odd length")
    if element.is_little_endian:
        return value
    return np.frombuffer(value, f">u{width}").astype(f"<u{width}").tobytes()


_VRS_OF = {"H": ("US", "SS"), "h": ("US", "SS"), "I": ("UL",), "i": ("SL",), "f": ("FL",), "d": ("FD",)}


def _written(value: Any, form: str) -> bytes:
    """A converted value as the bytes that it came from."""
    values = value if isinstance(value, (list, tuple)) or hasattr(value, "append") else [value]
    if form in _WIDTHS:
        return struct.pack(f"<{len(values)}{form}", *values)
    if isinstance(value, bytes):
        return value
    return "\\".join(str(part) for part in values if part is not None).encode("utf-8")
