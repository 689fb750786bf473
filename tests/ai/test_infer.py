"""Letting models read pictures: what comes out is where it belongs and says who said it."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from onnx import helper

from medviewer.ai.catalog import find, models, read
from medviewer.ai.infer import infer
from medviewer.core.finding import State
from medviewer.core.volume import LazyFrames
from medviewer.kit.errors import Cancelled, CardInvalid, ModelDoesNotFit, ModelTrouble
from medviewer.kit.task import CancelToken, Progress, TaskContext
from tests.ai.small_models import (
    card,
    class_card,
    endless,
    frame,
    identity,
    model,
    ramp,
    sides,
    slow,
    write,
)


def test_a_segmentation_is_a_proposal_on_the_grid_of_the_picture(tmp_path: Path) -> None:
    found = infer(find(write(tmp_path, identity(), card())), frame(ramp()), "CT", TaskContext())
    assert found.labels is not None
    mask = found.labels.slices[0]
    assert mask is not None
    np.testing.assert_array_equal(mask, ramp() >= 750)
    assert not mask.flags.writeable
    assert found.labels.state is State.PROPOSED
    assert [label.name for label in found.labels.labels] == ["Bright"]


def test_a_result_says_which_model_which_file_and_when(tmp_path: Path) -> None:
    path = write(tmp_path, identity(), card())
    found = infer(find(path), frame(ramp()), "CT", TaskContext())
    assert (found.provenance.model, found.provenance.version) == ("bright", "1.0")
    assert found.provenance.sha256 == find(path).sha256
    assert found.provenance.when.endswith("+00:00")


def test_a_classification_gives_a_probability_for_each_label_of_each_picture(tmp_path: Path) -> None:
    reader = find(write(tmp_path, sides(), class_card()))
    pictures = [frame(ramp(8, 8)), frame(ramp(8, 8)[:, ::-1])]
    found = infer(reader, pictures, "CT", TaskContext(), indices=[4, 9])
    assert [(one.what, one.frame) for one in found.findings] == [
        ("left", 4), ("right", 4), ("left", 9), ("right", 9),
    ]  # fmt: skip
    assert found.findings[0].score + found.findings[1].score == pytest.approx(1)
    assert found.findings[1].positive
    assert not found.findings[3].positive
    assert found.labels is None


def test_the_probability_is_the_one_that_can_be_worked_out(tmp_path: Path) -> None:
    about = class_card()
    about["output"]["temperature"] = 8.0
    picture = np.zeros((8, 8), np.uint8)
    picture[0, 7] = 255
    found = infer(find(write(tmp_path, sides(), about)), frame(picture), "CT", TaskContext())
    assert found.findings[1].score == pytest.approx(1 / (1 + np.exp(-1 / 8)), abs=1e-6)


def test_an_empty_mask_is_none_so_that_it_costs_nothing(tmp_path: Path) -> None:
    found = infer(
        find(write(tmp_path, identity(), card())), frame(np.zeros((5, 5), np.uint8)), "CT", TaskContext()
    )
    assert found.labels is not None
    assert found.labels.slices == (None,)


def test_progress_goes_up_to_the_end_and_names_the_picture(tmp_path: Path) -> None:
    told: list[Progress] = []
    infer(find(write(tmp_path, identity(), card())), [frame(ramp())] * 3, "CT", TaskContext(tell=told.append))
    fractions = [one.fraction for one in told if one.fraction is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert "Picture 2 of 3" in [one.text for one in told]


def test_tiles_cover_a_picture_larger_than_the_network(tmp_path: Path) -> None:
    about = card(input={"name": "image", "size": [32, 32], "values": {"scale": "range"},
                        "geometry": {"fit": "tiles"}})  # fmt: skip
    path = write(tmp_path, identity(shape=("n", 32, 32, 1)), about)
    picture = np.random.default_rng(1).integers(0, 4000, (75, 101)).astype(np.uint16)
    found = infer(find(path), frame(picture), "CT", TaskContext())
    assert found.labels is not None
    unit = (picture - picture.min()) / (picture.max() - picture.min())
    clear = abs(unit - 0.5) > 1e-5
    np.testing.assert_array_equal(found.labels.slices[0][clear] > 0, (unit >= 0.5)[clear])


def test_channels_first_and_three_channels_are_as_good_as_channels_last(tmp_path: Path) -> None:
    about = card(
        input={"name": "image", "layout": "NCHW", "channels": 3, "values": {"scale": "range"},
               "geometry": {"fit": "native"}},
        output={"name": "mask", "layout": "NCHW", "labels": [{"value": 1, "name": "Bright"}]},
    )  # fmt: skip
    nodes = [helper.make_node("ReduceMean", ["image"], ["mask"], axes=[1], keepdims=1)]
    path = write(tmp_path, model(nodes, shape=("n", 3, "h", "w")), about)
    found = infer(find(path), frame(ramp()), "CT", TaskContext())
    assert found.labels is not None
    np.testing.assert_array_equal(found.labels.slices[0] > 0, ramp() >= 750)


def test_a_fixed_batch_is_filled_up(tmp_path: Path) -> None:
    path = write(tmp_path, identity(shape=(4, "h", "w", 1)), card())
    found = infer(find(path), frame(ramp()), "CT", TaskContext())
    assert found.labels is not None
    np.testing.assert_array_equal(found.labels.slices[0] > 0, ramp() >= 750)


def test_a_turned_over_picture_reads_like_the_usual_one(tmp_path: Path) -> None:
    reader = find(write(tmp_path, identity(), card()))
    usual = infer(reader, frame(ramp()), "CT", TaskContext())
    turned = infer(reader, frame(1500 - ramp(), inverted=True), "CT", TaskContext())
    assert usual.labels is not None
    assert turned.labels is not None
    np.testing.assert_array_equal(usual.labels.slices[0], turned.labels.slices[0])


def test_another_modality_is_refused_with_a_sentence(tmp_path: Path) -> None:
    reader = find(write(tmp_path, identity(), card()))
    with pytest.raises(ModelDoesNotFit, match=r"made for CT images, and this is MR\."):
        infer(reader, frame(ramp()), "MR", TaskContext())


def test_an_unsaid_modality_and_another_body_part_are_remarked(tmp_path: Path) -> None:
    about = card(**{"for": {"modality": ["CT"], "body": ["CHEST"]}})
    found = infer(
        find(write(tmp_path, identity(), about)), frame(ramp()), "OT", TaskContext(), body_part="Head"
    )
    assert len(found.remarks) == 2
    assert "HEAD" in found.remarks[1]


def test_a_model_for_pictures_of_unsaid_modality_takes_them_without_a_remark(tmp_path: Path) -> None:
    reader = find(write(tmp_path, identity(), card(**{"for": {"modality": ["CT", "OT"]}})))
    assert infer(reader, frame(ramp()), "OT", TaskContext()).remarks == ()


def test_cancelling_stops_a_running_network_within_a_third_of_a_second(tmp_path: Path) -> None:
    about = card(input={"name": "image", "size": [1024, 1024], "values": {"scale": "range"}})
    reader = find(write(tmp_path, slow(), about))
    assert _seconds_to_stop(reader) < 0.3


def test_cancelling_stops_even_a_loop_without_end(tmp_path: Path) -> None:
    path = write(tmp_path, endless(), None)
    path.with_name("model.card.json").write_text(json.dumps(card(loops=True)))
    assert _seconds_to_stop(find(path)) < 0.3


def _seconds_to_stop(reader) -> float:
    """How long a run goes on after it was cancelled half a second after its first picture began."""
    token, running = CancelToken(), threading.Event()
    stopped: list[float] = []

    def told(progress: Progress) -> None:
        if progress.fraction is not None:
            running.set()

    def work() -> None:
        try:
            infer(reader, frame(ramp(64, 64)), "CT", TaskContext(token, told))
        except Cancelled:
            stopped.append(time.monotonic())

    thread = threading.Thread(target=work)
    thread.start()
    assert running.wait(60)
    time.sleep(0.5)
    assert thread.is_alive(), "the model is too fast to be cancelled"
    asked = time.monotonic()
    token.cancel()
    thread.join(30)
    assert stopped, "the run ended without being cancelled"
    return stopped[0] - asked


def test_a_model_without_a_card_asks_for_one(tmp_path: Path) -> None:
    path = write(tmp_path, identity(), None)
    with pytest.raises(ModelTrouble, match=r"has no card") as caught:
        find(path)
    assert "model.card.json" in caught.value.advice


def test_a_card_beside_a_foreign_file_makes_it_usable(tmp_path: Path) -> None:
    path = write(tmp_path, identity(), None)
    path.with_name("model.card.json").write_text(json.dumps(card()))
    assert find(path).usable


def test_models_are_found_by_name_and_bad_ones_are_listed_with_their_fault(tmp_path: Path) -> None:
    write(tmp_path, identity(), card(), "good")
    (tmp_path / "bad.onnx").write_bytes(b"\x80\x04\x95 a pickle, not a model")
    listed = {one.name: one for one in models([tmp_path])}
    assert listed["bright"].usable
    assert listed["bad"].faults == ("bad.onnx is no complete ONNX model.",)
    assert find("bright", [tmp_path]).path.name == "good.onnx"
    with pytest.raises(ModelTrouble, match="Did you mean bright"):
        find("brigth", [tmp_path])


def test_a_faulty_card_says_each_fault_in_one_sentence(tmp_path: Path) -> None:
    about = card(version=3)
    about["input"]["layout"] = "CHWN"
    with pytest.raises(ModelTrouble) as caught:
        find(write(tmp_path, identity(), about))
    assert '"version" must be a text' in str(caught.value)
    assert '"input.layout" must be one of NHWC, NCHW' in str(caught.value)


def test_a_card_that_contradicts_the_network_is_found_before_the_run(tmp_path: Path) -> None:
    path = write(tmp_path, identity(shape=("n", "h", "w", 7)), card())
    with pytest.raises(ModelTrouble, match="expects 7 channels, and its card says 1"):
        infer(find(path), frame(ramp()), "CT", TaskContext())


def test_a_file_that_changed_after_it_was_listed_is_not_loaded(tmp_path: Path) -> None:
    path = write(tmp_path, identity(), card())
    listed = read(path)
    path.write_bytes(path.read_bytes() + b"\x00")
    with pytest.raises(ModelTrouble, match="has changed on the disk"):
        infer(listed, frame(ramp()), "CT", TaskContext())


def test_logits_without_an_activation_in_the_card_are_not_shown_as_probabilities(tmp_path: Path) -> None:
    about = class_card()
    del about["output"]["activation"]
    with pytest.raises(ModelTrouble, match="outside 0 to 1"):
        infer(find(write(tmp_path, sides(), about)), frame(ramp(8, 8)), "CT", TaskContext())


def test_frames_of_a_source_are_decoded_one_after_the_other() -> None:
    class Source:
        series, count = "s", 5
        asked: list[int] = []  # noqa: RUF012

        def frame(self, index):
            self.asked.append(index)
            return frame(ramp())

        def plane(self, index):
            return frame(ramp()).plane

    source = Source()
    pictures = LazyFrames(source.frame, [1, 3])
    assert len(pictures) == 2
    assert pictures[1].pixels.shape == (12, 16)
    assert source.asked == [3]


def test_a_card_error_is_a_model_error() -> None:
    assert issubclass(CardInvalid, ModelTrouble)
