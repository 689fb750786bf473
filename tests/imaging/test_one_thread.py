"""The threads of OpenCV belong to the whole process: nothing here may change their number while it works."""

from __future__ import annotations

import re
from pathlib import Path

import cv2

import medviewer.imaging.render  # noqa: F401 - the first thing that any picture needs

PRODUCT = Path(__file__).parents[2] / "medviewer"


def test_opencv_has_one_thread_as_soon_as_pictures_can_be_made() -> None:
    assert cv2.getNumThreads() == 1


def test_one_line_of_the_product_and_no_other_sets_the_number_of_threads() -> None:
    said = [
        path.name
        for path in PRODUCT.rglob("*.py")
        if re.search(r"setNumThreads", path.read_text(encoding="utf-8"))
    ]
    assert said == ["one_thread.py"]
