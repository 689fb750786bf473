"""What the panel Measure does besides listing: names, meanings, plots, a scale by hand, other series."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from medviewer.core.annotation import Annotation
from medviewer.core.tracking import tracking_of
from medviewer.gui.main_window import MainWindow
from medviewer.gui.panels.measure import MeasurePanel
from medviewer.gui.panels.measure_table import NAME, PICTURE, VALUE
from medviewer.session.measuring.table import rows
from medviewer.session.session import Session
from tests import factories

Shower = Callable[[Session], MainWindow]


def panel(window: MainWindow) -> MeasurePanel:
    window.show_panel("measure")
    QApplication.processEvents()
    (found,) = window.findChildren(MeasurePanel)
    return found


def draw(session: Session, shape: str, *spots: tuple[float, float]) -> str:
    plane = session.rendering.plane(session.view.current)
    assert plane is not None
    chosen = session.run("annotate.add", shape=shape, points=[plane.to_patient(*one) for one in spots])
    QApplication.processEvents()
    return str(chosen)


def drawn(session: Session) -> tuple[Annotation, ...]:
    assert session.view.current.series is not None
    return session.state.document.reading(session.view.current.series).annotations


def cells(made: MeasurePanel, row: int) -> tuple[str, str, str]:
    name, value, picture = (made.table.item(row, column).text() for column in (NAME, VALUE, PICTURE))
    return name, value, picture


def test_a_name_stands_in_the_list_and_on_the_picture_and_can_be_changed(window: MainWindow) -> None:
    made, session = panel(window), window.session
    draw(session, "ellipse", (10, 10), (30, 40))
    assert cells(made, 0)[0] == "Ellipse 1"
    assert "mean" in cells(made, 0)[1]
    made.table.item(0, NAME).setText("Liver")
    assert drawn(session)[0].text == "Liver"
    assert cells(made, 0)[0] == "Liver"
    made.table.item(0, NAME).setText("")
    assert cells(made, 0)[0] == "Ellipse 1"


def test_typing_beside_a_field_renames_nothing(window: MainWindow) -> None:
    made, session = panel(window), window.session
    draw(session, "ellipse", (10, 10), (30, 40))
    made.table.setCurrentCell(0, 1)
    made.table.setFocus()
    # no stack is seen from the side: nobody else takes this key
    QTest.keyClick(made.table, Qt.Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(made.table, Qt.Key.Key_Return)
    assert cells(made, 0)[0] == "Ellipse 1"


def test_a_meaning_is_chosen_for_the_selected_one(window: MainWindow) -> None:
    made, session = panel(window), window.session
    draw(session, "length", (10, 10), (30, 40))
    at = made.detail.meaning.findText("Nodule")
    made.detail.meaning.setCurrentIndex(at)
    made.detail.meaning.activated.emit(at)
    code = drawn(session)[0].meaning
    assert code is not None
    assert (code.value, code.scheme) == ("27925004", "SCT")
    session.run("edit.undo")
    assert made.detail.meaning.currentIndex() == 0


def test_a_profile_is_plotted_with_its_values(window: MainWindow, qtbot) -> None:
    made, session = panel(window), window.session
    session.run("view.goto", index=3)
    draw(session, "profile", (32, 0), (32, 63))
    qtbot.waitUntil(lambda: made.detail._plot is not None, timeout=5000)
    plot = made.detail._plot
    assert plot is not None
    distances, values = plot._line.getData()
    stored = factories.phantom(8, 64, 64)[3][32] - 1024.0
    assert values == pytest.approx(np.interp(np.linspace(0, 63, len(values)), np.arange(64), stored))
    assert distances[-1] == pytest.approx(63)


def test_a_scale_by_hand_is_set_and_removed_where_the_file_has_none(
    inline_session: Session, show_window: Shower, tmp_path: Path
) -> None:
    factories.gray(tmp_path / "plain.dcm")
    inline_session.run("study.open", paths=(tmp_path,))
    window = show_window(inline_session)
    made = panel(window)
    draw(inline_session, "length", (1, 1), (1, 9))
    assert made.detail.calibrate.isVisible()
    assert not made.remove.isVisible()
    made.detail.length.show_number(4.0)
    made.detail.calibrate.click()
    QApplication.processEvents()
    assert cells(made, 0)[1] == "4.0 mm (calibrated by hand)"
    assert made.remove.isVisible()
    made.remove.click()
    QApplication.processEvents()
    assert "px" in cells(made, 0)[1]


def test_a_ct_is_not_offered_a_scale_by_hand(window: MainWindow) -> None:
    made = panel(window)
    draw(window.session, "length", (10, 10), (30, 40))
    assert not made.detail.calibrate.isVisible()


def test_what_was_drawn_on_other_series_is_listed_on_request(
    ct_session: Session, show_window: Shower, tmp_path: Path
) -> None:
    factories.xray(tmp_path / "x.dcm", SeriesNumber=9)
    ct_session.run("study.open", paths=(tmp_path / "x.dcm",))
    window = show_window(ct_session)
    made = panel(window)
    draw(ct_session, "length", (10, 10), (30, 40))
    here = ct_session.view.current.series
    other = next(
        one.key for study in ct_session.state.studies for one in study.series if one.key != here and one.count
    )
    ct_session.run("view.series", by="1") if ct_session.view.current.series == here else None
    assert ct_session.view.current.series == other
    QApplication.processEvents()
    assert made.table.rowCount() == 0
    made.scope.setCurrentIndex(1)
    QApplication.processEvents()
    assert made.table.rowCount() == 1
    made.table.chosen.emit(drawn_id := made.table.line(0).id)
    assert ct_session.view.current.series == here
    assert ct_session.view.selected == drawn_id


def test_what_a_hidden_report_says_in_an_older_state_is_not_listed_twice(window: MainWindow) -> None:
    made, session = panel(window), window.session
    draw(session, "length", (10, 10), (30, 40))
    (own,) = drawn(session)
    older = replace(own, id="0a", tracking=own.tracking or tracking_of(own.id), source="1.2.3")
    other = replace(own, id="0b", source="1.2.3")
    session.edit(
        "Show report",
        lambda document: document.with_reading(
            replace(document.reading(session.view.current.series), annotations=(own, older, other))
        ),
    )
    QApplication.processEvents()
    assert made.table.rowCount() == 3
    session.change(lambda view: replace(view, hidden_objects=frozenset({"1.2.3"})))
    QApplication.processEvents()
    assert [made.table.line(at).id for at in range(made.table.rowCount())] == [own.id, "0b"]
    assert len(rows(session, [session.view.current.series])) == 2
