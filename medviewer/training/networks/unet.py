"""A small U-Net (Ronneberger et al. 2015) with batch normalisation."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import layers

from medviewer.training.networks.habits import MOMENTUM


def unet(size: tuple[int, int], channels: int, classes: int, width: int = 8, depth: int = 4) -> keras.Model:
    """Output ``logits`` (n, row, column, class) on the grid of the input.

    *size* must be divisible by 2**depth.
    """
    image = keras.Input((*size, channels), name="image")
    flow, kept = image, []
    for level in range(depth):
        flow = _block(flow, width * 2**level)
        kept.append(flow)
        flow = layers.MaxPooling2D()(flow)
    flow = _block(flow, width * 2**depth)
    for level in reversed(range(depth)):
        flow = layers.Conv2DTranspose(width * 2**level, 2, strides=2)(flow)
        flow = layers.Concatenate()([flow, kept[level]])
        flow = _block(flow, width * 2**level)
    logits = layers.Conv2D(classes, 1, name="logits")(flow)
    return keras.Model(image, [logits], name="unet")


def depth_for(size: tuple[int, int]) -> int:
    """How often to halve: down to about 16 pixels, from two to four times."""
    return max(2, min(4, round(math.log2(min(size) / 16))))


def _block(flow: Any, width: int) -> Any:
    for _ in range(2):
        flow = layers.Conv2D(width, 3, padding="same", use_bias=False, kernel_initializer="he_normal")(flow)
        flow = layers.BatchNormalization(momentum=MOMENTUM)(flow)
        flow = layers.ReLU()(flow)
    return flow
