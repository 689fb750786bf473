"""What learns in a run: the declared network, loss, optimiser and schedule, put together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.frozen import frozen
from medviewer.training.configuration import Choice, Configuration
from medviewer.training.learning import Lesson
from medviewer.training.losses import ADVERSARIAL, LOSSES, USUAL
from medviewer.training.networks import Given
from medviewer.training.networks.network import Network
from medviewer.training.networks.pictures import discriminator
from medviewer.training.optimizers import OPTIMIZERS, SCHEDULES
from medviewer.training.steps import Adversarial, Learner, adversarial, judging, plain
from medviewer.training.transfer import transferred
from medviewer.training.workers import Workers

ADAM_OF_ADVERSARIES = 0.5
"""First momentum of Adam where two networks learn against each other (Radford et al. 2016)."""
NO_CARD = "Half precision needs a graphics card; this machine has none that TensorFlow can use."


@frozen(eq=False)
class Assembly:
    """A learner, and how to make it anew when layers that rested join in."""

    learner: Learner
    relearn: Callable[[], Learner]
    resting: tuple[Any, ...]
    """layers that took their weights from a file"""
    remarks: tuple[str, ...]


def checked_choices(asked: Configuration, task: str) -> None:
    """Raises BadValue or TrainingTrouble for what does not fit, before anything is read or trained."""
    loss = LOSSES[_loss_name(asked, task)]
    if task not in loss.tasks:
        raise TrainingTrouble(
            f"The loss {loss.title} is for {' and '.join(loss.tasks)}, not for {task}.",
            "Choose another loss.",
        )
    for declared, choice in (
        (loss, asked.loss),
        (OPTIMIZERS[asked.optimizer.name], asked.optimizer),
        (SCHEDULES[asked.schedule.name], asked.schedule),
    ):
        declared.checked(dict(choice.values))


def assembled(
    asked: Configuration, lesson: Lesson, network: Network, given: Given, steps: int, workers: Workers
) -> Assembly:
    """The learner of a run of *steps* steps in each epoch. Raises BadValue, TrainingTrouble, FileTrouble."""
    remarks = []
    is_half = asked.train.mixed_precision and bool(tf.config.list_physical_devices("GPU"))
    if asked.train.mixed_precision and not is_half:
        remarks.append(NO_CARD)
    model = _built(network, given, asked.network, "mixed_float16" if is_half else "float32")
    took: tuple[Any, ...] = ()
    if asked.train.weights:
        took = transferred(model, Path(asked.train.weights))
        remarks.append(f"{len(took)} layers begin with the weights of {Path(asked.train.weights).name}.")
    optimizer = _optimizer(asked, steps, model)
    if is_half:
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        optimizer.build(model.trainable_variables)
    make = _maker(asked, lesson, model, optimizer, steps, workers)
    resting = took if asked.train.frozen else ()
    for layer in resting:
        layer.trainable = False
    learner = make()

    def relearn() -> Learner:
        for layer in resting:
            layer.trainable = True
        return make()

    return Assembly(learner, relearn, resting, tuple(remarks))


def in_full_precision(model: keras.Model, network: Network, given: Given, choice: Choice) -> keras.Model:
    """*model* as it is exported: its weights in a network of 32 bits."""
    if model.dtype_policy.compute_dtype == "float32":
        return model
    full = _built(network, given, choice, "float32")
    full.set_weights(model.get_weights())
    return full


def _built(network: Network, given: Given, choice: Choice, policy: str) -> keras.Model:
    keras.config.set_dtype_policy(policy)
    try:
        return network(given, **dict(choice.values))
    finally:
        keras.config.set_dtype_policy("float32")


def _optimizer(asked: Configuration, steps: int, model: keras.Model) -> Any:
    rate = SCHEDULES[asked.schedule.name](
        asked.train.learning_rate, asked.train.epochs * steps, steps, **dict(asked.schedule.values)
    )
    optimizer = OPTIMIZERS[asked.optimizer.name](rate, **dict(asked.optimizer.values))
    optimizer.build(model.trainable_variables)
    return optimizer


def _maker(
    asked: Configuration, lesson: Lesson, model: keras.Model, optimizer: Any, steps: int, workers: Workers
) -> Callable[[], Learner]:
    name = _loss_name(asked, lesson.task)
    values = dict(asked.loss.values)
    weights = tf.constant(lesson.weights)
    weighted = LOSSES[name].with_values(values)

    def loss(truth: Any, logits: Any) -> Any:
        return weighted(truth, logits, weights)

    judge = judging(model, loss)
    if name != ADVERSARIAL:
        return lambda: Learner(model, optimizer, plain(model, loss, optimizer, workers), judge)
    chosen = LOSSES[name].checked(values)
    makes = lesson.task == "generation"
    shape = lesson.loaded.inputs.shape[1:]
    adversary = discriminator(
        (shape[0], shape[1]), shape[2] if makes else 2 * shape[2], int(chosen["width"] or 1), not makes
    )
    its_optimizer = keras.optimizers.Adam(asked.train.learning_rate, beta_1=ADAM_OF_ADVERSARIES)
    its_optimizer.build(adversary.trainable_variables)
    plan = Adversarial(
        0.0 if makes else float(chosen["distance"] or 0.0),
        float(chosen["softening"] or 0.0),
        asked.train.seed,
    )

    def make() -> Learner:
        step = adversarial(model, optimizer, adversary, its_optimizer, plan, workers)
        return Learner(model, optimizer, step, judge, (adversary, its_optimizer))

    return make


def _loss_name(asked: Configuration, task: str) -> str:
    return asked.loss.name or USUAL[task]
