"""The numbers of the window, for Hounsfield units as for values far below one, and what makes the greys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from medviewer.core.view3d import View3D
from medviewer.core.voi import Curve, digits_for
from medviewer.gui.main_window import MainWindow
from medviewer.gui.messages import run
from medviewer.gui.panels.window import NO_COUNTS, WindowPanel
from medviewer.imaging.grayscale import greys8, normalised
from medviewer.kit.task import Task, TaskContext
from medviewer.session.commands.window import current
from medviewer.session.session import Session
from tests import factories

Show = Callable[[Session], MainWindow]


def panel(session: Session, show_window: Show, folder: Path, **values: Any) -> WindowPanel:
    """The panel with a picture of stored values 0 to 3000 whose file says *values*."""
    pixels = np.linspace(0, 3000, 4096).astype(np.uint16).reshape(64, 64)
    path = factories.gray(folder / "a.dcm", pixels, modality="MR", **values)
    session.run("study.open", paths=(path,))
    window = show_window(session)
    now = session.view.current
    assert now.series is not None
    session.frames.load(now.series, now.index)
    found = window.tabs.findChild(WindowPanel)
    assert found is not None
    found._look_at_picture()
    return found


FINE = {"RescaleSlope": "0.000001", "RescaleIntercept": "0", "WindowCenter": "0.001", "WindowWidth": "0.002"}


@pytest.mark.rule("P-21")
def test_a_diffusion_map_shows_digits_that_count(
    inline_session: Session, show_window: Show, tmp_path: Path
) -> None:
    shown = panel(inline_session, show_window, tmp_path, VOILUTFunction="LINEAR_EXACT", **FINE)
    assert (shown.center.text(), shown.width_field.text()) == ("0.001", "0.002")
    assert "0.001 / 0.002" in [button.text() for button in shown.findChildren(QPushButton)]
    shown.center.setText("0.0012")
    shown.center.setModified(True)
    shown.center.returnPressed.emit()
    voi = current(inline_session)
    assert (voi.center, voi.width) == pytest.approx((0.0012, 0.002))


def test_the_histogram_can_be_narrowed_to_fine_values(
    inline_session: Session, show_window: Show, tmp_path: Path
) -> None:
    shown = panel(inline_session, show_window, tmp_path, VOILUTFunction="LINEAR_EXACT", **FINE)
    shown._drag(0.0005, 0.001)
    assert current(inline_session).width == pytest.approx(0.0005)


def test_typing_the_centre_leaves_every_digit_of_the_width(
    inline_session: Session, show_window: Show, tmp_path: Path
) -> None:
    shown = panel(inline_session, show_window, tmp_path, WindowCenter="500.25", WindowWidth="700.75")
    assert (shown.center.text(), shown.width_field.text()) == ("500", "701")
    shown.center.setText("600")
    shown.center.setModified(True)
    shown.center.returnPressed.emit()
    assert (current(inline_session).center, current(inline_session).width) == (600, 700.75)


def _shown_presets(session: Session, show_window: Show, path: Path) -> tuple[MainWindow, WindowPanel]:
    session.run("study.open", paths=(path,))
    window = show_window(session)
    session.frames.load(session.view.current.series, 0)
    found = window.tabs.findChild(WindowPanel)
    assert found is not None
    found._look_at_picture()
    QApplication.processEvents()
    return window, found


def _buttons(panel: WindowPanel) -> list[str]:
    return [one.text() for one in panel._presets.findChildren(QPushButton) if one.isVisible()]


SUV_PIXELS = np.linspace(0, 30000, 4096).astype(np.uint16).reshape(64, 64)
SUV = {"Units": "GML", "RescaleSlope": "0.001", "RescaleIntercept": "0"}


def test_a_pet_in_suv_has_presets_that_are_exact_ranges(
    inline_session: Session, show_window: Show, tmp_path: Path
) -> None:
    path = factories.gray(tmp_path / "pet.dcm", SUV_PIXELS, modality="PT", **SUV)
    window, shown = _shown_presets(inline_session, show_window, path)
    assert _buttons(shown) == ["SUV 0-5", "SUV 0-7", "SUV 0-10", "SUV 0-20"]
    window.grid.setFocus()
    QTest.keyClick(window.grid.active_view, Qt.Key.Key_4)
    chosen = current(inline_session)
    assert (chosen.name, chosen.curve) == ("SUV 0-10", Curve.LINEAR_EXACT)
    frame = inline_session.rendering.frame(inline_session.view.current)
    assert frame is not None
    values = frame.rescale.apply(frame.pixels)
    grey = greys8(normalised(values, chosen), inverted=False)
    assert set(grey[values >= 10]) == {255}
    assert grey[values < 0.01].max() == 0
    assert abs(int(grey[abs(values - 5) < 0.005].mean()) - 127) <= 1


@pytest.mark.parametrize(
    ("modality", "values", "why"),
    [
        ("PT", {"Units": "BQML", "RescaleType": "BQML"}, "Presets for PT are in SUVbw."),
        ("PT", {**SUV, "SUVType": "LBM"}, "These values are in SUVlbm."),
        ("MR", {}, "MR has no fixed scale"),
    ],
    ids=["activity", "lean body mass", "MR"],
)
def test_where_no_preset_is_honest_panel_and_keys_say_why(
    inline_session: Session,
    show_window: Show,
    tmp_path: Path,
    modality: str,
    values: dict[str, str],
    why: str,
) -> None:
    path = factories.gray(tmp_path / "a.dcm", SUV_PIXELS, modality=modality, **values)
    window, shown = _shown_presets(inline_session, show_window, path)
    assert _buttons(shown) == []
    assert shown._none.isVisible()
    assert why in shown._none.text()
    before = current(inline_session)
    window.grid.setFocus()
    QTest.keyClick(window.grid.active_view, Qt.Key.Key_3)
    (said,) = inline_session.state.notices
    assert why in f"{said.message} {said.advice}"
    assert current(inline_session) == before
    if modality == "PT":
        assert run(inline_session, "window.preset", name="SUV 0-5") is None
        assert "is meant for SUVbw" in inline_session.state.notices[-1].message
        assert current(inline_session) == before


@pytest.mark.rule("P-16", "P-13")
def test_it_is_said_when_no_straight_line_makes_the_greys(
    inline_session: Session, show_window: Show, tmp_path: Path
) -> None:
    shown = panel(
        inline_session,
        show_window,
        tmp_path,
        WindowCenter="500",
        WindowWidth="1000",
        VOILUTFunction="SIGMOID",
    )
    said = [label.text() for label in shown.findChildren(QLabel) if not label.isHidden()]
    assert "A sigmoid curve of the file makes the greys." in said
    inline_session.run("window.set", center=500, width=1000)
    said = [label.text() for label in shown.findChildren(QLabel) if not label.isHidden()]
    assert not any("sigmoid" in words for words in said)


@pytest.mark.parametrize(
    ("width", "digits"), [(2000, 0), (50, 0), (6.46, 1), (3, 3), (0.5, 3), (0.002, 5), (0, 14)]
)
def test_a_narrow_window_has_three_digits_that_count(width: float, digits: int) -> None:
    assert digits_for(width) == digits


def test_values_that_were_counted_for_a_slice_are_not_shown_beside_a_body(
    ct_session: Session, show_window: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = show_window(ct_session)
    shown = window.tabs.findChild(WindowPanel)
    assert shown is not None
    ct_session.frames.load(ct_session.view.current.series, ct_session.view.current.index)
    counts: list[Task[Any]] = []
    monkeypatch.setattr(ct_session, "submit", counts.append)
    shown._look_at_picture()
    monkeypatch.undo()
    (counting,) = [one for one in counts if one.replaces == "histogram"]
    _become_body(ct_session)
    shown._look_at_picture()
    counting.done(counting.work(TaskContext()))
    assert not shown._place.isVisible()
    assert shown._range.text() == NO_COUNTS
    ct_session.change(lambda view: view.with_viewport(0, replace(view.current, view3d=None)))
    shown._look_at_picture()
    assert shown._place.isVisible()
    assert shown._range.text().startswith("Values ")


def test_the_histogram_is_that_of_the_plane_that_is_shown(ct_session: Session, show_window: Show) -> None:
    window = show_window(ct_session)
    shown = window.tabs.findChild(WindowPanel)
    assert shown is not None
    counted = []
    for plane in ("sagittal", "coronal"):
        ct_session.run("plane.show", name=plane)
        now = ct_session.view.current
        frame = ct_session.frames.load(now.series, now.index, now.cut)
        assert shown._timer.isActive()
        shown._timer.stop()
        shown._look_at_picture()
        counted.append((shown._range.text(), int(frame.values().max())))
    for words, highest in counted:
        assert f"to {highest:.4g} HU" in words


def _become_body(session: Session) -> None:
    now = session.view.current
    session.change(lambda view: view.with_viewport(0, replace(now, view3d=View3D("ct-mip"))))
