"""Objects of a study in the list on the left: told, switched, gone to, read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from medviewer.gui.dialogs.document import DocumentDialog
from medviewer.gui.dialogs.object_text import ObjectTextDialog
from medviewer.gui.main_window import MainWindow
from medviewer.gui.panels.object_row import switch_at
from medviewer.gui.panels.series_row import OBJECT
from medviewer.gui.panels.studies import StudiesPanel
from medviewer.session.session import Session
from tests import factories
from tests.dicom.objects.test_maps_and_documents import a_document, in_object
from tests.session.found.segmentations import segmentation, sources


@pytest.fixture
def with_objects(inline_session: Session, tmp_path: Path) -> Session:
    """A CT with a segmentation by a program, and a letter."""
    factories.ct(tmp_path / "ct", slices=4, rows=24, columns=30)
    pictures = sources(tmp_path / "ct")
    masks = np.zeros((4, 24, 30, 1), np.uint8)
    masks[2, 4:12, 5:20] = 1
    segmentation(tmp_path / "seg.dcm", pictures, masks, kinds=["AUTOMATIC"], series_description="Found by it")
    first = pictures[0]
    in_object(
        tmp_path / "letter.dcm", a_document(), StudyInstanceUID=first.StudyInstanceUID,
        PatientID=first.PatientID, PatientName=first.PatientName,
    )  # fmt: skip
    inline_session.run("study.open", paths=(tmp_path,))
    return inline_session


def rows(panel: StudiesPanel) -> dict[str, QModelIndex]:
    model = panel.tree.rows
    study = model.index(0, 0)
    found = (model.index(at, 0, study) for at in range(model.rowCount(study)))
    return {one.data(OBJECT).found.label: one for one in found if one.data(OBJECT) is not None}


def panel_of(window: MainWindow) -> StudiesPanel:
    panel = window.findChild(StudiesPanel)
    assert isinstance(panel, StudiesPanel)
    return panel


def click(panel: StudiesPanel, at: QPoint) -> None:
    QTest.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    QApplication.processEvents()


def test_objects_stand_under_their_study_with_who_made_them(
    with_objects: Session, show_window: Callable[[Session], MainWindow]
) -> None:
    panel = panel_of(show_window(with_objects))
    found = rows(panel)
    assert set(found) == {"Found by it", "A letter"}
    one = found["Found by it"].data(OBJECT)
    assert "AI: Finder 7" in one.about
    assert one.shown is False
    words = found["Found by it"].data(Qt.ItemDataRole.AccessibleTextRole)
    assert words.startswith("Segmentation Found by it")
    assert "hidden" in words
    # a segmentation of open pictures is no series to be looked at
    model = panel.tree.rows
    assert model.rowCount(model.index(0, 0)) == 3


def test_the_eye_switches_an_object_and_a_click_goes_to_its_pictures(
    with_objects: Session, show_window: Callable[[Session], MainWindow]
) -> None:
    panel = panel_of(show_window(with_objects))
    with_objects.run("view.goto", index=0)
    row = panel.tree.visualRect(rows(panel)["Found by it"])
    click(panel, switch_at(row).center())
    assert with_objects.state.undo_label == "Show Found by it"
    assert rows(panel)["Found by it"].data(OBJECT).shown is True
    assert with_objects.view.current.index == 0
    click(panel, QPoint(row.x() + 60, row.y() + 10))
    shown = with_objects.rendering.groups(with_objects.view.active)
    assert [label.name for one in shown for label in one.labels] == ["Segment 1"]
    click(panel, switch_at(row).center())
    assert rows(panel)["Found by it"].data(OBJECT).shown is False
    assert not with_objects.rendering.groups(with_objects.view.active)


def test_space_switches_what_is_selected(
    with_objects: Session, show_window: Callable[[Session], MainWindow]
) -> None:
    panel = panel_of(show_window(with_objects))
    index = rows(panel)["Found by it"]
    panel.tree.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    QTest.keyClick(panel.tree, Qt.Key.Key_Space)
    assert rows(panel)["Found by it"].data(OBJECT).shown is True


def test_searching_finds_objects_by_their_words(
    with_objects: Session, show_window: Callable[[Session], MainWindow]
) -> None:
    panel = panel_of(show_window(with_objects))
    panel.tree.search("finder")
    study = panel.tree.rows.index(0, 0)
    hidden = [panel.tree.isRowHidden(at, study) for at in range(3)]
    assert hidden.count(False) == 1
    assert not panel.tree.isRowHidden(rows(panel)["Found by it"].row(), study)


def test_what_an_object_says_can_be_read_and_copied(
    with_objects: Session, show_window: Callable[[Session], MainWindow]
) -> None:
    window = show_window(with_objects)
    uid = rows(panel_of(window))["Found by it"].data(OBJECT).found.uid
    window.desk.object_text(uid)
    dialog = window.desk["object"]
    assert isinstance(dialog, ObjectTextDialog)
    assert "Segment 1" in dialog.page.toPlainText()
    assert "automatic, Finder 7" in dialog.page.toPlainText()
    dialog.close()


def test_the_pages_of_a_document_can_be_turned_and_enlarged(
    with_objects: Session, show_window: Callable[[Session], MainWindow]
) -> None:
    window = show_window(with_objects)
    window.desk.object_text(rows(panel_of(window))["A letter"].data(OBJECT).found.uid)
    dialog = window.desk["object"]
    assert isinstance(dialog, DocumentDialog)
    assert dialog.words.text().startswith("Page 1 of 2")
    first = dialog.page.pixmap().size()
    dialog.forth.click()
    assert dialog.words.text().startswith("Page 2 of 2")
    assert not dialog.forth.isEnabled()
    dialog.larger.click()
    assert dialog.page.pixmap().width() > first.width()
    dialog.close()


def test_a_document_is_saved_as_it_is(
    with_objects: Session, show_window: Callable[[Session], MainWindow], tmp_path: Path
) -> None:
    window = show_window(with_objects)
    uid = rows(panel_of(window))["A letter"].data(OBJECT).found.uid
    with_objects.run("object.save_document", uid=uid, path=str(tmp_path / "copy"))
    assert (tmp_path / "copy.pdf").read_bytes() == a_document()
