"""Somebody who works in a whole window, watched by a clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QRect

from medviewer.gui.bench_beats import Beats, Hand, Stall, wait_for
from medviewer.gui.bridge import make_session
from medviewer.gui.garbage import Garbage
from medviewer.gui.main_window import MainWindow
from medviewer.gui.viewport.view import ViewportView

SIZE = (1920, 1080)
QUIET_S = 0.4
"""After everything stands it is watched for a moment longer: what comes late stalls as well."""

Found = dict[str, dict[str, float]]


class Reader:
    """Somebody who works in the window, and the clock that watches it meanwhile."""

    def __init__(self) -> None:
        self.found: Found = {}
        self._prefix = ""
        self.beats = Beats()
        self.session = make_session()
        self._garbage = Garbage(self.session)
        self.window = MainWindow(self.session, opening=True)
        self.window.stands.connect(self._garbage.begin)
        self.window.resize(*SIZE)
        self.window.show()

    def close(self) -> None:
        """Close the window and end everything."""
        self._garbage.stop()
        self.window.close()
        self.session.close()
        self.beats.close()

    @property
    def view(self) -> ViewportView:
        """The active viewport."""
        return self.window.grid.active_view

    @property
    def hand(self) -> Hand:
        """The mouse over the active viewport."""
        return Hand(self.view)

    def drag(self, share: float = 0.3) -> None:
        """Drag over the picture as far as it is seen, from *share* of it left above its middle."""
        area = self.view.rect()
        if self.view.viewing is not None:
            target = self.view.viewing.target()
            area &= QRect(target.x, target.y, target.width, target.height)
        way = QPoint(round(area.width() * share), round(area.height() * share))
        self.hand.drag(area.center() - way, area.center() + way)

    def do(self, name: str, act: Callable[[], object]) -> None:
        """Let the reader *act*, and remember the longest stall until nothing moves any more."""
        with self.beats.watching():
            act()
            self.settle()
        self._tell(name, self.beats.longest)

    def watch(self, name: str, act: Callable[[], object]) -> None:
        """The same, but only while the reader acts: what goes on afterwards may take minutes."""
        with self.beats.watching():
            act()
        self._tell(name, self.beats.longest)

    def note(self, name: str, **more: float) -> None:
        """Write something more into the row *name*."""
        self.found[self._prefix + name].update(more)

    def settle(self) -> None:
        """Until all that follows is on the screen, and for a moment longer."""
        views = [self.window.grid.view(number) for number in self.session.view.shown]
        wait_for(lambda: not self.session.state.jobs and all(view.is_current for view in views))
        end = time.monotonic() + QUIET_S
        wait_for(lambda: time.monotonic() > end)

    def run(self, name: str, /, **values: object) -> None:
        """What a menu does."""
        self.session.run(name, **values)

    def work(self, name: str, folder: Path, *works: Callable[[Reader], None]) -> None:
        """Begin anew with *folder*, and do what is to be done with it."""
        self._prefix = f"{name}: "
        if self.session.state.studies:
            self.run("study.close")
            self.settle()
        self.do("open", lambda: self._open(folder))
        for work in works:
            work(self)

    def weigh(self, name: str) -> None:
        """Remember how much memory the whole process holds, where the system tells."""
        try:
            lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
        except OSError:
            return
        held = {line.split()[0]: int(line.split()[1]) / 1000 * 1.024 for line in lines if line.endswith("kB")}
        own = held["Private_Clean:"] + held["Private_Dirty:"]
        self.found[self._prefix + name] = {"mb": round(own), "resident_mb": round(held["Rss:"])}

    def _open(self, folder: Path) -> None:
        self.window.open_paths((folder,))
        if not self.window.tabs.count():
            self.window.build_panels_soon(is_opening=True)
            wait_for(lambda: bool(self.window.tabs.count()))
        wait_for(lambda: bool(self.session.state.studies) and not self.session.state.jobs)
        wait_for(lambda: self.view.has_picture)

    def start_again(self) -> None:
        """See all of the picture, without anything drawn on it."""
        self.run("view.reset")
        series = self.session.view.current.series or ""
        for one in self.session.state.document.reading(series).annotations:
            self.run("annotate.delete", id=one.id)

    def tool(self, name: str) -> None:
        """Choose what the left button does."""
        self.run("view.tool", name=name)

    def panel(self, name: str) -> None:
        """Bring a panel to the front and wait until it stands."""
        self.window.show_panel(name)
        self.settle()

    def _tell(self, name: str, stall: Stall) -> None:
        self.found[self._prefix + name] = {
            "ms": round(self.beats.most_cpu_ms, 1),
            "with_waits_ms": round(stall.turn_ms, 1),
            "wall_ms": round(stall.wall_ms, 1),
        }
