"""The longest time in which the window does not answer, for each thing that a reader does in it.

``python -m medviewer.gui.bench_stalls [--json] [--packed FOLDER] [--packed-large FOLDER]`` works in a
whole window under the platform that ``QT_QPA_PLATFORM`` names. The folders hold compressed pictures: a stack
of 512 x 512, and one of about 13 million pixels.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt

from medviewer.gui import theme
from medviewer.gui.app import Application
from medviewer.gui.bench_beats import paced
from medviewer.gui.bench_files import own_home, write_radiograph, write_stack
from medviewer.gui.bench_reader import Found, Reader
from medviewer.gui.bench_sliders import work_on_sliders

SLICES, SECOND_SLICES, TIMES = 500, 100, 4
PANELS = ("window", "enhance", "measure", "colours", "planes")


def measure(packed: Path | None = None, packed_large: Path | None = None) -> Found:
    """Everything, in one window, from the first folder to the last."""
    with tempfile.TemporaryDirectory() as made, own_home(Path(made) / "home"):
        at = Path(made)
        stack = write_stack(at / "stack", SLICES)
        write_stack(at / "two" / "first", SECOND_SLICES, name="first")
        write_stack(at / "two" / "second", SECOND_SLICES, name="second")
        for time_ in range(1, TIMES + 1):
            write_stack(at / "times" / str(time_), SECOND_SLICES // TIMES, name="times", time=time_)
        large = write_radiograph(at / "large")
        blank = write_radiograph(at / "blank", name="blank", has_window=False)
        reader = Reader()
        try:
            reader.work(
                "stack", stack, weigh_planes, work_on_stack, work_on_grid, work_on_planes, work_on_body
            )
            reader.work("two", at / "two", work_on_fusion)
            reader.work("times", at / "times", work_on_times)
            if packed is not None:
                reader.work("packed", packed, work_on_packed, work_on_planes)
            reader.work("large", large, work_on_large, work_on_sliders)
            reader.work("large without window", blank)
            if packed_large is not None:
                reader.work("large packed", packed_large, work_on_packed_large)
        finally:
            reader.close()
        return reader.found


def work_on_packed(reader: Reader) -> None:
    """Scrolling faster than frames are decoded."""
    reader.do("scroll while decoding", lambda: reader.hand.wheel(60))
    reader.do("drag window", reader.drag)


def work_on_packed_large(reader: Reader) -> None:
    """The same with large pictures."""
    reader.do("scroll while decoding", lambda: reader.hand.wheel(8))


def weigh_planes(reader: Reader) -> None:
    """What the whole process holds while three planes and a slice are shown."""
    reader.do("first planes", lambda: reader.run("plane.layout"))
    reader.weigh("memory with planes")
    reader.run("plane.layout")
    reader.settle()


def work_on_stack(reader: Reader) -> None:
    """What is done with slices: wheel, drags, panels, layouts, colours."""
    reader.do("scroll", lambda: reader.hand.wheel(200))
    for name in PANELS:
        reader.do(f"panel {name}", partial(reader.panel, name))
        reader.do(f"scroll, panel {name}", lambda: reader.hand.wheel(60))
    reader.panel("window")
    for tool in ("window", "zoom", "pan", "ellipse"):
        reader.tool(tool)
        reader.do(f"drag {tool}", reader.drag)
        reader.start_again()
    reader.panel("measure")
    reader.tool("ellipse")
    reader.do("drag ellipse, panel measure", lambda: reader.drag(0.2))
    reader.do("colour map", lambda: reader.run("view.colors", name="hot-iron"))
    reader.run("view.colors", name="")
    reader.do("enhance", lambda: reader.run("enhance.add", operation="unsharp"))
    reader.do("scroll, enhanced", lambda: reader.hand.wheel(40))
    reader.run("enhance.clear")
    reader.do("layout 2x2", lambda: reader.run("view.layout", rows=2, columns=2))
    reader.run("view.layout", rows=1, columns=1)


def work_on_grid(reader: Reader) -> None:
    """The same picture in nine ways."""
    reader.do("grid of nine", lambda: _nine(reader))
    reader.do("scroll grid", lambda: reader.hand.wheel(60))
    reader.do("drag window of grid", reader.drag)
    reader.do("zoom grid", lambda: reader.hand.wheel(20, keys=Qt.KeyboardModifier.ControlModifier))
    reader.do("enlarge cell", lambda: reader.run("view.maximise"))
    reader.run("view.maximise")
    reader.do("grid off", lambda: reader.run("grid.toggle"))
    reader.start_again()


def _nine(reader: Reader) -> None:
    reader.run("grid.toggle")
    reader.run("grid.count", count=9)


def work_on_planes(reader: Reader) -> None:
    """Planes: building their stack, moving and turning them."""
    reader.do("planes", lambda: reader.run("plane.layout"))
    reader.do("scroll planes", lambda: reader.hand.wheel(60))
    reader.tool("crosshair")
    reader.do("drag crosshair", reader.drag)
    reader.tool("window")
    reader.do("drag window of planes", reader.drag)
    turns = [lambda: reader.run("plane.turn", degrees=1.5)] * 60
    reader.do("turn planes", lambda: paced(turns))
    reader.do("thick planes", lambda: reader.run("plane.slab_all", thickness=20.0, mode="max"))
    reader.do("scroll thick planes", lambda: reader.hand.wheel(40))
    reader.run("plane.slab_all", thickness=0.0)
    reader.do("planes off", lambda: reader.run("plane.layout"))


def work_on_fusion(reader: Reader) -> None:
    """A second stack over the picture."""
    below, above = (one for study in reader.session.state.studies for one in study.series)
    reader.run("view.show", series=below.key)
    reader.settle()
    reader.do("fusion on", lambda: reader.run("fusion.set", series=above.key))
    reader.do("scroll fusion", lambda: reader.hand.wheel(60))
    opacities = [lambda share=share: reader.run("fusion.opacity", opacity=share / 40) for share in range(40)]
    reader.do("fusion opacity", lambda: paced(opacities))
    reader.do("fusion off", lambda: reader.run("fusion.off"))


def work_on_times(reader: Reader) -> None:
    """The second slider."""
    steps = [
        lambda number=number: reader.run("view.dimension_to", number=number) for number in [1, 2, 3, 0] * 8
    ]
    reader.do("second slider", lambda: paced(steps))
    reader.do("planes in time", lambda: reader.run("plane.layout"))
    reader.do("second slider of planes", lambda: paced(steps))
    reader.run("plane.layout")


def work_on_large(reader: Reader) -> None:
    """A picture of about 13 million pixels."""
    for panel in ("window", "measure", "inspect"):
        reader.panel(panel)
        for tool in ("window", "zoom", "ellipse", "rectangle"):
            reader.tool(tool)
            reader.do(f"drag {tool}, panel {panel}", lambda: reader.drag(0.48))
            reader.start_again()
    reader.panel("window")
    reader.tool("window")
    reader.do("automatic window", lambda: reader.run("window.automatic"))
    reader.do("colour map", lambda: reader.run("view.colors", name="hot-iron"))
    reader.do("drag window, coloured", reader.drag)
    reader.run("view.colors", name="")
    reader.do("actual size", lambda: reader.run("view.actual"))
    reader.do("zoom wheel", lambda: reader.hand.wheel(20, keys=Qt.KeyboardModifier.ControlModifier))
    reader.run("view.reset")
    reader.do("enhance", lambda: reader.run("enhance.add", operation="unsharp"))
    reader.do("drag window, enhanced", reader.drag)
    reader.run("enhance.clear")
    reader.do("turn picture", lambda: reader.run("view.rotate", degrees="90"))
    reader.do("layout 2x2", lambda: reader.run("view.layout", rows=2, columns=2))
    reader.run("view.layout", rows=1, columns=1)


def work_on_body(reader: Reader) -> None:
    """Turning a body."""
    reader.do("body", lambda: reader.run("view3d.show"))
    reader.do("turn body", reader.drag)
    reader.run("view3d.show")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m medviewer.gui.bench_stalls", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--packed", type=Path, help="a compressed stack")
    parser.add_argument("--packed-large", type=Path, help="compressed pictures of about 13 million pixels")
    given = parser.parse_args(arguments)
    app = Application(sys.argv[:1])
    theme.apply(app, "dark")
    found = measure(given.packed, given.packed_large)
    if given.json:
        print(json.dumps(found, indent=1))
    else:
        for name, row in found.items():
            print(f"{name:45}", "  ".join(f"{kind} {value:7.1f}" for kind, value in row.items()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
