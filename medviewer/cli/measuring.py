"""How the bench measures: works in turns, in CPU time, as a ratio that has a limit."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

Work = Callable[[], object]

ROUNDS = 5


def in_turns(works: Mapping[str, Work], rounds: int = ROUNDS, repeat: int = 1) -> dict[str, float]:
    """The median CPU seconds of one call of each, taken in turns in changing order, after one to warm up."""
    spent: dict[str, list[float]] = {name: [] for name in works}
    names = list(works)
    for work in works.values():
        work()
    for number in range(rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            began = time.process_time()
            for _ in range(repeat):
                works[name]()
            spent[name].append((time.process_time() - began) / repeat)
    return {name: max(statistics.median(seconds), 1e-7) for name, seconds in spent.items()}


def at_least(ratio: float, limit: float) -> dict[str, Any]:
    """A row whose ratio must not be smaller than *limit*."""
    return {"ratio": round(ratio, 2), "limit": limit, "at_least": True, "kept": ratio >= limit}


def at_most(figure: float, limit: float, name: str = "ratio") -> dict[str, Any]:
    """A row whose ratio, or whose figure called *name*, must not be larger than *limit*."""
    return {name: round(figure, 3), "limit": limit, "kept": figure <= limit}


def milliseconds(seconds: float) -> float:
    """Seconds as they are told."""
    return round(seconds * 1000, 4)


def told(row: Mapping[str, Any]) -> str:
    """A row as a line: its ratio, or else its first figure, and its limit."""
    if "missing" in row:
        return str(row["missing"])
    figures = {name: value for name, value in row.items() if isinstance(value, (int, float))}
    name = "ratio" if "ratio" in figures else next(iter(figures))
    figure = round(figures[name], 3)
    unit = "times" if name == "ratio" else name.replace("_", " ").replace("kb", "kB").replace("mb", "MB")
    words = f"{figure:,} {unit}"
    if "limit" not in row:
        return words
    wanted = f"at {'least' if row.get('at_least') else 'most'} {row['limit']:g} wanted"
    return f"{words} ({wanted}: {'kept' if row['kept'] else 'MISSED'})"
