"""One training run, from labelled pictures to a model in the viewer."""

from __future__ import annotations

import json
import shutil
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
from medviewer.kit.errors import FileTrouble, TrainingTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.frozen import frozen
from medviewer.kit.paths import user_folder
from medviewer.kit.task import TaskContext
from medviewer.training.data.dataset import Dataset
from medviewer.training.data.find import find_data
from medviewer.training.data.loading import Loaded, load, pixels_of
from medviewer.training.data.split import TEST, TRAIN, VAL, Split, divide, write_split
from medviewer.training.evaluation import metrics
from medviewer.training.evaluation.history import write_history
from medviewer.training.evaluation.judging import judged
from medviewer.training.export_onnx import export, write_model
from medviewer.training.loop import Epoch, fit, logits_of, prepare_machine
from medviewer.training.networks import Given, built
from medviewer.training.recipe import Recipe, card_of, input_of, label_names, output_of

SAMPLE_OF = 16
"""pictures whose mean is the sample: it looks like a patient and is none"""


@frozen(eq=False)
class Trained:
    """A finished run."""

    model: Path
    card: Card
    epochs: tuple[Epoch, ...]
    figures: dict[str, Any]
    difference: float
    """between the trained and the exported network"""
    excluded: tuple[str, ...] = ()
    """the pictures that could not be used, each with its reason"""


def train_model(recipe: Recipe, context: TaskContext) -> Trained:
    """Train, judge and export. Raises TrainingTrouble, Cancelled.

    Writes into the output folder: the model, ``split.csv``, ``metrics.csv``, ``metrics.json``, ``curves.svg``
    and ``excluded.txt`` when something could not be used.
    """
    dataset = find_data(recipe.data)
    taken = input_of(recipe, dataset.task, _typical_side(dataset))
    loaded = load(dataset, taken, context.part(0.0, 0.05))
    names = label_names(recipe, dataset, _label_count(loaded))
    # what is wrong with a name or with --about is told now and not after hours
    untrained = output_of(dataset.task, names, 0.5, 1.0, recipe.parts)
    card_of(recipe, dataset.task, taken, untrained, {"data": "", "split": ""}, {})
    split = divide(loaded, recipe.plan.seed, recipe.held_out, recipe.chosen_by, dataset.grouping)
    recipe.output.mkdir(parents=True, exist_ok=True)
    write_split(recipe.output / "split.csv", loaded, split)
    _write_excluded(recipe.output, loaded)
    prepare_machine(recipe.plan.seed)
    model = _network(recipe, dataset.task, taken, len(names))
    train, val = split.of(TRAIN), split.of(VAL)
    epochs = fit(model, loaded, train, val, recipe.plan, context.part(0.05, 0.9))
    given = _calibrated(model, loaded, val, dataset.task, names, recipe.parts)
    path, difference = recipe.output / f"{recipe.name}.onnx", 0.0
    outputs = ["logits", "cam"] if dataset.task == "classification" else ["logits"]
    test = split.of(TEST)
    batches = [loaded.inputs[test[:1]], loaded.inputs[test[: min(len(test), 5)]]]
    context.report(0.9, "Exporting")
    proto, difference = export(model, outputs, batches)
    sample = _sample(model, loaded.inputs[test[:SAMPLE_OF]], taken)
    facts = {"data": _about_data(dataset, loaded, split), "split": split.rule}
    write_model(path, proto, card_of(recipe, dataset.task, taken, given, facts, {}), sample)
    figures = _judged(path, dataset, loaded, test, context.part(0.9, 1.0))
    card = card_of(recipe, dataset.task, taken, given, facts, _for_card(figures))
    write_model(path, proto, card, sample)
    _confirm(path)
    write_history(recipe.output, epochs, figures, "AUC" if dataset.task == "classification" else "Dice")
    return Trained(path, card, epochs, figures, difference, loaded.excluded)


def install(model: Path) -> Path:
    """Put a copy of *model* where the viewer looks for the user's own; the new place."""
    target = user_folder("models") / model.name
    if target.resolve() != model.resolve():
        write_atomically(target, model.read_bytes())
        beside = catalog.card_beside(model)
        if beside.is_file():
            shutil.copyfile(beside, catalog.card_beside(target))
    return target


def _typical_side(dataset: Dataset) -> int:
    """The shorter side of the middle one of a few pictures."""
    sides = []
    for example in dataset.examples[:: max(1, len(dataset.examples) // 9)][:9]:
        try:
            sides.append(min(pixels_of(example.read()).shape[:2]))
        except FileTrouble:
            continue
    return int(np.median(sides)) if sides else 128


def _label_count(loaded: Loaded) -> int:
    if loaded.masks is not None:
        return max(1, int(loaded.masks.max()))
    count = int(loaded.labels.max()) + 1
    if len(np.unique(loaded.labels)) < 2:
        raise TrainingTrouble("All pictures are of one class.", "A classifier needs at least two.")
    return count


def _network(recipe: Recipe, task: str, taken: Input, labels: int) -> keras.Model:
    assert taken.size is not None
    if task == "segmentation":
        channels = 1 if labels == 1 else labels + 1
        return built("unet", Given(taken.size, taken.channels, channels, task), _width(recipe))
    return built("cnn", Given(taken.size, taken.channels, labels, task), _width(recipe))


def _width(recipe: Recipe) -> dict[str, Any]:
    return {"width": recipe.width} if recipe.width else {}


def _calibrated(
    model: keras.Model, loaded: Loaded, val: NDArray[Any], task: str, names: tuple[str, ...], parts: int
) -> Output:
    """Temperature and operating point, both chosen on the part that chooses and judges nothing."""
    if task == "segmentation":
        return output_of(task, names, 0.5, 1.0, parts)
    logits, truth = logits_of(model, loaded.inputs[val]), loaded.labels[val]
    temperature = metrics.best_temperature(truth, logits)
    threshold = 0.5
    if len(names) == 2:
        scores = 1 / (1 + np.exp((logits[:, 0] - logits[:, 1]).astype(np.float64) / temperature))
        threshold = round(metrics.best_threshold((truth == 1).astype(int), scores), 4)
    return output_of(task, names, threshold, temperature)


def _sample(model: keras.Model, pictures: NDArray[np.float32], taken: Input) -> str:
    """The mean of some pictures and what the trained network says about it."""
    mean = pictures.mean(axis=0)[..., 0]
    unit = (mean - mean.min()) / max(float(np.ptp(mean)), 1e-6)
    plan = taken.values
    picture: NDArray[Any] = np.round(unit * 255).astype(np.uint8)
    if plan.scale == "window":
        picture = np.round(plan.low + unit * (plan.high - plan.low)).astype(np.int16)
    tensor, _ = prepare(picture, taken)
    return write_sample(picture, logits_of(model, tensor[None])[0])


def _judged(
    path: Path, dataset: Dataset, loaded: Loaded, test: NDArray[Any], context: TaskContext
) -> dict[str, Any]:
    """The figures of the exported file on the held-out part, through the viewer's own way."""
    groups = dict(zip(loaded.names, loaded.groups, strict=True))
    wanted = {loaded.names[at] for at in test}
    examples = [
        replace(example, group=groups[example.name]) for example in dataset.examples if example.name in wanted
    ]
    numbered = replace(dataset, classes=tuple(str(at) for at in range(len(dataset.classes))), excluded=())
    return judged(Reader(catalog.read(path), context.token), numbered, examples, context)


def _for_card(figures: dict[str, Any]) -> dict[str, Any]:
    kept = {
        key: value for key, value in figures.items() if key not in ("excluded", "worst", "model", "version")
    }
    return {"split": "held-out test part", **kept, "method": "bootstrap over groups, 1000 resamples, 95 %"}


def _about_data(dataset: Dataset, loaded: Loaded, split: Split) -> str:
    counts = ", ".join(f"{len(split.of(part))} {part}" for part in (TRAIN, VAL, TEST))
    return (
        f"{dataset.name}: {len(loaded)} pictures ({counts}), {loaded.duplicates} of them twice, in one part; "
        f"SHA-256 of pixels and labels {loaded.fingerprint}"
    )


def _write_excluded(folder: Path, loaded: Loaded) -> None:
    path = folder / "excluded.txt"
    if loaded.excluded:
        write_atomically(path, ("\n".join(loaded.excluded) + "\n").encode())
    else:
        path.unlink(missing_ok=True)


def _confirm(path: Path) -> None:
    """The finished file must pass what the viewer asks of any model."""
    model = catalog.usable(catalog.read(path))
    result = check(model)
    if not result.passed:
        path.unlink(missing_ok=True)
        raise TrainingTrouble(f"The exported model does not pass its own check. {result.sentence}")


def result_of(trained: Trained, installed: Path | None) -> dict[str, Any]:
    """A run in plain values, for the terminal."""
    last = trained.epochs[-1]
    return {
        "model": str(trained.model),
        "installed": str(installed) if installed else None,
        "name": trained.card.name,
        "version": trained.card.version,
        "task": trained.card.task,
        "epochs": last.number,
        "best_val_score": round(max(epoch.score for epoch in trained.epochs), 4),
        "export_difference": trained.difference,
        "excluded": list(trained.excluded),
        "figures": json.loads(json.dumps(trained.figures)),
    }
