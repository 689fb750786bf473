"""A generator on disk: its network, how far its pictures are from true ones, and a sheet of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
from numpy.typing import NDArray

from medviewer.export.picture import write_picture
from medviewer.kit.files import write_atomically
from medviewer.training.configuration import Configuration
from medviewer.training.export_onnx import export
from medviewer.training.learning import distance_of_sets
from medviewer.training.loop import logits_of

KEY = "medviewer.generator"
SHEET = 6
"""pictures on a side of the sheet"""


def write_generator(
    path: Path, model: keras.Model, asked: Configuration, pictures: NDArray[np.float32], data: str
) -> tuple[dict[str, Any], float]:
    """Write the network, and ``synthetic.png`` beside it; (figures, how far ONNX differs from Keras).

    It carries no card: it reads nothing, so the viewer does not list it. Raises TrainingTrouble, OSError.
    """
    rng = np.random.default_rng(asked.train.seed)
    numbers = rng.standard_normal((max(len(pictures), SHEET**2), model.inputs[0].shape[-1]), np.float32)
    proto, difference = export(model, ["logits"], [numbers[:1], numbers[:5]])
    made = logits_of(model, numbers)
    figures = {
        "task": "generation",
        "n": len(pictures),
        "distance": round(distance_of_sets(pictures, made[: len(pictures)]), 4),
        "distance_of_noise": round(
            distance_of_sets(pictures, rng.uniform(-1, 1, pictures.shape).astype(np.float32)), 4
        ),
    }
    about = {
        "takes": f"(n, {numbers.shape[1]}) numbers of a normal distribution",
        "gives": "pictures from -1 to 1; synthetic, of nobody",
        "data": data,
        "seed": asked.train.seed,
        "figures": figures,
    }
    onnx.helper.set_model_props(proto, {KEY: json.dumps(about)})
    write_atomically(path, proto.SerializeToString())
    write_picture(_sheet(made), path.parent / "synthetic.png")
    return figures, difference


def _sheet(made: NDArray[np.float32]) -> NDArray[np.uint8]:
    grey = np.round((np.clip(made[: SHEET**2, ..., 0], -1, 1) + 1) * 127.5).astype(np.uint8)
    rows, columns = grey.shape[1:]
    tiled = grey.reshape(SHEET, SHEET, rows, columns).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(tiled.reshape(SHEET * rows, SHEET * columns))
