"""One training run, from labelled pictures to a model in the viewer."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from medviewer.ai.card import Card, Input
from medviewer.kit.errors import FileTrouble, TrainingTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.frozen import frozen
from medviewer.kit.plain import to_plain
from medviewer.kit.task import TaskContext
from medviewer.training import checkpoint
from medviewer.training.assembly import Assembly, assembled, checked_choices, in_full_precision
from medviewer.training.augment import Augmentation
from medviewer.training.checkpoint import Epoch, Standing
from medviewer.training.configuration import Configuration
from medviewer.training.configuration_file import to_text, write
from medviewer.training.data.dataset import Dataset
from medviewer.training.data.find import find_data
from medviewer.training.data.loading import Loaded, load, pixels_of
from medviewer.training.data.page import page_of
from medviewer.training.data.sheet import contact_sheet
from medviewer.training.data.split import TRAIN, VAL, Split, divided, write_split
from medviewer.training.data.survey import Survey
from medviewer.training.dataset_command import write_summary
from medviewer.training.evaluation.history import write_history
from medviewer.training.finished import Finished, exported, too_large
from medviewer.training.learning import SCORES, Lesson, label_count, lesson_of
from medviewer.training.logs import Log, why_no_events
from medviewer.training.loop import Run, fit, nothing, prepare_machine
from medviewer.training.model_card import card_of, label_names, output_of
from medviewer.training.network_input import given_for, input_of, network_of
from medviewer.training.networks.network import Network
from medviewer.training.patches import patched
from medviewer.training.pipeline import Feed, batched_rows
from medviewer.training.run_report import write_run_report
from medviewer.training.transfer import write_weights
from medviewer.training.workers import ALONE, Workers

CONFIGURATION = "run.toml"


@frozen(eq=False)
class Trained:
    """A finished run."""

    model: Path
    card: Card | None
    """None of a generator, which reads nothing"""
    epochs: tuple[Epoch, ...]
    figures: dict[str, Any]
    difference: float
    """between the trained and the exported network"""
    excluded: tuple[str, ...] = ()
    """the pictures that could not be used, each with its reason"""
    remarks: tuple[str, ...] = ()
    variants: tuple[dict[str, Any], ...] = ()
    """the smaller files beside the model, with what they lose"""


def train_model(
    asked: Configuration,
    output: Path,
    context: TaskContext,
    *,
    resume: bool = False,
    workers: Workers = ALONE,
    note: Callable[..., object] = nothing,
) -> Trained:
    """Train, judge and export. Raises TrainingTrouble, Cancelled.

    Writes into *output*: ``run.toml``, the model, its weights, ``split.csv``, ``metrics.csv``,
    ``metrics.json``, ``curves.svg``, ``report.html`` with all answers in ``report.csv``, ``excluded.txt``
    when something could not be used, and, while it runs, a checkpoint from which *resume* goes on. *note* is
    told epoch, loss, score and seconds_left by name.
    """
    run = _begun(asked, output, context, workers)
    if why := too_large(run.assembly.learner.model, asked.model):
        raise TrainingTrouble(why, "Take a smaller width, or allow more.")
    standing, best = Standing(of=_identity(asked, run.lesson)), list[NDArray[Any]]()
    kept = output / checkpoint.NAME
    if resume and kept.is_file():
        standing, best = checkpoint.restore(kept, standing.of, run.assembly.learner.variables)
        if standing.epoch >= asked.train.frozen:
            run.assembly.relearn()
    epochs = _fitted(run, output, context.part(0.05, 0.9), workers, note, standing, best)
    model = in_full_precision(run.assembly.learner.model, run.network, run.given, asked.network)
    if not workers.is_first:
        return Trained(output, None, epochs, {}, 0.0)
    write_weights(output / f"{asked.model.name}.weights.npz", model)
    context.report(0.9, "Exporting")
    found = exported(_finished(run, model), output, context.part(0.9, 0.96))
    write_history(output, epochs, found.figures, SCORES[run.lesson.task])
    write_run_report(
        output,
        found.path,
        run.dataset,
        run.loaded,
        run.split,
        context.part(0.96, 1.0),
        history=[to_plain(one) for one in epochs],
        score=SCORES[run.lesson.task],
        more=_choices(asked, epochs),
    )
    kept.unlink(missing_ok=True)
    remarks = (*run.dataset.remarks, *run.assembly.remarks, *_warnings(asked), *found.remarks)
    return Trained(
        found.path, found.card, epochs, found.figures, found.difference,
        run.loaded.excluded, remarks, found.variants,
    )  # fmt: skip


def _choices(asked: Configuration, epochs: tuple[Epoch, ...]) -> list[tuple[str, str]]:
    """What was chosen, for the head of the report."""
    named = [("Network", asked.network), ("Loss", asked.loss), ("Optimiser", asked.optimizer)]
    chosen = [(word, one.name or "as usual for the task") for word, one in named]
    return [*chosen, ("Trained", f"{len(epochs)} epochs, seed {asked.train.seed}")]


@frozen(eq=False)
class _Begun:
    """All that is known before the first step."""

    asked: Configuration
    dataset: Dataset
    loaded: Loaded
    split: Split
    lesson: Lesson
    network: Network
    given: Any
    taken: Input
    names: tuple[str, ...]
    assembly: Assembly


def _begun(asked: Configuration, output: Path, context: TaskContext, workers: Workers) -> _Begun:
    dataset = find_data(Path(asked.data.path), asked.data)
    task = dataset.task
    network = network_of(asked.network, task, dataset.is_stacked)
    network.checked(dict(asked.network.values))
    checked_choices(asked, task)
    taken = input_of(asked, task, _typical_side(dataset), network)
    survey = Survey(dataset)
    loaded = load(dataset, taken, context.part(0.0, 0.05), watch=survey.see)
    if task == "enhancement":
        loaded = patched(loaded, taken.size or (64, 64), asked.train.seed)
    names = label_names(asked.model.labels, dataset, label_count(loaded, task))
    if task != "generation":
        # what is wrong with a name or with --about is told now and not after hours
        draft = output_of(task, names, parts=asked.model.parts)
        card_of(asked, task, taken, draft, {"data": "", "split": ""}, {})
    split = divided(loaded, asked.split, asked.train.seed, dataset.grouping)
    train = split.of(TRAIN)
    lesson = lesson_of(loaded, task, train, asked.train.class_weights == "balanced")
    if workers.is_first:
        output.mkdir(parents=True, exist_ok=True)
        write(output / CONFIGURATION, asked)
        write_split(output / "split.csv", loaded, split)
        _write_excluded(output, loaded)
        _write_survey(output, survey, loaded, split)
    prepare_machine(asked.train.seed)
    given = given_for(taken, network, lesson.outputs, task)
    steps = len(batched_rows(lesson.loaded, train, _feed(asked), 0))
    assembly = assembled(asked, lesson, network, given, steps, workers)
    return _Begun(asked, dataset, loaded, split, lesson, network, given, taken, names, assembly)


def _write_survey(output: Path, survey: Survey, loaded: Loaded, split: Split) -> None:
    """What was learnt from, beside the model: ``dataset.json`` with names, ``dataset.html`` without."""
    for sentence in loaded.excluded[len(survey.dataset.excluded) :]:
        survey.spoilt(sentence)
    summary = survey.summary(dict(zip(loaded.names, split.parts, strict=True)))
    write_summary(output, summary, page_of(summary, contact_sheet(survey)))


def _fitted(
    run: _Begun,
    output: Path,
    context: TaskContext,
    workers: Workers,
    note: Callable[..., object],
    standing: Standing,
    best: list[NDArray[Any]],
) -> tuple[Epoch, ...]:
    plan = run.asked.train
    learner = run.assembly.learner
    log = (
        Log(output, SCORES[run.lesson.task], standing.history, plan.tensorboard) if workers.is_first else None
    )

    def keep(now: Standing, so_far: Any) -> None:
        if workers.is_first:
            checkpoint.save(output / checkpoint.NAME, now, learner.variables, so_far)

    return fit(
        learner,
        run.lesson,
        run.split.of(TRAIN),
        run.split.of(VAL),
        Run(
            plan=plan,
            feed=_feed(run.asked),
            workers=workers,
            keep=keep,
            told=log.add if log else nothing,
            note=note,
            rest=plan.frozen,
            relearn=run.assembly.relearn if run.assembly.resting else None,
        ),
        context,
        standing,
        best,
    )


def _finished(run: _Begun, model: keras.Model) -> Finished:
    return Finished(
        run.asked, run.dataset, run.loaded, run.split, run.lesson, run.network, model, run.taken, run.names
    )


def _feed(asked: Configuration) -> Feed:
    return Feed(asked.train.batch, asked.train.seed, Augmentation.of(asked.augment))


def _warnings(asked: Configuration) -> tuple[str, ...]:
    no_events = why_no_events(asked.train.tensorboard)
    return (*Augmentation.of(asked.augment).warnings, *([no_events] if no_events else []))


def _identity(asked: Configuration, lesson: Lesson) -> str:
    """What run this is: what it is called and how often it is kept changes nothing."""
    plain = replace(asked, model=type(asked.model)(), train=replace(asked.train, checkpoint=0))
    text = f"{to_text(replace(plain, data=replace(plain.data, path='')))}{lesson.loaded.fingerprint}"
    return hashlib.sha256(text.encode()).hexdigest()


def _typical_side(dataset: Dataset) -> int:
    """The shorter side of the middle one of a few pictures."""
    sides = []
    for example in dataset.examples[:: max(1, len(dataset.examples) // 9)][:9]:
        try:
            found = example.read()
        except FileTrouble:
            continue
        if dataset.is_stacked:
            shape = found.shape if isinstance(found, np.ndarray) else found.voxels.shape
            sides.append(min(shape[1:3]))
        else:
            sides.append(min(pixels_of(found).shape[:2]))
    return int(np.median(sides)) if sides else 128


def _write_excluded(folder: Path, loaded: Loaded) -> None:
    path = folder / "excluded.txt"
    if loaded.excluded:
        write_atomically(path, ("\n".join(loaded.excluded) + "\n").encode())
    else:
        path.unlink(missing_ok=True)


def result_of(trained: Trained, installed: Path | None) -> dict[str, Any]:
    """A run in plain values, for the terminal."""
    last, card = trained.epochs[-1], trained.card
    best = max(epoch.score for epoch in trained.epochs)
    return {
        "model": str(trained.model),
        "installed": str(installed) if installed else None,
        "name": card.name if card else trained.model.stem,
        "version": card.version if card else "",
        "task": card.task if card else "generation",
        "epochs": last.number,
        "best_val_score": round(best, 4) if math.isfinite(best) else None,
        "export_difference": trained.difference,
        "excluded": list(trained.excluded),
        "remarks": list(trained.remarks),
        "variants": list(trained.variants),
        "figures": json.loads(json.dumps(trained.figures)),
    }
