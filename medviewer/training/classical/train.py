"""One run of classical learning, from labelled pictures to a model in the viewer."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from sklearn.metrics import r2_score

from medviewer.ai import catalog
from medviewer.ai.card import KEY, SAMPLE_KEY, Card, Output
from medviewer.ai.card_text import write_card
from medviewer.ai.features import features_of
from medviewer.ai.finish import scores
from medviewer.ai.infer import Reader
from medviewer.ai.prepare import prepare
from medviewer.ai.selfcheck import check, write_sample
from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.training.classical.estimator import ESTIMATORS
from medviewer.training.classical.exported import exported, said
from medviewer.training.classical.importance import MOST_ROWS, Importance, importance, write_importance
from medviewer.training.classical.lesson import Lesson, begun, fitted_to, output_for
from medviewer.training.classical.semi_supervised import UNKNOWN
from medviewer.training.classical.threads import one_core_free
from medviewer.training.configuration import Configuration
from medviewer.training.data.dataset import Example
from medviewer.training.data.split import TEST, TRAIN, VAL
from medviewer.training.evaluation import metrics
from medviewer.training.evaluation.judging import judged
from medviewer.training.model_card import card_of

SAMPLE_OF = 16
"""pictures whose mean is the sample: it looks like a patient and is none"""
MOST_COMPARED = 500
"""pictures on which the exported model is compared with the trained one"""
SCORES = {"classification": "AUC", "regression": "R2"}


@frozen(eq=False)
class Trained:
    """A finished run."""

    model: Path | None
    """None of an estimator that ONNX cannot carry"""
    card: Card
    figures: dict[str, Any]
    difference: float | None
    """between the trained and the exported estimator"""
    importance: tuple[Importance, ...]
    baseline: dict[str, Any] | None
    """of a semi-supervised estimator: the figures of a plain SVM on the labelled pictures alone"""
    excluded: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


class _Fitted:
    """Stands for the viewer's reader where ONNX cannot carry the estimator."""

    def __init__(self, fitted: Any, card: Card) -> None:
        self.fitted, self.card = fitted, card

    def scores(self, picture: Any, /) -> tuple[float, ...]:
        """As `ai.infer.Reader` has it."""
        row = features_of(prepare(picture, self.card.input)[0], self.card.input)
        return scores(said(self.fitted, self.card.task, row[None])[0], self.card)


def is_classical(name: str) -> bool:
    """Whether *name* is an estimator and no network."""
    return bool(name) and name in ESTIMATORS


def train_classical(asked: Configuration, output: Path, context: TaskContext) -> dict[str, Any]:
    """Learn, judge and export as *asked*; plain values for the terminal. Raises TrainingTrouble, Cancelled.

    Writes into *output*: ``run.toml``, the model, ``split.csv``, ``metrics.json``, ``importance.csv``,
    ``importance.svg``, and ``excluded.txt`` when something could not be used. An estimator that ONNX cannot
    carry is judged and leaves no model.
    """
    with one_core_free():
        return result_of(learnt(asked, output, context))


def learnt(asked: Configuration, output: Path, context: TaskContext) -> Trained:
    """The same as values of Python."""
    lesson = begun(asked, output, context)
    context.report(0.6, f"Fitting {lesson.estimator.title}")
    fitted, remarks = fitted_to(lesson, lesson.estimator, dict(asked.network.values))
    given = _calibrated(lesson, fitted)
    val, test = lesson.split.of(VAL), lesson.split.of(TEST)
    if not lesson.estimator.is_carried:
        card = _card(lesson, given, {})
        figures = _judge(_Fitted(fitted, card), lesson, context.part(0.7, 0.9))
        model, difference = None, None
        remarks = (lesson.estimator.warning, *remarks)
    else:
        compared = lesson.features[np.concatenate([val, test])[:MOST_COMPARED]]
        proto, difference = exported(fitted, lesson.task, compared)
        sample = _sample(lesson, fitted)
        model = output / f"{asked.model.name}.onnx"
        _write(model, proto, _card(lesson, given, {}), sample)
        reader = Reader(catalog.read(model), context.token)
        figures = _judge(reader, lesson, context.part(0.7, 0.9))
        card = _card(lesson, given, _for_card(figures))
        _write(model, proto, card, sample)
        _confirm(model)
    context.report(0.9, "What matters")
    matters = _matters(lesson, fitted)
    write_importance(output, matters, SCORES[lesson.task])
    baseline = _baseline(lesson, context.part(0.95, 1.0)) if lesson.estimator.learns_unlabelled else None
    told = {"figures": figures, **({"supervised": baseline} if baseline else {})}
    write_atomically(output / "metrics.json", json.dumps(told, indent=1, ensure_ascii=False).encode())
    return Trained(
        model, card, figures, difference, matters, baseline, lesson.loaded.excluded,
        (*lesson.dataset.remarks, *remarks),
    )  # fmt: skip


def result_of(trained: Trained) -> dict[str, Any]:
    """A run in plain values."""
    return {
        "model": str(trained.model) if trained.model else None,
        "name": trained.card.name,
        "version": trained.card.version,
        "task": trained.card.task,
        "features": len(trained.card.input.feature_names),
        "export_difference": trained.difference,
        "excluded": list(trained.excluded),
        "remarks": list(trained.remarks),
        "matters": {one.name: round(one.lost, 4) for one in trained.importance[:12]},
        **({"supervised": trained.baseline} if trained.baseline else {}),
        "figures": json.loads(json.dumps(trained.figures)),
    }


def _calibrated(lesson: Lesson, fitted: Any) -> Output:
    """The operating point of two classes, chosen on the part that chooses and judges nothing."""
    if lesson.task != "classification" or len(lesson.names) != 2:
        return output_for(lesson.task, lesson.names)
    val = lesson.split.of(VAL)
    found = said(fitted, lesson.task, lesson.features[val])[:, 1]
    cut = round(metrics.best_threshold((lesson.loaded.labels[val] == 1).astype(int), found), 4)
    # so that exactly one of both is positive
    return output_for(lesson.task, lesson.names, (round(1 - cut + 1e-6, 7), cut))


def _card(lesson: Lesson, given: Output, figures: dict[str, Any]) -> Card:
    counts = ", ".join(f"{len(lesson.split.of(part))} {part}" for part in (TRAIN, VAL, TEST))
    hidden = int((lesson.truth == UNKNOWN).sum()) if lesson.task == "classification" else 0
    without = f"; {hidden + len(lesson.more)} more without labels" if hidden or len(lesson.more) else ""
    data = (
        f"{lesson.dataset.name}: {len(lesson.loaded)} pictures ({counts}{without}), "
        f"{lesson.loaded.duplicates} of them twice, in one part; "
        f"SHA-256 of pixels and labels {lesson.loaded.fingerprint}"
    )
    about = lesson.asked.network.to_dict()
    facts = {"data": data, "split": lesson.split.rule, "by": _by(about)}
    return card_of(lesson.asked, lesson.task, lesson.taken, given, facts, figures)


def _by(about: dict[str, Any]) -> str:
    from sklearn import __version__  # noqa: PLC0415  beside the package itself

    told = ", ".join(f"{name} {value}" for name, value in about.items() if name != "name")
    return f"medviewer, {about['name']}{f' ({told})' if told else ''} of scikit-learn {__version__}"


def _sample(lesson: Lesson, fitted: Any) -> str:
    """The mean of some pictures, and what the trained estimator says of it: features are checked, too."""
    rows = lesson.split.of(TEST)[:SAMPLE_OF]
    mean = np.stack([np.asarray(lesson.loaded.inputs[at])[..., 0] for at in rows]).mean(axis=0)
    unit = (mean - mean.min()) / max(float(np.ptp(mean)), 1e-6)
    plan = lesson.taken.values
    picture: NDArray[Any] = np.round(unit * 255).astype(np.uint8)
    if plan.scale == "window":
        picture = np.round(plan.low + unit * (plan.high - plan.low)).astype(np.int16)
    row = features_of(prepare(picture, replace(lesson.taken, spacing=()))[0], lesson.taken)
    return write_sample(picture, said(fitted, lesson.task, row[None])[0].astype(np.float32))


def _write(path: Path, proto: onnx.ModelProto, card: Card, sample: str) -> None:
    onnx.helper.set_model_props(proto, {KEY: write_card(card), SAMPLE_KEY: sample})
    proto.producer_name = "medviewer"
    write_atomically(path, proto.SerializeToString())


def _judge(reader: Any, lesson: Lesson, context: TaskContext) -> dict[str, Any]:
    """The figures on the held-out part, read as the viewer reads."""
    classes = tuple(str(at) for at in range(len(lesson.dataset.classes)))
    numbered = replace(lesson.dataset, classes=classes, excluded=())
    return judged(reader, numbered, _held_out(lesson), context)


def _held_out(lesson: Lesson) -> list[Example]:
    groups = dict(zip(lesson.loaded.names, lesson.loaded.groups, strict=True))
    wanted = {lesson.loaded.names[at] for at in lesson.split.of(TEST)}
    return [replace(one, group=groups[one.name]) for one in lesson.dataset.examples if one.name in wanted]


def _baseline(lesson: Lesson, context: TaskContext) -> dict[str, Any]:
    """What a plain support vector machine makes of the labelled pictures alone."""
    plain = ESTIMATORS["svm"]
    fitted, _ = fitted_to(lesson, plain, {})
    figures = _judge(_Fitted(fitted, _card(lesson, _calibrated(lesson, fitted), {})), lesson, context)
    labelled = int((lesson.truth[lesson.split.of(TRAIN)] != UNKNOWN).sum())
    kept: dict[str, Any] = {
        name: figures[name] for name in ("auc", "accuracy", "intervals") if name in figures
    }
    return {"estimator": plain.name, "labelled": labelled, **kept}


def _matters(lesson: Lesson, fitted: Any) -> tuple[Importance, ...]:
    rows = lesson.split.of(VAL)[:MOST_ROWS]
    names = lesson.taken.feature_names
    families: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        families.setdefault(name.partition("_")[0], []).append(at)
    truth = lesson.loaded.labels[rows] if lesson.task == "classification" else lesson.truth[rows]
    score: Callable[[NDArray[Any]], float] = lambda given: _score(lesson.task, truth, fitted, given)  # noqa: E731
    told = {f"all of {name}": columns for name, columns in families.items()}
    return importance(fitted, score, lesson.features[rows], truth, told, names, lesson.asked.train.seed)


def _score(task: str, truth: NDArray[Any], fitted: Any, rows: NDArray[Any]) -> float:
    found = said(fitted, task, rows)
    if task == "classification":
        return metrics.mean_auc(truth, found)
    known = np.isfinite(truth)
    return float(r2_score(truth[known], found[known, 0]))


def _for_card(figures: dict[str, Any]) -> dict[str, Any]:
    kept = {
        key: value for key, value in figures.items() if key not in ("excluded", "worst", "model", "version")
    }
    return {"split": "held-out test part", **kept, "method": "bootstrap over groups, 1000 resamples, 95 %"}


def _confirm(path: Path) -> None:
    """The finished file must pass what the viewer asks of any model."""
    result = check(catalog.usable(catalog.read(path)))
    if not result.passed:
        path.unlink(missing_ok=True)
        raise TrainingTrouble(f"The exported model does not pass its own check. {result.sentence}")
