"""What was asked and what was answered, example by example, with the figures that follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.card import Card
from medviewer.kit.errors import FileTrouble, ModelDoesNotFit, TrainingTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.training.data.dataset import Dataset, Example
from medviewer.training.evaluation.drawing import Plot
from medviewer.training.evaluation.metrics import Rows

Figure = Callable[[Rows], float]
Cell = str | int | float | None


class Answering(Protocol):
    """Whatever answers for pictures as a model of the viewer does, above all `ai.infer.Reader`.

    What takes series together has ``stack_scores`` and ``stack_mask`` in place of these.
    """

    card: Card

    def scores(self, picture: Any, /) -> tuple[float, ...]:
        """One number per label of the card: probabilities, or of a regression the values themselves."""
        ...

    def mask(self, picture: Any, /) -> NDArray[np.uint8]:
        """Label values on the grid of the picture, (row, column) or (slice, row, column)."""
        ...


def scores_of(reader: Any, picture: Any) -> tuple[float, ...]:
    """What *reader* says of one example, a picture or a series."""
    found = reader.stack_scores(picture) if reader.card.input.is_stacked else reader.scores(picture)
    return tuple(float(one) for one in found)


def mask_of(reader: Any, picture: Any) -> NDArray[np.uint8]:
    """What *reader* draws on one example, a picture or a series."""
    found = reader.stack_mask(picture) if reader.card.input.is_stacked else reader.mask(picture)
    return np.asarray(found, np.uint8)


@frozen(eq=False)
class Asked:
    """The examples that could be used, in order."""

    examples: tuple[Example, ...]
    excluded: tuple[str, ...] = ()
    """what could not be used, one sentence each"""

    @property
    def groups(self) -> tuple[str, ...]:
        """Who each belongs to."""
        return tuple(one.group or one.name for one in self.examples)


@frozen(eq=False)
class Answers:
    """What follows from all answers of one task."""

    asked: Asked
    figures: Mapping[str, Figure]
    """of rows of `asked`; all get an interval"""
    main: tuple[str, ...]
    """the figures that are told of each subgroup, the first of them compares runs"""
    columns: tuple[str, ...]
    """of `table`"""
    table: tuple[tuple[Cell, ...], ...]
    """for each example: truth and answer in plain values, so that others can work out every figure"""
    plots: tuple[Plot, ...] = ()
    more: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """figures without an interval, for JSON"""
    worst: tuple[int, ...] = ()
    """rows, the worst first"""
    unsure: tuple[int, ...] = ()
    """rows, the least sure first; () where answers do not say how sure they are"""


def each(
    dataset: Dataset, examples: Sequence[Example], context: TaskContext, excluded: list[str]
) -> Iterator[tuple[Example, Any]]:
    """The pictures that can be read, one after the other; faults are named in *excluded*."""
    for at, example in enumerate(examples):
        context.report(at / len(examples), f"Judging {at + 1} of {len(examples)}")
        try:
            picture = example.read()
        except (FileTrouble, ModelDoesNotFit) as trouble:
            excluded.append(f"{example.name}: {trouble.message}")
            continue
        yield example, picture


def asked(dataset: Dataset, used: Sequence[Example], excluded: Sequence[str]) -> Asked:
    """Those that were *used*. Raises TrainingTrouble where there are none."""
    if not used:
        raise TrainingTrouble(f"No picture in {dataset.name} can be judged. {' '.join(excluded[:3])}")
    return Asked(tuple(used), tuple(excluded))


def mean_of(values: NDArray[np.float64]) -> Figure:
    """The mean of those rows whose value is a number."""

    def figure(rows: Rows) -> float:
        some = values[rows]
        some = some[np.isfinite(some)]
        return float(some.mean()) if some.size else float("nan")

    return figure


def rounded(value: float) -> float | None:
    """A figure for JSON, which knows no NaN."""
    return round(float(value), 4) if np.isfinite(value) else None
