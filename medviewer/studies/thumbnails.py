"""Small pictures of series for the study list, kept on disk without any name."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medviewer.core.study import Series, SeriesKey
from medviewer.core.voi import VOI
from medviewer.core.volume import FrameSource, read_only
from medviewer.imaging.grayscale import effective_voi
from medviewer.imaging.render import RenderRequest, render
from medviewer.kit.files import write_atomically

SIZE = 128
"""The longer side, in pixels."""
_LARGEST_FILE = SIZE * SIZE * 4 + 1024


class Thumbnails:
    """Pictures of at most SIZE x SIZE in *folder*, or in memory when there is none. Threads may share it."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._held: dict[str, NDArray[np.uint8]] = {}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def get(self, series: Series) -> NDArray[np.uint8] | None:
        """The thumbnail, when there is one: (rows, columns) grey or (rows, columns, 3) RGB, read-only."""
        name = _name(series)
        if name not in self._held and self._folder is not None:
            found = _loaded(self._folder / name)
            if found is not None:
                self._held[name] = found
        return self._held.get(name)

    def make(self, series: Series, source: FrameSource) -> NDArray[np.uint8]:
        """The thumbnail, from the middle picture if need be. Slow: workers call it. Raises FileTrouble."""
        known = self.get(series)
        if known is not None:
            return known
        picture = drawn(series, source)
        name = _name(series)
        self._held[name] = picture
        if self._folder is not None:
            content = io.BytesIO()
            np.save(content, picture, allow_pickle=False)
            try:
                write_atomically(self._folder / name, content.getvalue())
            except OSError:
                return picture  # it is made again next time
        return picture

    def forget(self, series: Series) -> None:
        """Remove the thumbnail of a series."""
        name = _name(series)
        self._held.pop(name, None)
        if self._folder is not None:
            (self._folder / name).unlink(missing_ok=True)

    def forget_series(self, key: SeriesKey) -> None:
        """Remove what is kept of a series of which only the key is known."""
        start = _hashed(key)
        for name in [name for name in self._held if name.startswith(start)]:
            del self._held[name]
        if self._folder is not None:
            for path in self._folder.glob(f"{start}*.npy"):
                path.unlink(missing_ok=True)


def drawn(series: Series, source: FrameSource) -> NDArray[np.uint8]:
    """The middle picture of a series, SIZE pixels along its longer side, in its own window."""
    index = series.places // 2
    frame = source.frame(index)
    rows, columns = frame.pixels.shape[:2]
    height, width = rows * frame.plane.aspect, float(columns)
    scale = SIZE / max(height, width)
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    voi = effective_voi(frame, VOI.unknown())
    picture = render(frame, (), RenderRequest(series=series.key, index=index, voi=voi, size=size))
    return read_only(np.ascontiguousarray(picture.pixels))


def _name(series: Series) -> str:
    """A file name that says nothing, and changes with the picture that is shown."""
    middle = series.frames[series.places // 2] if series.frames else None
    shown = series.instances[middle.instance].sop_instance if middle is not None else ""
    return f"{_hashed(series.key)}-{_hashed(f'{shown}|{middle.frame if middle else 0}')[:12]}.npy"


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]


def _loaded(path: Path) -> NDArray[np.uint8] | None:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            return None
        with open(path, "rb") as file:
            found = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    fits = found.dtype == np.uint8 and found.ndim in (2, 3) and max(found.shape[:2]) <= SIZE
    return read_only(found) if fits else None
