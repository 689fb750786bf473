"""A recipe is built with the controls of the window, and a terminal makes the very same pictures with it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from medviewer.core.pipeline import Pipeline
from medviewer.gui.main_window import MainWindow
from medviewer.gui.panels import recipe_choice
from medviewer.gui.panels.enhance import EnhancePanel
from medviewer.imaging.pictures import read_picture
from medviewer.kit.paths import resource
from medviewer.session.session import Session
from tests.gui.conftest import inline_session, show_window

__all__ = ["inline_session", "show_window"]

CHEST = resource("samples/images/ct-chest")


def add(qtbot, made: EnhancePanel, words: str) -> None:
    """Find an operation by typing, as a reader does."""
    made.add.click()
    qtbot.keyClicks(made._chooser.field, words)
    qtbot.keyClick(made._chooser.field, Qt.Key.Key_Return)


def type_number(qtbot, made: EnhancePanel, name: str, text: str) -> None:
    field = made._form.editors[name].field
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def drag_to_first(made: EnhancePanel, step: int) -> None:
    rows = made.list.model()
    first = made.list.row_of(0)
    rows.moveRow(made.list.rootIndex(), made.list.row_of(step), made.list.rootIndex(), first)


def test_a_recipe_built_in_the_window_makes_identical_pictures_in_a_terminal(
    inline_session: Session, show_window, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inline_session.run("study.open", paths=(CHEST,))
    window: MainWindow = show_window(inline_session)
    window.show_panel("enhance")
    made = window.tabs.currentWidget().panel
    series = inline_session.series(inline_session.view.current.series)
    original = inline_session.rendering.draw(0, None).picture.pixels

    add(qtbot, made, "gamma")
    type_number(qtbot, made, "exponent", "0.85")
    add(qtbot, made, "clahe")
    type_number(qtbot, made, "clip_limit", "2.5")
    drag_to_first(made, 1)
    qtbot.waitUntil(lambda: stack(inline_session).steps[0].operation == "clahe", timeout=2000)
    add(qtbot, made, "unsharp")
    add(qtbot, made, "median")
    made.list.item(made.list.row_of(3)).setCheckState(Qt.CheckState.Unchecked)
    qtbot.waitUntil(lambda: not stack(inline_session).steps[3].on, timeout=2000)
    made.words.name.setText("Brustkorb 胸 صدر")  # as an input method does
    made.words.words.setPlainText("Order matters here")
    made.words.save.click()
    recipe = tmp_path / "recipe.json"
    monkeypatch.setattr(recipe_choice, "ask_target", lambda *_: recipe)
    made.recipes._fill_menu()
    chosen = [action for action in made.recipes.menu.actions() if action.text() == "Export this stack…"]
    chosen[0].trigger()
    QApplication.processEvents()

    kept = Pipeline.from_json(recipe.read_text(encoding="utf-8"))
    assert kept == stack(inline_session)
    assert (kept.name, [one.operation for one in kept.active]) == (
        "Brustkorb 胸 صدر",
        ["clahe", "gamma", "unsharp"],
    )
    home = {**os.environ, "MEDVIEWER_HOME": str(tmp_path / "another home")}
    words = ["enhance", str(CHEST), "-o", str(tmp_path / "out"), "--recipe", str(recipe)]
    ended = subprocess.run(
        [sys.executable, "-m", "medviewer", *words], env=home, capture_output=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr.decode()
    files = sorted((tmp_path / "out").glob("*.png"))
    assert len(files) == series.count == 30
    for index, path in enumerate(files):
        inline_session.run("view.goto", index=index)
        shown = inline_session.rendering.draw(0, None).picture.pixels
        assert np.array_equal(read_picture(path), shown), path.name
    inline_session.run("view.goto", index=series.count // 2)
    assert not np.array_equal(inline_session.rendering.draw(0, None).picture.pixels, original)


def stack(session: Session) -> Pipeline:
    return session.rendering.pipeline(session.view.current.series)
