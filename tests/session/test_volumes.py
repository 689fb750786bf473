"""A volume holds the very voxels of its files, once, within the memory for pictures, or says why not."""

from __future__ import annotations

import errno
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from medviewer.core.cut import Cut, anatomical
from medviewer.core.study import Series
from medviewer.core.volume import Rescale
from medviewer.dicom.decode import InProcessDecoder
from medviewer.dicom.group import group
from medviewer.dicom.read import read_header
from medviewer.dicom.source import SeriesSource
from medviewer.imaging.evened import GAPS, RESAMPLED
from medviewer.kit.errors import Cancelled, DamagedFile, SeriesTrouble
from medviewer.kit.task import CancelToken, TaskContext
from medviewer.session.frames import Frames
from tests import factories

ROOMY = 256 << 20


@dataclass
class Counted(InProcessDecoder):
    """Counts what is decoded."""

    decoded: list[str] = field(default_factory=list)

    def decode(self, coded):
        self.decoded.append(coded.name)
        return super().decode(coded)


@dataclass
class Opened:
    series: Series
    frames: Frames
    decoder: Counted

    def plainly(self, places: range | None = None) -> np.ndarray:
        """The stored values of the slices, one after the other as pydicom has them."""
        numbers = range(self.series.count) if places is None else places
        paths = [self.series.instances[self.series.frames[at].instance].path for at in numbers]
        return np.stack([pydicom.dcmread(path).pixel_array for path in paths])


def opened(paths: list[Path], capacity: int = ROOMY) -> Opened:
    every = [series for study in group(read_header(path) for path in paths) for series in study.series]
    assert len(every) == 1
    one = Opened(every[0], Frames(capacity, lambda _: (one.series, sources())), Counted())
    made: list[SeriesSource] = []

    def sources() -> SeriesSource:
        if not made or made[0]._series is not one.series:
            made[:] = [SeriesSource(one.series, one.decoder)]
        return made[0]

    return one


@pytest.mark.parametrize("syntax", ["explicit", "implicit", "deflated", "big-endian", "rle", "jpeg-2000"])
def test_a_volume_has_every_stored_value_of_its_files(tmp_path, syntax):
    one = opened(factories.ct(tmp_path, 6, syntax=syntax))
    volume = one.frames.volume("key", 2)
    assert volume.voxels.dtype == np.int16
    np.testing.assert_array_equal(volume.voxels, one.plainly())
    assert volume.geometry == one.series.geometry
    assert volume.rescale == Rescale(1.0, -1024.0, unit="HU")
    assert not volume.voxels.flags.writeable


@pytest.mark.parametrize("signed", [False, True])
def test_unused_bits_are_masked_and_signs_extended_in_the_voxels_too(tmp_path, signed):
    stored = np.random.default_rng(1).integers(0, 1 << 16, (5, 16, 20)).astype(np.uint16)
    values = {"BitsStored": 12, "HighBit": 13, "PixelRepresentation": int(signed)}

    def put(at, data):
        data.PixelData = stored[at].tobytes()

    paths = factories.ct(tmp_path, 5, rows=16, columns=20, edit=put, **values)
    one = opened(paths)
    volume = one.frames.volume("key")
    wanted = np.stack([SeriesSource(one.series, one.decoder).frame(at).pixels for at in range(5)])
    assert volume.voxels.dtype == wanted.dtype == (np.int16 if signed else np.uint16)
    np.testing.assert_array_equal(volume.voxels, wanted)
    np.testing.assert_array_equal(volume.voxels & 0xFFF, (stored >> 2) & 0xFFF)


@pytest.mark.skipif(not hasattr(os, "RWF_NOWAIT"), reason="this system does not tell what is in its memory")
@pytest.mark.parametrize("answer", ["all", "half", errno.EAGAIN, errno.EOPNOTSUPP])
def test_what_has_to_be_fetched_from_the_disk_first_is_read_too(tmp_path, monkeypatch, answer):
    read, asked, waited = os.preadv, [], []

    def preadv(descriptor, rooms, offset, flags=0):
        (asked if flags & os.RWF_NOWAIT else waited).append(descriptor)
        if not flags & os.RWF_NOWAIT or answer == "all" or len(asked) % 3:
            return read(descriptor, rooms, offset, flags & ~os.RWF_NOWAIT)
        if answer == "half":
            return read(descriptor, [*rooms[:-1], rooms[-1][:100]], offset)
        raise OSError(answer, os.strerror(answer))

    monkeypatch.setattr(os, "preadv", preadv)
    one = opened(factories.ct(tmp_path, 20, BitsStored=12, HighBit=11))
    volume = one.frames.volume("key")
    assert asked
    assert bool(waited) == (answer != "all")
    np.testing.assert_array_equal(volume.voxels, one.plainly())


@pytest.mark.parametrize("syntax", ["explicit", "jpeg-2000"])
def test_the_slices_of_a_volume_are_views_of_it_and_the_single_frames_are_gone(tmp_path, syntax):
    one = opened(factories.ct(tmp_path, 6, syntax=syntax))
    before = one.frames.load("key", 1)
    volume = one.frames.volume("key", 1)
    assert one.frames.get("key", 1) is not None, "who looks at a slice goes on seeing it"
    for at in range(6):
        frame = one.frames.load("key", at)
        assert np.shares_memory(frame.pixels, volume.voxels)
        assert frame is one.frames.get("key", at) is volume.frames[at]
        assert frame.plane == one.series.frames[at].plane
        assert frame.windows == before.windows
    np.testing.assert_array_equal(one.frames.get("key", 1).pixels, before.pixels)
    assert one.frames.held == volume.voxels.nbytes


def test_what_is_decoded_already_is_copied_and_not_decoded_again(tmp_path):
    one = opened(factories.ct(tmp_path, 6, syntax="rle"))
    for at in (0, 2, 3):
        one.frames.load("key", at)
    one.frames.volume("key")
    assert len(one.decoder.decoded) == 6


def test_many_who_ask_at_once_share_one_volume(tmp_path):
    one = opened(factories.ct(tmp_path, 6, syntax="rle"))
    start = threading.Barrier(8)

    def ask(at):
        start.wait(5)
        return one.frames.volume("key", at % 6)

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(ask, range(8)))
    assert all(volume is got[0] for volume in got)
    assert len(one.decoder.decoded) == 6


def test_cuts_are_made_of_the_volume_and_kept(tmp_path):
    one = opened(factories.ct(tmp_path, 6))
    cut = Cut(*anatomical("coronal"), 0.0)
    assert one.frames.get("key", 0, cut) is None
    frame = one.frames.load("key", 0, cut)
    assert one.frames.get("key", 5, cut) is frame
    assert {decision.step for decision in frame.decided} >= {"modality", "window"}
    np.testing.assert_array_equal(frame.pixels[::-1], one.plainly()[:, 32])


@pytest.mark.parametrize("capacity", [1000, 6 * 64 * 64 * 2 - 1])
def test_a_volume_that_does_not_fit_is_refused_in_words_before_memory_is_taken(tmp_path, capacity):
    one = opened(factories.ct(tmp_path, 6), capacity)
    with pytest.raises(SeriesTrouble, match=r"needs 1 MB.*preferences"):
        one.frames.volume("key")
    assert one.frames.load("key", 3).pixels.shape == (64, 64)


def test_volume_and_pictures_stay_within_one_memory(tmp_path):
    one = opened(factories.ct(tmp_path, 6), capacity=7 * 64 * 64 * 2)
    volume = one.frames.volume("key")
    for place in range(4):
        one.frames.load("key", 0, Cut(*anatomical("sagittal"), float(place)))
        assert one.frames.held <= one.frames.capacity
    one.frames.resize(1)
    assert one.frames.held == 0
    assert one.frames.volume_at_hand("key", 0) is None
    assert volume.voxels.shape == (6, 64, 64), "who still has it can use it"


@pytest.mark.parametrize("is_looked_at", [True, False])
def test_the_memory_of_a_volume_that_goes_is_used_again_unless_somebody_looks_at_it(tmp_path, is_looked_at):
    two = opened(factories.repeated(tmp_path, [{"EchoTime": 10}, {"EchoTime": 20}]), capacity=5 * 16 * 20 * 2)
    memory = two.frames.volume("key", 0).voxels.ctypes.data
    frame = two.frames.load("key", 3) if is_looked_at else None
    volume = two.frames.volume("key", 5)
    assert two.frames.volume_at_hand("key", 0) is None
    assert (volume.voxels.ctypes.data == memory) is (frame is None)
    np.testing.assert_array_equal(volume.voxels[:, 0, 0], 100 + np.arange(5))
    if frame is not None:
        assert (frame.pixels == 3).all()


def test_a_series_that_grows_gets_another_volume_and_an_unchanged_one_keeps_its_own(tmp_path):
    paths = factories.ct(tmp_path, 6)
    one = opened(paths)
    volume = one.frames.volume("key")
    one.series = replace(one.series)
    assert one.frames.volume("key") is volume
    fewer = opened(paths[:5]).series
    one.series = replace(fewer, key=one.series.key)
    assert one.frames.volume_at_hand("key", 0) is None
    assert one.frames.volume("key").voxels.shape == (5, 64, 64)


def test_each_value_of_a_dimension_has_a_volume_of_its_own(tmp_path):
    one = opened(factories.repeated(tmp_path, [{"EchoTime": 10}, {"EchoTime": 20}, {"EchoTime": 30}]))
    assert one.series.places == 5
    for number in range(3):
        volume = one.frames.volume("key", 5 * number + 2)
        np.testing.assert_array_equal(volume.voxels[:, 0, 0], 100 * number + np.arange(5))
        assert np.shares_memory(one.frames.load("key", 5 * number + 4).pixels, volume.voxels)


@pytest.mark.rule("P-22")
def test_monochrome1_stays_upside_down_in_the_volume(tmp_path):
    one = opened(factories.ct(tmp_path, 6, PhotometricInterpretation="MONOCHROME1"))
    assert one.frames.volume("key").inverted
    assert one.frames.load("key", 0, Cut(*anatomical("coronal"), 0.0)).inverted


def test_slices_with_slopes_of_their_own_become_modality_values(tmp_path):
    def slope(at, data):
        data.RescaleSlope = at + 1

    one = opened(factories.ct(tmp_path, 6, edit=slope))
    volume = one.frames.volume("key")
    assert volume.voxels.dtype == np.float32
    assert volume.rescale == Rescale(unit="HU")
    assert "modality" not in {decision.step for decision in volume.decided}, "each slice has its own"
    singles = [SeriesSource(one.series, one.decoder).frame(at) for at in range(6)]
    np.testing.assert_allclose(volume.voxels, np.stack([frame.values() for frame in singles]))
    assert all(np.shares_memory(frame.pixels, volume.voxels) for frame in volume.frames)
    assert one.frames.load("key", 3).rescale.slope != 1.0 or one.frames.load("key", 4).rescale.slope != 1.0


@pytest.mark.rule("P-31")
def test_padding_of_slices_that_differ_is_nothing_at_all(tmp_path):
    stored = np.full((4, 8, 8), 5, np.int16)
    stored[:, 0, 0] = -2000

    def slope(at, data):
        data.RescaleSlope = at + 1
        factories.put_bytes(data, "PixelPaddingValue", (-2000).to_bytes(2, "little", signed=True), "SS")

    one = opened(factories.ct(tmp_path, 4, rows=8, columns=8, volume=stored, edit=slope))
    voxels = one.frames.volume("key").voxels
    assert np.isnan(voxels[:, 0, 0]).all()
    assert np.isfinite(voxels).sum() == 4 * 63


def _with_numbers(folder: Path, places: list[float], **values) -> list[Path]:
    """Slices at *places*, each all of the value of its place."""

    def put(at, data):
        data.ImagePositionPatient = [0, 0, places[at]]
        data.PixelData = np.full((8, 8), round(10 * places[at]), np.int16).tobytes()

    return factories.ct(folder, len(places), rows=8, columns=8, edit=put, RescaleIntercept=0, **values)


@pytest.mark.rule("P-39")
def test_missing_slices_leave_an_empty_place_and_it_is_said(tmp_path):
    one = opened(_with_numbers(tmp_path, [0.0, 2.0, 4.0, 10.0, 12.0]))
    assert one.series.geometry is None
    volume = one.frames.volume("key")
    assert volume.geometry == one.frames.geometry(one.series)
    middle = volume.voxels[:, 4, 4]
    np.testing.assert_allclose(middle, [0, 20, 40, np.nan, np.nan, 100, 120])
    assert {RESAMPLED, GAPS} <= set(volume.remarks)
    frame = one.frames.load("key", 0, Cut(*anatomical("coronal"), 4.0))
    assert GAPS in frame.remarks
    assert one.frames.load("key", 1).pixels.dtype == np.int16, "the slices themselves stay as they are"


@pytest.mark.rule("P-38", "P-39")
def test_uneven_slices_are_interpolated_where_they_are_close_and_it_is_said(tmp_path):
    places = [0.0, 2.0, 4.4, 6.0, 8.0]
    one = opened(_with_numbers(tmp_path, places))
    volume = one.frames.volume("key")
    planes = [volume.geometry.plane(at).origin[2] for at in range(volume.geometry.shape[0])]
    np.testing.assert_allclose(volume.voxels[:, 4, 4], [10 * place for place in planes], atol=1e-3)
    assert volume.remarks[-1] == RESAMPLED


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: factories.ct(path, 1), "only one"),
        (lambda path: [factories.ultrasound(path / "a.dcm", frames=4)], "where they lie"),
        (lambda path: _mixed(path), "size of a pixel differs"),
        (lambda path: _colored(path), "colour"),
    ],
    ids=["one picture", "unplaced", "pixel sizes", "colour"],
)
def test_what_is_no_volume_says_so_in_plain_words(tmp_path, make, words):
    one = opened(make(tmp_path))
    with pytest.raises(SeriesTrouble, match=words) as trouble:
        one.frames.volume("key")
    assert trouble.value.advice


def _mixed(folder: Path) -> list[Path]:
    def put(at, data):
        data.PixelSpacing = [1.0 + 0.1 * at, 1.0]

    return factories.ct(folder, 5, edit=put)


def _colored(folder: Path) -> list[Path]:
    def put(at, data):
        data.PhotometricInterpretation = "RGB"
        data.SamplesPerPixel = 3
        data.PlanarConfiguration = 0
        data.BitsAllocated = data.BitsStored = 8
        data.HighBit = 7
        data.PixelRepresentation = 0
        data.PixelData = bytes(8 * 8 * 3)

    return factories.ct(folder, 4, rows=8, columns=8, edit=put)


@pytest.mark.parametrize("syntax", ["explicit", "rle"])
def test_a_damaged_slice_is_named_and_the_others_stay_usable(tmp_path, syntax):
    paths = factories.ct(tmp_path, 5, syntax=syntax)
    content = paths[3].read_bytes()
    paths[3].write_bytes(content[: content.rindex(b"\xe0\x7f\x10\x00") + 12])
    one = opened(paths)
    assert one.series.count == 5
    with pytest.raises(DamagedFile, match=paths[3].name):
        one.frames.volume("key")
    assert one.frames.load("key", 0).pixels.shape == (64, 64)


@pytest.mark.parametrize("syntax", ["explicit", "rle"])
def test_building_tells_how_far_it_is_and_can_be_stopped(tmp_path, syntax):
    one = opened(factories.ct(tmp_path, 40, rows=8, columns=8, syntax=syntax))
    token, told = CancelToken(), []

    def tell(progress):
        told.append(progress.fraction)
        token.cancel()

    with pytest.raises(Cancelled):
        one.frames.volume("key", 0, TaskContext(token, tell))
    assert len(told) == 1
    told.clear()
    one.frames.volume("key", 0, TaskContext(tell=lambda progress: told.append(progress.fraction)))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_file_that_changed_since_it_was_scanned_is_not_taken_for_what_it_was(tmp_path):
    paths = factories.ct(tmp_path, 5)
    one = opened(paths)
    data = pydicom.dcmread(paths[1])
    data.RescaleIntercept = 7
    data.save_as(paths[1])
    volume = one.frames.volume("key")
    assert volume.voxels.dtype == np.float32, "its values do not mean the same any more"
    singles = [SeriesSource(one.series, one.decoder).frame(at).values() for at in range(5)]
    np.testing.assert_allclose(volume.voxels, np.stack(singles))
