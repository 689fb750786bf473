"""Shutters: what of a picture is to be covered, and with which grey (PS3.3 C.7.6.11, C.7.6.15)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from medviewer.core.beside_pixels import OverlayPlane, Shutter
from medviewer.core.volume import read_only
from medviewer.dicom.attributes import Values

NOT_APPLIED = "Shutter in the file not applied"
MOST_VERTICES = 4096

Mask = NDArray[np.bool_]
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
    covered = np.zeros(shape, np.uint8)
    remarks: tuple[str, ...] = ()
    for kind in shapes:
        part = _bitmap(values, overlays) if kind == "BITMAP" else _outside(values, kind, shape, aspect)
        if part is None:
            remarks = (NOT_APPLIED,)
        else:
            covered |= part
    if not covered.any():
        return None, remarks
    return Shutter(read_only(covered), _grey(values)), remarks


def bitmap_group(values: Values) -> int:
    """The overlay group that is a shutter and no drawing, 0 when there is none."""
    if "BITMAP" not in values.texts("ShutterShape"):
        return 0
    return int.from_bytes(values.raw("ShutterOverlayGroup")[:2], "little")


def _bitmap(values: Values, overlays: tuple[OverlayPlane, ...]) -> NDArray[np.uint8] | None:
    group = bitmap_group(values)
    return next((plane.bits for plane in overlays if plane.group == group), None)


_NUMBERS = {
    "RECTANGULAR": (
        "ShutterUpperHorizontalEdge",
        "ShutterLowerHorizontalEdge",
        "ShutterLeftVerticalEdge",
        "ShutterRightVerticalEdge",
    ),
    "CIRCULAR": ("CenterOfCircularShutter", "RadiusOfCircularShutter"),
    "POLYGONAL": ("VerticesOfThePolygonalShutter",),
}


def _outside(values: Values, kind: str, shape: _Shape, aspect: float) -> NDArray[np.uint8] | None:
    """255 outside of a shape, None when the file does not say where it is."""
    numbers = tuple(number for keyword in _NUMBERS.get(kind, ()) for number in values.numbers(keyword))
    fits = {"RECTANGULAR": len(numbers) == 4, "CIRCULAR": len(numbers) == 3}
    is_polygon = 6 <= len(numbers) <= 2 * MOST_VERTICES and len(numbers) % 2 == 0
    if not fits.get(kind, kind == "POLYGONAL" and is_polygon):
        return None
    return covered_outside(kind, numbers, shape, aspect)


@lru_cache(maxsize=8)
def covered_outside(kind: str, numbers: tuple[float, ...], shape: _Shape, aspect: float) -> NDArray[np.uint8]:
    """255 outside of a shape whose *numbers* are those of the file, 0 on its edge and inside; read-only.

    RECTANGULAR: upper, lower, left, right edge; CIRCULAR: row, column, radius; POLYGONAL: row, column, ...;
    rows and columns count from 1. The pictures of a run share one mask.
    """
    rows = np.arange(1, shape[0] + 1, dtype=np.float64)[:, None]
    columns = np.arange(1, shape[1] + 1, dtype=np.float64)
    if kind == "RECTANGULAR":
        upper, lower, left, right = numbers
        seen = (rows >= upper) & (rows <= lower) & (columns >= left) & (columns <= right)
    elif kind == "CIRCULAR":
        row, column, radius = numbers
        seen = ((rows - row) * aspect) ** 2 + (columns - column) ** 2 <= radius**2
    else:
        seen = inside_polygon(numbers, shape)
    return read_only(np.where(seen, 0, 255).astype(np.uint8))


def inside_polygon(numbers: tuple[float, ...], shape: _Shape) -> Mask:
    """Where a pixel's centre is inside a polygon (row, column, row, column, ...; from 1) or on its edge."""
    points = np.reshape(numbers, (-1, 2)) - 1.0
    odd = np.zeros((shape[0], shape[1] + 1), np.bool_)
    edge = np.zeros(shape, np.bool_)
    for (row, column), (next_row, next_column) in zip(points, np.roll(points, -1, axis=0), strict=True):
        low, high = sorted((row, next_row))
        lines = np.arange(max(0, int(np.ceil(low))), min(shape[0] - 1, int(np.floor(high))) + 1)
        if row == next_row:
            ends = sorted((column, next_column))
            edge[lines, max(0, int(np.ceil(ends[0]))) : max(0, int(np.floor(ends[1])) + 1)] = True
            continue
        at = column + (lines - row) * ((next_column - column) / (next_row - row))
        whole = np.rint(at)
        on = (np.abs(at - whole) < 1e-9) & (whole >= 0) & (whole < shape[1])
        edge[lines[on], whole[on].astype(np.intp)] = True
        # half open, so that a corner between two edges counts once
        cut = lines < high
        first = np.clip(np.ceil(at[cut]), 0, shape[1]).astype(np.intp)
        odd[lines[cut], first] ^= True
    return np.logical_xor.accumulate(odd[:, :-1], axis=1) | edge


def _grey(values: Values) -> float:
    """Shutter Presentation Value as 0 to 1, else the lightness of the colour that is given, else black."""
    value = values.raw("ShutterPresentationValue")
    color = values.raw("ShutterPresentationColorCIELabValue")
    raw = value if len(value) >= 2 else color
    # both go from 0 to FFFF: P-Values and L*, which both are even steps for the eye
    return int.from_bytes(raw[:2], "little") / 65535
