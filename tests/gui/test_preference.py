"""A preference study in the window: nothing on the screen tells which recipe is where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from medviewer.gui.dialogs.preference import PreferenceDialog
from medviewer.gui.dialogs.preference_results import PreferenceResultsDialog
from medviewer.gui.main_window import MainWindow
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.imaging.shapes import Words
from medviewer.session.preference import journal
from medviewer.session.preference.results import labels
from medviewer.session.recipes import all_recipes, recipe_names
from medviewer.session.session import Session


@pytest.fixture
def study(window: MainWindow, ct_session: Session, qtbot) -> MainWindow:
    """A window in which a study of two pictures and three recipes runs; its first pair stands."""
    window.show_panel("enhance")
    ct_session.run(
        "preference.new",
        recipes=("", *recipe_names()[:2]),
        series=(ct_session.view.current.series,),
        every=4,
        seed=3,
    )
    stand(ct_session, qtbot)
    return window


def stand(session: Session, qtbot) -> None:
    qtbot.waitUntil(lambda: session.view.blind is not None and session.view.blind.stands, timeout=10_000)


def said(window: QWidget) -> Iterator[str]:
    """Everything that a window says, or would say under the mouse or to a screen reader."""
    for widget in (window, *window.findChildren(QWidget)):
        if not widget.isVisible():
            continue
        for name in ("text", "toolTip", "accessibleName", "accessibleDescription", "statusTip", "title"):
            call = getattr(widget, name, None)
            if callable(call):
                yield str(call())
    yield window.windowTitle()
    for action in window.findChildren(QAction):
        if action.isVisible() and action.isEnabled():
            yield f"{action.text()} {action.toolTip()} {action.isChecked()}"


def test_no_recipe_or_operation_is_named_anywhere_while_it_runs(
    study: MainWindow, ct_session: Session
) -> None:
    names = {one.name for one in all_recipes()} | {one.title for one in ENHANCEMENTS} | {"Original"}
    names |= set(labels(ct_session.preference.kept.plan))
    for view in study.grid._shown_views():
        view._speak()
        drawn = ct_session.rendering.shapes(view.number, view.viewing)
        written = " ".join(one.text for one in drawn if isinstance(one, Words))
        assert "Enhancement hidden" in written
        assert not [name for name in names if name in written]
    spoken = "\n".join(said(study))
    assert "Pair 1 of 6" in spoken
    assert "Enhancement hidden: preference study" in spoken
    assert not [name for name in names if name in spoken]


def test_the_window_shows_the_pictures_and_the_bar_and_brings_all_back(
    study: MainWindow, ct_session: Session
) -> None:
    assert not study.left.isVisible()
    assert not study.tabs.isVisible()
    assert not study.bar.isVisible()
    assert not study.actions_.action("gui.right_panel").isEnabled()
    assert not study.actions_.action("gui.palette").isEnabled()
    assert study.actions_.action("preference.leave").isEnabled()
    ct_session.run("preference.leave")
    QApplication.processEvents()
    assert study.left.isVisible()
    assert study.tabs.isVisible()
    assert study.bar.isVisible()
    assert not study._preference.bar.isVisible()
    assert not study.actions_.action("preference.leave").isEnabled()


def test_both_pictures_come_together_and_neither_before_the_other(
    window: MainWindow, ct_session: Session, qtbot
) -> None:
    ct_session.run("preference.new", recipes=("", recipe_names()[0]), seed=1)
    views = window.grid._shown_views()
    assert len(views) == 2
    assert all(one.is_covered for one in views)
    image = views[0].grab().toImage()
    assert {image.pixelColor(x, 50).name() for x in range(0, image.width(), 7)} == {"#000000"}
    stand(ct_session, qtbot)
    assert all(one.has_picture for one in views)
    assert all(one.is_current for one in views)


def test_scrolled_pictures_come_together_however_long_one_of_them_takes(
    study: MainWindow, ct_session: Session, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    views, rendering = study.grid._shown_views(), ct_session.rendering
    shown = [one._showing for one in views]
    before = ct_session.view.current.index
    late: list = []

    def show(number, size, done, request) -> None:
        if number == 1:
            late.append(lambda: done(replace(rendering.draw(number, size), request=request)))
        else:
            done(replace(rendering.draw(number, size), request=request))

    monkeypatch.setattr(rendering, "show", show)
    ct_session.run("view.scroll", by=1)
    qtbot.waitUntil(lambda: views[0].has_come and bool(late), timeout=5000)
    QTest.qWait(50)
    assert [one.shown.request.index for one in shown] == [before, before]
    late.pop()()
    qtbot.waitUntil(lambda: all(one.is_current for one in views), timeout=5000)
    assert [one.shown.request.index for one in shown] == [before + 1, before + 1]
    # what is kept back when the study is left, or paused, keeps nobody waiting
    ct_session.run("view.scroll", by=1)
    qtbot.waitUntil(lambda: views[0].has_come and bool(late), timeout=5000)
    ct_session.run("preference.pause")
    late.pop()()
    qtbot.waitUntil(lambda: all(one.is_current for one in views), timeout=5000)
    ct_session.run("preference.pause")
    stand(ct_session, qtbot)


def test_keys_answer_undo_and_pause(study: MainWindow, ct_session: Session, qtbot) -> None:
    for key in (Qt.Key.Key_Left, Qt.Key.Key_2, Qt.Key.Key_Down, Qt.Key.Key_0):
        QTest.keyClick(study.grid.active_view, key)
        stand(ct_session, qtbot)
    kept = ct_session.preference.kept
    assert [one.choice.value for one in kept.answers] == ["left", "right", "none", "none"]
    QTest.keyClick(study.grid.active_view, Qt.Key.Key_Backspace)
    stand(ct_session, qtbot)
    assert ct_session.view.blind.number == 4
    QTest.keyClick(study.grid.active_view, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert ct_session.view.blind.paused
    assert study._preference.bar.question.text() == "Paused: Esc goes on"
    assert all(one.is_covered for one in study.grid._shown_views())
    QTest.keyClick(study.grid.active_view, Qt.Key.Key_Escape)
    stand(ct_session, qtbot)
    # a key that comes before the next pair is seen answers nothing
    ct_session.preference.answer(journal.Choice.LEFT)
    QTest.keyClick(study.grid.active_view, Qt.Key.Key_Left)
    assert ct_session.view.blind.number == 5


def test_the_last_answer_leads_to_the_results(study: MainWindow, ct_session: Session, qtbot) -> None:
    for at in range(6):
        stand(ct_session, qtbot)
        study._preference.bar.left.click() if at % 2 else study._preference.bar.right.click()
    qtbot.waitUntil(lambda: "preference_results" in study.desk._open, timeout=5000)
    found = study.desk["preference_results"]
    assert isinstance(found, PreferenceResultsDialog)
    assert "6 of 6 pairs are answered." in found.said.text()
    assert found.model.rowCount() == 3


def test_the_set_up_counts_pairs_says_why_not_and_begins(
    window: MainWindow, ct_session: Session, qtbot
) -> None:
    window.desk.preference()
    dialog = window.desk["preference"]
    assert isinstance(dialog, PreferenceDialog)
    new = dialog.new
    assert not new.begin.isEnabled()
    assert "2 to 20 recipes" in new.why_not.text() == new.begin.toolTip()
    new.recipes.item(1).setCheckState(Qt.CheckState.Checked)
    assert new.told.text() == "1 picture, 2 recipes: 1 pair, about 1 min"
    new.where.setCurrentIndex(1)
    new.every.setValue(1)
    new.repeats.setValue(2)
    assert new.told.text() == "8 pictures, 2 recipes: 8 pairs and 2 again, about 1 min"
    new.begin.click()
    stand(ct_session, qtbot)
    assert len(ct_session.preference.kept.plan.trials) == 10
    ct_session.run("preference.leave")
    window.desk.preference()
    kept = window.desk["preference"].kept
    assert kept.list.count() == 1
    assert kept.go_on.isEnabled()
    kept.go_on.click()
    stand(ct_session, qtbot)
    assert ct_session.view.blind.number == 1


def test_the_plot_is_saved_as_a_picture_wide_enough_for_print(
    study: MainWindow, ct_session: Session, qtbot, tmp_path: Path
) -> None:
    folder = ct_session.preference.kept.folder
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Down):
        stand(ct_session, qtbot)
        QTest.keyClick(study.grid.active_view, key)
    ct_session.run("preference.leave")
    study.desk.preference_results(folder)
    plot = study.desk["preference_results"].plot
    QApplication.processEvents()
    assert plot.save(tmp_path / "ranking.png")

    image = QImage(str(tmp_path / "ranking.png"))
    assert image.width() == 2400
    assert (
        len({image.pixelColor(x, y).name() for x in range(0, 2400, 40) for y in range(0, image.height(), 9)})
        > 3
    )
