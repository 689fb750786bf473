"""Pages of a PDF of which nobody knows who made it, drawn by a process of its own within limits."""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.volume import read_only
from medviewer.kit.child import SECONDS_TO_START, Child, Ended
from medviewer.kit.errors import DamagedFile, TooLarge

LARGEST_DOCUMENT = 256 << 20
SECONDS = 20.0
"""For one page: dense drawings of plans take about two."""
ROOM = 48 << 20
"""Bytes of one drawn page: 4,000 x 4,000 pixels."""


class Pages:
    """One document. Any thread may ask, one at a time; workers do, as a page takes a moment."""

    def __init__(self, content: bytes, name: str) -> None:
        """Start the process and open the document. Raises DamagedFile or TooLarge."""
        if len(content) > LARGEST_DOCUMENT:
            raise TooLarge(f"The document in {name} has more than {LARGEST_DOCUMENT >> 20} MB.", "Save it.")
        from medviewer.imaging.documents.process import serve  # noqa: PLC0415  (numpy and pipes only)

        self._name = name
        self._turn = Lock()
        self._child: Child | None = Child("document", serve)
        try:
            self._child.receive(SECONDS_TO_START)
            memory = self._child.room(max(len(content), ROOM))
            assert memory.buf is not None
            memory.buf[: len(content)] = content
            answer = self._ask({"memory": memory.name, "length": len(content)})
        except Ended:
            self.close()
            raise self._damaged() from None
        except DamagedFile:
            self.close()
            raise
        self.count = int(answer["pages"])
        """how many pages there are"""

    def page(self, number: int, width: int) -> NDArray[np.uint8]:
        """Page *number* from 0, about *width* pixels wide: (row, column, 3) RGB. Raises DamagedFile."""
        with self._turn:
            if self._child is None:
                raise self._damaged()
            try:
                memory = self._child.room(ROOM)
                request = {"memory": memory.name, "page": number, "width": width, "room": ROOM}
                answer = self._ask(request)
                rows, columns = int(answer["rows"]), int(answer["columns"])
                if not 0 < rows * columns * 3 <= ROOM:
                    raise self._damaged()
                drawn = np.ndarray((rows, columns, 3), np.uint8, memory.buf)
                return read_only(drawn.copy())
            except Ended:
                self.close()
                raise self._damaged() from None

    def close(self) -> None:
        """End the process."""
        child, self._child = self._child, None
        if child is not None:
            child.end()

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._child is not None
        self._child.send(request)
        answer = self._child.receive(SECONDS)
        if not isinstance(answer, dict) or "trouble" in answer:
            raise self._damaged()
        return answer

    def _damaged(self) -> DamagedFile:
        return DamagedFile(
            f"The document in {self._name} cannot be drawn: it is damaged, or does what no document should.",
            "It can be saved and opened elsewhere, if you trust where it came from.",
        )
