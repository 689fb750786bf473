"""One thread of OpenCV where the work is shorter than waking the others."""

from __future__ import annotations

from types import TracebackType

import cv2

MANY = cv2.getNumThreads()
ALONE = 0
"""Unlike 1 it leaves the threads that wait where they are, and costs nothing."""


class OneThread:
    """Inside, OpenCV divides nothing among threads.

    Between two calls those wait by turning in circles: a picture for the screen, of a few calls and half a
    millisecond, cost a fifth more of the processor than it has work, taken from what decodes the next one.
    A call that a worker begins in just this moment is not divided either; its pixels are the same.
    """

    def __enter__(self) -> None:
        cv2.setNumThreads(ALONE)

    def __exit__(
        self, kind: type[BaseException] | None, trouble: BaseException | None, trace: TracebackType | None
    ) -> None:
        cv2.setNumThreads(MANY)
