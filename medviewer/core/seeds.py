"""Places of which a reader says whether they belong to what a segmentation method looks for."""

from __future__ import annotations

from medviewer.core.vectors import Point
from medviewer.kit.frozen import frozen


@frozen
class SeedPoint:
    """One place in the patient."""

    position: Point
    """patient millimetres"""
    frame_of_reference: str
    """as a Plane has it"""
    inside: bool = True
