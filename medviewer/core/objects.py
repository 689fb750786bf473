"""Objects of a study that say something about its pictures, and which pictures those are."""

from __future__ import annotations

from medviewer.core.object_kind import ObjectKind
from medviewer.core.report import Report
from medviewer.core.segments import Segmentation
from medviewer.core.structures import StructureSet
from medviewer.core.study import SeriesKey
from medviewer.kit.frozen import frozen

Picture = tuple[str, int]
"""SOP Instance UID, and the frame from 0; frame -1 stands for all of them."""


@frozen
class KeyPictures:
    """A selection of pictures, with the words of whoever made it (PS3.16 TID 2010)."""

    title: str
    note: str = ""


@frozen
class ParametricMap:
    """Values that were computed from pictures, in a unit."""

    quantity: str = ""
    unit: str = ""


@frozen
class Enclosed:
    """A document inside an object."""

    title: str
    media_type: str


Content = Segmentation | StructureSet | Report | KeyPictures | ParametricMap | Enclosed | None


@frozen
class StudyObject:
    """One object: what it is, who made it, and which pictures it is about."""

    uid: str
    kind: ObjectKind
    label: str
    """what it calls itself"""
    when: str = ""
    """date of its content, as in the file: YYYYMMDD"""
    time: str = ""
    """of the day, as in the file: HHMMSS.FFFFFF"""
    made_by: str = ""
    """a person, or a program with its version"""
    is_automatic: bool = False
    """whether an algorithm made it without a person"""
    pictures: tuple[Picture, ...] = ()
    """those that it names, in the order of the file"""
    frame_of_reference: str = ""
    content: Content = None
    remarks: tuple[str, ...] = ()
    """what the reader has to know of it"""
    what: str = ""
    """in words what it is, where its kind does not say so"""
    series: SeriesKey = ""
    """the series in which it is listed"""
    path: str = ""
    member: str = ""
