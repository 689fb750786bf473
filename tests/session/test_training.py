"""A training in another process: what it is asked, what it answers, and what it says when it cannot."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from medviewer.kit.errors import BadValue, FileTrouble, TrainingTrouble
from medviewer.kit.params import Kind
from medviewer.kit.task import TaskContext
from medviewer.session.session import Session
from medviewer.session.training import program, settings
from medviewer.session.training.running import Phase
from medviewer.training import configuration_file
from medviewer.training.train_command import asked_for
from tests.training.labelled import class_folders

ASKED: settings.Settings = {
    "data.path": '/data/ä "b"',
    "network.name": "cnn",
    "network.width": 8,
    "train.epochs": 7,
    "train.learning_rate": 0.01,
    "model.int8": True,
    "augment.strength": 0.5,
}
WITHOUT_TENSORFLOW = (
    "import sys; sys.modules['tensorflow'] = None; from medviewer.__main__ import main; sys.exit(main())"
)


def test_a_saved_plan_is_what_the_terminal_reads(tmp_path: Path) -> None:
    settings.write(tmp_path / "a.toml", ASKED)
    assert settings.read(tmp_path / "a.toml") == ASKED
    read = configuration_file.read(tmp_path / "a.toml")
    assert (read.train.epochs, read.model.int8, read.network.values) == (7, True, (("width", 8),))
    assert read.data.path == ASKED["data.path"]


def test_flags_ask_for_the_same_as_the_file(tmp_path: Path) -> None:
    asked = {**ASKED, "data.path": str(tmp_path), "model.name": "a"}
    settings.write(tmp_path / "a.toml", asked)
    flags = tuple(one.removeprefix("--set=") for one in settings.words(asked))
    assert asked_for({}, flags, None) == asked_for({}, (), tmp_path / "a.toml")


def test_a_file_of_something_else_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("epochs = 3")
    with pytest.raises(FileTrouble, match="epochs is no section"):
        settings.read(tmp_path / "a.toml")
    with pytest.raises(FileTrouble, match="cannot be read"):
        settings.read(tmp_path / "b.toml")


def test_a_range_too_wide_for_a_slider_is_a_field() -> None:
    told = {"kind": "integer", "default": 30, "minimum": 1, "maximum": 10_000, "label": "Epochs"}
    assert settings.parameter("train.epochs", told).maximum is None
    narrow = settings.parameter("input.size", {**told, "minimum": 0, "maximum": 1024})
    assert (narrow.maximum, narrow.kind) == (1024, Kind.INTEGER)
    assert settings.parameter("input.low", {**told, "default": None}).kind is Kind.TEXT


def test_the_other_process_answers_and_says_in_its_own_words_what_is_wrong(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "discs", 3)
    found = program.answer(("dataset", "--json", str(data)), TaskContext())
    assert (found["task"], found["examples"]) == ("classification", 6)
    with pytest.raises(TrainingTrouble, match="There is nothing at"):
        program.answer(("dataset", "--json", str(tmp_path / "none")), TaskContext())


def test_where_tensorflow_is_missing_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "command", lambda *words: [sys.executable, "-c", WITHOUT_TENSORFLOW, *words])
    with pytest.raises(TrainingTrouble, match=r"tensorflow.*pip install 'medviewer\[train\]'"):
        program.answer(("train", "--list", "--json"), TaskContext())


def test_a_training_that_cannot_begin_is_told_and_another_one_may(tmp_path: Path) -> None:
    session = Session()
    data = class_folders(tmp_path / "discs", 3)
    session.trainings.start({"data.path": str(data), "train.epochs": 0})
    assert session.trainings.now.phase is Phase.FAILED
    assert session.trainings.now.trouble.startswith("[train] Epochs cannot be 0") or (
        session.trainings.now.trouble.startswith("Epochs cannot be 0")
    )
    assert session.state.jobs == ()
    assert session.state.notices[-1].message == "The training failed."
    with pytest.raises(BadValue, match="nothing to learn from"):
        session.trainings.start({})
    with pytest.raises(BadValue, match="no training to go on with"):
        session.run("training.resume", folder=tmp_path)
    session.close()
