"""A shutter covers what the file wants covered, to the pixel, and nothing else."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from skimage.measure import points_in_poly

from medviewer.core.shutter import inside_polygon
from medviewer.core.volume import Frame
from tests import factories
from tests.dicom.pictures import frame, frames, words

RECTANGLE = {
    "ShutterShape": "RECTANGULAR",
    "ShutterLeftVerticalEdge": 5,
    "ShutterRightVerticalEdge": 20,
    "ShutterUpperHorizontalEdge": 3,
    "ShutterLowerHorizontalEdge": 18,
}
CIRCLE = {"ShutterShape": "CIRCULAR", "CenterOfCircularShutter": [12, 14], "RadiusOfCircularShutter": 7}
TRIANGLE = [2, 3, 2, 40, 27, 20]
POLYGON = {"ShutterShape": "POLYGONAL", "VerticesOfThePolygonalShutter": TRIANGLE}


def _shown(folder: Path, **values: Any) -> Frame:
    return frame(factories.gray(folder / "a.dcm", factories.gradient(30, 44), **values))


def _seen(made: Frame) -> NDArray[np.bool_]:
    assert made.shutter is not None
    assert not made.shutter.covered.flags.writeable
    assert set(np.unique(made.shutter.covered)) <= {0, 255}
    return made.shutter.covered == 0


def _plainly(kinds: str, aspect: float = 1.0) -> NDArray[np.bool_]:
    """Pixel by pixel, rows and columns from 1; edges are seen."""
    seen = np.ones((30, 44), bool)
    for row, column in itertools.product(range(1, 31), range(1, 45)):
        if "R" in kinds:
            seen[row - 1, column - 1] &= 3 <= row <= 18 and 5 <= column <= 20
        if "C" in kinds:
            seen[row - 1, column - 1] &= ((row - 12) * aspect) ** 2 + (column - 14) ** 2 <= 49
    return seen


@pytest.mark.rule("P-34")
def test_a_rectangle_shows_its_edges_and_covers_the_rest(tmp_path: Path) -> None:
    made = _shown(tmp_path, **RECTANGLE)
    np.testing.assert_array_equal(_seen(made), _plainly("R"))
    assert made.remarks == ()
    assert made.shutter is not None
    assert made.shutter.grey == 0.0
    assert "RECTANGULAR" in words(made, "shutter")


@pytest.mark.rule("P-34")
@pytest.mark.parametrize("aspect", [1.0, 2.0])
def test_a_circle_is_round_on_the_screen(tmp_path: Path, aspect: float) -> None:
    made = _shown(tmp_path, PixelAspectRatio=[int(aspect), 1], **CIRCLE)
    np.testing.assert_array_equal(_seen(made), _plainly("C", aspect))


@pytest.mark.rule("P-34")
def test_a_polygon_shows_its_corners_edges_and_inside(tmp_path: Path) -> None:
    seen = _seen(_shown(tmp_path, **POLYGON))
    for row, column in np.reshape(TRIANGLE, (-1, 2)):
        assert seen[row - 1, column - 1]
    assert seen[1, 2:40].all()
    grid = np.argwhere(np.ones((30, 44))) + 1
    inside = points_in_poly(grid, np.reshape(TRIANGLE, (-1, 2))).reshape(30, 44)
    np.testing.assert_array_equal(seen, inside)


@pytest.mark.rule("P-34")
def test_a_polygon_of_a_rectangle_is_that_rectangle() -> None:
    seen = inside_polygon((3, 5, 3, 20, 18, 20, 18, 5), (30, 44))
    np.testing.assert_array_equal(seen, _plainly("R"))


def test_a_polygon_beyond_the_picture_shows_all_of_it_and_one_beside_it_nothing() -> None:
    assert inside_polygon((-50, -50, -50, 99, 99, 99, 99, -50), (30, 44)).all()
    assert not inside_polygon((40, 50, 40, 60, 60, 60), (30, 44)).any()


@pytest.mark.parametrize("seed", range(5))
def test_any_polygon_agrees_with_a_slow_one(seed: int) -> None:
    points = np.random.default_rng(seed).uniform(-5, 40, (7, 2))
    seen = inside_polygon(tuple(points.reshape(-1)), (30, 44))
    grid = np.argwhere(np.ones((30, 44))) + 1
    np.testing.assert_array_equal(seen, points_in_poly(grid, points).reshape(30, 44))


@pytest.mark.rule("P-34")
def test_shapes_are_combined(tmp_path: Path) -> None:
    both = {**CIRCLE, **RECTANGLE, "ShutterShape": ["CIRCULAR", "RECTANGULAR"]}
    np.testing.assert_array_equal(_seen(_shown(tmp_path, **both)), _plainly("RC"))


@pytest.mark.rule("P-34")
def test_a_bitmap_covers_and_is_not_drawn_as_an_overlay(tmp_path: Path) -> None:
    bits = np.random.default_rng(2).integers(0, 2, (30, 44)).astype(np.uint8)
    data = factories.picture(factories.gradient(30, 44), ShutterShape="BITMAP", ShutterOverlayGroup=0x6002)
    for element, vr, value in (
        (0x10, "US", 30),
        (0x11, "US", 44),
        (0x40, "CS", "G"),
        (0x50, "SS", [1, 1]),
        (0x100, "US", 1),
        (0x102, "US", 0),
        (0x3000, "OW", np.packbits(bits.reshape(-1), bitorder="little").tobytes() + b"\0"),
    ):
        data.add_new(0x60020000 | element, vr, value)
    made = frame(factories.write(tmp_path / "a.dcm", data))
    np.testing.assert_array_equal(_seen(made), bits == 0)
    assert made.overlays == ()


@pytest.mark.rule("P-34")
@pytest.mark.parametrize(
    ("values", "grey"),
    [
        ({"ShutterPresentationValue": 0xFFFF}, 1.0),
        ({"ShutterPresentationValue": 0x8000}, 0.5),
        ({"ShutterPresentationColorCIELabValue": [0x4000, 0x8080, 0x8080]}, 0.25),
        ({"ShutterPresentationValue": 0, "ShutterPresentationColorCIELabValue": [0xFFFF, 0, 0]}, 0.0),
    ],
)
def test_what_is_covered_has_the_grey_of_the_file(tmp_path: Path, values: dict, grey: float) -> None:
    made = _shown(tmp_path, **RECTANGLE, **values)
    assert made.shutter is not None
    assert made.shutter.grey == pytest.approx(grey, abs=1e-4)


@pytest.mark.parametrize(
    "values",
    [
        {"ShutterShape": "RECTANGULAR", "ShutterLeftVerticalEdge": 5},
        {"ShutterShape": "CIRCULAR", "CenterOfCircularShutter": [5, 5]},
        {"ShutterShape": "POLYGONAL", "VerticesOfThePolygonalShutter": [1, 2, 3, 4]},
        {"ShutterShape": "BITMAP", "ShutterOverlayGroup": 0x6000},
        {"ShutterShape": "STAR"},
    ],
)
def test_a_shutter_that_cannot_be_applied_is_told(tmp_path: Path, values: dict) -> None:
    made = _shown(tmp_path, **values)
    assert made.shutter is None
    assert made.remarks == ("Shutter in the file not applied",)


def test_a_shutter_around_the_whole_picture_is_none(tmp_path: Path) -> None:
    values = {**CIRCLE, "RadiusOfCircularShutter": 100}
    made = _shown(tmp_path, **values)
    assert made.shutter is None
    assert made.remarks == ()


@pytest.mark.rule("P-34")
def test_each_frame_may_have_its_own_shutter(tmp_path: Path) -> None:
    path = factories.enhanced(tmp_path / "e.dcm", 3, spacing=(1, 1))
    data = pydicom.dcmread(path)
    for at, item in enumerate(data.PerFrameFunctionalGroupsSequence[:2]):
        own = {**CIRCLE, "RadiusOfCircularShutter": 3 + at}
        item.FrameDisplayShutterSequence = [factories.item(**own)]
    data.save_as(path)
    covered = [made.shutter for made in frames(path)]
    assert covered[2] is None
    areas = [np.count_nonzero(one.covered == 0) for one in covered[:2] if one is not None]
    assert areas == [29, 49]


def test_the_pictures_of_a_run_share_one_mask(tmp_path: Path) -> None:
    stack = np.stack([factories.gradient(30, 44)] * 2)
    first, second = frames(factories.gray(tmp_path / "a.dcm", stack, **CIRCLE))
    assert first.shutter is not None
    assert second.shutter is not None
    assert first.shutter.covered is second.shutter.covered
