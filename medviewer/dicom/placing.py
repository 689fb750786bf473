"""One frame of one file on its way into a stack, and its place there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from medviewer.core.geometry import Plane
from medviewer.core.vectors import Vector, dot
from medviewer.dicom.header import Header, whole_number
from medviewer.kit.frozen import frozen

SAME_PLACE = 0.01
"""Millimetres along the normal within which two pictures lie at the same place."""
_LAST = 1 << 62


@frozen
class Picture:
    """One frame of one file on its way into a stack."""

    header: Header
    frame: int
    plane: Plane
    along: float = 0.0
    """where it lies along the normal of its stack, in millimetres"""
    place: int = 0
    """the number of that place among those of its stack, from 0"""

    def get(self, keyword: str) -> str:
        """What the file says about this frame, "" when it says nothing."""
        frames = self.header.frames
        if self.frame < len(frames):
            found = frames[self.frame].get(keyword)
            if found is not None:
                return found
        return self.header.values.get(keyword, "")

    def first_of(self, keywords: Iterable[str]) -> str:
        """What the first of *keywords* that the file has says."""
        return next((value for value in map(self.get, keywords) if value), "")


def placed(pictures: Sequence[Picture], normal: Vector) -> list[Picture]:
    """*pictures* in the order in which they lie along *normal*, with the numbers of their places."""
    found = []
    for one in pictures:
        along = dot(one.plane.origin, normal)
        found.append(Picture(one.header, one.frame, one.plane, along))
    found.sort(key=lambda one: one.along)
    number, last = 0, found[0].along
    for at, one in enumerate(found):
        number += one.along - last > SAME_PLACE
        last = one.along
        found[at] = replace(one, place=number)
    return found


ROWS = ("TimeSliceVector", "AngularViewVector", "SliceVector", "TimeSlotVector")
"""What numbers the frames of nuclear medicine that follow one another fastest (PS3.3 C.8.4.8.1)."""


def in_rows(pictures: Sequence[Picture]) -> list[Picture]:
    """Pictures without a place in the patient, numbered along their row; nothing where they are in none."""
    for keyword in ROWS:
        numbers = [whole_number(picture.get(keyword)) for picture in pictures]
        known = sorted({number for number in numbers if number is not None})
        if len(known) > 1 and None not in numbers:
            place_of = {number: place for place, number in enumerate(known)}
            return [
                replace(one, place=place_of[number])
                for one, number in zip(pictures, numbers, strict=True)
                if number is not None
            ]
    return []


def most_at_one_place(pictures: Iterable[Picture]) -> int:
    """How many pictures lie at the place that has most of them."""
    return max(Counter(picture.place for picture in pictures).values())


def by_number(picture: Picture) -> tuple[object, ...]:
    """The order in which the pictures were made, as far as the files tell."""
    get = picture.header.values.get
    number = whole_number(get("InstanceNumber", ""))
    return (
        number if number is not None else _LAST,
        get("AcquisitionDate", "") + get("AcquisitionTime", "")
        or get("ContentDate", "") + get("ContentTime", ""),
        get("SOPInstanceUID", ""),
        picture.header.path,
        picture.header.member,
        picture.frame,
    )
