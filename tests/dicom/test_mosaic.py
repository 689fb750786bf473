"""Siemens mosaics: their slices lie where they were measured, whatever the private header says."""

from __future__ import annotations

import random
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.core.study import Series
from medviewer.dicom.csa import read_csa
from medviewer.dicom.decode import InProcessDecoder
from medviewer.dicom.group import group
from medviewer.dicom.read import read_header
from medviewer.dicom.source import SeriesSource
from tests import factories

TILE, TILES = (12, 16), 7
"""Rows and columns of a tile; seven tiles stand in a square of three by three."""


def csa(tags: dict[str, list[str]], new: bool = True) -> bytes:
    """A CSA header as the scanners write it: the newer form, or the one before it."""
    parts = [b"SV10\4\3\2\1" if new else b"", struct.pack("<2I", len(tags), 77)]
    first = 6  # the old form adds the number of items of the first tag to each length
    for name, values in tags.items():
        parts.append(struct.pack("<64si4s3i", name.encode(), len(values), b"FD", 3, first, 77))
        for text in values + [""] * (first - len(values)):
            raw = text.encode() + b"\0" if text else b""
            length = len(raw) if new else len(raw) + first
            parts += [struct.pack("<4i", length, len(raw), 77, length), raw, b"\0" * (-len(raw) % 4)]
    return b"".join(parts)


NORMAL = {"NumberOfImagesInMosaic": [str(TILES)], "SliceNormalVector": ["0.0", "0.0", "1.0"]}


def mosaic(
    path: Path, private: bytes | None = None, number: int = 0, count: bool = True, **values: Any
) -> Path:
    """A mosaic of seven slices 3 mm apart; tile t holds the value 10 * t + *number*."""
    rows, columns = TILE
    pixels = np.zeros((3 * rows, 3 * columns), np.uint16)
    for tile in range(TILES):
        down, right = divmod(tile, 3)
        pixels[down * rows : (down + 1) * rows, right * columns : (right + 1) * columns] = 10 * tile + number
    data = factories.picture(
        pixels,
        modality="MR",
        series="mosaic",
        instance=f"mosaic {number}",
        **{
            "ImageType": ["ORIGINAL", "PRIMARY", "DIFFUSION", "NONE", "ND", "MOSAIC"],
            "PixelSpacing": [2.0, 1.5],
            "SliceThickness": 2.5,
            "SpacingBetweenSlices": 3.0,
            "ImagePositionPatient": [-100.0, -50.0, 20.0],
            "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
            "FrameOfReferenceUID": factories.uid("frame"),
            "InstanceNumber": number + 1,
            **values,
        },
    )
    if count:
        block = data.private_block(0x0019, "SIEMENS MR HEADER", create=True)
        block.add_new(0x0A, "US", TILES)
    if private is not None:
        block = data.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
        block.add_new(0x10, "OB", private + b"\0" * (len(private) % 2))
    return factories.write(path, data)


def _series(*paths: Path) -> Series:
    (study,) = group(read_header(path) for path in paths)
    (series,) = study.series
    return series


def _values(series: Series) -> list[int]:
    source = SeriesSource(series, InProcessDecoder())
    frames = [source.frame(at) for at in range(series.count)]
    assert all(frame.pixels.shape == TILE and np.ptp(frame.pixels) == 0 for frame in frames)
    return [int(frame.pixels[0, 0]) for frame in frames]


@pytest.mark.rule("P-37", "P-38")
def test_the_tiles_of_a_mosaic_are_slices_at_their_places(tmp_path: Path) -> None:
    series = _series(mosaic(tmp_path / "a.dcm", csa(NORMAL)))
    assert _values(series) == [0, 10, 20, 30, 40, 50, 60]
    assert series.geometry.shape == (TILES, *TILE)
    assert series.geometry.spacing == pytest.approx((3.0, 2.0, 1.5))
    # the mosaic's corner, and from there inwards by half of what it is larger than a tile
    assert series.geometry.origin == pytest.approx((-100 + 16 * 1.5, -50 + 12 * 2.0, 20.0))
    assert series.problems == ()


def test_slices_follow_the_normal_of_the_private_header(tmp_path: Path) -> None:
    downwards = {**NORMAL, "SliceNormalVector": ["0.0", "0.0", "-1.0"]}
    series = _series(mosaic(tmp_path / "a.dcm", csa(downwards)))
    assert _values(series) == [60, 50, 40, 30, 20, 10, 0]
    assert [address.plane.origin[2] for address in series.frames] == [2, 5, 8, 11, 14, 17, 20]


@pytest.mark.parametrize("private", [None, b"", b"SV10 and nothing more", csa(NORMAL)[:200]])
def test_without_a_usable_private_header_a_direction_is_assumed_and_said(
    tmp_path: Path, private: bytes | None
) -> None:
    series = _series(mosaic(tmp_path / "a.dcm", private))
    assert _values(series) == [0, 10, 20, 30, 40, 50, 60]
    assert any("a direction is assumed" in problem for problem in series.problems)


def test_a_mosaic_that_does_not_say_how_many_slices_it_has_is_one_picture(tmp_path: Path) -> None:
    series = _series(mosaic(tmp_path / "a.dcm", None, count=False))
    assert series.count == 1
    assert series.frames[0].plane.shape == (36, 48)
    assert any("shown as one picture" in problem for problem in series.problems)


def test_the_older_header_tells_the_number_of_slices_too(tmp_path: Path) -> None:
    series = _series(mosaic(tmp_path / "a.dcm", csa(NORMAL, new=False), count=False))
    assert series.count == TILES
    assert series.problems == ()


def test_a_mosaic_without_a_position_has_slices_without_one(tmp_path: Path) -> None:
    series = _series(mosaic(tmp_path / "a.dcm", csa(NORMAL), ImagePositionPatient=None))
    assert sorted(_values(series)) == [0, 10, 20, 30, 40, 50, 60]
    assert series.geometry is None
    assert any("no place in the patient" in problem for problem in series.problems)


def test_mosaics_of_several_weightings_have_a_slider_for_them(tmp_path: Path) -> None:
    paths = []
    for number, (b, direction) in enumerate([("0", ()), ("1000", (1.0, 0, 0)), ("1000", (0, 1.0, 0))]):
        weighted = {**NORMAL, "B_value": [b]}
        if direction:
            weighted["DiffusionGradientDirection"] = [str(value) for value in direction]
        paths.append(mosaic(tmp_path / f"{number}.dcm", csa(weighted), number))
    random.Random(3).shuffle(paths)
    series = _series(*paths)
    assert series.dimension.values == ("b 0", "b 1000 (dir 1)", "b 1000 (dir 2)")
    assert _values(series) == [10 * tile + value for value in range(3) for tile in range(TILES)]
    assert series.geometry.shape[0] == series.places == TILES


def test_mosaics_in_time_have_a_slider_for_it(tmp_path: Path) -> None:
    paths = [
        mosaic(
            tmp_path / f"{number}.dcm",
            csa(NORMAL),
            number,
            AcquisitionNumber=number + 1,
            AcquisitionDate="20260115",
            AcquisitionTime=f"1015{2 * number:02d}.5",
        )
        for number in range(4)
    ]
    series = _series(*paths)
    assert (series.dimension.name, series.dimension.values) == ("Time", ("0", "2", "4", "6"))


# --- the private header


@pytest.mark.parametrize("new", [True, False])
def test_a_csa_header_is_read_in_both_forms(new: bool) -> None:
    tags = {"B_value": ["1000"], "SliceNormalVector": ["0.1", "-0.2", "0.97"], "Empty": []}
    assert read_csa(csa(tags, new)) == {key: tuple(values) for key, values in tags.items()}


@given(st.binary(max_size=600))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_csa_header_or_nothing(raw: bytes) -> None:
    for data in (raw, b"SV10" + raw, b"SV10\4\3\2\1" + struct.pack("<2I", 2, 77) + raw):
        assert all(isinstance(value, str) for values in read_csa(data).values() for value in values)


@pytest.mark.parametrize("new", [True, False])
def test_a_changed_csa_header_is_read_or_nothing(new: bool) -> None:
    whole = csa({**NORMAL, "B_value": ["1000"]}, new)
    generator = random.Random(7)
    for _ in range(2000):
        data = bytearray(whole[: generator.randrange(len(whole) + 1)])
        for _ in range(generator.randrange(1, 6)):
            if data:
                data[generator.randrange(len(data))] = generator.choice((0, 1, 0x7F, 0x80, 0xFF))
        read_csa(bytes(data))


def test_a_changed_mosaic_is_shown_or_has_a_reason(tmp_path: Path) -> None:
    whole = mosaic(tmp_path / "a.dcm", csa(NORMAL)).read_bytes()
    start = whole.index(b"SV10")
    generator = random.Random(11)
    for number in range(200):
        data = bytearray(whole)
        for _ in range(4):
            data[start + generator.randrange(len(csa(NORMAL)))] = generator.randrange(256)
        header = read_header(f"{number}.dcm", bytes(data))
        (study,) = group([header])
        assert sum(series.count for series in study.series) in (1, TILES)


def test_the_slices_of_a_real_mosaic_lie_in_the_head_that_another_series_shows(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "mr-head-hfs"
    (study,) = group(read_header(path) for path in sorted(folder.rglob("*.dcm")))
    anatomy, diffusion = study.series
    assert diffusion.dimension.values == ("b 0", "b 1000 (dir 1)", "b 1000 (dir 2)")
    assert diffusion.geometry.shape == (25, 128, 128)
    assert diffusion.geometry.spacing == pytest.approx((5.2, 1.71875, 1.71875), abs=1e-6)

    brain, head = _voxels(diffusion), _voxels(anatomy)
    inside = diffusion.geometry.to_patient(np.argwhere(brain > 0.3 * np.percentile(brain, 99)))

    def share(moved: np.ndarray) -> float:
        """How much of the bright brain, moved by some millimetres, falls on tissue of the other series."""
        index = np.rint(anatomy.geometry.to_index(inside + moved)).astype(int)
        known = index[((index >= 0) & (index < head.shape)).all(axis=1)]
        return float((head[tuple(known.T)] > 0.15 * np.percentile(head, 99)).sum() / len(inside))

    here = share(np.zeros(3))
    assert here > 0.95
    for axis in range(3):
        for millimetres in (-60, 60):
            away = np.zeros(3)
            away[axis] = millimetres
            if not (axis == 2 and millimetres < 0):  # below the brain lies the face
                assert share(away) < here - 0.1


def _voxels(series: Series) -> np.ndarray:
    source = SeriesSource(series, InProcessDecoder())
    return np.stack([source.frame(at).pixels for at in range(series.places)]).astype(np.float64)


def test_pydicom_reads_the_same_private_header(shared_data: Path) -> None:
    path = shared_data / "dicom" / "mr-head-hfs" / "dwi-mosaic" / "0002.dcm"
    data = pydicom.dcmread(path, stop_before_pixels=True)
    found = read_csa(data[0x0029, 0x1010].value)
    assert found["NumberOfImagesInMosaic"] == (str(data[0x0019, 0x100A].value),)
    assert [float(value) for value in found["DiffusionGradientDirection"]] == pytest.approx(
        list(data[0x0019, 0x100E].value), abs=1e-6
    )
    assert float(found["B_value"][0]) == float(data[0x0019, 0x100C].value)
