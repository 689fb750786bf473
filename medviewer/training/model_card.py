"""The card that follows from a training run."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import medviewer
from medviewer.ai.card import Applies, Card, Input, Made, Meaning, Output
from medviewer.ai.card_text import read_card, write_card
from medviewer.core.labels import SAFE_COLORS
from medviewer.kit.errors import TrainingTrouble
from medviewer.training.configuration import Configuration, ModelPlan
from medviewer.training.data.dataset import Dataset
from medviewer.training.learning import Lesson

_PACKAGES = ("tensorflow-cpu", "tensorflow", "keras", "tf2onnx", "onnxruntime", "numpy")
_ABOUT_PARTS = ("title", "for", "made")


def words_of(text: str) -> tuple[str, ...]:
    """The words between commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def label_names(asked: str, dataset: Dataset, labels: int) -> tuple[str, ...]:
    """The names of *labels* labels: as *asked* for, else as the data have them. Raises TrainingTrouble."""
    names = words_of(asked)
    if names:
        if len(names) != labels:
            raise TrainingTrouble(f"The data have {labels} labels, and {len(names)} names were given.")
        return names
    if dataset.task != "segmentation" or len(dataset.classes) == labels:
        return dataset.classes
    return tuple(f"Label {at + 1}" for at in range(labels)) if labels > 1 else ("Label",)


def output_of(
    task: str,
    names: tuple[str, ...],
    thresholds: Sequence[float] = (),
    temperature: float = 1.0,
    parts: int = 0,
    explains: str = "",
    lesson: Lesson | None = None,
    units: tuple[str, ...] = (),
) -> Output:
    """What the network gives. *thresholds* are the operating points of the labels, one half each if ().

    Of a regression, *lesson* says how its numbers were scaled, *units* in what they are.
    """
    first = 1 if task == "segmentation" else 0
    cuts = thresholds or [0.5] * len(names)
    return Output(
        name="logits",
        labels=tuple(
            Meaning(
                at + first,
                name,
                SAFE_COLORS[at % len(SAFE_COLORS)],
                cuts[at],
                units[at] if at < len(units) else "",
                lesson.scale[at] if lesson and lesson.scale else 1.0,
                lesson.offset[at] if lesson and lesson.offset else 0.0,
            )
            for at, name in enumerate(names)
        ),
        activation=_activation(task, names),
        temperature=temperature,
        smallest_island=0.002 if task == "segmentation" else 0.0,
        largest_parts=parts if task == "segmentation" else 0,
        explains=explains,
    )


def card_of(
    asked: Configuration,
    task: str,
    taken: Input,
    given: Output,
    facts: Mapping[str, str],
    figures: Mapping[str, Any],
) -> Card:
    """The card of a trained model. *facts* are ``data`` and ``split`` in words. Raises CardInvalid."""
    plan = asked.model
    about = read_about(plan)
    applies = about.get("for", {"modality": words_of(plan.modality), "body": words_of(plan.body)})
    made = {
        "by": f"medviewer {medviewer.__version__}",
        "when": datetime.now(UTC).date().isoformat(),
        "intended": "Research and teaching. Not a medical device.",
        **facts,
        **about.get("made", {}),
        "seed": asked.train.seed,
        "versions": versions(),
    }
    draft = Card(
        name=plan.name,
        version=plan.version,
        task=task,  # type: ignore[arg-type]  # read_card below refuses what is no task
        title=str(about.get("title", plan.name)),
        applies=Applies(),
        input=taken,
        output=given,
        made=Made(),
        metrics=figures,
    )
    # read as a card from elsewhere would be, so that what cannot be read is never written
    return read_card(json.dumps({**json.loads(write_card(draft)), "for": applies, "made": made}), plan.name)


def read_about(plan: ModelPlan) -> dict[str, Any]:
    """The parts of a card that a person writes: title, for and made. Raises TrainingTrouble."""
    if not plan.about:
        return {}
    path = Path(plan.about)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise TrainingTrouble(f"{path.name} is no JSON file.", "It holds title, for and made.") from None
    if not isinstance(found, dict) or set(found) - set(_ABOUT_PARTS):
        raise TrainingTrouble(f"{path.name} may hold {', '.join(_ABOUT_PARTS)} only.")
    return found


def versions() -> dict[str, str]:
    """With what a model was made."""
    found = {"python": platform.python_version(), "medviewer": medviewer.__version__}
    for package in (*_PACKAGES, "opencv-python-headless"):
        if number := _version(package):
            found[package] = number
    return found


def _activation(task: str, names: tuple[str, ...]) -> str:
    if task in ("regression", "enhancement", "generation"):
        return "none"
    return "sigmoid" if task == "multilabel" or (task == "segmentation" and len(names) == 1) else "softmax"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
