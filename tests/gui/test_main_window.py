"""Whether the window shows what there is, says what can be done, and lets itself be used with keys alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLabel,
    QMenu,
    QScrollArea,
    QWidget,
)

from medviewer.gui.keys import read_keys
from medviewer.gui.main_window import MainWindow
from medviewer.gui.menu_variants import VARIANTS
from medviewer.gui.messages import run
from medviewer.kit.errors import DamagedFile
from medviewer.session.command import COMMANDS
from medviewer.session.session import Session
from tests import factories

Shower = Callable[[Session], MainWindow]


def test_before_anything_is_open_the_middle_says_what_to_do(
    inline_session: Session, show_window: Shower
) -> None:
    window = show_window(inline_session)
    assert window.middle.currentWidget() is window.welcome
    shown = [button.text() for button in (window.welcome.open, window.welcome.folder, window.welcome.sample)]
    assert shown == ["Open files…", "Open a folder…", "Try the sample study"]


def test_the_first_series_takes_the_place_of_the_welcome(window: MainWindow) -> None:
    assert window.middle.currentWidget() is window.grid
    assert window.session.view.current.series is not None


def test_what_cannot_be_opened_is_told_on_the_welcome_page(
    inline_session: Session, show_window: Shower, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    window = show_window(inline_session)
    window.open_paths((tmp_path / "notes.txt",))
    assert window.welcome._words.isVisible()
    assert "No pictures" in window.welcome._words.text()


def test_a_recent_path_that_is_gone_is_told_and_forgotten(
    inline_session: Session, show_window: Shower
) -> None:
    inline_session.save_settings(recent=("/nowhere/old",))
    window = show_window(inline_session)
    window.welcome._open(Path("/nowhere/old"))
    assert inline_session.settings.recent == ()
    assert "no longer there" in inline_session.state.notices[-1].message


def test_the_title_does_not_tell_whose_pictures_these_are(window: MainWindow) -> None:
    assert window.windowTitle() == "medviewer"


def test_files_may_be_dropped_anywhere(inline_session: Session, show_window: Shower, tmp_path: Path) -> None:
    paths = factories.ct(tmp_path / "dropped", slices=3)
    window = show_window(inline_session)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(paths[0].parent))])
    event = QDropEvent(
        QPointF(20, 300),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)
    assert [len(study.series) for study in inline_session.state.studies] == [1]


def test_no_two_actions_answer_to_one_key() -> None:
    keys = [QKeySequence(key).toString() for one in read_keys() for key in one.keys]
    assert "" not in keys
    assert sorted(keys) == sorted(set(keys))


def test_no_menu_takes_a_key_away_from_a_command(window: MainWindow) -> None:
    mnemonics = [QKeySequence.mnemonic(menu.title()).toString() for menu in window.menus.values()]
    assert len(set(mnemonics)) == len(mnemonics)
    used = {QKeySequence(key).toString() for one in read_keys() for key in one.keys}
    assert not used & set(mnemonics)


def test_every_command_that_needs_nothing_more_can_be_reached(window: MainWindow) -> None:
    reachable = {entry.command for entry, _ in window.actions_}
    for command in COMMANDS:
        # a command without any variant has a form, or is another one with a certain value
        has_form = VARIANTS.get(command.name) == ()
        if not has_form and not any(parameter.required for parameter in command.parameters):
            assert command.name in reachable


def test_every_command_with_a_menu_stands_in_it(window: MainWindow) -> None:
    listed = {name for menu in window.menus.values() for name in _titles(menu)}
    for command in COMMANDS:
        entries = [action for entry, action in window.actions_ if entry.command == command.name]
        if command.menu and entries and entries[0].isVisible():
            assert entries[0].text() in listed, command.name


def test_a_picture_is_copied_from_the_menu_as_by_the_key(window: MainWindow, qtbot) -> None:
    QApplication.clipboard().clear()
    found = [one for menu in window.menus.values() for one in menu.actions() if "Copy picture" in one.text()]
    (copy,) = found
    qtbot.waitUntil(lambda: window.session.rendering.frame(window.session.view.current) is not None)
    copy.trigger()
    assert not QApplication.clipboard().image().isNull()


def test_disabled_actions_say_why(inline_session: Session, show_window: Shower) -> None:
    window = show_window(inline_session)
    disabled = [action for _, action in window.actions_ if not action.isEnabled()]
    assert disabled
    for action in disabled:
        assert action.toolTip().partition("\n")[2].endswith(".")


def test_tool_tips_name_the_action_and_its_key(window: MainWindow) -> None:
    assert window.actions_.action("view.tool", name="window").toolTip() == "Window (W)"
    assert "(Ctrl+Z)" in window.actions_.action("edit.undo").toolTip()


def test_undo_names_what_it_undoes(window: MainWindow, qtbot) -> None:
    undo = window.actions_.action("edit.undo")
    assert not undo.isEnabled()
    window.session.run("enhance.add", operation="gamma")
    assert undo.text() == "Undo: Add Gamma"
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    series = window.session.view.current.series
    assert window.session.state.document.reading(series).pipeline.steps == ()
    assert window.actions_.action("edit.redo").text() == "Redo: Add Gamma"


def test_one_letter_chooses_a_tool(window: MainWindow, qtbot) -> None:
    window.activateWindow()
    window.grid.setFocus()
    qtbot.keyClick(window.grid, Qt.Key.Key_D)
    assert window.session.view.tool == "length"
    assert window.actions_.action("view.tool", name="length").isChecked()
    assert not window.actions_.action("view.tool", name="window").isChecked()


def test_one_letter_in_a_text_field_is_only_a_letter(window: MainWindow, qtbot) -> None:
    field = window.studies.search
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus, timeout=2000)
    qtbot.keyClicks(field, "dx2")
    assert field.text() == "dx2"
    assert window.session.view.tool == "window"
    assert not window.session.view.current.voi.inverted


def test_tab_goes_from_viewport_to_viewport_only_over_the_pictures(window: MainWindow, qtbot) -> None:
    window.session.run("view.layout", rows=1, columns=2)
    window.activateWindow()
    window.grid.setFocus()
    qtbot.keyClick(window.grid, Qt.Key.Key_Tab)
    assert window.session.view.active == 1
    window.studies.search.setFocus()
    qtbot.keyClick(window.studies.search, Qt.Key.Key_Tab)
    assert window.session.view.active == 1


def test_every_region_folds_away_and_comes_back(window: MainWindow) -> None:
    regions = {
        "gui.left_panel": window.left,
        "gui.right_panel": window.tabs,
        "gui.tool_bar": window.bar,
        "gui.status_bar": window.status,
    }
    for name, region in regions.items():
        action = window.actions_.action(name)
        assert action.isChecked()
        action.trigger()
        assert region.isHidden()
        assert not action.isChecked()
        action.trigger()
        assert not region.isHidden()


def test_full_screen_leaves_the_pictures_alone_and_brings_everything_back(window: MainWindow) -> None:
    action = window.actions_.action("gui.full_screen")
    window.tabs.hide()
    action.trigger()
    around = (window.left, window.tabs, window.bar, window.status, window.menuBar())
    assert all(region.isHidden() for region in around)
    action.trigger()
    assert [region.isHidden() for region in around] == [False, True, False, False, False]


def test_the_window_comes_back_as_it_was_left(ct_session: Session, show_window: Shower) -> None:
    first = show_window(ct_session)
    first.resize(1024, 740)
    first.bar.hide()
    first.show_panel("measure")
    first.close()
    second = show_window(ct_session)
    assert (second.width(), second.height()) == (1024, 740)
    assert second.bar.isHidden()
    assert second.tabs.currentWidget().objectName() == "measure"


def test_everything_that_takes_the_focus_has_a_name(window: MainWindow) -> None:
    for name in ("window", "enhance", "compare", "measure", "ai"):
        window.show_panel(name)
        for widget in window.findChildren(QWidget):
            wanted = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible()
            inner = isinstance(widget, (QMenu, QScrollArea)) or widget.objectName().startswith("qt_")
            if wanted and not inner and not widget.focusProxy() and not _in_popup(widget):
                named = widget.accessibleName() or getattr(widget, "text", str)()
                assert named, f"{type(widget).__name__} in {name}"


def test_tab_goes_from_left_to_right_and_from_top_to_bottom(window: MainWindow, qtbot) -> None:
    window.show_panel("enhance")
    page = window.tabs.currentWidget().panel
    page._add_step("clahe")
    QApplication.processEvents()
    window.activateWindow()
    window.bar.stops[0].setFocus()
    qtbot.waitUntil(window.bar.stops[0].hasFocus, timeout=2000)
    stops: list[QWidget] = []
    while (here := QApplication.focusWidget()) not in stops:
        stops.append(here)
        window.focusNextChild()
    slider = page._form.editors["clip_limit"].slider
    wanted = [
        window.bar.stops[0],
        window.bar.stops[-1],
        window.studies.tree,
        window.studies.search,
        window.grid.active_view,
        window.tabs.tabBar(),
        page.recipes.open,
        page.recipes.more,
        page.add,
        page.list,
        page.remove,
        slider,
        page.words.name,
        page.words.save,
        page.words.words,
        page.beside,
    ]
    places = [stops.index(one) for one in wanted]
    assert places == sorted(places)


def test_no_label_reads_its_words_as_markup(window: MainWindow) -> None:
    for name in ("window", "enhance", "compare", "measure", "ai"):
        window.show_panel(name)
    from_files = [label for label in window.findChildren(QLabel) if not window.grid.isAncestorOf(label)]
    for label in from_files:
        if label.text():
            assert label.textFormat() == Qt.TextFormat.PlainText, label.text()


def test_nothing_has_to_be_scrolled_sideways_in_the_smallest_window(window: MainWindow) -> None:
    window.resize(1024, 700)
    for name in ("window", "enhance", "compare", "measure", "ai"):
        window.show_panel(name)
        QApplication.processEvents()
        for area in window.findChildren(QScrollArea):
            if area.isVisible() and area.widget() is not None:
                assert area.widget().minimumSizeHint().width() <= area.viewport().width(), name
        for view in window.findChildren(QAbstractItemView):
            assert not view.horizontalScrollBar().isVisible()
    assert (window.width(), window.height()) == (1024, 700)


def test_unreadable_files_are_counted_and_listed_with_the_reason(window: MainWindow, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    factories.ct(bad, slices=2, series="other")
    (bad / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\x08\x00")
    window.open_paths((bad,))
    assert window.status.notice.isVisible()
    assert "1 file could not be read" in window.status.notice._words.text()
    window.status.notice.show_list.click()
    dialog = window.desk["troubles"]
    assert not dialog.isModal()
    assert any("broken.dcm" in row[0] and row[1] for row in dialog.model.rows)
    dialog.copy.click()
    assert "broken.dcm" in QApplication.clipboard().text()


def test_a_notice_can_be_dismissed(window: MainWindow) -> None:
    window.session.notify("Something is told.", "And what to do.")
    assert window.status.notice.isVisible()
    window.status.notice.shut.click()
    assert not window.status.notice.isVisible()


def test_the_palette_finds_a_command_by_a_few_letters_and_does_it(window: MainWindow, qtbot) -> None:
    window.actions_.action("gui.palette").trigger()
    palette = window.desk["palette"]
    qtbot.waitUntil(palette.chooser.field.hasFocus, timeout=2000)
    qtbot.keyClicks(palette.chooser.field, "add clahe")
    qtbot.keyClick(palette.chooser.field, Qt.Key.Key_Return)
    series = window.session.view.current.series
    steps = window.session.state.document.reading(series).pipeline.steps
    assert [step.operation for step in steps] == ["clahe"]


def test_the_list_of_keys_holds_every_key(window: MainWindow) -> None:
    window.actions_.action("gui.help").trigger()
    rows = window.desk["keys"].model.rows
    assert all(title and group for _, title, group in rows)
    assert len(rows) >= len(read_keys())


def test_the_header_of_the_shown_file_can_be_searched(window: MainWindow) -> None:
    window.actions_.action("gui.tags").trigger()
    dialog = window.desk["tags"]
    assert any("Pixel Spacing" in pair.row.name for pair in dialog.list.table.tree.pairs)
    dialog.list.field.setText("pixel spacing")
    assert dialog.list.table.model().rowCount() == 1


def test_about_says_that_this_is_no_medical_device(window: MainWindow) -> None:
    window.actions_.action("gui.about").trigger()
    words = " ".join(label.text() for label in window.desk["about"].findChildren(QLabel))
    assert "Not a medical device" in words


def test_another_theme_is_kept(window: MainWindow) -> None:
    window.actions_.action("gui.theme", name="light").trigger()
    assert window.session.settings.theme == "light"
    assert window.actions_.action("gui.theme", name="light").isChecked()
    assert not window.actions_.action("gui.theme", name="dark").isChecked()


def test_a_wrong_command_is_a_notice_and_no_traceback(window: MainWindow) -> None:
    assert run(window.session, "window.preset", name="no such window") is None
    assert "no such window" in window.session.state.notices[-1].message


def test_what_was_refused_is_told_until_the_next_command_in_that_viewport(window: MainWindow) -> None:
    session = window.session
    session.notify(DamagedFile("a.dcm is cut off."))
    for _ in range(2):
        run(session, "window.preset", name="no such window")
    assert ["no such window" in one.message for one in session.state.notices] == [False, True]
    run(session, "view.layout", rows=1, columns=2)
    assert [one.message for one in session.state.notices] == ["a.dcm is cut off."]
    run(session, "window.preset", name="no such window")
    run(session, "view.activate", viewport=1)
    assert len(session.state.notices) == 2, "something else was done elsewhere"
    run(session, "view.activate", viewport=0)
    run(session, "window.preset", name="Lung")
    assert [one.message for one in session.state.notices] == ["a.dcm is cut off."]


def test_what_was_refused_goes_by_itself_and_what_concerns_files_stays(window: MainWindow, qtbot) -> None:
    session, line = window.session, window.status.notice
    line._passing.setInterval(20)
    session.notify(DamagedFile("a.dcm is cut off."))
    run(session, "window.preset", name="no such window")
    assert "no such window" in line._words.text()
    qtbot.waitUntil(lambda: len(session.state.notices) == 1)
    assert line.isVisible()
    assert line._words.text() == "a.dcm is cut off."
    qtbot.wait(60)
    assert len(session.state.notices) == 1


def test_the_window_starts_without_what_it_does_not_need_yet(own_home: Path) -> None:
    heavy = {"pydicom", "pyqtgraph", "onnxruntime", "onnx", "scipy", "skimage", "imagecodecs"}
    script = "import sys, medviewer.gui.app; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60
    )
    assert heavy & set(done.stdout.split()) == set()


def _titles(menu: QMenu) -> list[str]:
    found = []
    for action in menu.actions():
        if action.menu() is not None:
            found += _titles(action.menu())
        else:
            found.append(action.text())
    return found


def _in_popup(widget: QWidget) -> bool:
    while widget is not None:
        if (
            isinstance(widget.parentWidget(), QComboBox)
            or isinstance(widget, QAbstractSlider)
            and not widget.isVisible()
        ):
            return True
        widget = widget.parentWidget()
    return False


def test_the_window_is_no_higher_than_the_screen_at_first_and_when_it_was_kept_larger(
    inline_session: Session, show_window: Callable[[Session], MainWindow]
) -> None:
    window = show_window(inline_session)
    room = window.screen().availableSize()
    assert room.height() < 900, "this test needs a small screen"
    assert window.height() <= room.height()
    window.resize(1440, room.height() + 300)
    window.close()
    again = show_window(inline_session)
    assert again.height() <= room.height()
