"""One step of learning: our own, so that it may be plain, adversarial, and shared by several processes.

A step takes (inputs, truth, share), *share* being how much of the whole batch these rows are, and gives the
loss of the whole batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from medviewer.kit.frozen import frozen
from medviewer.training.workers import Workers

Function = Callable[..., Any]
Loss = Callable[[Any, Any], Any]
"""(truth, logits)"""


@frozen(eq=False)
class Learner:
    """A network, and all that changes with it while it learns."""

    model: keras.Model
    optimizer: Any
    step: Function
    judge: Function
    """(inputs, truth) to (loss, logits), changing nothing"""
    others: tuple[Any, ...] = ()
    """the adversary and its optimiser"""

    @property
    def variables(self) -> list[Any]:
        """Weights, statistics, seeds of dropout and the memory of optimisers: what a checkpoint keeps."""
        whole = [self.model, self.optimizer, *self.others]
        return [variable for part in whole for variable in part.variables]


def first(outputs: Any) -> Any:
    """The logits in full precision; what comes after them explains."""
    found = outputs[0] if isinstance(outputs, (list, tuple)) else outputs
    return tf.cast(found, tf.float32)


def plain(model: keras.Model, loss: Loss, optimizer: Any, workers: Workers) -> Function:
    """Down the gradient of *loss*."""
    weights = list(model.trainable_variables)

    def step(inputs: Any, truth: Any, share: Any) -> Any:
        with tf.GradientTape() as tape:
            value = loss(truth, first(model(inputs, training=True))) * share
            steep = _scaled(optimizer, value)
        gradients = tape.gradient(steep, weights)
        return _learnt(model, ((optimizer, weights, gradients),), value, share, workers)

    return step


@frozen
class Adversarial:
    """How a network and its adversary learn from each other."""

    distance: float = 0.0
    """weight of the mean absolute difference from the truth (Isola et al. 2017: 100); 0 leaves it out"""
    softening: float = 0.1
    """taken off the adversary's certainty about true pictures"""
    seed: int = 0


def adversarial(
    model: keras.Model,
    optimizer: Any,
    adversary: keras.Model,
    its_optimizer: Any,
    plan: Adversarial,
    workers: Workers,
) -> Function:
    """The network learns to pass its adversary's test, who learns to tell its pictures from true ones.

    A network that takes numbers makes pictures out of them (Goodfellow et al. 2014, with the loss that does
    not saturate; Radford et al. 2016); one that takes pictures is judged by pairs of what it took and made.
    """
    makes = len(model.inputs[0].shape) == 2
    weights, its_weights = list(model.trainable_variables), list(adversary.trainable_variables)

    def step(inputs: Any, truth: Any, share: Any) -> Any:
        given = _numbers(model, tf.shape(truth)[0], plan.seed, optimizer) if makes else inputs
        with tf.GradientTape() as tape, tf.GradientTape() as its_tape:
            made = first(model(given, training=True))
            real, false = (
                adversary(pair if makes else tf.concat([given, pair], -1), training=True)
                for pair in (truth, made)
            )
            its_value = (_certain(real, 1.0 - plan.softening) + _certain(false, 0.0)) / 2 * share
            value = _certain(false, 1.0) * share
            if plan.distance:
                value += plan.distance * tf.reduce_mean(tf.abs(truth - made)) * share
        gradients = tape.gradient(value, weights)
        its_gradients = its_tape.gradient(its_value, its_weights)
        pairs = ((optimizer, weights, gradients), (its_optimizer, its_weights, its_gradients))
        return _learnt(model, pairs, value, share, workers)

    return step


def judging(model: keras.Model, loss: Loss) -> Function:
    """What is asked of rows that choose."""

    def judge(inputs: Any, truth: Any) -> Any:
        logits = first(model(inputs, training=False))
        return loss(truth, logits), logits

    return judge


def compiled(function: Function, inputs: Any, truth: Any, *more: Any) -> Function:
    """*function*, traced once for batches of any length: tracing takes seconds.

    *inputs* and *truth* are (shape, type) without the batch, a side of None being any.
    """
    specs = [tf.TensorSpec((None, *shape), kind) for shape, kind in (inputs, truth)]
    found: Function = tf.function(function, input_signature=[*specs, *more], autograph=False)
    return found


def _learnt(
    model: keras.Model,
    parts: Sequence[tuple[Any, list[Any], list[Any]]],
    value: Any,
    share: Any,
    workers: Workers,
) -> Any:
    """Apply gradients, summed over all processes, and give the summed loss."""
    if workers.count > 1:
        # the moving statistics of normalisation are averaged, so that all processes keep the same network
        moving = [one for one in model.non_trainable_variables if "float" in str(one.dtype)]
        flat = [gradient for _, _, gradients in parts for gradient in gradients]
        summed = list(workers.together([value, *flat, *(one.value * share for one in moving)]))
        value, rest = summed[0], summed[1:]
        for one, mean in zip(moving, rest[len(flat) :], strict=True):
            one.assign(mean)
        shared, at = [], 0
        for optimizer, weights, gradients in parts:
            shared.append((optimizer, weights, rest[at : at + len(gradients)]))
            at += len(gradients)
        parts = shared
    for optimizer, weights, gradients in parts:
        optimizer.apply(gradients, weights)
    return value


def _scaled(optimizer: Any, value: Any) -> Any:
    """In half precision small gradients would be lost; that optimiser scales the loss and undoes it."""
    scale = getattr(optimizer, "scale_loss", None)
    return scale(value) if scale else value


def _numbers(model: keras.Model, count: Any, seed: int, optimizer: Any) -> Any:
    """Random numbers that are a function of the seed and the step."""
    step = tf.cast(optimizer.iterations, tf.int32)
    return tf.random.stateless_normal((count, model.inputs[0].shape[-1]), (seed, step))


def _certain(logits: Any, wanted: float) -> Any:
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(tf.fill(tf.shape(logits), wanted), logits))
