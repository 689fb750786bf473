"""``medviewer train``: flags and files become a configuration, which is then run.

Nothing heavy is imported before the command is called, so listing the commands costs nothing.
"""

# ruff: noqa: PLC0415

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

from medviewer.kit.errors import BadValue, ExportTrouble, TrainingTrouble
from medviewer.kit.params import Slider, Words
from medviewer.kit.paths import resource, user_folder
from medviewer.kit.task import TaskContext
from medviewer.training.configuration import Configuration
from medviewer.training.configuration_file import read, with_setting
from medviewer.training.quiet import quiet
from medviewer.training.told import Lines, cancelled_by_signals

FLAGS = {
    "data": "data.path",
    "task": "data.task",
    "name": "model.name",
    "version": "model.version",
    "labels": "model.labels",
    "modality": "model.modality",
    "body": "model.body",
    "parts": "model.parts",
    "about": "model.about",
    "int8": "model.int8",
    "fp16": "model.fp16",
    "install": "model.install",
    "network": "network.name",
    "width": "network.width",
    "epochs": "train.epochs",
    "seed": "train.seed",
    "batch": "train.batch",
    "learning_rate": "train.learning_rate",
    "patience": "train.patience",
    "weights": "train.weights",
    "size": "input.size",
    "fit": "input.fit",
    "scale": "input.scale",
    "low": "input.low",
    "high": "input.high",
    "held_out": "split.held_out",
    "chosen_by": "split.chosen_by",
    "augment": "augment.strength",
}
"""Which setting a flag stands for; what is not given stays as the configuration has it."""
LISTS = ("networks", "estimators", "features", "losses", "optimizers", "schedules")


def train(
    context: TaskContext,
    *,
    data: Annotated[
        Path | None, Words(help="class folders, images and masks folders, or a .npz file")
    ] = None,
    output: Annotated[Path | None, Words(help="folder for the model, its split and its curves")] = None,
    config: Annotated[Path | None, Words(help="run.toml of another run, to do the same again")] = None,
    resume: Annotated[Path | None, Words(help="folder of a run that was stopped, to go on with it")] = None,
    set: Annotated[tuple[str, ...], Words(help="section.name=value of a run.toml; may be repeated")] = (),  # noqa: A002  the word of the terminal
    list: Annotated[bool, Words(help="show networks, estimators, features, losses, ... instead")] = False,  # noqa: A002  as above
    progress: Annotated[
        Literal["text", "json"], Words(help="json: lines for a program, which stops by closing our input")
    ] = "text",
    workers: Annotated[int, Slider(1, 64, label="Processes on this machine that learn together")] = 1,
    name: Annotated[str | None, Words(help="what the model will be called; by default as the data")] = None,
    version: Annotated[str | None, Words(help="version of the model")] = None,
    task: Literal[
        "auto", "classification", "multilabel", "regression", "segmentation", "enhancement", "generation"
    ]
    | None = None,
    network: Annotated[str | None, Words(help="name of a network or an estimator; --list shows them")] = None,
    weights: Annotated[Path | None, Words(help="weights to begin with, .npz or .weights.h5")] = None,
    epochs: Annotated[int | None, Slider(1, 10_000)] = None,
    seed: Annotated[int | None, Slider(0, 2**31 - 1)] = None,
    batch: Annotated[int | None, Slider(1, 1024)] = None,
    learning_rate: Annotated[float | None, Slider(1e-7, 1.0)] = None,
    patience: Annotated[int | None, Slider(1, 10_000, unit="epochs")] = None,
    size: Annotated[
        int | None, Slider(0, 1024, label="Side of the network's input, 0 chooses", unit="px")
    ] = None,
    width: Annotated[int | None, Slider(0, 256, label="Channels of the first block, 0 chooses")] = None,
    fit: Literal["stretch", "letterbox", "crop"] | None = None,
    scale: Literal["percentile", "window", "range", "z-score"] | None = None,
    low: Annotated[float | None, Slider(-1e6, 1e6, label="Low end of the values")] = None,
    high: Annotated[float | None, Slider(-1e6, 1e6, label="High end of the values")] = None,
    labels: Annotated[str | None, Words(help="names of the labels, with commas between")] = None,
    modality: Annotated[str | None, Words(help="modalities the model is for, with commas between")] = None,
    body: Annotated[str | None, Words(help="body parts the model is for, with commas between")] = None,
    held_out: Annotated[float | None, Slider(0.05, 0.5, label="Share that judges")] = None,
    chosen_by: Annotated[float | None, Slider(0.05, 0.5, label="Share of the rest that chooses")] = None,
    augment: Annotated[
        float | None, Slider(0.0, 3.0, label="Strength of the changes to training pictures")
    ] = None,
    parts: Annotated[
        int | None, Slider(0, 1000, label="Connected parts of each label that stay, 0 all")
    ] = None,
    about: Annotated[Path | None, Words(help="JSON with title, for and made for the card")] = None,
    int8: Annotated[bool | None, Words(help="also an 8-bit file, with its loss measured")] = None,
    fp16: Annotated[bool | None, Words(help="also a 16-bit file, with its loss measured")] = None,
    install: Annotated[bool | None, Words(help="also put the model where the viewer finds it")] = None,
) -> dict[str, Any]:
    """Train a network on labelled pictures or series and export it for the viewer."""
    values = locals()
    given = {flag: values[flag] for flag in FLAGS if values[flag] is not None}
    if list:
        return _listed()
    if resume is not None and (given or set or config or output):
        raise BadValue("A run goes on as it was begun.", "Give --resume and its folder alone.")
    asked = asked_for(given, set, resume / "run.toml" if resume else config)
    folder = resume or Path(output or user_folder("runs") / asked.model.name)
    lines = Lines() if progress == "json" else None
    with cancelled_by_signals(context.token, of_input=lines is not None):
        told = TaskContext(context.token, lines) if lines else context
        if workers > 1:
            from medviewer.training.local_workers import train_together

            answer = train_together(asked, folder, workers, told, resume is not None)
        else:
            answer = _trained(asked, folder, told, resume is not None, lines)
    if lines is None:
        return answer
    lines.result(answer)
    return {}


def asked_for(given: dict[str, Any], settings: tuple[str, ...], config: Path | None) -> Configuration:
    """The configuration of a file, with flags and single settings over it. Raises BadValue, FileTrouble."""
    asked = read(Path(config)) if config else Configuration()
    for flag, value in given.items():
        if flag == "width" and not value:
            continue  # 0 lets the network choose
        text = str(Path(value).resolve()) if isinstance(value, Path) else str(value)
        asked = with_setting(asked, FLAGS[flag], text)
    for words in settings:
        setting, equals, text = words.partition("=")
        if not equals:
            raise BadValue(f"{words!r:.80} sets nothing.", "Write --set section.name=value.")
        asked = with_setting(asked, setting.strip(), text.strip())
    if not asked.data.path:
        raise BadValue("There is nothing to learn from.", "Give a folder of pictures or a .npz file.")
    path = Path(asked.data.path).resolve()
    called = asked.model.name or _name_of(path)
    _check_name(called, asked.model.install)
    return replace(asked, data=replace(asked.data, path=str(path)), model=replace(asked.model, name=called))


def _trained(
    asked: Configuration, folder: Path, context: TaskContext, resume: bool, lines: Lines | None
) -> dict[str, Any]:
    if _is_estimator(asked.network.name):
        return _learnt(asked, folder, context, resume)
    group = start_tensorflow()
    from medviewer.training.install import install
    from medviewer.training.loop import nothing
    from medviewer.training.train import result_of, train_model

    try:
        trained = train_model(
            asked, folder, context, resume=resume, workers=group, note=lines.note if lines else nothing
        )
        if not group.is_first:
            return {"worker": group.index, "epochs": len(trained.epochs)}
        is_readable = asked.model.install and trained.card is not None
        return result_of(trained, install(trained.model) if is_readable else None)
    except OSError as trouble:
        raise ExportTrouble(
            f"{trouble.filename or folder} cannot be written: {trouble.strerror or trouble}.",
            "Choose another folder with --output.",
        ) from trouble


def _is_estimator(name: str) -> bool:
    if not name or find_spec("sklearn") is None:
        return False
    from medviewer.training.classical import ESTIMATORS

    return name in ESTIMATORS


def _learnt(asked: Configuration, folder: Path, context: TaskContext, resume: bool) -> dict[str, Any]:
    """Classical learning, which needs no TensorFlow."""
    if resume:
        raise BadValue("An estimator is learnt in one go.", "Run it again with --config and its run.toml.")
    from medviewer.training.classical import ESTIMATORS
    from medviewer.training.classical.train import train_classical
    from medviewer.training.install import install

    if warning := ESTIMATORS[asked.network.name].warning:
        # a line of its own: progress is written over, and a log leaves some of it out
        print(warning, file=sys.stderr, flush=True)
    try:
        found = train_classical(asked, folder, context)
        is_kept = asked.model.install and found["model"]
        return {**found, "installed": str(install(Path(found["model"]))) if is_kept else None}
    except OSError as trouble:
        raise ExportTrouble(
            f"{trouble.filename or folder} cannot be written: {trouble.strerror or trouble}.",
            "Choose another folder with --output.",
        ) from trouble


def start_tensorflow() -> Any:
    """Import TensorFlow without its chatter; the group of workers that this process belongs to.

    Raises TrainingTrouble where it is not installed.
    """
    missing = [name for name in ("tensorflow", "keras", "tf2onnx") if find_spec(name) is None]
    if missing:
        raise TrainingTrouble(
            f"Training needs {' and '.join(missing)}, which is not installed.",
            "Install medviewer with its extra: pip install 'medviewer[train]'.",
        )
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if "tensorflow" in sys.modules:
        from medviewer.training.workers import ALONE

        return ALONE
    with quiet():
        import_module("tensorflow")
        from medviewer.training.workers import joined

        group = joined()
        # the first operation lets it speak about the processor as well; a group must be formed before it
        import_module("tensorflow").zeros(1)
    return group


def _listed() -> dict[str, Any]:
    """What there is to choose from, with every parameter and its limits."""
    start_tensorflow()
    from medviewer.imaging.features import FAMILIES
    from medviewer.training.classical import ESTIMATORS
    from medviewer.training.losses import LOSSES
    from medviewer.training.networks import NETWORKS
    from medviewer.training.optimizers import OPTIMIZERS, SCHEDULES

    registries: tuple[Any, ...] = (NETWORKS, ESTIMATORS, FAMILIES, LOSSES, OPTIMIZERS, SCHEDULES)
    listed: dict[str, Any] = {
        what: {one.name: _described(one) for one in registry}
        for what, registry in zip(LISTS, registries, strict=True)
    }
    return {**listed, "sections": _sections()}


def _sections() -> dict[str, Any]:
    """The settings of a run.toml that are no choice by name."""
    from medviewer.kit.params import fields_of
    from medviewer.training.augment import Augmentation

    plain = Configuration()
    kinds: dict[str, Any] = {
        name: type(getattr(plain, name)) for name in ("data", "split", "input", "train", "model")
    }
    return {
        name: {each.name: _limits(each) for each in fields_of(kind)}
        for name, kind in {**kinds, "augment": Augmentation}.items()
    }


def _described(one: Any) -> dict[str, Any]:
    about = {"title": one.title, "help": one.help}
    for fact in ("tasks", "takes", "multiple", "learns_unlabelled", "instead", "needs_mask"):
        if hasattr(one, fact):
            about[fact] = getattr(one, fact)
    return {**about, "parameters": {each.name: _limits(each) for each in one.parameters}}


def _limits(parameter: Any) -> dict[str, Any]:
    told = {
        "label": parameter.label,
        "kind": parameter.kind.value,
        "default": parameter.default,
        "limits": parameter.limits(),
    }
    for name in ("minimum", "maximum", "step", "choices", "unit", "help"):
        if getattr(parameter, name) not in (None, (), ""):
            told[name] = getattr(parameter, name)
    return told


def _check_name(called: str, is_installed: bool) -> None:
    from medviewer.ai.catalog import models
    from medviewer.ai.reading import NAME

    if not re.fullmatch(NAME, called):
        raise BadValue(
            f"A model cannot be called {called!r:.80}.",
            "Names hold letters from A to Z, digits, dots, dashes and underscores.",
        )
    # one of the user's own would hide its namesake that comes with the program
    if is_installed and called in {model.name for model in models((resource("models"),))}:
        raise BadValue(
            f"{called} is a model that comes with medviewer.", "Choose another --name, or add --no-install."
        )


def _name_of(data: Path) -> str:
    plain = re.sub(r"[^A-Za-z0-9._-]", "-", data.stem)
    return plain.strip("-._")[:64] or "model"
