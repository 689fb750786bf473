"""Networks that make pictures: out of pictures (noise off, enhancement), or out of random numbers."""

from __future__ import annotations

import math
from typing import Annotated

import keras
from keras import layers

from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.params import Slider
from medviewer.training.networks.layers import Width, activated, convolved, image_of
from medviewer.training.networks.network import Given, network

LEAKY = "leaky_relu"
FIRST_PX = 4


@network("Denoising autoencoder", tasks=("enhancement",))
def autoencoder(
    given: Given, *, width: Width = 16, depth: Annotated[int, Slider(1, 5, label="Halvings")] = 2
) -> keras.Model:
    """Squeezed through a narrow middle, where noise does not fit, and unfolded (Vincent et al. 2008)."""
    _check_halvings(given, depth)
    image = image_of(given.size, given.channels)
    flow = image
    for level in range(depth):
        flow = convolved(flow, width * 2**level, strides=2)
    for level in reversed(range(depth)):
        flow = layers.Conv2DTranspose(width * 2**level, 2, strides=2)(flow)
        flow = convolved(flow, width * 2**level)
    return keras.Model(image, [layers.Conv2D(given.channels, 1, name="logits")(flow)], name="autoencoder")


@network("Residual denoiser", tasks=("enhancement",))
def dncnn(
    given: Given, *, width: Width = 32, depth: Annotated[int, Slider(2, 30, label="Layers")] = 8
) -> keras.Model:
    """Learns the noise and takes it off (DnCNN, Zhang et al. 2017: 64 channels, 17 layers)."""
    image = image_of(given.size, given.channels)
    flow = activated(layers.Conv2D(width, 3, padding="same")(image), "relu")
    for _ in range(depth - 2):
        flow = convolved(flow, width)
    noise = layers.Conv2D(given.channels, 3, padding="same", kernel_initializer="zeros")(flow)
    return keras.Model(image, [layers.Subtract(name="logits")([image, noise])], name="dncnn")


@network("Picture generator", tasks=("generation",), takes="numbers")
def generator(given: Given, *, width: Width = 16) -> keras.Model:
    """Pictures out of random numbers (DCGAN, Radford et al. 2016), grey from -1 to 1.

    Takes (n, number) of *given.channels* random numbers and gives (n, row, column, 1); sides are powers of
    two times 4.
    """
    doublings = _doublings(given)
    numbers = keras.Input((given.channels,), name="image")
    widest = width * 2 ** max(doublings - 1, 0)
    flow = layers.Dense(FIRST_PX * FIRST_PX * widest, use_bias=False)(numbers)
    flow = layers.Reshape((FIRST_PX, FIRST_PX, widest))(flow)
    flow = activated(layers.BatchNormalization(momentum=0.9)(flow), "relu")
    for level in reversed(range(doublings)):
        flow = layers.Conv2DTranspose(width * 2**level, 4, strides=2, padding="same", use_bias=False)(flow)
        flow = activated(layers.BatchNormalization(momentum=0.9)(flow), "relu")
    made = layers.Conv2D(1, 3, padding="same", activation="tanh", name="logits")(flow)
    return keras.Model(numbers, [made], name="generator")


def discriminator(
    size: tuple[int, int], channels: int, width: int = 16, patches: bool = False
) -> keras.Model:
    """The adversary: logits of being real, (n, 1), or of each patch (Isola et al. 2017).

    Without batch normalisation, so that one picture is judged by itself.
    """
    image = image_of(size, channels)
    flow, side = image, min(size)
    while side > (8 if patches else FIRST_PX):
        flow = activated(layers.Conv2D(width, 4, strides=2, padding="same")(flow), LEAKY)
        side, width = side // 2, min(width * 2, 256)
    if patches:
        return keras.Model(image, layers.Conv2D(1, 3, padding="same")(flow), name="discriminator")
    return keras.Model(image, layers.Dense(1)(layers.Flatten()(flow)), name="discriminator")


def _doublings(given: Given) -> int:
    side = given.size[0]
    doublings = int(math.log2(max(side // FIRST_PX, 1)))
    if given.size != (FIRST_PX * 2**doublings,) * 2:
        raise TrainingTrouble(
            f"The generator makes squares of 8, 16, 32, 64 ... pixels, not {side} x {given.size[-1]}.",
            "Choose one of these sizes.",
        )
    return doublings


def _check_halvings(given: Given, depth: int) -> None:
    if any(side % 2**depth for side in given.size):
        raise TrainingTrouble(
            f"The sides must be multiples of {2**depth} for {depth} halvings.", "Choose another size."
        )
