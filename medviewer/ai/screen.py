"""A look at a model before anything of it is run: what a picture reader never needs is refused."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from medviewer.ai.metadata import not_onnx
from medviewer.kit.errors import ModelTrouble

LARGEST_FILE = 2**31 - 1
MOST_NODES = 20_000
DEEPEST = 8
LARGEST_TENSOR = 2**31
"""elements of any declared shape"""
NEWEST_OPSET = 26
DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft")
FLOW = ("Loop", "Scan", "If")

_ASK = "Ask its maker for another file."


def screen(data: bytes, name: str, *, loops: bool = False) -> None:
    """Raise ModelTrouble, with one sentence, when the model in *data* cannot be trusted with this computer.

    *loops* allows control flow, which can run without end.
    """
    import onnx  # noqa: PLC0415  as slow to import as the runtime, and needed only before a run
    from google.protobuf.message import DecodeError  # noqa: PLC0415  comes with onnx

    if len(data) > LARGEST_FILE:
        raise ModelTrouble(f"{name} is larger than 2 GB.", _ASK)
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except (DecodeError, RuntimeError, RecursionError):
        raise not_onnx(name) from None
    if not model.graph.node or not model.graph.output:
        raise not_onnx(name)
    _check_opsets(model, name)
    _check_metadata(model, name)
    _check_shapes(model, name)
    if model.functions:
        raise ModelTrouble(f"{name} defines operators of its own.", _ASK)
    _check_graph(model.graph, name, loops)


def _check_opsets(model: Any, name: str) -> None:
    for opset in model.opset_import:
        if opset.domain not in DOMAINS:
            raise ModelTrouble(f"{name} needs operators of {opset.domain!r:.60}, which are not here.", _ASK)
        if opset.domain in ("", "ai.onnx") and opset.version > NEWEST_OPSET:
            raise ModelTrouble(
                f"{name} was made for a newer runtime (operator set {opset.version}).",
                f"Export it with operator set {NEWEST_OPSET} or lower.",
            )


def _check_metadata(model: Any, name: str) -> None:
    keys = [entry.key for entry in model.metadata_props]
    for key in keys:
        if keys.count(key) > 1:
            raise ModelTrouble(f"The metadata of {name} have two entries {key!r:.60}.", _ASK)


def _check_shapes(model: Any, name: str) -> None:
    for port in (*model.graph.input, *model.graph.output):
        sides = [side.dim_value for side in port.type.tensor_type.shape.dim if side.HasField("dim_value")]
        if any(side < 0 for side in sides):
            raise ModelTrouble(f"{name} declares a side below 0 for {port.name!r:.60}.", _ASK)
        if math.prod(side for side in sides if side) > LARGEST_TENSOR:
            raise ModelTrouble(f"{name} declares {port.name!r:.60} larger than any memory here.", _ASK)


def _check_graph(graph: Any, name: str, loops: bool) -> None:
    for count, (node, depth) in enumerate(_nodes(graph, 0, name), start=1):
        if count > MOST_NODES:
            raise ModelTrouble(f"{name} has more than {MOST_NODES} operations.", _ASK)
        if depth > DEEPEST:
            raise ModelTrouble(f"{name} nests its operations more than {DEEPEST} deep.", _ASK)
        if node.domain not in DOMAINS:
            raise ModelTrouble(
                f"{name} needs the operator {node.op_type!r:.60} of {node.domain!r:.60}, which is not here.",
                _ASK,
            )
        if node.op_type in FLOW and not loops:
            raise ModelTrouble(
                f"{name} holds a {node.op_type}, which could run without end.",
                'If you trust it, write "loops": true into a card beside the file.',
            )


def _nodes(graph: Any, depth: int, name: str) -> Iterator[tuple[Any, int]]:
    """All nodes of *graph* and of the graphs inside it, with their depth; tensors are checked on the way."""
    if graph.sparse_initializer:
        raise ModelTrouble(f"{name} keeps weights in a sparse form that is not read here.", _ASK)
    for tensor in graph.initializer:
        _check_tensor(tensor, name)
    for node in graph.node:
        yield node, depth
        for attribute in node.attribute:
            if attribute.HasField("sparse_tensor") or attribute.sparse_tensors:
                raise ModelTrouble(f"{name} keeps weights in a sparse form that is not read here.", _ASK)
            for tensor in (attribute.t, *attribute.tensors):
                _check_tensor(tensor, name)
            inner = [attribute.g] if attribute.HasField("g") else []
            for part in (*inner, *attribute.graphs):
                if depth < DEEPEST + 1:
                    yield from _nodes(part, depth + 1, name)


def _check_tensor(tensor: Any, name: str) -> None:
    if tensor.data_location == 1 or tensor.external_data:
        raise ModelTrouble(
            f"{name} keeps weights outside its own file, which is not allowed.",
            "Export it as one self-contained file.",
        )
    if any(side < 0 for side in tensor.dims) or math.prod(tensor.dims) > LARGEST_TENSOR:
        raise ModelTrouble(f"{name} declares weights of an impossible size.", _ASK)
