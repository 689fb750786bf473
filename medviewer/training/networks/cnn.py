"""A plain convolutional classifier that also says where it looked."""

from __future__ import annotations

import keras
from keras import layers

from medviewer.training.networks.habits import MOMENTUM


def cnn(size: tuple[int, int], channels: int, classes: int, width: int = 32) -> keras.Model:
    """Blocks of two 3x3 convolutions with pooling between, then a class map and its mean.

    Outputs ``logits`` (n, class) and ``cam`` (n, row, column, class); the logits are the mean of the map, so
    the map shows exactly how much each place adds to each class. Blocks double in width until the picture
    is about 7 pixels wide.
    """
    image = keras.Input((*size, channels), name="image")
    flow, side = image, min(size)
    while True:
        for _ in range(2):
            flow = layers.Conv2D(width, 3, padding="same", use_bias=False, kernel_initializer="he_normal")(
                flow
            )
            flow = layers.BatchNormalization(momentum=MOMENTUM)(flow)
            flow = layers.ReLU()(flow)
        if side <= 7:
            break
        flow = layers.MaxPooling2D()(flow)
        side, width = side // 2, min(width * 2, 256)
    cam = layers.Conv2D(classes, 1, name="cam")(flow)
    logits = layers.GlobalAveragePooling2D(name="logits")(cam)
    return keras.Model(image, [logits, cam], name="cnn")
