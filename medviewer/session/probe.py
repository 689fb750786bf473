"""What lies under the cursor: the pixel's own value, never an enhanced one, and its place."""

from __future__ import annotations

import numpy as np

from medviewer.core.geometry import Plane
from medviewer.core.volume import Frame, is_padding
from medviewer.imaging.measure import enhanced_text, position_words, with_minus
from medviewer.imaging.region import OF_ONE, Made
from medviewer.kit.frozen import frozen

NO_PICTURE = "no picture here"


@frozen
class Probe:
    """One pixel in words."""

    row: int
    column: int
    value_text: str
    """the modality value with its unit, or red, green and blue"""
    position_text: str
    """"L 12.1  P 43.0  H 212.5 mm", "" where nothing is known of the patient"""
    enhanced_text: str = ""
    """what the enhanced picture has there, said to be that"""
    fused_text: str = ""
    """the value of the series that is laid over the picture"""
    other_text: str = ""
    """what the picture that this one is compared with has there, with its name"""
    difference_text: str = ""
    """what is seen where the difference of both is shown"""

    def words(self) -> str:
        """All of it in one line; column first, as readers of pictures count."""
        values = (
            self.value_text,
            self.enhanced_text,
            self.fused_text,
            self.other_text,
            self.difference_text,
        )
        parts = (f"({self.column}, {self.row})", *values, self.position_text)
        return "   ".join(part for part in parts if part)


def probe(
    frame: Frame, row: float, column: float, made: Made | None = None, plane: Plane | None = None
) -> Probe | None:
    """The pixel that covers an image position, or None beside the picture.

    Its value is that of the file; what it is in *made* is said beside it. *plane* is that of the frame with
    what its reader has calibrated by hand.
    """
    if not frame.plane.holds(row, column):
        return None
    at = (round(row), round(column))
    at = (min(max(at[0], 0), frame.plane.shape[0] - 1), min(max(at[1], 0), frame.plane.shape[1] - 1))
    position, value = frame.plane.to_patient(row, column), _value(frame, at)
    return Probe(
        row=at[0],
        column=at[1],
        value_text=value,
        position_text=position_words(position)
        if frame.plane.placed
        else detector_words(plane or frame.plane, row, column),
        enhanced_text="" if value.startswith(NO_PICTURE) else _enhanced(frame, made, at),
    )


def other_words(name: str, frame: Frame, at: tuple[int, int], made: Made | None, is_same: bool) -> str:
    """What a second picture of the same grid has at a pixel, with its *name*; its value is that of its file.

    Where it is of the same frame, *is_same*, only what an enhancement has made of it is another one.
    """
    value = _value(frame, at)
    enhanced = "" if value.startswith(NO_PICTURE) else _enhanced(frame, made, at)
    words = "  ".join(part for part in ("" if is_same else value, enhanced) if part)
    return f"{name}: {words}" if words else ""


def difference_words(value: float, unit: str) -> str:
    """A difference with its sign; shares of the display range have no unit."""
    words = f"{value:+.3f} {unit}" if unit == OF_ONE else f"{value:+.4g} {unit}".strip()
    return "difference " + with_minus(words)


def value_words(value: float, unit: str) -> str:
    """A modality value: whole where the numbers are whole, with four digits otherwise."""
    number = f"{value:.0f}" if float(value).is_integer() and abs(value) < 1e7 else f"{value:.4g}"
    return f"{number} {unit}".strip().replace("-", "\u2212")


def _value(frame: Frame, at: tuple[int, int]) -> str:
    stored = frame.pixels[at]
    if frame.is_color:
        red, green, blue = (int(part) for part in stored)
        return f"R {red}  G {green}  B {blue}"
    if frame.padding is not None and is_padding(stored, frame.padding):
        return f"{NO_PICTURE} (padding)"
    value = float(frame.rescale.apply(np.asarray([stored]))[0])
    if not np.isfinite(value):
        return NO_PICTURE
    words = value_words(value, frame.rescale.unit)
    return f"{words} ({frame.derived})" if frame.derived else words


def _enhanced(frame: Frame, made: Made | None, at: tuple[int, int]) -> str:
    if made is None:
        return ""
    if made.enhanced.values.ndim == 3:
        red, green, blue = (f"{float(part):.3f}" for part in made.enhanced.values[at])
        return f"enhanced R {red}  G {green}  B {blue} {OF_ONE}"
    unit = OF_ONE if made.enhanced.displayed else frame.rescale.unit
    return with_minus(enhanced_text(float(made.enhanced.values[at]), unit, made.by))


def detector_words(plane: Plane, row: float, column: float) -> str:
    """Millimetres on the picture, where that is all that is known."""
    spacing, calibration = plane.ruler
    if calibration.unit != "mm":
        return ""
    x, y = column * spacing[1], row * spacing[0]
    return f"{x:.1f}, {y:.1f} mm {calibration.remark}".strip()
