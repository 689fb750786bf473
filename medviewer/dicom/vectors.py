"""Directions and positions as files write them."""

from __future__ import annotations

import math

from medviewer.core.vectors import Point, Vector, dot, point
from medviewer.dicom.header import numbers

UNIT_TOLERANCE = 0.01
"""How far the length of a direction may be off 1, and two directions off a right angle."""


def position(text: str) -> Point | None:
    """Image Position (Patient), None when it is not one."""
    found = numbers(text)
    return point(found) if len(found) == 3 else None


def unit_vectors(text: str) -> tuple[Vector, Vector] | None:
    """The directions along a row and along a column, each of length 1; None when they are not ones."""
    found = numbers(text)
    if len(found) != 6:
        return None
    row, column = point(found[:3]), point(found[3:])
    lengths = math.hypot(*row), math.hypot(*column)
    if any(abs(length - 1) > UNIT_TOLERANCE for length in lengths):
        return None
    if abs(dot(row, column)) > UNIT_TOLERANCE:
        return None
    return _scaled(row, lengths[0]), _scaled(column, lengths[1])


def _scaled(vector: Vector, length: float) -> Vector:
    if length == 1.0:
        return vector
    return (vector[0] / length, vector[1] / length, vector[2] / length)


def position_text(at: Point) -> str:
    """A position as Image Position (Patient) would have it."""
    return "\\".join(f"{value:.9g}" for value in at)
