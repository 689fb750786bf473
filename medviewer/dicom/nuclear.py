"""Frames of nuclear medicine: what each is, and where the slices of a reconstruction lie (PS3.3 C.8.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from medviewer.core.vectors import cross, moved
from medviewer.dicom.describe import frame_count
from medviewer.dicom.header import Header, numbers
from medviewer.dicom.vectors import position, position_text, unit_vectors

VECTORS = (
    "EnergyWindowVector",
    "DetectorVector",
    "PhaseVector",
    "RotationVector",
    "RRIntervalVector",
    "TimeSlotVector",
    "SliceVector",
    "AngularViewVector",
    "TimeSliceVector",
)
"""What may number the frames, the slowest first (C.8.4.8.1)."""


def with_nuclear(header: Header, found: Mapping[str, str]) -> Header:
    """*header* with what its vectors say of each frame; *found* are the values of NUCLEAR.

    Slices are placed from Detector Information and Spacing Between Slices where Image Type says that they
    were reconstructed. Elsewhere the detector's place is not the picture's, and none is given.
    """
    vectors = {name: found[name].split("\\") for name in VECTORS if name in found}
    count, _ = frame_count(header)
    vectors = {name: numbered for name, numbered in vectors.items() if len(numbered) == count}
    kind = header.get("ImageType")
    is_volume = "RECON" in kind and "TOMO" in kind
    if is_volume and not vectors:
        vectors = {"SliceVector": [str(number) for number in range(1, count + 1)]}
    frames: list[dict[str, str]] = [
        {name: numbered[at] for name, numbered in vectors.items()} for at in range(count if vectors else 0)
    ]
    if not is_volume:
        return replace(header, frames=tuple(frames))
    return replace(header, frames=_placed(header, found, frames))


def _placed(
    header: Header, found: Mapping[str, str], frames: list[dict[str, str]]
) -> tuple[Mapping[str, str], ...]:
    """Positive spacing stacks the slices behind the first, along the cross product (C.8.4.15)."""
    orientation = found.get("ImageOrientationPatient", "") or header.get("ImageOrientationPatient")
    vectors = unit_vectors(orientation)
    corner = position(found.get("ImagePositionPatient", "") or header.get("ImagePositionPatient"))
    step = header.number("SpacingBetweenSlices") or header.number("SliceThickness")
    if vectors is None or corner is None or not step or not all("SliceVector" in one for one in frames):
        return tuple(frames)
    normal = cross(*vectors)
    for one in frames:
        number = numbers(one["SliceVector"])
        at = (number[0] if number else 1) - 1
        one["ImagePositionPatient"] = position_text(moved(corner, normal, at * step))
        one["ImageOrientationPatient"] = orientation
    return tuple(frames)
