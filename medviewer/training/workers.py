"""Several processes or machines that train one network: each learns from its part of every batch.

TensorFlow's own description of the group is the variable TF_CONFIG; without it a process works alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.frozen import frozen

VARIABLE = "TF_CONFIG"


@frozen(eq=False)
class Workers:
    """A group of processes, and which of them this one is."""

    index: int = 0
    count: int = 1
    together: Callable[[Sequence[Any]], Sequence[Any]] = list
    """the sum of each tensor over all processes"""

    @property
    def is_first(self) -> bool:
        """Whether this process writes files; the others only learn."""
        return self.index == 0

    def part(self, batch: Sequence[Any]) -> tuple[list[Any], float]:
        """This process's rows of each array of a *batch*, and their share of all."""
        if self.count == 1:
            return list(batch), 1.0
        whole = len(batch[0])
        mine = len(range(self.index, whole, self.count))
        # who gets nothing still takes part in the sum, with a row that counts nothing
        rows = slice(self.index, None, self.count) if mine else slice(0, 1)
        return [array[rows] for array in batch], mine / whole


ALONE = Workers()


def joined() -> Workers:
    """The group that TF_CONFIG describes. Must come before anything else that TensorFlow does.

    Raises TrainingTrouble for a description that cannot be used.
    """
    text = os.environ.get(VARIABLE, "")
    if not text:
        return ALONE
    try:
        found = json.loads(text)
        count, index = len(found["cluster"]["worker"]), int(found["task"]["index"])
    except (ValueError, KeyError, TypeError):
        raise TrainingTrouble(
            f"The variable {VARIABLE} does not describe a group of workers.",
            'It holds {"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}.',
        ) from None
    if count < 2:
        return ALONE
    try:
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
    except (ValueError, RuntimeError, tf.errors.OpError) as trouble:
        raise TrainingTrouble(f"The workers do not find each other: {str(trouble)[:200]}") from trouble
    return Workers(index, count, _sum_by(strategy))


def _sum_by(strategy: Any) -> Callable[[Sequence[Any]], Sequence[Any]]:
    def summed(*tensors: Any) -> Any:
        context = tf.distribute.get_replica_context()
        # copied here, so that they lie on this replica's device: without one they cannot be sent
        return context.all_reduce(tf.distribute.ReduceOp.SUM, [tf.identity(one) for one in tensors])

    def together(tensors: Sequence[Any]) -> Sequence[Any]:
        found: Sequence[Any] = strategy.run(summed, args=tuple(tensors))
        return found

    return together
