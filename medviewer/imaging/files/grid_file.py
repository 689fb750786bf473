"""NIfTI and NRRD files: what their header says, their voxels, and writing both; SimpleITK does the work.

Inside, positions are patient millimetres towards left, posterior and head (LPS), as in DICOM; SimpleITK turns
NIfTI's right, anterior, superior (RAS) at the door.
"""

from __future__ import annotations

import gzip
import math
import os
import zlib
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import ImageGeometry
from medviewer.core.vectors import Vector
from medviewer.imaging.files.names import GRIDS, ending_of
from medviewer.kit.errors import DamagedFile, ExportTrouble, FileTrouble, TooLarge
from medviewer.kit.frozen import frozen
from medviewer.kit.memory import free_bytes

NRRD_HEAD_BYTES = 1 << 16
SLACK_BYTES = 1 << 20
PACKED = 1100
"""Deflate makes nothing smaller than one in so many bytes (RFC 1951)."""
SAME = 1e-3
"""Directions that differ by no more stand at right angles."""


@frozen
class GridHeader:
    """What a file says of its voxels before they are read."""

    geometry: ImageGeometry
    """of one time"""
    times: int = 1
    components: int = 1
    """numbers per voxel: 3 is colour or a vector; layers of a segmentation"""
    kind: str = ""
    """of the numbers, in words: 16-bit signed integer"""
    step_s: float = 0.0
    """between times, 0 where nobody knows"""
    said: Mapping[str, str] = field(default_factory=dict)
    """what else stands in the header, by its own names"""


def read_grid_header(path: Path | str) -> GridHeader:
    """What stands in the header. Raises DamagedFile, TooLarge, FileTrouble, each with the reason."""
    path = Path(path)
    reader = _reader(path)
    size = [max(int(one), 1) for one in reader.GetSize()]
    count = len(size)
    if count not in (2, 3, 4):
        raise FileTrouble(f"{path.name} has {count} dimensions.", "Grids of 2, 3 or 4 can be opened.")
    # a plane is one slice, and times lie behind one another
    size += [1] * (4 - count)
    direction = np.eye(3)
    space = min(count, 3)
    direction[:space, :space] = np.reshape(reader.GetDirection(), (count, count))[:space, :space]
    spacing = [float(one) for one in reader.GetSpacing()] + [1.0] * (4 - count)
    origin = ([float(one) for one in reader.GetOrigin()] + [0.0] * 3)[:3]
    _check_place(path, direction, spacing[:3], origin)
    said = {key: str(reader.GetMetaData(key)) for key in reader.GetMetaDataKeys()}
    header = GridHeader(
        geometry=ImageGeometry(
            shape=(size[2], size[1], size[0]),
            origin=(origin[0], origin[1], origin[2]),
            directions=(_column(direction, 2), _column(direction, 1), _column(direction, 0)),
            spacing=(spacing[2], spacing[1], spacing[0]),
        ),
        times=size[3],
        components=int(reader.GetNumberOfComponents()),
        kind=_kind_words(reader.GetPixelIDValue()),
        step_s=spacing[3] * _seconds(said) if count == 4 else 0.0,
        said=said,
    )
    _check_size(path, header, _bytes_per_number(header.kind))
    return header


def read_grid(path: Path | str) -> tuple[GridHeader, NDArray[Any]]:
    """The header, and values as (time, slice, row, column), of vectors (time, slice, row, column, component).

    NIfTI's slope and intercept are applied already. Slow. Raises FileTrouble.
    """
    header = read_grid_header(path)
    path = Path(path)
    if ending_of(path) == ".nii.gz":
        _check_whole(path, _stored_bytes(header))
    sitk = _itk()
    try:
        image: Any = _reader(path).Execute()
        values: NDArray[Any] = sitk.GetArrayFromImage(image)
    except (RuntimeError, MemoryError) as error:
        raise _refused(path, error) from None
    values = values.reshape(
        (header.times, *header.geometry.shape, *((header.components,) * (header.components > 1)))
    )
    return header, values


def write_grid(
    path: Path,
    values: NDArray[Any],
    geometry: ImageGeometry,
    said: Mapping[str, str] | None = None,
    step_s: float = 1.0,
) -> None:
    """Write *values*, (slice, row, column) on *geometry*, or with a first axis of times *step_s* apart.

    *said* goes into the header of an NRRD file; NIfTI has no room for it. What stood at *path* is replaced
    by a whole file only. Raises ExportTrouble where the format or the axes do not allow it, OSError where the
    disk does not.
    """
    ending = ending_of(path)
    if ending not in GRIDS:
        raise ExportTrouble(f"{path.name} has another ending.", f"Choose {', '.join(GRIDS)}.")
    if not is_straight(geometry):
        raise ExportTrouble(
            "The slices are sheared against each other (gantry tilt), which these files cannot say.",
            "Resample the series first.",
        )
    # not next to what else is called so: a crash leaves nothing that is taken for a file of this kind
    filling = path.with_name(f".writing-{os.urandom(16).hex()}{ending}")
    try:
        _write(filling, _image(values, geometry, said or {}, step_s), ending != ".nii")
        _check_written(filling, values, path.name)
        with open(filling, "rb") as written:
            os.fsync(written.fileno())
        os.replace(filling, path)
    except RuntimeError:
        if not path.parent.is_dir():
            raise FileNotFoundError(2, "No such folder", str(path)) from None
        if not os.access(path.parent, os.W_OK):
            raise PermissionError(13, "Not allowed", str(path)) from None
        raise ExportTrouble(
            f"{path.name} was not written.", "Check the disk, or choose another folder."
        ) from None
    finally:
        filling.unlink(missing_ok=True)


def _image(values: NDArray[Any], geometry: ImageGeometry, said: Mapping[str, str], step_s: float) -> Any:
    image = _itk().GetImageFromArray(values, isVector=False)
    times = values.ndim - 3
    direction = np.eye(3 + times)
    direction[:3, :3] = np.asarray(_squared(geometry.directions)).T[:, ::-1]
    image.SetSpacing([*(float(one) for one in geometry.spacing[::-1]), *(float(step_s or 1.0),) * times])
    image.SetOrigin([*(float(one) for one in geometry.origin), *(0.0,) * times])
    image.SetDirection(direction.ravel().tolist())
    for key, text in said.items():
        image.SetMetaData(key, text)
    return image


def _write(path: Path, image: Any, packed: bool) -> None:
    writer = _itk().ImageFileWriter()
    writer.SetFileName(str(path))
    writer.SetUseCompression(packed)
    writer.Execute(image)


def is_straight(geometry: ImageGeometry) -> bool:
    """Whether its axes stand at right angles on each other."""
    axes = np.asarray(geometry.directions)
    return bool(np.abs(axes @ axes.T - np.eye(3)).max() <= SAME)


def _check_written(filling: Path, values: NDArray[Any], name: str) -> None:
    """Raise ExportTrouble unless all voxels can be read back as they are."""
    again = read_grid(filling)[1]
    if not np.array_equal(again.reshape(values.shape), values, equal_nan=values.dtype.kind == "f"):
        raise ExportTrouble(f"{name} cannot be read back as it was written.", "Check the disk.")


def _squared(directions: tuple[Vector, Vector, Vector]) -> tuple[Vector, Vector, Vector]:
    """The nearest axes at right angles: files round direction cosines, and SimpleITK takes no others."""
    left, _, right = np.linalg.svd(np.asarray(directions, np.float64))
    rows = left @ right
    return (_row(rows, 0), _row(rows, 1), _row(rows, 2))


def _reader(path: Path) -> Any:
    """A reader that has read the header. Raises FileTrouble."""
    sitk = _itk()
    if not path.is_file():
        raise FileTrouble(f"There is no file called {path.name}.", "Check the path.")
    if ending_of(path) == ".nrrd" and _points_elsewhere(path):
        raise FileTrouble(f"{path.name} keeps its voxels in another file.", "Write it as one file.")
    # odd headers make the library talk to the terminal
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    reader.SetImageIO("NiftiImageIO" if ".nii" in ending_of(path) else "NrrdImageIO")
    try:
        reader.ReadImageInformation()
    except (RuntimeError, MemoryError, OverflowError) as error:
        raise _refused(path, error) from None
    return reader


def _points_elsewhere(path: Path) -> bool:
    """Whether an NRRD header names another file: whoever sent it may have meant any file of this machine."""
    with open(path, "rb") as file:
        head = file.read(NRRD_HEAD_BYTES)
    lines = head.split(b"\n\n")[0].replace(b" ", b"").lower().splitlines()
    return any(line.startswith(b"datafile:") for line in lines)


def _refused(path: Path, error: Exception) -> FileTrouble:
    words = str(error)
    if "orthonormal" in words or "orthogonal" in words:
        return FileTrouble(
            f"The axes of {path.name} are sheared, which no regular grid can show.",
            "Resample it with the program that made it.",
        )
    if isinstance(error, MemoryError) or "memory" in words:
        return TooLarge(f"{path.name} does not fit into memory.", "Close something, or cut it smaller.")
    kind = "NIfTI" if ".nii" in ending_of(path) else "NRRD"
    return DamagedFile(f"{path.name} is cut off, or no {kind} file.", "Fetch it again.")


def _check_place(
    path: Path, direction: NDArray[np.float64], spacing: list[float], origin: list[float]
) -> None:
    numbers = [*spacing, *origin, *direction.ravel()]
    if not all(math.isfinite(one) for one in numbers) or min(spacing) <= 0 or max(spacing) > 1e6:
        raise DamagedFile(f"{path.name} says nothing possible of the size of its voxels.", "Write it again.")
    if abs(abs(float(np.linalg.det(direction))) - 1) > 0.05:
        raise FileTrouble(
            f"The axes of {path.name} are sheared.", "Resample it with the program that made it."
        )


def _check_size(path: Path, header: GridHeader, each: int) -> None:
    """Raise TooLarge, DamagedFile where a header claims what its file cannot hold, or this machine cannot."""
    count = _numbers(header)
    claimed = count * each
    if (_stored_bytes(header) or claimed) > path.stat().st_size * (
        1 if ending_of(path) == ".nii" else PACKED
    ):
        raise DamagedFile(
            f"{path.name} claims {count:,} numbers and holds fewer: it is cut off or damaged.",
            "Fetch it again.",
        )
    if claimed > 0.8 * free_bytes():
        raise TooLarge(
            f"{path.name} takes {claimed / 1e9:,.1f} GB, and so much memory is not free.",
            "Close something, or cut it smaller.",
        )


def _check_whole(path: Path, expected: int) -> None:
    """Raise DamagedFile where a packed file is cut off: the library would fill the rest with zeros."""
    found = 0
    try:
        with gzip.open(path) as file:
            while found <= expected + SLACK_BYTES and (piece := file.read(SLACK_BYTES)):
                found += len(piece)
    except (EOFError, zlib.error, OSError):
        found = 0
    if found < expected:
        raise DamagedFile(f"{path.name} is cut off or damaged.", "Fetch it again.")


def _numbers(header: GridHeader) -> int:
    return math.prod(header.geometry.shape) * header.times * header.components


def _stored_bytes(header: GridHeader) -> int:
    """The bytes of NIfTI voxels in their file, where no slope makes them wider yet; 0 where nobody says."""
    bits = header.said.get("bitpix", "")
    width = int(bits) // 8 if bits.isdecimal() else 0
    # what is several numbers for a reader may be one, as wide, in the file
    return _numbers(header) // max(header.components, 1) * width


def _bytes_per_number(kind: str) -> int:
    return next((int(bits) // 8 for bits in ("64", "32", "16", "8") if bits in kind), 1)


def _kind_words(number: int) -> str:
    sitk = _itk()
    return str(sitk.GetPixelIDValueAsString(number))


def _seconds(said: Mapping[str, str]) -> float:
    """How many seconds NIfTI's unit of time has: bits 3 to 5 of xyzt_units (nifti1.h)."""
    try:
        unit = int(float(said.get("xyzt_units", "0"))) & 0x38
    except ValueError:
        return 0.0
    return {8: 1.0, 16: 1e-3, 24: 1e-6}.get(unit, 0.0)


def _column(matrix: NDArray[np.float64], at: int) -> Vector:
    return _row(matrix.T, at)


def _row(matrix: NDArray[np.float64], at: int) -> Vector:
    x, y, z = (float(one) + 0.0 for one in matrix[at])
    return (x, y, z)


def _itk() -> Any:
    import SimpleITK  # noqa: PLC0415  heavy: a quarter of a second to import

    return SimpleITK
