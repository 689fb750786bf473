"""The proof that an exported network does what the trained one does, before it is written at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.runtime import Network
from medviewer.kit.errors import ModelTrouble, TrainingTrouble

TOLERANCE = 1e-4
"""of the largest output, or of 1 where outputs are small"""


def worst_difference(
    model: Any, data: bytes, outputs: Sequence[str], batches: Sequence[NDArray[np.float32]]
) -> float:
    """How far ONNX Runtime on *data* is from the Keras *model* over all *batches* and *outputs*.

    Raises TrainingTrouble when the export cannot run or differs by more than `TOLERANCE`.
    """
    try:
        network = Network(data, "The exported network")
        worst = max(_difference(network, model, outputs, batch) for batch in batches)
    except ModelTrouble as trouble:
        raise TrainingTrouble(f"The export cannot be run. {trouble.message}") from trouble
    # written so that a NaN fails, too
    if not worst <= TOLERANCE:
        raise TrainingTrouble(f"The exported network differs from the trained one by {worst:.2g}.")
    return worst


def _difference(network: Network, model: Any, outputs: Sequence[str], batch: NDArray[np.float32]) -> float:
    found = network.run({network.inputs[0].name: batch}, outputs)
    wanted = model(batch, training=False)
    wanted = wanted if isinstance(wanted, (list, tuple)) else [wanted]
    each = []
    for name, tensor in zip(outputs, wanted, strict=True):
        array = np.asarray(tensor)
        if found[name].shape != array.shape:
            raise TrainingTrouble("The exported network gives another shape than the trained one.")
        each.append(float(np.max(np.abs(found[name] - array)) / max(1.0, float(np.max(np.abs(array))))))
    return max(each)
