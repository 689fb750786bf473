"""The dialog that saves DICOM objects offers what there is, says why not, and leaves what is shown alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from medviewer.core.object_kind import ObjectKind
from medviewer.gui.dialogs.save_dicom import SaveDicomDialog, _person
from medviewer.session.session import Session
from tests import factories
from tests.dicom_out.work import draw_everything, drawn_labels, open_first, put


@pytest.fixture
def session() -> Any:
    one = Session()
    yield one
    one.close()


@pytest.fixture
def dialog(qapp: Any, session: Session, tmp_path: Path) -> Any:
    factories.ct(tmp_path / "ct", 4)
    series = open_first(session, tmp_path / "ct")
    put(session, series, drawn_labels(series), drawn_labels(series, 2))
    draw_everything(session, series)
    parent = QWidget()
    yield SaveDicomDialog(session, parent)
    parent.deleteLater()


def test_what_there_is_is_counted_and_ticked(dialog: SaveDicomDialog) -> None:
    assert dialog.parts["segmentation"].text() == "Segmentations: 2 groups with 4 labels"
    assert "12 annotations" in dialog.parts["measurements"].text()
    assert dialog.values["segmentation"]
    assert dialog.values["measurements"]
    assert not dialog.parts["key_pictures"].isEnabled()
    assert "none is marked" in dialog.parts["key_pictures"].toolTip().lower()


def test_groups_cannot_share_a_label_map(dialog: SaveDicomDialog) -> None:
    assert dialog.together.isEnabled()
    dialog.together.setChecked(True)
    dialog.form.setCurrentIndex(2)
    assert not dialog.together.isEnabled()
    assert not dialog.values["together"]
    assert "overlap" in dialog.together.toolTip()


def test_nothing_chosen_says_so(dialog: SaveDicomDialog) -> None:
    for box in dialog.parts.values():
        box.setChecked(False)
    assert not dialog.save.isEnabled()
    assert dialog.why_not.text() == "Choose what is to become DICOM."


def test_what_was_saved_is_listed_and_what_is_shown_stays(
    dialog: SaveDicomDialog, session: Session, tmp_path: Path
) -> None:
    before = session.view.current
    dialog.parts["picture"].setChecked(True)
    dialog.reader.setText("Test Reader")
    dialog.save.click()
    assert session.view.current == before
    (study,) = session.state.studies
    assert {"SEG", "SR", "OT"} <= {series.modality for series in study.series}
    (folder,) = (one for one in (tmp_path / "ct").iterdir() if one.is_dir())
    assert folder.name.startswith("medviewer-"), "beside the files of the study"
    assert session.settings.reader == "Test Reader"
    notice = session.state.notices[-1]
    assert notice.offer == "dicom.folder"
    assert session.saved_folder == folder


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Ada Lovelace", "Lovelace^Ada"), ("Doe^Jane", "Doe^Jane"), ("山田", "山田"), ("", "")],
)
def test_a_name_is_kept_family_name_first(typed: str, kept: str) -> None:
    assert _person(typed) == kept


def test_a_report_that_points_at_a_segmentation_beside_it_misses_nothing(
    dialog: SaveDicomDialog, session: Session
) -> None:
    dialog.save.click()
    reports = [one for one in session.objects.every if one.kind is ObjectKind.REPORT]
    assert len(reports) == 1
    assert not session.objects.missing_words(reports[0])
    assert not reports[0].is_automatic, "nobody was named, yet somebody has drawn"
