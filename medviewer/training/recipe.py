"""What a training run is asked to do, and the card that follows from it."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import medviewer
from medviewer.ai.card import (
    Applies,
    Card,
    Geometry,
    Input,
    Made,
    Meaning,
    Output,
    Values,
)
from medviewer.ai.card_text import read_card, write_card
from medviewer.core.labels import SAFE_COLORS
from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.frozen import frozen
from medviewer.training.data.dataset import Dataset
from medviewer.training.loop import Plan

_PACKAGES = ("tensorflow-cpu", "tensorflow", "keras", "tf2onnx", "onnxruntime", "numpy")
_ABOUT_PARTS = ("title", "for", "made")


@frozen
class Recipe:
    """One training run."""

    data: Path
    output: Path
    name: str
    version: str = "1.0"
    labels: tuple[str, ...] = ()
    size: int = 0
    """side of the network's input; 0 chooses"""
    width: int = 0
    """channels of the first block; 0 chooses"""
    fit: str = "stretch"
    scale: str = "percentile"
    low: float | None = None
    high: float | None = None
    modality: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    held_out: float = 0.2
    chosen_by: float = 0.1
    plan: Plan = Plan()
    parts: int = 0
    """connected parts of each label that stay in a mask; 0 for all"""
    about: Path | None = None
    """JSON with more parts of the card: title, for, made"""


def input_of(recipe: Recipe, task: str, side: int) -> Input:
    """What the network will take; *side* is that of a typical picture."""
    if task == "segmentation":
        # four times halved, so a multiple of 16
        size = max(32, (recipe.size or 256) // 16 * 16)
    else:
        size = recipe.size or min(128, max(16, side))
    ends = {"percentile": (0.5, 99.5), "window": (None, None)}.get(recipe.scale, (0.0, 1.0))
    low = ends[0] if recipe.low is None else recipe.low
    high = ends[1] if recipe.high is None else recipe.high
    if low is None or high is None:
        raise TrainingTrouble("The scale window needs a low and a high value.", "Give --low and --high.")
    if low >= high:
        raise TrainingTrouble("The low end of the values must lie below the high end.")
    return Input(
        name="image",
        size=(size, size),
        values=Values(scale=recipe.scale, low=low, high=high),
        geometry=Geometry(fit=recipe.fit),
    )


def label_names(recipe: Recipe, dataset: Dataset, labels: int) -> tuple[str, ...]:
    """The names of *labels* labels: as asked for, else as the data have them. Raises TrainingTrouble."""
    if recipe.labels:
        if len(recipe.labels) != labels:
            raise TrainingTrouble(
                f"The data have {labels} labels, and {len(recipe.labels)} names were given."
            )
        return recipe.labels
    if dataset.task == "classification":
        return dataset.classes
    return tuple(f"Label {at + 1}" for at in range(labels)) if labels > 1 else ("Label",)


def output_of(
    task: str, names: tuple[str, ...], threshold: float, temperature: float, parts: int = 0
) -> Output:
    """What the network gives. *threshold* is that of the second of two classes."""
    first = 1 if task == "segmentation" else 0
    cuts = [0.5] * len(names)
    if task == "classification" and len(names) == 2:
        # so that exactly one of both is positive
        cuts = [round(1 - threshold + 1e-6, 7), threshold]
    return Output(
        name="logits",
        labels=tuple(
            Meaning(at + first, name, SAFE_COLORS[at % len(SAFE_COLORS)], cuts[at])
            for at, name in enumerate(names)
        ),
        activation="sigmoid" if task == "segmentation" and len(names) == 1 else "softmax",
        temperature=temperature,
        smallest_island=0.002 if task == "segmentation" else 0.0,
        largest_parts=parts if task == "segmentation" else 0,
        explains="cam" if task == "classification" else "",
    )


def card_of(
    recipe: Recipe,
    task: str,
    taken: Input,
    given: Output,
    facts: Mapping[str, str],
    figures: Mapping[str, Any],
) -> Card:
    """The card of a trained model. *facts* are ``data`` and ``split`` in words. Raises CardInvalid."""
    about = read_about(recipe.about)
    applies = about.get("for", {"modality": list(recipe.modality), "body": list(recipe.body)})
    made = {
        "by": f"medviewer {medviewer.__version__}",
        "when": datetime.now(UTC).date().isoformat(),
        "intended": "Research and teaching. Not a medical device.",
        **facts,
        **about.get("made", {}),
        "seed": recipe.plan.seed,
        "versions": versions(),
    }
    draft = Card(
        name=recipe.name,
        version=recipe.version,
        task="segmentation" if task == "segmentation" else "classification",
        title=str(about.get("title", recipe.name)),
        applies=Applies(),
        input=taken,
        output=given,
        made=Made(),
        metrics=figures,
    )
    # read as a card from elsewhere would be, so that what cannot be read is never written
    return read_card(json.dumps({**json.loads(write_card(draft)), "for": applies, "made": made}), recipe.name)


def read_about(path: Path | None) -> dict[str, Any]:
    """The parts of a card that a person writes: title, for and made. Raises TrainingTrouble."""
    if path is None:
        return {}
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise TrainingTrouble(
            f"{Path(path).name} is no JSON file.", "It holds title, for and made."
        ) from None
    if not isinstance(found, dict) or set(found) - set(_ABOUT_PARTS):
        raise TrainingTrouble(f"{Path(path).name} may hold {', '.join(_ABOUT_PARTS)} only.")
    return found


def versions() -> dict[str, str]:
    """With what a model was made."""
    found = {"python": platform.python_version(), "medviewer": medviewer.__version__}
    for package in (*_PACKAGES, "opencv-python-headless"):
        if number := _version(package):
            found[package] = number
    return found


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
