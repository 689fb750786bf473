"""PS3.3 C.11.2 once more, value by value in plain Python: slow, and independent of the fast one."""

from __future__ import annotations

import math

from medviewer.core.voi import VOI, Curve
from medviewer.core.volume import Frame


def grey(frame: Frame, stored: int | float, voi: VOI) -> float:
    """What one stored value should look like: 0 to 255, not rounded."""
    if frame.padding is not None and frame.padding[0] <= stored <= frame.padding[1]:
        return 0.0
    y = 255 * share(modality(frame, stored), voi)
    return 255 - y if frame.inverted != voi.inverted else y


def modality(frame: Frame, stored: int | float) -> float:
    lut = frame.rescale.lut
    if lut is None:
        return stored * frame.rescale.slope + frame.rescale.intercept
    return float(lut.entries[min(max(int(stored) - lut.first, 0), len(lut.entries) - 1)])


def share(x: float, voi: VOI) -> float:
    c, w = voi.center, voi.width
    if voi.lut is not None:
        index = min(max(round(x) - voi.lut.first, 0), len(voi.lut.entries) - 1)
        return min(voi.lut.entries[index] / (2**voi.lut.bits - 1), 1.0)
    if voi.curve is Curve.LINEAR:
        if x <= c - 0.5 - (w - 1) / 2:
            return 0.0
        if x > c - 0.5 + (w - 1) / 2:
            return 1.0
        return (x - (c - 0.5)) / (w - 1) + 0.5
    if voi.curve is Curve.LINEAR_EXACT:
        if x <= c - w / 2:
            return 0.0
        if x > c + w / 2:
            return 1.0
        return (x - c) / w + 0.5
    exponent = -4 * (x - c) / w
    return 0.0 if exponent > 700 else 1 / (1 + math.exp(exponent))
