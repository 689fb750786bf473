"""The dialog that enhances a series into files: what it says before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from medviewer.gui.dialogs.apply_series import ApplySeriesDialog
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
