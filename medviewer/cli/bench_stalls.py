"""What ``medviewer bench`` says of stalls of the window and its memory (`medviewer.gui.bench_stalls`)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.cli.measuring import at_most
from medviewer.cli.samples import write_stack
from medviewer.cli.screen import has_screen

MOST_MS, MOST_LARGE_MS = 50.0, 100.0
"""What one turn of the event loop may compute with pictures of 512 x 512, and of about 13 million pixels."""
VOXELS_MB = 500 * 512 * 512 * 2 / 1e6
MOST_MB = 1.5 * VOXELS_MB + 150
PACKED_SLICES, SIDE, LARGE, LARGE_SIDE = 150, 512, 4, 3696
LONGEST_S = 900


def stalls() -> dict[str, Any]:
    """A row for each thing that a reader does: the longest turn of the event loop meanwhile."""
    with tempfile.TemporaryDirectory() as made:
        packed = _packed(Path(made) / "packed", PACKED_SLICES, SIDE)
        large = _packed(Path(made) / "large", LARGE, LARGE_SIDE)
        surroundings = {
            name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
        }
        surroundings["PYTHONPYCACHEPREFIX"] = f"{made}/compiled"
        if not has_screen():
            surroundings["QT_QPA_PLATFORM"] = "offscreen"
        try:
            # an installer has compiled what the window is made of
            _child(["-c", "import medviewer.gui.bench_stalls, medviewer.gui.panels.all"], surroundings)
            program = ["-m", "medviewer.gui.bench_stalls", "--json"]
            said = _child([*program, "--packed", str(packed), "--packed-large", str(large)], surroundings)
            found = json.loads(said)
        except (OSError, subprocess.SubprocessError, ValueError):
            return {"missing": "Stalls could not be measured here: the window did not open."}
    return {name: _row(name, row) for name, row in found.items()}


def _row(name: str, row: dict[str, float]) -> dict[str, Any]:
    if "mb" in row:
        return {**row, **at_most(row["mb"], MOST_MB, "mb")} if name.startswith("stack") else row
    return {**row, **at_most(row["ms"], MOST_LARGE_MS if name.startswith("large") else MOST_MS, "ms")}


def _child(arguments: list[str], surroundings: dict[str, str]) -> str:
    ended = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=True,
        env=surroundings,
    )
    return ended.stdout


def _packed(folder: Path, count: int, side: int) -> Path:
    """*count* pictures in JPEG-LS: forms with noise, so that the decoder has work to do."""
    # the decoders live in one place; here one of them makes what that place is to read
    codec = import_module("imagecodecs")
    luck = np.random.default_rng(1)
    form = 1500 + 1000 * np.sin(np.arange(side) / 30)[:, None] * np.cos(np.arange(side) / 40)[None, :]

    def pack(pixels: NDArray[np.int16]) -> bytes:
        return bytes(codec.jpegls_encode(pixels.view(np.uint16)))

    noise = luck.integers(-16, 16, (side, side), dtype=np.int16)
    pictures = [form.astype(np.int16) + np.roll(noise, 7 * at, axis=1) for at in range(count)]
    write_stack(folder, np.stack(pictures), pack)
    return folder
