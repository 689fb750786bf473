"""``medviewer info``: what lies under a path, series by series."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from medviewer.cli import output
from medviewer.cli.arguments import add_json, add_path
from medviewer.cli.desk import Contents, contents
from medviewer.cli.objects import objects_in, row, short
from medviewer.core.geometry import ImageGeometry
from medviewer.core.study import Dimension, Series
from medviewer.kit.errors import FileTrouble
from medviewer.session.found.places import Places


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    add_path(parser)
    add_json(parser)


def run(values: Namespace) -> int:
    """List the series and the files that cannot be read; 1 when there is no series at all."""
    found = contents(values.path)
    if values.json:
        output.tell_json(described(found))
    else:
        _tell(found)
    if not found.series:
        raise FileTrouble(*_reason(found, str(values.path)))
    return 0


def described(found: Contents) -> dict[str, Any]:
    """The answer as plain values; patients are not named."""
    objects, _ = objects_in(found)
    places = Places(found.studies)
    return {
        "series": [_series(one) for one in found.series],
        "objects": [short(one, places) for one in objects],
        "unreadable": [{"path": one.path, "reason": one.reason} for one in found.unreadable],
    }


def _series(series: Series) -> dict[str, Any]:
    first = series.instances[0] if series.instances else None
    shape = series.frames[0].plane.shape if series.frames else None
    return {
        "uid": series.uid,
        "key": series.key,
        "modality": series.modality,
        "description": series.description,
        "number": series.number,
        "frames": series.count,
        "rows": shape[0] if shape else (first.rows if first else None),
        "columns": shape[1] if shape else (first.columns if first else None),
        "transfer_syntax": first.transfer_syntax if first else None,
        "volume": _volume(series.geometry),
        "dimension": _dimension(series.dimension),
        "problems": list(series.problems),
    }


def _dimension(dimension: Dimension | None) -> dict[str, Any] | None:
    """What differs between pictures at one place; frames are counted value by value."""
    if dimension is None:
        return None
    return {"name": dimension.name, "unit": dimension.unit, "values": list(dimension.values)}


def _volume(geometry: ImageGeometry | None) -> dict[str, Any] | None:
    """The grid: axes are (slice, row, column), positions millimetres in the DICOM patient system (LPS)."""
    if geometry is None:
        return None
    return {
        "shape": list(geometry.shape),
        "spacing_mm": list(geometry.spacing),
        "origin_mm": list(geometry.origin),
        "directions": [list(direction) for direction in geometry.directions],
    }


def _reason(found: Contents, path: str) -> tuple[str, str]:
    if len(found.unreadable) == 1:
        return found.unreadable[0].reason, "Choose another file."
    if found.unreadable:
        first = found.unreadable[0].reason
        return (
            f"None of the {len(found.unreadable)} files in {path} can be read as DICOM.",
            f"The first: {first}",
        )
    return f"{path} holds no files.", "Choose a file or a folder with DICOM images."


def _tell(found: Contents) -> None:
    rows: list[tuple[object, ...]] = []
    for series in found.series:
        facts = _series(series)
        size = f"{facts['columns']} x {facts['rows']}" if facts["rows"] else ""
        grid = "volume" if facts["volume"] else "no volume"
        if series.dimension is not None:
            grid += f", {len(series.dimension.values)} x {series.dimension.name.lower()}"
        rows.append((series.modality, f"{series.count} frames", size, grid, series.description, series.uid))
    if rows:
        output.table(rows)
    objects, troubles = objects_in(found)
    if objects:
        places = Places(found.studies)
        output.table(row(one, places) for one in objects)
    for words in troubles:
        output.tell(words)
    for series in found.series:
        for problem in series.problems:
            output.tell(f"{series.modality} {series.description or series.uid}: {problem}")
    for one in found.unreadable if found.series or len(found.unreadable) > 1 else ():
        output.tell(f"unreadable: {one.path}: {one.reason}")
