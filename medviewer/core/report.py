"""Structured reports as a tree, and the places on pictures that they speak of (PS3.3 C.17, C.18)."""

from __future__ import annotations

from collections.abc import Iterator

from medviewer.core.codes import Code
from medviewer.kit.frozen import frozen


@frozen
class Coordinates:
    """Spatial coordinates of a report."""

    graphic: str
    """Graphic Type: POINT, MULTIPOINT, POLYLINE, POLYGON, CIRCLE, ELLIPSE, ELLIPSOID"""
    points: tuple[tuple[float, ...], ...]
    """(row, column) on the picture, (0, 0) at the centre of its first pixel; or patient millimetres"""
    frame_of_reference: str = ""
    """of patient millimetres; "" for places on pictures"""


@frozen
class Item:
    """One content item."""

    type: str
    """Value Type: CONTAINER, TEXT, NUM, CODE, IMAGE, SCOORD, ..."""
    name: Code | None = None
    relation: str = ""
    """Relationship Type, for instance "HAS OBS CONTEXT" """
    text: str = ""
    """its value in words, with the unit of a number"""
    code: Code | None = None
    """the value of CODE, the unit of NUM"""
    number: float | None = None
    shape: Coordinates | None = None
    pictures: tuple[tuple[str, int], ...] = ()
    """what IMAGE refers to: SOP Instance UID, frame from 0, -1 for all"""
    segments: tuple[int, ...] = ()
    """the segments that it means, where it refers to a segmentation"""
    items: tuple[Item, ...] = ()

    def walk(self) -> Iterator[Item]:
        """This and all below, from top to bottom."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            yield one
            waiting += reversed(one.items)

    def find(self, *values: str) -> Item | None:
        """The first child whose name has one of these code values."""
        return next((one for one in self.items if one.name is not None and one.name.value in values), None)


@frozen
class Report:
    """A whole report."""

    title: str
    root: Item
    is_complete: bool = False
    is_verified: bool = False
    verified_by: str = ""
    has_places: bool = False
    """whether it speaks of places on pictures"""
