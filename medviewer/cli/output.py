"""What is written to the terminal: JSON for programs, lines for people, no escape sequences."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from medviewer.kit.errors import MedviewerError
from medviewer.kit.task import CancelToken, Progress, TaskContext

LINE_EVERY_SHARE, LINE_EVERY_S = 0.08, 10.0
"""How often a task that lasts tells a file or a pipe how far it is: the share done, or the time."""


def tell(text: str) -> None:
    """One line of the answer."""
    sys.stdout.write(printable(text) + "\n")


def tell_json(value: Any) -> None:
    """The answer as JSON; letters beyond ASCII are escaped, so that every terminal and pipe takes it."""
    sys.stdout.write(json.dumps(_plain(value), indent=1, allow_nan=False) + "\n")


def tell_values(values: Mapping[str, Any], indent: str = "") -> None:
    """The answer of a command that gives plain values, one to a line."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            tell(f"{indent}{name}:")
            tell_values(value, indent + "  ")
        else:
            tell(f"{indent}{name}: {short(value)}")


def remark(text: str) -> None:
    """One line beside the answer, on standard error."""
    sys.stderr.write(printable(text) + "\n")


def complain(trouble: MedviewerError) -> None:
    """What went wrong and what can be done, in one line on standard error."""
    remark(str(trouble))


def table(rows: Iterable[Sequence[object]]) -> None:
    """Lines with their columns under each other."""
    texts = [[printable(str(cell)) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write(line.rstrip() + "\n")


def printable(text: str) -> str:
    """*text* with line breaks, escape sequences and direction marks as harmless signs.

    Header values come from strangers; printed as they are they could rewrite what stands on the screen.
    """
    plain = (sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)
    return (
        "".join(plain)
        .encode(sys.stdout.encoding or "utf-8", "backslashreplace")
        .decode(sys.stdout.encoding or "utf-8")
    )


def context(lasts: bool = False) -> TaskContext:
    """Shows progress in one line on standard error when a person is watching; silent in scripts.

    What *lasts* for minutes also tells a file or a pipe how far it is, now and then in a line of its own.
    """
    if sys.stderr.isatty():
        return TaskContext(CancelToken(), _show)
    return TaskContext(CancelToken(), _Now() if lasts else None)


def _plain(value: Any) -> Any:
    """*value* in the words of JSON, which knows no numbers that are not finite."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | type(None)) else str(value)


def short(value: Any) -> str:
    """A value in a few words."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {short(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(short, value))
    return str(value)


class _Now:
    """Writes a line whenever a good piece is done or some time is over, and none for what is quick."""

    def __init__(self) -> None:
        self._fraction, self._at = 0.0, time.monotonic()

    def __call__(self, progress: Progress) -> None:
        """Tell about *progress* unless something much like it was told just now."""
        at, fraction = time.monotonic(), progress.fraction or 0.0
        if fraction - self._fraction < LINE_EVERY_SHARE and at - self._at < LINE_EVERY_S:
            return
        self._fraction, self._at = fraction, at
        remark(f"{fraction:4.0%} {progress.text}")
        sys.stderr.flush()


def _show(progress: Progress) -> None:
    share = "" if progress.fraction is None else f"{progress.fraction:4.0%} "
    sys.stderr.write(f"\r\x1b[K{share}{printable(progress.text)[:70]}\r")
    sys.stderr.flush()
