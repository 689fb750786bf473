"""Label maps as files: NIfTI with a table of names beside it, and NRRD as 3D Slicer keeps segmentations.

Slicer's fields are those of its documentation, "Segmentations: segmentation file (.seg.nrrd) format".
"""

from __future__ import annotations

import colorsys
import csv
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import ImageGeometry
from medviewer.core.labels import MOST_LABELS, SAFE_COLORS, Label
from medviewer.imaging.files.grid_file import read_grid, write_grid
from medviewer.imaging.files.names import ending_of
from medviewer.kit.errors import FileTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.frozen import frozen

TABLE = ".labels.json"
"""The ending of the table of names beside a file that has no room for them."""
LONGEST_NAME = 64
GOLDEN = (5**0.5 - 1) / 2
_SEGMENT = re.compile(r"Segment(\d{1,4})_(\w+)")
_COLOR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
_ITK_SNAP = re.compile(r'\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+[\d.]+\s+\d+\s+\d+\s+"([^"]*)"')
"""A line of ITK-SNAP's label descriptions: number, red, green, blue, opacity, visible, mesh, name."""


@frozen(eq=False)
class Layer:
    """Labels that do not overlap each other."""

    values: NDArray[np.uint8]
    """(slice, row, column)"""
    labels: tuple[Label, ...]


@frozen(eq=False)
class LabelFile:
    """What a label map file holds."""

    geometry: ImageGeometry
    layers: tuple[Layer, ...]


def write_labels(path: Path, layer: Layer, geometry: ImageGeometry, names: bool = True) -> None:
    """Write one layer; NRRD says names and colours itself, beside NIfTI stands a table with them.

    Raises ExportTrouble, OSError.
    """
    is_nrrd = ending_of(path) == ".nrrd"
    write_grid(path, layer.values, geometry, _segments(layer) if is_nrrd else None)
    if names and not is_nrrd:
        rows = [{"value": one.value, "name": one.name, "color": one.color} for one in layer.labels]
        content = json.dumps({"labels": rows}, indent=1, ensure_ascii=False) + "\n"
        write_atomically(table_beside(path), content.encode())


def table_beside(path: Path) -> Path:
    """Where the table of names of a label file stands."""
    return path.with_name(path.name[: -len(ending_of(path))] + TABLE)


def read_labels(path: Path, table: Path | None = None) -> LabelFile:
    """The layers of a label map file, with names out of its header, a *table*, or one that stands beside it.

    Raises FileTrouble where its numbers are no labels.
    """
    header, values = read_grid(path)
    if header.times > 1:
        raise FileTrouble(f"{path.name} holds several times.", "Choose a label map of one time.")
    stacks = [values[0, ..., at] for at in range(header.components)] if header.components > 1 else [values[0]]
    segments = _read_segments(header.said)
    known = {} if segments else _table(path, table)
    layers = []
    for number, stack in enumerate(stacks):
        numbers, found = _numbered(stack, path.name)
        own = {value: label for (layer, value), label in segments.items() if layer == number} or known
        labels = tuple(_named(new, old, own.get(old)) for old, new in numbers.items())
        layers.append(Layer(found, labels))
    layers = [one for one in layers if one.labels]
    if not layers:
        raise FileTrouble(f"Nothing is marked in {path.name}.", "Choose another file.")
    return LabelFile(header.geometry, tuple(layers))


def _numbered(stack: NDArray[Any], name: str) -> tuple[dict[int, int], NDArray[np.uint8]]:
    """Which numbers of the file became which, the same where there is room for them, and the stack."""
    whole = np.rint(stack) if stack.dtype.kind == "f" else stack
    if stack.dtype.kind == "f" and not np.array_equal(whole, stack):
        raise FileTrouble(
            f"The numbers in {name} are no whole ones: it is a picture, not a label map.",
            "Open it as a series.",
        )
    found = [int(one) for one in np.unique(whole) if one]
    if len(found) > MOST_LABELS or (found and found[0] < 0):
        raise FileTrouble(
            f"{name} holds {len(found):,} different numbers{' below 0 too' if found[0] < 0 else ''}: "
            "it is a picture, not a label map.",
            "Open it as a series.",
        )
    fits = not found or found[-1] <= MOST_LABELS
    numbers = {old: old if fits else at for at, old in enumerate(found, 1)}
    values = np.zeros(stack.shape, np.uint8)
    if fits:
        values[...] = whole
    else:
        for old, new in numbers.items():
            values[whole == old] = new
    return numbers, values


def _named(new: int, old: int, known: tuple[str, str] | None) -> Label:
    name, color = known or ("", "")
    return Label(new, _plain(name) or f"Label {old}", color if _COLOR.fullmatch(color) else _color(new))


def _color(number: int) -> str:
    """The safe colours, and beyond them hues a golden angle apart, so that neighbours in number differ."""
    if number <= len(SAFE_COLORS):
        return SAFE_COLORS[number - 1]
    rgb = colorsys.hls_to_rgb(number * GOLDEN % 1, 0.45 + 0.2 * (number % 3) / 2, 0.75)
    return "#" + "".join(f"{round(255 * part):02x}" for part in rgb)


def _plain(name: str) -> str:
    return "".join(sign for sign in name if sign.isprintable()).strip()[:LONGEST_NAME]


# --- Slicer's segmentations


def _segments(layer: Layer) -> dict[str, str]:
    """The fields that name the segments of a layer."""
    said = {
        "Segmentation_MasterRepresentation": "Binary labelmap",
        "Segmentation_SourceRepresentation": "Binary labelmap",
        "Segmentation_ContainedRepresentationNames": "Binary labelmap|",
        "Segmentation_ReferenceImageExtentOffset": "0 0 0",
    }
    for at, label in enumerate(layer.labels):
        rgb = [int(label.color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        fields = {
            "ID": f"Segment_{label.value}",
            "Name": _plain(label.name),
            "NameAutoGenerated": "0",
            "Color": " ".join(f"{part:.6g}" for part in rgb),
            "ColorAutoGenerated": "0",
            "LabelValue": str(label.value),
            "Layer": "0",
            "Extent": " ".join(map(str, _extent(layer.values == label.value))),
            "Tags": "|",
        }
        said |= {f"Segment{at}_{name}": text for name, text in fields.items()}
    return said


def _extent(mask: NDArray[np.bool_]) -> list[int]:
    """First and last column, row and slice; 0 and -1 where nothing is marked."""
    found: list[int] = []
    for axis in (2, 1, 0):
        others = tuple(one for one in range(3) if one != axis)
        some = np.flatnonzero(mask.any(axis=others))
        found += [int(some[0]), int(some[-1])] if some.size else [0, -1]
    return found


def _read_segments(said: Mapping[str, str]) -> dict[tuple[int, int], tuple[str, str]]:
    """(name, colour) by layer and value."""
    fields: dict[int, dict[str, str]] = {}
    for key, text in said.items():
        match = _SEGMENT.fullmatch(key)
        if match:
            fields.setdefault(int(match[1]), {})[match[2]] = text
    found = {}
    for number, one in fields.items():
        value, layer = _whole(one.get("LabelValue", str(number + 1))), _whole(one.get("Layer", "0"))
        if value is not None and layer is not None:
            found[layer, value] = (one.get("Name", ""), _hex(one.get("Color", "").split(), 255))
    return found


def _whole(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() and len(text) < 10 else None


def _hex(parts: Sequence[str], scale: float) -> str:
    """#rrggbb of three numbers, "" of anything else."""
    try:
        numbers = [min(max(round(float(part) * scale), 0), 255) for part in parts]
    except (ValueError, OverflowError):
        return ""
    return f"#{numbers[0]:02x}{numbers[1]:02x}{numbers[2]:02x}" if len(numbers) == 3 else ""


# --- tables of names


def _table(path: Path, table: Path | None) -> dict[int, tuple[str, str]]:
    """(name, colour) by value, from *table* or what stands beside *path*; nothing where there is none."""
    stem = path.name[: -len(ending_of(path))]
    beside = [path.with_name(stem + ending) for ending in (TABLE, ".csv", ".tsv", ".txt", ".label")]
    for one in [table] if table is not None else beside:
        if one.is_file():
            found = read_table(one)
            if found or table is not None:
                return found
    return {}


def read_table(path: Path) -> dict[int, tuple[str, str]]:
    """(name, colour) by value: our JSON, value,name[,colour] lines, or ITK-SNAP's label descriptions.

    Raises FileTrouble for a file that cannot be read; lines that say nothing are passed over.
    """
    try:
        text = path.read_bytes()[: 1 << 20].decode("utf-8-sig", "replace")
    except OSError as error:
        raise FileTrouble(f"{path.name} cannot be read: {error.strerror}.", "Choose another file.") from None
    if path.suffix.lower() == ".json":
        return _json_table(text, path.name)
    found: dict[int, tuple[str, str]] = {}
    for line in text.splitlines():
        snap = _ITK_SNAP.match(line)
        if snap:
            found[int(snap[1])] = (snap[5], _hex(snap.groups()[1:4], 1))
            continue
        cells = next(csv.reader([line], delimiter="\t" if "\t" in line else ","), [])
        if len(cells) >= 2 and _whole(cells[0]) is not None:
            found[int(cells[0])] = (cells[1], cells[2].strip() if len(cells) > 2 else "")
    found.pop(0, None)
    return found


def _json_table(text: str, name: str) -> dict[int, tuple[str, str]]:
    try:
        rows = json.loads(text)
        rows = rows["labels"] if isinstance(rows, dict) else rows
        return {int(row["value"]): (str(row["name"]), str(row.get("color", ""))) for row in rows}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise FileTrouble(f"{name} is no table of labels.", "Choose another, or leave it out.") from None
