"""What goes over to the renderer: the same values at the same places, or said to be fewer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from medviewer.core.volume import Rescale, Volume
from medviewer.imaging.volume_rendering.around import Around, patient
from medviewer.imaging.volume_rendering.body import Body, prepare, reduction, shape_of
from medviewer.kit.errors import Cancelled, SeriesTrouble
from medviewer.kit.task import TaskContext
from tests.imaging.volume_rendering.stacks import AIR, BONE, TISSUE, grid, stack

BLOCK = (slice(4, 8), slice(10, 20), slice(5, 15))


def prepared(
    volume: Volume, factors: tuple[int, int, int] = (1, 1, 1), around: Around = Around.KEPT
) -> tuple[Body, np.ndarray]:
    out = np.zeros(shape_of(volume.geometry, factors), np.uint16)
    return prepare(volume, out, factors, around=around), out


def test_hounsfield_units_come_back_exactly() -> None:
    volume = stack(grid(), BLOCK)
    body, out = prepared(volume)
    np.testing.assert_array_equal(body.low + out * body.step, volume.voxels)
    assert body.stored(BONE) == out[5, 12, 7]


def test_fractions_come_back_within_one_part_of_65_thousand() -> None:
    random = np.random.default_rng(1)
    voxels = random.normal(size=(5, 6, 7)).astype(np.float32) * 0.01
    volume = replace(stack(grid((5, 6, 7)), BLOCK), voxels=voxels, rescale=Rescale(0.5, 3.0))
    body, out = prepared(volume)
    np.testing.assert_allclose(body.low + out * body.step, voxels * 0.5 + 3, atol=np.ptp(voxels) / 65535)


def test_padding_and_missing_values_are_background() -> None:
    voxels = stack(grid(), BLOCK).voxels.astype(np.float32).copy()
    voxels[0, 0, 0], voxels[0, 0, 1] = np.nan, -3000
    body, out = prepared(replace(stack(grid(), BLOCK), voxels=voxels, padding=(-3000, -3000)))
    assert body.low == AIR
    assert (out[0, 0, :2] == 0).all()


def test_the_background_ends_between_air_and_bone() -> None:
    body, _ = prepared(stack(grid(), BLOCK))
    assert AIR <= body.floor < BONE
    assert body.ceiling == BONE


def test_a_large_stack_is_reduced_until_it_fits_the_finest_axes_first() -> None:
    geometry = grid((100, 512, 512), (5.0, 0.7, 0.7))
    factors = reduction(geometry, 10 << 20)
    assert 2 * np.prod(shape_of(geometry, factors)) <= 10 << 20
    assert factors[0] == 1
    assert reduction(geometry, 1 << 40) == (1, 1, 1)


def test_a_reduced_stack_lies_where_the_whole_one_does_and_has_its_means() -> None:
    volume = stack(grid((24, 32, 40)), BLOCK)
    body, out = prepared(volume, (2, 2, 4))
    means = volume.voxels.reshape(12, 2, 16, 2, 10, 4).mean(axis=(1, 3, 5))
    np.testing.assert_allclose(body.low + out * body.step, means, atol=body.step)
    first = volume.geometry.to_patient([(a, b, c) for a in (0, 1) for b in (0, 1) for c in range(4)])
    np.testing.assert_allclose(body.origin, first.mean(axis=0))
    np.testing.assert_allclose(body.steps, [(0, 0, 6), (0, 4, 0), (6, 0, 0)])


def test_an_empty_or_thin_stack_is_told() -> None:
    with pytest.raises(SeriesTrouble, match="empty"):
        prepared(stack(grid(), (slice(0), slice(0), slice(0))))
    with pytest.raises(SeriesTrouble, match="thin"):
        prepared(stack(grid((2, 32, 40)), BLOCK))


def test_preparing_can_be_stopped() -> None:
    context = TaskContext()
    context.token.cancel()
    volume = stack(grid(), BLOCK)
    with pytest.raises(Cancelled):
        prepare(volume, np.zeros(volume.geometry.shape, np.uint16), (1, 1, 1), context)


def on_a_table(rows: int = 160, columns: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A chest and an arm on a hollow table in 2 mm pixels: values, where the patient is, where the table."""
    y, x = np.mgrid[:rows, :columns]
    values = np.full((rows, columns), AIR, np.float32)
    chest = ((x - 100) / 62) ** 2 + ((y - 70) / 42) ** 2 < 1
    lungs = ((np.abs(x - 100) - 30) / 20) ** 2 + ((y - 70) / 28) ** 2 < 1
    arm = (x - 182) ** 2 + (y - 70) ** 2 < 14**2
    values[chest | arm] = TISSUE
    values[lungs] = -850
    table = (y >= 112) & (y < 136) & (x >= 8) & (x < 190) & ~((y >= 114) & (y < 134) & (x > 9) & (x < 188))
    values[table & ~chest] = 200
    return values, chest | arm, table & ~chest


def test_the_table_is_told_from_the_patient_and_the_lungs_belong_to_the_patient() -> None:
    values, wanted, table = on_a_table()
    found = patient(values, (2.0, 2.0)).astype(bool)
    assert (found & wanted).sum() / (found | wanted).sum() > 0.97
    assert not (found & table)[:, :60].any()


def test_a_patient_who_reaches_beyond_the_picture_is_kept() -> None:
    values, wanted, _ = on_a_table()
    found = patient(np.ascontiguousarray(values[40:, 60:]), (2.0, 2.0)).astype(bool)
    wanted = wanted[40:, 60:]
    assert (found & wanted).sum() / wanted.sum() > 0.97


@pytest.mark.parametrize(("around", "there"), [(Around.AIR, AIR), (Around.TISSUE, 60), (Around.KEPT, 200)])
def test_the_table_becomes_what_the_preset_wants(around: Around, there: float) -> None:
    values, _, _ = on_a_table()
    geometry = grid((4, *values.shape), (5.0, 2.0, 2.0))
    volume = replace(stack(geometry, BLOCK), voxels=np.stack([values.astype(np.int16)] * 4))
    body, out = prepared(volume, around=around)
    assert body.low + out[2, 134, 20] * body.step == there
    assert body.low + out[2, 70, 100] * body.step == TISSUE


def test_a_hand_keeps_its_fingers_because_nothing_is_left_out_where_a_slice_would_be_lost() -> None:
    y, x = np.mgrid[:80, :100]
    palm = np.where((np.abs(x - 50) < 40) & (np.abs(y - 40) < 12), TISSUE, AIR).astype(np.int16)
    fingers = np.full((80, 100), AIR, np.int16)
    for middle in (20, 40, 60, 80):
        fingers[(x - middle) ** 2 + (y - 40) ** 2 < 4.5**2] = TISSUE  # thinner than what is told from tubes
    geometry = grid((6, 80, 100), (3.0, 1.0, 1.0))
    volume = replace(stack(geometry, BLOCK), voxels=np.stack([palm] * 3 + [fingers] * 3))
    body, out = prepared(volume, around=Around.AIR)
    assert body.around is Around.KEPT
    np.testing.assert_array_equal(body.low + out * body.step, volume.voxels)


def test_where_no_patient_is_found_nothing_is_left_out() -> None:
    needle = (slice(4, 20), slice(10, 12), slice(5, 8))
    body, out = prepared(stack(grid(), needle), around=Around.AIR)
    assert body.around is Around.KEPT
    assert (body.low + out[needle] * body.step == BONE).all()
