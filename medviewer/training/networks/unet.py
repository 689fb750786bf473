"""U-Nets: plain, with residual blocks, with attention, and in three dimensions."""

from __future__ import annotations

import math
from typing import Annotated, Any

import keras
from keras import layers

from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.params import Slider, Words
from medviewer.training.networks.layers import Activation, Width, activated, convolved, image_of, pooled
from medviewer.training.networks.network import Given, network

Depth = Annotated[int, Slider(0, 6, label="Halvings, 0 chooses")]


@network("U-Net", tasks=("segmentation", "enhancement"))
def unet(
    given: Given,
    *,
    width: Width = 8,
    depth: Depth = 0,
    residual: Annotated[bool, Words("Residual blocks", "each adds to what went in")] = False,
    attention: Annotated[bool, Words("Attention", "what comes from below weighs what is kept")] = False,
    activation: Activation = "relu",
) -> keras.Model:
    """Down and up again, with what was seen on the way down beside it (Ronneberger et al. 2015).

    Residual blocks as in Zhang et al. 2018, attention gates as in Oktay et al. 2018. Output ``logits``
    (n, row, column, class) on the grid of the input.
    """
    return _built(given, width, depth, residual, attention, activation, "unet")


@network("3-D U-Net", tasks=("segmentation",), takes="volume")
def unet3d(
    given: Given,
    *,
    width: Width = 8,
    depth: Depth = 2,
    residual: Annotated[bool, Words("Residual blocks", "each adds to what went in")] = False,
    activation: Activation = "relu",
) -> keras.Model:
    """The same over slices, rows and columns (Cicek et al. 2016); sides may vary between volumes."""
    return _built(given, width, depth, residual, False, activation, "unet3d")


def depth_for(size: tuple[int, ...]) -> int:
    """How often to halve: down to about 16 pixels, from two to four times."""
    return max(2, min(4, round(math.log2(min(size) / 16))))


def _built(
    given: Given, width: int, depth: int, residual: bool, attention: bool, activation: str, name: str
) -> keras.Model:
    depth = depth or depth_for(given.size)
    if any(side % 2**depth for side in given.size):
        raise TrainingTrouble(
            f"A U-Net of {depth} halvings takes sides that are multiples of {2**depth}, "
            f"not {' x '.join(map(str, given.size))}.",
            "Choose another size, or fewer halvings.",
        )
    image = image_of(given.size, given.channels)
    flow, kept = image, []
    for level in range(depth):
        flow = _block(flow, width * 2**level, residual, activation)
        kept.append(flow)
        flow = pooled(flow)
    flow = _block(flow, width * 2**depth, residual, activation)
    raised, convolution = (
        (layers.Conv3DTranspose, layers.Conv3D)
        if len(given.size) == 3
        else (layers.Conv2DTranspose, layers.Conv2D)
    )
    for level in reversed(range(depth)):
        flow = raised(width * 2**level, 2, strides=2)(flow)
        beside = _gated(kept[level], flow, width * 2**level) if attention else kept[level]
        flow = _block(layers.Concatenate()([flow, beside]), width * 2**level, residual, activation)
    return keras.Model(image, [convolution(given.classes, 1, name="logits")(flow)], name=name)


def _block(flow: Any, width: int, residual: bool, activation: str) -> Any:
    new = convolved(flow, width, activation=activation)
    if not residual:
        return convolved(new, width, activation=activation)
    new = convolved(new, width, activation="")
    return activated(layers.Add()([convolved(flow, width, 1, activation=""), new]), activation)


def _gated(kept: Any, below: Any, width: int) -> Any:
    """*kept*, each place weighed by how well it goes with what comes from *below*."""
    inside = max(width // 2, 1)
    both = layers.Add()([layers.Conv2D(inside, 1)(kept), layers.Conv2D(inside, 1)(below)])
    weights = layers.Conv2D(1, 1, activation="sigmoid")(activated(both, "relu"))
    return layers.Multiply()([kept, weights])
