"""The dialog that exports a series, and files that are dropped onto the pictures they belong to."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import trimesh
from PySide6.QtWidgets import QApplication, QMenu

from medviewer.gui.dialogs.export_forms import FORMS
from medviewer.gui.dialogs.export_series import IDENTITY, ExportSeriesDialog
from medviewer.gui.laying import open_or_lay
from medviewer.session.session import Session
from tests import factories

KINDS = [one.title for one in FORMS]


@pytest.fixture
def session(tmp_path: Path):
    one = Session()
    factories.ct(tmp_path / "s", 6)
    one.run("study.open", paths=(tmp_path / "s",))
    one.save_settings(folder=str(tmp_path))
    yield one
    one.close()


@pytest.fixture
def dialog(qtbot, session: Session) -> ExportSeriesDialog:
    found = ExportSeriesDialog(session, None)  # type: ignore[arg-type]
    qtbot.addWidget(found)
    found.show()
    return found


def choose(dialog: ExportSeriesDialog, title: str) -> None:
    dialog.fields.kind.setCurrentIndex(KINDS.index(title))


def test_it_says_how_many_how_large_and_shows_the_first(dialog: ExportSeriesDialog) -> None:
    assert dialog.note.text() == "6 pictures of 64 × 64 pixels, about 1 MB."
    assert not dialog.preview.pixmap().isNull()
    assert not dialog.warning.isVisible()
    dialog.fields.identity.setChecked(True)
    assert dialog.warning.text() == IDENTITY
    dialog.fields.every.setText("4")
    dialog.fields.every.setModified(True)
    dialog.fields.every.returnPressed.emit()
    assert dialog.note.text().startswith("2 pictures")


@pytest.mark.parametrize("title", KINDS)
def test_each_kind_is_written_as_it_is_named(dialog: ExportSeriesDialog, tmp_path: Path, title: str) -> None:
    choose(dialog, title)
    form = FORMS[KINDS.index(title)]
    assert Path(dialog.path.text()) == tmp_path / f"series{form.ending}"
    dialog.export.click()
    assert not dialog.isVisible()
    made = tmp_path / f"series{form.ending}"
    assert made.is_file() if form.ending else len(list(made.iterdir())) >= 6


def test_only_what_fits_the_kind_is_shown(dialog: ExportSeriesDialog) -> None:
    fields = dialog.fields
    choose(dialog, "Movie, MP4")
    assert fields.rate.isVisible()
    assert not fields.columns.isVisible()
    choose(dialog, "Contact sheet, PNG")
    assert fields.columns.isVisible()
    assert not fields.text.isChecked()
    assert dialog.note.text().startswith("6 pictures in 2 rows of 5")
    choose(dialog, "Volume, NIfTI")
    assert not fields.first.isVisible()
    assert not fields.identity.isVisible()
    assert not fields.sides.isEnabled()


def test_what_cannot_be_is_said_before_the_work(dialog: ExportSeriesDialog) -> None:
    dialog.fields.first.setText("9")
    dialog.fields.first.setModified(True)
    dialog.fields.first.returnPressed.emit()
    assert "1 to 6" in dialog.why_not.text()
    assert not dialog.export.isEnabled()
    assert dialog.export.toolTip() == dialog.why_not.text()


def test_a_file_in_the_way_is_told_and_a_folder_needs_a_tick(
    dialog: ExportSeriesDialog, tmp_path: Path
) -> None:
    (tmp_path / "mine.gif").write_bytes(b"mine")
    choose(dialog, "Animation, GIF")
    dialog.path.setText(str(tmp_path / "mine"))
    assert "will be replaced" in dialog.warning.text()
    dialog.export.click()
    assert np.sum(cv2.imreadanimation(str(tmp_path / "mine.gif"))[1].durations) == 400


def test_a_surface_that_is_dropped_comes_onto_the_shown_series(
    qtbot, session: Session, tmp_path: Path
) -> None:
    ball = trimesh.creation.icosphere(3, 9.0)
    ball.apply_translation((0, 0, 6))
    ball.export(tmp_path / "ball.stl")
    open_or_lay(session, (tmp_path / "ball.stl",))
    key = session.view.current.series
    assert [one.name for one in session.state.document.reading(key).groups] == ["ball"]


def test_a_nifti_file_that_is_dropped_asks_what_it_is(qtbot, session: Session, tmp_path: Path) -> None:
    session.run("volume.export", path=tmp_path / "v.nii.gz")
    open_or_lay(session, (tmp_path / "v.nii.gz",))
    menu = next(one for one in QApplication.topLevelWidgets() if isinstance(one, QMenu) and one.isVisible())
    lay, own = menu.actions()[-2:]
    assert "labels" in lay.text()
    own.trigger()
    menu.close()
    assert any(one.modality == "OT" for study in session.state.studies for one in study.series)
