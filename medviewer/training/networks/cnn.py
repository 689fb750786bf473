"""Plain convolutional classifiers, from the textbooks' to one that says where it looked."""

from __future__ import annotations

from typing import Annotated

import keras
from keras import layers

from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.params import Slider
from medviewer.training.networks.layers import (
    Activation,
    Dropout,
    Width,
    activated,
    convolved,
    image_of,
    pooled,
    with_map,
)
from medviewer.training.networks.network import Given, network

CLASSES = ("classification", "multilabel", "regression")
MAPPED = ("logits", "cam")
LAST_PX = 7
"""So wide a picture is halved no more."""


@network("Convolutional network with a class map", tasks=CLASSES, outputs=MAPPED)
def cnn(given: Given, *, width: Width = 32, activation: Activation = "relu") -> keras.Model:
    """Blocks of two 3x3 convolutions with pooling between, then a class map and its mean.

    Blocks double in width, up to 256, until the picture is about 7 pixels wide.
    """
    image = image_of(given.size, given.channels)
    flow, side = image, min(given.size)
    while True:
        for _ in range(2):
            flow = convolved(flow, width, activation=activation)
        if side <= LAST_PX:
            break
        flow = pooled(flow)
        side, width = side // 2, min(width * 2, 256)
    return with_map(image, flow, given.classes, "cnn")


@network("Textbook network", tasks=CLASSES)
def textbook(
    given: Given,
    *,
    width: Width = 32,
    dense: Annotated[int, Slider(1, 4096, label="Neurons of the dense layer")] = 128,
    activation: Activation = "relu",
    dropout: Dropout = 0.0,
) -> keras.Model:
    """Three 3x3 convolutions without padding, the first two followed by pooling; a dense layer; the classes.

    With 32, 64 and 128 channels as in Chollet, Deep Learning with Python (2021), section 8.1.
    """
    return _stacked(given, (width, 2 * width, 4 * width), 2, dense, activation, dropout, "textbook")


@network("Textbook network of four blocks", tasks=CLASSES, name="textbook4")
def textbook_of_four(
    given: Given,
    *,
    width: Width = 32,
    dense: Annotated[int, Slider(1, 4096, label="Neurons of the dense layer")] = 512,
    activation: Activation = "relu",
    dropout: Dropout = 0.0,
) -> keras.Model:
    """Four 3x3 convolutions without padding, each followed by pooling; a dense layer; the answer.

    With 32, 64, 128 and 128 channels and one sigmoid as in Chollet (2017), section 5.2.
    """
    widths = (width, 2 * width, 4 * width, 4 * width)
    return _stacked(given, widths, 4, dense, activation, dropout, "textbook4")


@network("LeNet-5", tasks=CLASSES)
def lenet(given: Given, *, width: Width = 6, activation: Activation = "tanh") -> keras.Model:
    """Two 5x5 convolutions with average pooling and two dense layers (LeCun et al. 1998); 6 is published."""
    _check_side(given, 16, "LeNet-5")
    image = image_of(given.size, given.channels)
    flow = activated(layers.Conv2D(width, 5, padding="same")(image), activation)
    flow = layers.AveragePooling2D(2)(flow)
    flow = activated(layers.Conv2D(round(width * 16 / 6), 5)(flow), activation)
    flow = layers.Flatten()(layers.AveragePooling2D(2)(flow))
    for neurons in (20 * width, 14 * width):
        flow = activated(layers.Dense(neurons)(flow), activation)
    return keras.Model(image, [layers.Dense(given.classes, name="logits")(flow)], name="lenet")


@network("AlexNet", tasks=CLASSES, outputs=MAPPED)
def alexnet(given: Given, *, width: Width = 24, dropout: Dropout = 0.5) -> keras.Model:
    """Five convolutions, the first wide (Krizhevsky et al. 2012, 96 channels), then a class map and its mean.

    Below 64 pixels the first convolution is 5x5 with steps of one; the map stands for the dense layers, which
    would be most of its weights.
    """
    image = image_of(given.size, given.channels)
    is_small = min(given.size) < 64
    flow = convolved(image, width, 5 if is_small else 11, 1 if is_small else 4)
    flow = pooled(flow)
    flow = pooled(convolved(flow, round(width * 8 / 3), 5))
    for share in (4.0, 4.0, 8 / 3):
        flow = convolved(flow, round(width * share))
    return with_map(image, layers.SpatialDropout2D(dropout)(flow), given.classes, "alexnet")


@network("VGG-16", tasks=CLASSES, outputs=MAPPED)
def vgg16(given: Given, *, width: Width = 16) -> keras.Model:
    """Thirteen 3x3 convolutions in five blocks (Simonyan and Zisserman 2015, 64 channels), then a class map.

    The map stands for the dense layers, with which the network would be too large to be exported.
    """
    image = image_of(given.size, given.channels)
    flow, side = image, min(given.size)
    for share, count in ((1, 2), (2, 2), (4, 3), (8, 3), (8, 3)):
        for _ in range(count):
            flow = convolved(flow, share * width)
        if side >= 2 * LAST_PX:
            flow, side = pooled(flow), side // 2
    return with_map(image, flow, given.classes, "vgg16")


@network("Multi-layer perceptron", tasks=CLASSES)
def mlp(
    given: Given,
    *,
    width: Annotated[int, Slider(1, 4096, label="Neurons of the first layer")] = 128,
    depth: Annotated[int, Slider(1, 10, label="Layers")] = 2,
    activation: Activation = "relu",
    dropout: Dropout = 0.2,
) -> keras.Model:
    """Dense layers over all pixels, each half as wide as the one before."""
    image = image_of(given.size, given.channels)
    flow = layers.Flatten()(image)
    for level in range(depth):
        flow = activated(layers.Dense(max(width >> level, 1))(flow), activation)
        flow = layers.Dropout(dropout)(flow)
    return keras.Model(image, [layers.Dense(given.classes, name="logits")(flow)], name="mlp")


def _stacked(
    given: Given,
    widths: tuple[int, ...],
    pools: int,
    dense: int,
    activation: str,
    dropout: float,
    name: str,
) -> keras.Model:
    _check_side(given, _least_side(len(widths), pools), name)
    image = image_of(given.size, given.channels)
    flow = image
    for at, width in enumerate(widths):
        flow = activated(layers.Conv2D(width, 3)(flow), activation)
        flow = pooled(flow) if at < pools else flow
    flow = activated(layers.Dense(dense)(layers.Flatten()(flow)), activation)
    flow = layers.Dropout(dropout)(flow) if dropout else flow
    return keras.Model(image, [layers.Dense(given.classes, name="logits")(flow)], name=name)


def _least_side(convolutions: int, pools: int) -> int:
    """The smallest side of which something is left after 3x3 convolutions, the first *pools* with pooling."""
    side = 1
    for at in reversed(range(convolutions)):
        side = (2 * side if at < pools else side) + 2
    return side


def _check_side(given: Given, least: int, name: str) -> None:
    if min(given.size) < least:
        raise TrainingTrouble(
            f"A side of {min(given.size)} is too small for {name}, which needs {least} pixels.",
            "Choose a larger size, or another network.",
        )
