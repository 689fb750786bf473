"""Several processes of this machine that train one network together."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.task import TaskContext
from medviewer.training.configuration import Configuration
from medviewer.training.configuration_file import write

VARIABLE = "TF_CONFIG"


def train_together(
    asked: Configuration, folder: Path, count: int, context: TaskContext, resume: bool
) -> dict[str, Any]:
    """Run *asked* in *count* processes; what the first of them answers.

    Raises TrainingTrouble with its last sentence when one fails, Cancelled when cancelled.
    """
    with tempfile.TemporaryDirectory() as place:
        if resume:
            words = ["--resume", str(folder)]
        else:
            write(Path(place) / "run.toml", asked)
            words = ["--config", str(Path(place) / "run.toml"), "--output", str(folder)]
        ports = [f"127.0.0.1:{port}" for port in _free_ports(count)]
        processes = [_started(words, ports, at, Path(place)) for at in range(count)]
        for process in processes:
            context.token.on_cancel(partial(_closed, process))
        try:
            return _answer(processes[0], Path(place), context)
        finally:
            for process in processes:
                _closed(process)
                try:
                    process.wait(10 if process is processes[0] else 2)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _started(words: list[str], ports: list[str], at: int, place: Path) -> subprocess.Popen[str]:
    group = {"cluster": {"worker": ports}, "task": {"type": "worker", "index": at}}
    return subprocess.Popen(
        [sys.executable, "-m", "medviewer", "train", *words, "--progress", "json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE if at == 0 else subprocess.DEVNULL,
        stderr=open(place / f"{at}.txt", "w"),  # noqa: SIM115  belongs to the process from now on
        text=True,
        env={**os.environ, VARIABLE: json.dumps(group)},
    )


def _answer(process: subprocess.Popen[str], place: Path, context: TaskContext) -> dict[str, Any]:
    assert process.stdout is not None
    for line in process.stdout:
        told = json.loads(line)
        if "result" in told:
            found: dict[str, Any] = told["result"]
            return found
        context.report(told["fraction"], told["text"])
    context.check()
    said = [text for at in sorted(place.glob("*.txt")) for text in at.read_text().splitlines() if text]
    raise TrainingTrouble(said[-1] if said else "A worker ended without a word.")


def _closed(process: subprocess.Popen[str]) -> None:
    """Its input closed: it ends at its next step and keeps its checkpoint."""
    if process.stdin is not None and not process.stdin.closed:
        try:
            process.stdin.close()
        except OSError:
            return


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
