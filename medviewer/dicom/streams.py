"""Where the videos of a series stand, so that the decoder reads them in place."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from threading import Lock
from weakref import finalize

from medviewer.dicom.attributes import Attributes
from medviewer.dicom.decode import Coded
from medviewer.dicom.fragments import Fragments
from medviewer.dicom.opening import Place
from medviewer.dicom.syntax import Coding
from medviewer.dicom.walk import Bytes

_CHUNK = 1 << 20


class Streams:
    """Describes frames of videos to the decoder. A member of an archive gets a file of its own meanwhile."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._copies: dict[Place, str] = {}
        self._ended = finalize(self, _forget, self._copies)

    def coded(
        self, place: Place, attributes: Attributes, fragments: Fragments, source: Bytes, frame: int
    ) -> Coded:
        """Frame *frame* as what the decoder needs to find it."""
        path, pieces = os.path.abspath(place[0]), fragments.frames[0]
        if place[1]:
            path = self._copy(place, pieces, source)
            pieces = ((0, sum(length for _, length in pieces)),)
        about = {"path": path, "pieces": pieces, "frame": frame, "count": attributes.frames}
        return Coded(
            json.dumps(about).encode(),
            Coding.VIDEO,
            attributes.rows,
            attributes.columns,
            3,
            8,
            attributes.photometric,
            attributes.name,
            keeps=path,
        )

    def _copy(self, place: Place, pieces: tuple[tuple[int, int], ...], source: Bytes) -> str:
        with self._lock:
            if place not in self._copies:
                # a name that says nothing of whose video it is
                handle, path = tempfile.mkstemp(prefix="medviewer-", suffix=".video")
                self._copies[place] = path
                with os.fdopen(handle, "wb") as file:
                    for offset, length in pieces:
                        for start in range(offset, offset + length, _CHUNK):
                            file.write(source.at(start, min(_CHUNK, offset + length - start)))
            return self._copies[place]

    def close(self) -> None:
        """Delete the copies."""
        with self._lock:
            _forget(self._copies)


def _forget(copies: dict[Place, str]) -> None:
    for path in copies.values():
        with contextlib.suppress(OSError):
            os.unlink(path)
    copies.clear()
