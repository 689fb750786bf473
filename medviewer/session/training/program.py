"""``medviewer`` in a process of its own: asked in the words of a terminal, answered in lines of JSON.

This floor does not know the floor that trains. What that process tells is read as values and never run; it
ends by itself when its input is closed, also when the viewer dies, and keeps what was learnt.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from medviewer.kit.errors import Cancelled, TrainingTrouble
from medviewer.kit.task import TaskContext

STOPPED = 130
"""the exit code of what was asked to stop, and stopped"""
MOST_WORDS = 2000
_ROOT = Path(__file__).resolve().parents[3]


def command(*words: str) -> list[str]:
    """How another process of this program is started."""
    start = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "medviewer"]
    return [*start, *words]


def answer(words: tuple[str, ...], context: TaskContext) -> dict[str, Any]:
    """What the command says as JSON. Raises TrainingTrouble with its own sentence, Cancelled."""
    with _started(words, context) as (process, told):
        assert process.stdout is not None
        context.token.on_cancel(process.kill)
        text = process.stdout.read()
        _check(process, told, context)
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise TrainingTrouble("The process for training gave no answer.", "Look into the log.")
    return found


def followed(
    words: tuple[str, ...], context: TaskContext, tell: Callable[[Mapping[str, Any]], object]
) -> dict[str, Any]:
    """Run a command that tells lines of JSON, each given to *tell*; its result.

    When the context is cancelled the process is asked to stop, and this waits until it has kept what it
    learnt. Raises TrainingTrouble with its own sentence, Cancelled.
    """
    result: dict[str, Any] | None = None
    with _started(words, context) as (process, told):
        assert process.stdout is not None
        for line in process.stdout:
            try:
                found = json.loads(line)
            except ValueError:
                continue  # a library that speaks on its own
            if not isinstance(found, dict):
                continue
            if isinstance(found.get("result"), dict):
                result = found["result"]
            with suppress(Cancelled):  # it is read to its end: it keeps what it learnt
                tell(found)
        _check(process, told, context)
    if result is None:
        raise TrainingTrouble("The training ended without a result.", "Go on with it, or look into the log.")
    return result


@contextmanager
def _started(
    words: tuple[str, ...], context: TaskContext
) -> Iterator[tuple[subprocess.Popen[str], IO[bytes]]]:
    context.check()
    paths = [str(_ROOT), os.environ.get("PYTHONPATH", "")]
    with tempfile.TemporaryFile() as told:
        try:
            process = subprocess.Popen(
                command(*words),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=told,
                encoding="utf-8",
                errors="replace",
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONUTF8": "1"},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as trouble:
            raise TrainingTrouble(
                f"The process for training cannot be started: {trouble.strerror or trouble}.", ""
            ) from None
        assert process.stdin is not None
        wish, output = process.stdin, process.stdout

        def stop() -> None:
            with suppress(OSError):
                wish.close()

        context.token.on_cancel(stop)
        is_followed = False
        try:
            yield process, told
            is_followed = True
        finally:
            if not is_followed:  # nobody listens to it any more
                process.kill()
            stop()
            process.wait()
            if output is not None:
                output.close()


def _check(process: subprocess.Popen[str], told: IO[bytes], context: TaskContext) -> None:
    """Raise what the process complained of, once it has ended."""
    code = process.wait()
    context.check()
    if code == 0:
        return
    told.seek(0)
    lines = [one.strip() for one in told.read().decode("utf-8", "replace").splitlines() if one.strip()]
    words = " ".join(line for line in lines if not line[:4].strip().endswith("%"))[-MOST_WORDS:]
    if code < 0:
        words = "The process for training was ended from outside; there may have been too little memory."
    raise TrainingTrouble(words or f"The process for training ended with code {code}.")
