"""Where an answer comes from, by the gradients of the network in training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from medviewer.kit.errors import BadValue

Image = NDArray[np.float32]
BATCH = 16


def integrated_gradients(
    model: keras.Model,
    picture: Image,
    label: int,
    *,
    baseline: Image | float = 0.0,
    steps: int = 64,
    report: Callable[[int, int], object] = lambda done, of: None,
) -> Image:
    """What each pixel of a prepared *picture* (row, column, channel) adds to the logit of *label*.

    Sundararajan, Taly and Yan, ICML 2017: the gradient along the straight way from *baseline* to the picture,
    taken in the middle of each of *steps*. The sum over all pixels is the logit less that for the baseline,
    the better the more steps. (row, column): channels are added up. *report* hears (steps done, of all).
    """
    empty = np.broadcast_to(np.asarray(baseline, np.float32), picture.shape)
    total = np.zeros(picture.shape, np.float64)
    for first in range(0, steps, BATCH):
        at = (np.arange(first, min(first + BATCH, steps), dtype=np.float32) + 0.5) / steps
        batch = tf.constant(empty + at.reshape(-1, *[1] * picture.ndim) * (picture - empty))
        with tf.GradientTape() as tape:
            tape.watch(batch)
            said = tf.reduce_sum(_logits(model(batch, training=False))[:, label])
        total += np.asarray(tape.gradient(said, batch)).sum(axis=0)
        report(min(first + BATCH, steps), steps)
    return np.asarray(((picture - empty) * total / steps).sum(axis=-1), np.float32)


def grad_cam(model: keras.Model, picture: Image, label: int, layer: str = "") -> Image:
    """Grad-CAM of *label* for a prepared *picture* on the grid of a *layer*, the last unless named; signed.

    Selvaraju et al., ICCV 2017, without their last step, which drops what speaks against: features of the
    layer weighed by the mean gradient of the logit. Where the logits are means of a class map over places,
    this is the map less its bias, over the number of places. Raises BadValue.
    """
    features = _layer(model, layer)
    both = keras.Model(model.inputs, [features.output, model.outputs[0]])
    batch = tf.constant(picture[None])
    with tf.GradientTape() as tape:
        tape.watch(batch)
        grid, logits = both([batch], training=False)
        said = logits[:, label]
    weights = tf.reduce_mean(tape.gradient(said, grid), axis=(1, 2), keepdims=True)
    return np.asarray(tf.reduce_sum(weights * grid, axis=-1)[0], np.float32)


def _layer(model: keras.Model, name: str) -> Any:
    """The layer called *name*, else the last activation that still has places."""
    grids = [
        one
        for one in model.layers
        if len(getattr(one.output, "shape", ())) == 4 and one.name not in model.output_names
    ]
    found = [one for one in grids if one.name == name] if name else grids[-1:]
    if not found:
        known = ", ".join(one.name for one in grids) or "none"
        raise BadValue(f"The network has no layer {name!r:.80} with rows and columns.", f"It has: {known}.")
    return found[0]


def _logits(outputs: Any) -> Any:
    return outputs[0] if isinstance(outputs, (list, tuple)) else outputs
