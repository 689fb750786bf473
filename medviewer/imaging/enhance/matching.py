"""Exact histogram specification: a picture gets the greys of another one, or uses all greys equally often."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.enhance.by_tile import TOP, grey16_of
from medviewer.imaging.enhance.operation import Image, Mask, Stage, enhancement
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Coded, Slider, Words
from medviewer.kit.task import TaskContext

QUANTILES = 1024
"""So many greys describe a picture's histogram."""
MOST_QUANTILES = 65_536
KEY_BITS = np.uint64(39)
"""What a key after the first needs: the sum of 21 greys of 16 bits, and that of 4."""
_SIDE = np.abs(np.arange(-2, 3))
_DOWN, _ACROSS = np.meshgrid(_SIDE, _SIDE, indexing="ij")
NEIGHBOURS = (
    _DOWN + _ACROSS <= 1,
    (_DOWN <= 1) & (_ACROSS <= 1),
    _DOWN + _ACROSS <= 2,
    _DOWN + _ACROSS <= 3,
    _DOWN + _ACROSS <= 4,
)
"""The neighbourhoods of the paper after the pixel itself: 5, 9, 13, 21 and 25 pixels."""


def curve_of(image: Image, valid: Mask | None = None) -> str:
    """The greys of a picture as text for the reference of `match`: the quantiles of its valid pixels.

    *image* is (row, column) from 0 to 1. Quantile k of n is the grey below which k / (n - 1) of the pixels
    lie, as 16-bit number, low byte first; all of them in base64. "" for a picture without pixels.
    """
    greys = np.sort(grey16_of(image if valid is None else image[valid]).ravel())
    if not greys.size:
        return ""
    places = np.rint(np.linspace(0, greys.size - 1, QUANTILES)).astype(np.int64)
    return base64.b64encode(greys[places].astype("<u2").tobytes()).decode("ascii")


def greys_of(curve: str) -> NDArray[np.float64]:
    """The quantiles in a text of `curve_of`, from 0 to 1 and never falling. Raises BadValue."""
    if not curve:
        return np.array([0.0, 1.0])
    try:
        greys = np.frombuffer(base64.b64decode(curve, validate=True), "<u2")
    except (ValueError, binascii.Error):
        greys = np.array([], np.uint16)
    if not 2 <= greys.size <= MOST_QUANTILES or (np.diff(greys.astype(np.int64)) < 0).any():
        raise BadValue("The reference of a histogram match is damaged.", "Take it from a picture once more.")
    return greys / TOP


def told(curve: str) -> str:
    """What a reference is, in words."""
    try:
        return f"{greys_of(curve).size} greys of another picture" if curve else "all greys equally often"
    except BadValue:
        return "damaged"


@enhancement("Match histogram", group="Contrast", stage=Stage.DISPLAY)
def match(
    image: Image,
    valid: Mask | None,
    context: TaskContext | None,
    *,
    reference: Annotated[
        str, Coded(told, help="The greys of the picture that this one is to look like")
    ] = "",
    strength: Annotated[float, Slider(0, 1, step=0.05)] = 1.0,
    flat_areas: Annotated[
        Literal["keep", "spread"],
        Words(
            help="keep: areas of one grey stay so; spread: the histogram is exact, flat areas become ramps"
        ),
    ] = "keep",
) -> Image:
    """Give the picture exactly the greys of another one, or, without a reference, all greys equally often.

    D. Coltuc, P. Bolon and J.-M. Chassery, IEEE Transactions on Image Processing 15(5), 2006: pixels of equal
    grey are ordered by the means of growing neighbourhoods. Strength mixes with the picture as it was.
    """
    greys = greys_of(reference)
    values = np.clip(image, 0, 1)
    where = slice(None) if valid is None else valid
    if values[where].min() == values[where].max():
        return image
    keys = (np.ascontiguousarray(key[where]).ravel() for key in _keys(values, context))
    places = _places(keys, flat_areas == "keep", context)
    matched = np.interp(places, np.linspace(0, 1, greys.size), greys).astype(np.float32)
    out = values.copy()
    out[where] = matched if valid is not None else matched.reshape(image.shape)
    return cv2.addWeighted(out, strength, values, 1 - strength, 0)


def _keys(values: Image, context: TaskContext | None) -> Iterator[NDArray[np.uint64]]:
    """What orders pixels: numbers in which grey and neighbourhoods stand one after the other, in three parts.

    Sums of whole numbers tell neighbourhoods apart that differ, and no others: nothing is rounded.
    """
    grey16 = grey16_of(values).astype(np.float32)

    def summed(part: NDArray[np.bool_], done: float = 0.0) -> NDArray[np.uint64]:
        if context is not None:
            context.report(done)
        kernel = part.astype(np.float32)
        return cv2.filter2D(grey16, cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT).astype(np.uint64)

    # numbers from 0 to 1 have the order of their bits; adding 0 turns -0 into 0
    first = (values + np.float32(0)).view(np.uint32).astype(np.uint64)
    first <<= np.uint64(32)
    first |= summed(NEIGHBOURS[0])
    yield first
    four = np.uint64(18)  # bits hold the four greys by which a neighbourhood grows
    for done, inner, outer in ((0.6, *NEIGHBOURS[1:3]), (0.8, *NEIGHBOURS[3:5])):
        small = summed(inner, done)
        yield (small << four) | (summed(outer, done) - small)


def _places(
    keys: Iterator[NDArray[np.uint64]], keep_flat: bool, context: TaskContext | None
) -> NDArray[np.float64]:
    """The place of each pixel in their order, 0 for the first and 1 for the last.

    Only where earlier *keys* leave pixels tied are later ones asked for.
    """
    first = next(keys)
    order = np.argsort(first, kind="stable")
    new: NDArray[Any] = _changes(first[order])
    while True:
        if context is not None:
            context.check()
        tied = np.flatnonzero(~(new & np.append(new[1:], True)))
        key = next(keys, None) if tied.size else None
        if key is None:
            break
        among = order[tied]
        finer = (np.cumsum(new[tied]).astype(np.uint64) << KEY_BITS) | key[among]
        by = np.argsort(finer, kind="stable")
        order[tied] = among[by]
        new[tied] |= _changes(finer[by])
    ranks = np.arange(order.size, dtype=np.float64)
    if keep_flat and tied.size:
        group = np.cumsum(new) - 1
        middles = np.bincount(group, ranks) / np.bincount(group)
        # a large black background stays black, and does not become the middle of the greys that it took
        middles[0], middles[-1] = 0, order.size - 1
        ranks = middles[group]
    places = np.empty(order.size, np.float64)
    places[order] = ranks / max(order.size - 1, 1)
    return places


def _changes(ordered: NDArray[Any]) -> NDArray[np.bool_]:
    """Where another value begins; the first one does."""
    return np.concatenate([[True], ordered[1:] != ordered[:-1]])
