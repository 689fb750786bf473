"""Small parts of a mask go, large ones stay as they are."""

from __future__ import annotations

import numpy as np
from skimage.morphology import remove_small_holes, remove_small_objects

from medviewer.imaging.islands import without_holes, without_islands

NOISE = np.random.default_rng(5).random((90, 70)) > 0.55


def test_islands_go_as_in_scikit_image() -> None:
    wanted = remove_small_objects(NOISE, max_size=11, connectivity=2)
    np.testing.assert_array_equal(without_islands(NOISE, 12), wanted)


def test_only_the_largest_parts_stay_when_asked() -> None:
    mask = np.zeros((20, 20), bool)
    mask[0:2, 0:2] = mask[5:9, 5:9] = mask[12:19, 12:19] = True
    kept = without_islands(mask, 0, keep=2)
    assert kept.sum() == 16 + 49
    assert not kept[0, 0]


def test_an_empty_and_a_full_mask_stay_so() -> None:
    assert not without_islands(np.zeros((5, 5), bool), 3).any()
    assert without_islands(np.ones((5, 5), bool), 3).all()


def test_holes_inside_are_filled_and_bays_are_not() -> None:
    mask = np.zeros((30, 30), bool)
    mask[5:25, 5:25] = True
    mask[10:12, 10:12] = mask[15:22, 15:22] = False
    mask[5:8, 14] = False
    filled = without_holes(mask, 10)
    assert filled[10, 10]
    assert not filled[18, 18]
    assert not filled[5, 14]
    np.testing.assert_array_equal(filled, remove_small_holes(mask, max_size=10, connectivity=1))
