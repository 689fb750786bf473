"""Directions and positions as files write them, for slices whose places have to be worked out."""

from __future__ import annotations

import math

from medviewer.core.geometry import Point, Vector
from medviewer.dicom.header import numbers

UNIT_TOLERANCE = 0.01
"""How far the length of a direction may be off 1, and two directions off a right angle."""


def unit_vectors(text: str) -> tuple[Vector, Vector] | None:
    """The directions along a row and along a column, each of length 1; None when they are not ones."""
    found = numbers(text)
    if len(found) != 6:
        return None
    row, column = (found[0], found[1], found[2]), (found[3], found[4], found[5])
    lengths = math.hypot(*row), math.hypot(*column)
    if any(abs(length - 1) > UNIT_TOLERANCE for length in lengths):
        return None
    if abs(sum(a * b for a, b in zip(row, column, strict=True))) > UNIT_TOLERANCE:
        return None
    return _scaled(row, lengths[0]), _scaled(column, lengths[1])


def _scaled(vector: Vector, length: float) -> Vector:
    if length == 1.0:
        return vector
    return (vector[0] / length, vector[1] / length, vector[2] / length)


def across(row: Vector, column: Vector) -> Vector:
    """The direction in which slices lie behind one another (cross product)."""
    return (
        row[1] * column[2] - row[2] * column[1],
        row[2] * column[0] - row[0] * column[2],
        row[0] * column[1] - row[1] * column[0],
    )


def moved(start: Point, direction: Vector, by: float) -> Point:
    """*start*, *by* millimetres further in *direction*."""
    return (start[0] + by * direction[0], start[1] + by * direction[1], start[2] + by * direction[2])


def position_text(position: Point) -> str:
    """A position as Image Position (Patient) would have it."""
    return "\\".join(f"{value:.9g}" for value in position)
