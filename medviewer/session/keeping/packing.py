"""Label slices as text for a file. Each is packed once, however often the file around it is written."""

from __future__ import annotations

import base64
import weakref
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.volume import read_only

Slice = NDArray[np.uint8]


class _Packed:
    """The packed form of slices, as long as those are in use; a slice is never changed, so it stays true."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[weakref.ref[Slice], str]] = {}

    def find(self, values: Slice) -> str | None:
        """The packed form, None when it is not known."""
        kept = self._kept.get(id(values))
        # another slice may have the number of one that is no more
        return kept[1] if kept is not None and kept[0]() is values else None

    def keep(self, values: Slice, packed: str) -> None:
        """Know the packed form. Any thread may call."""
        number = id(values)

        def gone(reference: weakref.ref[Slice]) -> None:
            kept = self._kept.get(number)
            if kept is not None and kept[0] is reference:
                del self._kept[number]

        self._kept[number] = (weakref.ref(values, gone), packed)


_known = _Packed()


def packed(values: Slice) -> dict[str, Any]:
    """A slice for a JSON file."""
    text = _known.find(values)
    if text is None:
        # runs are all there is in labels: looking for nothing else takes half the room
        stream = zlib.compressobj(1, zlib.DEFLATED, strategy=zlib.Z_RLE)
        compressed = stream.compress(np.ascontiguousarray(values).data) + stream.flush()
        text = base64.b64encode(compressed).decode()
        if not values.flags.writeable:
            _known.keep(values, text)
    return {"shape": list(values.shape), "zlib": text}


def pack_ahead(slices: Iterable[Slice | None]) -> None:
    """Pack what nobody will change, so that the main thread finds it packed. Workers call it."""
    for values in slices:
        if values is not None and not values.flags.writeable:
            packed(values)


def packed_already(values: Slice) -> str | None:
    """The text of a slice that was packed before, None where nobody has yet."""
    return _known.find(values)


def unpacked(found: Mapping[str, Any]) -> Slice:
    """The slice that `packed` wrote. Raises what `plain.DAMAGE` lists."""
    rows, columns = (int(side) for side in found["shape"])
    if rows < 1 or columns < 1:
        raise ValueError("a label slice claims an impossible size")
    text = found["zlib"]
    # the buffer may not grow beyond what the shape says, whatever the compressed data claim
    plain = zlib.decompressobj().decompress(base64.b64decode(text), rows * columns)
    values = read_only(np.frombuffer(plain, np.uint8).reshape(rows, columns))
    _known.keep(values, str(text))
    return values
