"""Structure sets: the outlines as stored, and what they enclose as a slow and plain reading counts it."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pydicom
import pytest

from medviewer.core.structures import StructureSet
from medviewer.imaging.masks import filled
from medviewer.kit.errors import FileTrouble
from tests import factories
from tests.dicom.objects.files import made, opened

STRUCTURES = "1.2.840.10008.5.1.4.1.1.481.3"


@pytest.mark.parametrize("name", ["rt-breast/rtss.dcm", "rt-liver-mr/rtstruct.dcm"])
def test_every_outline_is_there_point_by_point(objects: Path, name: str) -> None:
    path = objects / name
    data = pydicom.dcmread(path)
    _, found = opened(path)
    assert isinstance(found.content, StructureSet)
    assert [one.name for one in found.content.regions] == [
        item.ROIName for item in data.StructureSetROISequence
    ]
    drawn = {int(item.ReferencedROINumber): item for item in data.ROIContourSequence}
    for region in found.content.regions:
        there = drawn[region.number]
        contours = there.get("ContourSequence") or []
        assert len(region.contours) == len(contours)
        if there.get("ROIDisplayColor"):
            expected = "#" + "".join(f"{int(part):02x}" for part in there.ROIDisplayColor)
            assert region.color == expected
        for ours, theirs in list(zip(region.contours, contours, strict=True))[:5]:
            points = np.array([float(one) for one in theirs.ContourData]).reshape(-1, 3)
            assert np.array_equal(ours.points, points)
            named = [one.ReferencedSOPInstanceUID for one in theirs.get("ContourImageSequence", [])]
            assert [uid for uid, _ in ours.sources] == named


def slow_even_odd(outlines: list[np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """Pixel by pixel: how many lines does a ray to the right cross?"""
    mask = np.zeros(shape, bool)
    for row in range(shape[0]):
        for column in range(shape[1]):
            crossed = 0
            for outline in outlines:
                for (r0, c0), (r1, c1) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
                    if (r0 <= row) != (r1 <= row) and column < c0 + (row - r0) / (r1 - r0) * (c1 - c0):
                        crossed += 1
            mask[row, column] = crossed % 2 == 1
    return mask


@pytest.mark.parametrize("seed", range(8))
def test_outlines_enclose_what_a_plain_count_of_crossings_says(seed: int) -> None:
    """The hole in the middle is left out; corners lie nowhere near the centres of pixels."""
    chance = np.random.default_rng(seed)
    turn = np.sort(chance.uniform(0, 2 * np.pi, 14))
    rays = chance.uniform(8, 15, 14)
    ring = np.stack([17.3 + rays * np.sin(turn), 18.1 + rays * np.cos(turn)], axis=1)
    hole = np.stack([17.3 + 4.2 * np.sin(turn), 18.1 + 4.2 * np.cos(turn)], axis=1)
    mask = filled([ring.tolist(), hole.tolist()], (36, 37))
    assert mask is not None
    assert np.array_equal(mask, slow_even_odd([ring, hole], (36, 37)))
    assert not mask[17, 18]


def test_the_area_of_real_outlines_is_that_of_their_polygons(objects: Path) -> None:
    _, found = opened(objects / "rt-liver-mr" / "rtstruct.dcm")
    assert isinstance(found.content, StructureSet)
    compared = 0
    for region in found.content.regions:
        for contour in region.contours[:3]:
            x, y = contour.points[:, 0], contour.points[:, 1]
            shoelace = abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2
            if shoelace < 150:
                continue
            spots = np.stack([(y - y.min()) * 10 + 3.3, (x - x.min()) * 10 + 3.3], axis=1)
            size = tuple(int(side) for side in np.ceil(spots.max(axis=0)) + 4)
            mask = filled([spots.tolist()], (size[0], size[1]))
            assert mask is not None
            assert mask.sum() / 100 == pytest.approx(shoelace, rel=0.005)
            compared += 1
    assert compared > 5


def a_set(path: Path, numbers: bytes, count: int) -> Path:
    """One region with one outline, whose numbers stand in the file as given."""
    contour = factories.item(ContourGeometricType="CLOSED_PLANAR", NumberOfContourPoints=count)
    factories.put_bytes(contour, "ContourData", numbers)
    return made(
        path, STRUCTURES, "RTSTRUCT", "implicit", StructureSetLabel="Made",
        StructureSetROISequence=[factories.item(ROINumber=1, ROIName="One")],
        ROIContourSequence=[factories.item(ReferencedROINumber=1, ContourSequence=[contour])],
    )  # fmt: skip


def test_a_claim_of_a_billion_points_costs_nothing_and_is_told(tmp_path: Path) -> None:
    started = time.monotonic()
    _, found = opened(a_set(tmp_path / "many.dcm", b"0\\0\\0\\1\\0\\0\\1\\1\\0", 1_000_000_000))
    assert isinstance(found.content, StructureSet)
    assert len(found.content.regions[0].contours[0].points) == 3
    assert "as many points as they claim" in found.remarks[0]
    assert time.monotonic() - started < 2


def test_a_hundred_thousand_points_in_one_outline_are_read_in_a_moment(tmp_path: Path) -> None:
    path = a_set(tmp_path / "long.dcm", b"\\".join([b"1.5"] * 300_000), 100_000)
    started = time.monotonic()
    _, found = opened(path)
    assert isinstance(found.content, StructureSet)
    assert len(found.content.regions[0].contours[0].points) == 100_000
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("numbers", ["nan\\0\\0", "x\\y\\z", "1e999\\0\\0", "1\\2", "", "\\\\"])
def test_points_that_are_none_are_left_out(tmp_path: Path, numbers: str) -> None:
    _, found = opened(a_set(tmp_path / "odd.dcm", numbers.encode(), 1))
    assert isinstance(found.content, StructureSet)
    assert found.content.regions[0].contours == ()


def test_cut_files_are_a_sentence(objects: Path, tmp_path: Path) -> None:
    whole = (objects / "rt-liver-mr" / "rtstruct.dcm").read_bytes()
    for share in range(1, 10):
        path = tmp_path / "cut.dcm"
        path.write_bytes(whole[: len(whole) * share // 10])
        words = ""
        try:
            opened(path)
        except FileTrouble as trouble:
            words = trouble.message
        assert not words or "cut.dcm" in words
