"""The Enhance panel takes the greys for a match from another viewport."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication, QLabel

from medviewer.gui.main_window import MainWindow
from medviewer.gui.panels.reference import NONE, ReferenceButton
from medviewer.session.session import Session
from tests import factories


def told(window: MainWindow) -> str:
    QApplication.processEvents()
    return " ".join(label.text() for label in window.findChildren(QLabel))


def button(window: MainWindow) -> ReferenceButton:
    QApplication.processEvents()
    # the form of another step is deleted in the next turn of the event loop
    (found,) = [one for one in window.findChildren(ReferenceButton) if one.isVisible()]
    return found


def entries(window: MainWindow) -> dict[str, object]:
    menu = button(window).menu()
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions() if action.text()}


def test_the_menu_offers_the_other_viewports_and_says_what_the_reference_is(
    inline_session: Session, show_window: Callable[[Session], MainWindow], tmp_path: Path
) -> None:
    factories.ct(tmp_path / "ct", 3, series="1", SeriesDescription="Chest")
    factories.mr(tmp_path / "mr", 3, series="2", SeriesDescription="Head & neck")
    inline_session.run("study.open", paths=(tmp_path,))
    window = show_window(inline_session)
    window.show_panel("enhance")
    inline_session.run("enhance.add", operation="match")
    assert "all greys equally often" in told(window)
    offered = entries(window)
    assert not offered[NONE].isEnabled()
    other = next(
        one.key
        for study in inline_session.state.studies
        for one in study.series
        if one.key != inline_session.view.current.series
    )
    inline_session.run("view.layout", rows=1, columns=2)
    inline_session.run("view.show", series=other, viewport=1)
    inline_session.run("view.activate", viewport=0)
    (name,) = [name for name in entries(window) if name.startswith("Viewport 2")]
    assert "Chest" in name or "Head && neck" in name
    entries(window)[name].trigger()
    assert "1024 greys of another picture" in told(window)
    entries(window)["None: use all greys equally often"].trigger()
    assert "all greys equally often" in told(window)
