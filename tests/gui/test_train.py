"""The window for training: what it shows of data and choices, and a training from data to the AI panel."""

from __future__ import annotations

import os
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from medviewer.ai.catalog import models
from medviewer.gui.bridge import make_session
from medviewer.gui.dialogs.train import TrainDialog
from medviewer.gui.dialogs.train_settings import TrainSettings
from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.paths import user_folder
from medviewer.session.session import Session
from medviewer.session.training.running import Phase, Trainings
from medviewer.training.train_command import _sections
from tests.training.labelled import class_folders

WIDTH = {"label": "Width", "kind": "integer", "default": 32, "minimum": 1, "maximum": 256}
LISTING = {
    "networks": {
        "cnn": {
            "title": "Small",
            "help": "One.",
            "tasks": ["classification"],
            "parameters": {"width": WIDTH},
        },
        "unet": {"title": "U-Net", "tasks": ["segmentation"], "parameters": {}},
    },
    "estimators": {"svm": {"title": "SVM", "tasks": ["classification"], "parameters": {}}},
    "losses": {},
    "optimizers": {"sgd": {"title": "SGD", "parameters": {"momentum": {**WIDTH, "default": 3}}}},
    "schedules": {},
    "sections": _sections(),
}


@pytest.fixture
def dialog(qtbot, inline_session: Session) -> TrainDialog:
    inline_session.trainings.listing = LISTING
    found = TrainDialog(inline_session, None)
    qtbot.addWidget(found)
    found.show()
    return found


def offered(form: TrainSettings) -> list[str]:
    return [form.network.menu.itemData(at) for at in range(form.network.menu.count())]


def test_it_trains_nothing_before_there_are_data(dialog: TrainDialog, tmp_path: Path) -> None:
    assert not dialog.train.isEnabled()
    assert dialog.train.toolTip() == "Choose data first."
    dialog.choose_data(tmp_path / "nowhere")
    assert "There is nothing at" in dialog.refusal.text()
    assert not dialog.train.isEnabled()


def test_it_says_what_the_data_are_and_offers_what_can_learn_them(
    dialog: TrainDialog, tmp_path: Path
) -> None:
    assert offered(dialog.form) == ["", "cnn", "unet", "svm"]
    dialog.choose_data(class_folders(tmp_path / "discs", 4))
    assert dialog.summary.text() == "Classification: 8 examples. disc 4, empty 4. 32 x 32 px."
    assert "disc has only 4 examples." in dialog.problems.text()
    assert offered(dialog.form) == ["", "cnn", "svm"]
    assert dialog.train.isEnabled()


def test_a_table_of_labels_changes_what_the_data_are(dialog: TrainDialog, tmp_path: Path) -> None:
    data = class_folders(tmp_path / "discs", 4)
    rows = [f"{path.relative_to(data)},{at}.5" for at, path in enumerate(sorted(data.rglob("*.png")))]
    (tmp_path / "t.csv").write_text("\n".join(["name,age", *rows]) + "\n")
    dialog.choose_data(data)
    assert dialog.form.task == "classification"
    dialog.form.show_settings(
        {"data.labels": str(tmp_path / "t.csv"), "data.target": "age", "data.task": "regression"}
    )
    assert dialog.summary.text().startswith("Regression: 8 examples")


def test_the_form_holds_what_is_not_as_usual_and_files_bring_it_back(
    dialog: TrainDialog, tmp_path: Path
) -> None:
    form = dialog.form
    form.network.menu.setCurrentIndex(form.network.menu.findData("cnn"))
    form.network.menu.activated.emit(1)
    assert form.settings == {"network.name": "cnn"}
    form.network._form.editors["network.width"].tell(8)
    form._forms[0].editors["train.epochs"].tell(3)
    assert form.settings == {"network.name": "cnn", "network.width": 8, "train.epochs": 3}
    form._forms[0].editors["train.epochs"].tell(30)
    assert "train.epochs" not in form.settings
    form.network.menu.setCurrentIndex(0)
    form.network.menu.activated.emit(0)
    assert form.settings == {}
    (tmp_path / "a.toml").write_text("[train]\nepochs = 5\n[optimizer]\nname = 'sgd'\nmomentum = 9\n")
    dialog.take_file(tmp_path / "a.toml")
    form.more.open()
    assert form._forms[0].editors["train.epochs"].field.text() == "5"
    assert form.settings == {"train.epochs": 5, "optimizer.name": "sgd", "optimizer.momentum": 9}


def test_where_training_is_not_installed_it_says_what_to_do(
    qtbot, inline_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "Training needs tensorflow, which is not installed."
    ask = Trainings.ask

    def missing(self, asked, done, failed):
        if asked[:2] != ("train", "--list"):
            return ask(self, asked, done, failed)
        failed(TrainingTrouble(words, "pip install 'medviewer[train]'"))
        return ask(self, ("version", "--nothing"), lambda _: None, lambda _: None)

    monkeypatch.setattr(Trainings, "ask", missing)
    found = TrainDialog(inline_session, None)
    qtbot.addWidget(found)
    assert found.state.text() == found.train.toolTip() == f"{words} pip install 'medviewer[train]'"
    assert not found.train.isEnabled()
    assert not found.resume.isEnabled()


def test_a_training_that_was_stopped_with_the_viewer_is_offered_again(qtbot, inline_session: Session) -> None:
    inline_session.trainings.listing = LISTING
    for at, name in enumerate(("older", "newer", "whole")):
        folder = user_folder("runs") / name
        folder.mkdir()
        (folder / "metrics.csv").write_text("epoch,loss,val_loss,val_auc,seconds\n")
        if name != "whole":
            (folder / "checkpoint.npz").write_bytes(b"")
            os.utime(folder / "checkpoint.npz", (at, at))
    dialog = TrainDialog(inline_session, None)
    qtbot.addWidget(dialog)
    assert inline_session.trainings.now.folder.name == "newer"
    assert dialog.run.words.text().startswith("Stopped earlier; it can go on. It lies in")
    assert dialog.resume.text() == "Go on"
    assert dialog.resume.isEnabled()


@pytest.mark.training
@pytest.mark.skipif(find_spec("tensorflow") is None, reason="needs TensorFlow")
def test_from_data_to_the_list_of_models_with_a_stop_between(qtbot, tmp_path: Path) -> None:
    session = make_session()
    session.trainings.listing = LISTING
    dialog = TrainDialog(session, None)
    qtbot.addWidget(dialog)
    dialog.show()
    now = lambda: session.trainings.now  # noqa: E731
    dialog.choose_data(class_folders(tmp_path / "discs", 10))
    qtbot.waitUntil(dialog.train.isEnabled, timeout=20_000)
    dialog.form.show_settings(
        {"network.name": "textbook", "network.width": 2, "network.dense": 4, "train.epochs": 60,
         "train.patience": 60, "input.size": 32, "model.name": "seen"}
    )  # fmt: skip
    dialog.train.click()
    longest = _waited(lambda: len(now().epochs) >= 2)
    assert session.state.jobs[0].title == "Training on discs"
    assert not dialog.train.isEnabled()
    dialog.stop.click()
    assert now().phase is Phase.STOPPING
    qtbot.waitUntil(lambda: now().phase is Phase.STOPPED, timeout=30_000)
    before = len(now().epochs)
    assert 2 <= before < 60
    assert dialog.resume.text() == "Go on"
    dialog.resume.click()
    longest = max(longest, _waited(lambda: not now().runs))
    assert now().phase is Phase.DONE, now().trouble
    assert [one.number for one in now().epochs] == list(range(1, 61))
    assert "seen" in {model.name for model in models()}
    assert dialog.report.isVisible()
    assert now().report.is_file()
    assert session.state.notices[-1].advice == "It is in the AI panel."
    assert longest < 0.5, "the window stood still"
    session.close()


def _waited(is_there, seconds: float = 60.0) -> float:
    """Let the window live until something is so; the longest that it stood still meanwhile, in seconds."""
    longest, end = 0.0, time.monotonic() + seconds
    while not is_there():
        assert time.monotonic() < end
        began = time.monotonic()
        QApplication.processEvents()
        longest = max(longest, time.monotonic() - began)
        time.sleep(0.01)
    return longest
