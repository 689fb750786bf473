"""What is chosen once is shown as it is, takes effect at once and is kept."""

from __future__ import annotations

import pytest

from medviewer.gui import theme
from medviewer.gui.dialogs.preferences import DEFAULTS, PreferencesDialog
from medviewer.gui.main_window import MainWindow
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


def test_all_settings_that_a_reader_can_choose_stand_in_the_form(dialog: PreferencesDialog) -> None:
    shown = {*dialog.form.editors, *dialog.memory.editors}
    assert shown == set(DEFAULTS)
    assert dialog.color.text() == Settings().overlay_color


def test_the_form_follows_what_is_changed_elsewhere(window: MainWindow, dialog: PreferencesDialog) -> None:
    window.session.run("settings.set", overlay_color="#00ff00")
    assert dialog.color.text() == "#00ff00"
