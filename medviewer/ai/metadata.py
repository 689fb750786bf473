"""Reading what a model says about itself without loading it.

An ONNX file is one protobuf message (onnx.proto, ModelProto). Only its top level is walked here, so that
listing models starts no library and costs no time; everything that is run is screened by `screen` first.
"""

from __future__ import annotations

from collections.abc import Iterator

from medviewer.kit.errors import ModelTrouble

METADATA_PROPS = 14
GRAPH = 7
LARGEST_VALUE = 8_000_000

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def metadata(data: bytes, name: str) -> dict[str, str]:
    """The metadata of a model. Raises ModelTrouble when *data* is no ONNX model or says a thing twice."""
    found: dict[str, str] = {}
    graphs = 0
    try:
        for number, start, end in _fields(data, 0, len(data)):
            if number == GRAPH:
                graphs += 1
            if number != METADATA_PROPS:
                continue
            if end - start > LARGEST_VALUE:
                raise ModelTrouble(f"The metadata of {name} are far too large.")
            key, value = _entry(data, start, end)
            if key in found:
                # ONNX Runtime would silently take the last one
                raise ModelTrouble(f"The metadata of {name} have two entries {key!r:.60}.", _ASK)
            found[key] = value
    except (IndexError, ValueError):
        raise not_onnx(name) from None
    if graphs != 1:
        raise not_onnx(name)
    return found


def not_onnx(name: str) -> ModelTrouble:
    """The error for a file that only pretends."""
    return ModelTrouble(f"{name} is no complete ONNX model.", "Copy or export it again.")


_ASK = "Ask its maker for a correct file."


def _entry(data: bytes, start: int, end: int) -> tuple[str, str]:
    texts = {1: "", 2: ""}
    for number, first, last in _fields(data, start, end):
        if number in texts:
            texts[number] = data[first:last].decode("utf-8")
    return texts[1], texts[2]


def _fields(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(field number, start, end) of each field of a message. Raises ValueError or IndexError."""
    while at < end:
        key, at = _varint(data, at)
        kind, start = key & 7, at
        if kind == _VARINT:
            _, at = _varint(data, at)
        elif kind == _BYTES:
            length, start = _varint(data, at)
            at = start + length
        elif kind in (_FIXED64, _FIXED32):
            at += 8 if kind == _FIXED64 else 4
        else:
            raise ValueError("a wire type that ONNX does not use")
        if at > end or key >> 3 == 0:
            raise ValueError("a field beyond the end")
        yield key >> 3, start, at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("a number that is too long")
