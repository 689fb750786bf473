"""The panel of numbers: what stands in it, when it computes, and its ways out."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel

from medviewer.gui.main_window import MainWindow
from medviewer.gui.panels import numbers as module
from medviewer.gui.panels.numbers import NumbersPanel
from medviewer.session.number_words import NO_UNIT


@pytest.fixture
def panel(window: MainWindow, qapp: QApplication, qtbot) -> NumbersPanel:
    window.show_panel("numbers")
    qapp.processEvents()
    shown = window.tabs.currentWidget().findChild(NumbersPanel)
    assert isinstance(shown, NumbersPanel)
    qtbot.waitUntil(lambda: shown.found is not None)
    return shown


def enhance(window: MainWindow, panel: NumbersPanel, qtbot, operation: str) -> None:
    before = panel.found
    window.session.run("enhance.add", operation=operation)
    qtbot.waitUntil(lambda: panel.found is not None and panel.found is not before)


def labels(panel: NumbersPanel) -> dict[str, QLabel]:
    found = panel.table.findChildren(QLabel)
    return {label.accessibleName(): label for label in found if not label.isHidden()}


def test_greys_are_said_to_have_no_unit_and_hounsfield_units_stay(
    window: MainWindow, panel: NumbersPanel, qtbot
) -> None:
    assert not panel.no_unit.isVisible()
    enhance(window, panel, qtbot, "gaussian")
    assert not panel.no_unit.isVisible()
    assert "window" in panel._axis.text()
    assert any(name.startswith("RMSE: ") and name.endswith(" HU") for name in labels(panel))
    enhance(window, panel, qtbot, "clahe")
    assert panel.no_unit.isVisible()
    assert panel.no_unit.text() == NO_UNIT
    assert not any(name.startswith("RMSE") for name in labels(panel))


def test_what_a_number_means_is_told_where_the_mouse_rests(
    window: MainWindow, panel: NumbersPanel, qtbot
) -> None:
    enhance(window, panel, qtbot, "clahe")
    assert panel.found is not None
    told = panel.found.numbers.ssim
    label = labels(panel)[f"SSIM: {told:.3f}"]
    assert f"SSIM {told:.2f}: structure" in label.toolTip()


def test_both_histograms_and_the_edges_of_the_window_are_drawn(
    window: MainWindow, panel: NumbersPanel, qtbot
) -> None:
    window.session.run("window.set", center=10, width=200)
    enhance(window, panel, qtbot, "gaussian")
    plot, found = panel._plot, panel.found
    assert plot is not None
    assert found is not None
    assert [line.value() for line in plot.edges] == [-90, 110]
    after = found.numbers.after
    assert after is not None
    assert (plot.after.getData()[1] ** 2).round().astype(int).tolist() == after.histogram.counts.tolist()
    assert plot.after.isVisible()
    window.session.run("enhance.clear")
    qtbot.waitUntil(lambda: not plot.after.isVisible())


def test_a_hidden_panel_computes_nothing(
    window: MainWindow, panel: NumbersPanel, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    answer = module.answer
    monkeypatch.setattr(module, "answer", lambda *given: asked.append(1) or answer(*given))
    window.show_panel("window")
    window.session.run("enhance.add", operation="clahe")
    qtbot.wait(module.PATIENCE_MS * 2)
    assert asked == []
    window.show_panel("numbers")
    qtbot.waitUntil(lambda: len(asked) == 1)


def test_two_areas_are_picked_and_told_apart(window: MainWindow, panel: NumbersPanel, qtbot) -> None:
    session = window.session
    assert panel._no_regions.isVisible()
    plane = session.rendering.plane(session.view.current)
    assert plane is not None
    ids = []
    for at, words in ((5, "liver"), (25, ""), (45, "")):
        points = [plane.to_patient(at, 5), plane.to_patient(at + 10, 30)]
        ids.append(session.run("annotate.add", shape="rectangle", points=points, text=words))
    pick = panel.picks["first"]
    qtbot.waitUntil(lambda: pick.isVisible() and pick.count() == 3)
    assert [pick.itemText(at) for at in range(3)] == ["Rectangle 1: liver", "Rectangle 2", "Rectangle 3"]
    pick.activated.emit(0)
    assert session.view.regions == (ids[0], "")
    qtbot.waitUntil(
        lambda: panel.found is not None and [one.id for one in panel.found.asked.regions] == [ids[0], ids[2]]
    )
    assert any(name.startswith("CNR") for name in labels(panel))


def test_the_table_is_copied_with_tabs_and_saved_as_csv(
    window: MainWindow, panel: NumbersPanel, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enhance(window, panel, qtbot, "clahe")
    panel.copy.click()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t") == ["", "Original", "Enhanced", "Change"]
    monkeypatch.setattr(module, "ask_target", lambda *_: tmp_path / "mine")
    panel.save.click()
    assert (tmp_path / "mine.csv").read_text("utf-8-sig").startswith("number,before,after,change")
    assert len((tmp_path / "mine.csv").read_text().splitlines()) == len(lines)


def test_without_a_picture_it_says_what_to_do(window: MainWindow, panel: NumbersPanel, qtbot) -> None:
    window.session.run("view.layout", rows=1, columns=2)
    window.session.run("view.activate", viewport=1)
    qtbot.waitUntil(lambda: panel.found is None)
    assert panel.says.text()
    assert not panel.copy.isEnabled()
    assert not panel.table.isVisible()


def test_all_panels_can_be_reached_at_the_least_width(window: MainWindow, qapp: QApplication) -> None:
    window.tabs.setFixedWidth(window.tabs.minimumWidth())
    qapp.processEvents()
    bar = window.tabs.tabBar()
    for at in range(bar.count()):
        window.tabs.setCurrentIndex(at)
        qapp.processEvents()
        assert bar.tabRect(bar.count() - 1).right() <= window.tabs.width()
