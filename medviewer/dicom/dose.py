"""The planes of a radiotherapy dose, which says in a vector of its own where they lie (PS3.3 C.8.8.3.2)."""

from __future__ import annotations

from dataclasses import replace

from medviewer.core.vectors import cross, moved
from medviewer.dicom.describe import frame_count
from medviewer.dicom.header import Header, numbers
from medviewer.dicom.vectors import position, position_text, unit_vectors
from medviewer.dicom.walk import Elements

_OFFSETS = 0x3004000C


def with_offsets(header: Header, elements: Elements) -> Header:
    """*header* with a position for each frame; offsets count from the first plane, or are positions.

    Where the vector does not fit the frames nothing is placed that the file has not placed.
    """
    raw = elements.get(_OFFSETS, b"")
    offsets = numbers(raw.decode("latin-1").strip(" \0")) if isinstance(raw, bytes) else ()
    corner = position(header.get("ImagePositionPatient"))
    vectors = unit_vectors(header.get("ImageOrientationPatient"))
    count, _ = frame_count(header)
    if vectors is None or corner is None or len(offsets) != count or count < 2:
        return header
    normal = cross(*vectors)
    frames = tuple(
        {"ImagePositionPatient": position_text(moved(corner, normal, offset - offsets[0]))}
        for offset in offsets
    )
    return replace(header, frames=frames)
