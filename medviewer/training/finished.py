"""From a trained network to a model in the viewer: calibrated, exported, proven equal, judged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from medviewer.ai import catalog
from medviewer.ai.card import Card, Input, Output
from medviewer.ai.prepare_stack import prepare_sample
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
from medviewer.training.export_onnx import export, write_model
from medviewer.training.generated import write_generator
from medviewer.training.learning import Lesson
from medviewer.training.loop import logits_of
from medviewer.training.model_card import card_of, output_of, words_of
from medviewer.training.networks.network import Network
from medviewer.training.rated import rated
from medviewer.training.variants import Base, variants_of

SAMPLE_OF = 16
"""pictures whose mean is the sample: it looks like a patient and is none"""
SAMPLE_SLICES = 4


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
    path = output / f"{run.asked.model.name}.onnx"
    test = run.split.of(TEST)
    if run.dataset.task == "generation":
        pictures = np.asarray(run.loaded.inputs[test])
        figures, difference = write_generator(path, run.model, run.asked, pictures, _about_data(run))
        return Exported(path, None, figures, difference)
    given = _calibrated(run)
    proto, difference = export(run.model, run.network.outputs, batches_of(run.model, run.loaded, test))
    sample_picture = _sample_picture(run, test)
    sample = write_sample(sample_picture, _answer(run, sample_picture))
    facts = {"data": _about_data(run), "split": run.split.rule}
    if warnings := Augmentation.of(run.asked.augment).warnings:
        facts["limits"] = " ".join(warnings)

    def card(figures: dict[str, Any]) -> Card:
        return card_of(run.asked, run.dataset.task, run.taken, given, facts, figures)

    write_model(path, proto, card({}), sample)
    figures = rated(path, run.dataset, run.lesson, run.loaded, test, run.asked.train, context.part(0.0, 0.6))
    write_model(path, proto, card(_for_card(figures)), sample)
    _confirm(path)
    calibration = np.asarray(run.loaded.inputs[run.split.of(TRAIN)[:64]])
    base = Base(path, card(_for_card(figures)), figures, sample_picture, list(calibration))
    asked = [
        word for word in ("float16", "int8") if getattr(run.asked.model, {"float16": "fp16"}.get(word, word))
    ]
    variants, remarks = variants_of(
        base,
        asked,
        lambda file: rated(
            file, run.dataset, run.lesson, run.loaded, test, run.asked.train, context.part(0.6, 1.0)
        ),
    )
    return Exported(path, card(_for_card(figures)), figures, difference, remarks, variants)


def batches_of(model: keras.Model, loaded: Loaded, rows: NDArray[Any]) -> list[NDArray[np.float32]]:
    """Real inputs in two batch sizes; where sides of the input may vary, in two sizes of these as well."""
    inputs = loaded.inputs
    if loaded.is_ragged:
        found = [np.asarray(inputs[row][None]) for row in rows[:2]]
    else:
        found = [np.asarray(inputs[rows[:1]]), np.asarray(inputs[rows[: min(len(rows), 5)]])]
    free = [axis for axis, side in enumerate(model.inputs[0].shape) if axis and side is None]
    if free:
        part = tuple(
            slice(0, max(1, side // 2)) if axis in free else slice(None)
            for axis, side in enumerate(found[0].shape)
        )
        found.append(np.concatenate([found[0][part]] * 2))
    return found


def too_large(model: keras.Model, plan: Any) -> str:
    """Why the file of *model* would be larger than was asked for, or ""."""
    size = model.count_params() * 4 / 1e6
    if plan.largest and size > plan.largest:
        return f"The model would have {size:.1f} MB, and {plan.largest:g} MB were allowed."
    return ""


def _calibrated(run: Finished) -> Output:
    """Temperature and operating points, chosen on the part that chooses and judges nothing."""
    task, names = run.dataset.task, run.names
    explains = "cam" if task != "regression" and "cam" in run.network.outputs else ""
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
    return output_of(
        task,
        names,
        parts=run.asked.model.parts,
        explains=explains,
        lesson=run.lesson,
        units=words_of(run.asked.model.units),
    )


def _sample_picture(run: Finished, rows: NDArray[Any]) -> NDArray[Any]:
    """The mean of some pictures, of series also over their slices: (row, column) or (slice, row, column)."""
    some: Sequence[Any] = [run.loaded.inputs[row] for row in rows[:SAMPLE_OF]]
    if run.taken.is_stacked:
        slices = run.taken.slices or SAMPLE_SLICES
        means = [one.mean(axis=0) for one in some]
        fading = np.linspace(1.0, 0.5, slices)[:, None, None]
        mean = np.mean(means, axis=0)[..., 0] * fading
    else:
        mean = np.mean(some, axis=0)[..., 0]
    unit = (mean - mean.min()) / max(float(np.ptp(mean)), 1e-6)
    plan = run.taken.values
    if plan.scale == "window":
        return np.asarray(np.round(plan.low + unit * (plan.high - plan.low)), np.int16)
    return np.asarray(np.round(unit * 255), np.uint8)


def _answer(run: Finished, picture: NDArray[Any]) -> NDArray[np.float32]:
    tensor = prepare_sample(picture, run.taken)
    return np.asarray(logits_of(run.model, tensor[None])[0])


def _for_card(figures: dict[str, Any]) -> dict[str, Any]:
    kept = {
        key: value for key, value in figures.items() if key not in ("excluded", "worst", "model", "version")
    }
    return {"split": "held-out test part", **kept, "method": "bootstrap over groups, 1000 resamples, 95 %"}


def _about_data(run: Finished) -> str:
    counts = ", ".join(f"{len(run.split.of(part))} {part}" for part in (TRAIN, VAL, TEST))
    what = "series" if run.dataset.is_stacked else "pictures"
    about = (
        f"{run.dataset.name}: {len(run.loaded)} {what} ({counts}), {run.loaded.duplicates} of them twice, "
        f"in one part; SHA-256 of pixels and labels {run.loaded.fingerprint}"
    )
    return ". ".join((about, *run.dataset.remarks))


def _confirm(path: Path) -> None:
    """The finished file must pass what the viewer asks of any model."""
    model = catalog.usable(catalog.read(path))
    result = check(model)
    if not result.passed:
        path.unlink(missing_ok=True)
        raise TrainingTrouble(f"The exported model does not pass its own check. {result.sentence}")
