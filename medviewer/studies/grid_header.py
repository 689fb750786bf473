"""A NIfTI or NRRD file as one instance of many frames, so that it is grouped and shown like any other."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from medviewer.core.geometry import ImageGeometry
from medviewer.core.vectors import point
from medviewer.dicom.header import Header
from medviewer.imaging.files.grid_file import GridHeader, read_grid_header
from medviewer.imaging.files.names import GRID, ending_of
from medviewer.imaging.files.standing import standing
from medviewer.kit.errors import FileTrouble

HEAD_BYTES = 1 << 20
MOST_FRAMES = 100_000
UNPLACED = "The file does not say how it lies in the patient: left and right, head and feet may be wrong."


def grid_header(path: str) -> Header:
    """What the file says, in the words of DICOM: no patient, no modality. Raises FileTrouble."""
    known = read_grid_header(path)
    is_color = known.components == 3 and known.kind.endswith("8-bit unsigned integer")
    if known.components > 1 and not is_color:
        raise FileTrouble(
            f"{os.path.basename(path)} holds {known.components} numbers for each voxel, and no picture.",
            "Labels can be laid onto an open series.",
        )
    geometry = standing(known.geometry).geometry(known.geometry)
    slices, rows, columns = geometry.shape
    count = slices * known.times
    if count > MOST_FRAMES:
        raise FileTrouble(
            f"{os.path.basename(path)} holds {count:,} pictures.", f"At most {MOST_FRAMES:,} can be."
        )
    uid = _uid(path)
    values = {
        "SOPInstanceUID": uid,
        "SeriesInstanceUID": f"{uid}.1",
        "StudyInstanceUID": f"{uid}.2",
        "FrameOfReferenceUID": f"{uid}.3",
        "Modality": "OT",
        "StudyDescription": "NIfTI file" if ".nii" in ending_of(path) else "NRRD file",
        "SeriesDescription": os.path.basename(path)[: -len(ending_of(path))],
        "Rows": str(rows),
        "Columns": str(columns),
        "NumberOfFrames": str(count),
        "BitsAllocated": "8" if is_color else "16",
        "SamplesPerPixel": "3" if is_color else "1",
        "PhotometricInterpretation": "RGB" if is_color else "MONOCHROME2",
        "PixelSpacing": f"{geometry.spacing[1]!r}\\{geometry.spacing[2]!r}",
        "SliceThickness": f"{geometry.spacing[0]:.6g}",
        "ImageOrientationPatient": _numbers(*geometry.directions[2], *geometry.directions[1]),
    }
    return Header(
        path=path,
        values=values,
        transfer_syntax=GRID,
        pixel_keyword="PixelData",
        frames=tuple(_frame(geometry, known, at) for at in range(count)),
        warnings=(UNPLACED,) if _is_unplaced(known, path) else (),
    )


def _frame(geometry: ImageGeometry, known: GridHeader, at: int) -> dict[str, str]:
    time, number = divmod(at, geometry.shape[0])
    said = {"ImagePositionPatient": _numbers(*point(geometry.to_patient((number, 0, 0))))}
    if known.times > 1:
        said["TemporalPositionIndex"] = str(time + 1)
        if known.step_s:
            said["TemporalPositionTimeOffset"] = f"{time * known.step_s:.6g}"
    return said


def _is_unplaced(known: GridHeader, path: str) -> bool:
    """Whether neither of NIfTI's two places is said, or NRRD names no space."""
    said = known.said
    if ".nii" in ending_of(path):
        return said.get("qform_code", "0") == "0" and said.get("sform_code", "0") == "0"
    return "NRRD_space" not in said


def _uid(path: str) -> str:
    """The same for the same content, wherever it lies (PS3.5 B.2)."""
    try:
        with open(path, "rb") as file:
            content = file.read(HEAD_BYTES)
        size = Path(path).stat().st_size
    except OSError as error:
        raise FileTrouble(
            f"{os.path.basename(path)} cannot be read: {error.strerror}.", "Check the disk."
        ) from None
    digest = hashlib.sha256(content + size.to_bytes(8, "little")).digest()
    return f"2.25.{int.from_bytes(digest[:15], 'big')}"


def _numbers(*values: float) -> str:
    return "\\".join(repr(float(value)) for value in values)
