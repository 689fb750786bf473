"""What the header of one instance says, as plain text that can be compared, stored and grouped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import lru_cache

from medviewer.kit.frozen import frozen

DIRECTORY_CLASS = "1.2.840.10008.1.3.10"


@frozen
class Header:
    """One instance's index values. No pydicom object is kept: thousands of them would stall the program.

    *values* holds decoded text by DICOM keyword; several values stand between backslashes, as in the file.
    What the file does not have is not in it.
    """

    path: str
    values: Mapping[str, str]
    transfer_syntax: str = ""
    pixel_keyword: str = ""
    """PixelData, FloatPixelData, DoubleFloatPixelData, or "" for an object without pictures"""
    pixel_offset: int = -1
    """where the value of the pixel data begins in the file; -1 for none, or inside deflated data"""
    pixel_length: int = -1
    """its length in bytes; -1 for none, or when undefined (encapsulated)"""
    member: str = ""
    """the name inside a ZIP archive at *path*"""
    frames: tuple[Mapping[str, str], ...] = ()
    """what functional groups (PS3.3 C.7.6.16), vectors of nuclear medicine or a mosaic say of each frame"""
    regions: tuple[Mapping[str, str], ...] = ()
    """the regions of an ultrasound picture (PS3.3 C.8.5.5)"""
    warnings: tuple[str, ...] = field(default=())
    """what the reader should know about the file itself"""
    tiles: tuple[int, int] = (1, 1)
    """(down, across): how many pictures the one frame of the file holds, side by side"""

    def get(self, keyword: str) -> str:
        """The value, "" when the file has none."""
        return self.values.get(keyword, "")

    def texts(self, keyword: str) -> tuple[str, ...]:
        """All values of a multi-valued attribute, each without padding; empty when there are none."""
        value = self.values.get(keyword, "")
        return tuple(part.strip() for part in value.split("\\")) if value else ()

    def whole(self, keyword: str) -> int | None:
        """The first value as a whole number, None when it is none. Writers say "5.0" too."""
        text = self.values.get(keyword)
        return whole_number(text) if text else None

    def number(self, keyword: str) -> float | None:
        """The first value as a finite number, None when it is none."""
        found = numbers(self.values.get(keyword, "").split("\\", 1)[0])
        return found[0] if found else None

    @property
    def is_directory(self) -> bool:
        """Whether this is a DICOMDIR: a table of contents, not an image."""
        return DIRECTORY_CLASS in (self.get("SOPClassUID"), self.get("MediaStorageSOPClassUID"))

    @property
    def count(self) -> int:
        """How many pictures the file claims to have: 0 without pixel data, else at least 1."""
        if not self.pixel_keyword:
            return 0
        return max(1, self.whole("NumberOfFrames") or 1)


@lru_cache(maxsize=1 << 14)
def whole_number(text: str) -> int | None:
    """The first of the backslash-separated values as a whole number of at most 18 digits, else None."""
    part = text.split("\\", 1)[0].strip()
    if len(part) > 18:
        return None
    try:
        return int(part)
    except ValueError:
        found = numbers(part)
        return int(found[0]) if found and found[0] == int(found[0]) else None


def numbers(text: str) -> tuple[float, ...]:
    """The backslash-separated decimal numbers of *text*; empty when any is not finite or not a number.

    A decimal comma is no number: reading "0,5" as 5 or 0 would make wrong millimetres.
    """
    if not text:
        return ()
    try:
        found = tuple(map(float, text.split("\\")))
    except ValueError:
        return ()
    if "_" in text or not all(-1e300 < value < 1e300 for value in found):
        return ()
    return found
