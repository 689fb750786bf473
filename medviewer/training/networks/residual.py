"""Deep classifiers whose layers also see what came before: ResNet, DenseNet, EfficientNet."""

from __future__ import annotations

import math
from typing import Annotated, Any

import keras
from keras import layers

from medviewer.kit.params import Slider
from medviewer.training.networks.cnn import CLASSES, LAST_PX, MAPPED
from medviewer.training.networks.layers import Width, activated, convolved, image_of, pooled, with_map
from medviewer.training.networks.network import Given, network

SMALL_PX = 64
"""Smaller pictures are not made smaller still by the first layer, as is usual for them."""
Growth = Annotated[int, Slider(1, 64, label="Channels that each layer adds")]


@network("ResNet-18", tasks=CLASSES, outputs=MAPPED)
def resnet18(given: Given, *, width: Width = 16) -> keras.Model:
    """Eight pairs of 3x3 convolutions, each added to what went in (He et al. 2016, 64 channels)."""
    return _resnet(given, width, (2, 2, 2, 2), _pair, "resnet18")


@network("ResNet-50", tasks=CLASSES, outputs=MAPPED)
def resnet50(given: Given, *, width: Width = 16) -> keras.Model:
    """Sixteen bottlenecks of three convolutions (He et al. 2016, 64 channels)."""
    return _resnet(given, width, (3, 4, 6, 3), _bottleneck, "resnet50")


@network("DenseNet-121", tasks=CLASSES, outputs=MAPPED)
def densenet121(given: Given, *, growth: Growth = 8) -> keras.Model:
    """Layers that each see all layers before (Huang et al. 2017, growth of 32)."""
    image = image_of(given.size, given.channels)
    flow, side = _stem(image, 2 * growth, min(given.size))
    for at, count in enumerate((6, 12, 24, 16)):
        for _ in range(count):
            new = convolved(_normalised(flow), 4 * growth, 1)
            new = layers.Conv2D(growth, 3, padding="same", use_bias=False, kernel_initializer="he_normal")(
                new
            )
            flow = layers.Concatenate()([flow, new])
        if at < 3:
            flow = layers.Conv2D(flow.shape[-1] // 2, 1, use_bias=False)(_normalised(flow))
            if side > LAST_PX:
                flow, side = layers.AveragePooling2D(2)(flow), side // 2
    return with_map(image, _normalised(flow), given.classes, "densenet121")


@network("EfficientNet", tasks=CLASSES, outputs=MAPPED)
def efficientnet(
    given: Given,
    *,
    scale: Annotated[float, Slider(0.1, 3.0, step=0.1, label="Width, 1 is B0")] = 0.5,
    depth: Annotated[float, Slider(0.3, 4.0, step=0.1, label="Depth, 1 is B0")] = 1.0,
) -> keras.Model:
    """Narrow, wide, narrow: depthwise convolutions with channels weighed by themselves (Tan and Le 2019)."""
    image = image_of(given.size, given.channels)
    side = min(given.size)
    flow = convolved(image, _eighth(32 * scale), strides=1 if side < SMALL_PX else 2, activation="silu")
    side = side if side < SMALL_PX else side // 2
    for expand, width, count, stride, kernel in (
        (1, 16, 1, 1, 3),
        (6, 24, 2, 2, 3),
        (6, 40, 2, 2, 5),
        (6, 80, 3, 2, 3),
        (6, 112, 3, 1, 5),
        (6, 192, 4, 2, 5),
        (6, 320, 1, 1, 3),
    ):
        for at in range(math.ceil(count * depth)):
            step = stride if at == 0 and side > LAST_PX else 1
            flow = _inverted(flow, expand, _eighth(width * scale), kernel, step)
            side //= step
    flow = convolved(flow, _eighth(1280 * scale / 4), 1, activation="silu")
    return with_map(image, flow, given.classes, "efficientnet")


def _stem(image: Any, width: int, side: int) -> tuple[Any, int]:
    """The first layers, and the side that is left."""
    if side < SMALL_PX:
        return convolved(image, width), side
    return pooled(convolved(image, width, 7, 2)), side // 4


def _resnet(given: Given, width: int, counts: tuple[int, ...], block: Any, name: str) -> keras.Model:
    image = image_of(given.size, given.channels)
    flow, side = _stem(image, width, min(given.size))
    for level, count in enumerate(counts):
        for at in range(count):
            step = 2 if level and at == 0 and side > LAST_PX else 1
            flow, side = block(flow, width * 2**level, step), side // step
    return with_map(image, flow, given.classes, name)


def _pair(flow: Any, width: int, step: int) -> Any:
    new = convolved(convolved(flow, width, strides=step), width, activation="")
    return _added(flow, new, step)


def _bottleneck(flow: Any, width: int, step: int) -> Any:
    new = convolved(convolved(flow, width, 1), width, strides=step)
    return _added(flow, convolved(new, 4 * width, 1, activation=""), step)


def _added(flow: Any, new: Any, step: int) -> Any:
    if step != 1 or flow.shape[-1] != new.shape[-1]:
        flow = convolved(flow, new.shape[-1], 1, step, activation="")
    return activated(layers.Add()([flow, new]), "relu")


def _inverted(flow: Any, expand: int, width: int, kernel: int, step: int) -> Any:
    """A mobile inverted bottleneck with squeeze and excitation."""
    inside = flow.shape[-1] * expand
    new = convolved(flow, inside, 1, activation="silu") if expand > 1 else flow
    new = layers.DepthwiseConv2D(kernel, strides=step, padding="same", use_bias=False)(new)
    new = activated(layers.BatchNormalization(momentum=0.9)(new), "silu")
    weights = layers.GlobalAveragePooling2D(keepdims=True)(new)
    weights = layers.Conv2D(max(flow.shape[-1] // 4, 1), 1, activation="silu")(weights)
    new = layers.Multiply()([new, layers.Conv2D(inside, 1, activation="sigmoid")(weights)])
    new = convolved(new, width, 1, activation="")
    return layers.Add()([flow, new]) if step == 1 and flow.shape[-1] == width else new


def _normalised(flow: Any) -> Any:
    return activated(layers.BatchNormalization(momentum=0.9)(flow), "relu")


def _eighth(width: float) -> int:
    """The nearest multiple of 8, and 8 at the least."""
    return max(8, round(width / 8) * 8)
