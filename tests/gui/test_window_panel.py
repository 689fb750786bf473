"""The numbers of the window, for Hounsfield units as for values far below one, and what makes the greys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from medviewer.core.voi import digits_for
from medviewer.gui.main_window import MainWindow
from medviewer.gui.panels.window import WindowPanel
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
