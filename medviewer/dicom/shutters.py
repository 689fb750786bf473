"""Shutters: what of a picture is to be covered, and with which grey (PS3.3 C.7.6.11, C.7.6.15)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medviewer.core.beside_pixels import OverlayPlane, Shutter
from medviewer.core.shutter import MOST_VERTICES, covered_outside
from medviewer.core.volume import read_only
from medviewer.dicom.attributes import Values

NOT_APPLIED = "Shutter in the file not applied"

_Shape = tuple[int, int]


def shutter_of(
    values: Values, shape: _Shape, aspect: float = 1.0, overlays: tuple[OverlayPlane, ...] = ()
) -> tuple[Shutter | None, tuple[str, ...]]:
    """What *values* cover of a picture of *shape*, and remarks.

    *aspect* is the height of a pixel over its width: the radius of a circle counts pixels along a row. What
    is covered by one of several shapes is covered. *overlays* are looked through for a bitmap.
    """
    shapes = values.texts("ShutterShape")
    if not any(shapes):
        return None, ()
    covered: NDArray[np.uint8] | None = None
    remarks: tuple[str, ...] = ()
    for kind in shapes:
        part = _bitmap(values, overlays) if kind == "BITMAP" else _outside(values, kind, shape, aspect)
        if part is None:
            remarks = (NOT_APPLIED,)
        else:
            # a single shape is kept once for all pictures of a run
            covered = part if covered is None else read_only(covered | part)
    if covered is None or not covered.any():
        return None, remarks
    return Shutter(covered, _grey(values)), remarks


def bitmap_group(values: Values) -> int:
    """The overlay group that is a shutter and no drawing, 0 when there is none."""
    if "BITMAP" not in values.texts("ShutterShape"):
        return 0
    return int.from_bytes(values.raw("ShutterOverlayGroup")[:2], "little")


def _bitmap(values: Values, overlays: tuple[OverlayPlane, ...]) -> NDArray[np.uint8] | None:
    group = bitmap_group(values)
    return next((plane.bits for plane in overlays if plane.group == group), None)


OUTLINES = {
    "RECTANGULAR": (
        "ShutterUpperHorizontalEdge",
        "ShutterLowerHorizontalEdge",
        "ShutterLeftVerticalEdge",
        "ShutterRightVerticalEdge",
    ),
    "CIRCULAR": ("CenterOfCircularShutter", "RadiusOfCircularShutter"),
    "POLYGONAL": ("VerticesOfThePolygonalShutter",),
}
"""Which elements say where an opening is, in the order in which core.shutter takes their numbers."""


def fits(kind: str, numbers: tuple[float, ...]) -> bool:
    """Whether *numbers* are as many as an opening of this *kind* has."""
    if kind == "POLYGONAL":
        return 6 <= len(numbers) <= 2 * MOST_VERTICES and len(numbers) % 2 == 0
    return len(numbers) == {"RECTANGULAR": 4, "CIRCULAR": 3}.get(kind, -1)


def _outside(values: Values, kind: str, shape: _Shape, aspect: float) -> NDArray[np.uint8] | None:
    """255 outside of a shape, None when the file does not say where it is."""
    numbers = tuple(number for keyword in OUTLINES.get(kind, ()) for number in values.numbers(keyword))
    return covered_outside(kind, numbers, shape, aspect) if fits(kind, numbers) else None


def _grey(values: Values) -> float:
    """Shutter Presentation Value as 0 to 1, else the lightness of the colour that is given, else black."""
    value = values.raw("ShutterPresentationValue")
    color = values.raw("ShutterPresentationColorCIELabValue")
    raw = value if len(value) >= 2 else color
    # both go from 0 to FFFF: P-Values and L*, which both are even steps for the eye
    return int.from_bytes(raw[:2], "little") / 65535
