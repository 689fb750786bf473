"""GRU layers as ONNX's own: the converter would write them as loops, which a viewer does not let run.

The network is cut at its recurrent layer; what lies before and behind is converted as any other network, and
ONNX's GRU stands between. Its gates come in Keras's order: z, r, h (ONNX operator GRU, linear_before_reset).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, compose, helper, numpy_helper

from medviewer.training.networks.sequence import RECURRENT

SEQUENCE, FOUND = "sequence", "found"
Convert = Callable[[keras.Model, list[str], str], onnx.ModelProto]
"""(model, names of its outputs, name of its input)"""


def has_gru(model: keras.Model) -> bool:
    """Whether a network has a recurrent layer that is a GRU."""
    return any(
        layer.name == RECURRENT and _cells(layer)[0].__class__ is keras.layers.GRU for layer in model.layers
    )


def converted_around(model: keras.Model, names: list[str], convert: Convert, opset: int) -> onnx.ModelProto:
    """*model*, a chain of layers with one GRU, as one ONNX graph with outputs called *names*."""
    at = next(at for at, layer in enumerate(model.layers) if layer.name == RECURRENT)
    recurrent = model.layers[at]
    before = convert(keras.Model(model.inputs, model.layers[at - 1].output), [SEQUENCE], "image")
    found = keras.Input(recurrent.output.shape[1:], name=FOUND)
    flow = found
    for layer in model.layers[at + 1 :]:
        flow = layer(flow)
    behind = convert(keras.Model(found, flow), names, FOUND)
    middle = _gru(recurrent, before.ir_version, opset)
    joined = compose.merge_models(
        _prefixed(before, "before_"), middle, [(f"before_{SEQUENCE}", "gru_sequence")]
    )
    whole = compose.merge_models(joined, _prefixed(behind, "behind_"), [("gru_found", f"behind_{FOUND}")])
    return _renamed(whole, {"before_image": "image", **{f"behind_{name}": name for name in names}})


def _gru(layer: Any, version: int, opset: int) -> onnx.ModelProto:
    """(n, slice, feature) to (n, unit), the last state of each direction beside the other."""
    cells = _cells(layer)
    units, features = cells[0].units, layer.input.shape[-1]
    weights = {
        "gru_w": np.stack([_gates(cell.cell.kernel) for cell in cells]),
        "gru_r": np.stack([_gates(cell.cell.recurrent_kernel) for cell in cells]),
        "gru_b": np.stack([np.asarray(cell.cell.bias).reshape(-1) for cell in cells]),
        "gru_shape": np.array([0, len(cells) * units], np.int64),
    }
    nodes = [
        helper.make_node("Transpose", ["gru_sequence"], ["gru_x"], perm=[1, 0, 2]),
        helper.make_node(
            "GRU",
            ["gru_x", "gru_w", "gru_r", "gru_b"],
            ["", "gru_last"],
            hidden_size=units,
            linear_before_reset=1,
            direction="bidirectional" if len(cells) == 2 else "forward",
        ),
        helper.make_node("Transpose", ["gru_last"], ["gru_beside"], perm=[1, 0, 2]),
        helper.make_node("Reshape", ["gru_beside", "gru_shape"], ["gru_found"]),
    ]
    graph = helper.make_graph(
        nodes,
        "gru",
        [helper.make_tensor_value_info("gru_sequence", TensorProto.FLOAT, ["n", None, features])],
        [helper.make_tensor_value_info("gru_found", TensorProto.FLOAT, ["n", len(cells) * units])],
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    return helper.make_model(graph, ir_version=version, opset_imports=[helper.make_opsetid("", opset)])


def _cells(layer: Any) -> list[Any]:
    if isinstance(layer, keras.layers.Bidirectional):
        return [layer.forward_layer, layer.backward_layer]
    return [layer]


def _gates(kernel: Any) -> NDArray[np.float32]:
    return np.ascontiguousarray(np.asarray(kernel, np.float32).T)


def _prefixed(model: onnx.ModelProto, prefix: str) -> onnx.ModelProto:
    prefixed: onnx.ModelProto = compose.add_prefix(model, prefix)
    return prefixed


def _renamed(model: onnx.ModelProto, names: dict[str, str]) -> onnx.ModelProto:
    """With other names for some values."""
    for node in model.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    for port in (*model.graph.input, *model.graph.output):
        port.name = names.get(port.name, port.name)
    return model
