"""From a Keras model to one ONNX file that describes itself.

The converter reports success on files that cannot run, so nothing is written before the file has passed the
checker, the viewer's own screen, and a comparison with the trained network on real pictures.
"""

from __future__ import annotations

import copy
import gc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
import tensorflow as tf
import tf2onnx
import tf2onnx.optimizer
from keras import layers
from numpy.typing import NDArray

from medviewer.ai.card import KEY, SAMPLE_KEY, Card
from medviewer.ai.card_text import write_card
from medviewer.ai.screen import screen
from medviewer.kit.errors import ModelTrouble, TrainingTrouble
from medviewer.kit.files import write_atomically
from medviewer.training.quiet import quiet
from medviewer.training.recurrent_onnx import converted_around, has_gru
from medviewer.training.verify import worst_difference

OPSET = 17
"""The converter's newest is 18, which breaks global pooling into two operations."""
MOST_PARAMETERS = 150_000_000
SIDES = ("n", "side1", "side2", "side3", "side4")
"""What dimensions are called that may vary."""


def export(
    model: keras.Model, names: Sequence[str], batches: Sequence[NDArray[np.float32]]
) -> tuple[onnx.ModelProto, float]:
    """*model* as ONNX with outputs called *names*, and how far both differ over *batches* (of two sizes).

    Raises TrainingTrouble when any check fails.
    """
    if model.count_params() > MOST_PARAMETERS:
        raise TrainingTrouble("The network is too large to be exported.", "Take a smaller width.")
    proto = _converted(model, names)
    try:
        onnx.checker.check_model(proto, full_check=True)
        screen(proto.SerializeToString(), "The export")
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError, ModelTrouble) as trouble:
        raise TrainingTrouble(f"The export is not valid: {str(trouble)[:200]}") from trouble
    return proto, worst_difference(model, proto.SerializeToString(), names, batches)


def write_model(path: Path, proto: onnx.ModelProto, card: Card, sample: str) -> None:
    """Write *proto* with its card and its sample inside; an older file stays until the new one is whole."""
    onnx.helper.set_model_props(proto, {KEY: write_card(card), SAMPLE_KEY: sample})
    proto.producer_name = "medviewer"
    write_atomically(path, proto.SerializeToString())


class _Collecting:
    """The converter copies its graph for each optimiser and leaves circles behind: collecting them before
    each copy takes a third of the memory.
    """

    @staticmethod
    def deepcopy(item: Any, *more: Any) -> Any:
        gc.collect()
        return copy.deepcopy(item, *more)


def _converted(model: keras.Model, names: Sequence[str]) -> onnx.ModelProto:
    tf2onnx.optimizer.copy = _Collecting
    if has_gru(model):
        proto = converted_around(model, list(names), _plain, OPSET)
    else:
        proto = _plain(model, list(names), "image")
    if [port.name for port in proto.graph.input] != ["image"]:
        raise TrainingTrouble("The export has lost its input.")
    if [port.name for port in proto.graph.output] != list(names):
        raise TrainingTrouble("The export has lost the names of its outputs.")
    for port in (*proto.graph.input, *proto.graph.output):
        for at, side in enumerate(port.type.tensor_type.shape.dim):
            if not at or not side.dim_value:
                side.Clear()
                side.dim_param = SIDES[at]
    return proto


def _plain(model: keras.Model, names: list[str], taken: str) -> onnx.ModelProto:
    image = keras.Input(model.inputs[0].shape[1:], name=taken)
    found = model(image)
    found = found if isinstance(found, (list, tuple)) else [found]
    # named Identity layers on a Functional wrapper: the only way in which names and order are kept
    wrapper = keras.Model(
        image, [layers.Identity(name=name)(tensor) for name, tensor in zip(names, found, strict=True)]
    )
    signature = [tf.TensorSpec(wrapper.inputs[0].shape, tf.float32, name=taken)]
    # what was there before is no circle of the converter: without it, collecting is quick
    gc.collect()
    gc.freeze()
    try:
        return _by_converter(wrapper, signature)
    finally:
        gc.unfreeze()


def _by_converter(wrapper: keras.Model, signature: Sequence[Any]) -> onnx.ModelProto:
    proto: onnx.ModelProto
    with quiet():
        proto, _ = tf2onnx.convert.from_keras(wrapper, signature, opset=OPSET)
    return proto
