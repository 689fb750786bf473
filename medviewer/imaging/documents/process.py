"""The process that reads documents of strangers: it may die of them, and has limits of memory and time."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np

from medviewer.kit.limits import limit_memory, limit_time
from medviewer.kit.spawning import end_with_parent

MOST_MEMORY = 2 << 30
MOST_PAGES = 5_000
_SECONDS_OF_CPU = 60
_LARGEST_POINTS = 200 * 72
"""A side of a page in points: 200 inches is what PDF allows"""


def serve(connection: Connection) -> None:
    """Answer requests until the parent hangs up or dies."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    import pypdfium2  # noqa: PLC0415  (in this process only, never in the program)

    limit_memory(MOST_MEMORY)
    reader = _Reader(pypdfium2)
    with contextlib.suppress(EOFError, OSError, BrokenPipeError):
        connection.send_bytes(b'{"ready": true}')
        while True:
            request = json.loads(connection.recv_bytes())
            limit_time(_SECONDS_OF_CPU)
            try:
                answer = reader.answer(request)
            except (pypdfium2.PdfiumError, ValueError, TypeError, MemoryError, LookupError) as trouble:
                answer = {"trouble": type(trouble).__name__}
            connection.send_bytes(json.dumps(answer).encode())


class _Reader:
    """One document at a time."""

    def __init__(self, pdfium: Any) -> None:
        self._pdfium = pdfium
        self._document: Any = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        memory = SharedMemory(request["memory"])
        assert memory.buf is not None
        try:
            if "length" in request:
                self._document = self._pdfium.PdfDocument(bytes(memory.buf[: request["length"]]))
                return {"pages": min(len(self._document), MOST_PAGES)}
            return self._page(memory, int(request["page"]), int(request["width"]), int(request["room"]))
        finally:
            memory.close()

    def _page(self, memory: SharedMemory, number: int, width: int, room: int) -> dict[str, Any]:
        page = self._document[number]
        points = page.get_size()
        if not all(0 < one <= _LARGEST_POINTS for one in points):
            return {"trouble": "size"}
        # a page may be as long as it likes: it is drawn smaller where it would not fit
        scale = min(width / points[0], (room / 3 / (points[0] * points[1])) ** 0.5 * 0.98)
        drawn = page.render(scale=scale, rev_byteorder=True).to_numpy()[..., :3]
        rows, columns = drawn.shape[:2]
        if drawn.nbytes > room:
            return {"trouble": "size"}
        np.ndarray(drawn.shape, np.uint8, memory.buf)[:] = drawn
        page.close()
        return {"rows": rows, "columns": columns}
