"""Positions and directions in the patient: the arithmetic of three numbers that every floor needs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import SupportsFloat

Point = tuple[float, float, float]
"""millimetres in the patient system, see `core.geometry`"""
Vector = tuple[float, float, float]


def point(values: Iterable[SupportsFloat]) -> Point:
    """Three numbers of any kind, those of an array for example."""
    x, y, z = values
    return (float(x), float(y), float(z))


def dot(one: Vector, other: Vector) -> float:
    """How far *one* goes along *other*, if that is a unit vector: the cosine of their angle, if both are."""
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]


def cross(one: Vector, other: Vector) -> Vector:
    """The direction at right angles to both, right-handed: across a row and a column, for example."""
    (a, b, c), (x, y, z) = one, other
    return (b * z - c * y, c * x - a * z, a * y - b * x)


def way(start: Point, end: Point) -> Vector:
    """What leads from *start* to *end*."""
    return (end[0] - start[0], end[1] - start[1], end[2] - start[2])


def moved(start: Point, direction: Vector, by: float) -> Point:
    """*start*, *by* times *direction* further: millimetres, if that is a unit vector."""
    return (start[0] + by * direction[0], start[1] + by * direction[1], start[2] + by * direction[2])


def unit(vector: Vector) -> Vector:
    """The same direction with length 1; *vector* must have a length."""
    length = math.hypot(*vector)
    return (vector[0] / length, vector[1] / length, vector[2] / length)


def rotated(vector: Vector, axis: Vector, degrees: float) -> Vector:
    """*vector* turned right-handed around *axis*, a unit vector (Rodrigues' formula)."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    (a, b, c), (u, v, w) = axis, cross(axis, vector)
    along = dot(axis, vector) * (1 - cosine)
    x, y, z = vector
    return (
        x * cosine + u * sine + a * along,
        y * cosine + v * sine + b * along,
        z * cosine + w * sine + c * along,
    )


def squared(one: Vector, other: Vector) -> tuple[Vector, Vector]:
    """Both of length 1 and at right angles, *one* in its direction: many small turns round a little each."""
    one = unit(one)
    return one, unit(moved(other, one, -dot(one, other)))
