"""Neighbours are enhanced before anybody goes there, as they will be asked for, and never to excess."""

from __future__ import annotations

from pathlib import Path

import pytest

from medviewer.core.volume import Frame
from medviewer.imaging.request import RenderRequest
from medviewer.kit.task import Task
from medviewer.session.session import Session
from tests import factories


@pytest.fixture
def ct(session: Session, tmp_path: Path) -> Session:
    factories.ct(tmp_path / "ct", slices=8)
    session.run("study.open", paths=(tmp_path / "ct",))
    return session


def show(session: Session) -> None:
    for number in session.view.shown:
        session.rendering.show(number, (64, 64), lambda _: None)


def ready(session: Session, number: int) -> list[int]:
    """The pictures that a viewport would show at once, enhanced."""
    found = []
    request = session.rendering.request(number, None)
    assert request is not None
    for index in range(8):
        frame = session.frames.get(request.series, index)
        wanted = type(request)(request.series, index, session.rendering.decided(request), request.pipeline)
        if frame is not None and session.rendering.drawing.has_enhanced(frame, wanted):
            found.append(index)
    return found


def test_in_the_direction_of_travel_two_are_enhanced_and_behind_one(ct: Session) -> None:
    ct.run("enhance.add", operation="gaussian")
    show(ct)
    assert ready(ct, 0) == [4]
    ct.run("view.scroll", by=1)
    show(ct)
    assert ready(ct, 0) == [4, 5, 6, 7]
    ct.run("view.scroll", by=-3)
    show(ct)
    assert ready(ct, 0) == [0, 1, 2, 3, 4, 5, 6, 7]


def test_every_cell_of_the_grid_has_its_neighbours(ct: Session) -> None:
    ct.run("grid.toggle")
    show(ct)
    ct.run("view.scroll", by=1)
    show(ct)
    for number in ct.view.shown[1 : len(ct.state.document.grid)]:
        assert {5, 6, 7} <= set(ready(ct, number))


def test_where_memory_is_scarce_nothing_is_enhanced_ahead(ct: Session) -> None:
    ct.frames.resize(64 * 64 * 100)
    ct.run("enhance.add", operation="gaussian")
    show(ct)
    ct.run("view.scroll", by=1)
    show(ct)
    assert 6 not in ready(ct, 0)


def test_what_was_dropped_since_it_was_asked_for_is_made_by_a_worker(
    ct: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ct.run("enhance.add", operation="gaussian")
    show(ct)
    drawing, viewport, tasks = ct.rendering.drawing, ct.view.viewports[0], []
    submit, is_ready = ct.submit, drawing.is_ready

    def noted(task: Task) -> None:
        tasks.append(task.replaces)
        submit(task)

    def dropped(frame: Frame, request: RenderRequest) -> bool:
        found = is_ready(frame, request)
        drawing.forget()
        return found

    monkeypatch.setattr(ct, "submit", noted)
    assert ct.rendering.made(viewport) is not None
    show(ct)
    assert ("picture", 0) not in tasks
    monkeypatch.setattr(drawing, "is_ready", dropped)
    assert ct.rendering.made(viewport) is None
    monkeypatch.setattr(drawing, "is_ready", is_ready)
    show(ct)
    assert ("picture", 0) in tasks
    tasks.clear()
    monkeypatch.setattr(drawing, "is_ready", dropped)
    shown = []
    ct.rendering.show(0, (64, 64), shown.append)
    assert ("picture", 0) in tasks
    assert shown[-1].picture is not None
