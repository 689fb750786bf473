"""Readers find what they look for by the words they know, and every key under what it is for."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from medviewer.gui.dialogs.keys import KeysDialog
from medviewer.gui.main_window import MainWindow
from medviewer.gui.widgets.chooser import Chooser


@pytest.fixture
def chooser(window: MainWindow) -> Chooser:
    window.actions_.action("gui.palette").trigger()
    found = window.desk["palette"].findChild(Chooser)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("coronal", "Coronal plane"),
        ("mpr", "Axial plane"),
        ("mip", "Slab: maximum of 10 mm (MIP)"),
        ("slab", "Slab: mean of 5 mm"),
        ("bone", "3-D: Bone"),
        ("volume", "3-D: Bone"),
        ("fusion", "Panel: Colours"),
        ("gsps", "Presentation state"),
        ("calibration", "Check the screen"),
        ("inspect", "Tool: Inspect"),
        ("phase", "Next time, phase or b-value"),
        ("tags", "Header of this file"),
    ],
)
def test_a_word_of_the_reading_room_finds_it_among_the_first(
    chooser: Chooser, typed: str, first: str
) -> None:
    chooser.field.setText(typed)
    shown = [chooser.list.item(row).text() for row in range(min(8, chooser.list.count()))]
    assert any(text.startswith(first) for text in shown), shown


def test_what_would_change_nothing_without_a_number_is_not_offered(chooser: Chooser) -> None:
    titles = {chooser.list.item(row).text() for row in range(chooser.list.count())}
    assert not titles & {"Slab thickness", "Slab thickness of all planes", "Turn the body", "3-D quality"}


def test_a_slab_that_is_chosen_is_shown(window: MainWindow, chooser: Chooser) -> None:
    window.session.run("plane.show", name="coronal")
    window.desk.close("palette")
    window.actions_.action("gui.palette").trigger()
    again = window.desk["palette"].findChild(Chooser)
    assert again is not None
    again.field.setText("maximum of 10")
    again._choose(again.list.item(0))
    cut = window.session.view.current.cut
    assert cut is not None
    assert cut.thickness == 10


@pytest.fixture
def keys(window: MainWindow) -> KeysDialog:
    window.actions_.action("gui.help").trigger()
    found = window.desk["keys"]
    assert isinstance(found, KeysDialog)
    return found


def test_no_line_of_the_list_of_keys_is_cut(keys: KeysDialog) -> None:
    QApplication.processEvents()
    metrics = QFontMetrics(keys.table.font())
    room = 8  # what stands around the words of a cell
    for column in range(3):
        widest = max((row[column] for row in keys.model.rows), key=metrics.horizontalAdvance)
        assert metrics.horizontalAdvance(widest) + room <= keys.table.columnWidth(column), widest


def test_keys_of_one_group_stand_together(keys: KeysDialog) -> None:
    groups = [row[2] for row in keys.model.rows]
    changes = [group for before, group in zip(["", *groups], groups, strict=False) if group != before]
    assert len(changes) == len(set(changes))
    assert {"Planes", "3-D", "Presentation", "Inspect"} <= set(groups)


def test_it_goes_when_the_reader_clicks_elsewhere(window: MainWindow, chooser: Chooser) -> None:
    shown = chooser.window()
    assert shown.isVisible()
    QApplication.sendEvent(shown, QEvent(QEvent.Type.WindowDeactivate))
    assert not shown.isVisible()
    window.actions_.action("gui.palette").trigger()
    assert window.desk["palette"].isVisible()


def test_without_a_picture_in_an_open_study_it_asks_for_a_series(window: MainWindow) -> None:
    window.session.run("view.layout", rows=1, columns=2)
    window.session.run("view.activate", viewport=1)
    window.actions_.action("gui.palette").trigger()
    found = window.desk["palette"].findChild(Chooser)
    assert found is not None
    found.field.setText("invert")
    assert "choose a series" in found.list.item(0).text()
