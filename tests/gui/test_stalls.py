"""The window answers whatever it is asked to do: no turn of the event loop computes for long."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from medviewer.gui.bench_beats import Beats, Hand, paced, wait_for
from medviewer.gui.bench_files import write_radiograph, write_stack
from medviewer.gui.bench_sliders import drag_slider, sliders_of
from medviewer.gui.bridge import make_session
from medviewer.gui.garbage import Garbage
from medviewer.gui.main_window import MainWindow
from medviewer.gui.panels.enhance import EnhancePanel
from medviewer.gui.viewport.drawings import PREVIEW
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.imaging.shapes import Words
from medviewer.session.session import Session

MOST_MS = 250.0
"""Of the window's own processor time in one turn; the bench holds it to a fifth of that."""


@pytest.fixture
def working() -> Iterator[Session]:
    """A session whose work runs in threads, as in the program."""
    session = make_session()
    yield session
    session.close()


class Watched:
    """A window, and the longest turn of its event loop while something is done in it."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.beats = Beats()

    def do(self, act: Callable[[], object]) -> float:
        """Milliseconds of the longest turn until all that follows from *act* stands."""
        with self.beats.watching():
            act()
            wait_for(self._stands, 60)
        return self.beats.most_cpu_ms

    def _stands(self) -> bool:
        session, view = self.window.session, self.window.session.view
        filled = [number for number in view.shown if view.viewports[number].series is not None]
        views = [self.window.grid.view(number) for number in filled]
        return not session.state.jobs and all(one.has_picture and one.is_current for one in views)

    def drag(self) -> None:
        """From left above the middle of the active viewport to right below it."""
        view = self.window.grid.active_view
        way = view.rect().center() / 2
        Hand(view).drag(view.rect().center() - way, view.rect().center() + way, moves=12)


@pytest.fixture
def watched(working: Session, show_window: Callable[[Session], MainWindow]) -> Iterator[Watched]:
    """An empty window that is watched."""
    made = Watched(show_window(working))
    yield made
    made.beats.close()


def test_a_turn_that_computes_is_noticed(watched: Watched) -> None:
    def compute() -> None:
        end = time.thread_time() + MOST_MS / 1000
        while time.thread_time() < end:
            pass

    assert watched.do(lambda: paced([compute])) >= MOST_MS


def test_no_turn_is_long_while_a_stack_is_opened_scrolled_and_cut(watched: Watched, tmp_path: Path) -> None:
    window, run = watched.window, watched.window.session.run
    write_stack(tmp_path / "stack", slices=60, side=256)
    turns = [partial(run, "plane.turn", degrees=3.0)] * 10
    works: dict[str, Callable[[], object]] = {
        "open": lambda: window.open_paths((tmp_path / "stack",)),
        "scroll": lambda: Hand(window.grid.active_view).wheel(20),
        "window": watched.drag,
        "colours": lambda: run("view.colors", name="hot-iron"),
        "enhance": lambda: run("enhance.add", operation="gaussian"),
        "layout": lambda: run("view.layout", rows=2, columns=2),
        "planes": lambda: run("plane.layout"),
        "turn": lambda: paced(turns),
        "tool": lambda: run("view.tool", name="crosshair"),
        "crosshair": watched.drag,
    }
    longest = {name: watched.do(work) for name, work in works.items()}
    shown = watched.window.session.view
    assert [shown.viewports[number].cut is not None for number in shown.shown] == [True, True, True, False]
    assert {name: ms for name, ms in longest.items() if ms > MOST_MS} == {}


def test_no_turn_is_long_while_a_whole_radiograph_is_measured(watched: Watched, tmp_path: Path) -> None:
    run = watched.window.session.run
    write_radiograph(tmp_path / "large")
    longest = [watched.do(lambda: watched.window.open_paths((tmp_path,)))]
    run("view.tool", name="ellipse")
    longest.append(watched.do(watched.drag))
    series = watched.window.session.view.current.series
    assert len(watched.window.session.state.document.reading(series).annotations) == 1
    assert max(longest) < MOST_MS


def test_no_turn_is_long_while_any_slider_of_any_enhancement_is_dragged(
    working: Session, show_window: Callable[[Session], MainWindow], tmp_path: Path
) -> None:
    write_radiograph(tmp_path / "large")
    window = show_window(working)
    window.open_paths((tmp_path,))
    window.show_panel("enhance")
    wait_for(lambda: window.grid.active_view.has_picture)
    panel, beats, longest = window.findChild(EnhancePanel), Beats(), {}
    for operation in ENHANCEMENTS:
        working.run("enhance.add", operation=operation.name)
        labels = [one.label for one in operation.parameters if one.minimum is not None]
        wait_for(lambda wanted=labels: len(sliders_of(panel)) == len(wanted))
        for slider in sliders_of(panel):
            before = window.grid.active_view.pictures
            with beats.watching():
                drag_slider(slider, moves=6)
            longest[f"{operation.name}: {slider.accessibleName()}"] = beats.most_cpu_ms
            # the newest picture comes, however many steps there were before it
            wait_for(lambda count=before: window.grid.active_view.pictures > count)
        working.run("enhance.clear")
        wait_for(lambda: not sliders_of(panel))
    beats.close()
    assert len(longest) > 60
    assert {name: ms for name, ms in longest.items() if ms > MOST_MS} == {}


@pytest.mark.parametrize("is_large", [False, True], ids=["stack", "radiograph"])
def test_no_turn_is_long_while_a_picture_is_shown_in_nine_ways(
    watched: Watched, tmp_path: Path, is_large: bool
) -> None:
    window, run = watched.window, watched.window.session.run
    if is_large:
        write_radiograph(tmp_path / "large")
    else:
        write_stack(tmp_path / "stack", slices=12)
    watched.do(lambda: window.open_paths((tmp_path,)))
    works: dict[str, Callable[[], object]] = {
        "grid": lambda: (run("grid.toggle"), run("grid.count", count=9)),
        "scroll": lambda: Hand(window.grid.active_view).wheel(10),
        "zoom": lambda: run("view.zoom"),
        "enlarge": lambda: run("view.maximise"),
    }
    longest = {name: watched.do(work) for name, work in works.items()}
    assert {name: ms for name, ms in longest.items() if ms > MOST_MS} == {}
    run("view.maximise")
    watched.do(lambda: run("view.scroll", by=1))
    pictures = {id(window.grid.view(number).frame) for number in range(9)}
    assert len(pictures) == 1  # all nine show the very same slice


def test_a_preview_says_that_it_is_one_until_the_exact_picture_stands(
    working: Session, show_window: Callable[[Session], MainWindow], tmp_path: Path
) -> None:
    write_radiograph(tmp_path / "large")
    window = show_window(working)
    window.open_paths((tmp_path,))
    view = window.grid.active_view
    wait_for(lambda: view.has_picture and view.is_current)

    def told() -> bool:
        drawn = view._painting._drawings._shapes
        return any(isinstance(one, Words) and PREVIEW.split(",")[0] in one.text for one in drawn)

    assert not told()
    working.run("enhance.add", operation="sobel")
    wait_for(told)
    wait_for(lambda: view.is_current)
    QApplication.processEvents()
    assert not told()


def test_garbage_is_looked_for_by_the_window_only_and_never_while_a_study_is_opened(
    inline_session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_stack(tmp_path / "stack", slices=2, side=16)
    garbage = Garbage(inline_session)
    looked: list[int] = []
    monkeypatch.setattr(gc, "get_count", lambda: (0, 0, 11))
    monkeypatch.setattr(gc, "collect", looked.append)
    put = inline_session.set_opened

    during: list[list[int]] = []

    def set_opened(found: object) -> None:
        garbage.look()
        during.append(list(looked))
        put(found)

    monkeypatch.setattr(inline_session, "set_opened", set_opened)
    inline_session.run("study.open", paths=(tmp_path / "stack",))
    assert inline_session.state.studies
    assert during[0] == []
    assert not gc.isenabled()
    looked.clear()
    garbage.look()
    assert looked == [2]
    garbage.stop()
    gc.unfreeze()
    assert gc.isenabled()
