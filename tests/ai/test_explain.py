"""Where an answer comes from, on networks where that can be worked out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import helper, numpy_helper

from medviewer.ai import explain
from medviewer.ai.catalog import read
from medviewer.ai.infer import Reader, infer
from medviewer.kit.errors import BadValue, Cancelled, ModelDoesNotFit
from medviewer.kit.task import CancelToken, Progress, TaskContext
from tests.ai.small_models import FLOAT, card, class_card, frame, identity, model, sides, write

PICTURE = np.random.default_rng(2).integers(0, 1000, (8, 8)).astype(np.uint16)


def reader(folder: Path) -> Reader:
    """Left is the sum of the left half, right that of the right half."""
    return Reader(read(write(folder, sides(), class_card())))


def mapped(folder: Path, explains: str = "cam") -> Path:
    """A network whose logits are the means of its class map: the picture, and the picture turned over."""
    weights = np.array([1.0, -1.0], np.float32).reshape(1, 1, 1, 2)
    made = model(
        [
            helper.make_node("Mul", ["image", "weights"], ["cam"]),
            helper.make_node("ReduceMean", ["cam"], ["scores"], axes=[1, 2], keepdims=0),
        ],
        shape=("n", 8, 8, 1),
        output="scores",
        weights=(numpy_helper.from_array(weights, "weights"),),
    )
    made.graph.output.append(helper.make_tensor_value_info("cam", FLOAT, None))
    about = class_card()
    about["output"]["explains"] = explains
    return write(folder, made, about)


def test_occlusion_of_an_additive_network_finds_what_each_place_adds(tmp_path: Path) -> None:
    found = explain.occlusion(reader(tmp_path), PICTURE, 0, TaskContext(), patch=1, stride=1, baseline="dark")
    seen = (PICTURE - PICTURE.min()) / np.ptp(PICTURE)
    # softmax knows differences only: half of what a place adds, for one side and against the other
    wanted = np.hstack([seen[:, :4], -seen[:, 4:]]) / 2
    np.testing.assert_allclose(found.values, wanted, atol=1e-5)
    one, other = found.checks.values()
    assert one == pytest.approx(other, abs=1e-5)


@pytest.mark.parametrize("baseline", ["mean", "dark", "blur"])
def test_patches_that_overlap_share_what_they_find(tmp_path: Path, baseline: str) -> None:
    apart = explain.occlusion(
        reader(tmp_path), PICTURE, 1, TaskContext(), patch=4, stride=4, baseline=baseline
    )
    sums = explain.occlusion(
        reader(tmp_path), PICTURE, 1, TaskContext(), patch=4, stride=2, baseline=baseline
    )
    one, other = apart.checks.values()
    assert one == pytest.approx(other, abs=1e-5)
    assert sums.values[0, 0] == pytest.approx(apart.values[0, 0])
    assert np.unique(apart.values.round(6)).size <= 4


def test_differences_along_the_way_add_up_to_the_answer(tmp_path: Path) -> None:
    found = explain.path_differences(reader(tmp_path), PICTURE, 1, TaskContext(), patches=8, steps=2)
    one, other = found.checks.values()
    assert one == pytest.approx(other, abs=1e-5)
    seen = (PICTURE - PICTURE.min()) / np.ptp(PICTURE)
    way = seen - seen.mean()
    np.testing.assert_allclose(found.values, np.hstack([-way[:, :4], way[:, 4:]]) / 2, atol=1e-5)


def test_the_networks_own_map_goes_with_the_answer(tmp_path: Path) -> None:
    path = mapped(tmp_path)
    told = infer(read(path), [frame(PICTURE), frame(PICTURE)], "CT", TaskContext())
    assert len(told.maps) == 2
    left, right = told.maps[0]
    assert (left.label, right.label) == ("left", "right")
    seen = ((PICTURE - PICTURE.min()) / np.ptp(PICTURE)).astype(np.float32)
    np.testing.assert_allclose(left.on_picture(), seen, atol=1e-5)
    np.testing.assert_allclose(right.on_picture(), -seen, atol=1e-5)
    mean, logit = left.checks.values()
    assert mean == pytest.approx(logit, abs=1e-5)


def test_a_network_without_a_map_says_so_and_still_answers(tmp_path: Path) -> None:
    plain = read(write(tmp_path, sides(), class_card()))
    assert infer(plain, frame(PICTURE), "CT", TaskContext()).maps == ()
    with pytest.raises(ModelDoesNotFit, match="does not say itself"):
        explain.class_map(Reader(plain), PICTURE, 0)
    # what a card promises and the network does not give hinders nothing
    odd = read(mapped(tmp_path, explains="scores"))
    told = infer(odd, frame(PICTURE), "CT", TaskContext())
    assert (len(told.findings), told.maps) == (2, ())


def test_the_map_lies_where_the_network_looked(tmp_path: Path) -> None:
    about = class_card()
    about["input"]["geometry"] = {"fit": "crop"}
    wide = np.hstack([np.zeros((8, 8), np.uint16), PICTURE, np.zeros((8, 8), np.uint16)])
    seen = explain.occlusion(
        Reader(read(write(tmp_path, sides(), about))), wide, 0, TaskContext(), patch=1, stride=1
    ).on_picture()
    assert seen.shape == wide.shape
    assert not seen[:, :8].any()
    assert not seen[:, 16:].any()
    assert seen[:, 8:16].any()


def test_explaining_says_how_far_it_is_and_can_be_stopped(tmp_path: Path) -> None:
    token, told = CancelToken(), []

    def tell(progress: Progress) -> None:
        told.append(progress.fraction)
        if progress.fraction and progress.fraction > 0.3:
            token.cancel()

    with pytest.raises(Cancelled):
        explain.path_differences(reader(tmp_path), PICTURE, 0, TaskContext(token, tell))
    assert told == sorted(told)
    assert told[-1] < 0.6


def test_what_cannot_be_explained_is_a_sentence(tmp_path: Path) -> None:
    drawn = Reader(read(write(tmp_path, identity(), card(), "drawn")))
    with pytest.raises(ModelDoesNotFit, match="no classifier"):
        explain.occlusion(drawn, PICTURE, 0, TaskContext())
    with pytest.raises(BadValue, match="has 2 labels, not 3"):
        explain.occlusion(reader(tmp_path), PICTURE, 2, TaskContext())
    with pytest.raises(BadValue, match="stride"):
        explain.occlusion(reader(tmp_path), PICTURE, 0, TaskContext(), patch=2, stride=3)
