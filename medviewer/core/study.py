"""Patients, studies, series and instances: what headers say, as frozen values."""

from __future__ import annotations

from typing import Any

from medviewer.core.geometry import Plane
from medviewer.kit.frozen import frozen

StudyKey = str
"""Tells one study from another: its UID and whose it is, so that two patients under one UID never merge."""
SeriesKey = str
"""Tells one stack of pictures from another; a series that holds several stacks is split."""


@frozen
class Patient:
    """Whose images these are."""

    name: str = ""
    id: str = ""
    birth_date: str = ""
    sex: str = ""

    @property
    def called(self) -> str:
        """The name as people read it: "Yamada Tarou (山田 太郎)", "" when the file has none.

        Of the groups (PS3.5 6.2.1.2) the first stands for the name; other scripts follow it in brackets.
        """
        groups = [" ".join(group.replace("^", " ").split()) for group in self.name.split("=")]
        first, *others = list(dict.fromkeys(filter(None, groups))) or [""]
        return f"{first} ({', '.join(others)})" if others else first


@frozen
class Instance:
    """One file, or one frame source inside it: everything that is needed to find and decode its pixels."""

    path: str
    sop_instance: str
    sop_class: str
    number: int | None
    frames: int
    rows: int
    columns: int
    transfer_syntax: str
    plane: Plane
    pixel_offset: int = -1
    """where the value of Pixel Data begins in the file, -1 when the walker could not tell"""
    pixel_length: int = -1
    """its length in bytes, -1 when undefined (encapsulated)"""
    member: str = ""
    """the name inside a ZIP archive at *path*, when it came from one"""
    tiles: tuple[int, int] = (1, 1)
    """(down, across): how many pictures the one frame of the file holds; frame numbers then count tiles"""


@frozen
class FrameAddress:
    """One picture of a series: which instance, which frame of it, and where it lies."""

    instance: int
    """index into Series.instances"""
    frame: int
    plane: Plane


@frozen
class Dimension:
    """What differs between pictures at one place: time, phase, b-value, echo."""

    name: str
    """for the reader: Time, Phase, b-value, ..."""
    values: tuple[str, ...]
    """in order, as they are shown"""
    unit: str = ""

    def words(self, number: int) -> str:
        """One value as it is told: "Phase 3 / 20  (120 ms)", "Echo 2 / 4"; "b 1000" speaks for itself."""
        value = self.values[number]
        if not self.unit and not value.isdigit():
            return value
        place = f"{self.name} {number + 1} / {len(self.values)}"
        return f"{place}  ({value} {self.unit})" if self.unit else place


@frozen
class Series:
    """A stack of pictures that belong together, in the order in which they are shown.

    With a *dimension* the stack is there once for each of its values, value by value: picture *index* is
    place ``index % places`` of value ``index // places``.
    """

    key: SeriesKey
    uid: str
    study: StudyKey
    modality: str = ""
    number: int | None = None
    description: str = ""
    body_part: str = ""
    instances: tuple[Instance, ...] = ()
    frames: tuple[FrameAddress, ...] = ()
    problems: tuple[str, ...] = ()
    """in words: gaps, tilt, mixed sizes, why this is not a volume, why it was split"""
    geometry: Any = None
    """ImageGeometry when the frames (of one value of the dimension) form a regular grid"""
    details: tuple[tuple[str, str], ...] = ()
    """more header values for corner text and panels, by DICOM keyword"""
    dimension: Dimension | None = None

    @property
    def places(self) -> int:
        """How many pictures one value of the dimension has; all of them without one."""
        return self.count if self.dimension is None else self.count // len(self.dimension.values)

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return len(self.frames)

    def detail(self, keyword: str) -> str:
        """One header value by its DICOM keyword, "" when the file has none."""
        return dict(self.details).get(keyword, "")


@frozen
class Study:
    """An examination."""

    key: StudyKey
    uid: str
    patient: Patient
    date: str = ""
    time: str = ""
    description: str = ""
    institution: str = ""
    accession: str = ""
    series: tuple[Series, ...] = ()

    def find(self, key: SeriesKey) -> Series | None:
        """The series with this key, or None."""
        return next((series for series in self.series if series.key == key), None)


@frozen
class Unreadable:
    """A file that could not be used, with the exact reason."""

    path: str
    reason: str
