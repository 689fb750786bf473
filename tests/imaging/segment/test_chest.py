"""Presets for CT on a chest that is known in numbers, and on a real one."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from scipy.ndimage import gaussian_filter

import medviewer.imaging.segment  # noqa: F401 - the methods declare themselves on import
from medviewer.cli import desk
from medviewer.core.volume import read_only
from medviewer.imaging.islands import parts_of
from medviewer.imaging.segment.grid import Grid, grid_of
from medviewer.imaging.segment.method import METHODS
from tests.imaging.segment.phantoms import chest, overlap

KNOWN, LUNGS = chest()
WINDPIPE = (35, 92, 109)
NODULE = (17, 79, 181)


def test_both_lungs_are_found_with_the_nodule_and_without_the_windpipe() -> None:
    mask = METHODS["lungs"](KNOWN)
    assert KNOWN.values[WINDPIPE] < -900
    assert KNOWN.values[NODULE] > 0
    assert overlap(mask, LUNGS) > 0.99
    assert not mask[WINDPIPE]
    assert mask[NODULE]
    assert parts_of(mask).sizes[1:].size == 2
    assert not METHODS["lungs"](KNOWN, close_mm=0)[NODULE]


def test_gas_in_the_bowel_is_no_lung() -> None:
    rng = np.random.default_rng(5)
    values = np.full(KNOWN.values.shape, -1000.0)
    values[METHODS["body"](KNOWN)] = 40
    only_gas = values.copy()
    # a loop as thick as a thumb and one as an arm, blurred as a scanner blurs them
    only_gas[4:30, 60:74, 60:74] = only_gas[10:36, 50:100, 120:170] = -990
    blurred = gaussian_filter(only_gas, (0.4, 0.7, 0.7)) + rng.normal(0, 20, values.shape)
    assert not METHODS["lungs"](replace(KNOWN, values=read_only(blurred.astype(np.float32)))).any()
    # the lower end of lungs that are full of emphysema, smaller than the gas
    lower_end = np.zeros(values.shape, bool)
    lower_end[36:, 60:90, 40:80] = True
    blurred[lower_end] = rng.normal(-940, 40, int(lower_end.sum()))
    found = METHODS["lungs"](replace(KNOWN, values=read_only(blurred.astype(np.float32))), close_mm=0)
    assert overlap(found, lower_end) > 0.97


def test_a_loop_of_bowel_is_no_lung_though_a_third_of_it_is_rim() -> None:
    values = np.full(KNOWN.values.shape, -1000.0)
    values[METHODS["body"](KNOWN)] = 40
    values[4:36, 60:67, 40:160] = -990
    blurred = gaussian_filter(values, (0.4, 0.8, 0.8))
    inside = (blurred[4:36, 55:75, 40:160] <= -400).sum()
    rim = ((blurred > -950) & (blurred <= -400))[4:36, 55:75, 40:160].sum()
    assert rim > 0.3 * inside
    assert not METHODS["lungs"](replace(KNOWN, values=read_only(blurred.astype(np.float32)))).any()


def test_in_a_ct_of_the_abdomen_only_the_ends_of_the_lungs_are_lung(shared_data: Path) -> None:
    folder = shared_data / "training" / "organs-nifti"
    if not folder.is_dir():
        pytest.skip("the CT with known organs is not among the real images")
    image = sitk.ReadImage(str(folder / "example_ct_sm.nii.gz"))
    known = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / "example_seg.nii.gz")))
    values = sitk.GetArrayFromImage(image).astype(np.float32)
    mask = METHODS["lungs"](Grid(read_only(values), image.GetSpacing()[::-1], unit="HU"))
    assert overlap(mask, np.isin(known, (10, 11, 12, 13, 14))) > 0.95  # TotalSegmentator's five lobes


def test_the_body_is_found_without_the_table() -> None:
    mask = METHODS["body"](KNOWN)
    volume = mask.sum() * KNOWN.voxel_mm
    # an ellipse of 290 x 190 mm, 160 mm long
    assert volume == pytest.approx(np.pi * 145 * 95 * 160, rel=0.01)
    assert mask[WINDPIPE]
    assert not mask[:, -8:].any()


def test_air_in_the_body_is_lungs_and_windpipe() -> None:
    mask = METHODS["air"](KNOWN)
    assert mask[WINDPIPE]
    assert not mask[:, 0, 0].any()
    assert METHODS["air"](KNOWN, where="everywhere")[:, 0, 0].all()


@pytest.fixture(scope="module")
def real(shared_data: Path) -> Iterator[Grid]:
    folder = shared_data / "dicom" / "ct-chest-lidc-0314"
    if not folder.is_dir():
        pytest.skip("the chest CT is not among the real images")
    found = desk.contents(folder)
    with desk.session(found) as opened:
        yield grid_of(opened.frames.volume(desk.chosen(found, folder).key))


def test_the_lungs_of_a_real_chest_hold_litres_and_lie_in_the_body(real: Grid) -> None:
    tracemalloc.start()
    mask = METHODS["lungs"](real)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    litres = mask.sum() * real.voxel_mm / 1e6
    # this reader's right lung is partly without air
    assert 2.5 < litres < 3.2
    assert peak < 2.5 * real.values.nbytes
    sizes = np.sort(parts_of(mask).sizes)[::-1]
    assert sizes[1] > 0.3 * sizes[0]
    assert sizes[2] < 0.01 * sizes[0]
    assert -870 < float(real.values[mask].mean()) < -750
    windpipe, heart = (slice(95, None), slice(250, 282), slice(230, 250)), (36, 185, 245)
    assert (real.values[windpipe] < -900).sum() > 1000
    assert not mask[windpipe].any()
    assert not mask[heart]
