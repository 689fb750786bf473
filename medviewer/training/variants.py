"""Smaller files of a finished model, in 16 or 8 bits, each with what it loses measured and on its card."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process
from onnxruntime.transformers.float16 import convert_float_to_float16

from medviewer.ai import catalog
from medviewer.ai.card import Card
from medviewer.ai.infer import Reader
from medviewer.ai.prepare import prepare
from medviewer.ai.prepare_stack import prepare_stack
from medviewer.ai.screen import screen
from medviewer.ai.selfcheck import check, write_sample
from medviewer.kit.errors import ModelTrouble
from medviewer.kit.frozen import frozen
from medviewer.training.export_onnx import write_model
from medviewer.training.quiet import quiet

SAMPLE_TOLERANCE = 0.05
"""Other processors round whole numbers of 8 bits in another way."""


@frozen(eq=False)
class Base:
    """The model of 32 bits."""

    path: Path
    card: Card
    figures: dict[str, Any]
    sample: NDArray[Any]
    """a picture before any preparation"""
    pictures: Sequence[NDArray[np.float32]]
    """prepared training pictures, from which the ranges of values are taken"""


def variants_of(
    base: Base, asked: Sequence[str], rate: Callable[[Path], dict[str, Any]]
) -> tuple[tuple[dict[str, Any], ...], tuple[str, ...]]:
    """Write a file NAME-PRECISION.onnx for each precision in *asked*; what they lose, and what went wrong.

    *rate* measures a file on the held-out part. A variant that cannot be run, gives values that are no
    numbers, or is no smaller, is not kept, and a sentence says so. Raises Cancelled, OSError.
    """
    found, remarks = [], []
    for precision in asked:
        path = base.path.with_name(f"{base.path.stem}-{precision}.onnx")
        try:
            found.append(_variant(base, precision, path, rate))
        except (ModelTrouble, _Refused) as trouble:
            path.unlink(missing_ok=True)
            remarks.append(f"There is no file of {precision}: {trouble}")
    return tuple(found), tuple(remarks)


class _Refused(Exception):
    """Why a variant is not kept."""


class _Calibration(CalibrationDataReader):  # type: ignore[misc]
    """One picture after the other."""

    def __init__(self, name: str, pictures: Sequence[NDArray[np.float32]]) -> None:
        self._feeds = iter([{name: picture[None]} for picture in pictures])

    def get_next(self) -> Any:
        """The next picture, None at the end."""
        return next(self._feeds, None)


def _variant(
    base: Base, precision: str, path: Path, rate: Callable[[Path], dict[str, Any]]
) -> dict[str, Any]:
    data = base.path.read_bytes()
    proto = _converted(onnx.load_model_from_string(data), precision, base)
    content = proto.SerializeToString()
    screen(content, path.name)
    if len(content) >= len(data):
        raise _Refused(
            f"it would have {len(content) / 1e6:.2f} MB, and the whole one has {len(data) / 1e6:.2f}."
        )
    made = replace(base.card.made, precision=precision, derived_from=hashlib.sha256(data).hexdigest())
    card = replace(base.card, name=path.stem, made=made, metrics={})
    write_model(path, proto, card, "")
    sample = write_sample(base.sample, _answer(path, base), SAMPLE_TOLERANCE)
    write_model(path, proto, card, sample)
    figures = rate(path)
    loss = {
        name: round(float(base.figures[name]) - float(value), 4)
        for name, value in figures.items()
        if name in figures.get("intervals", {})
    }
    kept = {
        key: value for key, value in figures.items() if key not in ("excluded", "worst", "model", "version")
    }
    shared = {key: base.card.metrics[key] for key in ("split", "method") if key in base.card.metrics}
    write_model(path, proto, replace(card, metrics={**shared, **kept, "lost_to_32_bits": loss}), sample)
    result = check(catalog.usable(catalog.read(path)))
    if not result.passed:
        raise _Refused(result.sentence)
    size = path.stat().st_size
    return {
        "file": path.name,
        "precision": precision,
        "bytes": size,
        "lost": loss,
        "share": round(size / len(data), 3),
    }


def _converted(proto: onnx.ModelProto, precision: str, base: Base) -> onnx.ModelProto:
    if precision == "float16":
        with quiet():
            found: onnx.ModelProto = convert_float_to_float16(proto, keep_io_types=True)
        return found
    with tempfile.TemporaryDirectory() as place, quiet():
        whole, ready, small = (Path(place) / name for name in ("whole.onnx", "ready.onnx", "small.onnx"))
        onnx.save(proto, whole)
        # symbolic shapes would need a package that is not installed
        quant_pre_process(whole, ready, skip_symbolic_shape=True)
        quantize_static(
            ready,
            small,
            _Calibration(base.card.input.name, base.pictures),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
        )
        return _without_unused(onnx.load(small))


def _without_unused(proto: onnx.ModelProto) -> onnx.ModelProto:
    """Without the sets of operators that the quantizer names and no operation uses."""
    used = {node.domain for node in proto.graph.node}
    kept = [one for one in proto.opset_import if one.domain in used]
    del proto.opset_import[:]
    proto.opset_import.extend(kept)
    return proto


def _answer(path: Path, base: Base) -> NDArray[np.float32]:
    """Its own answer for the sample, in two batch sizes. Raises ModelTrouble."""
    reader, plan = Reader(catalog.read(path)), base.card.input
    tensor = (prepare_stack if plan.is_stacked else prepare)(base.sample, plan)[0]
    one, two = reader.raw([tensor]), reader.raw([tensor, tensor])
    if not (np.isfinite(one).all() and np.isfinite(two).all()):
        raise _Refused("it gives values that are no numbers.")
    if not np.allclose(one[0], two[1], atol=SAMPLE_TOLERANCE):
        raise _Refused("it gives other answers in a larger batch.")
    return np.asarray(one[0], np.float32)
