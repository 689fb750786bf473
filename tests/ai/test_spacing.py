"""Pixels of a fixed spacing, and all slices of a series together: as SimpleITK resamples them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk

from medviewer.ai import finish
from medviewer.ai.card import STACKED, Card, Geometry, Input, Values
from medviewer.ai.card_text import read_card, write_card
from medviewer.ai.prepare import place, prepare, prepare_mask
from medviewer.ai.prepare_stack import prepare_stack, prepare_stack_mask, stack_spacing
from medviewer.core.geometry import Calibration, Plane
from medviewer.core.volume import Frame, read_only
from medviewer.kit.errors import CardInvalid, ModelDoesNotFit

AS_IT_IS = Values(scale="none")
CROP = Geometry(fit="crop")


def soft(*shape: int) -> np.ndarray:
    """A picture without sharp edges, so that ways of interpolating agree."""
    axes = np.meshgrid(*[np.linspace(0, 3, side) for side in shape], indexing="ij")
    return np.asarray(sum(np.sin(axis + at) for at, axis in enumerate(axes)) * 100, np.float32)


def frame(pixels: np.ndarray, spacing: tuple[float, float], z: float = 0.0) -> Frame:
    plane = Plane(
        pixels.shape[:2], (0.0, 0.0, z), spacing=spacing, calibration=Calibration.PATIENT, placed=True
    )
    return Frame(read_only(pixels.copy()), plane)


def resampled(
    values: np.ndarray, spacing: tuple[float, ...], wanted: tuple[float, ...], size: tuple[int, ...]
) -> np.ndarray:
    """The same by SimpleITK: grids whose middles are at one place."""
    image = sitk.GetImageFromArray(values)
    image.SetSpacing(spacing[::-1])
    middle = image.TransformContinuousIndexToPhysicalPoint([(side - 1) / 2 for side in values.shape[::-1]])
    origin = [
        at - (side - 1) / 2 * step for at, side, step in zip(middle, size[::-1], wanted[::-1], strict=True)
    ]
    grid = sitk.Image(list(size[::-1]), sitk.sitkFloat32)
    grid.SetSpacing(wanted[::-1])
    grid.SetOrigin(origin)
    return sitk.GetArrayFromImage(sitk.Resample(image, grid, sitk.Transform(), sitk.sitkLinear, -999.0))


@pytest.mark.parametrize(
    ("spacing", "wanted", "size"),
    [((0.5, 0.5), (1.0, 1.0), (32, 32)), ((2.0, 1.0), (1.0, 1.0), (40, 32)),
     ((1.0, 1.0), (0.5, 0.5), (64, 64)),
     ((0.8, 0.4), (1.6, 1.6), (16, 16))],
)  # fmt: skip
def test_a_picture_is_resampled_as_simpleitk_does(spacing: Any, wanted: Any, size: Any) -> None:
    values = soft(64, 64)
    plan = Input("image", size=size, values=AS_IT_IS, geometry=CROP, spacing=wanted)
    tensor, placement = prepare(frame(values, spacing), plan)
    theirs = resampled(values, spacing, wanted, size)
    seen = np.zeros(size, bool)
    top, left, rows, columns = placement.put
    seen[top + 1 : top + rows - 1, left + 1 : left + columns - 1] = True
    assert np.abs(tensor[..., 0] - theirs)[seen & (theirs > -900)].max() < 2.0
    assert (tensor[~_wide(placement)] == 0).all()


def _wide(placement: Any) -> np.ndarray:
    seen = np.zeros(placement.size, bool)
    top, left, rows, columns = placement.put
    seen[top : top + rows, left : left + columns] = True
    return seen


def test_what_lacks_is_padded_and_a_mask_comes_back_to_its_place() -> None:
    mask = np.zeros((40, 60), np.uint8)
    mask[10:30, 20:50] = 1
    plan = Input("image", size=(48, 48), geometry=CROP, spacing=(1.0, 1.0))
    _, placement = prepare(frame(mask.astype(np.float32), (1.0, 1.0)), plan)
    assert placement.put == (4, 0, 40, 48)
    assert placement.taken == (0, 6, 40, 48)
    small = prepare_mask(mask, placement)
    assert small.sum() == mask.sum()
    np.testing.assert_array_equal(finish.back(small.astype(np.float32), placement) > 0.5, mask > 0)


def test_any_size_at_a_spacing_is_padded_to_a_multiple() -> None:
    plan = Input("image", divisible_by=16, geometry=Geometry(fit="native"), spacing=(1.0, 1.0))
    placement = place((100, 50), plan, (0.5, 0.5))
    assert placement.put == (0, 0, 50, 25)
    assert placement.size == (64, 32)


def test_a_picture_that_does_not_say_its_spacing_is_refused_in_a_sentence() -> None:
    plan = Input("image", size=(32, 32), geometry=CROP, spacing=(0.7, 0.7))
    for picture in (np.zeros((40, 40), np.float32), replace_calibration(frame(soft(40, 40), (1.0, 1.0)))):
        with pytest.raises(ModelDoesNotFit, match=r"how large its pixels are, .* 0\.7 x 0\.7 mm"):
            prepare(picture, plan)


def replace_calibration(one: Frame) -> Frame:
    return replace(one, plane=replace(one.plane, calibration=Calibration.NONE))


def test_a_series_is_resampled_as_simpleitk_does() -> None:
    values = soft(12, 40, 32)
    slices = [frame(one, (1.0, 1.0), 4.0 * at) for at, one in enumerate(values)]
    plan = Input("image", layout=STACKED, size=(20, 16), slices=24, values=AS_IT_IS, geometry=CROP,
                 spacing=(2.0, 2.0, 2.0))  # fmt: skip
    tensor, placement = prepare_stack(slices, plan)
    assert tensor.shape == (24, 20, 16, 1)
    assert placement.put == (0, 24)
    theirs = resampled(values, (4.0, 1.0, 1.0), (2.0, 2.0, 2.0), (24, 20, 16))
    inner = (slice(1, -1),) * 3
    assert np.abs(tensor[..., 0][inner] - theirs[inner]).max() < 2.0


def test_slices_are_cut_and_padded_in_the_middle() -> None:
    values = np.stack([np.full((8, 8), at, np.float32) for at in range(10)])
    slices = [frame(one, (1.0, 1.0), 2.0 * at) for at, one in enumerate(values)]
    plan = Input("image", layout=STACKED, size=(8, 8), slices=4, values=AS_IT_IS, geometry=CROP,
                 spacing=(2.0, 1.0, 1.0))  # fmt: skip
    tensor, _ = prepare_stack(slices, plan)
    assert tensor[:, 4, 4, 0].tolist() == [3, 4, 5, 6]
    wide, placement = prepare_stack(slices, replace(plan, slices=14))
    assert wide[:, 4, 4, 0].tolist() == [0, 0, *range(10), 0, 0]
    masks = np.zeros((10, 8, 8), np.uint8)
    masks[7] = 3
    assert np.flatnonzero(prepare_stack_mask(masks, placement).any(axis=(1, 2))).tolist() == [9]


def test_any_number_of_slices_stays_and_greys_are_scaled_over_all_of_them() -> None:
    values = np.stack([np.full((8, 8), 100 * at, np.float32) for at in range(5)])
    plan = Input("image", layout=STACKED, size=(8, 8), values=Values("range"))
    tensor, _ = prepare_stack(values, plan)
    np.testing.assert_allclose(tensor[:, 0, 0, 0], [0, 0.25, 0.5, 0.75, 1])


def test_uneven_slices_have_no_spacing_of_their_own() -> None:
    pictures = [frame(soft(8, 8), (0.5, 0.7), z) for z in (0.0, 2.0, 4.0, 6.0)]
    assert stack_spacing(pictures) == (2.0, 0.5, 0.7)
    assert stack_spacing([*pictures[:2], pictures[3]]) == (0.5, 0.7)
    plan = Input("image", layout=STACKED, size=(8, 8), geometry=CROP, spacing=(2.0, 1.0, 1.0))
    with pytest.raises(ModelDoesNotFit, match="how far apart its slices lie"):
        prepare_stack([*pictures[:2], pictures[3]], plan)


def card_with(**changes: Any) -> str:
    card: dict[str, Any] = {
        "name": "x", "version": "1", "task": "classification",
        "input": {"name": "image", "size": [32, 32], "geometry": {"fit": "crop"}, **changes},
        "output": {"name": "y", "activation": "softmax", "labels": [{"name": "a"}, {"name": "b"}]},
    }  # fmt: skip
    return json.dumps(card)


@pytest.mark.parametrize(
    "changes", [{"spacing": [0.5, 0.7]}, {"layout": STACKED, "slices": 16, "spacing": [0, 1, 1]}, {}]
)
def test_the_card_says_spacing_and_slices(changes: dict[str, Any]) -> None:
    card: Card = read_card(card_with(**changes))
    assert list(card.input.spacing) == changes.get("spacing", [])
    assert read_card(write_card(card)) == card


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"spacing": [1]}, "needs two numbers"),
        ({"spacing": [1, 0]}, "above 0"),
        ({"spacing": [1, 1], "geometry": {"fit": "stretch"}}, "With a spacing the geometry must be one of"),
        ({"slices": 5}, "needs the layout"),
        ({"layout": STACKED, "spacing": [1, 1]}, "of a series three"),
    ],
)
def test_a_spacing_that_cannot_be_is_said(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CardInvalid, match=sentence):
        read_card(card_with(**changes))
