"""Numbers as content items: what was measured, in which unit, and of which values it is the mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import highdicom as hd

from medviewer.dicom.derived_words import LONGEST_CODE, LONGEST_NAME, cut
from medviewer.export.dicom import codes
from medviewer.kit.frozen import frozen


@frozen
class Number:
    """One number that was measured."""

    name: str
    """length, long axis, short axis, angle, cobb angle, area, volume, perimeter, value, mean, SD, ..."""
    value: float
    unit: str
    """mm, px, mm², px², mm³, ml, °, or that of the values; "" where there is none"""


_NAMES = {
    "length": codes.LENGTH,
    "long axis": codes.LONG_AXIS,
    "short axis": codes.SHORT_AXIS,
    "angle": codes.ANGLE,
    "cobb angle": codes.COBB_ANGLE,
    "area": codes.AREA,
    "perimeter": codes.PERIMETER,
    "volume": codes.VOLUME,
    "pixels": codes.PIXELS_COUNTED,
}
_OF_VALUES = {
    "value": None,
    "mean": codes.MEAN,
    "SD": codes.DEVIATION,
    "minimum": codes.MINIMUM,
    "maximum": codes.MAXIMUM,
}
"""What is told of modality values: their Derivation (CID 7464)."""
_UNITS = {
    "": codes.NO_UNITS,
    "mm": codes.MILLIMETRE,
    "mm²": codes.SQUARE_MILLIMETRE,
    "mm³": codes.CUBIC_MILLIMETRE,
    "ml": codes.MILLILITRE,
    "°": codes.DEGREE,
    "px": codes.PIXEL_WIDTHS,
    "px²": codes.SQUARE_PIXELS,
    "HU": codes.HOUNSFIELD,
    "BQML": codes.BECQUEREL,
    "Bq/ml": codes.BECQUEREL,
    "SUVbw": codes.SUV_WEIGHT,
    "SUV bw": codes.SUV_WEIGHT,
    "g/ml": codes.SUV_WEIGHT,
    "%": codes.PERCENT,
}


def measurements(numbers: Sequence[Number], modality: str, along: Sequence[Any] | None = None) -> list[Any]:
    """The content items of *numbers* that a dictionary has a name for, each with the lines *along* it."""
    found = []
    for one in numbers:
        if one.name in _NAMES:
            name, derivation = _NAMES[one.name], None
        elif one.name in _OF_VALUES:
            name, derivation = _quantity(modality, one.unit), _OF_VALUES[one.name]
        else:  # columns and rows: where they lie says the graphic
            continue
        unit = codes.PIXELS if one.name == "pixels" else unit_of(one.unit)
        found.append(
            hd.sr.Measurement(
                name, float(one.value), unit, derivation=derivation, referenced_coordinates=along or None
            )
        )
    return found


def unit_of(unit: str) -> Any:
    """A unit in UCUM; one that it has no word for keeps ours."""
    known = _UNITS.get(unit)
    if known is not None:
        return known
    return hd.sr.CodedConcept(cut(unit, LONGEST_CODE), codes.OWN, cut(unit, LONGEST_NAME))


def _quantity(modality: str, unit: str) -> Any:
    """What values of a picture are."""
    if unit == "HU":
        return codes.ATTENUATION
    if unit == "luminance":
        return codes.LUMINANCE
    return codes.MR_INTENSITY if modality == "MR" and not unit else codes.PIXEL_VALUE
