"""What is chosen once is shown as it is, takes effect at once and is kept."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from medviewer.gui import theme
from medviewer.gui.dialogs.preferences import DEFAULTS, PreferencesDialog
from medviewer.gui.main_window import MainWindow
from medviewer.gui.panels.window import WindowPanel
from medviewer.gui.widgets.number import NumberField
from medviewer.kit.settings import Settings
from medviewer.session.state import CornerText


@pytest.fixture
def dialog(window: MainWindow) -> PreferencesDialog:
    window.actions_.action("gui.preferences").trigger()
    shown = window.desk["preferences"]
    assert isinstance(shown, PreferencesDialog)
    return shown


def test_the_memory_for_pictures_can_be_chosen_and_its_use_is_told(
    window: MainWindow, dialog: PreferencesDialog
) -> None:
    editor = dialog.memory.editors["memory_gb"]
    editor.tell(1.5)
    assert window.session.frames.capacity == 3 << 29
    assert "1.50 GB" in dialog.used.text()
    editor.reset()
    assert window.session.settings.cache_bytes == 0
    assert "half of what was free" in dialog.used.text()


def test_every_choice_takes_effect_at_once_and_is_kept(window: MainWindow, dialog: PreferencesDialog) -> None:
    chosen = {"theme": "light", "corner_text": "minimal", "cine_rate": 24, "remember_studies": False}
    for name, value in chosen.items():
        dialog.form.editors[name].tell(value)
    session = window.session
    assert {name: getattr(session.settings, name) for name in chosen} == chosen
    assert (session.view.corner_text, session.view.cine_rate) == (CornerText.MINIMAL, 24.0)
    assert theme.tokens() == theme.THEMES["light"]
    dialog._reset()
    assert session.settings == Settings(recent=session.settings.recent, folder=session.settings.folder)
    assert theme.tokens() == theme.THEMES["dark"]


def test_the_histogram_stands_on_the_ground_of_the_theme(
    window: MainWindow, dialog: PreferencesDialog, qtbot
) -> None:
    panel = window.tabs.findChild(WindowPanel)
    assert panel is not None
    qtbot.waitUntil(lambda: panel._histogram is not None, timeout=5000)
    plot = panel._histogram
    assert plot is not None
    for name in theme.THEMES:
        dialog.form.editors["theme"].tell(name)
        QApplication.processEvents()
        # the lower right corner, below the axis
        shown = plot.grab().toImage()
        corner = shown.pixelColor(shown.width() - 2, shown.height() - 2)
        assert corner.name() == theme.tokens().surface


def test_return_takes_a_number_and_opens_nothing(dialog: PreferencesDialog) -> None:
    field = dialog.memory.findChild(NumberField)
    assert field is not None
    field.setFocus()
    field.setText("2")
    field.setModified(True)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert dialog._session.settings.cache_bytes == 2 << 30
    assert dialog.isVisible()
    assert QApplication.activeModalWidget() is None
    assert not any(button.isDefault() or button.autoDefault() for button in dialog.findChildren(QPushButton))


def test_all_settings_that_a_reader_can_choose_stand_in_the_form(dialog: PreferencesDialog) -> None:
    shown = {*dialog.form.editors, *dialog.memory.editors}
    assert shown == set(DEFAULTS)
    assert dialog.color.text() == Settings().overlay_color


def test_the_form_follows_what_is_changed_elsewhere(window: MainWindow, dialog: PreferencesDialog) -> None:
    window.session.run("settings.set", overlay_color="#00ff00")
    assert dialog.color.text() == "#00ff00"
