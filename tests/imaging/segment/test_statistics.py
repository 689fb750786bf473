"""What a label holds: as numpy and SimpleITK count it, with the volume of tilted and uneven stacks right."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import SimpleITK as simple_itk
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.core.geometry import Calibration, ImageGeometry, Plane, ScaledRegion
from medviewer.core.volume import Rescale, Volume, read_only
from medviewer.imaging.segment.grid import Grid, grid_of
from medviewer.imaging.segment.measured import measured
from medviewer.imaging.segment.statistics import PERCENTILES, PartStatistics, Tally, depths, longest

sitk: Any = simple_itk


def planes(places: list[float], spacing: tuple[float, float], size: int = 24) -> list[Plane]:
    return [
        Plane((size, size), (0.0, 0.0, z), spacing=spacing, calibration=Calibration.PATIENT) for z in places
    ]


@pytest.mark.parametrize("kind", [np.int16, np.float32])
def test_numbers_are_those_of_numpy_and_simpleitk(kind: type) -> None:
    random = np.random.default_rng(2)
    values: Any = random.normal(-300, 400, (5, 24, 24)).round(0 if kind is np.int16 else 3).astype(kind)
    mask = random.random(values.shape) < 0.3
    spacing = (3.0, 0.8, 0.7)
    stack = planes([3.0 * at for at in range(5)], spacing[1:])
    tally = Tally()
    for at, depth in enumerate(depths(stack)):
        tally.add(at, mask[at], Grid(read_only(values[at]), spacing[1:], unit="HU"), stack[at], depth)
    found = tally.statistics()
    inside = values[mask].astype(np.float64)
    assert found.voxels == inside.size
    assert found.mean == pytest.approx(inside.mean())
    assert found.sd == pytest.approx(inside.std())
    np.testing.assert_allclose(found.percentiles, np.percentile(inside, PERCENTILES), rtol=1e-6)
    assert found.histogram is not None
    assert found.histogram.counts.sum() == inside.size
    image = sitk.GetImageFromArray(values)
    image.SetSpacing(spacing[::-1])
    label = sitk.GetImageFromArray(mask.astype(np.uint8))
    label.CopyInformation(image)
    filtering: Any = sitk.LabelStatisticsImageFilter()
    filtering.Execute(image, label)
    assert (found.minimum, found.maximum) == (filtering.GetMinimum(1), filtering.GetMaximum(1))
    assert found.mean == pytest.approx(filtering.GetMean(1))
    shapes: Any = sitk.LabelShapeStatisticsImageFilter
    shape = shapes()
    shape.Execute(label)
    assert found.volume_ml == pytest.approx(shape.GetPhysicalSize(1) / 1000)
    size, unit = found.area(2) or (0.0, "")
    assert size == pytest.approx(np.count_nonzero(mask[2]) * 0.56)
    assert unit == "mm²"


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(-40, 40), min_size=1, max_size=60))
def test_percentiles_on_counts_are_those_on_values(values: list[int]) -> None:
    tally = Tally()
    array = np.array([values], np.int16)
    tally.add(0, np.ones(array.shape, bool), Grid(array, (1.0, 1.0)), planes([0.0], (1.0, 1.0))[0], None)
    found = tally.statistics()
    np.testing.assert_allclose(found.percentiles, np.percentile(values, PERCENTILES), atol=1e-9)
    assert found.volume_ml is None


def test_slices_at_uneven_distances_count_by_their_share_of_the_stack() -> None:
    assert depths(planes([0.0, 1.0, 3.0, 6.0], (1.0, 1.0))) == (1.0, 1.5, 2.5, 3.0)
    assert depths(planes([6.0, 3.0, 1.0, 0.0], (1.0, 1.0))) == (3.0, 2.5, 1.5, 1.0)
    assert depths(planes([5.0, 7.0, 9.0], (1.0, 1.0))) == (2.0, 2.0, 2.0)


def test_a_tilted_stack_holds_less_than_the_product_of_its_sides() -> None:
    tilt = math.radians(25)
    slanted = (0.0, math.sin(tilt), math.cos(tilt))
    geometry = ImageGeometry(
        (4, 8, 8), (0.0, 0.0, 0.0), (slanted, (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)), (2.0, 1.0, 1.0)
    )
    volume = Volume(read_only(np.ones((4, 8, 8), np.int16)), Rescale(unit="HU"), geometry, "1")
    found = measured(np.ones((4, 8, 8), bool), grid_of(volume))
    assert found.size == pytest.approx(4 * 64 * 2.0 * math.cos(tilt) / 1000)


def test_padding_is_neither_measured_nor_counted() -> None:
    values = np.array([[10, 20], [-2000, 30]], np.int16)
    valid = values > -1000
    tally = Tally()
    plane = planes([0.0], (2.0, 2.0))[0]
    tally.add(0, np.ones((2, 2), bool), Grid(values, (2.0, 2.0), valid), plane, 1.0)
    found = tally.statistics()
    assert (found.voxels, found.mean, found.minimum) == (3, 20.0, 10.0)
    assert found.volume_ml == pytest.approx(0.012)


def counted(plane: Plane, mask: Any = None) -> PartStatistics:
    """A label on one picture of 24 x 24 pixels, everywhere unless told otherwise."""
    tally = Tally()
    values = read_only(np.ones((24, 24), np.int16))
    tally.add(0, np.ones((24, 24), bool) if mask is None else mask, Grid(values, (1.0, 1.0)), plane, None)
    return tally.statistics()


def test_without_a_scale_there_are_pixels_and_no_volume() -> None:
    found = counted(Plane((24, 24)))
    assert found.area(0) == (576.0, "px²")
    assert (found.volume_ml, found.diameter_mm) == (None, None)


@pytest.mark.rule("P-51")
def test_a_scale_set_by_hand_holds_for_areas_and_diameters_of_labels() -> None:
    found = counted(Plane((24, 24), spacing=(2.0, 1.0), manual=0.5))
    assert found.area(0) == (pytest.approx(576 * 0.5 * 1.0), "mm²")
    assert found.diameter_mm == pytest.approx(math.hypot(24 * 1.0, 24 * 0.5))
    # the patient's own scale is known better
    own = planes([0.0], (2.0, 1.0))[0]
    assert counted(replace(own, manual=0.5)).area(0) == (pytest.approx(1152.0), "mm²")


@pytest.mark.rule("P-49")
def test_a_label_in_one_region_of_ultrasound_has_its_scale_and_across_two_of_them_none() -> None:
    regions = (ScaledRegion(0, 0, 11, 23, (0.1, 0.2)), ScaledRegion(12, 0, 23, 23, None))
    plane = Plane((24, 24), calibration=Calibration.REGIONS, regions=regions)
    upper = np.zeros((24, 24), bool)
    upper[2:6, 3:13] = True
    assert counted(plane, upper).area(0) == (pytest.approx(40 * 0.02), "mm²")
    assert counted(plane).area(0) == (576.0, "px²")
    assert counted(plane, upper[::-1]).area(0) == (40.0, "px²")


def test_the_longest_diameter_goes_through_slices_and_reaches_the_outer_corners() -> None:
    stack = planes([0.0, 4.0], (1.0, 2.0))
    tally = Tally()
    for at, plane in enumerate(stack):
        mask = np.zeros((24, 24), bool)
        mask[3, 4 + 6 * at] = True
        tally.add(at, mask, Grid(np.zeros((24, 24), np.int16), (1.0, 2.0)), plane, 4.0)
    assert tally.statistics().diameter_mm == pytest.approx(math.hypot(4.0, 1.0, 14.0))


def test_many_points_and_few_have_the_same_longest_diameter() -> None:
    points = np.random.default_rng(5).normal(size=(5000, 3))
    slow = max(float(np.linalg.norm(points - one, axis=1).max()) for one in points[::1])
    assert longest(points) == pytest.approx(slow)
    flat = points.copy()
    flat[:, 2] = 0.0
    assert longest(flat) == pytest.approx(
        max(float(np.linalg.norm(flat - one, axis=1).max()) for one in flat)
    )
