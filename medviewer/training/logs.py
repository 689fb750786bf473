"""What a run tells while it runs: a table that grows, and TensorBoard's own log where it is wanted."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from medviewer.training.checkpoint import Epoch

NAMES = ("loss", "val_loss", "score", "seconds")


def why_no_events(wanted: bool) -> str:
    """Why there is no log for TensorBoard although one is *wanted*, or ""."""
    if not wanted or find_spec("tensorboard") is not None:
        return ""
    return "There is no log for TensorBoard: its package is not installed. metrics.csv says the same."


class Log:
    """Writes ``metrics.csv`` row by row, and events for TensorBoard below ``tensorboard``."""

    def __init__(self, folder: Path, score: str, past: Sequence[Epoch], tensorboard: bool) -> None:
        """Begin with the epochs that are *past*. Raises OSError."""
        self._path, self._score = folder / "metrics.csv", score.lower()
        header = ("epoch", "loss", "val_loss", f"val_{self._score}", "seconds")
        with open(self._path, "w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(header)
        self._events: Any = None
        if tensorboard and not why_no_events(wanted=True):
            import tensorflow as tf  # noqa: PLC0415  (whoever reads logs needs none)

            self._events = tf.summary.create_file_writer(str(folder / "tensorboard"))
        for epoch in past:
            self._row(epoch)

    def add(self, epoch: Epoch) -> None:
        """One row more, on disk at once. Raises OSError."""
        self._row(epoch)
        if self._events is not None:
            import tensorflow as tf  # noqa: PLC0415  (as above)

            with self._events.as_default():
                for name in NAMES:
                    word = f"val_{self._score}" if name == "score" else name
                    tf.summary.scalar(word, getattr(epoch, name), step=epoch.number)
            self._events.flush()

    def _row(self, epoch: Epoch) -> None:
        with open(self._path, "a", newline="") as file:
            values = (f"{getattr(epoch, name):.6g}" for name in NAMES)
            csv.writer(file, lineterminator="\n").writerow((epoch.number, *values))
