"""Does a model still give here what it gave where it was made? Each carries a picture and the answer."""

from __future__ import annotations

import base64
import json
import math
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.catalog import Model
from medviewer.ai.infer import Reader
from medviewer.ai.prepare_stack import prepare_sample
from medviewer.kit.errors import ModelTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import CancelToken

LARGEST_SAMPLE = 16_000_000
TOLERANCE = 2e-3
"""of the network's raw output; other processors round in another order"""


@frozen
class Check:
    """What a check found."""

    model: str
    passed: bool
    sentence: str
    worst: float | None = None
    """the largest difference, None when nothing could be compared"""


def write_sample(picture: NDArray[Any], expected: NDArray[np.float32], tolerance: float = TOLERANCE) -> str:
    """A sample as text for the model's metadata.

    *picture* is (row, column), of a series (slice, row, column), before any preparation, so the check covers
    that too; *expected* is the raw output for it, without the batch.
    """
    return json.dumps({"picture": _packed(picture), "expected": _packed(expected), "tolerance": tolerance})


def check(model: Model, token: CancelToken | None = None) -> Check:
    """Run the sample of *model*. Faults are in the result; only Cancelled is raised."""
    try:
        reader = Reader(model, token)
        if not model.sample:
            return Check(model.name, True, "It loads. It carries no sample, so its output was not compared.")
        picture, expected, tolerance = _read_sample(model)
        worst = difference(reader, picture, expected)
    except ModelTrouble as trouble:
        return Check(model.name, False, trouble.message)
    if not worst <= tolerance:
        return Check(
            model.name, False, f"Its output differs by {worst:.2g} from the one it was made with.", worst
        )
    return Check(model.name, True, f"It gives what it gave when it was made (within {worst:.1g}).", worst)


def difference(reader: Reader, picture: NDArray[Any], expected: NDArray[Any]) -> float:
    """The largest difference of the raw output for *picture* from *expected*; infinite for another shape."""
    found = reader.raw([prepare_sample(picture, reader.card.input)])[0]
    if found.shape != expected.shape:
        return math.inf
    worst = float(np.max(np.abs(found.astype(np.float64) - expected)))
    return worst if math.isfinite(worst) else math.inf


def _packed(array: NDArray[Any]) -> dict[str, Any]:
    return {
        "shape": list(array.shape),
        "type": str(array.dtype),
        "data": base64.b64encode(zlib.compress(np.ascontiguousarray(array).tobytes(), 9)).decode(),
    }


def _read_sample(model: Model) -> tuple[NDArray[Any], NDArray[Any], float]:
    try:
        found = json.loads(model.sample)
        return _unpacked(found["picture"]), _unpacked(found["expected"]), float(found["tolerance"])
    except (KeyError, TypeError, ValueError, zlib.error, RecursionError):
        raise ModelTrouble(f"The sample that {model.name} carries is damaged.") from None


def _unpacked(found: dict[str, Any]) -> NDArray[Any]:
    kind, shape = str(found["type"]), [int(side) for side in found["shape"]]
    if kind not in ("uint8", "uint16", "int16", "float16", "float32") or any(side < 1 for side in shape):
        raise ValueError("no array that a sample may hold")
    size = math.prod(shape) * np.dtype(kind).itemsize
    if size > LARGEST_SAMPLE:
        raise ValueError("too large for a sample")
    unpacker = zlib.decompressobj()
    data = unpacker.decompress(base64.b64decode(found["data"], validate=True), size + 1)
    if len(data) != size:
        raise ValueError("the data have another size than they claim")
    return np.frombuffer(data, kind).reshape(shape)
