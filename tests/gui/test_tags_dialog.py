"""The header of a file is searched, folded, copied, walked through the series and compared."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from medviewer.dicom.tag_compare import Change, Pair
from medviewer.dicom.tags import TagRow, ancestors
from medviewer.gui.dialogs.tag_tree import TagView
from medviewer.gui.dialogs.tags import TagsDialog
from medviewer.gui.main_window import MainWindow
from medviewer.session.session import Session
from tests import factories


@pytest.fixture
def dialog(
    inline_session: Session, tmp_path: Path, show_window: Callable[[Session], MainWindow]
) -> TagsDialog:
    def edit(at: int, data: pydicom.Dataset) -> None:
        data.ImageComments = "word " * 1500 + f"end {at}"
        data.private_block(0x0099, "SOMEBODY", create=True).add_new(1, "LO", "secret")
        data.ProcedureCodeSequence = [factories.item(CodeValue=str(at), CodeMeaning="m")]

    factories.ct(tmp_path / "ct", slices=5, edit=edit)
    inline_session.run("study.open", paths=(tmp_path / "ct",))
    window = show_window(inline_session)
    inline_session.run("view.goto", index=2)
    window.actions_.action("gui.tags").trigger()
    shown = window.desk["tags"]
    assert isinstance(shown, TagsDialog)
    return shown


def _names(dialog: TagsDialog) -> list[str]:
    return [pair.row.name for pair in dialog.list.table.tree.pairs]


def _number(dialog: TagsDialog) -> str:
    rows = (pair.row for pair in dialog.list.table.tree.pairs)
    return next(row.value for row in rows if row.keyword == "CodeValue")


def test_a_search_leaves_what_was_found_and_the_sequences_it_lies_in(dialog: TagsDialog) -> None:
    # Qt's own check of the tree: it ends the program at the first broken promise
    tester = QAbstractItemModelTester(
        dialog.list.table.tree, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    dialog.list.field.setText("code value")
    assert tester.model() is dialog.list.table.tree
    assert _names(dialog) == ["Procedure Code Sequence", "Item 1", "Code Value"]
    assert dialog.list.value.toPlainText().splitlines() == ["(0008,0100)  SH  CodeValue  Code Value", "2"]


def test_without_the_filter_the_search_goes_from_place_to_place_and_round(dialog: TagsDialog) -> None:
    dialog.list.only_found.click()
    dialog.list.field.setText("code")
    seen = [dialog.list.table.tree.pairs[dialog.list.table.place].row.name]
    for by in (1, 1, 1, -1):
        dialog.list.step(by)
        seen.append(dialog.list.table.tree.pairs[dialog.list.table.place].row.name)
    first, second, third = "Procedure Code Sequence", "Code Value", "Code Meaning"
    assert seen == [first, second, third, first, third]
    assert "Rows" in _names(dialog)


def test_a_sequence_stays_folded_when_another_file_is_shown(dialog: TagsDialog) -> None:
    view = dialog.list.table
    place = next(view.tree.sequences())
    view.setExpanded(view.tree.at(place), False)
    dialog.first.slider.setValue(4)
    assert not view.isExpanded(view.tree.at(next(view.tree.sequences())))
    assert _number(dialog) == "4"


def test_private_elements_name_their_creator_and_can_be_hidden(dialog: TagsDialog) -> None:
    tree = dialog.list.table.tree
    assert any("SOMEBODY" in tree.cells(at)[1] for at in range(len(tree.pairs)))
    dialog.list.private.click()
    assert not any(pair.row.is_private for pair in tree.pairs)


def test_the_file_follows_the_picture_only_when_that_is_wished(dialog: TagsDialog) -> None:
    session = dialog._session
    session.run("view.goto", index=4)
    assert _number(dialog) == "2"
    dialog.following.click()
    assert _number(dialog) == "4"
    session.run("view.scroll", by=-1)
    assert _number(dialog) == "3"


def test_two_files_are_compared_and_the_difference_is_said_in_words(dialog: TagsDialog) -> None:
    dialog.other.setCurrentIndex(1)
    dialog.other.activated.emit(1)
    tree = dialog.list.table.tree
    named = {pair.row.name: pair.change for pair in tree.pairs}
    assert named["Code Value"] is Change.VALUE
    assert named["Image Position (Patient)"] is Change.VALUE
    assert "Rows" not in named
    at = _names(dialog).index("Code Value")
    assert tree.cells(at)[3:] == ("≠ differs", "2", "3")
    assert "differ" in dialog.words.text()
    dialog.only_differences.click()
    assert "Rows" in _names(dialog)
    dialog.second.slider.setValue(2)
    assert "same" in dialog.words.text()


def test_a_long_value_is_read_in_full_below_the_list(dialog: TagsDialog) -> None:
    dialog.list.field.setText("image comments")
    place = _names(dialog).index("Image Comments")
    assert not dialog.list.table.tree.cells(place)[3].endswith("end 2")
    assert dialog.list.value.toPlainText().endswith("end 2")


def test_a_cell_the_rows_and_everything_can_be_copied(dialog: TagsDialog) -> None:
    view = dialog.list.table
    place = _names(dialog).index("Rows")
    view.setCurrentIndex(view.tree.at(place, 3))
    dialog.list.copy_cell()
    assert QGuiApplication.clipboard().text() == "64"
    dialog.list.copy_rows()
    assert QGuiApplication.clipboard().text() == "(0028,0010)\tRows\tUS\t64"
    dialog.list.copy_all()
    assert len(QGuiApplication.clipboard().text().splitlines()) == len(view.tree.pairs)


def test_no_name_of_a_patient_stands_in_the_title(dialog: TagsDialog) -> None:
    patient = dialog._session.state.studies[0].patient
    assert patient.name
    assert patient.name not in dialog.windowTitle()


def test_a_file_that_is_gone_is_told_in_the_window(dialog: TagsDialog) -> None:
    series = dialog.first.series
    assert series is not None
    for instance in series.instances:
        Path(instance.path).unlink()
    dialog.first.slider.setValue(0)
    assert dialog.words.text()
    assert dialog.words.isVisibleTo(dialog)
    assert _names(dialog) == []


def test_what_is_compared_stays_when_another_viewport_shows_something_else(dialog: TagsDialog) -> None:
    session = dialog._session
    session.run("view.layout", columns=2)
    session.run("view.show", series=session.state.studies[0].series[0].key, viewport=1, index=4)
    for title in ("Viewport 1", "Viewport 2"):
        at = next(at for at in range(dialog.other.count()) if dialog.other.itemText(at).startswith(title))
        dialog.other.setCurrentIndex(at)
        dialog.other.activated.emit(at)
        session.run("view.layout", rows=2 if title.endswith("1") else 3, columns=2)
        assert dialog.other.currentText().startswith(title)
        assert dialog.is_comparing


def test_twenty_thousand_rows_are_shown_searched_and_unfolded_without_a_pause(qapp: QApplication) -> None:
    rows = [
        TagRow(at % 3, f"(0040,{at % 65536:04X})", "LO", "", f"Name {at}", "x" * 50) for at in range(20_000)
    ]
    pairs = [Pair(row, None, Change.SAME) for row in rows]
    view = TagView()
    view.resize(600, 400)
    view.show()
    started = time.process_time()
    view.show_pairs(pairs, ancestors(rows))
    view.expandAll()
    view.go_to(19_999)
    qapp.processEvents()
    assert time.process_time() - started < 2
    last = view.tree.at(19_999)
    assert view.tree.parent(last).isValid()
    assert view.tree.data(last, Qt.ItemDataRole.DisplayRole) == rows[-1].tag
    assert view.tree.rowCount(QModelIndex()) == sum(row.depth == 0 for row in rows)
    view.close()
    view.deleteLater()
