"""The page behind Help, Check the screen."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from medviewer.gui.dialogs.screen_check import ScreenCheckDialog
from medviewer.gui.main_window import MainWindow
from medviewer.imaging.screen_pattern import screen_pattern


@pytest.fixture
def dialog(window: MainWindow) -> ScreenCheckDialog:
    window.actions_.action("gui.screen_check").trigger()
    shown = window.desk["screen_check"]
    assert isinstance(shown, ScreenCheckDialog)
    QApplication.processEvents()
    return shown


@pytest.mark.rule("P-55")
def test_it_says_that_it_calibrates_nothing(dialog: ScreenCheckDialog) -> None:
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "does not calibrate the screen (DICOM PS3.14)" in words


@pytest.mark.rule("P-55")
def test_every_pixel_of_the_page_is_one_of_the_screen(dialog: ScreenCheckDialog) -> None:
    image = dialog.page.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    shown = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    expected = screen_pattern((image.height(), image.width())).pixels
    assert np.array_equal(shown[:, : image.width()], expected)


def test_keys_fill_the_screen_and_close_it(window: MainWindow, dialog: ScreenCheckDialog) -> None:
    QTest.keyClick(dialog, Qt.Key.Key_F11)
    assert dialog.isFullScreen()
    QTest.keyClick(dialog, Qt.Key.Key_F11)
    assert not dialog.isFullScreen()
    assert not window.isFullScreen()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
