"""The dialog that enhances a series into files: what it says before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from medviewer.gui.dialogs.apply_series import ApplySeriesDialog
from medviewer.kit.task import Task, TaskContext
from medviewer.session.session import Session
from tests import factories


@pytest.fixture
def dialog(qtbot, tmp_path: Path) -> ApplySeriesDialog:
    session = Session()
    factories.ct(tmp_path / "s", 3)
    session.run("study.open", paths=(tmp_path / "s",))
    session.run("enhance.add", operation="gaussian")
    session.save_settings(folder=str(tmp_path))
    found = ApplySeriesDialog(session, None)  # type: ignore[arg-type]
    qtbot.addWidget(found)
    found.show()
    yield found
    session.close()


def test_it_says_how_many_pictures_and_that_the_patient_stays(dialog: ApplySeriesDialog) -> None:
    assert dialog.size_note.text().startswith("3 pictures, about 1 MB. Values stay in the unit")
    assert "same patient" in dialog.identity_note.text()
    dialog.scope.setCurrentIndex(0)
    assert dialog.size_note.text().startswith("1 picture,")
    dialog.form.setCurrentIndex(1)
    assert "do not name the patient" in dialog.identity_note.text()
    assert not dialog.then_open.isVisible()


def test_it_says_why_nothing_can_be_written(dialog: ApplySeriesDialog) -> None:
    dialog.folder.setText(" ")
    assert not dialog.write.isEnabled()
    assert dialog.why_not.text() == dialog.write.toolTip() == "Name the folder to write to."


def test_it_writes_and_shows_what_was_made(dialog: ApplySeriesDialog, tmp_path: Path) -> None:
    dialog.write.click()
    assert not dialog.isVisible()
    assert len(list((tmp_path / "enhanced").glob("*.dcm"))) == 3


def test_what_is_in_the_way_is_replaced_only_with_a_tick(dialog: ApplySeriesDialog, tmp_path: Path) -> None:
    assert not dialog.instead.isVisible()
    (tmp_path / "enhanced").mkdir()
    (tmp_path / "enhanced" / "00001.dcm").write_text("mine")
    dialog.folder.setText(str(tmp_path / "enhanced"))
    dialog.folder.textChanged.emit("")
    assert dialog.instead.isVisible()
    assert "not replaced" in dialog.replace_note.text()
    dialog.write.click()
    assert (tmp_path / "enhanced" / "00001.dcm").read_text() == "mine"


def test_the_disk_is_not_asked_while_somebody_types(
    dialog: ApplySeriesDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    asked: list[Task] = []
    monkeypatch.setattr(dialog._session, "submit", asked.append)
    for text in ("f", "fu", "full"):
        dialog.folder.setText(str(tmp_path / text))
    assert not dialog.instead.isVisible()
    assert [task.replaces for task in asked] == [asked[0].replaces] * 3
    asked[-1].done(asked[-1].work(TaskContext()))
    assert dialog.instead.isVisible()


def test_a_new_folder_is_proposed_where_there_is_one_already(
    dialog: ApplySeriesDialog, tmp_path: Path
) -> None:
    assert dialog.folder.text() == str(tmp_path / "enhanced")
    (tmp_path / "enhanced").mkdir()
    dialog._propose(tmp_path)
    assert dialog.folder.text() == str(tmp_path / "enhanced-2")
