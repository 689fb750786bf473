"""Two finished pictures as one: wiped, flickering, through a lens, blended; and their signed difference."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.core.against import SignedScale, Way
from medviewer.core.beside_pixels import OVERLAY_GROUPS
from medviewer.core.pipeline import Pipeline
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, read_only
from medviewer.imaging.colormaps import DIVERGING
from medviewer.imaging.enhance.apply import Enhanced, enhanced_key, is_identity
from medviewer.imaging.grayscale import effective_voi, normalised, outside
from medviewer.imaging.reduce import Reduced
from medviewer.imaging.render import Picture, render
from medviewer.imaging.request import Comparison, RenderRequest
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen

SHARE = "share of display range"
"""The unit of a difference between greys, whose black and white are 1 apart."""
LUMINANCE = "share of luminance"
"""The same where either picture is in colours: a change of hue alone is none."""
VALUES = "values of the file"
"""The unit of a difference within a series whose values have none."""
USUAL_PERCENT = 99.5
"""So many of the differences fit into a scale that the picture decides."""
MOST_SAMPLES = 1 << 20
ROUNDING = 2e-6
"""Differences below this share of the largest value come from the arithmetic of float32."""


@frozen(eq=False)
class Side:
    """One of two renderings, as far as it has to be known to subtract it."""

    frame: Frame
    request: RenderRequest
    enhanced: Enhanced | None = None
    """what `enhance` made of both, None without steps"""

    @property
    def is_measured(self) -> bool:
        """Whether its values are still those of the modality, and one for each pixel."""
        if self.frame.is_color or self.frame.supplement is not None:
            return False
        return self.enhanced is None or not self.enhanced.displayed

    @property
    def key(self) -> Hashable:
        """What its greys depend on."""
        made = enhanced_key(self.frame, self.request.voi, self.request.pipeline)
        return (self.frame, made, self.request.voi)

    @property
    def measured_key(self) -> Hashable:
        """What its modality values depend on: no window."""
        return (self.frame, self.request.pipeline.digest)


@frozen(eq=False)
class Difference:
    """What one picture has more than another, pixel by pixel of the file."""

    enhanced: Enhanced
    """signed values (row, column) at full resolution, valid where both pictures are"""
    unit: str
    usual: float
    """a span in which nearly all of them lie, a round number; above 0"""

    @property
    def bytes(self) -> int:
        """The memory it takes when kept."""
        return self.enhanced.bytes

    def scale(self, wanted: float = 0.0) -> SignedScale:
        """The scale with the span *wanted*, or its usual one for 0."""
        return SignedScale(wanted if wanted > 0 else self.usual, self.unit, self.usual)


def is_of_greys(scale: SignedScale) -> bool:
    """Whether a difference is one of what is seen, through a window, and not of modality values."""
    return scale.unit in (SHARE, LUMINANCE)


def composed(own: Picture, other: Picture, how: Comparison) -> Picture:
    """Both pictures as one: *own*, and *other* as *how* says, pixel for pixel. Not for a difference.

    Raises BadValue when they differ in size.
    """
    if own.size != other.size:
        raise BadValue("Two pictures of different sizes cannot be compared.", "Choose one of equal size.")
    match how.way:
        case Way.FLICKER:
            return other if how.shows_other else own
        case Way.WIPE:
            return _wiped(own, other, how)
        case Way.LENS:
            return _through_lens(own, other, how)
        case _:
            one, two = _alike(own, other)
            mixed = cv2.addWeighted(one, 1 - how.opacity, two, how.opacity, 0)
            return Picture(read_only(np.asarray(mixed, np.uint8)))


def can_be_measured(own: Side, other: Side) -> bool:
    """Whether values can be subtracted: both are those of a modality and of one unit.

    Values without a unit mean the same within one series only.
    """
    if not (own.is_measured and other.is_measured):
        return False
    units = {own.frame.rescale.unit, other.frame.rescale.unit}
    return len(units) == 1 and (units != {""} or own.request.series == other.request.series)


def difference_key(own: Side, other: Side) -> Hashable:
    """What `difference` depends on."""
    if can_be_measured(own, other):
        return (own.measured_key, other.measured_key)
    return (own.key, other.key)


def difference(own: Side, other: Side) -> Difference:
    """*own* minus *other*, at full resolution: in the modality's unit where that means something, else greys.

    It is taken before anything is reduced, from the pixels that both have. Averages are linear, so what is
    seen of it in a smaller picture is still the difference of what is seen of both, and an edge of padding
    that only one of them has makes no ring. Greys are those that are seen, 0 to 1; of colours the luminance.
    Raises BadValue when the shapes differ.
    """
    measured = can_be_measured(own, other)
    values = [measured_values(one) if measured else seen(one) for one in (own, other)]
    if values[0].shape != values[1].shape:
        raise BadValue("Two pictures of different sizes cannot be compared.", "Choose one of equal size.")
    found = np.asarray(cv2.subtract(values[0], values[1], dtype=cv2.CV_32F), np.float32)
    valid = valid_in_both(own, other)
    if valid is not None:
        found[~valid] = 0
    unit = (own.frame.rescale.unit or VALUES) if measured else _share_of(own, other)
    largest = max(float(np.abs(one).max(initial=0)) for one in values)
    usual = _usual(found, valid, ROUNDING * largest)
    return Difference(Enhanced(read_only(found), valid, displayed=False), unit, usual)


def difference_request(request: RenderRequest, frame: Frame, scale: SignedScale) -> RenderRequest:
    """How `render` is asked to show a difference: a window around 0 in diverging colours, nothing over it."""
    voi = VOI.from_range(-scale.span, scale.span).with_inversion(frame.inverted)
    return replace(
        request,
        voi=voi,
        pipeline=Pipeline(),
        labels=(),
        fusion=None,
        colors=DIVERGING,
        hidden_overlays=(*request.hidden_overlays, *OVERLAY_GROUPS),
        against=None,
    )


def difference_picture(
    frame: Frame, request: RenderRequest, found: Difference, reduced: Reduced | None = None
) -> Picture:
    """The picture of a difference; *reduced* is what `reduce` gave for the same request and difference."""
    scale = found.scale(0.0 if request.against is None else request.against.span)
    plain = frame if frame.supplement is None else replace(frame, supplement=None)
    shown = render(plain, (), difference_request(request, frame, scale), found.enhanced, reduced)
    return Picture(shown.pixels, scale)


def _wiped(own: Picture, other: Picture, how: Comparison) -> Picture:
    one, two = _alike(own, other)
    first = (slice(None), slice(how.edge)) if how.vertical else (slice(how.edge), slice(None))
    pixels = one.copy()
    pixels[first] = two[first]
    return Picture(read_only(pixels))


def _through_lens(own: Picture, other: Picture, how: Comparison) -> Picture:
    one, two = _alike(own, other)
    pixels = one.copy()
    (row, column), radius = how.center, how.radius
    box = (
        slice(max(row - radius, 0), max(row + radius + 1, 0)),
        slice(max(column - radius, 0), max(column + radius + 1, 0)),
    )
    part = pixels[box]
    if part.size:
        rows = np.arange(box[0].start, box[0].start + part.shape[0]) - row
        columns = np.arange(box[1].start, box[1].start + part.shape[1]) - column
        inside = rows[:, None] ** 2 + columns[None] ** 2 <= radius**2
        part[inside] = two[box][inside]
    return Picture(read_only(pixels))


def _alike(own: Picture, other: Picture) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The pixels of both, in colour when either is."""
    if own.pixels.ndim == other.pixels.ndim:
        return own.pixels, other.pixels
    return own.rgb(), other.rgb()


def _share_of(own: Side, other: Side) -> str:
    return LUMINANCE if own.frame.is_color or other.frame.is_color else SHARE


def measured_values(side: Side) -> NDArray[np.float32]:
    """The modality values of a side, at full resolution; only of one that `is_measured`."""
    if side.enhanced is not None:
        return side.enhanced.values
    return np.nan_to_num(side.frame.values(), nan=0.0, posinf=0.0, neginf=0.0)


def seen(side: Side) -> NDArray[np.float32]:
    """The greys of a side as they are seen, 0 to 1, at full resolution."""
    frame, made = side.frame, side.enhanced
    voi = effective_voi(frame, side.request.voi)
    if made is not None and made.displayed:
        values: NDArray[Any] = made.values
        greys = cv2.cvtColor(values, cv2.COLOR_RGB2GRAY) if values.ndim == 3 else values
        return np.asarray(1 - greys if voi.inverted else greys, np.float32)
    if frame.is_color:
        greys = cv2.cvtColor(frame.pixels / np.float32(255), cv2.COLOR_RGB2GRAY)
        if not is_identity(voi):
            luminance = cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
            greys = np.clip(greys + normalised(luminance, voi) - luminance / np.float32(255), 0, 1)
        return np.asarray(1 - greys if voi.inverted else greys, np.float32)
    greys = normalised(measured_values(side), voi)
    return np.asarray(1 - greys if frame.inverted != voi.inverted else greys, np.float32)


def valid_in_both(own: Side, other: Side) -> NDArray[np.bool_] | None:
    """Where both sides have a picture; None: everywhere."""
    valid: NDArray[np.bool_] | None = None
    for one in (own, other):
        nowhere = None if one.frame.is_color else outside(one.frame)
        if nowhere is not None:
            valid = ~nowhere if valid is None else valid & ~nowhere
    return None if valid is None or valid.all() else read_only(valid)


def _usual(found: NDArray[Any], valid: NDArray[np.bool_] | None, rounding: float) -> float:
    """The span that nearly all values of *found* keep to, rounded up to 1, 2 or 5 and its tens.

    Where all of them are no more than *rounding*, there is no difference: 1.
    """
    sizes = np.abs(found if valid is None else found[valid]).ravel()
    highest = float(sizes.max(initial=0))
    if highest <= rounding:
        return 1.0
    sizes = sizes[:: max(1, sizes.size // MOST_SAMPLES)]
    # little may differ: then all of that counts
    reached = float(np.percentile(sizes, USUAL_PERCENT))
    reached = highest if reached <= rounding else reached
    tens = 10.0 ** math.floor(math.log10(reached))
    return float(next(tens * step for step in (1, 2, 5, 10) if reached <= tens * step * (1 + 1e-6)))
