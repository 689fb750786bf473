"""Turning, mirroring, zooming and dividing: what is asked for is what is seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from medviewer.kit.errors import MedviewerError
from medviewer.session.session import Session
from medviewer.session.state import CornerText
from tests import factories

SIZE = (64, 48)


@pytest.fixture
def opened(session: Session, tmp_path: Path) -> Session:
    """A session that shows a picture without any symmetry."""
    pixels = np.arange(64 * 48, dtype=np.uint16).reshape(64, 48)
    factories.gray(tmp_path / "one.dcm", pixels)
    session.run("study.open", paths=(tmp_path / "one.dcm",))
    return session


def screen(session: Session, size: tuple[int, int] = SIZE) -> np.ndarray:
    picture = session.rendering.draw(session.view.active, size).picture
    assert picture is not None
    return picture.pixels


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("direction", "mirror"),
    [("horizontal", np.fliplr), ("vertical", np.flipud)],
    ids=["horizontal", "vertical"],
)
def test_a_flip_mirrors_what_is_seen_however_the_picture_was_turned(
    opened: Session, turns: int, direction: str, mirror: Callable[[np.ndarray], np.ndarray]
) -> None:
    for _ in range(turns):
        opened.run("view.rotate", degrees="90")
    size = SIZE if turns % 2 == 0 else SIZE[::-1]
    before = screen(opened, size)

    opened.run("view.flip", direction=direction)

    assert np.array_equal(screen(opened, size), mirror(before))


def test_four_quarter_turns_are_none(opened: Session) -> None:
    before = screen(opened)
    for _ in range(4):
        opened.run("view.rotate", degrees="90")
    assert np.array_equal(screen(opened), before)


def test_a_quarter_turn_is_clockwise(opened: Session) -> None:
    before = screen(opened)
    opened.run("view.rotate", degrees="90")
    assert np.array_equal(screen(opened, SIZE[::-1]), np.rot90(before, -1))


def test_reset_keeps_the_picture_and_forgets_the_rest(opened: Session) -> None:
    before = screen(opened)
    opened.run("view.zoom", factor=3.0)
    opened.run("view.rotate", degrees="180")
    opened.run("window.invert")
    opened.run("view.reset")
    assert np.array_equal(screen(opened), before)


def test_one_to_one_shows_one_picture_pixel_on_one_screen_pixel(opened: Session) -> None:
    opened.run("view.actual")
    viewing = opened.rendering.viewing(0, (200, 200))
    assert viewing is not None
    assert viewing.scale == 1.0


def test_corner_text_steps_through_three_states(session: Session) -> None:
    seen = []
    for _ in range(4):
        seen.append(session.view.corner_text)
        session.run("view.text")
    assert seen == [CornerText.FULL, CornerText.MINIMAL, CornerText.OFF, CornerText.FULL]


def test_a_new_grid_shows_the_series_that_nobody_shows_yet(session: Session, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        factories.ct(tmp_path / name, slices=3, series=name)
    session.run("study.open", paths=(tmp_path,))
    session.run("view.layout", rows=2, columns=2)
    keys = [viewport.series for viewport in session.view.viewports[:4]]
    assert len({key for key in keys if key}) == 3
    assert keys[3] is None


def test_a_series_without_pictures_is_listed_but_not_shown(session: Session, tmp_path: Path) -> None:
    factories.report(tmp_path / "report.dcm")
    session.run("study.open", paths=(tmp_path / "report.dcm",))
    assert session.state.studies
    assert session.view.current.series is None


def test_presets_are_reached_by_number(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", slices=3)
    session.run("study.open", paths=(tmp_path / "ct",))
    session.run("window.number", number=2)
    assert session.view.current.voi.name
    session.run("window.number", number=1)
    assert not session.view.current.voi.is_known


@pytest.mark.rule("P-15", "P-21")
def test_a_window_by_numbers_ends_where_they_say_for_values_between_whole_numbers(
    session: Session, tmp_path: Path
) -> None:
    pixels = np.arange(0, 8000, 125, dtype=np.uint16).reshape(8, 8)
    factories.gray(tmp_path / "adc.dcm", pixels, RescaleSlope="0.001", RescaleIntercept="0")
    session.run("study.open", paths=(tmp_path / "adc.dcm",))
    session.frames.load(session.view.current.series, 0)
    session.run("window.set", center=3.0, width=6.0)
    shown = session.rendering.draw(0, None).picture.pixels
    np.testing.assert_allclose(shown, np.clip(pixels / 6000, 0, 1) * 255, atol=0.51)


def _frames(session: Session, path: Path, *levels: int) -> None:
    """A file without a window; its pictures go from 0 to these levels."""
    pixels = np.stack([np.linspace(0, level, 64).astype(np.uint16).reshape(8, 8) for level in levels])
    data = factories.picture(pixels)
    session.run("study.open", paths=(factories.write(path, data),))


def _window(session: Session, index: int) -> tuple[float, float]:
    session.run("view.goto", index=index)
    session.rendering.draw(0, None)
    voi = session.rendering.voi(session.view.current)
    return voi.center, voi.width


def test_the_middle_of_a_series_decides_its_window_not_an_end_that_shows_nothing(
    session: Session, tmp_path: Path
) -> None:
    _frames(session, tmp_path / "a.dcm", 3, 900, 4)
    centers = {_window(session, index) for index in (0, 1, 2)}
    assert len(centers) == 1, "the window does not jump from picture to picture"
    center, width = centers.pop()
    assert center + width / 2 == pytest.approx(900, rel=0.02)


def test_a_picture_of_one_value_decides_no_window_for_others(session: Session, tmp_path: Path) -> None:
    _frames(session, tmp_path / "a.dcm", 200, 0, 0)
    assert _window(session, 1) == (0, 0), "nothing is decided yet"
    assert _window(session, 0) == _window(session, 1) == (100, 200)


def test_a_drag_of_the_window_widens_in_proportion(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", slices=3)
    session.run("study.open", paths=(tmp_path / "ct",))
    session.run("window.set", center=40.0, width=400.0)
    session.run("window.drag", wider=0.5, brighter=0.0)
    assert session.view.current.voi.width == pytest.approx(600)
    session.run("window.drag", wider=0.0, brighter=0.1)
    assert session.view.current.voi.center == pytest.approx(40 - 60)


@pytest.mark.parametrize(
    ("command", "values"),
    [
        ("view.activate", {}),
        ("view.look", {"zoom": 1, "row": 0.5, "column": 0.5}),
        ("view.step", {}),
        ("annotate.add", {"shape": "length", "points": [(0, 0, 0), (1, 0, 0)]}),
        ("inspect.pick", {"row": 0, "column": 0}),
        ("plane.show", {"name": "axial"}),
        ("view3d.turn", {}),
    ],
)
def test_a_viewport_that_is_not_there_is_refused_in_words(
    opened: Session, command: str, values: dict[str, object]
) -> None:
    with pytest.raises(MedviewerError, match="viewport"):
        opened.run(command, viewport=99, **values)


def test_viewports_that_show_the_same_share_its_picture_and_no_other(opened: Session) -> None:
    opened.run("view.layout", rows=1, columns=2)
    opened.run("view.show", series=opened.view.viewports[0].series, viewport=1)
    one, other = (opened.rendering.draw(number, SIZE).picture for number in (0, 1))
    assert one is other

    opened.run("view.activate", viewport=1)
    opened.run("window.set", center=1000, width=500)
    changed = opened.rendering.draw(1, SIZE).picture
    assert not np.array_equal(changed.pixels, one.pixels)
    assert np.array_equal(opened.rendering.draw(0, SIZE).picture.pixels, one.pixels)
