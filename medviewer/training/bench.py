"""How many pictures a second the input pipeline makes, beside how many the plain network learns from.

``python -m medviewer.training.bench [--json]``: both are measured in turns in one process, in seconds that
pass; neither waits for the other, so the ratio says how often the network would wait for pictures.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from medviewer.kit.paths import user_folder
from medviewer.kit.scratch import mapped
from medviewer.training.data.loading import Loaded
from medviewer.training.quiet import quiet

NETWORK = "textbook"
BATCH = 64
ROUNDS = 5
STEPS = 6
"""of the network in each round"""
SIDES = {"pictures of 28 px": (28, 4096), "pictures of 64 px": (64, 1536), "pictures of 128 px": (128, 512)}
"""side, and how many pictures an epoch of the pipeline has"""
IN_A_FILE = "pictures of 64 px in a file"


def measure() -> dict[str, dict[str, float]]:
    """A row for each size: pictures a second of the pipeline and of the network."""
    found = {}
    for name, (side, count) in SIDES.items():
        found[name] = _beside(_pictures(side, count, in_a_file=False))
    side, count = SIDES["pictures of 64 px"]
    found[IN_A_FILE] = _beside(_pictures(side, count, in_a_file=True))
    return found


def _pictures(side: int, count: int, in_a_file: bool) -> Loaded:
    rng = np.random.default_rng(1)
    inputs = rng.random((count, side, side, 1), np.float32)
    if in_a_file:
        inputs_there = mapped(inputs.shape, np.float32, user_folder("scratch"))
        inputs_there[...] = inputs
        inputs = inputs_there
    names = tuple(map(str, range(count)))
    return Loaded(inputs, np.arange(count) % 2, None, names, names, ("",) * count, (), 0, "")


def _beside(loaded: Loaded) -> dict[str, float]:
    from medviewer.training.pipeline import Feed, batches  # noqa: PLC0415  starts TensorFlow

    rows, feed = np.arange(len(loaded)), Feed(BATCH, 1)
    learn = _step(loaded)
    epoch = 0

    def pipeline() -> int:
        nonlocal epoch
        epoch += 1
        return sum(len(labels) for _, labels in batches(loaded, rows, feed, epoch))

    def network() -> int:
        for _ in range(STEPS):
            learn()
        return STEPS * BATCH

    pipeline()
    network()
    made, learnt = [], []
    for _ in range(ROUNDS):
        made.append(_rate(pipeline))
        learnt.append(_rate(network))
    one, other = statistics.median(made), statistics.median(learnt)
    return {"ratio": one / other, "pipeline_per_s": one, "network_per_s": other}


def _rate(work: Callable[[], int]) -> float:
    began = time.perf_counter()
    return work() / (time.perf_counter() - began)


def _step(loaded: Loaded) -> Callable[[], object]:
    """One step of the plain network on a batch that is there already."""
    import keras  # noqa: PLC0415  as above
    import tensorflow as tf  # noqa: PLC0415  as above

    from medviewer.training.losses import LOSSES  # noqa: PLC0415  as above
    from medviewer.training.networks import NETWORKS, Given  # noqa: PLC0415  as above

    size = loaded.inputs.shape[1:3]
    model = NETWORKS[NETWORK](Given((size[0], size[1]), 1, 2, "classification"))
    optimizer = keras.optimizers.AdamW(1e-3)
    optimizer.build(model.trainable_variables)
    loss = LOSSES["cross_entropy"].with_values({})
    weights = tf.ones(2)
    inputs, labels = tf.constant(loaded.inputs[:BATCH]), tf.constant(loaded.labels[:BATCH])

    @tf.function  # type: ignore[untyped-decorator]
    def step() -> Any:
        with tf.GradientTape() as tape:
            answer = model(inputs, training=True)
            logits = answer[0] if isinstance(answer, (list, tuple)) else answer
            value = loss(labels, logits, weights)
        optimizer.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)
        return value

    return lambda: float(step())


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m medviewer.training.bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args(arguments)
    with quiet():
        found = measure()
    if given.json:
        print(json.dumps(found, indent=1))
        return 0
    for name, row in found.items():
        print(
            f"{name:32} pipeline {row['pipeline_per_s']:8.0f}/s  network {row['network_per_s']:8.0f}/s  "
            f"{row['ratio']:6.1f} times"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
