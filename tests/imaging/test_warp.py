"""A picture and its mask move together."""

from __future__ import annotations

import numpy as np
import pytest

from medviewer.imaging.warp import affine, warp_image, warp_mask


def test_nothing_asked_is_nothing_done() -> None:
    picture = np.random.default_rng(1).random((21, 34)).astype(np.float32)
    still = affine((21, 34), angle_deg=0, scale=(1, 1), shift=(0, 0))
    np.testing.assert_allclose(warp_image(picture, still), picture, atol=1e-6)


def test_a_quarter_turn_is_exact() -> None:
    picture = np.random.default_rng(1).random((33, 33)).astype(np.float32)
    turn = affine((33, 33), angle_deg=90, scale=(1, 1), shift=(0, 0))
    np.testing.assert_allclose(warp_image(picture, turn), np.rot90(picture, -1), atol=1e-4)


def test_a_shift_moves_down_and_right_and_fills_the_rest() -> None:
    picture = np.ones((10, 10), np.float32)
    move = affine((10, 10), angle_deg=0, scale=(1, 1), shift=(3, 2))
    moved = warp_image(picture, move, fill=-1)
    assert (moved[:3] == -1).all()
    assert (moved[:, :2] == -1).all()
    assert (moved[3:, 2:] == 1).all()


@pytest.mark.parametrize("angle", [-12.0, 3.0, 25.0])
def test_a_mask_follows_its_picture(angle: float) -> None:
    y, x = np.mgrid[:80, :60]
    disc = ((y - 30) ** 2 + (x - 35) ** 2 < 15**2).astype(np.uint8)
    move = affine((80, 60), angle_deg=angle, scale=(1.1, 0.9), shift=(4.3, -2.7))
    picture, mask = warp_image(disc.astype(np.float32), move), warp_mask(disc, move)
    assert ((picture >= 0.5) == (mask > 0)).all()


def test_labels_stay_the_labels_they_were() -> None:
    mask = np.zeros((40, 40), np.uint8)
    mask[:20], mask[20:] = 2, 7
    move = affine((40, 40), angle_deg=10, scale=(1, 1), shift=(0, 0))
    assert set(np.unique(warp_mask(mask, move))) == {0, 2, 7}
