"""The second slider: one time, phase or b-value after the other at the same place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from medviewer.imaging.shapes import Words
from medviewer.kit.errors import BadValue
from medviewer.session.facts import picture_lines
from medviewer.session.session import Session
from tests import factories

SIZE = (64, 64)


@pytest.fixture
def heart(session: Session, tmp_path: Path) -> Session:
    """A session that shows five slices of a heart in four phases, at the middle one of the first phase."""
    each = [{"TriggerTime": time} for time in (0, 40, 80, 120)]
    factories.repeated(tmp_path / "heart", each)
    session.run("study.open", paths=(tmp_path / "heart",))
    return session


def value_and_place(session: Session, viewport: int = 0) -> tuple[int, int]:
    """(value, place) of what is really on the screen, read from its pixels."""
    frame = session.rendering.frame(session.view.viewports[viewport])
    if frame is None:
        session.rendering.draw(viewport, SIZE)
        frame = session.rendering.frame(session.view.viewports[viewport])
    assert frame is not None
    return divmod(int(np.median(frame.pixels)), 100)


def words(session: Session) -> str:
    viewing = session.rendering.viewing(0, (600, 800))
    assert viewing is not None
    session.rendering.draw(0, (600, 800))
    return " | ".join(one.text for one in session.rendering.shapes(0, viewing) if isinstance(one, Words))


def test_a_series_with_phases_is_entered_in_the_middle_of_its_first(heart: Session) -> None:
    assert value_and_place(heart) == (0, 2)


def test_the_wheel_home_and_end_stay_within_the_phase_that_is_shown(heart: Session) -> None:
    heart.run("view.dimension", by=2)
    heart.run("view.scroll", by=100)
    assert value_and_place(heart) == (2, 4)
    heart.run("view.goto", index=0)
    assert value_and_place(heart) == (2, 0)
    heart.run("view.scroll", by=-1)
    assert value_and_place(heart) == (2, 0)
    heart.run("view.goto", index=-1)
    assert value_and_place(heart) == (2, 4)


def test_a_phase_further_on_shows_the_same_place_and_ends_at_the_last(heart: Session) -> None:
    for number in (1, 2, 3, 3):
        heart.run("view.dimension", by=1)
        assert value_and_place(heart) == (number, 2)
    heart.run("view.dimension_to", number=0)
    assert value_and_place(heart) == (0, 2)
    heart.run("view.dimension_to", number=-1)
    assert value_and_place(heart) == (3, 2)


def test_cine_plays_the_phases_of_a_place_and_the_places_when_told(heart: Session) -> None:
    shown = []
    for _ in range(4):
        heart.run("view.step", viewport=0)
        shown.append(value_and_place(heart))
    assert shown == [(1, 2), (2, 2), (3, 2), (0, 2)]
    heart.run("view.cine_places")
    for _ in range(3):
        heart.run("view.step", viewport=0)
    assert value_and_place(heart) == (0, 0)


def test_a_series_without_a_dimension_says_so(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path, 3)
    session.run("study.open", paths=(tmp_path,))
    with pytest.raises(BadValue, match="one picture at each place"):
        session.run("view.dimension", by=1)


def test_linked_viewports_share_the_place_and_keep_their_own_phase(heart: Session) -> None:
    heart.run("view.layout", rows=1, columns=2)
    heart.run("view.show", series=heart.view.viewports[0].series or "", viewport=1)
    heart.run("view.dimension_to", number=3, viewport=1)
    heart.run("view.activate", viewport=0)
    heart.run("view.link")
    heart.run("view.goto", index=4)
    assert value_and_place(heart, 0) == (0, 4)
    assert value_and_place(heart, 1) == (3, 4)


def test_planes_through_one_stack_go_to_the_same_phase(heart: Session) -> None:
    heart.run("plane.layout")
    heart.run("view.dimension", by=2)
    shown = heart.view.viewports[: heart.view.layout.count]
    assert sum(one.cut is not None for one in shown) == 3
    assert {one.index // 5 for one in shown} == {2}


def test_the_corner_says_which_phase_is_shown(heart: Session) -> None:
    heart.run("view.dimension", by=3)
    assert "Phase 4 / 4  (120 ms)" in words(heart)
    assert "3 / 5" in words(heart)


def test_over_a_plane_its_name_comes_before_its_phase(heart: Session) -> None:
    heart.run("plane.show", name="coronal")
    now = heart.view.current
    series, plane = heart.series(now.series), heart.rendering.plane(now)
    assert series is not None
    assert plane is not None
    name, phase = picture_lines(series, now, plane)
    assert name.startswith("Coronal  y ")
    assert phase.startswith("Phase 1 / 4")


def test_what_is_fetched_ahead_follows_the_way_somebody_goes(heart: Session) -> None:
    key = heart.view.current.series or ""
    for _ in range(2):
        heart.run("view.dimension", by=1)
        heart.rendering.show(0, SIZE, lambda _: None)
    assert heart.frames.get(key, 3 * 5 + 2) is not None
    assert heart.frames.get(key, 2 * 5 + 4) is None


def test_two_values_with_windows_of_their_own_are_compared_under_both(
    session: Session, tmp_path: Path
) -> None:
    each = [
        {"TriggerTime": time, "WindowCenter": 10 * time + 50, "WindowWidth": 400 + time} for time in (0, 40)
    ]
    factories.repeated(tmp_path / "heart", each)
    session.run("study.open", paths=(tmp_path / "heart",))
    session.run("view.layout", rows=1, columns=2)
    session.run("view.show", series=session.view.current.series, viewport=1)
    session.run("view.activate", viewport=1)
    session.run("view.dimension", by=1)
    session.run("view.activate", viewport=0)
    session.rendering.draw(1, SIZE)
    session.run("against.wipe")
    session.run("against.other", kind="viewport", viewport=1)
    assert "C 450  W 440" in words(session)
    assert "C 50  W 400" in words(session)
    session.run("against.difference")
    words(session)
    assert "W 440" not in words(session)
