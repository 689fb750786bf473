"""A process of ours that answers requests: JSON over a pipe, large things in shared memory that is ours.

Nothing is unpickled from it. When it dies or does not answer, that costs one answer and never the program.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from weakref import finalize

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from multiprocessing.shared_memory import SharedMemory

SECONDS_TO_START = 30.0
MOST_ANSWER = 1 << 16
"""Bytes of an answer; more is no answer."""
_SMALLEST_MEMORY = 1 << 20


class Ended(Exception):
    """The process is gone, or of no more use."""


class Late(Ended):
    """It did not answer in time."""


class Child:
    """One process, its pipe, and the shared memory that both see."""

    def __init__(self, name: str, serve: Callable[[Connection], object]) -> None:
        """*serve*, a function of a module, runs in the process and sends one answer when it is ready."""
        # a program that never needs another process does not pay for these
        import multiprocessing  # noqa: PLC0415  (see above)

        from medviewer.kit.spawning import started  # noqa: PLC0415  (see above)

        self._connection, theirs = multiprocessing.get_context("spawn").Pipe()
        self._process = started(name, serve, theirs)
        theirs.close()
        self._memories: list[SharedMemory] = []
        self._gone = finalize(self, _end, self._process, self._connection, self._memories)

    @property
    def pid(self) -> int | None:
        """Its number."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.is_alive()

    def send(self, request: dict[str, Any]) -> None:
        """Ask for something. Raises Ended."""
        try:
            self._connection.send_bytes(json.dumps(request).encode())
        except OSError:
            raise Ended from None

    def has_answered(self, seconds: float) -> bool:
        """Wait for an answer, *seconds* at most. Raises Ended."""
        try:
            return self._connection.poll(seconds)
        except (EOFError, OSError):
            raise Ended from None

    def receive(self, seconds: float) -> Any:
        """The next answer. Raises Late, or Ended."""
        if not self.has_answered(seconds):
            raise Late
        try:
            return json.loads(self._connection.recv_bytes(MOST_ANSWER))
        except (EOFError, OSError, ValueError):
            raise Ended from None

    def room(self, wanted: int) -> SharedMemory:
        """Shared memory of *wanted* bytes or more; the one before is given back when it is too small."""
        if not self._memories or self._memories[0].size < wanted:
            from multiprocessing.shared_memory import SharedMemory  # noqa: PLC0415  (see `__init__`)

            forget(self._memories)
            self._memories.append(SharedMemory(create=True, size=max(wanted, _SMALLEST_MEMORY)))
        return self._memories[0]

    def end(self) -> None:
        """End the process, whatever it is doing, and give its memory back."""
        self._gone()


def answered(children: Sequence[Child], seconds: float) -> list[Child]:
    """Those that have answered, or ended; the first of them is waited for, *seconds* at most."""
    from multiprocessing.connection import wait  # noqa: PLC0415  (see `Child`)

    ready = wait([child._connection for child in children], seconds)
    return [child for child in children if child._connection in ready]


def _end(process: BaseProcess, connection: Connection, memories: list[SharedMemory]) -> None:
    if process.is_alive():
        process.kill()
    process.join(5)
    connection.close()
    forget(memories)


def forget(memories: list[SharedMemory]) -> None:
    """Give shared memory back to the system."""
    for memory in memories:
        # another thread may be copying out of it at this moment; the system frees it when that ends
        with contextlib.suppress(BufferError):
            memory.close()
        with contextlib.suppress(FileNotFoundError):
            memory.unlink()
    memories.clear()
