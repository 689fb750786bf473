"""``medviewer bench``: ratios to the cheapest possible way, measured side by side in one run.

A machine shared with others makes every absolute figure doubtful; ratios of CPU time taken in turns stay.
"""

from __future__ import annotations

import os
import platform
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import medviewer
from medviewer.cli import (
    bench_enhance,
    bench_files,
    bench_keeping,
    bench_painting,
    bench_pictures,
    bench_stalls,
    bench_training,
    bench_volumes,
    bench_window,
    output,
)
from medviewer.cli.arguments import add_json
from medviewer.cli.measuring import told


class Group(NamedTuple):
    """Rows that are measured together. A new group is a line in `groups`."""

    name: str
    measure: Callable[[], dict[str, Any]]
    tell: Callable[[Mapping[str, Any]], None]


def groups() -> tuple[Group, ...]:
    """What is measured, in order. Each row holds a ratio or a figure, its limit, and whether it is kept."""
    return (
        Group("files", bench_files.files, tell_rows),
        Group("pictures", bench_pictures.pictures, bench_pictures.tell_pictures),
        Group("enhancements", bench_pictures.enhancements, bench_pictures.tell_enhancements),
        Group("operations", bench_enhance.operations, bench_enhance.tell),
        Group("volumes", bench_volumes.volumes, tell_rows),
        Group("window", bench_window.window, tell_rows),
        Group("painting", bench_painting.painting, tell_rows),
        Group("keeping", bench_keeping.keeping, tell_rows),
        Group("stalls", bench_stalls.stalls, tell_rows),
        Group("training", bench_training.training, bench_training.tell),
    )


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    add_json(parser)


def run(values: Namespace) -> int:
    """Measure, and say the figures with the limit each must keep."""
    context = output.context()
    listed = groups()
    found: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "version": medviewer.__version__,
        "machine": {
            "system": platform.platform(),
            "python": platform.python_version(),
            "cores": os.cpu_count(),
        },
    }
    for number, group in enumerate(listed):
        context.report(number / len(listed), group.name.capitalize())
        found[group.name] = group.measure()
    if values.json:
        output.tell_json(found)
        return 0
    for group in listed:
        group.tell(found[group.name])
    return 0


def tell_rows(found: Mapping[str, Any]) -> None:
    """Each row as a line."""
    for name, row in found.items():
        words = told(row) if isinstance(row, Mapping) else output.short(row)
        output.tell(f"{name.replace('_', ' ')}: {words}")
