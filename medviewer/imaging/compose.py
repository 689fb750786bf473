"""What is laid over finished pixels: another series, a shutter, labels, overlays of the file, marks."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.core.beside_pixels import OverlayPlane, Shutter
from medviewer.core.labels import LabelLook
from medviewer.core.marks import Circle, Mark, Position
from medviewer.imaging.resample import resize_image, resize_mask

Pixels = NDArray[Any]
"""uint8"""
DASH_PX = 7
GAP_PX = 5
MARK = "#ff8040"
"""A bright vermilion: told from grey by colour-blind readers too, and used for nothing else on pictures."""
MARK_PX = 450
"""Of so many pixels of the output's shorter side a mark's line takes one."""
CIRCLE_POINTS = 181
SHIFT = 4
"""OpenCV draws to 1 / 2**SHIFT of a pixel."""
FURTHEST = 1 << 20
"""No line begins further away from the output; OpenCV counts in 32 bits."""
CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


def lay_labels(picture: Pixels, labels: Pixels, look: LabelLook) -> Pixels:
    """*picture* (grey or RGB) with the visible *labels* over it, as new RGB pixels; both (row, column).

    A label is a translucent fill and an outline, dashed while nobody has accepted it.
    """
    colored = _rgb(picture)
    for style in look.styles:
        mask = cv2.inRange(labels, style.value, style.value)
        box = _box(mask)
        if mask[box].size:
            _fill(colored[box], mask[box], rgb_of(style.color), style.opacity)
            _outline(colored, mask, rgb_of(style.color), look.proposed)
    return colored


def blend(
    picture: Pixels, greys: Pixels, colors: Pixels, alphas: NDArray[np.float32], nowhere: Pixels | None
) -> Pixels:
    """*picture* (grey or RGB) under another one, as new RGB pixels.

    *greys* (row, column) of the other one are shown in *colors* (256, 3), each as opaque as *alphas* (256,),
    0 to 1, say. Where *nowhere* (row, column) is above 127 only *picture* is seen; None: everywhere both.
    """
    over = np.rint(colors * alphas[:, None]).astype(np.uint8)
    under = np.rint(255 * (1 - alphas)).astype(np.uint8).repeat(3).reshape(-1, 3)
    upper, share = (cv2.applyColorMap(greys, table[:, None]) for table in (over, under))
    base = _rgb(picture)
    mixed = cv2.add(cv2.multiply(base, share, scale=1 / 255), upper)
    return mixed if nowhere is None else choose(nowhere, base, mixed)


def cover(picture: Pixels, shutter: Shutter, part: tuple[slice, slice]) -> Pixels:
    """*picture*, which shows *part* of the file's, without what a shutter covers, as new pixels."""
    size = (picture.shape[0], picture.shape[1])
    covered = resize_image(shutter.covered[part], size)
    grey = min(max(round(shutter.grey * 255), 0), 255)
    return choose(covered, np.full_like(picture, grey), picture)


def lay_overlays(
    picture: Pixels, overlays: tuple[OverlayPlane, ...], part: tuple[slice, slice], color: str
) -> Pixels:
    """*picture*, which shows *part* of the file's, with its overlays drawn in *color*, as new RGB pixels.

    Graphics are filled, regions of interest outlined. However much the picture is reduced, every line of an
    overlay is still there; enlarged, its pixels are squares.
    """
    colored = _rgb(picture)
    size = (picture.shape[0], picture.shape[1])
    for plane in overlays:
        mask = _spread(plane.bits[part], size)
        if plane.is_region:
            # the border of the part that is seen is no border of the region
            mask = cv2.subtract(mask, cv2.erode(mask, CROSS))
        box = _box(mask)
        colored[box][mask[box] > 0] = rgb_of(color)
    return colored


def lay_marks(picture: Pixels, marks: tuple[Mark, ...], part: tuple[slice, slice]) -> Pixels:
    """*picture*, which shows *part* of the file's, with *marks* drawn over it, as new RGB pixels.

    Lines are smooth, as wide on every picture of one size, and have a dark edge that shows them on white.
    """
    colored = _rgb(picture)
    width = max(round(min(picture.shape[:2]) / MARK_PX), 1)
    drawn = [_path(mark, part, (picture.shape[0], picture.shape[1])) for mark in marks]
    for color, thickness in (((0, 0, 0), width + 2), (rgb_of(MARK), width)):
        for path in drawn:
            cv2.polylines(colored, [path], False, color, thickness, cv2.LINE_AA, SHIFT)
    return colored


def choose(mask: Pixels, yes: Pixels, no: Pixels) -> Pixels:
    """*yes* where *mask* is above 127, *no* elsewhere."""
    return np.asarray(cv2.copyTo(yes, cv2.inRange(mask, 128, 255), no.copy()))


def rgb_of(color: str) -> tuple[int, int, int]:
    """The red, green and blue of "#rrggbb"."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _box(mask: Pixels) -> tuple[slice, slice]:
    """The rows and columns in which *mask* is above 0."""
    left, top, width, height = cv2.boundingRect(mask)
    return slice(top, top + height), slice(left, left + width)


def _rgb(picture: Pixels) -> Pixels:
    """*picture* in colour; pixels that may be drawn on."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)) if picture.ndim == 2 else picture.copy()


def _path(mark: Mark, part: tuple[slice, slice], size: tuple[int, int]) -> NDArray[np.int32]:
    """The points of a mark in an output of *size* (rows, columns), as OpenCV takes them."""
    lengths = (part[0].stop - part[0].start, part[1].stop - part[1].start)
    scale = np.array([size[0] / lengths[0], size[1] / lengths[1]])
    points = np.array(_around(mark) if isinstance(mark, Circle) else [mark.start, mark.end])
    places = (points - (part[0].start, part[1].start) + 0.5) * scale - 0.5
    limited = np.clip(places[:, ::-1], -FURTHEST, FURTHEST)
    return np.asarray(np.rint(limited * (1 << SHIFT)), np.int32)


def _around(circle: Circle) -> list[Position]:
    turns = np.linspace(0, 2 * np.pi, CIRCLE_POINTS)
    rows = circle.center[0] + circle.radius_px * np.sin(turns)
    columns = circle.center[1] + circle.radius_px * np.cos(turns)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def _spread(bits: Pixels, size: tuple[int, int]) -> Pixels:
    """*bits* in another size (rows, columns), above 0 wherever a pixel holds any of them."""
    smaller = (min(size[0], bits.shape[0]), min(size[1], bits.shape[1]))
    if smaller != bits.shape:
        # an average of 8 bits would lose what covers less than a 500th of a pixel
        bits = resize_image(bits.astype(np.float32), smaller)
    held = np.where(bits > 0, np.uint8(255), np.uint8(0))
    return resize_mask(held, size)


def _fill(part: Pixels, mask: Pixels, color: tuple[int, int, int], opacity: float) -> None:
    if opacity <= 0:
        return
    greys = np.arange(256, dtype=np.float32)
    table = np.stack([greys * (1 - opacity) + channel * opacity for channel in color], axis=-1)
    mixed = cv2.LUT(part, np.rint(np.clip(table, 0, 255)).astype(np.uint8)[None])
    part[:] = cv2.copyTo(mixed, mask, part.copy())


def _outline(picture: Pixels, mask: Pixels, color: tuple[int, int, int], dashed: bool) -> None:
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    for contour in contours:
        points = contour[:, 0]
        if dashed and len(points) > DASH_PX:
            points = points[np.arange(len(points)) % (DASH_PX + GAP_PX) < DASH_PX]
        picture[points[:, 1], points[:, 0]] = color
