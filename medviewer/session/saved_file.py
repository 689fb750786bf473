"""A session file: the readings of series as JSON, their label slices packed; what is damaged is refused."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.annotation import Annotation
from medviewer.core.finding import Finding, Provenance, State
from medviewer.core.labels import Label, LabelMap
from medviewer.core.pipeline import Pipeline
from medviewer.core.study import SeriesKey
from medviewer.core.volume import read_only
from medviewer.kit.errors import BadValue, ExportTrouble, FileTrouble
from medviewer.kit.files import write_atomically
from medviewer.session.state import Reading

FORMAT = 1
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
        if not isinstance(found, dict) or found.get("medviewer_readings") != FORMAT:
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
        "labels": None if reading.labels is None else _plain_labels(reading.labels),
        "pictures": [list(one) for one in reading.pictures],
    }


def _reading(found: Mapping[str, Any]) -> Reading:
    series: SeriesKey = str(found["series"])
    pipeline = Pipeline.from_json(found["pipeline"])
    return Reading(
        series,
        pipeline,
        tuple(Annotation.from_dict(one) for one in found["annotations"]),
        None if found["labels"] is None else _labels(found["labels"]),
        tuple(_finding(one) for one in found["findings"]),
        tuple((str(instance), int(frame)) for instance, frame in found.get("pictures", ())),
        # files from before there were defaults hold nothing that the reader has not chosen
        bool(found.get("stack_chosen", pipeline.steps)),
    )


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
        "labels": [[one.value, one.name, one.color, one.visible] for one in labels.labels],
        "opacity": labels.opacity,
        "state": labels.state.value,
        "provenance": None if labels.provenance is None else _plain_provenance(labels.provenance),
        "slices": [None if one is None else _packed(one) for one in labels.slices],
    }


def _labels(found: Mapping[str, Any]) -> LabelMap:
    provenance = found["provenance"]
    sides = [one["shape"] for one in found["slices"] if one is not None]
    if sum(int(rows) * int(columns) for rows, columns in sides) > LARGEST_LABELS:
        raise ValueError("the label slices claim an impossible size")
    return LabelMap(
        tuple(None if one is None else _unpacked(one) for one in found["slices"]),
        tuple(Label(int(v), str(name), str(color), bool(shown)) for v, name, color, shown in found["labels"]),
        None if provenance is None else _provenance(provenance),
        State(found["state"]),
        float(found["opacity"]),
    )


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
