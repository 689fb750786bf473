"""Whether the panels show what the session says and do what their controls promise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QPushButton, QWidget
from shiboken6 import isValid

from medviewer.core.finding import Finding, Provenance
from medviewer.core.labels import Label, LabelMap
from medviewer.core.pipeline import Pipeline
from medviewer.gui.dialogs.export import ExportDialog
from medviewer.gui.main_window import MainWindow
from medviewer.gui.panels.model_card import metric_words
from medviewer.gui.panels.series_row import SeriesRow
from medviewer.gui.panels.studies import SERIES
from medviewer.gui.widgets.chooser import score
from medviewer.gui.widgets.score_bar import ScoreBar
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.kit.paths import user_folder
from medviewer.session.facts import recipe_words
from medviewer.session.session import Session
from tests import factories
from tests.ai.small_models import write
from tests.ai.test_enhance import about, mean_of_nine

Shower = Callable[[Session], MainWindow]


def panel(window: MainWindow, name: str) -> QWidget:
    window.show_panel(name)
    return window.tabs.currentWidget().panel


def pipeline(window: MainWindow) -> Pipeline:
    series = window.session.view.current.series
    return window.session.state.document.reading(series).pipeline


def words(widget: QWidget) -> str:
    QApplication.processEvents()
    return " ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


# studies


def test_the_studies_panel_lists_each_series_below_its_study(
    inline_session: Session, show_window: Shower, tmp_path: Path
) -> None:
    factories.ct(tmp_path / "a", slices=3, series="1")
    factories.mr(tmp_path / "b", slices=4, series="2")
    inline_session.run("study.open", paths=(tmp_path,))
    tree = show_window(inline_session).studies.tree
    study = tree.rows.item(0)
    shown = [study.child(row).data(SERIES) for row in range(study.rowCount())]
    assert sorted((one.modality, one.count) for one in shown) == [("CT", 3), ("MR", 4)]


def test_searching_leaves_only_the_series_that_are_meant(
    inline_session: Session, show_window: Shower, tmp_path: Path, qtbot
) -> None:
    factories.ct(tmp_path / "a", slices=2, series="1", SeriesDescription="Chest lung")
    factories.ct(tmp_path / "b", slices=2, series="2", SeriesDescription="Chest bone")
    inline_session.run("study.open", paths=(tmp_path,))
    window = show_window(inline_session)
    qtbot.keyClicks(window.studies.search, "bone ches")
    tree = window.studies.tree
    study = tree.rows.item(0)
    hidden = {
        study.child(row).data(SERIES).description: tree.isRowHidden(row, study.index()) for row in range(2)
    }
    assert hidden == {"Chest lung": True, "Chest bone": False}


def test_a_double_click_shows_a_series_and_it_is_marked(
    inline_session: Session, show_window: Shower, tmp_path: Path, qtbot
) -> None:
    factories.ct(tmp_path / "a", slices=2, series="1")
    factories.mr(tmp_path / "b", slices=2, series="2")
    inline_session.run("study.open", paths=(tmp_path,))
    window = show_window(inline_session)
    tree = window.studies.tree
    other = next(
        index
        for index in (tree.rows.item(0).child(row).index() for row in range(2))
        if index.data(SERIES).key != inline_session.view.current.series
    )
    place = tree.visualRect(other).center()
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert inline_session.view.current.series == other.data(SERIES).key
    delegate = tree.itemDelegate()
    assert isinstance(delegate, SeriesRow)
    assert delegate.shown[0] == other.data(SERIES).key


def test_what_is_wrong_with_a_series_is_said_in_words(
    inline_session: Session, show_window: Shower, tmp_path: Path
) -> None:
    factories.ct(tmp_path / "gap", slices=8, missing=(3,))
    inline_session.run("study.open", paths=(tmp_path,))
    tree = show_window(inline_session).studies.tree
    item = tree.rows.item(0).child(0)
    assert item.data(SERIES).problems
    assert item.data(SERIES).problems[0] in item.toolTip()


# window


def test_the_window_panel_shows_and_takes_numbers(window: MainWindow, qtbot) -> None:
    made = panel(window, "window")
    window.session.run("window.set", center=40, width=400)
    assert (made.center.text(), made.width_field.text()) == ("40", "400")
    made.width_field.setFocus()
    made.width_field.selectAll()
    qtbot.keyClicks(made.width_field, "350,5")
    qtbot.keyClick(made.width_field, Qt.Key.Key_Return)
    voi = window.session.view.current.voi
    assert (voi.center, voi.width) == (40, 350.5)


def test_the_presets_are_those_of_the_modality(window: MainWindow, qtbot) -> None:
    made = panel(window, "window")
    buttons = {button.text(): button for button in made._presets.findChildren(QPushButton)}
    assert any("ung" in name for name in buttons)
    name, button = next((name, button) for name, button in buttons.items() if "ung" in name)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.session.view.current.voi.name == name


def test_invert_follows_the_state(window: MainWindow) -> None:
    made = panel(window, "window")
    made.invert.click()
    assert window.session.view.current.voi.inverted
    window.session.run("window.invert")
    assert not made.invert.isChecked()


def test_who_clicks_a_button_of_a_panel_goes_on_scrolling_with_the_arrow_keys(window: MainWindow) -> None:
    session = window.session
    made = panel(window, "window")
    window.grid.setFocus()
    preset = next(button for button in made.findChildren(QPushButton) if button.text() == "Lung")
    for clicked in (preset, made.automatic):
        session.run("view.goto", index=0)
        QTest.mouseClick(clicked, Qt.MouseButton.LeftButton)
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
        assert session.view.current.index == 1
        assert clicked.focusPolicy() == Qt.FocusPolicy.TabFocus


def test_who_chooses_from_a_menu_of_a_panel_goes_on_scrolling_with_the_arrow_keys(window: MainWindow) -> None:
    session = window.session
    made = panel(window, "colours")
    QApplication.processEvents()
    window.grid.setFocus()
    menu = made.colors
    popup = menu.view()
    for row in (1, 3):
        session.run("view.goto", index=0)
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton)
        assert popup.isVisible()
        QTest.qWait(QApplication.doubleClickInterval() + 50)  # Qt takes a quicker click for part of the first
        at = popup.visualRect(menu.model().index(row, 0)).center()
        QTest.mouseMove(popup.viewport(), at)
        QTest.mouseClick(popup.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
        assert session.view.current.colors == menu.itemData(row)
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
        assert session.view.current.index == 1
        assert session.view.current.colors == menu.itemData(row)


def test_who_comes_to_a_menu_with_tab_stays_there_after_choosing(window: MainWindow) -> None:
    menu = panel(window, "colours").colors
    QApplication.processEvents()
    menu.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(menu, Qt.Key.Key_Space)
    QTest.keyClick(menu.view(), Qt.Key.Key_Down)
    QTest.keyClick(menu.view(), Qt.Key.Key_Return)
    assert window.session.view.current.colors == menu.itemData(1)
    assert menu.hasFocus()


def test_a_number_that_was_typed_counts_before_the_button_that_is_clicked(window: MainWindow) -> None:
    session = window.session
    made = panel(window, "window")
    made.center.setFocus()
    made.center.selectAll()
    QTest.keyClicks(made.center, "77")
    QTest.mouseClick(made.invert, Qt.MouseButton.LeftButton)
    assert session.view.current.voi.center == 77
    assert session.view.current.voi.inverted


def test_the_histogram_carries_the_window_and_its_ends_can_be_dragged(window: MainWindow, qtbot) -> None:
    made = panel(window, "window")
    qtbot.waitUntil(lambda: made._histogram is not None, timeout=5000)
    window.session.run("window.set", center=100, width=200)
    assert made._histogram._region.getRegion() == pytest.approx((0, 200))
    made._histogram._region.setRegion((-50, 150))
    voi = window.session.view.current.voi
    assert (voi.center, voi.width) == pytest.approx((50, 200))


# enhance


def test_a_step_is_added_adjusted_switched_off_and_removed(window: MainWindow, qtbot) -> None:
    made = panel(window, "enhance")
    made._add_step("gamma")
    made._add_step("gaussian")
    rows = [made.list.item(row).text() for row in range(made.list.count())]
    assert rows == ["Before the window", "Smooth (Gaussian)", "After the window", "Gamma"]
    made.list.select(0)
    field = made._form.editors["exponent"].field
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "1.5")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert dict(pipeline(window).steps[0].values)["exponent"] == 1.5
    made.list.item(made.list.row_of(0)).setCheckState(Qt.CheckState.Unchecked)
    qtbot.waitUntil(lambda: not pipeline(window).steps[0].on, timeout=1000)
    assert not made._form.isEnabled()
    made.list.select(0)
    made.remove.click()
    assert [step.operation for step in pipeline(window).steps] == ["gaussian"]


def test_a_slider_drag_is_one_undo(window: MainWindow, qtbot) -> None:
    made = panel(window, "enhance")
    made._add_step("gamma")
    before = dict(pipeline(window).steps[0].values)["exponent"]
    slider = made._form.editors["exponent"].slider
    middle = slider.height() // 2
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(10, middle))
    for x in (30, 60, 90, 120):
        qtbot.mouseMove(slider, QPoint(x, middle))
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(120, middle))
    assert dict(pipeline(window).steps[0].values)["exponent"] != before
    window.session.run("edit.undo")
    assert dict(pipeline(window).steps[0].values)["exponent"] == before


def test_steps_change_places_with_the_buttons(window: MainWindow) -> None:
    made = panel(window, "enhance")
    made._add_step("gamma")
    made._add_step("clahe")
    made.up.click()
    assert [step.operation for step in pipeline(window).steps] == ["clahe", "gamma"]
    assert made.step == 0
    assert not made.up.isEnabled()


def test_a_step_changes_places_when_it_is_dragged(window: MainWindow, qtbot) -> None:
    made = panel(window, "enhance")
    for name in ("gamma", "clahe", "median"):
        made._add_step(name)
    model = made.list.model()
    start, end = made.list.row_of(0), made.list.row_of(1) + 1
    model.moveRow(made.list.rootIndex(), start, made.list.rootIndex(), end)
    qtbot.waitUntil(
        lambda: [step.operation for step in pipeline(window).steps] == ["clahe", "gamma", "median"],
        timeout=1000,
    )
    rows = [made.list.item(row).text() for row in range(made.list.count())]
    assert rows == ["Before the window", "Median", "After the window", "Local contrast (CLAHE)", "Gamma"]
    assert made.list.step == 1


def test_a_step_dropped_among_those_of_another_stage_stays_where_it_runs(window: MainWindow, qtbot) -> None:
    made = panel(window, "enhance")
    for name in ("gamma", "median"):
        made._add_step(name)
    before = [made.list.item(row).text() for row in range(made.list.count())]
    model = made.list.model()
    model.moveRow(made.list.rootIndex(), made.list.row_of(1), made.list.rootIndex(), made.list.count())
    qtbot.waitUntil(
        lambda: [made.list.item(row).text() for row in range(made.list.count())] == before, timeout=1000
    )
    assert [step.operation for step in pipeline(window).steps] == ["gamma", "median"]


def test_a_recipe_is_saved_and_applied_again(window: MainWindow, qtbot) -> None:
    made = panel(window, "enhance")
    made._add_step("clahe")
    name = made.words.name
    name.setFocus()
    qtbot.waitUntil(name.hasFocus, timeout=2000)
    qtbot.keyClicks(name, "My chest")
    made.words.words.setPlainText("for the ward")
    qtbot.keyClick(name, Qt.Key.Key_Return)
    assert made.recipes.open.text() == "My chest"
    window.session.run("enhance.clear")
    made.recipes.open.click()
    qtbot.keyClicks(made.recipes.chooser.field, "ward")
    assert "for the ward" in made.recipes.chooser.words.text()
    qtbot.keyClick(made.recipes.chooser.field, Qt.Key.Key_Return)
    assert [step.operation for step in pipeline(window).steps] == ["clahe"]
    assert pipeline(window).description == "for the ward"


def test_original_and_enhanced_stand_side_by_side_and_go_back(window: MainWindow) -> None:
    made = panel(window, "enhance")
    made._add_step("gamma")
    made.beside.click()
    view = window.session.view
    assert (view.layout.columns, [one.enhanced for one in view.viewports[:2]]) == (2, [False, True])
    made.beside.click()
    assert window.session.view.layout.columns == 1
    assert not made.beside.isChecked()


def test_the_original_is_seen_for_as_long_as_the_button_is_held(window: MainWindow, qtbot) -> None:
    made = panel(window, "enhance")
    made._add_step("gamma")
    qtbot.mousePress(made.held, Qt.MouseButton.LeftButton)
    assert window.session.view.peek
    qtbot.mouseRelease(made.held, Qt.MouseButton.LeftButton)
    assert not window.session.view.peek


@pytest.mark.parametrize(
    ("wanted", "better", "worse"),
    [
        ("clahe", "Local contrast (CLAHE)", "Canny edges"),
        ("gau", "Gaussian smoothing", "Go to a picture above us"),
    ],
)
def test_searching_puts_what_is_meant_first(wanted: str, better: str, worse: str) -> None:
    assert score(wanted, better) > score(wanted, worse)


def test_letters_that_do_not_occur_find_nothing() -> None:
    assert score("xyz", "Gamma") == 0


# compare


def test_another_series_is_put_beside_this_one_and_linked(
    inline_session: Session, show_window: Shower, tmp_path: Path
) -> None:
    factories.ct(tmp_path / "a", slices=2, series="1")
    factories.mr(tmp_path / "b", slices=2, series="2")
    inline_session.run("study.open", paths=(tmp_path,))
    window = show_window(inline_session)
    made = panel(window, "compare")
    made.show_beside.click()
    view = inline_session.view
    assert view.layout.count == 2
    assert view.linked
    assert len({one.series for one in view.viewports[:2]}) == 2


# measure


def test_a_length_is_listed_with_its_value_and_picture(window: MainWindow, qtbot) -> None:
    made = panel(window, "measure")
    key = draw(window, (0, 0), (30, 40))
    texts = [made.table.item(0, column).text() for column in range(4)]
    assert made.table.item(0, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "length"
    assert "50.0 mm" in texts[2]
    assert texts[3] == str(window.session.view.current.index + 1)
    window.session.run("view.goto", index=0)
    made.table.itemClicked.emit(made.table.item(0, 0))
    assert window.session.view.current.index == int(texts[3]) - 1
    made.table.item(0, 1).setText("node")
    series = window.session.view.current.series
    assert window.session.state.document.reading(series).annotations[0].text == "node"
    assert key
    made.delete.click()
    assert window.session.state.document.reading(series).annotations == ()
    assert not made.table.isVisible()


def test_without_calibration_the_panel_says_so_and_gives_no_millimetres(
    inline_session: Session, show_window: Shower, tmp_path: Path
) -> None:
    factories.gray(tmp_path / "plain.dcm")
    inline_session.run("study.open", paths=(tmp_path,))
    window = show_window(inline_session)
    made = panel(window, "measure")
    draw(window, (0, 0), (3, 4))
    assert "not millimetres" in words(made)
    assert "mm" not in made.table.item(0, 2).text()


# AI


def read(window: MainWindow, *findings: Finding, labels: LabelMap | None = None) -> None:
    session = window.session
    reading = session.state.document.reading(session.view.current.series)
    changed = replace(reading, findings=findings, groups=() if labels is None else (labels,))
    session.edit("Reading", lambda document: document.with_reading(changed))


WHO = Provenance("chest-net", "1.2", "00", "2026-01-01T00:00:00Z")


def test_what_a_model_says_is_shown_with_its_name_and_as_a_proposal(window: MainWindow) -> None:
    made = panel(window, "ai")
    index = window.session.view.current.index
    read(window, Finding("Pneumonia", 0.873, 0.6, WHO, index), Finding("Normal", 0.127, 0.6, WHO, index))
    bars = made.findChildren(ScoreBar)
    assert [bar.words() for bar in bars] == ["Pneumonia: 0.87, yes at 0.60", "Normal: 0.13, no at 0.60"]
    read(window, Finding("Bone age", 1.0, 0.0, WHO, index, value=11.46, unit="years"))
    assert made.findChildren(ScoreBar)[-1].words() == "Bone age: 11.46 years"
    assert "chest-net 1.2" in words(made)
    assert "Proposal, not accepted yet" in words(made)
    QApplication.processEvents()
    made.results.accept.click()
    assert "Accepted by the reader" in words(made)
    assert not made.results.accept.isVisible()
    window.session.run("edit.undo")
    assert "Proposal" in words(made)


def test_what_was_said_about_another_picture_is_not_shown_here(window: MainWindow) -> None:
    made = panel(window, "ai")
    index = window.session.view.current.index
    read(window, Finding("Pneumonia", 0.9, 0.5, WHO, index))
    window.session.run("view.scroll", by=1)
    assert made.findChildren(ScoreBar) == [] or not any(
        bar.isVisible() for bar in made.findChildren(ScoreBar)
    )
    assert "others of this series were read" in words(made)


def test_labels_have_a_switch_each_and_an_opacity(window: MainWindow, qtbot) -> None:
    made = panel(window, "ai")
    labels = LabelMap.empty(8, (Label(1, "Left lung", "#e69f00"), Label(2, "Right lung", "#56b4e9")))
    read(window, labels=replace(labels, provenance=WHO))
    series = window.session.view.current.series

    def now() -> LabelMap:
        (found,) = window.session.state.document.reading(series).groups
        assert found is not None
        return found

    boxes = {box.text(): box for box in made.results._regions.findChildren(QCheckBox)}
    boxes["Left lung"].click()
    assert [label.visible for label in now().labels] == [False, True]
    field = made.results.opacity.editors["opacity"].field
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "0.75")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert now().opacity == 0.75


def test_a_refused_model_is_told_beside_the_button_that_asked(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = panel(window, "ai")
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"this is no network")
    monkeypatch.setattr("medviewer.gui.panels.ai.ask_file", lambda *_: path)
    made.add.click()
    assert made._refusal.isVisible()
    assert "broken.onnx" in made._refusal.text()


def test_the_panel_says_that_it_is_no_medical_device(window: MainWindow) -> None:
    assert "Not a medical device" in words(panel(window, "ai"))


def test_metrics_are_written_with_their_intervals() -> None:
    metrics = {"auc": {"value": 0.95123, "low": 0.93, "high": 0.97}, "n": 524, "notes": "left out"}
    assert metric_words(metrics) == "AUC 0.951 (0.93 to 0.97)\non 524 pictures"
    metrics = {
        "dice": 0.9612,
        "intervals": {"dice": [0.95, 0.97]},
        "n": 1,
        "threshold": 0.5,
        "confusion": [[1]],
    }
    assert metric_words(metrics) == "Dice 0.961 (0.95 to 0.97)\non 1 picture"
    assert metric_words({"auc": True, "intervals": {"auc": "wide"}, "iou": "good"}) == ""


def draw(window: MainWindow, start: tuple[int, int], end: tuple[int, int]) -> str:
    session = window.session
    plane = session.rendering.plane(session.view.current)
    assert plane is not None
    points = (plane.to_patient(*start), plane.to_patient(*end))
    return session.run("annotate.add", shape="length", points=points)


def test_exchanging_the_buttons_of_a_panel_loses_nothing_else(
    inline_session: Session, show_window: Shower, tmp_path: Path
) -> None:
    factories.ct(tmp_path / "a", slices=2, series="1")
    factories.mr(tmp_path / "b", slices=2, series="2")
    inline_session.run("study.open", paths=(tmp_path,))
    window = show_window(inline_session)
    panel(window, "window")
    for study in inline_session.state.studies:
        for series in study.series:
            inline_session.run("view.show", series=series.key)
            QApplication.processEvents()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    kept = [*window.menus.values(), *window.bar.stops, window.studies.tree, window.tabs]
    assert all(isValid(one) for one in kept)
    window.actions_.action("gui.theme", name="light").trigger()
    assert not any(notice.is_error for notice in inline_session.state.notices)


# what the reader has not asked for


@pytest.mark.parametrize("typed", ["/", "~", "~nobody-of-this-name/", "..", "folder/", "", "   "])
def test_a_place_without_a_name_cannot_be_saved_to_and_raises_nothing(
    ct_session: Session, show_window: Shower, typed: str
) -> None:
    dialog = ExportDialog(ct_session, show_window(ct_session))
    dialog.path.setText("picture.png")
    assert dialog.save.isEnabled()
    dialog.path.setText(typed)
    assert not dialog.save.isEnabled() or typed == "~"
    assert ct_session.state.notices == ()
    dialog.deleteLater()


def test_a_path_is_typed_letter_by_letter_and_saved_to(
    ct_session: Session, show_window: Shower, tmp_path: Path, qtbot: object
) -> None:
    dialog = ExportDialog(ct_session, show_window(ct_session))
    dialog.path.clear()
    qtbot.keyClicks(dialog.path, str(tmp_path / "seen"))  # type: ignore[attr-defined]
    dialog.save.click()
    assert (tmp_path / "seen.png").is_file()
    dialog.deleteLater()


def test_no_line_of_the_measurements_is_marked_when_nothing_is_selected(
    ct_session: Session, show_window: Shower
) -> None:
    window = show_window(ct_session)
    measure = panel(window, "measure")
    draw(window, (2, 2), (2, 12))
    assert measure.table.currentRow() == 0
    assert measure.delete.isEnabled()
    ct_session.run("annotate.select", id="")
    assert measure.table.currentRow() == -1
    assert not measure.delete.isEnabled()
    assert "first" in measure.delete.toolTip()


def test_a_label_is_switched_off_without_its_switch_going_away(
    ct_session: Session, show_window: Shower
) -> None:
    window = show_window(ct_session)
    ai = panel(window, "ai")
    labels = LabelMap.empty(8, (Label(1, "Lungs", "#e69f00"),))
    read(window, labels=replace(labels, provenance=WHO))
    QApplication.processEvents()
    (box,) = [one for one in ai.findChildren(QCheckBox) if one.text() == "Lungs"]
    box.setFocus()
    box.click()
    QApplication.processEvents()
    assert isValid(box)
    assert not box.isChecked()
    assert QApplication.focusWidget() is box


def test_the_keyboard_goes_to_the_pictures_when_the_control_in_use_goes_away(
    ct_session: Session, show_window: Shower
) -> None:
    window = show_window(ct_session)
    ai = panel(window, "ai")
    ai.cancel.parentWidget().show()
    QApplication.processEvents()
    ai.cancel.setFocus()
    assert QApplication.focusWidget() is ai.cancel
    window.tabs.hide()
    QApplication.processEvents()
    assert window.middle.isAncestorOf(QApplication.focusWidget())


def test_a_network_that_makes_pictures_better_is_a_step_and_no_reader(window: MainWindow, qtbot) -> None:
    folder = user_folder("models")
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, mean_of_nine(), about(), "mean")
    try:
        ai = panel(window, "ai")
        qtbot.waitUntil(lambda: ai.choice.count() > 0)
        ai.choice.setCurrentIndex(ai.choice.findText("Mean of nine"))
        assert "add it as a step in the Enhance panel" in words(ai)
        assert not ai.picture.isEnabled()
        panel(window, "enhance")
        qtbot.waitUntil(lambda: "network-mean" in ENHANCEMENTS.names)
        window.session.run("enhance.add", operation="network-mean")
        assert "Mean of nine" in recipe_words(pipeline(window), Pipeline())
    finally:
        ENHANCEMENTS.exchange(["network-mean"], ())
