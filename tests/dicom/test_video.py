"""Videos are shown picture by picture, and each picture is the one that is asked for."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.encaps import encapsulate

from medviewer.core.study import Series
from medviewer.dicom import decoder_process, video
from medviewer.dicom.decode import InProcessDecoder
from medviewer.dicom.group import group
from medviewer.dicom.read import read_header
from medviewer.dicom.source import SeriesSource
from medviewer.dicom.workers import WorkerPool
from medviewer.kit.errors import DamagedFile
from tests import factories

STREAMS = Path(__file__).parent / "streams"
COUNT = 50
KINDS = {
    "mpeg2.m2v": "100",
    "mpeg2.mpg": "101",
    "h264.264": "102",
    "h264.mp4": "104",
    "h264.ts": "105",
    "hevc.265": "107",
    "hevc.mp4": "107",
    "hevc10.mp4": "108",
}
SETTINGS = ("OPENCV_FFMPEG_CAPTURE_OPTIONS", "OPENCV_FFMPEG_LOGLEVEL")
SYNTAX = "1.2.840.10008.1.2.4."


@pytest.fixture(autouse=True)
def _nothing_stays_open() -> Iterator[None]:
    # what holds for a process that decodes is not to hold for other tests
    before = {name: os.environ.get(name) for name in SETTINGS}
    yield
    while video._open_videos:
        video._open_videos.popitem()[1].close()
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)


def _dicom(
    path: Path, stream: bytes, syntax: str = "102", count: int = COUNT, fragments: int = 1, **values: Any
) -> Path:
    """A file that holds *stream*, in one or more fragments."""
    data = factories.picture(np.zeros((48, 64, 3), np.uint8), modality="ES", kind="OT", color=True)
    data.NumberOfFrames = count
    data.PhotometricInterpretation = "YBR_PARTIAL_420"
    for keyword, value in values.items():
        setattr(data, keyword, value)
    data.PixelData = encapsulate([stream], fragments_per_frame=fragments, has_bot=fragments == 1)
    data["PixelData"].VR = "OB"
    data["PixelData"].is_undefined_length = True
    return factories.write(path, data, SYNTAX + syntax)


def _video(folder: Path, name: str = "h264.mp4", **values: Any) -> Path:
    return _dicom(
        folder / "v.dcm", (STREAMS / name).read_bytes(), values.pop("syntax", KINDS[name]), **values
    )


def _series(path: Path) -> Series:
    ((series,),) = (study.series for study in group([read_header(path)]))
    return series


def _number(pixels: NDArray[np.uint8]) -> int:
    """The number that a picture tells."""
    return sum(1 << bit for bit in range(8) if pixels[10:22, bit * 8 + 2 : bit * 8 + 6].mean() > 128)


def _all(path: Path) -> list[NDArray[np.uint8]]:
    source = SeriesSource(_series(path), InProcessDecoder())
    return [source.frame(at).pixels for at in range(source.count)]


@pytest.mark.rule("P-26")
@pytest.mark.parametrize("name", KINDS)
def test_every_picture_of_a_video_is_there_in_order_and_in_its_colours(tmp_path: Path, name: str) -> None:
    pictures = _all(_video(tmp_path, name))
    assert [_number(pixels) for pixels in pictures] == list(range(COUNT))
    assert all(pixels.shape == (48, 64, 3) and pixels.dtype == np.uint8 for pixels in pictures)
    for left, color in ((0, (200, 40, 40)), (21, (40, 200, 40)), (42, (40, 40, 200))):
        block = pictures[20][36:46, left + 5 : left + 16].reshape(-1, 3).mean(axis=0)
        assert np.abs(block - color).max() < 25


@pytest.mark.parametrize("kept", [1, 4, 48])
@pytest.mark.parametrize("name", KINDS)
def test_a_jump_leads_to_exactly_the_picture_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, kept: int
) -> None:
    path = _video(tmp_path, name)
    in_order = _all(path)
    video._open_videos.clear()
    monkeypatch.setattr(video, "MOST_KEPT", kept)
    source = SeriesSource(_series(path), InProcessDecoder())
    random = np.random.default_rng(kept)
    for at in [49, 0, 30, 29, 28, 12, 48, 47, 11, 10, 9, 33, *random.integers(0, COUNT, 30).tolist()]:
        np.testing.assert_array_equal(source.frame(at).pixels, in_order[at], err_msg=f"{name} {at}")


class _Counting:
    """A capture that counts what it decodes."""

    grabs = 0

    def __init__(self, *arguments: Any) -> None:
        self._capture = _REAL(*arguments)

    def grab(self) -> bool:
        _Counting.grabs += 1
        return bool(self._capture.grab())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._capture, name)


_REAL = video.cv2.VideoCapture


@pytest.mark.parametrize("name", ["mpeg2.m2v", "h264.mp4"])
def test_scrolling_forward_costs_one_decoding_a_picture_and_back_little_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(video.cv2, "VideoCapture", _Counting)
    monkeypatch.setattr(video, "MOST_KEPT", 12)
    monkeypatch.setattr(_Counting, "grabs", 0)
    source = SeriesSource(_series(_video(tmp_path, name)), InProcessDecoder())
    for at in range(COUNT - 1):
        source.frame(at)
    assert _Counting.grabs == COUNT - 1
    for at in range(COUNT - 2, -1, -1):
        source.frame(at)
    # a stream without times is decoded from its beginning once for each twelve pictures back
    assert _Counting.grabs <= COUNT * (4 if name == "mpeg2.m2v" else 3)


def test_what_a_video_keeps_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "_KEPT_BYTES", 3 * 48 * 64 * 3)
    source = SeriesSource(_series(_video(tmp_path)), InProcessDecoder())
    for at in (*range(20), 5, 4, 3):
        source.frame(at)
    (only,) = video._open_videos.values()
    assert len(only._kept) <= 3


def test_no_more_than_two_videos_stay_open(tmp_path: Path) -> None:
    for at in range(4):
        path = _dicom(tmp_path / f"{at}.dcm", (STREAMS / "h264.mp4").read_bytes())
        SeriesSource(_series(path), InProcessDecoder()).frame(0)
    assert len(video._open_videos) == 2


def test_videos_are_decoded_behind_the_wall(tmp_path: Path) -> None:
    path = _video(tmp_path, "hevc.mp4")
    with WorkerPool(workers=2) as pool:
        source = SeriesSource(_series(path), pool)
        there = [source.frame(at).pixels for at in (0, 1, 2, 40, 3)]
        before = set(pool.pids)
        assert before
    here = _all(path)
    for pixels, at in zip(there, (0, 1, 2, 40, 3), strict=True):
        np.testing.assert_array_equal(pixels, here[at])


def test_the_process_that_has_a_video_open_is_asked_for_its_next_picture(tmp_path: Path) -> None:
    path = _video(tmp_path)
    with WorkerPool(workers=2) as pool:
        source = SeriesSource(_series(path), pool)
        source.frame(0)
        (holder,) = [worker for worker in pool._idle if worker.keeps]
        for at in range(1, 6):
            pool._idle.sort(key=lambda worker: worker is holder)  # others worked last
            source.frame(at)
            assert [worker for worker in pool._idle if worker.keeps] == [holder]


def test_a_jump_that_never_ends_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _video(tmp_path)
    monkeypatch.setattr(decoder_process, "SECONDS_FOR_A_JUMP", 0.2)
    with WorkerPool() as pool:
        source = SeriesSource(_series(path), pool)
        source.frame(0)
        before = pool.pids
        with monkeypatch.context() as patched:
            patched.setattr(decoder_process.DecoderProcess, "_asked", lambda *_: {"again": True})
            with pytest.raises(DamagedFile, match="need more than 0 seconds to reach this picture"):
                source.frame(40)
        assert _number(source.frame(1).pixels) == 1
        assert before[0] in pool.pids


def test_a_long_jump_is_answered_in_several_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "SECONDS_AT_ONCE", 0.0)
    asked = []
    real = video.Video.frame

    def counted(self: video.Video, number: int) -> NDArray[np.uint8]:
        asked.append(number)
        if len(asked) % 3:
            raise video.NotYet
        monkeypatch.setattr(video, "SECONDS_AT_ONCE", 5.0)
        return real(self, number)

    monkeypatch.setattr(video.Video, "frame", counted)
    source = SeriesSource(_series(_video(tmp_path)), InProcessDecoder())
    assert _number(source.frame(40).pixels) == 40
    assert asked == [40, 40, 40]


def test_a_stream_in_pieces_is_one_stream(tmp_path: Path) -> None:
    path = _video(tmp_path, "h264.264", fragments=7, syntax="102.1")
    assert [_number(pixels) for pixels in _all(path)] == list(range(COUNT))


def test_pieces_of_a_file_are_read_as_one(tmp_path: Path) -> None:
    content = bytes(range(200))
    (tmp_path / "f").write_bytes(content)
    pieces = ((10, 5), (40, 1), (100, 50))
    stream = video.PiecesOfFile(str(tmp_path / "f"), pieces)
    whole = io.BytesIO(b"".join(content[offset : offset + length] for offset, length in pieces))
    random = np.random.default_rng(0)
    for _ in range(200):
        if random.random() < 0.3:
            to = int(random.integers(0, 57))
            assert stream.seek(to) == whole.seek(to)
        assert stream.read(size := int(random.integers(-1, 20))) == whole.read(size)
    assert stream.seek(-3, os.SEEK_END) == 53
    assert stream.seek(1, os.SEEK_CUR) == 54
    stream.close()


def test_a_video_in_an_archive_leaves_no_copy_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "copies").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "copies"))
    path = _video(tmp_path)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(path, "Surname_Forename.dcm")
    header = read_header(tmp_path / "a.zip", path.read_bytes(), "Surname_Forename.dcm")
    ((series,),) = (study.series for study in group([header]))
    source = SeriesSource(series, InProcessDecoder())
    assert _number(source.frame(7).pixels) == 7
    (copy,) = (tmp_path / "copies").iterdir()
    assert "Surname" not in copy.name
    source.close()
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_header_that_announces_more_pictures_than_there_are_is_told(tmp_path: Path) -> None:
    source = SeriesSource(_series(_video(tmp_path, count=COUNT + 3)), InProcessDecoder())
    with pytest.raises(DamagedFile, match=r"v\.dcm cannot be shown: its video data hold only 50 pictures"):
        source.frame(COUNT + 1)
    assert _number(source.frame(COUNT - 1).pixels) == COUNT - 1


def test_a_stream_that_goes_on_after_its_announced_end_is_told(tmp_path: Path) -> None:
    source = SeriesSource(_series(_video(tmp_path, count=20)), InProcessDecoder())
    lossy = ("Lossy compression H.264",)
    longer = ("The video goes on after the 20 pictures of its header.",)
    assert source.frame(18).remarks == lossy
    assert source.frame(19).remarks == longer + lossy
    assert _number(source.frame(10).pixels) == 10
    whole = SeriesSource(
        _series(_dicom(tmp_path / "w.dcm", (STREAMS / "h264.mp4").read_bytes())), InProcessDecoder()
    )
    assert whole.frame(COUNT - 1).remarks == lossy


def test_a_file_cut_off_in_its_video_shows_what_is_there(tmp_path: Path) -> None:
    path = _video(tmp_path, "mpeg2.m2v")
    path.write_bytes(path.read_bytes()[:-4000])
    source = SeriesSource(_series(path), InProcessDecoder())
    first = source.frame(0)
    assert _number(first.pixels) == 0
    assert any("cut off" in remark for remark in first.remarks)
    with pytest.raises(DamagedFile, match="hold only"):
        source.frame(COUNT - 1)


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        (b"#EXTM3U\n#EXTINF:3,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", "do not begin like a video"),
        (b"ffconcat version 1.0\nfile '/etc/passwd'\n", "do not begin like a video"),
        (b"RIFF....AVI LIST", "do not begin like a video"),
        (b"\0\0\1\xb3" + bytes(500), "cannot be read as a video|hold only|pixels inside"),
        (b"\0\0\0\x18ftypisom" + b"\xff" * 500, "cannot be read as a video"),
        (b"\0\0", "do not begin like a video"),
    ],
)
def test_what_is_no_video_is_refused_and_nothing_else_opened(
    tmp_path: Path, stream: bytes, words: str
) -> None:
    source = SeriesSource(_series(_dicom(tmp_path / "v.dcm", stream)), InProcessDecoder())
    with pytest.raises(DamagedFile, match=words):
        source.frame(0)


def test_a_video_of_another_size_than_its_header_says_is_refused(tmp_path: Path) -> None:
    source = SeriesSource(_series(_video(tmp_path, Rows=480)), InProcessDecoder())
    with pytest.raises(DamagedFile, match="48 x 64 pixels inside and 480 x 64"):
        source.frame(0)


def test_broken_streams_cost_a_message_and_never_the_program(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    shown = refused = 0
    with WorkerPool() as pool:
        for at, name in enumerate(list(KINDS) * 2):
            stream = bytearray((STREAMS / name).read_bytes())
            for place in random.integers(40, len(stream), 12 * (1 + at % 2)):
                stream[place] = random.integers(256)
            path = _dicom(tmp_path / f"{at}.dcm", bytes(stream), KINDS[name])
            source = SeriesSource(_series(path), pool)
            for number in (0, 45, 3):
                try:
                    assert source.frame(number).pixels.shape == (48, 64, 3)
                    shown += 1
                except DamagedFile:
                    refused += 1
        whole = _dicom(tmp_path / "whole.dcm", (STREAMS / "h264.mp4").read_bytes())
        assert _number(SeriesSource(_series(whole), pool).frame(9).pixels) == 9
    assert shown > 10
