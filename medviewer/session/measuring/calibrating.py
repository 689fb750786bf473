"""A scale set by hand: kept beside the file's own, used where that says nothing of the patient."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.geometry import Calibration, Plane
from medviewer.core.study import Series
from medviewer.kit.errors import BadValue

if TYPE_CHECKING:
    from medviewer.session.session import Session

Where = Literal["picture", "series"]
SHORTEST_PX = 5.0
"""A line that is shorter says too little about the size of a pixel."""
LARGEST_MM = 100.0
"""No pixel of a medical picture is wider."""
SMALLEST_MM = 1e-5


def why_not(plane: Plane | None) -> str:
    """Why a picture cannot be calibrated by hand, "" where it can."""
    if plane is None:
        return "Open a study first."
    if plane.calibration is Calibration.PATIENT:
        return "The file of this picture says how large its pixels are in the patient."
    return ""


def with_scale(plane: Plane, scales: tuple[tuple[str, float], ...], instance: str) -> Plane:
    """*plane* with what the reader has said of its picture."""
    scale = next((scale for uid, scale in scales if uid == instance), None)
    return plane if scale is None else replace(plane, manual=scale)


def has_own_scale(line: Annotation, plane: Plane) -> bool:
    """Whether a line touches a region of an ultrasound picture, which has axes of its own."""
    spots = [plane.to_image(point) for point in line.points]
    return any(region.holds(*spot) for region in plane.regions for spot in spots)


def width_by(line: Annotation, plane: Plane, length_mm: float) -> float:
    """Millimetres of a pixel's width where a drawn line is so long in reality. Raises BadValue."""
    if line.shape is not Shape.LENGTH:
        raise BadValue(
            "Only a length can calibrate a picture.", "Draw a length over something of known size."
        )
    if has_own_scale(line, plane):
        raise BadValue(
            "This region of the picture has a scale of its own.",
            "Only what lies beside such regions can be calibrated by hand.",
        )
    spots = [plane.to_image(point) for point in line.points]
    pixels = math.hypot((spots[1][0] - spots[0][0]) * plane.aspect, spots[1][1] - spots[0][1])
    if pixels < SHORTEST_PX:
        raise BadValue("This line is too short to calibrate by.", "Draw it over something longer.")
    width = length_mm / pixels
    if not SMALLEST_MM <= width <= LARGEST_MM:
        raise BadValue(
            f"Pixels would be {width:g} mm wide.", "Say how long the line really is, in millimetres."
        )
    return width


def calibrated(session: Session, series: Series, index: int, width: float, where: Where) -> tuple[str, ...]:
    """Note the scale for one file or for all like it in the series; the answer is which. One undo."""
    own = series.frames[index].plane
    like = [
        uid
        for uid, plane in _planes(series).items()
        if plane.shape == own.shape and plane.calibration is own.calibration and _alike(plane, own)
    ]
    chosen = like if where == "series" else [uid_of(series, index)]
    before = dict(session.state.document.reading(series.key).scales)
    _keep(session, series, {**before, **dict.fromkeys(chosen, width)}, "Calibrate by hand")
    return tuple(chosen)


def removed(session: Session, series: Series, index: int, where: Where) -> None:
    """Forget what was said of one file or of the whole series."""
    kept = dict(session.state.document.reading(series.key).scales)
    if where == "series":
        kept.clear()
    else:
        kept.pop(uid_of(series, index), None)
    _keep(session, series, kept, "Remove calibration by hand")


def uid_of(series: Series, index: int) -> str:
    """The SOP Instance UID of a picture."""
    return series.instances[series.frames[index].instance].sop_instance


def _planes(series: Series) -> Mapping[str, Plane]:
    return {uid_of(series, at): one.plane for at, one in enumerate(series.frames)}


def _alike(one: Plane, other: Plane) -> bool:
    return all(
        math.isclose(mine, its, rel_tol=1e-6) for mine, its in zip(one.spacing, other.spacing, strict=True)
    )


def _keep(session: Session, series: Series, scales: Mapping[str, float], label: str) -> None:
    reading = session.state.document.reading(series.key)
    changed = replace(reading, scales=tuple(scales.items()))
    session.edit(label, lambda document: document.with_reading(changed))
