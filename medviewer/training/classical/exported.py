"""From a fitted estimator to ONNX, and the proof that both say the same of real pictures."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from medviewer.ai.runtime import Network
from medviewer.ai.screen import screen
from medviewer.kit.errors import ModelTrouble, TrainingTrouble
from medviewer.training.classical.by_hand import IR, MACHINE_LEARNING_OPSET, OPSET, Scaled
from medviewer.training.classical.semi_supervised import SelfTraining

TAKES = "features"
GIVES = {"classification": "probabilities", "regression": "value"}
TOLERANCE = 1e-4
"""of a probability, or of a value's spread"""
TIE = 1e-5
"""Two classes whose probabilities are closer may change places by rounding alone."""


def exported(fitted: Any, task: str, rows: NDArray[np.float32]) -> tuple[onnx.ModelProto, float]:
    """*fitted* as ONNX and how far both differ on *rows* (n, feature). Raises TrainingTrouble."""
    proto = _converted(fitted, task, rows.shape[1])
    data = proto.SerializeToString()
    try:
        onnx.checker.check_model(proto, full_check=True)
        screen(data, "The export")
        network = Network(data, "The exported model")
        worst = max(_difference(network, fitted, task, part) for part in (rows[:1], rows))
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError, ModelTrouble) as trouble:
        raise TrainingTrouble(f"The export is not valid: {str(trouble)[:200]}") from trouble
    # written so that a NaN fails, too
    if not worst <= TOLERANCE:
        raise TrainingTrouble(
            f"The exported model differs from the trained one by {worst:.2g}; nothing was written.",
            "Choose another estimator.",
        )
    return proto, worst


def said(fitted: Any, task: str, rows: NDArray[Any]) -> NDArray[np.float64]:
    """Probabilities (n, class), or values (n, 1)."""
    if task == "regression":
        return np.asarray(fitted.predict(rows), np.float64).reshape(len(rows), 1)
    return np.asarray(fitted.predict_proba(rows), np.float64)


def _converted(fitted: Any, task: str, count: int) -> onnx.ModelProto:
    if isinstance(fitted, Scaled):
        return fitted.onnx(TAKES, GIVES[task])
    from skl2onnx import convert_sklearn  # noqa: PLC0415  only an export needs it
    from skl2onnx.common.data_types import FloatTensorType  # noqa: PLC0415

    inner = fitted.inner if isinstance(fitted, SelfTraining) else fitted
    with warnings.catch_warnings():
        # the converter speaks of what its own versions will change
        warnings.simplefilter("ignore")
        proto: onnx.ModelProto = convert_sklearn(
            inner,
            initial_types=[(TAKES, FloatTensorType([None, count]))],
            target_opset={"": OPSET, "ai.onnx.ml": MACHINE_LEARNING_OPSET},
            options={"zipmap": False} if task == "classification" else None,
        )
    proto.ir_version = IR
    return _with_one_output(proto, task)


def _with_one_output(proto: onnx.ModelProto, task: str) -> onnx.ModelProto:
    """The probabilities or the value alone, under a name and with dimensions of our own."""
    last = proto.graph.output[-1]
    del proto.graph.output[:-1]
    if last.name != GIVES[task]:
        proto.graph.node.append(onnx.helper.make_node("Identity", [last.name], [GIVES[task]]))
        last.name = GIVES[task]
    for port in (proto.graph.input[0], last):
        port.type.tensor_type.shape.dim[0].Clear()
        port.type.tensor_type.shape.dim[0].dim_param = "n"
    return proto


def _difference(network: Network, fitted: Any, task: str, rows: NDArray[np.float32]) -> float:
    found = network.run({TAKES: rows}, [GIVES[task]])[GIVES[task]]
    wanted = said(fitted, task, rows)
    if found.shape != wanted.shape:
        raise TrainingTrouble("The exported model gives another shape than the trained one.")
    if task == "classification":
        best = np.sort(wanted, axis=1)
        clear = best[:, -1] - best[:, -2] > TIE
        if (found.argmax(axis=1) != np.searchsorted(fitted.classes_, fitted.predict(rows)))[clear].any():
            raise TrainingTrouble("The exported model gives other labels than the trained one.")
        return float(np.abs(found - wanted).max())
    return float(np.abs(found - wanted).max() / max(1.0, float(np.abs(wanted).max())))
