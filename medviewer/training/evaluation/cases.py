"""Pictures worth looking at: the worst answers and the least sure ones, with what was found and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai import explain
from medviewer.ai.attribution import CLASS_MAP
from medviewer.ai.card import Values
from medviewer.ai.enhance import enhanced
from medviewer.ai.infer import Reader
from medviewer.ai.prepare import values_of
from medviewer.imaging.heat import heated, strongest
from medviewer.imaging.resample import resize_image, resize_mask
from medviewer.kit.errors import FileTrouble, ModelDoesNotFit
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.training.data.dataset import Dataset, Example
from medviewer.training.evaluation.answers import Answering, Answers, Cell, mask_of
from medviewer.training.evaluation.surfaces import border

SIDE = 300
"""Pixels of the longer side of each picture."""
TRUTH, FOUND = (0, 190, 120), (255, 150, 30)
"""Outlines: green is the truth, orange what was found."""
MOST = 6
Pixels = NDArray[np.uint8]


@frozen(eq=False)
class Case:
    """One example as a picture."""

    row: int
    """which of the answers, counted from 1 as in their table"""
    lines: tuple[str, ...]
    pixels: Pixels
    """(row, column, 3) RGB"""


def cases(
    reader: Answering, answers: Answers, dataset: Dataset, context: TaskContext
) -> tuple[tuple[str, tuple[Case, ...]], ...]:
    """(heading, cases) of the worst and, where it is known, the least sure answers. Raises Cancelled.

    What cannot be read again is left out: it was judged, so somebody has just removed it.
    """
    worst = answers.worst[:MOST]
    unsure = [row for row in answers.unsure if row not in worst][:MOST]
    wanted = [("Worst answers", worst), ("Least sure answers", unsure)]
    found = []
    for at, (heading, rows) in enumerate(wanted):
        shown = tuple(_cases(reader, answers, dataset, rows, context.part(at / 2, (at + 1) / 2)))
        if shown:
            found.append((heading, shown))
    return tuple(found)


def legend(task: str) -> str:
    """What the colours of the pictures mean."""
    return {
        "segmentation": "Outlines: green is the truth, orange what was found.",
        "classification": "Right of each: orange speaks for the answer, blue against it.",
        "multilabel": "Right of each: orange speaks for the likeliest label, blue against it.",
        "enhancement": "From left to right: given, enhanced, wanted.",
    }.get(task, "")


def _cases(
    reader: Answering, answers: Answers, dataset: Dataset, rows: Sequence[int], context: TaskContext
) -> list[Case]:
    found = []
    for at, row in enumerate(rows):
        context.report(at / len(rows), "Drawing pictures for the report")
        example = answers.asked.examples[row]
        try:
            pixels = _DRAWN.get(dataset.task, _plain)(reader, example, example.read(), context)
        except (FileTrouble, ModelDoesNotFit):
            continue
        told = zip(answers.columns, answers.table[row], strict=True)
        words = [f"{column.replace('_', ' ')} {_told(cell)}" for column, cell in told]
        found.append(Case(row + 1, (", ".join(words[:8]),), pixels))
    return found


def _explained(reader: Answering, example: Example, picture: Any, context: TaskContext) -> Pixels:
    """The picture, and where the answer comes from."""
    plain = _plain(reader, example, picture, context)
    if not isinstance(reader, Reader) or reader.card.input.is_stacked:
        return plain
    label = int(np.argmax(reader.scores(picture)))
    if explain.best_method(reader) == CLASS_MAP:
        found = explain.class_map(reader, picture, label)
    else:
        found = explain.occlusion(reader, picture, label, TaskContext(context.token))
    values = resize_image(found.on_picture(), plain.shape[:2])
    return _beside(plain, heated(np.ascontiguousarray(plain[..., 0]), values, strongest(values)))


def _outlined(reader: Answering, example: Example, picture: Any, context: TaskContext) -> Pixels:
    """The picture, and the same with the outlines of truth and answer; of a series the worst slice."""
    assert example.read_mask is not None
    truth, found = example.read_mask(), mask_of(reader, picture)
    if truth.shape != found.shape:
        raise FileTrouble("The mask has another size than the picture.")
    if truth.ndim == 3:
        at = int((truth != found).reshape(len(truth), -1).sum(axis=1).argmax())
        truth, found, picture = truth[at], found[at], picture[at]
    plain = _grey(picture)
    drawn = plain.copy()
    for mask, color in ((truth, TRUTH), (found, FOUND)):
        for label in np.unique(mask[mask > 0]):
            small = resize_mask((mask == label).astype(np.uint8), drawn.shape[:2]) > 0
            drawn[border(small)] = color
    return _beside(plain, drawn)


def _compared(reader: Answering, example: Example, picture: Any, context: TaskContext) -> Pixels:
    """Given, enhanced and wanted, all in the window of the wanted one."""
    assert isinstance(reader, Reader)
    assert example.read_wanted is not None
    given, wanted = (values_of(one, Values(scale="none")) for one in (picture, example.read_wanted()))
    better = enhanced(reader.model, given, None, 1.0, TaskContext(context.token))
    low, high = (float(one) for one in np.percentile(wanted, (0.5, 99.5)))
    return _beside(*(_windowed(one, low, high) for one in (given, better, wanted)))


def _plain(reader: Answering, example: Example, picture: Any, context: TaskContext) -> Pixels:
    """The picture; of a series the middle one."""
    is_series = not hasattr(picture, "plane") and not (
        isinstance(picture, np.ndarray) and (picture.ndim == 2 or picture.shape[-1] == 3)
    )
    return _grey(picture[len(picture) // 2] if is_series else picture)


def _grey(picture: Any) -> Pixels:
    values = values_of(picture, Values())
    low, high = np.percentile(values, (0.5, 99.5))
    return _windowed(values, float(low), float(high))


def _windowed(values: NDArray[np.float32], low: float, high: float) -> Pixels:
    factor = SIDE / max(values.shape)
    size = (max(1, round(values.shape[0] * factor)), max(1, round(values.shape[1] * factor)))
    unit = np.clip((values - low) / max(high - low, 1e-6), 0, 1).astype(np.float32)
    grey = np.round(resize_image(unit, size) * 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _beside(*pictures: Pixels) -> Pixels:
    gap = np.full((pictures[0].shape[0], 4, 3), 255, np.uint8)
    parts = [part for one in pictures for part in (gap, one)]
    return np.hstack(parts[1:])


def _told(cell: Cell) -> str:
    return f"{cell:.3g}" if isinstance(cell, float) else "\N{EN DASH}" if cell is None else str(cell)


_DRAWN = {
    "classification": _explained,
    "multilabel": _explained,
    "segmentation": _outlined,
    "enhancement": _compared,
}
