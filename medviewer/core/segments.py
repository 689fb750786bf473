"""What a segmentation says of its segments and frames, without their pixels (PS3.3 A.51, C.8.20)."""

from __future__ import annotations

from enum import Enum

from medviewer.core.codes import Code
from medviewer.core.geometry import Plane
from medviewer.kit.frozen import frozen


class SegmentType(Enum):
    """How its pixels are meant (C.8.20.2, Segmentation Type)."""

    BINARY = "BINARY"
    FRACTIONAL = "FRACTIONAL"
    """a probability, or how much of the pixel is covered"""
    LABELMAP = "LABELMAP"
    """each pixel is the number of its segment"""


@frozen
class Segment:
    """One thing that was marked."""

    number: int
    name: str
    color: str
    """#rrggbb, "" where the file recommends none"""
    category: Code | None = None
    meaning: Code | None = None
    tracking: str = ""
    """Tracking UID"""
    how: str = ""
    """AUTOMATIC, SEMIAUTOMATIC or MANUAL"""
    algorithm: str = ""
    version: str = ""


@frozen
class SegmentFrame:
    """One frame of the file."""

    at: int
    """its number from 0"""
    segment: int
    """which segment it marks; 0 in a label map, whose pixels say so"""
    sources: tuple[tuple[str, int], ...]
    """the pictures that it was made from: SOP Instance UID, frame from 0, -1 for all"""
    plane: Plane


@frozen
class Segmentation:
    """A whole segmentation."""

    type: SegmentType
    segments: tuple[Segment, ...]
    frames: tuple[SegmentFrame, ...]
    most: int = 1
    """the value of a pixel that belongs to a segment altogether"""
    thickness: float = 0.0
    """of a frame, mm; 0 where the file does not say"""
