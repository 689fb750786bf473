"""The data themselves on the disk: modality values or stored values of each picture, and how to read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import Plane
from medviewer.core.volume import Frame
from medviewer.dicom.derived_kinds import Kind
from medviewer.dicom.derived_values import Grid, Span, grid_for
from medviewer.export.exporter import EXPORTERS
from medviewer.export.folder import check_room, whole_folder
from medviewer.export.picture import write_picture
from medviewer.kit.errors import BadValue, ExportTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.task import TaskContext
from medviewer.session.exporting.elsewhere import Passing
from medviewer.session.exporting.out import Leaving
from medviewer.session.exporting.roll import Taking

if TYPE_CHECKING:
    from medviewer.session.session import Session

SIDECAR = "values.json"
ROOM = 65535
UNSIGNED = Kind("", signed=False)
NOTICE = "Values of the file, before any window; no patient is named."


class As(Enum):
    """What the numbers in the files are."""

    UINT16 = "16 bits"
    """modality values in 16 bits without a sign, with one slope and intercept for the whole series"""
    STORED = "stored"
    """exactly the numbers that the file stores"""
    FLOAT = "float"
    """modality values themselves, in 32 bits; TIFF only"""


def check_values(how: As, format: str) -> None:
    """Raise BadValue where a *format* has no room for such numbers."""
    if format == "jpeg":
        raise BadValue("JPEG has no room for values.", "Choose PNG or TIFF.")
    if how is As.FLOAT and format != "tiff":
        raise BadValue("Numbers in 32 bits need TIFF.", "Choose TIFF, or 16 bits.")


def write_values(
    session: Session,
    leaving: Leaving,
    folder: Path,
    how: As,
    format: str,
    replace: bool,
    context: TaskContext,
) -> str:
    """One file per picture and `values.json`, which says what they mean; the answer is that in words.

    Slow. Raises BadValue, ExportTrouble, FileTrouble, Cancelled.
    """
    check_values(how, format)
    height, width = leaving.size
    check_room(folder, len(leaving.takings) * height * width * (4 if how is As.FLOAT else 2))
    frames = Passing(session)
    ending = EXPORTERS[format].endings[0]
    grid, unit = Grid("uint16"), ""
    if how is As.UINT16:
        span, context_of_span = Span(), context.part(0, 0.4)
        for _, frame in _frames(frames, leaving, context_of_span):
            span = span.with_picture(_values(frame))
        grid, context = _grid(span), context.part(0.4, 1)
    told: list[dict[str, Any]] = []
    rescales: set[tuple[float, float, str]] = set()
    with whole_folder(folder, replace, leaving.sources) as filling:
        for taking, frame in _frames(frames, leaving, context):
            name = f"{taking.name}{ending}"
            unit = frame.rescale.unit
            pixels = _numbers(frame, how, grid, format)
            write_picture(pixels, filling / name, f"Values: {_meaning(frame, how, grid)}")
            one = {"file": name, **_place(frame.plane)}
            if how is As.STORED:
                one |= _reading(frame)
                rescales.add((frame.rescale.slope, frame.rescale.intercept, unit))
            told.append(one)
        said = {"values": how.value, "unit": unit, **_said(how, grid), "pictures": told, "notice": NOTICE}
        write_atomically(filling / SIDECAR, (json.dumps(said, indent=1) + "\n").encode())
        context.check()
    return _words(how, grid, unit)


def _grid(span: Span) -> Grid:
    """How values become 16 bits without a sign: whole numbers move up exactly where there is room."""
    first = 1 if span.padded else 0
    if span.whole and 0 <= span.highest - span.lowest <= ROOM - first:
        return Grid("uint16", 1.0, span.lowest - first, 0 if span.padded else None)
    return grid_for(span, UNSIGNED)


def _frames(frames: Passing, leaving: Leaving, context: TaskContext) -> Iterator[tuple[Taking, Frame]]:
    count = len(leaving.takings)
    for done, taking in enumerate(leaving.takings):
        context.report(done / count, f"Picture {done + 1} of {count}")
        now = taking.viewports[0]
        assert now.series is not None
        frame = frames.load(now.series, now.index, now.cut, context)
        if frame.is_color:
            raise ExportTrouble(
                "Pictures in colour have no values to write.", "Export them as pictures as shown."
            )
        yield taking, frame


def _values(frame: Frame) -> NDArray[np.float32]:
    """Modality values, NaN where there is no picture."""
    values, padded = frame.values(), frame.padded
    return values if padded is None else np.where(padded, np.float32(np.nan), values)


def _numbers(frame: Frame, how: As, grid: Grid, format: str) -> NDArray[Any]:
    if how is As.UINT16:
        return grid.stored(_values(frame))
    if how is As.FLOAT:
        return _values(frame)
    pixels = frame.pixels
    if pixels.dtype.kind == "f":
        raise BadValue("The numbers of these pictures are no whole ones.", "Write them in 32 bits as TIFF.")
    for kind in (np.uint8, np.uint16):
        limits = np.iinfo(kind)
        if pixels.min() >= limits.min and pixels.max() <= limits.max and pixels.dtype.kind == "u":
            return np.asarray(pixels, kind)
    if format != "tiff":
        raise BadValue("PNG has no room for numbers below 0 or beyond 65535.", "Choose TIFF, or 16 bits.")
    fits = pixels.dtype.itemsize <= 2 and pixels.dtype.kind == "i"
    return np.asarray(pixels, np.int16 if fits else np.int32)


def _said(how: As, grid: Grid) -> dict[str, Any]:
    if how is not As.UINT16:
        return {}
    return {
        "value": "number * slope + intercept",
        "slope": grid.slope,
        "intercept": grid.intercept,
        "largest_error": grid.error,
        "padding": grid.padding,
    }


def _reading(frame: Frame) -> dict[str, Any]:
    """What the stored numbers of one picture mean."""
    if frame.rescale.lut is not None:
        return {"value": "through the table in the file"}
    said: dict[str, Any] = {"slope": frame.rescale.slope, "intercept": frame.rescale.intercept}
    return said if frame.padding is None else {**said, "padding": list(frame.padding)}


def _place(plane: Plane) -> dict[str, Any]:
    """Where a picture lies, in patient millimetres (LPS), and how large a pixel is."""
    said: dict[str, Any] = {"spacing": list(plane.spacing), "calibration": plane.calibration.value}
    if plane.placed:
        said |= {
            "position": list(plane.origin),
            "along_row": list(plane.along_row),
            "along_column": list(plane.along_column),
        }
    return said


def _meaning(frame: Frame, how: As, grid: Grid) -> str:
    unit = f" {frame.rescale.unit}" if frame.rescale.unit.isalnum() else ""
    if how is As.UINT16:
        return f"{grid.slope:.6g} * number + {grid.intercept:.6g}{unit}"
    if how is As.STORED and frame.rescale.lut is None:
        return f"{frame.rescale.slope:.6g} * number + {frame.rescale.intercept:.6g}{unit}"
    return f"as stored in the file{unit}" if how is As.STORED else f"the number{unit}"


def _words(how: As, grid: Grid, unit: str) -> str:
    unit = f" {unit}" if unit else ""
    if how is As.UINT16:
        error = f", off by at most {grid.error:.2g}" if grid.error else ", exactly"
        return f"Value = {grid.slope:.6g} * number + {grid.intercept:.6g}{unit}{error}; see {SIDECAR}."
    return f"The numbers are {'those of the file' if how is As.STORED else f'values{unit}'}; see {SIDECAR}."
