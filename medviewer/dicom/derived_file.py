"""Writes an object picture by picture, and reads it again with two readers before it counts as written."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.pixels.utils import iter_pixels
from pydicom.uid import ExplicitVRLittleEndian

from medviewer.core.geometry import Plane
from medviewer.dicom.decode import Decoder
from medviewer.dicom.group import group
from medviewer.dicom.header import Header
from medviewer.dicom.quiet import quietly
from medviewer.dicom.read import read_header
from medviewer.dicom.source import SeriesSource
from medviewer.dicom.unusual import FAILURES
from medviewer.kit.errors import ExportTrouble, FileTrouble

MOST_BYTES = (1 << 32) - 2
"""What the length of native pixels can say (PS3.5 7.1.1)."""
SAME_PLACE_MM = 1e-3

Pixels = Callable[[int], NDArray[Any]]
"""The stored values of picture *n* of an object, from 0."""


def write_object(path: Path, data: Dataset, count: int, pixels: Pixels) -> None:
    """Write *data* with *count* pictures, of which only one is in memory. Raises OSError, ExportTrouble."""
    width = int(data.SamplesPerPixel) * int(data.BitsAllocated) // 8
    length = count * int(data.Rows) * int(data.Columns) * width
    if length > MOST_BYTES:
        raise ExportTrouble(
            f"{count:,} pictures are too large for one object: it can hold 4 GB.", "Write fewer of them."
        )
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = data.SOPClassUID, data.SOPInstanceUID
    data.file_meta = meta
    with open(path, "xb") as file:
        _write_header(file, data)
        vr = b"OB" if int(data.BitsAllocated) == 8 else b"OW"
        file.write(struct.pack("<HH2sHI", 0x7FE0, 0x0010, vr, 0, length + length % 2))
        for number in range(count):
            file.write(np.ascontiguousarray(pixels(number)).astype(_little(data), copy=False).tobytes())
        file.write(b"\0" * (length % 2))


def check_object(
    path: Path, count: int, pixels: Pixels, planes: Callable[[int], Plane], decoder: Decoder
) -> Header:
    """What the index knows of a written object, when pydicom and we read from it what was to be written.

    Raises ExportTrouble where anything differs, FileTrouble where it cannot be read at all.
    """
    name = path.name
    try:
        with quietly():
            seen = 0
            for number, read in enumerate(iter_pixels(path, raw=True)):
                _same(read, pixels(number), name)
                seen += 1
    except FAILURES as trouble:
        raise _different(name, type(trouble).__name__) from None
    if seen != count:
        raise _different(name, f"{seen} pictures of {count}")
    header = read_header(path)
    seen = 0
    for study in group([header]):
        for series in study.series:
            source = SeriesSource(series, decoder)
            for index, address in enumerate(series.frames):
                _same(source.frame(index).pixels, pixels(address.frame), name)
                _same_place(source.plane(index), planes(address.frame), name)
                seen += 1
            source.close()
    if seen != count:
        raise _different(name, f"we find {seen} pictures of {count}")
    return header


def _write_header(file: Any, data: Dataset) -> None:
    try:
        with quietly():  # what was odd in the source is odd here too
            dcmwrite(file, data, enforce_file_format=True)
    except OSError:
        raise
    except FAILURES as trouble:
        raise ExportTrouble(
            f"The header of a picture cannot be written into a new object ({type(trouble).__name__}).",
            "Write the series as pictures instead.",
        ) from None


def _little(data: Dataset) -> str:
    kind = "i" if int(data.PixelRepresentation) else "u"
    return f"<{kind}{int(data.BitsAllocated) // 8}"


def _same(read: NDArray[Any], wanted: NDArray[Any], name: str) -> None:
    if read.shape != wanted.shape or not np.array_equal(read, wanted):
        raise _different(name, "other pixels")


def _same_place(read: Plane, wanted: Plane, name: str) -> None:
    if not wanted.placed:
        return
    far = max(abs(one - other) for one, other in zip(read.origin, wanted.origin, strict=True))
    if not read.placed or far > SAME_PLACE_MM or not np.allclose(read.spacing, wanted.spacing, rtol=1e-5):
        raise _different(name, "another place")


def _different(name: str, what: str) -> FileTrouble | ExportTrouble:
    return ExportTrouble(
        f"{name} was not kept: read again it is not what was written ({what}).",
        "Check the disk, or write the series as pictures instead.",
    )
