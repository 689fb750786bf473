"""A frame is decoded once however many ask, and a failure leaves nothing behind."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pytest

from medviewer.core.beside_pixels import OverlayPlane, Shutter
from medviewer.core.geometry import Plane
from medviewer.core.study import FrameAddress, Instance, Series
from medviewer.core.volume import Frame, LazyFrames, read_only
from medviewer.kit.errors import DamagedFile, SeriesTrouble
from medviewer.session.frames import Frames, default_capacity

PLANE = Plane((10, 10))
BYTES = 200


def series_of(*names: str) -> Series:
    instances = tuple(Instance(name, name, "", 1, 1, 10, 10, "", PLANE) for name in names)
    frames = tuple(FrameAddress(at, 0, PLANE) for at in range(len(names)))
    return Series("key", "1.2", "study", instances=instances, frames=frames)


@dataclass
class Shelf:
    """Open series whose pictures hold the number in their file's name."""

    series: Series | None
    decoded: list[str] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)
    gate: threading.Event | None = None
    entered: threading.Event = field(default_factory=threading.Event)

    def source(self, key):
        if self.series is None:
            raise SeriesTrouble("This series is no longer open.")
        return self.series, Pictures(self, self.series)


@dataclass
class Pictures:
    shelf: Shelf
    series: Series

    def frame(self, index):
        name = self.series.instances[self.series.frames[index].instance].path
        self.shelf.decoded.append(name)
        self.shelf.entered.set()
        if self.shelf.gate is not None:
            assert self.shelf.gate.wait(5)
        if self.shelf.trouble:
            raise self.shelf.trouble.pop()
        return Frame(read_only(np.full((10, 10), int(name), np.uint16)), PLANE)


def value(frame: Frame) -> int:
    return int(frame.pixels[0, 0])


def test_a_frame_is_there_only_after_it_was_loaded_and_is_then_the_very_same():
    shelf = Shelf(series_of("0", "1"))
    frames = Frames(10 * BYTES, shelf.source)
    assert frames.get("key", 1) is None
    loaded = frames.load("key", 1)
    assert value(loaded) == 1
    assert frames.get("key", 1) is loaded is frames.load("key", 1)
    assert shelf.decoded == ["1"]


def test_many_who_ask_at_once_share_one_decode():
    shelf = Shelf(series_of("7"), gate=threading.Event())
    frames = Frames(10 * BYTES, shelf.source)
    with ThreadPoolExecutor(16) as pool:
        asked = [pool.submit(frames.load, "key", 0) for _ in range(16)]
        assert shelf.entered.wait(5)
        shelf.gate.set()
        got = [one.result(5) for one in asked]
    assert shelf.decoded == ["7"]
    assert all(one is got[0] for one in got)
    assert frames._decoding == {}


def test_different_frames_do_not_wait_for_each_other():
    shelf = Shelf(series_of("0", "1"))
    barrier = threading.Barrier(2, timeout=5)

    class Together(Pictures):
        def frame(self, index):
            barrier.wait()
            return super().frame(index)

    frames = Frames(10 * BYTES, lambda _: (shelf.series, Together(shelf, shelf.series)))
    with ThreadPoolExecutor(2) as pool:
        assert [value(one) for one in pool.map(lambda at: frames.load("key", at), (0, 1))] == [0, 1]


@pytest.mark.parametrize("trouble", [DamagedFile("x"), ValueError("x"), MemoryError()])
def test_a_decode_that_fails_leaves_nothing_behind_and_the_next_ask_tries_again(trouble):
    shelf = Shelf(series_of("5"), trouble=[trouble])
    frames = Frames(10 * BYTES, shelf.source)
    with pytest.raises(type(trouble)):
        frames.load("key", 0)
    assert frames.get("key", 0) is None
    assert frames._decoding == {}
    assert value(frames.load("key", 0)) == 5


def test_who_waited_for_a_decode_that_failed_is_not_left_waiting():
    shelf = Shelf(series_of("5"), trouble=[DamagedFile("x")], gate=threading.Event())
    frames = Frames(10 * BYTES, shelf.source)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(frames.load, "key", 0) for _ in range(8)]
        assert shelf.entered.wait(5)
        shelf.gate.set()
        failed = [one for one in asked if one.exception(5) is not None]
    assert len(failed) == 1
    assert frames._decoding == {}


def test_a_frame_larger_than_the_memory_for_frames_is_shown_all_the_same():
    shelf = Shelf(series_of("3"))
    frames = Frames(BYTES - 1, shelf.source)
    assert value(frames.load("key", 0)) == 3
    assert frames.get("key", 0) is None
    assert frames._decoding == {}


def test_what_was_used_longest_ago_goes_first():
    shelf = Shelf(series_of("0", "1", "2"))
    frames = Frames(2 * BYTES, shelf.source)
    frames.load("key", 0)
    frames.load("key", 1)
    frames.get("key", 0)
    frames.load("key", 2)
    assert [frames.get("key", at) is not None for at in range(3)] == [True, False, True]


def test_a_series_that_grows_while_it_is_scanned_never_shows_another_picture_under_a_number():
    shelf = Shelf(series_of("10", "30"))
    frames = Frames(10 * BYTES, shelf.source)
    assert [value(frames.load("key", at)) for at in range(2)] == [10, 30]
    shelf.series = series_of("10", "20", "30")
    assert frames.get("key", 1) is None
    assert value(frames.get("key", 2)) == 30
    assert [value(frames.load("key", at)) for at in range(3)] == [10, 20, 30]
    assert shelf.decoded == ["10", "30", "20"], "what was decoded stays decoded"


def test_a_decode_that_ends_after_the_series_has_grown_is_kept_under_its_own_place():
    shelf = Shelf(series_of("10", "30"), gate=threading.Event())
    frames = Frames(10 * BYTES, shelf.source)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(frames.load, "key", 1)
        assert shelf.entered.wait(5)
        shelf.series = series_of("10", "20", "30")
        shelf.gate.set()
        assert value(asked.result(5)) == 30
    assert frames.get("key", 1) is None
    assert value(frames.get("key", 2)) == 30


def test_two_frames_of_one_file_are_two_pictures():
    series = series_of("4")
    series = replace(series, frames=(FrameAddress(0, 0, PLANE), FrameAddress(0, 1, PLANE)))
    frames = Frames(10 * BYTES, Shelf(series).source)
    assert frames.load("key", 0) is not frames.load("key", 1)


def test_a_series_that_was_closed_has_no_frames_and_says_so():
    shelf = Shelf(series_of("1"))
    frames = Frames(10 * BYTES, shelf.source)
    frames.load("key", 0)
    shelf.series = None
    assert frames.get("key", 0) is None
    with pytest.raises(SeriesTrouble):
        frames.load("key", 0)
    assert frames._decoding == {}


@pytest.mark.parametrize("index", [2, 99])
def test_a_number_beyond_the_series_is_no_frame(index):
    frames = Frames(10 * BYTES, Shelf(series_of("0", "1")).source)
    assert frames.get("key", index) is None


def test_clearing_forgets_the_pictures_and_not_how_to_get_them():
    shelf = Shelf(series_of("1"))
    frames = Frames(10 * BYTES, shelf.source)
    frames.load("key", 0)
    frames.clear()
    assert frames.get("key", 0) is None
    assert value(frames.load("key", 0)) == 1


def test_a_lazy_row_of_frames_decodes_only_what_is_looked_at():
    shelf = Shelf(series_of("0", "1", "2", "3"))
    row = LazyFrames(partial(Frames(10 * BYTES, shelf.source).load, "key"), (3, 1, 2))
    assert len(row) == 3
    assert shelf.decoded == []
    assert value(row[0]) == 3
    assert [value(one) for one in row[1:]] == [1, 2]
    assert value(row[-1]) == 2


def test_the_memory_for_frames_is_a_share_of_what_the_machine_has():
    assert default_capacity() >= 64 << 20


def test_masks_over_a_picture_count_as_much_as_its_pixels():
    shelf = Shelf(series_of("0"))
    mask = read_only(np.zeros((10, 10), np.uint8))
    overlays = tuple(OverlayPlane(group, mask.copy()) for group in (0x6000, 0x6002))

    class Covered(Pictures):
        def frame(self, index):
            return replace(super().frame(index), overlays=overlays, shutter=Shutter(mask))

    frames = Frames(10 * BYTES, lambda _: (shelf.series, Covered(shelf, shelf.series)))
    frames.load("key", 0)
    assert frames.held == BYTES + 3 * mask.nbytes
