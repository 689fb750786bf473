"""A session file: the readings of series as JSON, their label slices packed; what is damaged is refused."""

from __future__ import annotations

import base64
import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.annotation import Annotation
from medviewer.core.codes import Code
from medviewer.core.finding import Finding, Provenance, State
from medviewer.core.labels import Label, LabelMap
from medviewer.core.pipeline import Pipeline
from medviewer.core.study import SeriesKey
from medviewer.core.volume import read_only
from medviewer.kit.errors import BadValue, ExportTrouble, FileTrouble
from medviewer.kit.files import write_atomically
from medviewer.session.state import Picture, Reading

FORMAT = 2
_READ = (1, FORMAT)
LARGEST_FILE = 512 * 1024 * 1024
LARGEST_LABELS = 2 << 30
"""Bytes of all label slices of a series together: 2,000 slices of 1,024 x 1,024."""

_DAMAGE = (BadValue, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What a file that is not as we wrote it leads to while it is read."""


def read(path: Path) -> tuple[Reading, ...]:
    """The readings in a session file. Raises FileTrouble."""
    try:
        size = path.stat().st_size
    except OSError as trouble:
        raise FileTrouble(
            f"{path.name} cannot be read: {trouble.strerror}.", "Check that it is there."
        ) from None
    try:
        if size > LARGEST_FILE:
            raise FileTrouble(f"{path.name} is too large for a session file.", "")
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or found.get("medviewer_readings") not in _READ:
            raise FileTrouble(f"{path.name} is not a session file of this version of medviewer.", "")
        return tuple(_reading(item) for item in found["readings"])
    except (OSError, zlib.error, *_DAMAGE):
        raise FileTrouble(
            f"The session file {path.name} is damaged.", "It is kept as it is, and nothing of it is used."
        ) from None


def write(path: Path, readings: tuple[Reading, ...]) -> None:
    """Write readings to a session file, whole or not at all. Raises ExportTrouble."""
    content = {"medviewer_readings": FORMAT, "readings": [_plain(one) for one in readings]}
    try:
        write_atomically(path, json.dumps(content, indent=1).encode())
    except OSError as trouble:
        raise ExportTrouble(
            f"Your work could not be saved: {trouble.strerror or 'the disk refused'}.",
            "Make room on the disk; it stays in the window meanwhile.",
        ) from None


def _plain(reading: Reading) -> dict[str, Any]:
    return {
        "series": reading.series,
        "pipeline": reading.pipeline.to_json(),
        "stack_chosen": reading.stack_chosen,
        "annotations": [one.to_dict() for one in reading.annotations],
        "findings": [_plain_finding(one) for one in reading.findings],
        "groups": [_plain_labels(one) for one in reading.groups],
        "pictures": [list(one) for one in reading.pictures],
        "key_pictures": [list(one) for one in reading.key_pictures],
        "scales": [list(one) for one in reading.scales],
    }


def _reading(found: Mapping[str, Any]) -> Reading:
    series: SeriesKey = str(found["series"])
    pipeline = Pipeline.from_json(found["pipeline"])
    return Reading(
        series,
        pipeline,
        tuple(Annotation.from_dict(one) for one in found["annotations"]),
        tuple(_labels(one) for one in _groups(found)),
        tuple(_finding(one) for one in found["findings"]),
        _pictures(found.get("pictures", ())),
        _pictures(found.get("key_pictures", ())),
        tuple((str(instance), float(scale)) for instance, scale in found.get("scales", ())),
        # files from before there were defaults hold nothing that the reader has not chosen
        bool(found.get("stack_chosen", pipeline.steps)),
    )


def _pictures(found: Any) -> tuple[Picture, ...]:
    return tuple((str(instance), int(frame)) for instance, frame in found)


def _plain_finding(finding: Finding) -> dict[str, Any]:
    return {
        "what": finding.what,
        "score": finding.score,
        "threshold": finding.threshold,
        "frame": finding.frame,
        "state": finding.state.value,
        "provenance": _plain_provenance(finding.provenance),
    }


def _finding(found: Mapping[str, Any]) -> Finding:
    return Finding(
        str(found["what"]),
        float(found["score"]),
        float(found["threshold"]),
        _provenance(found["provenance"]),
        None if found["frame"] is None else int(found["frame"]),
        State(found["state"]),
    )


def _plain_provenance(provenance: Provenance) -> dict[str, Any]:
    return {
        "model": provenance.model,
        "version": provenance.version,
        "sha256": provenance.sha256,
        "when": provenance.when,
        "values": [list(pair) for pair in provenance.values],
    }


def _provenance(found: Mapping[str, Any]) -> Provenance:
    values = tuple((str(name), str(value)) for name, value in found.get("values", ()))
    return Provenance(
        str(found["model"]), str(found["version"]), str(found["sha256"]), str(found["when"]), values
    )


def _plain_labels(labels: LabelMap) -> dict[str, Any]:
    return {
        "id": labels.id,
        "name": labels.name,
        "source": labels.source,
        "labels": [_plain_label(one) for one in labels.labels],
        "opacity": labels.opacity,
        "state": labels.state.value,
        "provenance": None if labels.provenance is None else _plain_provenance(labels.provenance),
        "slices": [None if one is None else _packed(one) for one in labels.slices],
    }


def _labels(found: Mapping[str, Any]) -> LabelMap:
    provenance = found["provenance"]
    return LabelMap(
        tuple(None if one is None else _unpacked(one) for one in found["slices"]),
        tuple(_label(one) for one in found["labels"]),
        None if provenance is None else _provenance(provenance),
        State(found["state"]),
        float(found["opacity"]),
        str(found.get("name", "")),
        str(found.get("source", "")),
        str(found.get("id", "")) or os.urandom(16).hex(),
    )


def _groups(found: Mapping[str, Any]) -> list[Any]:
    """The label maps of a reading, no larger than all may be; files of format 1 hold one at most."""
    groups = list(found["groups"]) if "groups" in found else [found["labels"]]
    groups = [one for one in groups if one is not None]
    sides = [one["shape"] for group in groups for one in group["slices"] if one is not None]
    if sum(int(rows) * int(columns) for rows, columns in sides) > LARGEST_LABELS:
        raise ValueError("the label slices claim an impossible size")
    return groups


def _plain_label(label: Label) -> dict[str, Any]:
    return {
        "value": label.value,
        "name": label.name,
        "color": label.color,
        "visible": label.visible,
        "locked": label.locked,
        "filled": label.filled,
        "opacity": label.opacity,
        "category": _plain_code(label.category),
        "meaning": _plain_code(label.meaning),
        "tracking": label.tracking,
    }


def _label(found: Any) -> Label:
    if isinstance(found, list):  # format 1
        value, name, color, shown = found
        return Label(int(value), str(name), str(color), bool(shown))
    opacity = found["opacity"]
    return Label(
        int(found["value"]),
        str(found["name"]),
        str(found["color"]),
        bool(found["visible"]),
        bool(found["locked"]),
        bool(found["filled"]),
        None if opacity is None else float(opacity),
        _code(found["category"]),
        _code(found["meaning"]),
        str(found["tracking"]),
    )


def _plain_code(code: Code | None) -> list[str] | None:
    return None if code is None else code.to_list()


def _code(found: Any) -> Code | None:
    return None if found is None else Code.of(found)


def _packed(values: NDArray[np.uint8]) -> dict[str, Any]:
    packed = base64.b64encode(zlib.compress(np.ascontiguousarray(values).tobytes(), 1)).decode()
    return {"shape": list(values.shape), "zlib": packed}


def _unpacked(found: Mapping[str, Any]) -> NDArray[np.uint8]:
    rows, columns = (int(side) for side in found["shape"])
    if rows < 1 or columns < 1:
        raise ValueError("a label slice claims an impossible size")
    # the buffer may not grow beyond what the shape says, whatever the compressed data claim
    plain = zlib.decompressobj().decompress(base64.b64decode(found["zlib"]), rows * columns)
    return read_only(np.frombuffer(plain, np.uint8).reshape(rows, columns))
