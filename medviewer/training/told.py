"""How a run talks to the program that started it: lines of JSON out, and the end of its input to stop."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from medviewer.kit.task import CancelToken, Progress

EVERY_S = 0.2
"""How often a line may come; a program shows no more."""


class Lines:
    """Progress as lines of JSON on standard output: fraction, text, epoch, loss, score, seconds_left.

    The last line has the result, or nothing more comes.
    """

    def __init__(self) -> None:
        self._facts: dict[str, Any] = {}
        self._at = -math.inf

    def note(self, **facts: Any) -> None:
        """What is known by now."""
        self._facts.update(facts)

    def __call__(self, progress: Progress) -> None:
        """A line about *progress*, unless one came just now."""
        now = time.monotonic()
        if now - self._at >= EVERY_S:
            self._at = now
            self._write({"fraction": progress.fraction, "text": progress.text, **self._facts})

    def result(self, answer: Mapping[str, Any]) -> None:
        """The last line."""
        self._write({"fraction": 1.0, "text": "Done", "result": answer})

    @staticmethod
    def _write(told: Mapping[str, Any]) -> None:
        sys.stdout.write(json.dumps(_finite(told)) + "\n")
        sys.stdout.flush()


@contextmanager
def cancelled_by_signals(token: CancelToken, of_input: bool) -> Iterator[None]:
    """Cancel *token* by the first SIGINT or SIGTERM, or *of_input* at the end of standard input.

    A second signal ends the process, as it always does.
    """
    if of_input:
        threading.Thread(target=_until_closed, args=(token,), daemon=True).start()
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[int, Any] = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(number: int, _: Any) -> None:
        signal.signal(number, before[number])
        token.cancel()

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _until_closed(token: CancelToken) -> None:
    # not through the buffer of Python: a thread that waits in it makes the end of the process an abort
    while os.read(sys.stdin.fileno(), 1024):
        pass
    token.cancel()


def _finite(value: Any) -> Any:
    """*value* in the words of JSON, which knows no numbers that are not finite."""
    if isinstance(value, Mapping):
        return {str(name): _finite(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
