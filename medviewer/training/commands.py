"""What the terminal can ask of this floor.

Nothing heavy is imported before a command is called, so listing the commands costs nothing; this is the one
file where imports inside functions are the rule.
"""

# ruff: noqa: PLC0415

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from medviewer.kit.frozen import frozen
from medviewer.kit.params import Slider, Words
from medviewer.kit.task import TaskContext
from medviewer.training.dataset_command import dataset
from medviewer.training.explore_command import explore
from medviewer.training.train_command import train


@frozen
class Command:
    """A function that takes a TaskContext and keyword-only parameters, and gives plain values."""

    name: str
    title: str
    function: Callable[..., dict[str, Any]]
    positional: tuple[str, ...] = ()
    """parameters that a terminal takes without a flag, in this order"""
    lasts: bool = False
    """whether it takes so long that also a log should say how far it is"""
    told: Callable[[dict[str, Any]], str] | None = None
    """the answer as a terminal shows it, where one line for each value would be hard to read"""


def evaluate(
    context: TaskContext,
    *,
    model: Annotated[str, Words(help="name of a model, or an .onnx file")],
    data: Annotated[Path, Words(help="class folders, images and masks folders, or a .npz file")],
    part: Literal["auto", "all", "train", "val", "test"] = "auto",
    split: Annotated[Path | None, Words(help="split.csv of a training run")] = None,
    seed: Annotated[int, Slider(0, 2**31 - 1, label="Seed of the intervals")] = 0,
    report: Annotated[
        Path | None, Words(help="write a report to this .html file, and all answers beside it as .csv")
    ] = None,
) -> dict[str, Any]:
    """Judge a model on labelled pictures: figures, 95 % intervals and the number of pictures."""
    from medviewer.training.evaluation.evaluate import evaluate_model

    return evaluate_model(str(model), Path(data), context, part=part, split=split, seed=seed, report=report)


def compare(
    context: TaskContext,
    *,
    runs: Annotated[tuple[Path, ...], Words(help="folders of training runs, or reports of evaluate")],
    output: Annotated[
        Path | None, Words(help="write the comparison to this .txt, .csv or .html file")
    ] = None,
    seed: Annotated[int, Slider(0, 2**31 - 1, label="Seed of the intervals")] = 0,
) -> dict[str, Any]:
    """Compare runs: figures side by side, and paired differences where they judged the same pictures."""
    from medviewer.training.evaluation.comparing import compare_runs

    return compare_runs(runs, output, seed)


def _compared(answer: dict[str, Any]) -> str:
    from medviewer.training.evaluation.comparing import text

    return text(answer)


COMMANDS = (
    Command("train", "Train a model", train, ("data",), lasts=True),
    Command("dataset", "Check labelled pictures", dataset, ("data",), lasts=True),
    Command("explore", "See what pictures have in common", explore, ("data",), lasts=True),
    Command("evaluate", "Judge a model", evaluate, ("model", "data")),
    Command("compare", "Compare runs", compare, ("runs",), told=_compared),
)
