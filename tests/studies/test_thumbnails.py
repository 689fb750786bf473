"""Small pictures for the study list."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from medviewer.core.geometry import Plane
from medviewer.core.study import FrameAddress, Instance, Series
from medviewer.core.volume import Frame, read_only
from medviewer.studies.thumbnails import SIZE, Thumbnails


class Source:
    """Frames of one grey level per number, and how often they were asked for."""

    series = "K"

    def __init__(
        self, shape: tuple[int, ...] = (200, 100), count: int = 5, spacing: tuple[float, float] = (1, 1)
    ):
        self.count = count
        self.asked: list[int] = []
        self._plane = Plane(shape[:2], spacing=spacing)
        self._shape = shape

    def plane(self, index: int) -> Plane:
        return self._plane

    def frame(self, index: int) -> Frame:
        self.asked.append(index)
        pixels = np.zeros(self._shape, np.uint8)
        pixels[: self._shape[0] // 2] = 255
        return Frame(read_only(pixels), self._plane)


def series(key: str = "K", count: int = 5) -> Series:
    plane = Plane((200, 100))
    instances = tuple(Instance(f"/{n}", f"1.{n}", "", n, 1, 200, 100, "", plane) for n in range(count))
    frames = tuple(FrameAddress(n, 0, plane) for n in range(count))
    return Series(key, "1.2", "study", instances=instances, frames=frames)


def test_the_middle_picture_is_shown_with_its_sides_in_proportion(tmp_path):
    source = Source()
    picture = Thumbnails(tmp_path).make(series(), source)
    assert source.asked == [2]
    assert picture.shape == (SIZE, SIZE // 2)
    assert (picture[0, 0], picture[-1, -1]) == (255, 0)
    assert not picture.flags.writeable


def test_pixels_that_are_not_square_are_stretched(tmp_path):
    assert Thumbnails(tmp_path).make(series(), Source((100, 100), spacing=(2, 1))).shape == (SIZE, SIZE // 2)


def test_colour_stays_colour(tmp_path):
    assert Thumbnails(tmp_path).make(series(), Source((50, 50, 3))).shape == (SIZE, SIZE, 3)


def test_a_thumbnail_is_still_there_at_the_next_start_under_a_name_that_says_nothing(tmp_path):
    first = Thumbnails(tmp_path).make(series("PatientName-1.2.3"), Source())
    again = Thumbnails(tmp_path).get(series("PatientName-1.2.3"))
    assert again is not None
    assert np.array_equal(first, again)
    (file,) = tmp_path.iterdir()
    assert "Patient" not in file.name
    assert "1.2.3" not in file.name


def test_a_series_that_grew_gets_another_picture(tmp_path):
    thumbnails = Thumbnails(tmp_path)
    thumbnails.make(series(), Source())
    assert thumbnails.get(series(count=9)) is None


def test_without_a_folder_nothing_is_written(tmp_path):
    thumbnails = Thumbnails(None)
    thumbnails.make(series(), Source())
    assert thumbnails.get(series()) is not None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x93NUMPY\x01\x00", bytes(10_000_000)])
def test_a_damaged_file_is_made_again(tmp_path, content):
    Thumbnails(tmp_path).make(series(), Source())
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    source = Source()
    assert Thumbnails(tmp_path).make(series(), source).shape == (SIZE, SIZE // 2)
    assert source.asked == [2]


def test_pickled_objects_are_never_loaded(tmp_path):
    Thumbnails(tmp_path).make(series(), Source())
    (file,) = tmp_path.iterdir()
    with open(file, "wb") as stream:
        np.save(stream, np.array([{"harm": 1}], object), allow_pickle=True)
    assert Thumbnails(tmp_path).get(series()) is None


def test_a_forgotten_series_leaves_no_picture(tmp_path):
    thumbnails = Thumbnails(tmp_path)
    thumbnails.make(series(), Source())
    thumbnails.make(series("other"), Source())
    thumbnails.forget_series("K")
    assert thumbnails.get(series()) is None
    assert thumbnails.get(series("other")) is not None
    thumbnails.forget(series("other"))
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_is_no_obstacle(tmp_path):
    folder = tmp_path / "thumbnails"
    thumbnails = Thumbnails(folder)
    folder.rmdir()
    folder.write_text("in the way")
    assert thumbnails.make(series(), Source()).shape == (SIZE, SIZE // 2)


def test_the_folder_is_private(tmp_path: Path):
    Thumbnails(tmp_path / "thumbnails")
    assert (tmp_path / "thumbnails").stat().st_mode & 0o777 == 0o700
