"""The one way to pixels: the same function draws the screen, the screenshot, the report and the test picture.

Crop to the region, reduce stored values to the size of the output, window, enlarge, colour, lay another
series, the shutter, labels, the file's overlays and marks over it in this order, flip, rotate. Because the
window comes after the reduction, no window drag costs more than the screen is large.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import medviewer.imaging.one_thread  # noqa: F401  before anything is computed with OpenCV
from medviewer.core.against import SignedScale
from medviewer.core.beside_pixels import SHUTTER
from medviewer.core.fusion import Fusion
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, read_only
from medviewer.imaging.colormaps import LEVELS, color_map, colored
from medviewer.imaging.compose import blend, choose, cover, lay_labels, lay_marks, lay_overlays
from medviewer.imaging.enhance.apply import Enhanced, enhance, enhanced_key, is_identity
from medviewer.imaging.grayscale import effective_voi, greys8, has_table, lut8, normalised, through_table
from medviewer.imaging.reduce import Reduced, reduce
from medviewer.imaging.request import RenderRequest
from medviewer.imaging.resample import resize_mask, shape_of
from medviewer.imaging.viewing import Region
from medviewer.kit.frozen import frozen

__all__ = [
    "Enhanced",
    "Picture",
    "Reduced",
    "Region",
    "RenderRequest",
    "enhance",
    "enhanced_key",
    "reduce",
    "render",
]

ALL_ROWS = slice(None)
PIXELS_FROM = 16.0
"""From this enlargement on the picture's pixels are shown as squares; below it they are interpolated."""


@frozen(eq=False)
class Picture:
    """Finished pixels."""

    pixels: NDArray[np.uint8]
    """(row, column) grey or (row, column, 3) RGB; contiguous and read-only"""
    scale: SignedScale | None = None
    """what the colours mean where they are those of a difference"""

    @property
    def size(self) -> tuple[int, int]:
        """(rows, columns)."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def bytes(self) -> int:
        """The memory it takes."""
        return self.pixels.nbytes

    def bgra(self, rows: slice = ALL_ROWS, into: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
        """(row, column, 4) blue, green, red, opaque: what screens take without conversion.

        It is written *into* an array of this shape where there is one.
        """
        grey = self.pixels.ndim == 2
        way = cv2.COLOR_GRAY2BGRA if grey else cv2.COLOR_RGB2BGRA
        return np.asarray(cv2.cvtColor(self.pixels[rows], way, into), np.uint8)

    def rgb(self) -> NDArray[np.uint8]:
        """(row, column, 3); a new array that may be drawn on."""
        if self.pixels.ndim == 3:
            return self.pixels.copy()
        return np.asarray(cv2.cvtColor(self.pixels, cv2.COLOR_GRAY2RGB), np.uint8)


def render(
    frame: Frame,
    labels: Sequence[NDArray[np.uint8] | None],
    request: RenderRequest,
    enhanced: Enhanced | None = None,
    reduced: Reduced | None = None,
    fused: Frame | None = None,
) -> Picture:
    """The picture that *request* asks for.

    *labels* are the slices for this frame of the label maps that *request.labels* names. *enhanced* is what
    `enhance` made of the frame, voi and pipeline of the request; it is made here when missing. *reduced* is
    what `reduce` gave for the same `RenderRequest.reduction` and *enhanced*. *fused* is the series of
    *request.fusion* on the grid of the frame. What the request is *against* is a picture of its own, see
    `imaging.against`.
    """
    voi = effective_voi(frame, request.voi)
    if enhanced is None and request.pipeline.active:
        enhanced = enhance(frame, voi, request.pipeline)
    reduced = reduced or reduce(frame, request, enhanced)
    return Picture(read_only(_finished(frame, labels, request, voi, enhanced, reduced, fused)))


def _finished(
    frame: Frame,
    labels: Sequence[NDArray[np.uint8] | None],
    request: RenderRequest,
    voi: VOI,
    enhanced: Enhanced | None,
    reduced: Reduced,
    fused: Frame | None,
) -> NDArray[np.uint8]:
    """8 bits of *reduced*, enlarged, with all that lies over them."""
    greys = _shown(frame, voi, enhanced, reduced)
    part = request.part(shape_of(frame.pixels))
    size = request.upright_size or (part[0].stop - part[0].start, part[1].stop - part[1].start)
    picture = _enlarged(greys, size)
    if request.colors and picture.ndim == 2:
        picture = _colored(picture, request.colors, reduced)
    if reduced.colors is not None:
        picture = _with_own_colors(picture, reduced.colors)
    if fused is not None and request.fusion is not None:
        picture = _fused(picture, fused, request, request.fusion)
    if frame.shutter is not None and SHUTTER not in request.hidden_overlays:
        picture = cover(picture, frame.shutter, part)
    for values, look in zip(labels, request.labels, strict=False):
        if values is not None and look.styles:
            picture = lay_labels(picture, resize_mask(values[part], size), look)
    overlays = tuple(one for one in frame.overlays if one.group not in request.hidden_overlays)
    if overlays:
        picture = lay_overlays(picture, overlays, part, request.overlay_color)
    if enhanced is not None and enhanced.marks:
        picture = lay_marks(picture, enhanced.marks, part)
    return _turned(picture, request.rotation, request.flipped)


def _shown(frame: Frame, voi: VOI, enhanced: Enhanced | None, reduced: Reduced) -> NDArray[Any]:
    """8 bits of the reduced values, padding black."""
    greys: NDArray[Any]
    if enhanced is not None and enhanced.displayed:
        greys = greys8(reduced.values, voi.inverted)
    elif enhanced is not None:
        greys = greys8(normalised(reduced.values, voi), frame.inverted != voi.inverted)
    elif frame.is_color:
        greys = _colors(reduced.values, voi)
    elif has_table(frame.pixels):
        greys = through_table(reduced.values, lut8(frame, voi, padding=False))
    else:
        greys = greys8(normalised(frame.rescale.apply(reduced.values), voi), frame.inverted != voi.inverted)
    if reduced.padded is not None:
        greys = cv2.copyTo(greys, cv2.bitwise_not(reduced.padded), np.zeros_like(greys))
    return greys


def _colors(values: NDArray[np.uint8], voi: VOI) -> NDArray[np.uint8]:
    """Colour pixels as they are, unless the reader asks for a window: then it works on their luminance."""
    if not is_identity(voi):
        luminance = cv2.cvtColor(values, cv2.COLOR_RGB2GRAY).astype(np.float32)
        change = normalised(luminance, voi) * np.float32(255) - luminance
        values = np.clip(np.rint(values + change[..., None]), 0, 255).astype(np.uint8)
    return 255 - values if voi.inverted else values


def _colored(greys: NDArray[Any], name: str, reduced: Reduced) -> NDArray[np.uint8]:
    """Enlarged *greys* in colours: what lies between two pixels has the colour of a grey between theirs."""
    found = colored(greys, name)
    if reduced.padded is None:
        return found
    return choose(_enlarged(reduced.padded, shape_of(greys)), np.zeros_like(found), found)


def _with_own_colors(picture: NDArray[Any], colors: NDArray[np.uint8]) -> NDArray[Any]:
    """*picture* with the colours of a supplemental palette, as they are (PS3.3 C.7.6.19)."""
    own = resize_mask(colors, shape_of(picture))
    base = cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB) if picture.ndim == 2 else picture
    return np.asarray(cv2.copyTo(own[..., :3], own[..., 3], base))


def _fused(picture: NDArray[Any], fused: Frame, request: RenderRequest, fusion: Fusion) -> NDArray[np.uint8]:
    """*picture* below the *fused* one, which is seen through its own window in its own colours."""
    voi = effective_voi(fused, fusion.voi)
    reduced = reduce(fused, request)
    greys = _enlarged(_shown(fused, voi, None, reduced), shape_of(picture))
    nowhere = None if reduced.padded is None else _enlarged(reduced.padded, shape_of(picture))
    rising = np.linspace(0, 1, LEVELS, dtype=np.float32) if fusion.fades else np.ones(LEVELS, np.float32)
    return blend(picture, greys, color_map(fusion.colors).colors, rising * fusion.opacity, nowhere)


def _enlarged(greys: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    if shape_of(greys) == size:
        return greys
    factor = min(size[0] / greys.shape[0], size[1] / greys.shape[1])
    way = cv2.INTER_NEAREST_EXACT if factor >= PIXELS_FROM else cv2.INTER_LINEAR
    return cv2.resize(greys, size[::-1], interpolation=way)


def _turned(picture: NDArray[Any], rotation: int, flipped: bool) -> NDArray[Any]:
    if flipped:
        picture = cv2.flip(picture, 1)
    way = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
    if rotation % 360:
        picture = cv2.rotate(picture, way[rotation % 360])
    # a crop of the file's own pixels must neither be a view of them nor be made read-only twice
    return np.array(picture, order="C") if picture.base is not None else picture
