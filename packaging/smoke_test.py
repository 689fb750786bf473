"""Tries a frozen program without a screen: `python packaging/smoke_test.py dist/medviewer/medviewer`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLES = Path(__file__).resolve().parent.parent / "resources" / "samples" / "images"
SECONDS_OF_WINDOW = 10


def main(program: str) -> None:
    """Read, render, run a model, open the window and close it; stop at the first thing that is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        surroundings = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "MEDVIEWER_HOME": folder}

        def call(*words: str) -> str:
            return subprocess.run(
                [program, *words], env=surroundings, check=True, stdout=subprocess.PIPE, text=True
            ).stdout

        assert len(json.loads(call("info", str(SAMPLES), "--json"))["series"]) == 2
        picture = Path(folder) / "picture.png"
        # the slices are compressed, so this also starts a decoding process of the frozen program
        call("render", str(SAMPLES / "ct-chest"), "-o", str(picture), "--step", "clahe")
        assert picture.stat().st_size > 10_000
        assert json.loads(call("models", "--check", "--json"))
        window = subprocess.Popen([program, "--demo"], env=surroundings, stderr=subprocess.PIPE, text=True)
        time.sleep(SECONDS_OF_WINDOW)
        assert window.poll() is None, "the window closed by itself"
        window.terminate()
        _, complaints = window.communicate()
        assert "Traceback" not in complaints, complaints
    print("the frozen program reads, renders, checks its models and shows its window")


if __name__ == "__main__":
    main(sys.argv[1])
