"""How quickly paint follows the mouse, in a whole window over 512 x 512 x 300 voxels and over a radiograph.

``python -m medviewer.gui.bench_painting [--json]``: from each move of the mouse until all viewports have
painted what it changed, in milliseconds of CPU time and by the clock, and how many moves a second that is.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from medviewer.gui import theme
from medviewer.gui.app import Application
from medviewer.gui.bench_beats import NO_KEYS, wait_for
from medviewer.gui.bench_files import own_home, write_radiograph, write_stack
from medviewer.gui.bench_reader import Reader
from medviewer.gui.viewport.view import ViewportView

SLICES, MOVES = 300, 120
AXIAL, CORONAL = 0, 1
Row = dict[str, float]


def work_with_the_brush(reader: Reader) -> dict[str, Row]:
    """A spiral of strokes with each kind of brush, on one slice and on planes side by side."""
    reader.panel("segment")
    reader.tool("brush")
    reader.run("view.goto", index=SLICES // 2)
    reader.settle()
    found = {}
    for name, brush in (
        ("slice, disc of 10 mm", {"diameter": 10.0}),
        ("slice, disc of 40 mm", {"diameter": 40.0}),
        ("slice, adaptive disc of 10 mm", {"diameter": 10.0, "adaptive": True}),
        ("slice, ball of 20 mm", {"diameter": 20.0, "adaptive": False, "ball": True}),
    ):
        reader.run("paint.brush", **brush)
        found[name] = stroke(reader, reader.view)
    reader.run("plane.layout", arrangement="2x2")
    reader.settle()
    views = [reader.window.grid.view(number) for number in range(4)]
    found["2 x 2 with planes, ball of 20 mm"] = stroke(reader, views[AXIAL])
    found["2 x 2 with planes, ball of 20 mm on the coronal one"] = stroke(reader, views[CORONAL])
    reader.run("paint.brush", diameter=10.0, ball=False)
    found["2 x 2 with planes, disc of 10 mm"] = stroke(reader, views[AXIAL])
    reader.run("plane.turn", degrees=20.0, viewport=AXIAL)
    reader.settle()
    found["2 x 2 with oblique planes, disc of 10 mm"] = stroke(reader, views[CORONAL])
    return found


def work_on_a_radiograph(reader: Reader) -> dict[str, Row]:
    """The same on 4096 x 3328 pixels."""
    reader.tool("brush")
    reader.run("paint.brush", diameter=20.0)
    return {"radiograph of 4096 x 3328, disc of 20 mm": stroke(reader, reader.view)}


def stroke(reader: Reader, view: ViewportView) -> Row:
    """One drag along a spiral from the middle of a viewport; it is taken back at the end."""
    size, middle = min(view.width(), view.height()), QPointF(view.rect().center())
    _send(QEvent.Type.MouseButtonPress, view, middle)
    reader.settle()
    wall, cpu = [], []
    for move in range(1, MOVES + 1):
        reach, turn = 0.3 * size * move / MOVES, 0.2 * move
        at = middle + QPointF(reach * math.sin(turn), reach * math.cos(turn))
        began, spent = time.perf_counter(), time.process_time()
        _move(reader, view, at)
        wall.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - spent))
    _send(QEvent.Type.MouseButtonRelease, view, at)
    reader.settle()
    reader.run("edit.undo")
    reader.settle()
    return {
        "ms": round(statistics.median(cpu), 1),
        "slowest_of_20_ms": round(statistics.quantiles(cpu, n=20)[-1], 1),
        "wall_ms": round(statistics.median(wall), 1),
        "frames_a_second": round(1000 * MOVES / sum(wall), 1),
    }


def _move(reader: Reader, view: ViewportView, at: QPointF) -> None:
    """One move of the mouse, until every viewport has painted what it has changed."""
    before = reader.session.state.document
    shown = [reader.window.grid.view(number) for number in reader.session.view.shown]
    painted = {one: one.painted for one in shown}
    _send(QEvent.Type.MouseMove, view, at)
    changed = reader.session.state.document is not before
    waited = shown if changed else [view]  # without a change only the edge of the brush has moved
    wait_for(lambda: all(one.painted > painted[one] and one.is_current for one in waited))


def _send(kind: QEvent.Type, view: ViewportView, at: QPointF) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    changed = none if kind == QEvent.Type.MouseMove else left
    held = none if kind == QEvent.Type.MouseButtonRelease else left
    where = QPointF(view.mapToGlobal(QPoint(round(at.x()), round(at.y()))))
    QApplication.sendEvent(view, QMouseEvent(kind, at, where, changed, held, NO_KEYS))


def measure() -> dict[str, Row]:
    """All of it, in a window of its own."""
    with tempfile.TemporaryDirectory() as made, own_home(Path(made) / "home"):
        stack = write_stack(Path(made) / "stack", SLICES)
        large = write_radiograph(Path(made) / "large")
        reader, found = Reader(), {}
        try:
            reader.work("painting", stack, lambda one: found.update(work_with_the_brush(one)))
            reader.run("view.layout", rows=1, columns=1)
            reader.work("large", large, lambda one: found.update(work_on_a_radiograph(one)))
        finally:
            reader.close()
        return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m medviewer.gui.bench_painting", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args(arguments)
    app = Application(sys.argv[:1])
    theme.apply(app, "dark")
    found = measure()
    if given.json:
        print(json.dumps(found, indent=1))
    else:
        for name, row in found.items():
            print(f"{name:60}", "  ".join(f"{kind} {value:7.1f}" for kind, value in row.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
