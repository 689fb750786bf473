"""The standardised uptake value of PET by body weight, only where the file gives all that it needs.

The rules are those of the vendor-neutral computation that QIBA and the DICOM working group for nuclear
medicine published: activity concentration times weight over the dose that is left at the time to which the
values are corrected. Nothing that is missing is assumed.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from medviewer.dicom.attributes import Values
from medviewer.dicom.moments import date_with_time, moment
from medviewer.kit.frozen import frozen

SMALLEST_DOSE = 1e4
"""Bq; less was never given to anybody: such a number is in another unit."""
MOST_HALF_LIVES = 12.0
"""After these nothing is left to be seen: the dates do not belong together."""

_PHILIPS = "Philips PET Private Group"
_GE = "GEMS_PETD_01"
_TYPES = {"": "SUVbw", "BW": "SUVbw", "LBM": "SUVlbm", "BSA": "SUVbsa", "IBW": "SUVibw"}
_TYPES |= {"LBMJAMES128": "SUVlbm", "LBMJANMA": "SUVlbm"}


@frozen
class Uptake:
    """How the modality values of a file become uptake values; *factor* 0 when they do not."""

    factor: float
    unit: str = ""
    words: str = ""
    """how it was computed, or why not"""
    remarks: tuple[str, ...] = ()


class _Missing(Exception):
    """Something is missing or cannot be; *args[0]* says what."""


def uptake_of(values: Values) -> Uptake:
    """The factor from modality to uptake values (g/mL) of a PET file."""
    try:
        return _uptake(values)
    except _Missing as reason:
        words = f"SUV not computed: {reason.args[0]}"
        return Uptake(0.0, "", words, (words,))


def _uptake(values: Values) -> Uptake:
    units = values.text("Units")
    if units in ("GML", "CM2ML"):
        kind = values.text("SUVType") or ("BSA" if units == "CM2ML" else "")
        unit = _TYPES.get(kind, f"SUV {kind[:16]}")
        return Uptake(1.0, unit, f"Units (0054,1001) {units}, SUV Type (0054,1006) {kind or 'BW'}: as stored")
    if units == "CNTS":
        return _philips(values)
    if units != "BQML":
        raise _Missing(f"Units (0054,1001) are {units[:16]}" if units else "Units (0054,1001) are missing")
    return _from_activity(values, 1.0, "")


def _philips(values: Values) -> Uptake:
    if values.text("PhilipsPrivateCreator") == _PHILIPS:
        factor = _number(values, "PhilipsSUVFactor")
        if factor > 0:
            return Uptake(factor, "SUVbw", f"Philips SUV factor (7053,1000) {factor:g}, from counts")
        activity = _number(values, "PhilipsActivityFactor")
        if activity > 0:
            return _from_activity(values, activity, f"Philips activity factor (7053,1009) {activity:g}, ")
    raise _Missing("Units (0054,1001) are counts (CNTS) without a factor of the vendor")


def _from_activity(values: Values, scale: float, before: str) -> Uptake:
    """From Bq/mL: weight over the dose that is left."""
    corrections = values.texts("CorrectedImage")
    if "DECY" not in corrections:
        raise _Missing("the values are not corrected for decay: no DECY in Corrected Image (0028,0051)")
    weight = _number(values, "PatientWeight")
    if weight <= 0:
        raise _Missing("the patient's weight (0010,1030) is missing")
    dose, life, start = _tracer(values)
    decay = values.text("DecayCorrection")
    if decay == "ADMIN":
        left, since = dose, "at injection: Decay Correction (0054,1102) ADMIN"
    elif decay == "START":
        seconds, clock = _seconds_since(values, start, life)
        left = dose * 2.0 ** (-seconds / life)
        since = f"{seconds:.0f} s after injection ({clock})"
    else:
        raise _Missing(f"Decay Correction (0054,1102) is {decay[:16] or 'missing'}")
    factor = scale * weight * 1000.0 / left
    words = (
        f"{before}weight (0010,1030) {weight:g} kg, dose (0018,1074) {dose:g} Bq, half-life (0018,1075) "
        f"{life:g} s, {left:.4g} Bq left {since}: factor {factor:.6g}"
    )
    remarks: tuple[str, ...] = ()
    if "ATTN" not in corrections:
        remarks = ("SUV without attenuation correction: no ATTN in Corrected Image",)
    return Uptake(factor, "SUVbw", words, remarks)


def _tracer(values: Values) -> tuple[float, float, Values]:
    """Dose in Bq, half-life in seconds, and the item that says when."""
    items = values.items("RadiopharmaceuticalInformationSequence")
    if len(items) != 1:
        what = "several tracers were given" if items else "nothing is said of the tracer (0054,0016)"
        raise _Missing(what)
    dose, life = _number(items[0], "RadionuclideTotalDose"), _number(items[0], "RadionuclideHalfLife")
    if dose <= 0:
        raise _Missing("the dose (0018,1074) is missing")
    if dose < SMALLEST_DOSE:
        raise _Missing(f"a dose (0018,1074) of {dose:g} Bq cannot be; perhaps it is in MBq")
    if life <= 0:
        raise _Missing("the half-life (0018,1075) is missing")
    return dose, life, items[0]


def _seconds_since(values: Values, start: Values, life: float) -> tuple[float, str]:
    """From injection to the start of the scan, and which clock told the scan's start."""
    scan, clock = _scan_start(values, life)
    written = start.text("RadiopharmaceuticalStartDateTime")
    injected = moment(written, values.text("TimezoneOffsetFromUTC"))
    if written and injected is None:
        raise _Missing("the time of injection (0018,1078) cannot be read")
    if injected is None:
        time = start.text("RadiopharmaceuticalStartTime")
        injected = date_with_time(scan.strftime("%Y%m%d"), time)
        if injected is None:
            raise _Missing("the time of injection (0018,1072) is missing")
        if injected > scan:
            injected -= timedelta(days=1)  # only a time is given, and midnight was between
    seconds = (scan - injected).total_seconds()
    if seconds < 0:
        raise _Missing("the injection is later than the scan")
    if seconds > MOST_HALF_LIVES * life:
        raise _Missing(f"injection and scan are {seconds / 3600:.0f} hours apart, too long for the tracer")
    return seconds, clock


def _scan_start(values: Values, life: float) -> tuple[datetime, str]:
    """The moment to which the values are corrected.

    That is the series time, unless it is later than the acquisition: then the series was made afterwards, and
    the vendor's own clock or the middle of the counts of this bed position tells.
    """
    series = date_with_time(values.text("SeriesDate"), values.text("SeriesTime"))
    acquired = date_with_time(values.text("AcquisitionDate"), values.text("AcquisitionTime"))
    if series is None:
        raise _Missing("the time of the series (0008,0031) is missing")
    if acquired is None:
        raise _Missing("the time of acquisition (0008,0032) is missing")
    if series <= acquired:
        return series, "Series Time (0008,0031)"
    if values.text("GEPrivateCreator") == _GE:
        scan = moment(values.text("GEScanDateTime"))
        if scan is not None:
            return scan, "GE scan time (0009,100D)"
    reference, duration = _number(values, "FrameReferenceTime"), _number(values, "ActualFrameDuration")
    if reference <= 0 or duration <= 0:
        raise _Missing("the series is later than its acquisition, and no frame reference time tells when")
    rate = math.log(2) / life
    lost = rate * duration / 1000
    middle = math.log(lost / -math.expm1(-lost)) / rate
    return acquired + timedelta(seconds=middle - reference / 1000), "Frame Reference Time (0054,1300)"


def _number(values: Values, keyword: str) -> float:
    """One finite number, 0 when there is none."""
    found = values.numbers(keyword)
    return float(found[0]) if found and math.isfinite(found[0]) else 0.0
