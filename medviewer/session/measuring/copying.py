"""Annotations on other pictures: at the same place of the patient, or else of the picture."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from medviewer.core.annotation import Annotation
from medviewer.core.geometry import Plane
from medviewer.core.vectors import dot, moved
from medviewer.imaging.positions import Position
from medviewer.session.state import Copied

BESIDE_PX = 10.0
"""So far (in widths of a pixel) a copy lies beside what it was made of on the same picture."""
PARALLEL = 0.999
"""Cosine between planes that look the same way."""


def copied(annotation: Annotation, plane: Plane) -> Copied:
    """An annotation for the clipboard, as it lies on *plane*."""
    return Copied(annotation, tuple(plane.to_image(point) for point in annotation.points), plane.normal)


def laid_on(plane: Plane, what: Copied) -> Annotation:
    """A new annotation like the one copied, on another picture or beside itself on its own."""
    one = what.annotation
    is_same_place = one.frame_of_reference == plane.frame_of_reference
    is_parallel = abs(dot(what.normal, plane.normal)) > PARALLEL
    if is_same_place and is_parallel:
        points = tuple(moved(point, plane.normal, -plane.distance(point)) for point in one.points)
        spots = [plane.to_image(point) for point in points]
    else:
        spots = list(what.spots)
    if is_same_place and is_parallel and all(abs(plane.distance(point)) < 1e-3 for point in one.points):
        spots = [(row + BESIDE_PX / plane.aspect, column + BESIDE_PX) for row, column in spots]
    spots = _kept_on(plane, spots)
    return replace(
        one,
        points=tuple(plane.to_patient(*spot) for spot in spots),
        frame_of_reference=plane.frame_of_reference,
        tracking="",
        source="",
        number=0,
        id=os.urandom(16).hex(),
    )


def _kept_on(plane: Plane, spots: Sequence[Position]) -> list[Position]:
    """The same in the middle of a picture that is too small to have it at its place."""
    if all(plane.holds(*spot) for spot in spots):
        return list(spots)
    rows, columns = zip(*spots, strict=True)
    middle = (max(rows) + min(rows)) / 2, (max(columns) + min(columns)) / 2
    if plane.holds(*middle):
        return list(spots)
    down, right = (plane.shape[0] - 1) / 2 - middle[0], (plane.shape[1] - 1) / 2 - middle[1]
    return [(row + down, column + right) for row, column in spots]
