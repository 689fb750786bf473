"""Slow filters, strip by strip."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from medviewer.imaging.enhance.in_parts import in_parts
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.kit.errors import Cancelled
from medviewer.kit.task import CancelToken, Progress, TaskContext

PICTURE = np.random.default_rng(5).random((1500, 700)).astype(np.float32)


def blurred(part: np.ndarray) -> np.ndarray:
    return cv2.blur(part, (1, 31), borderType=cv2.BORDER_REFLECT)


def test_strips_give_what_the_whole_picture_gives() -> None:
    assert np.allclose(in_parts(PICTURE, 15, blurred, None), blurred(PICTURE), atol=1e-6)


def test_a_filter_that_reaches_further_than_it_says_is_noticed_here() -> None:
    assert not np.allclose(in_parts(PICTURE, 3, blurred, None), blurred(PICTURE), atol=1e-6)


def test_a_slow_filter_tells_how_far_it_is_and_can_be_stopped() -> None:
    token, told = CancelToken(), []

    def tell(progress: Progress) -> None:
        told.append(progress.fraction)
        if len(told) == 2:
            token.cancel()

    with pytest.raises(Cancelled):
        in_parts(PICTURE, 15, blurred, TaskContext(token, tell))
    assert told[0] == 0
    assert 0 < told[1] < 1


def test_waiting_for_it_changes_no_pixel() -> None:
    bilateral = ENHANCEMENTS["bilateral"]
    assert np.array_equal(bilateral(PICTURE), bilateral(PICTURE, context=TaskContext()))
