"""Recipes in the Enhance panel: nothing is replaced unasked, and what decides the picture is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton

from medviewer.gui.main_window import MainWindow
from medviewer.gui.panels.enhance import EnhancePanel
from medviewer.session.recipes import Source, all_recipes, find
from medviewer.session.session import Session
from tests import factories

EDGES = "Edges over the picture"
LONG = "胸部 CT 肺野 强调 " * 7


@pytest.fixture
def made(window: MainWindow) -> EnhancePanel:
    return shown(window)


def shown(window: MainWindow) -> EnhancePanel:
    window.show_panel("enhance")
    return window.tabs.currentWidget().panel


def own() -> list[str]:
    return [one.name for one in all_recipes() if one.source is Source.OWN]


def answers(made: EnhancePanel) -> dict[str, QPushButton]:
    buttons = made.words.answers.findChildren(QPushButton)
    return {one.accessibleName(): one for one in buttons if one.isVisible()}


def entry(made: EnhancePanel, words: str) -> QAction:
    made.recipes._fill_menu()
    return next(one for one in made.recipes.menu.actions() if one.text().startswith(words))


def save(made: EnhancePanel, name: str) -> None:
    made.words.name.setText(name)
    made.words.save.click()


def test_a_name_that_is_taken_is_asked_about_in_place(made: EnhancePanel) -> None:
    made._add_step("gamma")
    save(made, "Mine")
    made._add_step("clahe")
    assert made.words.name.text() == "Mine"  # a changed stack keeps the words until it is saved
    made.words.save.click()
    assert "already" in made.words.question.text()
    assert list(answers(made)) == ["Replace", "Save as Mine 2"]
    answers(made)["Save as Mine 2"].click()
    assert own() == ["Mine", "Mine 2"]
    assert not made.words.question.isVisible()
    save(made, "Mine")
    answers(made)["Replace"].click()
    assert len(find("Mine").pipeline.steps) == 2


def test_a_question_goes_away_with_escape(made: EnhancePanel, qtbot) -> None:
    made._add_step("gamma")
    save(made, EDGES)
    assert "comes with medviewer" in made.words.question.text()
    assert list(answers(made)) == [f"Save as {EDGES} 2"]
    qtbot.keyClick(made.words.name, Qt.Key.Key_Escape)
    assert not made.words.question.isVisible()
    assert own() == []


def test_another_name_is_a_new_name_or_a_second_recipe(made: EnhancePanel) -> None:
    made._add_step("gamma")
    save(made, "A")
    save(made, "B")
    answers(made)["Rename"].click()
    assert own() == ["B"]
    save(made, "C")
    answers(made)["Keep both"].click()
    assert own() == ["B", "C"]


def test_a_description_is_kept_without_a_question(made: EnhancePanel) -> None:
    made._add_step("gamma")
    save(made, "A")
    made.words.words.setPlainText("for the\nward")
    made.words.save.click()
    assert find("A").pipeline.description == "for the ward"
    made.session.run("edit.undo")
    assert find("A").pipeline.description == ""
    assert made.words.words.toPlainText() == ""


def test_a_default_is_said_and_one_click_takes_it_off(made: EnhancePanel) -> None:
    session = made.session
    made.recipes._take(EDGES)
    assert entry(made, "Default for every CT").isEnabled()
    entry(made, "Default for every CT").trigger()
    assert not entry(made, "Default for every CT").isEnabled()
    key = session.view.current.series
    paths = (Path(session.series(key).instances[0].path).parent,)
    session.run("enhance.clear")
    session.run("study.close")
    for path in paths:
        factories.ct(path.parent / "other", slices=2, study="9", series="9", patient="P9")
    session.run("study.open", paths=(paths[0].parent / "other",))
    assert made.recipes.open.text() == EDGES
    assert "CT" in made.recipes.by_default.text()
    made.recipes.original.click()
    assert session.rendering.pipeline(session.view.current.series).steps == ()
    assert not made.recipes.original.isVisible()


def test_a_recipe_in_this_viewport_only_is_said(made: EnhancePanel) -> None:
    made._add_step("gamma")
    made.recipes.choose(here_only=True)
    made.recipes.chooser.hide()
    made.recipes._take(EDGES)
    assert EDGES in made.recipes.elsewhere.text()
    assert made.held.isEnabled()  # there is something else to see, whatever the stack of the series is
    assert made.session.rendering.shown_pipeline(0).name == EDGES
    made.recipes.back.click()
    assert not made.recipes.back.isVisible()
    assert [step.operation for step in made.session.rendering.shown_pipeline(0).steps] == ["gamma"]


def test_what_cannot_be_done_with_a_recipe_says_why(made: EnhancePanel) -> None:
    assert not entry(made, "Export this stack").isEnabled()
    made.recipes._take(EDGES)
    assert "comes with medviewer" in entry(made, "Delete from the list").toolTip()
    assert "no other one" in entry(made, "Put on all CT series of this study").toolTip()
    made._add_step("gamma")
    assert "Save this stack" in entry(made, "Default for every CT").toolTip()


def test_no_name_makes_the_panel_wider(made: EnhancePanel, window: MainWindow) -> None:
    made._add_step("gamma")
    before = made.minimumSizeHint().width()
    save(made, LONG[:80])
    save(made, LONG[:70])
    made.session.run("recipe.here", name=LONG[:80])
    assert made.minimumSizeHint().width() <= before + 2


def test_operations_are_found_by_what_they_are_for(made: EnhancePanel, qtbot) -> None:
    made.add.click()
    chooser = made._chooser
    for words, name in (("vessel", "frangi"), ("histogram", "equalise"), ("edge", "sobel")):
        chooser.field.setText(words)
        found = [chooser.list.item(row).data(Qt.ItemDataRole.UserRole) for row in range(chooser.list.count())]
        assert name in [one.what for one in found if one is not None]
        assert chooser.words.text()
    qtbot.keyClick(chooser.field, Qt.Key.Key_Escape)


def test_recipes_are_listed_own_before_shipped(made: EnhancePanel, inline_session: Session) -> None:
    made._add_step("gamma")
    save(made, "Zebra")
    made.recipes.open.click()
    chooser = made.recipes.chooser
    texts = [chooser.list.item(row).text() for row in range(chooser.list.count())]
    chooser.hide()
    assert texts.index("My recipes") < texts.index("Zebra") < texts.index("Come with medviewer")
    assert texts.index("Come with medviewer") < texts.index(EDGES)
