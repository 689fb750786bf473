"""How pictures are seen, as a softcopy presentation state: window, area, turn, graphics (PS3.3 A.33)."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import highdicom as hd
import numpy as np

from medviewer.core.geometry import Plane
from medviewer.core.presentation import Area
from medviewer.core.voi import VOI, Lut
from medviewer.core.volume import Rescale
from medviewer.dicom.derived_content import decimal
from medviewer.dicom.derived_words import LONGEST_NAME, cut, item, one_line
from medviewer.dicom.stand_in import complete, put_side
from medviewer.export.dicom.graphics import Note, drawings, layers
from medviewer.export.dicom.making import Entry, equipment, identity
from medviewer.kit.frozen import frozen

LABEL = "MEDVIEWER"
_RATIO = 1000
"""Pixel Aspect Ratio is told in whole numbers."""


@frozen
class Seen:
    """How all pictures of a state are seen."""

    plane: Plane
    """of one of them: their size and that of their pixels"""
    rescale: Rescale = Rescale()
    """that of their files"""
    window: VOI | None = None
    """in the values that the files' rescaling gives; colours have none"""
    inverted: bool = False
    """whether the lowest value is white"""
    area: Area | None = None
    """which part is seen; None: all of it"""
    rotation: int = 0
    """degrees clockwise, after the flip: 0, 90, 180 or 270"""
    flipped: bool = False
    is_color: bool = False


def presentation_state(
    owner: Any, pictures: Sequence[Any], seen: Seen, notes: Sequence[Note], entry: Entry
) -> Any:
    """The data set of a state for *pictures*, which are stand-ins of one size, with what is drawn on some.

    Grey pictures get a Grayscale, others a Color Softcopy Presentation State.
    """
    known = {str(one.SOPInstanceUID): one for one in pictures}
    for one in pictures:
        one.SamplesPerPixel = 3 if seen.is_color else 1
    drawn = drawings(notes, known)
    values: dict[str, Any] = {
        "referenced_images": pictures,
        "content_label": LABEL,
        "content_description": cut(one_line(entry.description), LONGEST_NAME),
        "content_creator_name": entry.reader or None,
        "graphic_annotations": drawn or None,
        "graphic_layers": layers(notes) or None,
        **identity(entry),
        **equipment(entry),
    }
    data: Any = _color(values) if seen.is_color else _gray(values, seen)
    data.DisplayedAreaSelectionSequence = [_area(seen)]
    if seen.rotation or seen.flipped:
        # the standard turns before it flips, we flip before we turn (C.10.6)
        data.ImageRotation = -seen.rotation % 360 if seen.flipped else seen.rotation
        data.ImageHorizontalFlip = "Y" if seen.flipped else "N"
    put_side(data, owner)
    complete(data, owner)
    return data


def _gray(values: dict[str, Any], seen: Seen) -> Any:
    window = seen.window
    return hd.pr.GrayscaleSoftcopyPresentationState(
        **values,
        modality_lut_transformation=_modality(seen.rescale),
        voi_lut_transformations=None if window is None else [_window(window)],
        presentation_lut_transformation=hd.PresentationLUTTransformation(
            presentation_lut_shape="INVERSE" if seen.inverted else "IDENTITY"
        ),
    )


def _color(values: dict[str, Any]) -> Any:
    # colours of pictures without a profile are those of screens (PS3.3 C.11.15)
    profile = (files("highdicom") / "_icc_profiles" / "sRGB_v4_ICC_preference.icc").read_bytes()
    return hd.pr.ColorSoftcopyPresentationState(**values, icc_profile=profile)


def _modality(rescale: Rescale) -> Any:
    if rescale.lut is not None:
        table = hd.ModalityLUT(
            _kind(rescale.unit), rescale.lut.first, np.array(rescale.lut.entries, np.uint16)
        )
        _put_bits(table, rescale.lut)
        return hd.ModalityLUTTransformation(modality_lut=table)
    found = hd.ModalityLUTTransformation(0.0, 1.0, _kind(rescale.unit))
    found.RescaleSlope, found.RescaleIntercept = decimal(rescale.slope), decimal(rescale.intercept)
    return found


def _kind(unit: str) -> str:
    """Rescale Type: what the file calls its unit; US is unspecified (C.11.1.1.2)."""
    return unit if unit in ("HU", "OD", "US", "MGML", "PCT") else "US"


def _window(window: VOI) -> Any:
    if window.lut is not None:
        table = hd.VOILUT(window.lut.first, np.array(window.lut.entries, np.uint16))
        _put_bits(table, window.lut)
        return hd.pr.SoftcopyVOILUTTransformation(voi_luts=[table])
    found: Any = hd.pr.SoftcopyVOILUTTransformation(
        window_center=window.center,
        window_width=window.width,
        window_explanation=cut(one_line(window.name), LONGEST_NAME) or None,
        voi_lut_function=window.curve.value,
    )
    # as exact as the standard can tell: highdicom keeps fewer digits
    found.WindowCenter, found.WindowWidth = decimal(window.center), decimal(window.width)
    return found


def _put_bits(table: Any, lut: Lut) -> None:
    """Tables of 12 bits end at 4095, not at the end of 16 bits."""
    count, first, _ = table.LUTDescriptor
    table.LUTDescriptor = [count, first, lut.bits]
    if lut.explanation:
        table.LUTExplanation = cut(one_line(lut.explanation), LONGEST_NAME)


def _area(seen: Seen) -> Any:
    """The displayed area with the size of a pixel, without which others show it in another shape (C.10.4)."""
    rows, columns = seen.plane.shape
    area = seen.area or Area(-0.5, -0.5, rows - 0.5, columns - 0.5)
    first, last = _corners(area, seen.rotation, seen.flipped)
    found: Any = item(
        DisplayedAreaTopLeftHandCorner=first,
        DisplayedAreaBottomRightHandCorner=last,
        PresentationSizeMode="SCALE TO FIT" if area.magnification is None else "MAGNIFY",
    )
    if area.magnification is not None:
        found.PresentationPixelMagnificationRatio = float(area.magnification)
    if seen.plane.calibration.unit == "mm":
        found.PresentationPixelSpacing = [decimal(one) for one in seen.plane.spacing]
    else:
        found.PresentationPixelAspectRatio = _ratio(seen.plane.aspect)
    return found


def _corners(area: Area, rotation: int, flipped: bool) -> tuple[list[int], list[int]]:
    """(column, row), from 1, of the pixels at the top left and the bottom right as the picture is turned."""
    rows = round(area.top + 1.5), round(area.bottom + 0.5)
    columns = round(area.left + 1.5), round(area.right + 0.5)
    grid = np.array([[(column, row) for column in columns] for row in rows])
    if flipped:
        grid = grid[:, ::-1]
    grid = np.rot90(grid, -rotation // 90)
    return grid[0, 0].tolist(), grid[1, 1].tolist()


def _ratio(aspect: float) -> list[int]:
    """Height over width of a pixel as two whole numbers."""
    return [1, 1] if abs(aspect - 1) < 1e-6 else [round(aspect * _RATIO), _RATIO]
