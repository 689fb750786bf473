"""Networks that make pictures better: values in, values out, on the picture's own grid."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import helper, numpy_helper
from scipy import ndimage

from medviewer.ai import enhance as network
from medviewer.ai.card import Values
from medviewer.ai.card_text import read_card, write_card
from medviewer.ai.catalog import find
from medviewer.ai.enhance import enhanced, range_of
from medviewer.ai.infer import infer
from medviewer.ai.selfcheck import check, write_sample
from medviewer.kit.errors import Cancelled, CardInvalid, ModelDoesNotFit, ModelTrouble
from medviewer.kit.task import CancelToken, TaskContext
from tests.ai.small_models import card, frame, model, ramp, slow, write


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    yield
    network.forget()


def about(**more: Any) -> dict[str, Any]:
    """A card of a network of any size that takes values as they are."""
    return card(
        **{
            "name": "mean",
            "task": "enhancement",
            "title": "Mean of nine",
            "input": {
                "name": "image",
                "layout": "NCHW",
                "values": {"scale": "none"},
                "geometry": {"fit": "native"},
            },
            "output": {"name": "mask", "layout": "NCHW"},
            **more,
        }
    )


def mean_of_nine(**more: Any) -> Any:
    """A convolution whose nine weights are alike; beyond its input lie zeros."""
    kernel = numpy_helper.from_array(np.full((1, 1, 3, 3), 1 / 9, np.float32), "kernel")
    node = helper.make_node("Conv", ["image", "kernel"], ["mask"], pads=[1, 1, 1, 1])
    return model([node], weights=(kernel,), **{"shape": ("n", 1, "h", "w"), **more})


def half(**more: Any) -> Any:
    """Half of what it gets."""
    factor = numpy_helper.from_array(np.array(0.5, np.float32), "factor")
    return model([helper.make_node("Mul", ["image", "factor"], ["mask"])], weights=(factor,), **more)


def picture(rows: int = 50, columns: int = 70) -> np.ndarray:
    return np.random.default_rng(4).normal(40, 300, (rows, columns)).astype(np.float32)


def done(path: Path, image: np.ndarray, valid: np.ndarray | None = None, strength: float = 1.0) -> np.ndarray:
    return enhanced(find(path), image, valid, strength, TaskContext())


def test_a_mean_of_nine_is_that_of_scipy(tmp_path: Path) -> None:
    found = done(write(tmp_path, mean_of_nine(), about()), picture())
    expected = ndimage.uniform_filter(picture(), 3)
    assert found.dtype == np.float32
    assert np.abs(found - expected).max() < 1e-3


@pytest.mark.parametrize(
    "values",
    [
        {"scale": "window", "low": -2000, "high": 2000, "to": [-1, 1]},
        {"scale": "percentile", "low": 0, "high": 100},
        {"scale": "range", "to": [0, 255], "mean": [100], "deviation": [50]},
        {"scale": "z-score"},
    ],
)
def test_whatever_the_scale_values_come_back_in_their_own_unit(
    tmp_path: Path, values: dict[str, Any]
) -> None:
    plan = {**about()["input"], "values": values}
    found = done(write(tmp_path, mean_of_nine(), about(input=plan)), picture())
    assert np.abs(found - ndimage.uniform_filter(picture(), 3)).max() < 0.01


def test_noise_that_a_network_names_is_taken_off(tmp_path: Path) -> None:
    residual = about(output={"name": "mask", "layout": "NCHW", "predicts": "noise"})
    found = done(write(tmp_path, mean_of_nine(), residual), picture())
    expected = picture() - ndimage.uniform_filter(picture(), 3)
    assert np.abs(found - expected).max() < 1e-3


def test_strength_mixes_with_the_picture_as_it_was(tmp_path: Path) -> None:
    path = write(tmp_path, mean_of_nine(), about())
    expected = (picture() + ndimage.uniform_filter(picture(), 3)) / 2
    assert np.abs(done(path, picture(), strength=0.5) - expected).max() < 1e-3
    assert np.array_equal(done(path, picture(), strength=0.0), picture())


def test_what_lies_outside_the_range_of_the_network_keeps_its_distance(tmp_path: Path) -> None:
    plan = {**about()["input"], "values": {"scale": "window", "low": 0, "high": 100}}
    image = np.array([[-500, 0, 50, 100, 3000]], np.float32)
    found = done(write(tmp_path, half(shape=("n", 1, "h", "w")), about(input=plan)), image)
    assert found[0].tolist() == pytest.approx([-500, 0, 25, 50, 2950], abs=1e-3)


def test_tiles_run_into_each_other_and_small_pictures_are_mirrored(tmp_path: Path) -> None:
    plan = {"name": "image", "size": [32, 32], "values": {"scale": "none"}, "geometry": {"fit": "tiles"}}
    path = write(tmp_path, half(shape=("n", 32, 32, 1)), about(input=plan, output={"name": "mask"}))
    for shape in ((75, 101), (32, 32), (5, 40), (1, 1), (33, 8)):
        assert np.abs(done(path, picture(*shape)) - picture(*shape) / 2).max() < 1e-3


def test_a_large_picture_is_worked_on_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "LARGEST_PART_PX", 24)
    plan = {**about()["input"], "divisible_by": 8}
    found = done(write(tmp_path, half(shape=("n", 1, "h", "w")), about(input=plan)), picture())
    assert np.abs(found - picture() / 2).max() < 1e-3


def test_padding_has_no_say_in_the_scale() -> None:
    plan = Values(scale="percentile", low=0, high=100)
    assert range_of(np.array([1, 3], np.float32), plan) == network.Range(1.0, 0.5, 0.0, (0.0, 1.0))
    assert range_of(np.array([3, 3], np.float32), plan) is None
    assert range_of(np.array([3, 3], np.float32), replace(plan, scale="z-score")) is None


def test_an_output_of_another_size_is_a_sentence(tmp_path: Path) -> None:
    pool = model(
        [helper.make_node("MaxPool", ["image"], ["mask"], kernel_shape=[2, 2], strides=[2, 2])],
        shape=("n", 1, "h", "w"),
    )
    with pytest.raises(ModelTrouble, match=r"gave 1 x 41 x 51 for a part of 82 x 102"):
        done(write(tmp_path, pool, about()), picture())


def test_no_numbers_are_never_shown(tmp_path: Path) -> None:
    path = write(
        tmp_path, model([helper.make_node("Log", ["image"], ["mask"])], shape=("n", 1, "h", "w")), about()
    )
    with pytest.raises(ModelTrouble, match="no numbers"):
        done(path, picture())


def test_it_ends_within_a_moment_and_serves_the_next_one(tmp_path: Path) -> None:
    sizes = {"name": "image", "size": [512, 512], "values": {"scale": "none"}, "geometry": {"fit": "tiles"}}
    found = find(write(tmp_path, slow(2000, 512), about(input=sizes, output={"name": "mask"})))
    token, ended = CancelToken(), []

    def work() -> None:
        try:
            enhanced(found, picture(512, 512), None, 1.0, TaskContext(token))
        except Cancelled:
            ended.append(time.perf_counter())

    thread = threading.Thread(target=work)
    thread.start()
    while not network._readers and thread.is_alive():
        time.sleep(0.01)
    time.sleep(0.2)
    began = time.perf_counter()
    token.cancel()
    thread.join(10)
    assert ended
    assert ended[0] - began < 0.3
    began = time.perf_counter()
    with pytest.raises(Cancelled):
        enhanced(found, picture(512, 512), None, 1.0, _cancelled_soon())
    assert time.perf_counter() - began > 0.09  # the first one's token did not end it


def _cancelled_soon() -> TaskContext:
    token = CancelToken()
    threading.Timer(0.1, token.cancel).start()
    return TaskContext(token)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"input": {**about()["input"], "channels": 3}}, "one channel"),
        (
            {"input": {**about()["input"], "size": [8, 8], "geometry": {"fit": "stretch"}}},
            '"native" or "tiles"',
        ),
        ({"input": {**about()["input"], "values": {"bright": "dense"}}}, '"stored"'),
        ({"input": {**about()["input"], "values": {"to": [1, 1]}}}, "are the same"),
        ({"output": {"name": "mask", "activation": "sigmoid"}}, '"none"'),
        ({"output": {"name": "mask", "labels": [{"name": "a"}]}}, "has no labels"),
        ({"output": {"name": "mask", "predicts": "weather"}}, "must be one of picture, noise"),
    ],
)
def test_a_card_that_cannot_be_says_why(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CardInvalid) as caught:
        read_card(json.dumps(about(**change)))
    assert len(caught.value.faults) == 1
    assert sentence in caught.value.faults[0]


def test_a_card_survives_being_written() -> None:
    once = read_card(json.dumps(about(output={"name": "mask", "predicts": "noise"})))
    assert once.output.predicts == "noise"
    assert read_card(write_card(once)) == once


def test_it_does_not_read_pictures(tmp_path: Path) -> None:
    with pytest.raises(ModelDoesNotFit, match="says nothing about them"):
        infer(find(write(tmp_path, mean_of_nine(), about())), frame(ramp()), "CT", TaskContext())


@pytest.mark.parametrize("factor", [1.0, 1.5])
def test_its_sample_is_checked_like_that_of_any_model(tmp_path: Path, factor: float) -> None:
    expected = ndimage.uniform_filter(picture(), 3, mode="constant")[None] * np.float32(factor)
    made = mean_of_nine()
    sample = write_sample(picture(), expected.astype(np.float32))
    helper.set_model_props(made, {"medviewer.card": json.dumps(about()), "medviewer.sample": sample})
    path = tmp_path / "mean.onnx"
    path.write_bytes(made.SerializeToString())
    assert check(find(path)).passed == (factor == 1.0)


def test_the_card_in_the_page_for_contributors_can_be_used() -> None:
    page = (Path(__file__).parents[2] / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    text = page.split("<!-- card: enhancement -->\n```json\n")[1].split("```")[0]
    assert read_card(text).output.predicts == "noise"
