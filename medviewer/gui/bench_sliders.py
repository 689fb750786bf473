"""Every slider of every enhancement, dragged over a large picture in a whole window.

``python -m medviewer.gui.bench_sliders [--json] [OPERATION ...]``: the longest turn of the event loop of each
of them, and how many pictures a second were seen meanwhile.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint

from medviewer.gui import theme
from medviewer.gui.app import Application
from medviewer.gui.bench_beats import Hand, wait_for
from medviewer.gui.bench_files import own_home, write_radiograph
from medviewer.gui.bench_reader import Found, Reader
from medviewer.gui.panels.enhance import EnhancePanel
from medviewer.gui.widgets.slider import Slider
from medviewer.imaging.enhance.operation import ENHANCEMENTS


def work_on_sliders(reader: Reader, names: Iterable[str] = ()) -> None:
    """Drag each slider from one end of its track to the other, one operation after the other."""
    reader.panel("enhance")
    panel = reader.window.findChild(EnhancePanel)
    assert panel is not None
    for operation in [ENHANCEMENTS[name] for name in names] or list(ENHANCEMENTS):
        reader.run("enhance.add", operation=operation.name)
        wait_for(partial(_stand, panel, sum(one.minimum is not None for one in operation.parameters)))
        for slider in sliders_of(panel):
            _drag(reader, f"slider {operation.name}: {slider.accessibleName()}", slider)
        reader.run("enhance.clear")
        wait_for(partial(_stand, panel, 0))
        reader.settle()


def sliders_of(panel: EnhancePanel) -> list[Slider]:
    """Those of the step that is selected."""
    return [one for one in panel.findChildren(Slider) if one.isVisibleTo(panel)]


def _stand(panel: EnhancePanel, count: int) -> bool:
    return len(sliders_of(panel)) == count


def drag_slider(slider: Slider, moves: int = 60) -> None:
    """From one end of its track to the other."""
    middle, margin = slider.height() // 2, 8
    Hand(slider).drag(QPoint(margin, middle), QPoint(slider.width() - margin, middle), moves)


def _drag(reader: Reader, name: str, slider: Slider) -> None:
    before, start = reader.view.pictures, time.perf_counter()
    reader.watch(name, lambda: drag_slider(slider))
    seconds = time.perf_counter() - start
    reader.note(name, pictures_a_second=round((reader.view.pictures - before) / seconds, 1))


def measure(names: Iterable[str] = ()) -> Found:
    """All of it, in a window of its own."""
    with tempfile.TemporaryDirectory() as made, own_home(Path(made) / "home"):
        large = write_radiograph(Path(made) / "large")
        reader = Reader()
        try:
            reader.work("large", large, lambda one: work_on_sliders(one, names))
        finally:
            reader.close()
        return reader.found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m medviewer.gui.bench_sliders", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("operations", nargs="*", help="only these")
    given = parser.parse_args(arguments)
    app = Application(sys.argv[:1])
    theme.apply(app, "dark")
    found = measure(given.operations)
    if given.json:
        print(json.dumps(found, indent=1))
    else:
        for name, row in found.items():
            print(f"{name:60}", "  ".join(f"{kind} {value:7.1f}" for kind, value in row.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
