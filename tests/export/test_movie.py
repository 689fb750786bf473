"""Movies: as many pictures as were given, in their order, their colours and their time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from medviewer.export import movie
from medviewer.export.movie import write_movie
from medviewer.kit.errors import BadValue, Cancelled, ExportTrouble


def greys(count: int, size: tuple[int, int] = (64, 80)) -> list[np.ndarray]:
    """Pictures with a ramp of all greys that moves."""
    ramp = np.linspace(0, 255, size[1]).astype(np.uint8)
    return [
        np.repeat(np.tile(np.roll(ramp, at * 3), (size[0], 1))[..., None], 3, axis=2) for at in range(count)
    ]


def colored(count: int) -> list[np.ndarray]:
    pictures = [one.copy() for one in greys(count)]
    for at, one in enumerate(pictures):
        one[10:20, 5 + at : 15 + at] = (230, 159, 0)
        cv2.line(one, (0, at), (79, 63), (74, 168, 216), 2, cv2.LINE_AA)
    return pictures


def frames(path: Path) -> list[np.ndarray]:
    """The pictures of an MP4 file, RGB."""
    reader, found = cv2.VideoCapture(str(path)), []
    while True:
        is_there, one = reader.read()
        if not is_there:
            break
        found.append(cv2.cvtColor(one, cv2.COLOR_BGR2RGB))
    reader.release()
    return found


def test_an_mp4_holds_all_pictures_at_its_rate(tmp_path: Path) -> None:
    given = colored(12)
    assert write_movie(iter(given), tmp_path / "a.mp4", (64, 80), 12.5) == 12
    reader = cv2.VideoCapture(str(tmp_path / "a.mp4"))
    assert reader.get(cv2.CAP_PROP_FRAME_COUNT) == 12
    assert reader.get(cv2.CAP_PROP_FPS) == pytest.approx(12.5)
    found = frames(tmp_path / "a.mp4")
    for one, other in zip(given, found, strict=True):
        assert np.abs(one.astype(int) - other).mean() < 8
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_odd_sides_become_even_and_smaller_pictures_lie_in_the_middle(tmp_path: Path) -> None:
    given = [np.full((51, 33, 3), 200, np.uint8), np.full((31, 33, 3), 200, np.uint8)]
    write_movie(given, tmp_path / "a.mp4", (51, 33), 5)
    one, two = frames(tmp_path / "a.mp4")
    assert one.shape == (52, 34, 3)
    assert abs(int(two[26, 16, 0]) - 200) < 12
    assert two[3, 16, 0] < 30
    assert two[48, 16, 0] < 30


def test_greys_of_a_gif_are_exact_and_its_times_do_not_drift(tmp_path: Path) -> None:
    given = greys(15)
    assert write_movie(iter(given), tmp_path / "a.gif", (64, 80), 15) == 15
    is_read, found = cv2.imreadanimation(str(tmp_path / "a.gif"))
    assert is_read
    assert len(found.frames) == 15
    for one, other in zip(given, found.frames, strict=True):
        assert np.array_equal(one[..., 0], other[..., 0])
    assert sum(int(one) for one in np.ravel(found.durations)) == 1000
    assert found.loop_count == 0


def test_a_few_colours_in_a_gif_leave_the_greys_nearly_as_they_are(tmp_path: Path) -> None:
    given = colored(4)
    write_movie(given, tmp_path / "a.gif", (64, 80), 10)
    for one, other in zip(given, cv2.imreadanimation(str(tmp_path / "a.gif"))[1].frames, strict=True):
        away = np.abs(one.astype(int) - other[..., 2::-1])
        assert away.max() < 32
        assert away.mean() < 0.7


def test_what_stood_there_stays_where_the_pictures_stop(tmp_path: Path) -> None:
    for name in ("a.mp4", "a.gif"):
        (tmp_path / name).write_bytes(b"before")

        def some():
            yield greys(1)[0]
            raise Cancelled

        with pytest.raises(Cancelled):
            write_movie(some(), tmp_path / name, (64, 80), 10)
        assert (tmp_path / name).read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.gif", "a.mp4"]


def test_a_computer_that_cannot_write_movies_says_so(tmp_path: Path, monkeypatch) -> None:
    class Closed:
        fourcc = staticmethod(lambda *_: 0)

        def __init__(self, *_: object) -> None: ...

        def isOpened(self) -> bool:  # noqa: N802
            return False

        def release(self) -> None: ...

    monkeypatch.setattr(movie.cv2, "VideoWriter", Closed)
    with pytest.raises(ExportTrouble, match="cannot write MP4"):
        write_movie(greys(2), tmp_path / "a.mp4", (64, 80), 10)
    assert list(tmp_path.iterdir()) == []


def test_wrong_names_rates_and_places_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="ending"):
        write_movie(greys(1), tmp_path / "a.avi", (64, 80), 10)
    with pytest.raises(BadValue, match="a second"):
        write_movie(greys(1), tmp_path / "a.gif", (64, 80), 0.01)
    with pytest.raises(ExportTrouble, match="no folder"):
        write_movie(greys(1), tmp_path / "none" / "a.gif", (64, 80), 10)
    with pytest.raises(ExportTrouble, match="smaller"):
        write_movie(greys(1), tmp_path / "a.mp4", (9000, 80), 10)


@pytest.mark.parametrize("name", ["a.gif", "a.mp4"])
def test_it_can_be_stopped_after_the_last_picture_was_given(tmp_path: Path, name: str) -> None:
    """A GIF is encoded when its last picture is there: that takes as long as all before."""
    (tmp_path / name).write_bytes(b"what was there")
    given, asked = [], []

    def some() -> Iterator[np.ndarray]:
        for one in colored(30):
            given.append(one)
            yield one

    def check() -> None:
        asked.append(len(given))
        if len(asked) > 5:
            raise Cancelled

    with pytest.raises(Cancelled):
        write_movie(some(), tmp_path / name, (64, 80), 10, check)
    assert len(given) == 30
    assert [one.name for one in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == b"what was there"


def test_a_process_that_has_shown_videos_can_still_write_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", "protocol_whitelist;crypto")
    assert write_movie(greys(3), tmp_path / "a.mp4", (64, 80), 10) == 3
