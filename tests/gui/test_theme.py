"""Whether everything can be read, in every theme."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from medviewer.gui import icons, theme
from medviewer.gui.widgets.slider import QuietComboBox


@pytest.fixture(autouse=True)
def dark_again(qapp: QApplication):
    yield
    theme.apply(qapp, "dark")


@pytest.mark.parametrize("name", theme.THEMES)
def test_text_can_be_read_on_every_ground(name: str) -> None:
    of = theme.THEMES[name]
    for ground in (of.background, of.surface, of.raised):
        assert theme.contrast(of.text, ground) >= 7
        assert theme.contrast(of.muted, ground) >= 4.5


@pytest.mark.parametrize("name", theme.THEMES)
@pytest.mark.parametrize("token", ["ai", "warning", "error", "accent"])
def test_what_a_model_said_and_warnings_can_be_read(name: str, token: str) -> None:
    of = theme.THEMES[name]
    for ground in (of.surface, of.raised):
        assert theme.contrast(getattr(of, token), ground) >= 4.5


@pytest.mark.parametrize("name", theme.THEMES)
def test_text_upon_the_accent_can_be_read(name: str) -> None:
    of = theme.THEMES[name]
    assert theme.contrast(of.on_accent, of.accent) >= 4.5


@pytest.mark.parametrize("name", theme.THEMES)
def test_a_tick_can_be_seen_in_its_box(name: str) -> None:
    ground = re.search(r"indicator:checked \{ background: (#\w+)", theme.style_sheet(theme.THEMES[name]))
    assert ground is not None
    assert theme.contrast("#e4e7ea", ground[1]) >= 4.5


def test_black_and_white_have_the_greatest_contrast() -> None:
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # a published example


@pytest.mark.parametrize("name", theme.THEMES)
def test_no_rule_is_left_without_its_colour(name: str) -> None:
    assert re.findall(r"@\w+", theme.style_sheet(theme.THEMES[name])) == []


@pytest.mark.parametrize("name", theme.THEMES)
def test_the_palette_is_the_theme_and_not_the_system(qapp: QApplication, name: str) -> None:
    theme.apply(qapp, name)
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(theme.THEMES[name].surface)
    assert qapp.palette().color(QPalette.ColorRole.WindowText) == QColor(theme.THEMES[name].text)


def test_an_unknown_theme_is_the_dark_one(qapp: QApplication) -> None:
    theme.apply(qapp, "aubergine")
    assert theme.tokens() == theme.THEMES["dark"]


def test_the_picture_lies_on_black_in_every_theme() -> None:
    assert {of.image for of in theme.THEMES.values()} == {"#000000"}


@pytest.mark.parametrize("name", theme.THEMES)
def test_what_stands_on_the_picture_can_be_seen_on_its_black(qapp: QApplication, name: str) -> None:
    theme.apply(qapp, name)
    of = theme.on_picture()
    assert theme.contrast(of.error, of.image) >= 4.5
    assert theme.contrast(of.accent, of.image) >= 4.5


def test_an_icon_takes_the_colours_of_the_theme(qapp: QApplication, monkeypatch, tmp_path) -> None:
    square = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4">'
        b'<path d="M0 0h4v4H0z" fill="#e4e7ea"/></svg>'
    )
    (tmp_path / "square.svg").write_bytes(square)
    monkeypatch.setattr(icons, "resource", lambda name: tmp_path / name.rpartition("/")[2])
    monkeypatch.setattr(icons, "_drawings", {})
    theme.apply(qapp, "light")
    made = icons.icon("square")
    off = made.pixmap(20, 20, QIcon.Mode.Normal, QIcon.State.Off).toImage().pixelColor(10, 10)
    on = made.pixmap(20, 20, QIcon.Mode.Normal, QIcon.State.On).toImage().pixelColor(10, 10)
    assert (off.name(), on.name()) == (theme.tokens().text, theme.tokens().accent)


@pytest.mark.parametrize("name", theme.THEMES)
def test_a_menu_of_values_has_an_arrow_in_the_colours_of_the_theme(qapp: QApplication, name: str) -> None:
    theme.apply(qapp, name)
    choice = QuietComboBox("Choice")
    choice.addItem("Nothing")
    choice.resize(200, 28)
    picture = choice.grab().toImage()
    ground, arrow = QColor(theme.tokens().raised), QColor(theme.tokens().muted)
    seen = [picture.pixelColor(x, y).lightness() for x in range(176, 196) for y in range(4, 24)]
    # a fine line: most of the way from the ground to its colour
    way = [(one - ground.lightness()) / (arrow.lightness() - ground.lightness()) for one in seen]
    assert 0.7 < max(way) <= 1


def test_an_icon_that_was_never_drawn_is_empty(qapp: QApplication) -> None:
    assert icons.icon("no-such-icon").isNull()
