"""The panel of colours: maps, what the file lays over its picture, and a series above it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from medviewer.core.beside_pixels import SHUTTER, OverlayPlane, Shutter
from medviewer.core.volume import read_only
from medviewer.gui.main_window import MainWindow
from medviewer.gui.overlay_menu import OverlayMenu
from medviewer.gui.panels.color import ColorPanel
from medviewer.imaging.colormaps import color_map
from medviewer.imaging.shapes import ColorBar
from medviewer.session.session import Session
from tests import factories
from tests.session.pairs import write_pair

Shower = Callable[[Session], MainWindow]


@pytest.fixture
def pair_session(inline_session: Session, tmp_path: Path) -> Session:
    write_pair(tmp_path / "pair")
    inline_session.run("study.open", paths=(tmp_path / "pair",))
    inline_session.run("view.show", series=key(inline_session, "CT"))
    return inline_session


def key(session: Session, modality: str) -> str:
    return next(
        one.key for study in session.state.studies for one in study.series if one.modality == modality
    )


def panel(window: MainWindow) -> ColorPanel:
    window.show_panel("colours")
    made = window.tabs.currentWidget().panel
    made._look_at_picture()
    return made


def lay_beside(session: Session) -> None:
    """Give the shown picture two overlays and a shutter, as its file might bring them."""
    now = session.view.current
    frame = session.frames.load(now.series, now.index)
    spot = np.zeros(frame.plane.shape, np.uint8)
    spot[30:34, 30:34] = 255
    frame = replace(
        frame,
        overlays=(OverlayPlane(0x6000, read_only(spot), label="Marks & more"), OverlayPlane(0x6002, spot)),
        shutter=Shutter(read_only(np.flipud(spot).copy()), 0.5),
    )
    session.frames._cache.put(session.frames._key(session.series(now.series), now.index, None), frame, 1)


def test_a_colour_map_is_chosen_and_shown(window: MainWindow) -> None:
    made = panel(window)
    made.colors.setCurrentIndex(made.colors.findData("viridis"))
    made.colors.activated.emit(made.colors.currentIndex())
    assert window.session.view.current.colors == "viridis"
    window.session.run("view.colors", name="magma")
    assert made.colors.name == "magma"
    made.colors.setCurrentIndex(0)
    made.colors.activated.emit(0)
    assert window.session.view.current.colors == ""


def test_a_colour_picture_says_why_it_takes_no_map(
    inline_session: Session, tmp_path: Path, show_window: Shower
) -> None:
    factories.color(tmp_path / "photo.dcm")
    inline_session.run("study.open", paths=(tmp_path,))
    inline_session.rendering.draw(0, None)
    made = panel(show_window(inline_session))
    assert not made.colors.isEnabled()
    assert "colours of its own" in made.colors.toolTip()


@pytest.mark.rule("P-33", "P-34")
def test_each_overlay_and_the_shutter_have_a_switch(window: MainWindow) -> None:
    session = window.session
    lay_beside(session)
    made = panel(window)
    assert [box.text() for box in made.file.boxes.values()] == ["Marks && more", "Overlay 6002", "Shutter"]
    made.file.boxes[0x6002].click()
    assert session.view.current.hidden_overlays == (0x6002,)
    made.file.boxes[SHUTTER].click()
    assert session.view.current.hidden_overlays == (SHUTTER, 0x6002)
    session.run("view.shutter")
    assert made.file.boxes[SHUTTER].isChecked()


@pytest.mark.rule("P-33")
def test_the_picture_menu_lists_the_overlays_by_label(window: MainWindow) -> None:
    session = window.session
    menu = window.menus["Picture"].findChild(OverlayMenu)
    menu.fill()
    assert [one.isEnabled() for one in menu.actions()] == [False]
    lay_beside(session)
    menu.fill()
    texts = [one.text() for one in menu.actions() if not one.isSeparator()]
    assert texts == ["All overlays", "Marks && more", "Overlay 6002", "Shutter"]
    menu.actions()[0].trigger()
    assert session.view.current.hidden_overlays == (0x6000, 0x6002)
    menu.fill()
    menu.actions()[2].trigger()
    assert session.view.current.hidden_overlays == (0x6002,)


def test_a_series_is_laid_over_the_picture_and_taken_away(pair_session: Session, show_window: Shower) -> None:
    made = panel(show_window(pair_session)).fusion
    assert made.series.count() == 2
    assert made.look.isHidden()
    made.series.setCurrentIndex(1)
    made.series.activated.emit(1)
    fusion = pair_session.view.current.fusion
    assert fusion is not None
    assert fusion.series == key(pair_session, "PT")
    assert not made.look.isHidden()
    made.opacity.tell(0.25)
    made.fades.click()
    made.colors.setCurrentIndex(made.colors.findData("pet"))
    made.colors.activated.emit(0)
    made.center.show_number(4000)
    made.width_field.show_number(8000)
    made._set_window()
    fusion = pair_session.view.current.fusion
    assert fusion is not None
    assert (fusion.opacity, fusion.fades, fusion.colors) == (0.25, True, "pet")
    assert (fusion.voi.center, fusion.voi.width) == (4000, 8000)
    made.own.click()
    assert not pair_session.view.current.fusion.voi.is_known
    made.series.setCurrentIndex(0)
    made.series.activated.emit(0)
    assert pair_session.view.current.fusion is None
    assert made.look.isHidden()


def test_without_another_series_there_the_panel_says_why(window: MainWindow, tmp_path: Path) -> None:
    made = panel(window).fusion
    assert made.series.isHidden()
    assert made._none.text() == "No other series is open."
    factories.mr(tmp_path / "mr", patient="P2")
    window.session.run("study.open", paths=(tmp_path / "mr",))
    window.session.run("view.show", series=key(window.session, "CT"))
    assert "different frames of reference" in made._none.text()


def test_the_screen_draws_the_bar_that_the_export_draws(pair_session: Session, show_window: Shower) -> None:
    pair_session.run("view.colors", name="viridis")
    window = show_window(pair_session)
    QApplication.processEvents()
    view = window.grid.active_view
    seen = view.grab().toImage()
    viewing = view.viewing
    assert viewing is not None
    shapes = pair_session.rendering.shapes(0, viewing, density=view.ratio)
    bar = next(one for one in shapes if isinstance(one, ColorBar))
    x = round(bar.x + bar.width / 2)
    rows = range(round(bar.y) + 2, round(bar.y + bar.height) - 2)
    table = color_map("viridis").colors.astype(int)
    for y in rows:
        color = seen.pixelColor(x, y)
        share = 1 - (y - bar.y) / bar.height
        assert np.abs(table - (color.red(), color.green(), color.blue())).max(axis=1).min() <= 1
        expected = table[round(share * 255)]
        assert np.abs(expected - (color.red(), color.green(), color.blue())).max() <= 12


def test_every_panel_has_an_icon_and_its_name_is_told(window: MainWindow) -> None:
    bar = window.tabs.tabBar()
    titles = [bar.accessibleTabName(at) for at in range(bar.count())]
    assert all(titles)
    for at, title in enumerate(titles):
        assert not window.tabs.tabIcon(at).isNull(), title
        assert title in window.tabs.tabToolTip(at)
        window.tabs.setCurrentIndex(at)
        assert [window.tabs.tabText(one) for one in range(bar.count()) if window.tabs.tabText(one)] == [title]


def test_all_tabs_fit_in_the_smallest_window(window: MainWindow) -> None:
    window.resize(1024, 700)
    QApplication.processEvents()
    bar = window.tabs.tabBar()
    for at in range(bar.count()):
        window.tabs.setCurrentIndex(at)
        QApplication.processEvents()
        assert bar.tabRect(bar.count() - 1).right() <= window.tabs.width(), bar.accessibleTabName(at)


def test_a_phase_above_is_chosen_here_unless_a_viewport_shows_it(
    inline_session: Session, tmp_path: Path, show_window: Shower
) -> None:
    factories.ct(tmp_path / "ct", 5, rows=16, columns=20, series="ct")
    factories.repeated(tmp_path / "mr", [{"TriggerTime": time} for time in (0, 40, 80)], series="mr")
    session = inline_session
    session.run("study.open", paths=(tmp_path,))
    session.run("view.show", series=key(session, "CT"))
    window = show_window(session)
    form = panel(window).fusion
    session.run("fusion.set", series=key(session, "MR"))
    assert [form.value.itemText(at) for at in range(form.value.count())][1] == "Phase 2 / 3  (40 ms)"
    form.value.activated.emit(2)
    fusion = session.rendering.request(0, None).fusion
    assert (fusion.index, form.value.currentIndex()) == (10, 2)
    session.run("view.layout", rows=1, columns=2)
    session.run("view.show", series=key(session, "MR"), viewport=1)
    session.run("view.activate", viewport=0)
    assert not form.value.isEnabled()
    assert form._led.isVisibleTo(form)
    assert form.value.currentIndex() == 0
