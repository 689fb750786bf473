"""A training run on disk, whole or not at all, so that it goes on as if nothing had happened.

One .npz file: the variables in their order, the best weights so far, and where the run stands as JSON.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.errors import FileTrouble, TrainingTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.frozen import frozen

NAME = "checkpoint.npz"


@frozen
class Epoch:
    """What one pass over the training pictures brought."""

    number: int
    loss: float
    val_loss: float
    score: float
    """on the part that chooses"""
    seconds: float


@frozen
class Standing:
    """Where a run stands."""

    of: str = ""
    """what run it is: configuration and data, hashed"""
    epoch: int = 0
    """from 0"""
    step: int = 0
    """of this epoch, that comes next"""
    total: float = 0.0
    """of the losses of this epoch so far"""
    seconds: float = 0.0
    """of this epoch so far"""
    history: tuple[Epoch, ...] = ()
    best: float = -1e300
    best_at: int = 0
    """epoch, from 0"""
    ended: bool = False

    def with_epoch(self, epoch: Epoch) -> Standing:
        """With one epoch more behind it."""
        return replace(
            self, epoch=self.epoch + 1, step=0, total=0.0, seconds=0.0, history=(*self.history, epoch)
        )


def save(path: Path, standing: Standing, variables: Sequence[Any], best: Sequence[NDArray[Any]]) -> None:
    """Write all of it. Raises OSError."""
    arrays = {f"v{at}": np.asarray(variable) for at, variable in enumerate(variables)}
    arrays |= {f"b{at}": array for at, array in enumerate(best)}
    arrays["standing"] = np.frombuffer(json.dumps(asdict(standing)).encode(), np.uint8)
    content = io.BytesIO()
    np.savez(content, **arrays)  # type: ignore[arg-type]
    write_atomically(path, content.getvalue())


def restore(path: Path, of: str, variables: Sequence[Any]) -> tuple[Standing, list[NDArray[Any]]]:
    """Put what was kept into *variables*; where the run stands, and its best weights.

    Raises FileTrouble, or TrainingTrouble for the checkpoint of another run.
    """
    try:
        with np.load(path, allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        told = json.loads(arrays.pop("standing").tobytes())
        history = tuple(Epoch(**one) for one in told.pop("history"))
        standing = Standing(history=history, **told)
    except OSError as trouble:
        raise FileTrouble(f"{path} cannot be read: {trouble.strerror}.", "Train from the start.") from None
    except (ValueError, KeyError, TypeError, zipfile.BadZipFile, EOFError):
        raise FileTrouble(f"{path} is no checkpoint.", "Train from the start.") from None
    if standing.of != of:
        raise TrainingTrouble(
            f"{path.name} belongs to other data or another configuration.",
            "Put both back as they were, or train from the start.",
        )
    kept = [arrays.get(f"v{at}") for at in range(len(variables))]
    for variable, array in zip(variables, kept, strict=True):
        if array is None or array.shape != tuple(variable.shape):
            raise TrainingTrouble(f"{path.name} is of another network.", "Train from the start.")
        variable.assign(array)
    return standing, [arrays[f"b{at}"] for at in range(sum(name[0] == "b" for name in arrays))]
