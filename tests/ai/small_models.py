"""Tiny ONNX models, made by hand, whose answers can be worked out on paper."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from medviewer.core.geometry import Plane
from medviewer.core.volume import Frame, read_only

FLOAT = TensorProto.FLOAT


def frame(pixels: NDArray[Any], **more: Any) -> Frame:
    """A picture without a place in the patient."""
    pixels = np.array(pixels)
    return Frame(read_only(pixels), Plane(pixels.shape[:2]), **more)


def ramp(rows: int = 12, columns: int = 16) -> NDArray[np.uint16]:
    """Dark on the left, bright on the right."""
    return np.tile(np.arange(columns, dtype=np.uint16) * 100, (rows, 1))


def card(**more: Any) -> dict[str, Any]:
    """A card of a segmentation network of any size; *more* replaces whole parts."""
    return {
        "name": "bright",
        "version": "1.0",
        "task": "segmentation",
        "title": "Bright parts",
        "for": {"modality": ["CT"]},
        "input": {"name": "image", "values": {"scale": "range"}, "geometry": {"fit": "native"}},
        "output": {"name": "mask", "labels": [{"value": 1, "name": "Bright"}]},
        **more,
    }


def class_card(**more: Any) -> dict[str, Any]:
    """A card of a two-class network of 8 x 8."""
    return card(
        **{
            "name": "left-right",
            "task": "classification",
            "input": {"name": "image", "size": [8, 8], "values": {"scale": "range"}},
            "output": {
                "name": "scores",
                "activation": "softmax",
                "labels": [{"name": "left", "threshold": 0.4}, {"name": "right", "threshold": 0.6}],
            },
            **more,
        }
    )


def model(
    nodes: list[Any],
    *,
    shape: tuple[Any, ...] = ("n", "h", "w", 1),
    output: str = "mask",
    weights: tuple[Any, ...] = (),
    opset: int = 17,
    domains: tuple[tuple[str, int], ...] = (),
) -> onnx.ModelProto:
    """A model with the input ``image`` of *shape* and one output without a declared shape."""
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("image", FLOAT, shape)],
        [helper.make_tensor_value_info(output, FLOAT, None)],
        list(weights),
    )
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(*domain) for domain in domains)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def identity(**more: Any) -> onnx.ModelProto:
    """Gives its input back: what is brighter than half becomes the mask."""
    return model([helper.make_node("Identity", ["image"], ["mask"])], **more)


def sides(weights_dtype: type = np.float32) -> onnx.ModelProto:
    """Two classes: the sum of the left and of the right half, for 8 x 8 pictures."""
    kernel = np.zeros((64, 2), weights_dtype)
    kernel.reshape(8, 8, 2)[:, :4, 0] = 1
    kernel.reshape(8, 8, 2)[:, 4:, 1] = 1
    return model(
        [
            helper.make_node("Flatten", ["image"], ["flat"]),
            helper.make_node("MatMul", ["flat", "kernel"], ["scores"]),
        ],
        shape=("n", 8, 8, 1),
        output="scores",
        weights=(numpy_helper.from_array(kernel, "kernel"),),
    )


def slow(rounds: int = 400, side: int = 1024) -> onnx.ModelProto:
    """A chain of matrix products that takes many seconds, in steps of a few milliseconds."""
    eye = numpy_helper.from_array(np.eye(side, dtype=np.float32), "eye")
    nodes = [helper.make_node("Transpose", ["image"], ["x0"], perm=[0, 3, 1, 2])]
    nodes += [helper.make_node("MatMul", [f"x{at}", "eye"], [f"x{at + 1}"]) for at in range(rounds)]
    nodes.append(helper.make_node("Transpose", [f"x{rounds}"], ["mask"], perm=[0, 2, 3, 1]))
    return model(nodes, shape=("n", side, side, 1), weights=(eye,))


def endless() -> onnx.ModelProto:
    """A loop whose condition never becomes false."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["goes"]),
            helper.make_node("Identity", ["flow"], ["flows"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("round", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("flow", FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("goes", TensorProto.BOOL, []),
            helper.make_tensor_value_info("flows", FLOAT, None),
        ],
    )
    weights = (
        numpy_helper.from_array(np.array(2**62, np.int64), "rounds"),
        numpy_helper.from_array(np.array(True), "yes"),
    )
    return model([helper.make_node("Loop", ["rounds", "yes", "image"], ["mask"], body=body)], weights=weights)


def write(folder: Path, made: onnx.ModelProto, about: dict[str, Any] | None, name: str = "model") -> Path:
    """Write a model, with its card inside when there is one."""
    if about is not None:
        helper.set_model_props(made, {"medviewer.card": json.dumps(about)})
    path = folder / f"{name}.onnx"
    path.write_bytes(made.SerializeToString())
    return path
