"""Everything that is known before an estimator learns, and the learning itself."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.class_weight import compute_sample_weight

from medviewer.ai.card import Input, Output
from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.training.classical.estimator import ESTIMATORS, Estimator, Given
from medviewer.training.classical.exported import GIVES
from medviewer.training.classical.measuring import as_pictures, features_of_all, input_of
from medviewer.training.classical.semi_supervised import UNKNOWN
from medviewer.training.configuration import Configuration, DataPlan
from medviewer.training.configuration_file import write
from medviewer.training.data.dataset import Dataset
from medviewer.training.data.find import find_data
from medviewer.training.data.loading import Loaded, load
from medviewer.training.data.split import TEST, TRAIN, VAL, Split, divided, write_split
from medviewer.training.model_card import card_of, label_names, output_of

CONFIGURATION = "run.toml"


@frozen(eq=False)
class Lesson:
    """Everything that is known before learning."""

    asked: Configuration
    estimator: Estimator
    dataset: Dataset
    taken: Input
    loaded: Loaded
    names: tuple[str, ...]
    split: Split
    features: NDArray[np.float32]
    truth: NDArray[Any]
    """(n,) classes or numbers; -1 where a label is hidden"""
    more: NDArray[np.float32]
    """features of pictures without labels, (m, feature)"""

    @property
    def task(self) -> str:
        """Classification or regression."""
        return self.dataset.task


def begun(asked: Configuration, output: Path, context: TaskContext) -> Lesson:
    """Read, divide and measure what is learnt from, begin the run's folder. Raises TrainingTrouble."""
    chosen = ESTIMATORS[asked.network.name]
    chosen.checked(dict(asked.network.values))
    if chosen.warning:
        context.report(0.0, chosen.warning)
    dataset = find_data(Path(asked.data.path), asked.data)
    _refuse(chosen, dataset)
    taken = input_of(asked.input, dataset)
    loaded = load(dataset, as_pictures(taken), context.part(0.0, 0.1))
    names = label_names(asked.model.labels, dataset, len(dataset.classes))
    # what is wrong with a name or with --about is told now and not after an hour
    card_of(asked, dataset.task, taken, output_for(dataset.task, names), {"data": "", "split": ""}, {})
    split = divided(loaded, asked.split, asked.train.seed, dataset.grouping)
    output.mkdir(parents=True, exist_ok=True)
    write(output / CONFIGURATION, asked)
    write_split(output / "split.csv", loaded, split)
    _write_excluded(output, loaded)
    features = features_of_all(loaded, taken, context.part(0.1, 0.5))
    more = _unlabelled(asked, taken, loaded, split, context.part(0.5, 0.6))
    truth = loaded.labels if loaded.targets is None else loaded.targets[:, 0].astype(np.float64)
    truth = _hidden(truth, split.of(TRAIN), asked.data.hidden, asked.train.seed, dataset.task)
    return Lesson(asked, chosen, dataset, taken, loaded, names, split, features, truth, more)


def _refuse(chosen: Estimator, dataset: Dataset) -> None:
    if dataset.is_stacked:
        raise TrainingTrouble(f"{chosen.title} learns from pictures, not from series.", "Choose a network.")
    if dataset.task not in chosen.tasks:
        raise TrainingTrouble(
            f"{chosen.title} is for {' and '.join(chosen.tasks)}, and {dataset.name} holds labels for "
            f"{dataset.task}.",
            "Choose another estimator, or a network.",
        )
    if dataset.task == "regression" and len(dataset.classes) > 1:
        raise TrainingTrouble(
            f"{chosen.title} learns one number, and {dataset.name} has {len(dataset.classes)}.",
            "Name one column with data.target.",
        )


def _unlabelled(
    asked: Configuration, taken: Input, loaded: Loaded, split: Split, context: TaskContext
) -> NDArray[np.float32]:
    """Features of the pictures without labels, but for those that also choose or judge."""
    if not asked.data.unlabelled:
        return np.zeros((0, len(taken.feature_names)), np.float32)
    found = find_data(Path(asked.data.unlabelled), DataPlan(task="generation"))
    pictures = load(found, as_pictures(taken), context)
    kept = np.concatenate([split.of(VAL), split.of(TEST)])
    known = {np.asarray(loaded.inputs[at]).tobytes() for at in kept}
    rows = [at for at in range(len(pictures)) if np.asarray(pictures.inputs[at]).tobytes() not in known]
    return features_of_all(pictures, taken, context)[rows]


def _hidden(truth: NDArray[Any], train: NDArray[Any], share: float, seed: int, task: str) -> NDArray[Any]:
    """*truth* with a share of the training labels taken away, one of each class staying at least."""
    if task != "classification" or share <= 0:
        return truth
    truth = truth.copy()
    for label in np.unique(truth[train]):
        rows = train[truth[train] == label]
        order = np.random.default_rng([seed, 77, int(label)]).permutation(rows)
        truth[order[: min(len(rows) - 1, round(share * len(rows)))]] = UNKNOWN
    return truth


def fitted_to(lesson: Lesson, chosen: Estimator, values: dict[str, Any]) -> tuple[Any, tuple[str, ...]]:
    """*chosen*, fitted to the training part, and remarks. Raises BadValue, TrainingTrouble."""
    train = lesson.split.of(TRAIN)
    rows, truth = lesson.features[train], lesson.truth[train]
    if lesson.task == "classification":
        known = truth != UNKNOWN
        if chosen.learns_unlabelled:
            rows = np.concatenate([rows, lesson.more])
            truth = np.concatenate([truth, np.full(len(lesson.more), UNKNOWN)])
            if not (truth == UNKNOWN).any():
                raise TrainingTrouble(
                    f"{chosen.title} learns from pictures without labels, and all have one.",
                    "Name a folder of them with data.unlabelled, or hide labels with data.hidden.",
                )
        else:
            rows, truth = rows[known], truth[known]
        counts = np.bincount(lesson.truth[train][known].astype(int))
        given = Given(
            lesson.task, lesson.asked.train.seed, is_balanced(lesson), int(counts.min()), len(counts)
        )
    else:
        known = np.isfinite(truth)
        rows, truth = rows[known], truth[known]
        given = Given(lesson.task, lesson.asked.train.seed)
    unfitted = chosen(given, **values)
    more = {}
    if chosen.weighs_pictures and lesson.task == "classification" and given.is_balanced:
        more["sample_weight"] = compute_sample_weight("balanced", truth)
    with warnings.catch_warnings(record=True) as said_so:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", ConvergenceWarning)
        fitted = unfitted.fit(rows, truth, **more)
    remarks = (f"{chosen.title} had not settled when it was ended.",) if said_so else ()
    return fitted, remarks


def is_balanced(lesson: Lesson) -> bool:
    """Whether rare classes weigh more."""
    return lesson.asked.train.class_weights == "balanced"


def output_for(task: str, names: tuple[str, ...], cuts: tuple[float, ...] = ()) -> Output:
    """What the model gives: probabilities or values, with nothing to be done to them."""
    return replace(output_of(task, names, cuts), name=GIVES[task], activation="none")


def _write_excluded(folder: Path, loaded: Loaded) -> None:
    path = folder / "excluded.txt"
    if loaded.excluded:
        write_atomically(path, ("\n".join(loaded.excluded) + "\n").encode())
    else:
        path.unlink(missing_ok=True)
