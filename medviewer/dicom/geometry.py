"""Where a picture lies, and whether its pixels have a size: the rules of PS3.3 10.7, C.7.6.2 and C.8.5.5."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from medviewer.core.geometry import Calibration, Plane, ScaledRegion
from medviewer.core.vectors import Vector
from medviewer.dicom.header import Header, numbers
from medviewer.dicom.vectors import position, unit_vectors

PROJECTIONS = frozenset(("CR", "DX", "MG", "XA", "RF", "RG", "PX", "IO", "RTIMAGE", "BMD", "XC"))
"""Modalities whose pictures are shadows: their pixels have a size at the detector, not in the patient."""

_LENGTHS_MM = (1e-7, 1e4)
_CENTIMETRES = "3"
_SCANNED = "1"


class Placed(NamedTuple):
    """The plane of one picture, and in words what is wrong with what the file says about it."""

    plane: Plane
    problems: tuple[str, ...] = ()


class _Size(NamedTuple):
    spacing: tuple[float, float]
    calibration: Calibration
    problems: tuple[str, ...] = ()


def planes(header: Header, count: int) -> tuple[Placed, ...]:
    """The planes of the first *count* frames."""
    if not header.frames:
        first = _placed(header, header.values, 0)
        if first.plane.placed:
            return (first,) * count
        return (first, *(Placed(_own_frame(header, first.plane, at)) for at in range(1, count)))
    return tuple(
        _placed(
            header, {**header.values, **header.frames[at]} if at < len(header.frames) else header.values, at
        )
        for at in range(count)
    )


def _own_frame(header: Header, plane: Plane, at: int) -> Plane:
    return Plane(
        plane.shape,
        spacing=plane.spacing,
        calibration=plane.calibration,
        frame_of_reference=_private_frame(header, at),
        regions=plane.regions,
        letters=plane.letters,
    )


def _private_frame(header: Header, at: int) -> str:
    return f"image:{header.get('SOPInstanceUID') or header.path + header.member}:{at}"


def _placed(header: Header, values: Mapping[str, str], at: int) -> Placed:
    get = values.get
    down, across = header.tiles
    shape = ((header.whole("Rows") or 0) // down, (header.whole("Columns") or 0) // across)
    corner = position(get("ImagePositionPatient", ""))
    directions = _directions(get("ImageOrientationPatient", ""))
    problems: tuple[str, ...] = ()
    if isinstance(directions, str):
        problems, directions = ((directions,) if corner else ()), None
    regions = _regions(header, shape) if header.regions else ()
    size = _size(values, corner is not None and directions is not None, bool(regions))
    problems += size.problems
    if corner is None or directions is None:
        plane = Plane(
            shape,
            spacing=_region_aspect(regions) if size.calibration is Calibration.REGIONS else size.spacing,
            calibration=size.calibration,
            frame_of_reference=_private_frame(header, at),
            regions=regions,
            letters=_letters(get("PatientOrientation", "")),
        )
        return Placed(plane, problems)
    frame = (
        get("FrameOfReferenceUID", "")
        or f"series:{get('SeriesInstanceUID', '') or _private_frame(header, at)}"
    )
    plane = Plane(
        shape, corner, directions[0], directions[1], size.spacing, size.calibration, frame, True, regions
    )
    return Placed(plane, problems)


@lru_cache(maxsize=4096)
def _directions(text: str) -> tuple[Vector, Vector] | str | None:
    """The two unit vectors of Image Orientation (Patient); None when absent, a sentence when broken."""
    if not text:
        return None
    return (
        unit_vectors(text)
        or "The orientation in the file is not one: the picture has no place in the patient."
    )


@lru_cache(maxsize=4096)
def pair(text: str) -> tuple[float, float] | None:
    """(row, column) spacing as written, None unless both are possible lengths."""
    found = numbers(text)
    if len(found) != 2 or not all(_LENGTHS_MM[0] < value < _LENGTHS_MM[1] for value in found):
        return None
    return (found[0], found[1])


def _size(values: Mapping[str, str], placed: bool, has_regions: bool) -> _Size:
    written = values.get("PixelSpacing", "")
    spacing = pair(written)
    if written and spacing is None:
        return _Size(
            _aspect(values), Calibration.NONE, ("Pixel Spacing is not a size: lengths are in pixels.",)
        )
    if has_regions:
        return _Size((1.0, 1.0), Calibration.REGIONS)
    if not placed and values.get("Modality", "") in PROJECTIONS:
        return _projection(values, spacing)
    if spacing is not None:
        return _Size(spacing, _KINDS.get(values.get("PixelSpacingCalibrationType", ""), Calibration.PATIENT))
    return _Size(_aspect(values), Calibration.NONE)


_KINDS = {"FIDUCIAL": Calibration.FIDUCIAL, "GEOMETRY": Calibration.GEOMETRY}


def _projection(values: Mapping[str, str], spacing: tuple[float, float] | None) -> _Size:
    """A shadow: what its pixels measure depends on how it was calibrated (PS3.3 10.7.1.3)."""
    kind = values.get("PixelSpacingCalibrationType", "")
    detector = pair(values.get("ImagerPixelSpacing", ""))
    if spacing is not None and kind in _KINDS:
        return _Size(spacing, _KINDS[kind])
    if spacing is not None and detector is not None and spacing != detector:
        remark = "Pixel Spacing differs from the detector's: it is read as corrected for magnification."
        return _Size(spacing, Calibration.GEOMETRY, (remark,))
    at_detector = detector or spacing
    if at_detector is None:
        remark = "Imager Pixel Spacing is not a size: lengths are in pixels."
        return _Size(_aspect(values), Calibration.NONE, (remark,) if values.get("ImagerPixelSpacing") else ())
    magnification = _magnification(values)
    if magnification is None:
        return _Size(at_detector, Calibration.DETECTOR)
    return _Size(
        (at_detector[0] / magnification, at_detector[1] / magnification),
        Calibration.GEOMETRY,
        (f"Lengths are corrected for a magnification of {magnification:.3g}.",),
    )


def _magnification(values: Mapping[str, str]) -> float | None:
    """How much larger the shadow is, when the file says so; None otherwise (C.8.7.5, C.8.11)."""
    found = numbers(values.get("EstimatedRadiographicMagnificationFactor", ""))
    if found and 1 <= found[0] < 10:
        return found[0]
    detector = numbers(values.get("DistanceSourceToDetector", ""))
    patient = numbers(values.get("DistanceSourceToPatient", ""))
    # equal or reversed distances are placeholders that some machines write
    if detector and patient and 0 < patient[0] < detector[0] < 10 * patient[0]:
        return detector[0] / patient[0]
    return None


def _aspect(values: Mapping[str, str]) -> tuple[float, float]:
    """Pixel sizes of unknown unit that keep the shape of things; the ratio is vertical over horizontal."""
    for keyword in ("PixelAspectRatio", "NominalScannedPixelSpacing", "ImagerPixelSpacing"):
        found = pair(values.get(keyword, ""))
        if found is not None and 0.01 < found[0] / found[1] < 100:
            return (found[0] / found[1], 1.0)
    return (1.0, 1.0)


def _letters(text: str) -> tuple[str, str]:
    parts = [part.strip() for part in text.split("\\")]
    if len(parts) != 2 or not all(part and set(part) <= set("LRPAHF") for part in parts):
        return ("", "")
    return (parts[0], parts[1])


def _regions(header: Header, shape: tuple[int, int]) -> tuple[ScaledRegion, ...]:
    """The regions that lie on the picture, the smallest first because it is the most particular."""
    found = (_region(item, shape) for item in header.regions)
    known = [region for region in found if region is not None]
    return tuple(sorted(known, key=lambda one: (one.bottom - one.top) * (one.right - one.left)))


def _region(item: Mapping[str, str], shape: tuple[int, int]) -> ScaledRegion | None:
    bounds = [numbers(item.get(f"RegionLocation{edge}", "")) for edge in ("MinY0", "MinX0", "MaxY1", "MaxX1")]
    if not all(bounds):
        return None
    top, left, bottom, right = (int(value[0]) for value in bounds)
    bottom, right = min(bottom, shape[0] - 1), min(right, shape[1] - 1)
    if not (0 <= top < bottom and 0 <= left < right):
        return None
    return ScaledRegion(top, left, bottom, right, _region_spacing(item))


def _region_spacing(item: Mapping[str, str]) -> tuple[float, float] | None:
    """Millimetres, for a two-dimensional region whose both axes are centimetres; a strip of time has none."""
    units = item.get("PhysicalUnitsYDirection"), item.get("PhysicalUnitsXDirection")
    if units != (_CENTIMETRES, _CENTIMETRES) or item.get("RegionSpatialFormat", _SCANNED) != _SCANNED:
        return None
    steps = numbers(item.get("PhysicalDeltaY", "")), numbers(item.get("PhysicalDeltaX", ""))
    if not all(steps):
        return None
    down, right = abs(steps[0][0]) * 10, abs(steps[1][0]) * 10
    return (down, right) if all(_LENGTHS_MM[0] < step < _LENGTHS_MM[1] for step in (down, right)) else None


def _region_aspect(regions: tuple[ScaledRegion, ...]) -> tuple[float, float]:
    """The shape of a pixel in the largest region with a scale, in pixels of its width."""
    scaled = [region.spacing for region in regions if region.spacing is not None]
    return (scaled[-1][0] / scaled[-1][1], 1.0) if scaled else (1.0, 1.0)
