"""Readings as plain values for JSON and back, part by part; what is not as we wrote it is refused."""

from __future__ import annotations

import math
import os
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from medviewer.core.annotation import Annotation
from medviewer.core.codes import Code
from medviewer.core.finding import Finding, Provenance, State
from medviewer.core.labels import Label, LabelMap
from medviewer.core.pipeline import Pipeline
from medviewer.core.seeds import SeedPoint
from medviewer.core.study import SeriesKey
from medviewer.kit.errors import BadValue
from medviewer.session.keeping.packing import Slice, packed, unpacked
from medviewer.session.state import Picture, Reading

LARGEST_LABELS = 2 << 30
"""Bytes of all label slices of a series together: 2,000 slices of 1,024 x 1,024."""

DAMAGE = (
    BadValue,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    struct.error,
    zlib.error,
)
"""What a file that is not as we wrote it leads to while it is read."""

Slices = tuple[Slice | None, ...]
Part = tuple[Callable[[Any], Any], Callable[[Any], Any]]
"""How one item of a tuple becomes plain, and back."""


def plain_reading(reading: Reading) -> dict[str, Any]:
    """A reading for a JSON file."""
    parts = {name: [to_plain(one) for one in getattr(reading, name)] for name, (to_plain, _) in ITEMS.items()}
    return {
        "series": reading.series,
        "pipeline": reading.pipeline.to_json(),
        "stack_chosen": reading.stack_chosen,
        "groups": [_plain_labels(one) for one in reading.groups],
        **parts,
    }


def reading_of(found: Mapping[str, Any]) -> Reading:
    """The reading that `plain_reading` wrote, now or years ago. Raises what `DAMAGE` lists."""
    series: SeriesKey = str(found["series"])
    pipeline = Pipeline.from_json(found["pipeline"])
    # files of older versions hold neither of some
    parts = {name: tuple(of(one) for one in found.get(name, ())) for name, (_, of) in ITEMS.items()}
    return Reading(
        series,
        pipeline,
        groups=tuple(_labels(one) for one in _groups(found)),
        # files from before there were defaults hold nothing that the reader has not chosen
        stack_chosen=bool(found.get("stack_chosen", pipeline.steps)),
        **parts,
    )


def _picture(found: Any) -> Picture:
    instance, frame = found
    return str(instance), int(frame)


def _scale(found: Any) -> tuple[str, float]:
    instance, scale = found
    return str(instance), float(scale)


def _plain_finding(finding: Finding) -> dict[str, Any]:
    return {
        "what": finding.what,
        "score": finding.score,
        "threshold": finding.threshold,
        "frame": finding.frame,
        "state": finding.state.value,
        "provenance": _plain_provenance(finding.provenance),
        **({} if finding.value is None else {"value": finding.value, "unit": finding.unit}),
    }


def _finding(found: Mapping[str, Any]) -> Finding:
    return Finding(
        str(found["what"]),
        float(found["score"]),
        float(found["threshold"]),
        _provenance(found["provenance"]),
        None if found["frame"] is None else int(found["frame"]),
        State(found["state"]),
        float(found["value"]) if "value" in found else None,
        str(found.get("unit", "")),
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
        **plain_look(labels),
        "slices": [None if one is None else packed(one) for one in labels.slices],
    }


def plain_look(labels: LabelMap) -> dict[str, Any]:
    """A label map without its slices."""
    return {
        "id": labels.id,
        "name": labels.name,
        "source": labels.source,
        "labels": [_plain_label(one) for one in labels.labels],
        "opacity": labels.opacity,
        "state": labels.state.value,
        "provenance": None if labels.provenance is None else _plain_provenance(labels.provenance),
    }


def _labels(found: Mapping[str, Any]) -> LabelMap:
    return look_of(found, tuple(None if one is None else unpacked(one) for one in found["slices"]))


def look_of(found: Mapping[str, Any], slices: Slices) -> LabelMap:
    """The label map that `plain_look` wrote, with its *slices*. Raises what `DAMAGE` lists."""
    provenance = found["provenance"]
    return LabelMap(
        slices,
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
        "method": label.method,
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
        str(found.get("method", "")),
    )


def _plain_code(code: Code | None) -> list[str] | None:
    return None if code is None else code.to_list()


def _code(found: Any) -> Code | None:
    return None if found is None else Code.of(found)


def _plain_seed(seed: SeedPoint) -> list[Any]:
    return [list(seed.position), seed.frame_of_reference, seed.inside]


def _seed(found: Any) -> SeedPoint:
    (x, y, z), frame, inside = found
    position = (float(x), float(y), float(z))
    if not all(map(math.isfinite, position)):
        raise ValueError("a seed lies nowhere")
    return SeedPoint(position, str(frame), bool(inside))


ITEMS: dict[str, Part] = {
    "annotations": (Annotation.to_dict, Annotation.from_dict),
    "findings": (_plain_finding, _finding),
    "pictures": (list, _picture),
    "key_pictures": (list, _picture),
    "scales": (list, _scale),
    "seeds": (_plain_seed, _seed),
    "words": (str, str),
    "outlined": (str, str),
}
"""The parts of a reading that are tuples of small values."""
