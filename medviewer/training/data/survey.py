"""What is in the data, found while every example is read once: counts, sizes, values, and what is wrong.

Names of files stand in the answer for whoever owns the data; pages that are passed on show numbers instead.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.prepare import spacing_of
from medviewer.ai.prepare_stack import stack_spacing
from medviewer.core.volume import Frame
from medviewer.kit.errors import FileTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.training.data.dataset import Dataset, Example, Picture, Stack
from medviewer.training.data.loading import hash_of, pixels_of, read_whole

MOST_NAMED = 50
"""of each fault; the rest is counted"""
RARE = 0.05
"""A class with a smaller share is called rare."""
FEW = 20
"""A class with fewer examples is called small."""


@frozen(eq=False)
class Seen:
    """What is kept of one example."""

    number: int
    """its place among the examples, from 1"""
    example: Example
    hash: str
    size: tuple[int, ...]
    spacing: tuple[float, ...]
    low: float
    high: float
    mean: float
    kind: str
    marked: tuple[tuple[int, float], ...]
    """label and its share of the pixels"""


class Survey:
    """Looks at examples as they are read, whoever reads them."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.seen: list[Seen] = []
        self.damaged: list[str] = []

    def see(
        self,
        number: int,
        example: Example,
        picture: Picture | Stack,
        mask: NDArray[np.uint8] | None,
        pixels_hash: str,
    ) -> None:
        """Take note of one example; *number* is its place from 1."""
        pictures: Any = picture if self.dataset.is_stacked else [picture]
        parts = [_values(one) for one in pictures]
        finite = [one[np.isfinite(one)] for one in parts]
        finite = [one for one in finite if one.size] or [np.zeros(1)]
        size: tuple[int, ...] = parts[0].shape[:2]
        spacing = stack_spacing(picture) if self.dataset.is_stacked else spacing_of(picture)  # type: ignore[arg-type]
        self.seen.append(
            Seen(
                number,
                example,
                pixels_hash,
                (len(parts), *size) if self.dataset.is_stacked else size,
                spacing,
                float(min(one.min() for one in finite)),
                float(max(one.max() for one in finite)),
                float(np.mean([one.mean(dtype=np.float64) for one in finite])),
                str(parts[0].dtype) + (" colour" if parts[0].ndim == 3 else ""),
                _shares(mask),
            )
        )

    def spoilt(self, sentence: str) -> None:
        """Take note of an example that cannot be used."""
        self.damaged.append(sentence)

    def summary(self, parts: Mapping[str, str] | None = None) -> dict[str, Any]:
        """All of it in plain values for JSON. *parts* by name; without it those of the data themselves."""
        dataset = self.dataset
        given = [
            (one.example.part if parts is None else parts.get(one.example.name, "")) for one in self.seen
        ]
        found: dict[str, Any] = {
            "data": dataset.name,
            "task": dataset.task,
            "unit": dataset.unit,
            "examples": len(dataset.examples),
            "usable": len(self.seen),
            "groups": len({one.example.group for one in self.seen}),
            "grouping": dataset.grouping,
            "parts": dict(sorted(Counter(part or "undivided" for part in given).items())),
            "classes": self._classes(given),
            **_sizes(self.seen, dataset.is_stacked),
            "values": _ranges(self.seen),
            "subgroups": self._subgroups(),
            "missing": self._missing(),
            **self._faults(given),
            "unused": [*dataset.excluded, *self.damaged],
            "decided": list(dataset.remarks),
        }
        return {**found, "warnings": warnings_of(found)}

    def _classes(self, parts: Sequence[str]) -> dict[str, Any]:
        """Per class, target or label of a mask how many there are in each part."""
        dataset = self.dataset
        counts: dict[str, Any] = {}
        if dataset.task == "regression":
            values = np.array([one.example.targets for one in self.seen], np.float64).reshape(
                len(self.seen), -1
            )
            for at, name in enumerate(dataset.classes):
                known = values[:, at][np.isfinite(values[:, at])]
                ends = np.quantile(known, (0, 0.25, 0.5, 0.75, 1)) if known.size else [math.nan] * 5
                words = ("lowest", "quarter", "median", "three_quarters", "highest")
                counts[name] = {word: _short(end) for word, end in zip(words, ends, strict=True)}
            return counts
        for one, part in zip(self.seen, parts, strict=True):
            for name in self._labels(one):
                row = counts.setdefault(name, Counter())
                row[part or "undivided"] += 1
        order = {name: at for at, name in enumerate(dataset.classes)}
        ranked = sorted(counts.items(), key=lambda item: (order.get(item[0], len(order)), item[0]))
        return {name: dict(sorted(row.items())) for name, row in ranked}

    def _labels(self, one: Seen) -> list[str]:
        names = self.dataset.classes
        if self.dataset.task == "classification":
            return [names[one.example.label]] if one.example.label >= 0 else []
        if self.dataset.task == "multilabel":
            return [name for name, yes in zip(names, one.example.targets, strict=True) if yes == 1]
        if self.dataset.task == "segmentation":
            found = [names[value - 1] if value <= len(names) else f"Label {value}" for value, _ in one.marked]
            return found or ["(nothing marked)"]
        return []

    def _subgroups(self) -> dict[str, dict[str, int]]:
        return {
            name: dict(sorted(Counter(one.example.subgroups[at] or "unknown" for one in self.seen).items()))
            for at, name in enumerate(self.dataset.subgroups)
        }

    def _missing(self) -> dict[str, int]:
        if self.dataset.task == "classification":
            lacking = sum(one.example.label < 0 for one in self.seen)
            return {"label": lacking} if lacking else {}
        found: dict[str, int] = {}
        for at, name in enumerate(self.dataset.classes if self.seen and self.seen[0].example.targets else ()):
            lacking = sum(math.isnan(one.example.targets[at]) for one in self.seen)
            if lacking:
                found[name] = lacking
        return found

    def _faults(self, parts: Sequence[str]) -> dict[str, Any]:
        by_hash: dict[str, list[int]] = defaultdict(list)
        by_group: dict[str, list[int]] = defaultdict(list)
        for at, one in enumerate(self.seen):
            by_hash[one.hash].append(at)
            by_group[one.example.group or one.example.name].append(at)
        twice = [rows for rows in by_hash.values() if len(rows) > 1]
        against = [rows for rows in twice if len({_truth(self.seen[at].example) for at in rows}) > 1]
        leaking = [
            rows for rows in (*by_group.values(), *twice) if len({parts[at] for at in rows if parts[at]}) > 1
        ]
        return {
            "duplicates": self._named(twice),
            "contradictions": self._named(against),
            "leaks": self._named(list({tuple(rows): rows for rows in leaking}.values())),
            "constant": [one.example.name for one in self.seen if one.low == one.high][:MOST_NAMED],
        }

    def _named(self, several: Sequence[Sequence[int]]) -> list[list[str]]:
        return [[self.seen[at].example.name for at in rows] for rows in several[:MOST_NAMED]]


def survey(dataset: Dataset, context: TaskContext) -> Survey:
    """Read every example of *dataset* once. Raises Cancelled."""
    found = Survey(dataset)
    count = len(dataset.examples)
    for at, example in enumerate(dataset.examples):
        context.report(at / max(count, 1), f"Looking at {at + 1} of {count}")
        try:
            picture, mask, _ = read_whole(example, dataset.is_stacked)
        except FileTrouble as trouble:
            found.spoilt(f"{example.name}: {trouble.message}")
            continue
        found.see(at + 1, example, picture, mask, hash_of(picture, dataset.is_stacked))
    return found


def warnings_of(found: Mapping[str, Any]) -> list[str]:
    """What should be looked at before anything is learnt, in sentences."""
    words = []
    if found["leaks"]:
        words.append(
            f"{len(found['leaks'])} patients or pictures lie in more than one part: results would lie."
        )
    if found["contradictions"]:
        words.append(f"{len(found['contradictions'])} pictures occur twice with different labels.")
    if len(found["duplicates"]) > len(found["contradictions"]):
        words.append(f"{len(found['duplicates'])} pictures occur more than once.")
    if found["constant"]:
        words.append(f"{len(found['constant'])} pictures have one value throughout.")
    if found["usable"] < found["examples"]:
        words.append(f"{found['examples'] - found['usable']} of {found['examples']} cannot be read.")
    for name, count in found["missing"].items():
        words.append(f"{name} is missing {count} times.")
    if found["grouping"] != "patient":
        words.append(
            f"Nobody knows which pictures are of one patient: they are divided by {found['grouping']}."
        )
    if found["task"] != "regression" and found["usable"]:
        for name, row in found["classes"].items():
            count = sum(row.values())
            if count < FEW:
                words.append(f"{name} has only {count} examples.")
            elif count < RARE * found["usable"]:
                words.append(f"{name} is rare: {count} of {found['usable']}.")
    if len(found["spacing"].get("kinds", ())) > 1 and found["spacing"].get("unknown"):
        words.append(f"{found['spacing']['unknown']} pictures do not say how large their pixels are.")
    return words


def _values(picture: Any) -> NDArray[Any]:
    if isinstance(picture, Frame) and not picture.is_color:
        return picture.values()
    return np.asarray(pixels_of(picture))


def _shares(mask: NDArray[np.uint8] | None) -> tuple[tuple[int, float], ...]:
    if mask is None:
        return ()
    counts = np.bincount(mask.reshape(-1), minlength=1)
    return tuple((int(at), float(counts[at] / mask.size)) for at in np.flatnonzero(counts) if at)


def _truth(example: Example) -> Any:
    return (example.label, str(example.targets))


def _sizes(seen: Sequence[Seen], is_stacked: bool) -> dict[str, Any]:
    if not seen:
        return {"sizes": {}, "spacing": {}}
    sizes = Counter(one.size[-2:] for one in seen)
    ordered = sorted(sizes, key=lambda size: size[0] * size[1])
    found: dict[str, Any] = {
        "smallest": _words(ordered[0]),
        "largest": _words(ordered[-1]),
        "commonest": _words(max(sizes, key=lambda size: (sizes[size], size))),
        "kinds": len(sizes),
    }
    if is_stacked:
        slices = [one.size[0] for one in seen]
        found["slices"] = {"fewest": min(slices), "median": float(np.median(slices)), "most": max(slices)}
    known = [one.spacing for one in seen if one.spacing]
    spacing: dict[str, Any] = {"known": len(known), "unknown": len(seen) - len(known)}
    if known:
        across = [float(np.mean(one[-2:])) for one in known]
        spacing["finest_mm"], spacing["median_mm"] = _short(min(across)), _short(np.median(across))
        spacing["coarsest_mm"] = _short(max(across))
        spacing["kinds"] = sorted({round(one, 4) for one in across})[:20]
        steps = [one[0] for one in known if len(one) == 3]
        if steps:
            spacing |= {"thinnest_mm": _short(min(steps)), "thickest_mm": _short(max(steps))}
    return {"sizes": found, "spacing": spacing}


def _ranges(seen: Sequence[Seen]) -> dict[str, Any]:
    if not seen:
        return {}
    return {
        "lowest": _short(min(one.low for one in seen)),
        "highest": _short(max(one.high for one in seen)),
        "median_of_means": _short(np.median([one.mean for one in seen])),
        "numbers": dict(sorted(Counter(one.kind for one in seen).items())),
    }


def _words(size: tuple[int, ...]) -> str:
    return f"{size[1]} x {size[0]}"


def _short(value: Any) -> float | None:
    return float(f"{float(value):.5g}") if math.isfinite(float(value)) else None
