"""Pages of a PDF as pixels, for documents that this program has made itself.

What comes from strangers is read by a process of its own instead, which may die of it.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

import numpy as np
import pypdfium2
from numpy.typing import NDArray

POINTS_PER_INCH = 72
_TURN = Lock()
"""PDFium does one thing at a time."""


def pages(
    content: bytes, dots_per_inch: float, check: Callable[[], object] = lambda: None
) -> tuple[NDArray[np.uint8], ...]:
    """Each page as (row, column, 3) RGB; *check* is called before each and may raise to stop."""
    found = []
    with _TURN:
        document = pypdfium2.PdfDocument(content)
        try:
            for number in range(len(document)):
                check()
                drawn = document[number].render(scale=dots_per_inch / POINTS_PER_INCH, rev_byteorder=True)
                found.append(np.ascontiguousarray(drawn.to_numpy()[..., :3]))
        finally:
            document.close()
    return tuple(found)
