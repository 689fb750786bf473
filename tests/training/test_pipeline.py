"""Batches and what is done to them: the same for the same seed whatever the threads, and within limits."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from medviewer.ai.card import STACKED, Geometry, Input
from medviewer.kit.errors import BadValue, TrainingTrouble
from medviewer.kit.scratch import mapped
from medviewer.kit.task import TaskContext
from medviewer.training.augment import Augmentation, augmented, augmented_pair
from medviewer.training.configuration import DataPlan
from medviewer.training.data.find import find_data
from medviewer.training.data.loading import Loaded, load
from medviewer.training.data.prepared import Prepared
from medviewer.training.pipeline import Feed, batched_rows, batches
from tests import factories
from tests.training.labelled import class_folders, disc, mask_folders

pytestmark = pytest.mark.training
STILL = Augmentation(*[0.0] * 11)
ALL = Augmentation(
    blur=1.0, elastic=0.05, erase=0.2, flip_left_right=True, flip_up_down=True, sides_do_not_matter=True
)


def pictures(count: int = 21, side: int = 16, masks: bool = False) -> Loaded:
    rng = np.random.default_rng(4)
    names = tuple(f"p{at}" for at in range(count))
    return Loaded(
        rng.random((count, side, side, 1), np.float32),
        np.arange(count) % 3,
        (rng.random((count, side, side)) > 0.5).astype(np.uint8) if masks else None,
        names, names, ("",) * count, (), 0, "",
    )  # fmt: skip


def all_of(loaded: Loaded, feed: Feed, epoch: int, **more: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    rows = np.arange(len(loaded))
    return [(a.numpy(), b.numpy()) for a, b in batches(loaded, rows, feed, epoch, **more)]


@pytest.mark.parametrize("masks", [False, True])
def test_batches_are_the_same_whatever_the_threads(masks: bool) -> None:
    data = pictures(masks=masks)
    one, other = (all_of(data, Feed(4, 7, ALL, threads=threads), 3) for threads in (1, 4))
    assert [len(labels) for _, labels in one] == [4, 4, 4, 4, 4, 1]
    for (a, b), (c, d) in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, c)
        np.testing.assert_array_equal(b, d)
    later = all_of(data, Feed(4, 7, ALL), 4)
    assert any(not np.array_equal(a, c) for (a, _), (c, _) in zip(one, later, strict=True))


def test_what_is_done_to_a_picture_does_not_depend_on_its_neighbours() -> None:
    data = pictures()
    small = {int(row): picture for part, (inputs, _) in zip(
        batched_rows(data, np.arange(21), Feed(2, 7, ALL), 3), all_of(data, Feed(2, 7, ALL), 3), strict=True
    ) for row, picture in zip(part, inputs, strict=True)}  # fmt: skip
    for part, (inputs, _) in zip(
        batched_rows(data, np.arange(21), Feed(5, 7, ALL), 3), all_of(data, Feed(5, 7, ALL), 3), strict=True
    ):
        for row, picture in zip(part, inputs, strict=True):
            np.testing.assert_array_equal(small[int(row)], picture)


def test_an_epoch_can_be_gone_on_with_in_the_middle() -> None:
    data = pictures()
    whole, rest = all_of(data, Feed(4, 1), 2), all_of(data, Feed(4, 1), 2, start=3)
    for (a, _), (b, _) in zip(whole[3:], rest, strict=True):
        np.testing.assert_array_equal(a, b)


def test_every_picture_comes_once_and_unchanged_without_augmentation() -> None:
    data = pictures()
    found = all_of(data, Feed(4, 1, None), 0)
    seen = np.concatenate([inputs for inputs, _ in found])
    order = np.concatenate(batched_rows(data, np.arange(21), Feed(4, 1, None), 0))
    np.testing.assert_array_equal(np.sort(order), np.arange(21))
    np.testing.assert_array_equal(seen, data.inputs[order])
    np.testing.assert_array_equal(np.concatenate([labels for _, labels in found]), data.labels[order])


def test_series_of_one_length_come_together() -> None:
    rng = np.random.default_rng(1)
    lengths = [3, 5, 3, 4, 5, 3, 3]
    stacks = np.empty(7, object)
    for at, count in enumerate(lengths):
        stacks[at] = rng.random((count, 8, 8, 1), np.float32)
    data = replace(pictures(7), inputs=stacks)
    assert data.is_ragged
    found = all_of(data, Feed(2, 1, ALL), 0)
    assert sorted(len(labels) for _, labels in found) == [1, 2, 2, 2]
    assert {inputs.shape[1] for inputs, _ in found} == {3, 4, 5}


def test_a_mask_goes_where_its_picture_goes() -> None:
    picture, mask = disc(np.random.default_rng(3), 64)
    inputs = (mask > 0).astype(np.float32)[..., None]
    quiet = replace(ALL, gamma=0, contrast=0, brightness=0, noise=0, blur=0)
    for epoch in range(20):
        changed, moved = augmented(inputs, (mask > 0).astype(np.uint8), quiet, (1, epoch, 0))
        assert moved is not None
        np.testing.assert_array_equal(changed[..., 0] >= 0.5, moved > 0)


def test_a_better_picture_is_moved_as_the_worse_one_is() -> None:
    rng = np.random.default_rng(3)
    worse = rng.random((32, 32, 1), np.float32)
    for epoch in range(5):
        one, other = augmented_pair(worse, worse * 0.5, ALL, (1, epoch, 0))
        np.testing.assert_allclose(one * 0.5, other, atol=1e-6)


def test_all_slices_of_a_volume_are_changed_alike() -> None:
    picture = np.random.default_rng(3).random((32, 32, 1), np.float32)
    quiet = replace(ALL, noise=0)
    stack = np.stack([picture] * 4)
    changed, moved = augmented(stack, np.ones((4, 32, 32), np.uint8), quiet, (1, 1, 1))
    assert moved is not None
    assert moved.shape == (4, 32, 32)
    for one in changed[1:]:
        np.testing.assert_array_equal(one, changed[0])
    assert not np.allclose(changed[0], picture)


@pytest.mark.parametrize("name", [one.name for one in fields(Augmentation)][:11])
def test_each_change_keeps_its_limit(name: str) -> None:
    picture = np.full((64, 64, 1), 0.2, np.float32)
    picture[16:48, 16:48] = 0.7
    limits = {"rotate_deg": 10.0, "blur": 2.0, "elastic": 0.03, "erase": 0.1}.get(name, 0.2)
    changed = [
        augmented(picture, None, replace(STILL, **{name: limits}), (1, epoch, 0))[0] for epoch in range(30)
    ]
    assert all(one.shape == picture.shape and np.isfinite(one).all() for one in changed)
    assert not all(np.array_equal(one, picture) for one in changed)
    areas = [(one > 0.45).sum() / 1024 for one in changed]
    if name in ("rotate_deg", "shift", "blur"):
        assert max(abs(area - 1) for area in areas) < 0.06
    elif name == "scale":
        assert 0.8**2 - 0.05 < min(areas) < 1 < max(areas) < 1.2**2 + 0.05
    elif name == "erase":
        assert max((one != picture).mean() for one in changed) <= 0.11
    elif name == "brightness":
        assert max(abs(one - picture).max() for one in changed) <= 0.2 + 1e-5


def test_nothing_is_changed_where_all_limits_are_zero() -> None:
    assert not STILL.changes
    assert not Augmentation.of([("strength", 0)]).changes
    picture = np.random.default_rng(1).random((16, 16, 1), np.float32)
    np.testing.assert_allclose(augmented(picture, None, STILL, (1, 1, 1))[0], picture, atol=1e-6)


def test_sides_are_only_exchanged_where_that_was_declared() -> None:
    with pytest.raises(BadValue, match="heart on the right"):
        Augmentation.of([("flip_left_right", True)])
    allowed = Augmentation.of([("flip_left_right", True), ("sides_do_not_matter", True)])
    assert "flipped" in allowed.warnings[0]
    assert Augmentation().warnings == ()
    picture = np.zeros((8, 8, 1), np.float32)
    picture[:, :4] = 1
    only = replace(STILL, flip_left_right=True, sides_do_not_matter=True)
    seen = {bool(augmented(picture, None, only, (1, epoch, 0))[0][0, 0, 0] > 0.5) for epoch in range(20)}
    assert seen == {True, False}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [({"wobble": 1.0}, "There is no augmentation 'wobble'"), ({"rotate_deg": 400}, "180"),
     ({"strength": -1}, "strength"), ({"noise": "loud"}, "Noise cannot be loud")],
)  # fmt: skip
def test_a_limit_that_cannot_be_is_said(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadValue, match=sentence):
        Augmentation.of(values.items())


def test_too_many_pictures_lie_in_a_file_and_are_the_same(tmp_path: Path) -> None:
    found = find_data(mask_folders(tmp_path / "data", 12))
    plan = Input("image", size=(32, 32))
    inside, outside = load(found, plan, TaskContext()), load(found, plan, TaskContext(), budget=0)
    assert isinstance(outside.inputs, np.memmap)
    assert not isinstance(inside.inputs, np.memmap)
    np.testing.assert_array_equal(inside.inputs, outside.inputs)
    assert inside.masks is not None
    assert outside.masks is not None
    np.testing.assert_array_equal(inside.masks, outside.masks)
    assert inside.fingerprint == outside.fingerprint
    for (a, b), (c, d) in zip(all_of(inside, Feed(), 1), all_of(outside, Feed(), 1), strict=True):
        np.testing.assert_array_equal(a, c)
        np.testing.assert_array_equal(b, d)


def test_a_mapped_array_leaves_no_file_behind(tmp_path: Path) -> None:
    array = mapped((3, 4), np.float32, tmp_path)
    assert array.shape == (3, 4)
    assert not array.any()
    array[1] = 7
    assert array[1].tolist() == [7] * 4
    del array
    assert list(tmp_path.iterdir()) == []


def test_series_of_many_lengths_that_do_not_fit_are_said() -> None:
    found = Prepared(2, budget=0)
    found.add(np.zeros((3, 4), np.float32))
    with pytest.raises(TrainingTrouble, match="different lengths"):
        found.add(np.zeros((4, 4), np.float32))


def test_series_are_loaded_as_stacks(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    np.savez(
        tmp_path / "data.npz", images=rng.random((6, 5, 20, 20)), masks=rng.integers(0, 2, (6, 5, 20, 20))
    )
    found = find_data(tmp_path / "data.npz", DataPlan(unit="series"))
    data = load(found, Input("image", layout=STACKED, size=(16, 16), slices=4), TaskContext())
    assert data.inputs.shape == (6, 4, 16, 16, 1)
    assert data.masks is not None
    assert data.masks.shape == (6, 4, 16, 16)


def test_pictures_are_learnt_from_at_one_spacing_or_it_is_said_that_they_have_none(tmp_path: Path) -> None:
    for at, spacing in enumerate((0.5, 1.0)):
        for name in ("a", "b"):
            factories.ct(
                tmp_path / "data" / name / str(at), 2, spacing=(spacing, spacing), patient=f"{name}{at}"
            )
    plan = Input("image", size=(64, 64), geometry=Geometry(fit="crop"), spacing=(1.0, 1.0))
    data = load(find_data(tmp_path / "data"), plan, TaskContext())
    filled = {float((one > 0).any(axis=(0, 2)).sum()) for one in data.inputs}
    assert len(filled) == 2
    assert 1.8 < max(filled) / min(filled) < 2.2
    with pytest.raises(TrainingTrouble, match="how large its pixels are"):
        load(find_data(class_folders(tmp_path / "png", 5)), plan, TaskContext())


def test_one_percent_of_damaged_files_are_named_and_the_rest_is_learnt_from(tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "data", 100)
    (folder / "disc" / "042.png").write_bytes(b"\x89PNG\r\n\x1a\n damaged")
    (folder / "empty" / "007.png").write_bytes((folder / "empty" / "007.png").read_bytes()[:90])
    data = load(find_data(folder), Input("image", size=(16, 16)), TaskContext())
    assert len(data) == 198
    assert [one.partition(":")[0] for one in data.excluded] == ["disc/042.png", "empty/007.png"]
