"""Batches of training pictures, made by several threads while the network works on others.

Every random choice is a function of seed, epoch and picture: neither the order nor the content of batches
depends on how many threads there are or which of them is faster.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from medviewer.kit.frozen import frozen
from medviewer.training.augment import Augmentation, augmented, augmented_pair
from medviewer.training.data.loading import Loaded

AHEAD = 4
"""batches that wait for the network"""

Batch = tuple[NDArray[np.float32], NDArray[Any]]


@frozen
class Feed:
    """How examples become batches."""

    batch: int = 16
    seed: int = 1
    augmentation: Augmentation | None = Augmentation()
    """None leaves the pictures as they are"""
    shuffled: bool = True
    threads: int = 0
    """0 takes one per processor"""


def batches(
    loaded: Loaded,
    rows: NDArray[Any],
    plan: Feed,
    epoch: int,
    start: int = 0,
    truth: NDArray[Any] | None = None,
) -> tf.data.Dataset:
    """(inputs, truth) of *rows* for one epoch, both with the batch first; from batch *start* on.

    *truth* has one entry for each example, by default `Loaded.truth`: masks and pictures of the inputs' size
    are moved as the inputs are. The last batch may be smaller. Series of different lengths come in batches of
    equal length. *plan* needs ``batch``, ``seed`` and ``augmentation``.
    """
    order = batched_rows(loaded, rows, plan, epoch)[start:]
    threads = getattr(plan, "threads", 0) or os.cpu_count() or 1
    lengths = np.array([len(part) for part in order], np.int64)
    flat = tf.data.Dataset.from_tensor_slices(
        tf.RaggedTensor.from_row_lengths(np.concatenate([*order, np.empty(0, np.int64)]), lengths)
    )
    truth = loaded.truth if truth is None else truth
    kinds = (tf.float32, _kind(truth))

    def made(part: Any) -> Any:
        found = tf.numpy_function(
            lambda these: batch_of(loaded, these, plan, epoch, truth), [part], kinds, stateful=False
        )
        for tensor, array in zip(found, (loaded.inputs, truth), strict=True):
            tensor.set_shape((None, *_shape(array)))
        return tuple(found)

    dataset = flat.map(made, num_parallel_calls=threads, deterministic=True)
    options = tf.data.Options()
    options.threading.private_threadpool_size = threads
    return dataset.prefetch(AHEAD).with_options(options)


def batched_rows(loaded: Loaded, rows: NDArray[Any], plan: Feed, epoch: int) -> list[NDArray[np.int64]]:
    """Which examples form each batch of an epoch, in order."""
    rows = np.asarray(rows, np.int64)
    if getattr(plan, "shuffled", True):
        rows = rows[np.random.default_rng([plan.seed, epoch]).permutation(len(rows))]
    if not loaded.is_ragged:
        return [rows[at : at + plan.batch] for at in range(0, len(rows), plan.batch)]
    return list(_of_one_length(loaded, rows, plan.batch))


def batch_of(
    loaded: Loaded, rows: NDArray[np.int64], plan: Feed, epoch: int, truth: NDArray[Any] | None = None
) -> Batch:
    """The batch of *rows* as the network gets it in this epoch."""
    truth = loaded.truth if truth is None else truth
    limits = plan.augmentation
    pictures = [loaded.inputs[row] for row in rows]
    wanted = [truth[row] for row in rows]
    if limits is not None and limits.changes:
        changed = [
            _changed(one, other, limits, (plan.seed, epoch, int(row)))
            for one, other, row in zip(pictures, wanted, rows, strict=True)
        ]
        pictures, wanted = [one for one, _ in changed], [other for _, other in changed]
    return np.stack(pictures), np.stack(wanted)


def _changed(picture: Any, truth: Any, limits: Augmentation, seed: tuple[int, int, int]) -> tuple[Any, Any]:
    """A picture and what belongs to it: a mask or another picture moves along, a label stays."""
    if np.ndim(truth) and truth.shape == picture.shape[:-1]:
        return augmented(picture, truth, limits, seed)
    if np.ndim(truth) and truth.shape[:-1] == picture.shape[:-1]:
        return augmented_pair(picture, truth, limits, seed)
    return augmented(picture, None, limits, seed)[0], truth


def _of_one_length(loaded: Loaded, rows: NDArray[np.int64], size: int) -> Iterator[NDArray[np.int64]]:
    """Batches whose series have equally many slices, each as soon as it is full."""
    waiting: dict[tuple[int, ...], list[int]] = {}
    for row in rows.tolist():
        part = waiting.setdefault(loaded.inputs[row].shape, [])
        part.append(row)
        if len(part) == size:
            yield np.array(waiting.pop(loaded.inputs[row].shape), np.int64)
    for part in waiting.values():
        yield np.array(part, np.int64)


def _kind(array: NDArray[Any]) -> Any:
    return tf.as_dtype(array[0].dtype if array.dtype == object else array.dtype)


def _shape(array: NDArray[Any]) -> tuple[int | None, ...]:
    """The shape of one example, with None where it varies."""
    if array.dtype != object:
        return array.shape[1:]
    return (None, *array[0].shape[1:])
