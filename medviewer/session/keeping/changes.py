"""What has changed between two states of the readings of a study, as few bytes; and the later one again.

Of a tuple the changed run is written; of label slices the changed ones, and of those the box around the
pixels that have changed.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import compress, count
from operator import is_not
from typing import Any

import numpy as np

from medviewer.core.labels import LabelMap
from medviewer.core.pipeline import Pipeline
from medviewer.core.study import SeriesKey
from medviewer.core.volume import read_only
from medviewer.session.keeping.packing import Slice, packed_already, unpacked
from medviewer.session.keeping.plain import ITEMS, LARGEST_LABELS, Part, Slices, look_of, plain_look
from medviewer.session.state import Reading

Readings = Mapping[SeriesKey, Reading]

MOST_SLICES = 1 << 20
WORTH_PACKING = range(256, 1 << 20)
"""Bytes: below there is nothing to gain, above the window would wait for it."""
_LENGTHS = struct.Struct("<II")
"""of the JSON, and of the pixels before they were packed"""
_NOTHING = LabelMap((), (), id="-")


def difference(before: Readings, after: Readings) -> bytes | None:
    """What turns *before* into *after*, None when nothing does."""
    pixels: list[bytes] = []
    changed = {}
    for key, reading in after.items():
        old = before.get(key)
        said = None if reading is old else _reading_difference(old or Reading(key), reading, pixels)
        if said or (said is not None and old is None):
            changed[key] = said
    gone = [key for key in before if key not in after]
    if not changed and not gone:
        return None
    plain = b"".join(pixels)
    packed = zlib.compress(plain, 1) if len(plain) in WORTH_PACKING else plain
    text = json.dumps({"changed": changed, "gone": gone}).encode()
    return _LENGTHS.pack(len(text), len(plain)) + text + packed


def applied(before: Readings, difference: bytes) -> dict[SeriesKey, Reading]:
    """*before* with a *difference*. Raises what `plain.DAMAGE` lists."""
    length, size = _LENGTHS.unpack_from(difference)
    text, packed = difference[_LENGTHS.size :][:length], difference[_LENGTHS.size + length :]
    if size > LARGEST_LABELS:
        raise ValueError("more pixels than any series has")
    pixels = _Pixels(zlib.decompressobj().decompress(packed, size) if size in WORTH_PACKING else packed)
    found = json.loads(text)
    gone = set(found["gone"])
    readings = {key: one for key, one in before.items() if key not in gone}
    for key, said in found["changed"].items():
        readings[key] = _changed_reading(readings.get(key) or Reading(key), said, pixels)
    return readings


def _reading_difference(old: Reading, new: Reading, pixels: list[bytes]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if new.pipeline is not old.pipeline and new.pipeline != old.pipeline:
        said["pipeline"] = new.pipeline.to_json()
    if new.stack_chosen != old.stack_chosen:
        said["stack_chosen"] = new.stack_chosen
    for name, part in ITEMS.items():
        before, after = getattr(old, name), getattr(new, name)
        if before is not after and before != after:
            said[name] = _run_difference(before, after, part)
    if len(old.groups) != len(new.groups) or any(map(is_not, old.groups, new.groups)):
        said["groups"] = [_group_difference(old.groups, one, pixels) for one in new.groups]
    return said


def _changed_reading(old: Reading, said: Mapping[str, Any], pixels: _Pixels) -> Reading:
    parts: dict[str, Any] = {
        name: _changed_run(getattr(old, name), said[name], part)
        for name, part in ITEMS.items()
        if name in said
    }
    if "pipeline" in said:
        parts["pipeline"] = Pipeline.from_json(said["pipeline"])
    if "stack_chosen" in said:
        parts["stack_chosen"] = bool(said["stack_chosen"])
    if "groups" in said:
        _check_size(old.groups, said["groups"])
        parts["groups"] = tuple(_changed_group(old.groups, one, pixels) for one in said["groups"])
    return replace(old, **parts)


def _run_difference(before: Sequence[Any], after: Sequence[Any], part: Part) -> list[Any]:
    """[how many stay at the beginning, how many at the end, what stands between them now]"""
    least = min(len(before), len(after))
    first = next((at for at in range(least) if not _same(before[at], after[at])), least)
    ends = range(1, least - first + 1)
    last = next((at - 1 for at in ends if not _same(before[-at], after[-at])), least - first)
    return [first, last, [part[0](one) for one in after[first : len(after) - last]]]


def _changed_run(before: tuple[Any, ...], said: Any, part: Part) -> tuple[Any, ...]:
    first, last, middle = said
    if not (type(first) is type(last) is int and first >= 0 and last >= 0 and first + last <= len(before)):
        raise ValueError("a change of what is not there")
    return (*before[:first], *(part[1](one) for one in middle), *before[len(before) - last :])


def _same(one: Any, other: Any) -> bool:
    return one is other or bool(one == other)


def _group_difference(before: tuple[LabelMap, ...], new: LabelMap, pixels: list[bytes]) -> dict[str, Any]:
    at = next((at for at, one in enumerate(before) if one.id == new.id), -1)
    old = before[at] if at >= 0 else _NOTHING
    if old is new:
        return {"from": at}
    is_look_new = at < 0 or _look(old) != _look(new)
    return {
        "from": at,
        "count": len(new.slices),
        "slices": _slices_difference(old.slices, new.slices, pixels),
        **({"look": plain_look(new)} if is_look_new else {}),
    }


def _look(labels: LabelMap) -> tuple[Any, ...]:
    return labels.labels, labels.name, labels.source, labels.opacity, labels.state, labels.provenance


def _changed_group(before: tuple[LabelMap, ...], said: Mapping[str, Any], pixels: _Pixels) -> LabelMap:
    at = said["from"]
    if type(at) is not int or not -1 <= at < len(before):
        raise ValueError("a change of a label map that is not there")
    old = before[at] if at >= 0 else _NOTHING
    if "count" not in said and at >= 0:
        return old
    slices = _changed_slices(old.slices, said, pixels)
    return look_of(said["look"], slices) if "look" in said else replace(old, slices=slices)


def _slices_difference(before: Slices, after: Slices, pixels: list[bytes]) -> list[Any]:
    before = (*before[: len(after)], *(None,) * (len(after) - len(before)))
    changed = compress(count(), map(is_not, before, after))
    said = (_slice_difference(at, before[at], after[at], pixels) for at in changed)
    return [one for one in said if one is not None]


def _slice_difference(at: int, old: Slice | None, new: Slice | None, pixels: list[bytes]) -> list[Any] | None:
    """[at] for a slice that is gone, else also its rows and columns, the box (top, left, height, width), how.

    *how* is the value that all changed pixels have now, which a bit each says; -1: the whole box is written.
    A slice that was packed before is written as that, after its rows and columns: nothing is compared.
    """
    if new is None:
        return [at]
    text = packed_already(new)
    if text is not None:
        return [at, *new.shape, text]
    is_known = old is not None and old.shape == new.shape
    differs = new != old if is_known else new != 0
    rows = np.flatnonzero(differs.any(1))
    if not rows.size:
        return None if is_known else [at, *new.shape, 0, 0, 0, 0, -1]
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(differs[top:bottom].any(0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    box = (slice(top, bottom), slice(left, right))
    place = [at, *new.shape, top, left, bottom - top, right - left]
    value = int(new[top, left + int(differs[top, left:right].argmax())])
    if bool(((new[box] == value) | ~differs[box]).all()):
        pixels.append(np.packbits(differs[box]).tobytes())
        return [*place, value]
    pixels.append(new[box].tobytes())
    return [*place, -1]


def _changed_slices(before: Slices, said: Mapping[str, Any], pixels: _Pixels) -> Slices:
    number = said["count"]
    if type(number) is not int or not 0 <= number <= MOST_SLICES:
        raise ValueError("more slices than any series has")
    slices = [*before[:number], *(None,) * (number - len(before))]
    for one in said["slices"]:
        at, *place = one
        if type(at) is not int or not 0 <= at < number:
            raise ValueError("a change of a slice that is not there")
        if len(place) == 3:
            rows, columns, text = place
            slices[at] = unpacked({"shape": (rows, columns), "zlib": text})
        else:
            slices[at] = None if not place else _changed_slice(slices[at], place, pixels)
    return tuple(slices)


def _changed_slice(old: Slice | None, place: Sequence[int], pixels: _Pixels) -> Slice:
    rows, columns, top, left, height, width, value = place
    is_inside = 0 <= top <= top + height <= rows and 0 <= left <= left + width <= columns
    if rows < 1 or columns < 1 or not is_inside:
        raise ValueError("a change beyond the edge of a slice")
    shape = (rows, columns)
    new = old.copy() if old is not None and old.shape == shape else np.zeros(shape, np.uint8)
    box = new[top : top + height, left : left + width]
    if value < 0:
        box[...] = np.frombuffer(pixels.take(height * width), np.uint8).reshape(box.shape)
    else:
        bits = np.frombuffer(pixels.take((height * width + 7) // 8), np.uint8)
        box[np.unpackbits(bits, count=height * width).reshape(box.shape) > 0] = value
    return read_only(new)


def _check_size(before: tuple[LabelMap, ...], said: Sequence[Mapping[str, Any]]) -> None:
    """Raise ValueError before anything is made where all label slices together claim too much."""
    size = sum(
        before[one["from"]].bytes
        for one in said
        if type(one["from"]) is int and 0 <= one["from"] < len(before)
    )
    places = (place for one in said for place in one.get("slices", ()) if len(place) > 1)
    if size + sum(int(place[1]) * int(place[2]) for place in places) > 2 * LARGEST_LABELS:
        raise ValueError("the label slices claim an impossible size")


class _Pixels:
    """Bytes, taken from the front."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def take(self, size: int) -> bytes:
        """The next *size* bytes. Raises ValueError when there are not so many."""
        taken = self._content[self._at : self._at + size]
        if len(taken) < size:
            raise ValueError("pixels are missing")
        self._at += size
        return taken
