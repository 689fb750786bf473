"""Makes the pictures of the README: drives the real window on the sample study and grabs it.

    python packaging/screenshot.py [FOLDER [STACK]]

writes window.png, grid.png and proposal.png, into .github unless told. With a STACK of thin slices, too large
to come with the program, also planes.png and labels.png; the one in the README is LIDC-IDRI-0314 of The
Cancer Imaging Archive. It needs no screen; with one (or under Xvfb) the window is shown there.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

HOME = Path(__file__).resolve().parent.parent
SIZE = (1680, 960)
PATIENCE_S = 60

# a user of its own, so that nobody's studies and settings get into the picture
os.environ["MEDVIEWER_HOME"] = tempfile.mkdtemp(prefix="medviewer-")
if sys.platform == "linux" and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

if TYPE_CHECKING:
    from medviewer.gui.main_window import MainWindow
    from medviewer.session.session import Session


def wait(until: Callable[[], object], what: str) -> None:
    """Let the window work until something is so."""
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415  after the environment is set

    end = time.monotonic() + PATIENCE_S
    while not until():
        QApplication.processEvents()
        time.sleep(0.01)
        if time.monotonic() > end:
            sys.exit(f"waited {PATIENCE_S} s in vain for {what}")


def rest(seconds: float) -> None:
    """Let pictures and panels settle."""
    end = time.monotonic() + seconds
    wait(lambda: time.monotonic() > end, "nothing")


def series_of(session: Session, modality: str) -> str:
    """The key of the sample series of a modality."""
    every = (series for study in session.state.studies for series in study.series)
    return next(series.key for series in every if series.modality == modality)


def compare(session: Session, window: MainWindow) -> None:
    """The chest CT, as it is and enhanced, with a measured length."""
    session.run("view.show", series=series_of(session, "CT"), index=14)
    session.run("window.preset", name="Lung")
    session.run("enhance.add", operation="clahe", values={"clip_limit": 2.5})
    session.run("enhance.add", operation="unsharp")
    session.run("compare.toggle")
    window.show_panel("enhance")
    series = session.series(session.view.current.series)
    assert series is not None
    plane = series.frames[session.view.current.index].plane
    ends = (plane.to_patient(306, 98), plane.to_patient(290, 196))
    session.run("annotate.add", shape="length", points=ends)
    rest(3)


def grid(session: Session, window: MainWindow) -> None:
    """The chest CT in six ways at once, and one of them wiped over the original."""
    session.run("compare.toggle")
    session.run("enhance.clear")
    session.run("grid.toggle")
    session.run("grid.count", count=6)
    session.run("view.activate", viewport=3)
    session.run("against.wipe")
    window.show_panel("enhance")
    rest(5)


def propose(session: Session, window: MainWindow) -> None:
    """The radiograph with the lungs that the model proposes."""
    session.run("against.off")
    session.run("grid.toggle")
    session.run("view.layout", rows=1, columns=1)
    session.run("view.show", series=series_of(session, "CR"))
    window.show_panel("ai")
    session.run("ai.run", model="lung-cxr")
    wait(lambda: session.state.jobs, "the model to begin")
    wait(lambda: not session.state.jobs, "the model to end")
    rest(2)


def planes(session: Session, window: MainWindow, stack: Path) -> None:
    """Three planes of a stack, the coronal one a turned slab."""
    session.run("study.open", paths=(stack,))
    wait(lambda: not session.state.jobs, "the stack")
    every = (series for study in session.state.studies for series in study.series)
    series = next(series for series in every if series.instances[0].path.startswith(str(stack)))
    for notice in session.state.notices:
        session.run("notice.dismiss", number=notice.number)
    session.run("view.layout", rows=1, columns=1)
    session.run("view.show", series=series.key)
    session.run("window.preset", name="Mediastinum")
    session.run("plane.layout", arrangement="2x2")
    window.show_panel("planes")
    rest(4)


def labels(session: Session, window: MainWindow) -> None:
    """Lungs and bone of that stack in its planes and in 3-D, with their numbers."""
    session.run("window.preset", name="Lung")
    window.show_panel("segment")
    for name in ("bone", "lungs"):
        session.run("segment.preset", name=name)
        wait(lambda: session.state.jobs, "a preset to begin")
        wait(lambda: not session.state.jobs, "a preset to end")
    session.run("view3d.labels")
    wait(lambda: session.state.jobs, "surfaces to begin")
    wait(lambda: not session.state.jobs, "surfaces to end")
    rest(6)


def main(folder: Path, stack: Path | None) -> None:
    """Open, arrange, grab; one picture after the other."""
    from medviewer.gui import theme  # noqa: PLC0415  after the environment is set
    from medviewer.gui.app import Application  # noqa: PLC0415  after the environment is set
    from medviewer.gui.bridge import make_session  # noqa: PLC0415  after the environment is set
    from medviewer.gui.main_window import MainWindow  # noqa: PLC0415  after the environment is set

    app = Application(sys.argv[:1])
    session = make_session()
    theme.apply(app, "dark")
    window = MainWindow(session)
    window.resize(*SIZE)
    window.show()
    session.run("study.sample")
    wait(
        lambda: len({study.key for study in session.state.studies}) == 2 and not session.state.jobs,
        "the samples",
    )
    window.build_panels()
    scenes: list[tuple[str, Callable[[Session, MainWindow], None]]] = [
        ("window", compare),
        ("grid", grid),
        ("proposal", propose),
    ]
    if stack is not None:
        scenes += [("planes", partial(planes, stack=stack)), ("labels", labels)]
    for name, arrange in scenes:
        arrange(session, window)
        if not window.grab().save(str(folder / f"{name}.png")):
            sys.exit(f"{folder / name}.png could not be written")
    window.close()
    session.close()


if __name__ == "__main__":
    places = [Path(word) for word in sys.argv[1:]]
    main(places[0] if places else HOME / ".github", places[1] if len(places) > 1 else None)
