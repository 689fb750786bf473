"""Presentation states: what an object of the study says of the look of pictures (PS3.3 A.33, C.10, C.11).

Everything is read with pydicom: such objects are small and few, and are asked for one by one.
"""

from __future__ import annotations

import io
import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from medviewer.core.presentation import (
    Area,
    Caption,
    Graphic,
    Look,
    Outline,
    PresentationState,
    Spot,
)
from medviewer.core.shutter import ShutterOutline
from medviewer.core.study import Instance
from medviewer.core.voi import VOI, Curve, Lut, is_usable
from medviewer.core.volume import Rescale
from medviewer.dicom.charset import shown
from medviewer.dicom.opening import called
from medviewer.dicom.shutters import OUTLINES, fits
from medviewer.kit.archive import Archive
from medviewer.kit.errors import DamagedFile, TooLarge

GRAYSCALE = "1.2.840.10008.5.1.4.1.1.11.1"
COLOR = "1.2.840.10008.5.1.4.1.1.11.2"
CLASSES = (GRAYSCALE, COLOR)
LARGEST_BYTES = 32 << 20
MOST_GRAPHICS = 2_000
MOST_SPOTS = 20_000
_WORDS = 1_024


def read_presentation(instance: Instance) -> PresentationState:
    """The presentation state in a file. Raises FileTrouble."""
    # pydicom is imported when a study has such an object, never for the pictures themselves
    from medviewer.dicom import unusual  # noqa: PLC0415

    name = called((instance.path, instance.member))
    try:
        data = unusual.read_until(io.BytesIO(_content(instance, name)), lambda *_: False)
        return _understood(data)
    except unusual.FAILURES as trouble:
        raise DamagedFile(
            f"The presentation state {name} cannot be read ({type(trouble).__name__}).",
            "The pictures are shown as their own files say.",
        ) from None


def _content(instance: Instance, name: str) -> bytes:
    if instance.member:
        with Archive(instance.path) as archive:
            return archive.read(instance.member)
    path = Path(instance.path)
    if path.stat().st_size > LARGEST_BYTES:
        raise TooLarge(f"The presentation state {name} is larger than any real one.", "It is not applied.")
    return path.read_bytes()


def _understood(data: Any) -> PresentationState:
    by_look: dict[Look, set[tuple[str, int]]] = defaultdict(set)
    for picture in dict.fromkeys(_pictures(data)):
        by_look[_look(data, picture)].add(picture)
    looks = tuple(
        Look(frozenset(pictures), *(getattr(look, name) for name in _REST))
        for look, pictures in by_look.items()
    )
    return PresentationState(
        uid=str(data.get("SOPInstanceUID", "")),
        label=_text(data, "ContentLabel") or "Presentation",
        description=_text(data, "ContentDescription"),
        when=_text(data, "PresentationCreationDate"),
        time=_text(data, "PresentationCreationTime"),
        looks=looks,
        remarks=tuple(_not_done(data)),
    )


_REST = tuple(name for name in Look.__match_args__ if name != "pictures")


def _look(data: Any, picture: tuple[str, int]) -> Look:
    graphics: list[Graphic] = []
    captions: list[Caption] = []
    for item in _about(data, "GraphicAnnotationSequence", picture):
        graphics += _graphics(item)
        captions += _captions(item)
    area = next(iter(_about(data, "DisplayedAreaSelectionSequence", picture)), None)
    window = next(iter(_about(data, "SoftcopyVOILUTSequence", picture)), None)
    flipped = data.get("ImageHorizontalFlip", "N") == "Y"
    turn = int(data.get("ImageRotation", 0) or 0) % 360
    turn = turn if turn % 90 == 0 else 0
    shape, table = _presentation_lut(data)
    return Look(
        pictures=frozenset(),
        rescale=_rescale(data),
        window=None if window is None else _window(window),
        inverted=shape == "INVERSE",
        table=table,
        shutter=_shutter(data),
        area=None if area is None else _area(area),
        # the standard turns before it flips, we flip before we turn
        rotation=-turn % 360 if flipped else turn,
        flipped=flipped,
        graphics=tuple(graphics[:MOST_GRAPHICS]),
        captions=tuple(captions[:MOST_GRAPHICS]),
    )


# --- which pictures


_OF_FRAMES = ("GraphicAnnotationSequence", "DisplayedAreaSelectionSequence", "SoftcopyVOILUTSequence")


def _pictures(data: Any) -> Iterator[tuple[str, int]]:
    """Frames that something is said of go before the objects that hold them."""
    found = [one for series in data.get("ReferencedSeriesSequence") or [] for one in _referenced(series)]
    known = set(found)
    for keyword in _OF_FRAMES:
        for item in data.get(keyword) or []:
            yield from (one for one in _referenced(item) if one[1] >= 0 and (one[0], -1) in known)
    yield from found


def _referenced(item: Any) -> Iterator[tuple[str, int]]:
    for image in item.get("ReferencedImageSequence") or []:
        uid = str(image.get("ReferencedSOPInstanceUID", ""))
        frames = _numbers(image, "ReferencedFrameNumber")
        if uid:
            yield from ((uid, int(frame) - 1) for frame in frames) if frames else ((uid, -1),)


def _about(data: Any, keyword: str, picture: tuple[str, int]) -> list[Any]:
    """The items that are about a picture: those that name it, and those that name none."""
    found = []
    for item in data.get(keyword) or []:
        named = set(_referenced(item))
        if not named or picture in named or (picture[0], -1) in named:
            found.append(item)
    return found


# --- values


def _rescale(data: Any) -> Rescale:
    for item in (data.get("ModalityLUTSequence") or [])[:1]:
        lut = _lut(item)
        if lut is not None:
            return Rescale(lut=lut, unit=_text(item, "ModalityLUTType"))
    slope, intercept = _numbers(data, "RescaleSlope"), _numbers(data, "RescaleIntercept")
    if not slope or not intercept or not 1e-30 < abs(slope[0]) < 1e30:
        return Rescale()
    kind = _text(data, "RescaleType")
    return Rescale(slope[0], intercept[0], unit="" if kind == "US" else kind)


def _window(item: Any) -> VOI | None:
    for table in (item.get("VOILUTSequence") or [])[:1]:
        lut = _lut(table)
        if lut is not None:
            return VOI(lut=lut, name=lut.explanation or "Presentation")
    centers, widths = _numbers(item, "WindowCenter"), _numbers(item, "WindowWidth")
    try:
        curve = Curve(str(item.get("VOILUTFunction", "") or "LINEAR").upper())
    except ValueError:
        curve = Curve.LINEAR
    if not centers or not widths or not is_usable(centers[0], widths[0], curve):
        return None
    return VOI(
        centers[0], widths[0], curve, name=_text(item, "WindowCenterWidthExplanation") or "Presentation"
    )


def _presentation_lut(data: Any) -> tuple[str, Lut | None]:
    for item in (data.get("PresentationLUTSequence") or [])[:1]:
        return "", _lut(item)
    return str(data.get("PresentationLUTShape", "IDENTITY")), None


def _lut(item: Any) -> Lut | None:
    descriptor = _numbers(item, "LUTDescriptor")
    found = item.get("LUTData", b"")
    entries = np.frombuffer(found, "<u2") if isinstance(found, bytes) else np.asarray(found, np.int64).ravel()
    if len(descriptor) != 3:
        return None
    count, first, bits = (int(value) for value in descriptor)
    count = count % 65536 or 65536
    if not 8 <= bits <= 16 or len(entries) < count:
        return None
    limit = (1 << bits) - 1
    return Lut(first, bits, tuple(np.clip(entries[:count], 0, limit).tolist()), _text(item, "LUTExplanation"))


def _shutter(data: Any) -> ShutterOutline | None:
    shapes = str(data.get("ShutterShape", "") or "")
    openings = []
    for kind, keywords in OUTLINES.items():
        numbers = tuple(number for keyword in keywords for number in _numbers(data, keyword))
        if kind in shapes and fits(kind, numbers):
            openings.append((kind, numbers))
    if not openings:
        return None
    value = _numbers(data, "ShutterPresentationValue")
    return ShutterOutline(tuple(openings), min(max(value[0] / 65535, 0.0), 1.0) if value else 0.0)


def _area(item: Any) -> Area | None:
    one = _numbers(item, "DisplayedAreaTopLeftHandCorner")
    two = _numbers(item, "DisplayedAreaBottomRightHandCorner")
    if len(one) != 2 or len(two) != 2:
        return None
    # pixels count from 1; whole pixels are shown, half a pixel to either side of their centres
    (left, right), (top, bottom) = sorted((one[0], two[0])), sorted((one[1], two[1]))
    magnification = None
    if item.get("PresentationSizeMode", "") == "MAGNIFY":
        ratio = _numbers(item, "PresentationPixelMagnificationRatio")
        magnification = ratio[0] if ratio and 0 < ratio[0] < 1000 else None
    return Area(top - 1.5, left - 1.5, bottom - 0.5, right - 0.5, magnification)


# --- drawings


def _graphics(item: Any) -> Iterator[Graphic]:
    for one in (item.get("GraphicObjectSequence") or [])[:MOST_GRAPHICS]:
        values = _numbers(one, "GraphicData")[: 2 * MOST_SPOTS]
        try:
            outline = Outline(str(one.get("GraphicType", "")))
        except ValueError:
            continue
        on_area = one.get("GraphicAnnotationUnits", "PIXEL") == "DISPLAY"
        spots = tuple(_spot(values[at], values[at + 1], on_area) for at in range(0, len(values) - 1, 2))
        if len(spots) >= _LEAST[outline]:
            yield Graphic(outline, spots, on_area, one.get("GraphicFilled", "N") == "Y")


_LEAST = {
    Outline.POINT: 1,
    Outline.POLYLINE: 2,
    Outline.INTERPOLATED: 2,
    Outline.CIRCLE: 2,
    Outline.ELLIPSE: 4,
}


def _captions(item: Any) -> Iterator[Caption]:
    for one in (item.get("TextObjectSequence") or [])[:MOST_GRAPHICS]:
        lines = tuple(
            shown(line.strip(), _WORDS) for line in str(one.get("UnformattedTextValue", "")).splitlines()
        )
        box_on_area = one.get("BoundingBoxAnnotationUnits", "PIXEL") == "DISPLAY"
        anchor_on_area = one.get("AnchorPointAnnotationUnits", "PIXEL") == "DISPLAY"
        box = _numbers(one, "BoundingBoxTopLeftHandCorner")
        anchor = _numbers(one, "AnchorPoint")
        if any(lines) and (len(box) == 2 or len(anchor) == 2):
            yield Caption(
                lines=tuple(line for line in lines if line)[:40],
                top_left=_spot(box[0], box[1], box_on_area) if len(box) == 2 else None,
                box_on_area=box_on_area,
                anchor=_spot(anchor[0], anchor[1], anchor_on_area) if len(anchor) == 2 else None,
                anchor_on_area=anchor_on_area,
                has_line=one.get("AnchorPointVisibility", "N") == "Y",
            )


def _spot(column: float, row: float, on_area: bool) -> Spot:
    # on the picture 0\0 is the corner of the first pixel (C.10.5.1.2), whose centre is our 0, 0
    return (row, column) if on_area else (row - 0.5, column - 0.5)


def _not_done(data: Any) -> Iterator[str]:
    if data.get("MaskSubtractionSequence"):
        yield "The presentation state asks for the subtraction of a mask, which is not done."
    if data.get("CompoundGraphicSequence") or any(
        item.get("CompoundGraphicSequence") for item in data.get("GraphicAnnotationSequence") or []
    ):
        yield "Compound graphics of the presentation state are not drawn."
    if "BITMAP" in str(data.get("ShutterShape", "")):
        yield "The bitmap shutter of the presentation state is not applied."
    if any(group in data for group in range(0x60000010, 0x60200010, 0x20000)):
        yield "Overlays of the presentation state are not drawn."


def _text(item: Any, keyword: str) -> str:
    return shown(str(item.get(keyword, "") or "").strip(), _WORDS)


def _numbers(item: Any, keyword: str) -> tuple[float, ...]:
    """All values of an element as finite numbers; empty when any is none."""
    found = item.get(keyword)
    if found is None or found == "":
        return ()
    values = list(found) if hasattr(found, "__iter__") and not isinstance(found, (str, bytes)) else [found]
    numbers = tuple(float(value) for value in values)
    return numbers if all(math.isfinite(value) for value in numbers) else ()
