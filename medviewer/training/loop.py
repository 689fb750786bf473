"""The training loop: epochs of steps, the best weights, and a run on disk that goes on after a kill."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from medviewer.kit.errors import Cancelled, TrainingTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.training.checkpoint import Epoch, Standing
from medviewer.training.configuration import TrainPlan
from medviewer.training.learning import Lesson, distance_of_sets, noised, scorer
from medviewer.training.pipeline import Feed, batch_of, batched_rows, batches
from medviewer.training.steps import Learner, compiled, first
from medviewer.training.workers import ALONE, Workers

Keep = Callable[[Standing, Sequence[NDArray[Any]]], object]
"""(where the run stands, the best weights): writes a checkpoint"""
TIE = 1e-3
"""A lower loss decides between equal scores, which a small part gives often."""


def nothing(*_: Any, **__: Any) -> None:
    """Keep nothing, tell nobody."""


@frozen(eq=False)
class Run:
    """How a learner learns, and who is told."""

    plan: TrainPlan
    feed: Feed
    workers: Workers = ALONE
    keep: Keep = nothing
    told: Callable[[Epoch], object] = nothing
    """after each epoch"""
    note: Callable[..., object] = nothing
    """epoch, loss, score and seconds_left by name, before each step"""
    rest: int = 0
    """epochs for which `resting` rest"""
    resting: tuple[Any, ...] = ()
    """layers that were transferred"""
    relearn: Callable[[], Learner] | None = None
    """makes the learner anew once they rest no more"""


def prepare_machine(seed: int) -> None:
    """Make two runs with one seed equal, the names of layers included."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def fit(
    learner: Learner,
    lesson: Lesson,
    train: NDArray[Any],
    val: NDArray[Any],
    run: Run,
    context: TaskContext,
    standing: Standing | None = None,
    best: Sequence[NDArray[Any]] = (),
) -> tuple[Epoch, ...]:
    """Train the learner's network in place and leave it with its best weights.

    *standing* and *best* are those of a checkpoint. Raises TrainingTrouble when the loss is no number or
    memory runs out, Cancelled when cancelled, OSError when a checkpoint cannot be written.
    """
    try:
        return _Fitting(learner, lesson, train, val, run, context, standing or Standing(), list(best)).fit()
    except tf.errors.ResourceExhaustedError as trouble:
        raise TrainingTrouble(
            "The memory is not enough for this training.", "Take a smaller batch, size or width."
        ) from trouble


def logits_of(model: keras.Model, inputs: NDArray[Any], batch: int = 16) -> NDArray[np.float32]:
    """The first output for all *inputs*, series of any length one by one."""
    one_by_one = inputs.dtype == object
    run = tf.function(lambda part: first(model(part, training=False)), input_signature=[_pictures_of(model)])
    if one_by_one:
        return np.concatenate([run(one[None]).numpy() for one in inputs])
    return np.concatenate([run(inputs[at : at + batch]).numpy() for at in range(0, len(inputs), batch)])


class _Fitting:
    """One run of the loop."""

    def __init__(
        self,
        learner: Learner,
        lesson: Lesson,
        train: NDArray[Any],
        val: NDArray[Any],
        run: Run,
        context: TaskContext,
        standing: Standing,
        best: list[NDArray[Any]],
    ) -> None:
        self.learner, self.lesson, self.run, self.context = learner, lesson, run, context
        self.train, self.val = train, val
        self.standing = standing
        self.best = best or _values(learner.model)
        self.kept_at = self.began = time.monotonic()
        self.steps_here = 0
        self._compile()

    def fit(self) -> tuple[Epoch, ...]:
        while not self.standing.ended and self.standing.epoch < self.run.plan.epochs:
            if self.standing.epoch == self.run.rest and self.run.relearn is not None:
                self.learner = self.run.relearn()
                self._compile()
            self._epoch()
        for variable, value in zip(self.learner.model.variables, self.best, strict=True):
            variable.assign(value)
        return self.standing.history

    def _compile(self) -> None:
        truth = self.lesson.loaded.truth
        is_ragged = truth.dtype == object
        shape = (None, *truth[0].shape[1:]) if is_ragged else truth.shape[1:]
        wanted = (shape, tf.as_dtype(truth[0].dtype if is_ragged else truth.dtype))
        given = (tuple(self.learner.model.inputs[0].shape[1:]), tf.float32)
        # a generator is taught with pictures and takes numbers
        taught = wanted if self.lesson.task == "generation" else given
        self.step = compiled(self.learner.step, taught, wanted, tf.TensorSpec((), tf.float32))
        self.judge = compiled(self.learner.judge, given, wanted)

    def _epoch(self) -> None:
        run, began, at_epoch = self.run, time.monotonic(), self.standing.epoch
        steps = len(batched_rows(self.lesson.loaded, self.train, run.feed, at_epoch))
        start, before = self.standing.step, self.standing.seconds
        feed = batches(self.lesson.loaded, self.train, run.feed, at_epoch, start).as_numpy_iterator()
        for at, (inputs, truth) in enumerate(feed, start):
            self._tell(at, steps)
            if self.lesson.is_noised:
                inputs = self._noised(inputs, (run.plan.seed, at_epoch, at))  # noqa: PLW2901  the worse picture
            (inputs, truth), share = run.workers.part((inputs, truth))  # noqa: PLW2901
            loss = _finite(float(self.step(inputs, truth, np.float32(share))))
            self.steps_here += 1
            self.standing = replace(
                self.standing,
                step=at + 1,
                total=self.standing.total + loss,
                seconds=before + time.monotonic() - began,
            )
            if at + 1 < steps and time.monotonic() - self.kept_at >= run.plan.checkpoint:
                self._keep()
        self._end(steps)

    def _end(self, steps: int) -> None:
        """Judge the epoch, and see whether it is the best one or the last."""
        at_epoch, standing = self.standing.epoch, self.standing
        val_loss, score = self._score()
        epoch = Epoch(at_epoch + 1, standing.total / steps, val_loss, score, standing.seconds)
        if score - TIE * val_loss > standing.best:
            self.best = _values(self.learner.model)
            standing = replace(standing, best=score - TIE * val_loss, best_at=at_epoch)
        ended = at_epoch - standing.best_at >= self.run.plan.patience
        self.standing = replace(standing.with_epoch(epoch), ended=ended)
        self.run.told(epoch)
        self._keep()

    def _keep(self) -> None:
        self.kept_at = time.monotonic()
        self.run.keep(self.standing, self.best)

    def _tell(self, at: int, steps: int) -> None:
        plan, history = self.run.plan, self.standing.history
        done = (self.standing.epoch + at / steps) / plan.epochs
        left = None
        if self.steps_here:
            pace = (time.monotonic() - self.began) / self.steps_here
            left = pace * (plan.epochs * steps - self.standing.epoch * steps - at)
        words = f"Epoch {self.standing.epoch + 1} of {plan.epochs}, step {at + 1} of {steps}"
        if history:
            words += f", best score {max(past.score for past in history):.4f}"
        if left is not None:
            words += f", at most {_duration(left)} left"
        self.run.note(
            epoch=self.standing.epoch + 1,
            loss=self.standing.total / at if at else (history[-1].loss if history else None),
            score=history[-1].score if history else None,
            seconds_left=left,
        )
        try:
            self.context.report(done, words)
        except Cancelled:
            # what was learnt is not lost
            self._keep()
            raise

    def _score(self) -> tuple[float, float]:
        """(loss, score) on the part that chooses."""
        plain = replace(self.run.feed, augmentation=None, shuffled=False)
        losses, outputs, truths = list[float](), list[Any](), list[Any]()
        for part in batched_rows(self.lesson.loaded, self.val, plain, 0):
            inputs, truth = batch_of(self.lesson.loaded, part, plain, 0)
            if self.lesson.is_noised:
                inputs = self._noised(inputs, (self.run.plan.seed, int(part[0])))
            if self.lesson.task == "generation":
                inputs = self._given(int(part[0]), len(part))
            value, logits = self.judge(inputs, truth)
            losses.append(float(value) * len(part))
            outputs.extend(logits.numpy())
            truths.extend(truth)
        if self.lesson.task == "generation":
            distance = distance_of_sets(np.stack(truths), np.stack(outputs))
            return _finite(distance), -distance
        truth, made = (_array(part) for part in (truths, outputs))
        return _finite(sum(losses) / len(self.val)), scorer(self.lesson.task)(truth, made)

    def _given(self, at: int, count: int) -> NDArray[np.float32]:
        """Random numbers for a generator."""
        rng = np.random.default_rng([self.run.plan.seed, at])
        return rng.standard_normal((count, self.learner.model.inputs[0].shape[-1]), np.float32)

    def _noised(self, pictures: NDArray[np.float32], seed: tuple[int, ...]) -> NDArray[np.float32]:
        """The worse pictures: with noise of a deviation that is a share of the range of the values."""
        low, high = self.lesson.ends
        return noised(pictures, seed, self.run.plan.noise * (high - low))


def _array(items: list[Any]) -> NDArray[Any]:
    """*items* as one array, of objects where they differ in shape."""
    if len({np.shape(one) for one in items}) == 1:
        return np.stack(items)
    found = np.empty(len(items), object)
    found[:] = items
    return found


def _values(model: keras.Model) -> list[NDArray[Any]]:
    return [np.array(variable) for variable in model.variables]


def _pictures_of(model: keras.Model) -> Any:
    return tf.TensorSpec((None, *model.inputs[0].shape[1:]), tf.float32)


def _finite(loss: float) -> float:
    if not math.isfinite(loss):
        raise TrainingTrouble(
            "The loss is no longer a number.", "Take a smaller learning rate, and look at the pictures."
        )
    return loss


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"
