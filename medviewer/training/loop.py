"""The training loop: our own step, every random choice decided by seed, epoch and picture."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.training.augment import Augmentation, augmented
from medviewer.training.data.loading import Loaded
from medviewer.training.evaluation.metrics import dice, mean_auc
from medviewer.training.losses import LOSSES

Batch = tuple[NDArray[np.float32], NDArray[Any]]


@frozen
class Plan:
    """How to train."""

    epochs: int = 30
    batch: int = 16
    learning_rate: float = 1e-3
    seed: int = 1
    patience: int = 10
    """epochs without a better score after which training stops"""
    weight_decay: float = 1e-4
    smoothing: float = 0.0
    """of class labels"""
    augmentation: Augmentation = Augmentation()


@frozen
class Epoch:
    """What one pass over the training pictures brought."""

    number: int
    loss: float
    val_loss: float
    score: float
    """AUC or Dice on the part that chooses"""
    seconds: float


def prepare_machine(seed: int) -> None:
    """Make two runs with one seed equal."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def fit(
    model: keras.Model,
    loaded: Loaded,
    train: NDArray[Any],
    val: NDArray[Any],
    plan: Plan,
    context: TaskContext,
) -> tuple[Epoch, ...]:
    """Train *model* in place and leave it with its best weights.

    Raises TrainingTrouble when the loss is no number or memory runs out, Cancelled when cancelled.
    """
    try:
        return _fit(model, loaded, train, val, plan, context)
    except tf.errors.ResourceExhaustedError as trouble:
        raise TrainingTrouble(
            "The memory is not enough for this training.", "Take a smaller batch, size or width."
        ) from trouble


def _fit(
    model: keras.Model,
    loaded: Loaded,
    train: NDArray[Any],
    val: NDArray[Any],
    plan: Plan,
    context: TaskContext,
) -> tuple[Epoch, ...]:
    loss = _loss_of(loaded, train, plan)
    steps = math.ceil(len(train) / plan.batch)
    optimizer = keras.optimizers.AdamW(
        keras.optimizers.schedules.CosineDecay(
            plan.learning_rate / 20,
            max(1, plan.epochs * steps - 2 * steps),
            warmup_target=plan.learning_rate,
            warmup_steps=2 * steps,
            alpha=0.01,
        ),
        weight_decay=plan.weight_decay,
        clipnorm=1.0,
    )
    optimizer.build(model.trainable_variables)
    truth = loaded.labels if loaded.masks is None else loaded.masks
    step = _compiled(_train_step(model, loss, optimizer), model, truth)
    judge = _compiled(_judge(model, loss), model, truth)
    history: list[Epoch] = []
    best, best_weights, best_at = -math.inf, model.get_weights(), 0
    for epoch in range(plan.epochs):
        start = time.monotonic()
        total = 0.0
        for at, (inputs, wanted) in enumerate(_batches(loaded, train, plan, epoch)):
            context.report((epoch + at / steps) / plan.epochs, _words(epoch, plan, at, steps, history))
            total += _finite(float(step(inputs, wanted)))
        val_loss, score = _score(judge, loaded, val, plan.batch)
        history.append(Epoch(epoch + 1, total / steps, val_loss, score, time.monotonic() - start))
        # a lower loss decides between equal scores, which a small part gives often
        if score - 1e-3 * val_loss > best:
            best, best_weights, best_at = score - 1e-3 * val_loss, model.get_weights(), epoch
        if epoch - best_at >= plan.patience:
            break
    model.set_weights(best_weights)
    return tuple(history)


def logits_of(model: keras.Model, inputs: NDArray[np.float32], batch: int = 16) -> NDArray[np.float32]:
    """The first output for all *inputs*."""
    run = tf.function(lambda part: model(part, training=False), input_signature=[_pictures_of(model)])
    return np.concatenate(
        [_first(run(inputs[at : at + batch])).numpy() for at in range(0, len(inputs), batch)]
    )


def _compiled(function: Callable[..., Any], model: keras.Model, truth: NDArray[Any]) -> Callable[..., Any]:
    """*function* of (inputs, truth), traced once for batches of any length: tracing takes seconds."""
    signature = [_pictures_of(model), tf.TensorSpec((None, *truth.shape[1:]), tf.as_dtype(truth.dtype))]
    compiled: Callable[..., Any] = tf.function(function, input_signature=signature)
    return compiled


def _pictures_of(model: keras.Model) -> Any:
    return tf.TensorSpec((None, *model.inputs[0].shape[1:]), tf.float32)


def _first(outputs: Any) -> Any:
    """The logits; what comes after them explains."""
    return outputs[0] if isinstance(outputs, (list, tuple)) else outputs


def _loss_of(loaded: Loaded, train: NDArray[Any], plan: Plan) -> Callable[[Any, Any], Any]:
    if loaded.masks is not None:
        mask_loss = LOSSES["entropy_dice"].with_values({})
        return lambda truth, logits: mask_loss(truth, logits, None)
    counts = np.bincount(loaded.labels[train])
    # rare classes weigh more, so that missing all of them never pays
    weights = tf.constant(counts.sum() / (len(counts) * np.maximum(counts, 1)), tf.float32)
    class_loss = LOSSES["cross_entropy"].with_values({"smoothing": plan.smoothing})
    return lambda truth, logits: class_loss(truth, logits, weights)


def _train_step(model: keras.Model, loss: Callable[[Any, Any], Any], optimizer: Any) -> Callable[..., Any]:
    def step(inputs: Any, truth: Any) -> Any:
        with tf.GradientTape() as tape:
            value = loss(truth, _first(model(inputs, training=True)))
        optimizer.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)
        return value

    return step


def _judge(model: keras.Model, loss: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def judge(inputs: Any, truth: Any) -> Any:
        logits = _first(model(inputs, training=False))
        return loss(truth, logits), logits

    return judge


def _batches(loaded: Loaded, rows: NDArray[Any], plan: Plan, epoch: int) -> Iterator[Batch]:
    """Augmented batches; the next one is made while the network works on this one."""
    order = rows[np.random.default_rng([plan.seed, epoch]).permutation(len(rows))]
    parts = [order[at : at + plan.batch] for at in range(0, len(order), plan.batch)]
    with ThreadPoolExecutor(1) as pool:
        ahead = pool.submit(_batch, loaded, parts[0], plan, epoch)
        for part in parts[1:]:
            ready, ahead = ahead, pool.submit(_batch, loaded, part, plan, epoch)
            yield ready.result()
        yield ahead.result()


def _batch(loaded: Loaded, rows: NDArray[Any], plan: Plan, epoch: int) -> Batch:
    masks = loaded.masks
    made = [
        augmented(
            loaded.inputs[row],
            None if masks is None else masks[row],
            plan.augmentation,
            (plan.seed, epoch, int(row)),
        )
        for row in rows
    ]
    inputs = np.stack([picture for picture, _ in made])
    truth = loaded.labels[rows] if masks is None else np.stack([mask for _, mask in made if mask is not None])
    return inputs, truth


def _score(judge: Callable[..., Any], loaded: Loaded, rows: NDArray[Any], batch: int) -> tuple[float, float]:
    truth = loaded.labels if loaded.masks is None else loaded.masks
    losses, outputs = [], []
    for at in range(0, len(rows), batch):
        part = rows[at : at + batch]
        value, logits = judge(loaded.inputs[part], truth[part])
        losses.append(float(value) * len(part))
        outputs.append(logits.numpy())
    logits = np.concatenate(outputs)
    loss = _finite(sum(losses) / len(rows))
    if loaded.masks is None:
        return loss, mean_auc(truth[rows], logits - logits.mean(axis=1, keepdims=True))
    return loss, float(np.mean([_mask_score(*pair) for pair in zip(truth[rows], logits, strict=True)]))


def _mask_score(truth: NDArray[np.uint8], logits: NDArray[np.float32]) -> float:
    if logits.shape[-1] == 1:
        return dice(truth > 0, logits[..., 0] >= 0)
    found = logits.argmax(axis=-1)
    return float(np.mean([dice(truth == label, found == label) for label in range(1, logits.shape[-1])]))


def _finite(loss: float) -> float:
    if not math.isfinite(loss):
        raise TrainingTrouble(
            "The loss is no longer a number.", "Take a smaller learning rate, and look at the pictures."
        )
    return loss


def _words(epoch: int, plan: Plan, at: int, steps: int, history: list[Epoch]) -> str:
    words = f"Epoch {epoch + 1} of {plan.epochs}, step {at + 1} of {steps}"
    return f"{words}, best score {max(past.score for past in history):.4f}" if history else words
