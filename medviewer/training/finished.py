"""From a trained network to a model in the viewer: calibrated, exported, proven equal, judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from medviewer.ai import catalog
from medviewer.ai.card import Card, Input, Output
from medviewer.ai.infer import Reader
from medviewer.ai.prepare import prepare
from medviewer.ai.selfcheck import check, write_sample
from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.training.augment import Augmentation
from medviewer.training.configuration import Configuration
from medviewer.training.data.dataset import Dataset
from medviewer.training.data.loading import Loaded
from medviewer.training.data.split import TEST, TRAIN, VAL, Split
from medviewer.training.evaluation import metrics
from medviewer.training.evaluation.judging import judged
from medviewer.training.export_onnx import export, write_model
from medviewer.training.learning import Lesson
from medviewer.training.loop import logits_of
from medviewer.training.model_card import card_of, output_of
from medviewer.training.networks.network import Network

SAMPLE_OF = 16
"""pictures whose mean is the sample: it looks like a patient and is none"""
JUDGED = ("classification", "segmentation")


@frozen(eq=False)
class Finished:
    """A trained network with all it was trained on."""

    asked: Configuration
    dataset: Dataset
    loaded: Loaded
    split: Split
    lesson: Lesson
    network: Network
    model: keras.Model
    taken: Input
    names: tuple[str, ...]


@frozen(eq=False)
class Exported:
    """What became of it."""

    path: Path
    card: Card | None
    figures: dict[str, Any]
    difference: float
    remarks: tuple[str, ...] = ()
    variants: tuple[dict[str, Any], ...] = ()


def exported(run: Finished, output: Path, context: TaskContext) -> Exported:
    """Write the model into *output*. Raises TrainingTrouble, Cancelled, OSError."""
    task, taken = run.dataset.task, run.taken
    given = _calibrated(run)
    path = output / f"{run.asked.model.name}.onnx"
    test = run.split.of(TEST)
    proto, difference = export(run.model, run.network.outputs, _batches(run, test))
    sample = _sample(run, test)
    facts = {"data": _about_data(run), "split": run.split.rule}
    if warnings := Augmentation.of(run.asked.augment).warnings:
        facts["limits"] = " ".join(warnings)
    write_model(path, proto, card_of(run.asked, task, taken, given, facts, {}), sample)
    figures = _judged(path, run, test, context)
    card = card_of(run.asked, task, taken, given, facts, _for_card(figures))
    write_model(path, proto, card, sample)
    _confirm(path)
    return Exported(path, card, figures, difference)


def _batches(run: Finished, rows: NDArray[Any]) -> list[NDArray[np.float32]]:
    """Real inputs in two batch sizes; of series of any length also in two lengths."""
    inputs = run.loaded.inputs
    if run.loaded.is_ragged:
        return [inputs[row][None] for row in rows[:3]]
    return [np.asarray(inputs[rows[:1]]), np.asarray(inputs[rows[: min(len(rows), 5)]])]


def _calibrated(run: Finished) -> Output:
    """Temperature and operating points, chosen on the part that chooses and judges nothing."""
    task, names = run.dataset.task, run.names
    explains = "cam" if "cam" in run.network.outputs else ""
    if task == "classification":
        val = run.split.of(VAL)
        logits, truth = logits_of(run.model, run.loaded.inputs[val]), run.loaded.labels[val]
        temperature, cuts = metrics.best_temperature(truth, logits), []
        if len(names) == 2:
            scores = 1 / (1 + np.exp((logits[:, 0] - logits[:, 1]).astype(np.float64) / temperature))
            cut = round(metrics.best_threshold((truth == 1).astype(int), scores), 4)
            # so that exactly one of both is positive
            cuts = [round(1 - cut + 1e-6, 7), cut]
        return output_of(task, names, cuts, temperature, explains=explains)
    return output_of(task, names, parts=run.asked.model.parts, explains=explains)


def _sample(run: Finished, rows: NDArray[Any]) -> str:
    """The mean of some pictures and what the trained network says about it."""
    mean = np.asarray(run.loaded.inputs[rows[:SAMPLE_OF]]).mean(axis=0)[..., 0]
    unit = (mean - mean.min()) / max(float(np.ptp(mean)), 1e-6)
    plan = run.taken.values
    picture: NDArray[Any] = np.round(unit * 255).astype(np.uint8)
    if plan.scale == "window":
        picture = np.round(plan.low + unit * (plan.high - plan.low)).astype(np.int16)
    tensor, _ = prepare(picture, run.taken)
    return write_sample(picture, logits_of(run.model, tensor[None])[0])


def _judged(path: Path, run: Finished, test: NDArray[Any], context: TaskContext) -> dict[str, Any]:
    """The figures of the exported file on the held-out part, through the viewer's own way."""
    groups = dict(zip(run.loaded.names, run.loaded.groups, strict=True))
    wanted = {run.loaded.names[at] for at in test}
    examples = [
        replace(example, group=groups[example.name])
        for example in run.dataset.examples
        if example.name in wanted
    ]
    classes = tuple(str(at) for at in range(len(run.dataset.classes)))
    numbered = replace(run.dataset, classes=classes, excluded=())
    return judged(Reader(catalog.read(path), context.token), numbered, examples, context)


def _for_card(figures: dict[str, Any]) -> dict[str, Any]:
    kept = {
        key: value for key, value in figures.items() if key not in ("excluded", "worst", "model", "version")
    }
    return {"split": "held-out test part", **kept, "method": "bootstrap over groups, 1000 resamples, 95 %"}


def _about_data(run: Finished) -> str:
    counts = ", ".join(f"{len(run.split.of(part))} {part}" for part in (TRAIN, VAL, TEST))
    decided = "".join(f" {sentence}" for sentence in run.dataset.remarks)
    return (
        f"{run.dataset.name}: {len(run.loaded)} pictures ({counts}), {run.loaded.duplicates} of them twice, "
        f"in one part; SHA-256 of pixels and labels {run.loaded.fingerprint}{decided and '.'}{decided}"
    )


def _confirm(path: Path) -> None:
    """The finished file must pass what the viewer asks of any model."""
    model = catalog.usable(catalog.read(path))
    result = check(model)
    if not result.passed:
        path.unlink(missing_ok=True)
        raise TrainingTrouble(f"The exported model does not pass its own check. {result.sentence}")
