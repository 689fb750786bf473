"""The Segment panel: what is done in it is done by commands, and what cannot be done says why."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox

from medviewer.gui.main_window import MainWindow
from medviewer.gui.panels.segment import SegmentPanel
from medviewer.gui.panels.segment_meaning import MeaningPopup
from medviewer.gui.panels.segment_method import Finding
from medviewer.gui.panels.segment_numbers import Numbers
from medviewer.gui.panels.segment_scope import ScopeChoice
from medviewer.gui.panels.segment_tidy import Tidying
from medviewer.gui.panels.segment_tree import EYE, FILL, LOCK, NAME
from medviewer.gui.viewport.blinking import Blinking
from medviewer.session.session import Session
from medviewer.session.state import Reading
from tests import factories


@pytest.fixture
def panel(ct_session: Session, qapp: QApplication) -> Iterator[SegmentPanel]:
    ct_session.rendering.draw(0, None)  # as its viewport would have done
    made = SegmentPanel(ct_session)
    made.resize(300, 900)
    made.show()
    qapp.processEvents()
    yield made
    made.hide()
    made.close()
    made.deleteLater()


def reading(session: Session) -> Reading:
    return session.state.document.reading(session.view.current.series)


def finding(panel: SegmentPanel) -> Finding:
    content = panel.finding.content
    assert isinstance(content, Finding)
    return content


def test_everything_has_a_name_and_says_what_it_does_or_why_not(panel: SegmentPanel) -> None:
    panel.tidying.open()
    for one in panel.findChildren(QAbstractButton):
        if one.isVisible():
            assert one.accessibleName() or one.text()
            assert one.toolTip() or one.parentWidget().toolTip() or one.text(), one.accessibleName()
        if one.isVisible() and not one.isEnabled():
            assert one.toolTip(), one.accessibleName()
    for choice in panel.findChildren(QComboBox):
        assert choice.accessibleName()
    assert panel.minimumSizeHint().width() <= 300


def test_a_preset_fills_the_list_and_the_numbers(panel: SegmentPanel, qapp: QApplication) -> None:
    finding(panel).presets["bone"].click()
    qapp.processEvents()
    tree = panel.labels.tree
    assert [tree.topLevelItem(row).text(NAME) for row in range(tree.topLevelItemCount())] == ["Bone"]
    assert panel.labels.meaning.text() == "Meaning: Bone"
    numbers = panel.numbers.content
    assert isinstance(numbers, Numbers)
    numbers._ask()  # it waits for a moment of rest otherwise
    qapp.processEvents()
    assert numbers.found is not None
    assert numbers.found.found.voxels > 0
    numbers.copy.click()
    assert "volume [ml]\t" in QGuiApplication.clipboard().text()


def test_eye_lock_and_fill_are_switched_in_the_list(panel: SegmentPanel) -> None:
    session = panel.session
    panel.labels.add.click()
    tree = panel.labels.tree
    for column in (EYE, LOCK, FILL):
        tree.itemClicked.emit(tree.topLevelItem(0), column)
    (label,) = reading(session).groups[0].labels
    assert (label.visible, label.locked, label.filled) == (False, True, False)
    assert "Hidden" in tree.topLevelItem(0).data(EYE, Qt.ItemDataRole.AccessibleTextRole)


def test_a_name_is_changed_in_its_place_and_an_empty_one_is_refused(panel: SegmentPanel) -> None:
    panel.labels.add.click()
    tree = panel.labels.tree
    tree.topLevelItem(0).setText(NAME, "Nodule")
    assert reading(panel.session).groups[0].labels[0].name == "Nodule"
    tree.topLevelItem(0).setText(NAME, "   ")
    assert tree.topLevelItem(0).text(NAME) == "Nodule"
    assert any("needs a name" in one.message for one in panel.session.state.notices)


def test_choosing_a_label_makes_it_the_one_that_is_worked_on(panel: SegmentPanel) -> None:
    panel.labels.add.click()
    panel.labels.add.click()
    tree = panel.labels.tree
    tree.setCurrentItem(tree.topLevelItem(0))
    assert panel.session.view.label == 1
    panel.session.run("labels.next")
    assert tree.currentItem() is tree.topLevelItem(1)


def test_moving_a_limit_shows_a_preview_and_finding_ends_it(panel: SegmentPanel) -> None:
    found = finding(panel)
    assert found.form is not None
    low = found.form.editors["low"]
    assert low.parameter.maximum < 4000  # type: ignore[operator]
    low.tell(200.0, "drag")
    assert panel.session.view.preview is not None
    assert reading(panel.session).groups == ()
    found.run_button.click()
    assert panel.session.view.preview is None
    assert len(reading(panel.session).groups) == 1


def test_seeds_are_tried_once_and_what_was_found_with_them_is_not_covered_again(panel: SegmentPanel) -> None:
    found, session = finding(panel), panel.session
    found.choice.setCurrentIndex(found.choice.findData("region_growing"))
    found.choice.activated.emit(found.choice.currentIndex())
    session.run("view.tool", name="seed")
    session.run("segment.seed", position=(0.0, 0.0, 8.0))
    assert session.view.preview is not None
    found.run_button.click()
    assert session.view.preview is None
    session.run("view.scroll", by=1)
    assert session.view.preview is None
    session.run("view.scroll", by=-1)
    session.run("segment.seed", position=(5.0, 0.0, 8.0))
    assert session.view.preview is not None


def test_who_begins_to_paint_sees_no_preview(panel: SegmentPanel) -> None:
    low = finding(panel).form.editors["low"]  # type: ignore[union-attr]
    low.tell(200.0, "drag")
    panel.session.run("view.tool", name="brush")
    assert panel.session.view.preview is None
    low.tell(210.0, "drag")
    assert panel.session.view.preview is not None


def test_a_hidden_panel_tries_nothing_any_more(panel: SegmentPanel) -> None:
    low = finding(panel).form.editors["low"]  # type: ignore[union-attr]
    low.tell(200.0, "drag")
    panel.hide()
    assert panel.session.view.preview is None


def test_a_method_from_seeds_waits_for_one(panel: SegmentPanel) -> None:
    found = finding(panel)
    found.choice.setCurrentIndex(found.choice.findData("region_growing"))
    found.choice.activated.emit(found.choice.currentIndex())
    assert not found.run_button.isEnabled()
    assert "seed" in found.run_button.toolTip()
    panel.session.run("segment.seed", position=(0.0, 0.0, 8.0))
    assert found.run_button.isEnabled()
    assert found.seed_words.text() == "1 inside"
    found.no_seeds.click()
    assert reading(panel.session).seeds == ()


def test_on_a_plane_only_the_stack_can_be_worked_on(panel: SegmentPanel) -> None:
    panel.scope.buttons["slice"].click()
    assert panel.scope.name == "slice"
    panel.session.run("plane.show", name="coronal")
    assert panel.scope.name == "stack"
    assert "plane" in panel.scope.buttons["slice"].toolTip()
    panel.session.run("plane.show", name="acquired")
    assert panel.scope.name == "slice"


def test_presets_say_that_they_need_a_ct(inline_session: Session, qapp: QApplication, tmp_path: Path) -> None:
    factories.mr(tmp_path / "mr")
    inline_session.run("study.open", paths=(tmp_path / "mr",))
    inline_session.rendering.draw(0, None)
    made = SegmentPanel(inline_session)
    made.show()
    qapp.processEvents()
    button = finding(made).presets["lungs"]
    assert not button.isEnabled()
    assert "CT" in button.toolTip()
    made.hide()
    made.deleteLater()


def test_a_locked_label_is_not_tidied_and_the_button_says_so(panel: SegmentPanel) -> None:
    finding(panel).presets["bone"].click()
    panel.tidying.open()
    tidy = panel.tidying.content
    assert isinstance(tidy, Tidying)
    assert tidy.tidy.isEnabled()
    panel.session.run("labels.lock", locked=True)
    assert not tidy.tidy.isEnabled()
    assert tidy.tidy.toolTip() == "Bone is locked"


def test_a_meaning_is_searched_and_gives_its_name(panel: SegmentPanel, qapp: QApplication) -> None:
    panel.labels.add.click()
    (label,) = reading(panel.session).groups[0].labels
    popup = MeaningPopup(panel.session, label, panel)
    popup.field.setText("spleen")
    popup._take(popup.list.item(0))
    (label,) = reading(panel.session).groups[0].labels
    assert label.name == "Spleen"
    assert label.meaning is not None
    assert label.meaning.scheme == "SCT"
    qapp.processEvents()


def test_a_label_blinks_by_a_clock_that_stops_with_it(ct_session: Session, qapp: QApplication) -> None:
    ct_session.run("labels.add")
    clock = Blinking(ct_session)
    assert not clock._timer.isActive()
    ct_session.run("labels.blink")
    clock._turn()
    assert ct_session.view.blinked_off
    ct_session.run("labels.blink")
    assert not clock._timer.isActive()
    assert not ct_session.view.blinked_off
    clock.close()


def test_pictures_that_form_no_stack_are_worked_on_one_by_one(inline_session, qtbot, tmp_path) -> None:
    factories.ultrasound(tmp_path / "cine.dcm", frames=3)
    inline_session.run("study.open", paths=(tmp_path / "cine.dcm",))
    series = inline_session.series(inline_session.view.current.series)
    assert series is not None
    assert series.count > 1
    scope = ScopeChoice(inline_session)
    qtbot.addWidget(scope)
    scope.show_state()
    assert scope.name == "slice"
    assert scope.buttons["stack"].toolTip() == "These pictures form no stack"


def test_tab_leads_down_the_panel_through_what_is_made_later_too(window: MainWindow, qtbot) -> None:
    window.show_panel("segment")
    QApplication.processEvents()
    (panel,) = window.findChildren(SegmentPanel)
    found = finding(panel)
    panel.tidying.open()
    found.choice.setCurrentIndex(found.choice.findData("region_growing"))
    found.choice.activated.emit(found.choice.currentIndex())
    QApplication.processEvents()
    window.activateWindow()
    panel.labels.add.setFocus()
    qtbot.waitUntil(panel.labels.add.hasFocus)
    places = []
    for _ in range(80):
        focus = QApplication.focusWidget()
        if focus is None or not panel.isAncestorOf(focus):
            break
        places.append(focus.mapTo(panel, focus.rect().center()).y())
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    assert len(places) > 40
    # controls of one row are not of one height
    back = [(before, after) for before, after in pairwise(places) if after < before - 20]
    assert back == []
