"""What a reader chooses once takes effect at once and is there at the next start."""

from __future__ import annotations

from pathlib import Path

import pytest

from medviewer.core.study import SeriesKey
from medviewer.kit.errors import BadValue
from medviewer.kit.memory import free_bytes
from medviewer.session.session import Session
from medviewer.session.state import CornerText
from tests import factories


def _opened(session: Session, folder: Path) -> SeriesKey:
    factories.ct(folder, slices=6)
    session.run("study.open", paths=(folder,))
    key = session.view.current.series
    assert key is not None
    return key


def test_less_memory_takes_effect_at_once_and_the_oldest_picture_goes_first(
    session: Session, tmp_path: Path
) -> None:
    key = _opened(session, tmp_path / "ct")
    session.frames.clear()
    for index in range(6):
        session.frames.load(key, index)
    size = session.frames.held // 6
    session.frames.resize(3 * size)
    assert [session.frames.get(key, index) is not None for index in range(6)] == [False] * 3 + [True] * 3
    session.run("settings.set", memory_gb=1.5)
    assert session.frames.capacity == session.settings.cache_bytes == 3 << 29
    assert session.frames.get(key, 5) is not None


def test_without_a_wish_half_of_what_is_free_is_taken(session: Session) -> None:
    session.run("settings.set", memory_gb=2)
    session.run("settings.set", memory_gb=0)
    assert session.settings.cache_bytes == 0
    assert session.frames.capacity == pytest.approx(free_bytes() / 2, rel=0.25)


def test_a_change_leaves_everything_else_as_it_was_and_is_there_at_the_next_start(session: Session) -> None:
    session.run("settings.set", corner_text="minimal", cine_rate=24)
    session.run("settings.set", overlay_color="#00FF7f")
    again = Session()
    try:
        assert again.settings == session.settings
        assert again.settings.overlay_color == "#00ff7f"
        assert (again.view.corner_text, again.view.cine_rate) == (CornerText.MINIMAL, 24.0)
    finally:
        again.close()


def test_text_in_the_corners_and_the_speed_of_playing_change_in_the_open_window(session: Session) -> None:
    session.run("settings.set", corner_text="off", cine_rate=5)
    assert (session.view.corner_text, session.view.cine_rate) == (CornerText.OFF, 5.0)


@pytest.mark.parametrize(
    "wrong",
    [{"overlay_color": "yellow"}, {"memory_gb": -1}, {"theme": "purple"}, {"cine_rate": 0}, {"much": 1}],
    ids=str,
)
def test_a_wrong_wish_is_refused_and_changes_nothing(session: Session, wrong: dict[str, object]) -> None:
    before = session.settings
    with pytest.raises(BadValue):
        session.run("settings.set", **wrong)
    assert session.settings == before


class Still:
    """A runner that has not come to anything yet."""

    def submit(self, task: object) -> None:
        """Take it."""

    def cancel(self, replaces: object) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Nothing was done."""


def test_settings_wait_for_no_disk_and_are_there_when_the_window_was_closed_at_once() -> None:
    session = Session(Still())
    session.run("settings.set", cine_rate=24)
    assert session.settings.cine_rate == 24
    assert not session.settings_path.exists()
    session.close()
    again = Session()
    assert again.settings.cine_rate == 24
    again.close()


def test_pictures_and_what_is_made_of_them_stay_within_one_budget(session: Session, tmp_path: Path) -> None:
    _opened(session, tmp_path / "ct")
    session.run("enhance.add", operation="gaussian")
    session.run("enhance.add", operation="gamma")
    session.rendering.draw(0, None)
    one = session.frames.held  # pictures, steps and the enhanced one
    session.frames.clear()
    session.frames.resize(one)
    for _ in range(5):
        session.run("view.scroll", by=1)
        session.rendering.draw(0, None)
        assert 0 < session.frames.held <= session.frames.capacity == one
