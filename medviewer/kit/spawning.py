"""Starts processes that are ours alone: they never run the main module of the program that uses us.

`multiprocessing` imports the main module of its parent again in every child. A script without
``if __name__ == "__main__":`` would begin anew in each of them, and every program would wait for imports that
they do not need.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing import spawn
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any

OURS = "medviewer-"
"""How the names of our processes begin."""

_PREPARED: Callable[[str], dict[str, Any]] = spawn.get_preparation_data


def started(name: str, target: Callable[..., object], *arguments: object) -> BaseProcess:
    """A daemon process that runs *target*, a function of a module, with picklable *arguments*."""
    if spawn.get_preparation_data is not _without_main:
        spawn.get_preparation_data = _without_main
    process = multiprocessing.get_context("spawn").Process(
        target=target, args=arguments, daemon=True, name=OURS + name
    )
    process.start()
    return process


def end_with_parent() -> None:
    """Leave when the parent is gone, however it went; a daemon process outlives a parent that was killed."""
    Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def _without_main(name: str) -> dict[str, Any]:
    """What a child is told about its parent; of ours, by their name, nothing about the main module."""
    data = _PREPARED(name)
    if name.startswith(OURS):
        data.pop("init_main_from_name", None)
        data.pop("init_main_from_path", None)
    return data
