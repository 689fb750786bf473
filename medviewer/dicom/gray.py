"""What stored values mean: rescale or table, unit, windows, padding, inversion (PS3.3 C.7.5, C.11)."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.voi import VOI, Curve, Lut, is_usable
from medviewer.core.volume import Padding, Rescale, is_padding
from medviewer.dicom.attributes import Attributes, Values

_SHADOWS = (
    "1.2.840.10008.5.1.4.1.1.12.1",
    "1.2.840.10008.5.1.4.1.1.12.2",
    "1.2.840.10008.5.1.4.1.1.12.3",
)
"""X-ray angiography and fluoroscopy: their modality LUT leads back to beam intensity (PS3.3 C.8.7.1.1.2)."""

_PARAMETRIC_MAP = "1.2.840.10008.5.1.4.1.1.30"
_UNITS = {"US": "", "HU": "HU", "BQML": "Bq/mL", "CNTS": "counts", "GML": "g/mL", "PCT": "%", "Z_EFF": "Z"}
_FITS = 0.05
_BETTER = 4.0


def is_shadow(attributes: Attributes) -> bool:
    """Whether what leads to modality values leads back to a beam, and is no part of display."""
    return attributes.sop_class.startswith(_SHADOWS)


def rescale_of(attributes: Attributes, values: Values) -> tuple[Rescale, tuple[str, ...]]:
    """How stored values become modality values, and remarks."""
    if is_shadow(attributes):
        return Rescale(), ()
    if attributes.sop_class == _PARAMETRIC_MAP:
        real = _real_world(values)
        if real is not None:
            return real, ()
    unit = _unit(attributes, values)
    for item in values.items("ModalityLUTSequence")[:1]:
        lut = lut_of(item, attributes.signed)
        if lut is not None:
            kind = item.text("ModalityLUTType")
            return Rescale(lut=lut, unit=_UNITS.get(kind, kind)), ()
        return Rescale(), ("The modality table in the file is broken: stored values are shown.",)
    written = values.text("RescaleSlope"), values.text("RescaleIntercept")
    if not any(written):
        return Rescale(unit=unit if attributes.modality != "CT" else ""), ()
    slope, intercept = (values.numbers(name)[:1] for name in ("RescaleSlope", "RescaleIntercept"))
    line = (slope[0] if slope else None, intercept[0] if intercept else None)
    if not written[0] and line[1] is not None:
        line = (1.0, line[1])
    if not written[1] and line[0] is not None:
        line = (line[0], 0.0)
    if not _is_line(line):
        return Rescale(), (
            "The rescale slope or intercept in the file is unusable: stored values are shown.",
        )
    assert line[0] is not None
    assert line[1] is not None
    return Rescale(line[0], line[1], unit=unit), ()


def _real_world(values: Values) -> Rescale | None:
    """From stored values to those of a parametric map (C.7.6.16.2.11), which leave other mappings aside."""
    slope, intercept = (values.numbers(f"RealWorldValue{name}")[:1] for name in ("Slope", "Intercept"))
    if not slope or not intercept or not _is_line((slope[0], intercept[0])):
        return None
    codes = values.items("MeasurementUnitsCodeSequence")
    unit = codes[0].text("CodeValue") if codes else ""
    return Rescale(slope[0], intercept[0], unit="" if unit in ("1", "{no_units}") else unit[:16])


def _is_line(line: tuple[float | None, float | None]) -> bool:
    slope, intercept = line
    if slope is None or intercept is None:
        return False
    return 1e-30 < abs(slope) < 1e30 and abs(intercept) < 1e30


def _unit(attributes: Attributes, values: Values) -> str:
    kind = values.text("RescaleType")
    if kind:
        return _UNITS.get(kind, kind[:16])
    if attributes.modality == "CT":
        return "HU"
    written = values.text("Units")
    return _UNITS.get(written, written[:16])


def lut_of(item: Values, signed: bool) -> Lut | None:
    """A table in a file (C.11.1.1.1), where 0 entries stand for 65,536; None when its data do not fit."""
    descriptor = item.raw("LUTDescriptor")
    if len(descriptor) != 6:
        return None
    count, first, bits = (int(value) for value in np.frombuffer(descriptor, "<u2"))
    count = count or 65536
    first = first - 65536 if signed and first >= 32768 else first
    data = item.raw("LUTData")
    if not 8 <= bits <= 16:
        return None
    if len(data) >= 2 * count:
        entries = np.frombuffer(data, "<u2", count)
    elif len(data) >= count and bits == 8:
        entries = np.frombuffer(data, np.uint8, count)
    else:
        return None
    limit = (1 << bits) - 1
    return Lut(first, bits, tuple(np.minimum(entries, limit).tolist()), item.text("LUTExplanation")[:64])


def windows_of(
    attributes: Attributes,
    values: Values,
    rescale: Rescale,
    stored: NDArray[Any],
    padding: Padding | None,
) -> tuple[tuple[VOI, ...], tuple[str, ...]]:
    """The tables, then the windows that the file offers, all in modality units, and remarks."""
    found: list[VOI] = []
    remarks: list[str] = []
    # the first input value of a VOI LUT is signed when modality values can be negative (C.11.2.1.1)
    signed = attributes.signed or rescale.intercept < 0
    for item in values.items("VOILUTSequence"):
        lut = lut_of(item, signed)
        if lut is None:
            remarks.append("A VOI table in the file is broken and was ignored.")
        else:
            found.append(VOI(lut=lut, name=lut.explanation or "Table"))
    windows, more = _plain_windows(values)
    if attributes.sop_class == _PARAMETRIC_MAP and attributes.pixel_keyword != "PixelData":
        # LINEAR counts on steps of 1 (C.11.2.1.2.1): over shares of 1 it would be a threshold
        windows = tuple(replace(one, curve=Curve.LINEAR_EXACT) for one in windows)
    windows, moved = _in_modality_units(attributes, rescale, windows, stored, padding)
    return (*found, *windows), (*remarks, *more, *moved)


def _plain_windows(values: Values) -> tuple[tuple[VOI, ...], tuple[str, ...]]:
    centers, widths = values.texts("WindowCenter"), values.texts("WindowWidth")
    if not centers and not widths:
        return (), ()
    names = values.texts("WindowCenterWidthExplanation")
    curve, remarks = _curve(values.text("VOILUTFunction"))
    found = []
    usable = len(centers) == len(widths)
    for at, (center, width) in enumerate(zip(centers, widths, strict=False)):
        numbers = _float(center), _float(width)
        if usable and is_usable(*numbers, curve):
            found.append(VOI(*numbers, curve, name=names[at][:64] if at < len(names) else ""))
    if len(found) < max(len(centers), len(widths)):
        remarks = (*remarks, "A window in the file is unusable and was ignored.")
    return tuple(found), remarks


def _curve(text: str) -> tuple[Curve, tuple[str, ...]]:
    if not text:
        return Curve.LINEAR, ()
    try:
        return Curve(text.upper()), ()
    except ValueError:
        return Curve.LINEAR, ("The VOI LUT Function in the file is not known: LINEAR is used.",)


def _float(text: str) -> float:
    try:
        return float(text) if "_" not in text else math.nan
    except ValueError:
        return math.nan


def _in_modality_units(
    attributes: Attributes,
    rescale: Rescale,
    windows: tuple[VOI, ...],
    stored: NDArray[Any],
    padding: Padding | None,
) -> tuple[tuple[VOI, ...], tuple[str, ...]]:
    """Windows of MR and PET may be meant for stored values: the values of the picture decide.

    Writers are inconsistent (both readings occur in the field), so the reading under which the window
    meets the picture is taken, and the reader is told when it is the less usual one.
    """
    plain = rescale.lut is None and (rescale.slope, rescale.intercept) != (1.0, 0.0)
    if not (windows and plain and attributes.modality in ("MR", "PT", "NM") and stored.size):
        return windows, ()
    # every fourth pixel each way tells as much, in a sixteenth of the time
    sample = stored[::4, ::4] if stored.size > 65536 else stored
    if padding is not None:
        sample = sample[~is_padding(sample, padding)]
    if sample.dtype.kind == "f":
        sample = sample[np.isfinite(sample)]
    if not sample.size:
        return windows, ()
    low, high = (float(value) for value in np.percentile(sample, (0.5, 99.5)))
    ends = sorted((low * rescale.slope + rescale.intercept, high * rescale.slope + rescale.intercept))
    as_written = _overlap(windows[0], ends[0], ends[1])
    as_stored = _overlap(windows[0], low, high)
    if as_stored < _FITS or as_stored < _BETTER * as_written:
        return windows, ()
    moved = tuple(window.scaled(rescale.slope, rescale.intercept) for window in windows)
    return moved, ("The window in the file is meant for stored values; it was converted.",)


def _overlap(window: VOI, low: float, high: float) -> float:
    """How well the window and the range of values cover each other, 0 to 1."""
    start, end = window.center - window.width / 2, window.center + window.width / 2
    both = min(end, high) - max(start, low)
    return max(0.0, both) / max(max(end, high) - min(start, low), 1e-30)


def padding_of(attributes: Attributes) -> Padding | None:
    """The stored values that are no part of the picture, in ascending order (C.7.5.1.1.2)."""
    values = attributes.values
    if attributes.pixel_keyword == "FloatPixelData":
        ends = [values.numbers(name) for name in ("FloatPixelPaddingValue", "FloatPixelPaddingRangeLimit")]
    elif attributes.pixel_keyword == "DoubleFloatPixelData":
        names = ("DoubleFloatPixelPaddingValue", "DoubleFloatPixelPaddingRangeLimit")
        ends = [values.numbers(name) for name in names]
    else:
        ends = [
            _stored_number(values.raw(name), attributes)
            for name in ("PixelPaddingValue", "PixelPaddingRangeLimit")
        ]
    if not ends[0]:
        return None
    first = float(ends[0][0])
    second = float(ends[1][0]) if ends[1] else first
    if attributes.pixel_keyword != "PixelData":
        return _as_floats(first, second)
    return (min(first, second), max(first, second))


def _as_floats(first: float, second: float) -> Padding | None:
    """The ends as the float32 that the pixels became; None when they are no numbers, which equal nothing."""
    if math.isnan(first) or math.isnan(second):
        return None
    with np.errstate(over="ignore"):
        ends = np.array([first, second]).astype(np.float32)
    return float(ends.min()), float(ends.max())


def _stored_number(raw: bytes, attributes: Attributes) -> tuple[float, ...]:
    """A value whose sign follows the pixels', whatever VR it was written in (PS3.5 A.1)."""
    if len(raw) < 2:
        return ()
    value = int.from_bytes(raw[:2], "little")
    if attributes.signed:
        value &= (1 << min(attributes.stored, 16)) - 1
        sign = 1 << (min(attributes.stored, 16) - 1)
        return (float((value ^ sign) - sign),)
    return (float(value),)


def is_inverted(attributes: Attributes) -> bool:
    """Whether the lowest value is shown white: MONOCHROME1, or an inverse presentation LUT.

    For MONOCHROME1 the standard wants the shape INVERSE beside it (C.8.11.3.1.2): both say the same, once.
    """
    if attributes.values.text("PixelPresentation") == "COLOR":
        return False
    inverse = attributes.values.text("PresentationLUTShape") == "INVERSE"
    return attributes.photometric == "MONOCHROME1" or inverse
