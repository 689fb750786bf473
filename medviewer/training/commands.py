"""What the terminal can ask of this floor.

Nothing heavy is imported before a command is called, so listing the commands costs nothing; this is the one
file where imports inside functions are the rule.
"""

# ruff: noqa: PLC0415

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

from medviewer.kit.errors import BadValue, ExportTrouble, TrainingTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.params import Slider, Words
from medviewer.kit.paths import resource, user_folder
from medviewer.kit.task import TaskContext
from medviewer.training.quiet import quiet


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


def train(
    context: TaskContext,
    *,
    data: Annotated[Path, Words(help="class folders, images and masks folders, or a .npz file")],
    output: Annotated[Path | None, Words(help="folder for the model, its split and its curves")] = None,
    name: Annotated[str, Words(help="what the model will be called; by default as the data")] = "",
    version: Annotated[str, Words(help="version of the model")] = "1.0",
    task: Literal["auto", "classification", "segmentation"] = "auto",
    epochs: Annotated[int, Slider(1, 1000)] = 30,
    seed: Annotated[int, Slider(0, 2**31 - 1)] = 1,
    batch: Annotated[int, Slider(1, 512)] = 16,
    learning_rate: Annotated[float, Slider(1e-6, 1.0)] = 1e-3,
    patience: Annotated[int, Slider(1, 1000, unit="epochs")] = 10,
    size: Annotated[int, Slider(0, 1024, label="Side of the network's input, 0 chooses", unit="px")] = 0,
    width: Annotated[int, Slider(0, 128, label="Channels of the first block, 0 chooses")] = 0,
    fit: Literal["stretch", "letterbox", "crop"] = "stretch",
    scale: Literal["percentile", "window", "range", "z-score"] = "percentile",
    low: Annotated[float | None, Slider(-1e6, 1e6, label="Low end of the values")] = None,
    high: Annotated[float | None, Slider(-1e6, 1e6, label="High end of the values")] = None,
    labels: Annotated[str, Words(help="names of the labels, with commas between")] = "",
    modality: Annotated[str, Words(help="modalities the model is for, with commas between")] = "",
    body: Annotated[str, Words(help="body parts the model is for, with commas between")] = "",
    held_out: Annotated[float, Slider(0.05, 0.5, label="Share that judges")] = 0.2,
    chosen_by: Annotated[float, Slider(0.05, 0.5, label="Share of the rest that chooses")] = 0.1,
    augment: Annotated[float, Slider(0.0, 3.0, label="Strength of the changes to training pictures")] = 1.0,
    parts: Annotated[int, Slider(0, 1000, label="Connected parts of each label that stay, 0 all")] = 0,
    about: Annotated[Path | None, Words(help="JSON with title, for and made for the card")] = None,
    install: Annotated[bool, Words(help="also put the model where the viewer finds it")] = True,
) -> dict[str, Any]:
    """Train a classifier or a segmentation network on labelled pictures and export it for the viewer."""
    _start_tensorflow()
    from medviewer.ai.reading import NAME
    from medviewer.training.augment import Augmentation
    from medviewer.training.data.find import find_data
    from medviewer.training.loop import Plan
    from medviewer.training.recipe import Recipe
    from medviewer.training.train import install as put
    from medviewer.training.train import result_of, train_model

    found = find_data(data)
    if task not in ("auto", found.task):
        raise TrainingTrouble(f"{found.name} holds labels for {found.task}, not for {task}.")
    called = name or _name_of(Path(data))
    if not re.fullmatch(NAME, called):
        raise BadValue(
            f"A model cannot be called {called!r:.80}.",
            "Names hold letters from A to Z, digits, dots, dashes and underscores.",
        )
    if install and called in _shipped():
        raise BadValue(
            f"{called} is a model that comes with medviewer.", "Choose another --name, or add --no-install."
        )
    recipe = Recipe(
        data=Path(data),
        output=Path(output) if output else user_folder("runs") / called,
        name=called,
        version=version,
        labels=_words(labels),
        size=size,
        width=width,
        fit=fit,
        scale=scale,
        low=low,
        high=high,
        modality=_words(modality),
        body=_words(body),
        held_out=held_out,
        chosen_by=chosen_by,
        plan=Plan(epochs, batch, learning_rate, seed, patience, augmentation=Augmentation().times(augment)),
        parts=parts,
        about=about,
    )
    try:
        trained = train_model(recipe, context)
        return result_of(trained, put(trained.model) if install else None)
    except OSError as trouble:
        raise ExportTrouble(
            f"{trouble.filename or recipe.output} cannot be written: {trouble.strerror or trouble}.",
            "Choose another folder with --output.",
        ) from trouble


def evaluate(
    context: TaskContext,
    *,
    model: Annotated[str, Words(help="name of a model, or an .onnx file")],
    data: Annotated[Path, Words(help="class folders, images and masks folders, or a .npz file")],
    part: Literal["auto", "all", "train", "val", "test"] = "auto",
    split: Annotated[Path | None, Words(help="split.csv of a training run")] = None,
    seed: Annotated[int, Slider(0, 2**31 - 1, label="Seed of the intervals")] = 0,
) -> dict[str, Any]:
    """Judge a model on labelled pictures: figures, 95 % intervals and the number of pictures."""
    from medviewer.training.evaluation.evaluate import evaluate_model

    return evaluate_model(str(model), Path(data), context, part=part, split=split, seed=seed)


COMMANDS = (
    Command("train", "Train a model", train, ("data",), lasts=True),
    Command("evaluate", "Judge a model", evaluate, ("model", "data")),
)


def _start_tensorflow() -> None:
    missing = [name for name in ("tensorflow", "keras", "tf2onnx") if find_spec(name) is None]
    if missing:
        raise TrainingTrouble(
            f"Training needs {' and '.join(missing)}, which is not installed.",
            "Install medviewer with its extra: pip install 'medviewer[train]'.",
        )
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if "tensorflow" not in sys.modules:
        with quiet():
            # the first operation lets it speak about the processor as well
            import_module("tensorflow").zeros(1)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _name_of(data: Path) -> str:
    plain = re.sub(r"[^A-Za-z0-9._-]", "-", data.resolve().stem)
    return plain.strip("-._")[:64] or "model"


def _shipped() -> set[str]:
    """The models that come with the program; one of the user's own would hide its namesake."""
    from medviewer.ai.catalog import models

    return {model.name for model in models((resource("models"),))}
