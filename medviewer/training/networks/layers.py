"""What networks are made of: blocks of layers that are known to export to ONNX."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import keras
from keras import layers

from medviewer.kit.params import Slider, Words

MOMENTUM = 0.9
"""Of the running means of batch normalisation. Keras's 0.99 needs some hundred steps to forget where it
began, and small sets have fewer."""
Activation = Annotated[
    Literal["relu", "leaky_relu", "prelu", "elu", "selu", "silu", "gelu", "tanh"], Words("Activation")
]
Width = Annotated[int, Slider(1, 256, label="Channels of the first block")]
Dropout = Annotated[float, Slider(0.0, 0.9, label="Share that is left out")]


def activated(flow: Any, activation: str) -> Any:
    """*flow* through a nonlinearity. GELU in its approximate form: the exact one does not export."""
    if activation == "prelu":
        # one slope for each channel, so that the size of the picture may vary
        shared = list(range(1, len(flow.shape) - 1))
        return layers.PReLU(shared_axes=shared or None)(flow)
    if activation == "leaky_relu":
        return layers.LeakyReLU(negative_slope=0.1)(flow)
    if activation == "gelu":
        return keras.ops.gelu(flow, approximate=True)
    return layers.Activation(activation)(flow)


def convolved(
    flow: Any, width: int, size: int = 3, strides: int = 1, activation: str = "relu", padding: str = "same"
) -> Any:
    """Convolution in as many dimensions as *flow* has, batch normalisation, nonlinearity ("" for none)."""
    kind = layers.Conv3D if len(flow.shape) == 5 else layers.Conv2D
    flow = kind(
        width, size, strides=strides, padding=padding, use_bias=False, kernel_initializer="he_normal"
    )(flow)
    flow = layers.BatchNormalization(momentum=MOMENTUM)(flow)
    return activated(flow, activation) if activation else flow


def pooled(flow: Any) -> Any:
    """Halved along every side."""
    return (layers.MaxPooling3D if len(flow.shape) == 5 else layers.MaxPooling2D)()(flow)


def with_map(image: Any, flow: Any, classes: int, name: str) -> keras.Model:
    """A classifier whose logits are the mean of a class map, which therefore shows what each place adds.

    Outputs ``logits`` (n, class) and ``cam`` (n, row, column, class).
    """
    cam = layers.Conv2D(classes, 1, name="cam")(flow)
    logits = layers.GlobalAveragePooling2D(name="logits")(cam)
    return keras.Model(image, [logits, cam], name=name)


def image_of(size: tuple[int, ...], channels: int) -> Any:
    """The input: a side of 0 may vary."""
    return keras.Input((*(side or None for side in size), channels), name="image")
