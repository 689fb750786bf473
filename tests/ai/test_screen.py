"""Hostile and broken models: a sentence each, and never a crash, a file outside or a wait."""

from __future__ import annotations

import json
import pickle
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from medviewer.ai.catalog import find
from medviewer.ai.infer import infer
from medviewer.ai.screen import MOST_NODES
from medviewer.kit.errors import ModelTrouble
from medviewer.kit.task import TaskContext
from tests.ai.small_models import FLOAT, card, endless, frame, identity, model, ramp, write


def refusal(path: Path) -> ModelTrouble:
    """The error that using the model at *path* ends in."""
    with pytest.raises(ModelTrouble) as caught:
        infer(find(path), frame(ramp()), "CT", TaskContext())
    assert path.stem in caught.value.message or "bright" in caught.value.message
    assert "\n" not in str(caught.value)
    return caught.value


def with_weights_from(location: str) -> onnx.ModelProto:
    """A model whose weights lie in a file at *location*."""
    tensor = TensorProto(name="w", data_type=FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    for key, value in (("location", location), ("offset", "0"), ("length", "4")):
        tensor.external_data.add(key=key, value=value)
    return model([helper.make_node("Add", ["image", "w"], ["mask"])], weights=(tensor,))


@pytest.mark.parametrize(
    "location", ["../secret.bin", "/etc/passwd", "here.bin", "a/../../secret.bin", "/dev/zero"]
)
def test_weights_outside_the_file_are_never_read(tmp_path: Path, location: str) -> None:
    (tmp_path.parent / "secret.bin").write_bytes(bytes(4))
    (tmp_path / "here.bin").write_bytes(bytes(4))
    assert "outside its own file" in refusal(write(tmp_path, with_weights_from(location), card())).message


def test_weights_outside_the_file_are_found_inside_a_node_too(tmp_path: Path) -> None:
    tensor = TensorProto(name="w", data_type=FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="../secret.bin")
    nodes = [
        helper.make_node("Constant", [], ["w"], value=tensor),
        helper.make_node("Add", ["image", "w"], ["mask"]),
    ]
    assert "outside its own file" in refusal(write(tmp_path, model(nodes), card())).message


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.99])
def test_a_truncated_model_is_called_incomplete(tmp_path: Path, share: float) -> None:
    path = write(tmp_path, identity(), card())
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert "no complete ONNX model" in refusal(path).message


def test_random_bytes_and_a_pickle_are_no_models(tmp_path: Path) -> None:
    noise = tmp_path / "noise.onnx"
    noise.write_bytes(np.random.default_rng(1).bytes(5000))
    assert "no complete ONNX model" in refusal(noise).message
    pickled = tmp_path / "pickled.onnx"
    pickled.write_bytes(pickle.dumps({"weights": [1, 2, 3]}))
    assert "no complete ONNX model" in refusal(pickled).message


def test_operators_from_elsewhere_are_refused_by_name(tmp_path: Path) -> None:
    nodes = [helper.make_node("Launch", ["image"], ["mask"], domain="evil.corp")]
    path = write(tmp_path, model(nodes, domains=(("evil.corp", 1),)), card())
    assert "'evil.corp'" in refusal(path).message


def test_an_unknown_operator_of_the_standard_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, model([helper.make_node("Frobnicate", ["image"], ["mask"])]), card())
    assert "Frobnicate" in refusal(path).message


def test_a_future_operator_set_says_so(tmp_path: Path) -> None:
    assert "newer runtime (operator set 999)" in refusal(write(tmp_path, identity(opset=999), card())).message


def test_values_that_are_no_numbers_are_not_shown(tmp_path: Path) -> None:
    zero = numpy_helper.from_array(np.zeros(1, np.float32), "zero")
    nodes = [
        helper.make_node("Div", ["zero", "zero"], ["nan"]),
        helper.make_node("Add", ["image", "nan"], ["mask"]),
    ]
    path = write(tmp_path, model(nodes, weights=(zero,)), card())
    assert "no numbers; nothing is shown" in refusal(path).message


def test_a_loop_without_end_is_refused_before_it_begins(tmp_path: Path) -> None:
    start = time.monotonic()
    trouble = refusal(write(tmp_path, endless(), card(loops=True)))
    assert "could run without end" in trouble.message
    assert time.monotonic() - start < 2, "a card inside the file must not be able to allow its own loop"


def test_declared_sizes_beyond_any_memory_are_refused(tmp_path: Path) -> None:
    assert "larger than any memory" in refusal(
        write(tmp_path, identity(shape=(1, 100_000, 100_000, 3)), card())
    ).message  # fmt: skip


@pytest.mark.parametrize("elements", [2**32, 2**40])
def test_a_constant_of_gigabytes_ends_in_a_sentence_before_it_takes_them(
    tmp_path: Path, elements: int
) -> None:
    """The size is worked out at run time, where no look at the file can see it."""
    nodes = [
        helper.make_node("Shape", ["image"], ["shape"]),
        helper.make_node("Slice", ["shape", "none", "one"], ["batch"]),
        helper.make_node("Mul", ["batch", "big"], ["size"]),
        helper.make_node("ConstantOfShape", ["size"], ["huge"]),
        helper.make_node("ReduceMax", ["huge"], ["most"], keepdims=0),
        helper.make_node("Add", ["image", "most"], ["mask"]),
    ]
    numbers = {"none": 0, "one": 1, "big": elements}
    weights = tuple(numpy_helper.from_array(np.array([value]), name) for name, value in numbers.items())
    start = time.monotonic()
    trouble = refusal(write(tmp_path, model(nodes, weights=weights), card()))
    assert "more memory than a model may have" in trouble.message
    assert time.monotonic() - start < 5


def test_weights_that_lie_about_their_size_are_refused(tmp_path: Path) -> None:
    for dims in ([-1], [2**40], [3]):
        tensor = TensorProto(name="w", data_type=FLOAT, dims=dims, raw_data=bytes(4))
        refusal(write(tmp_path, model([helper.make_node("Add", ["image", "w"], ["mask"])], weights=(tensor,)),
                      card(), f"model{abs(dims[0])}"))  # fmt: skip


def test_sparse_weights_are_refused(tmp_path: Path) -> None:
    made = identity()
    made.graph.sparse_initializer.add()
    assert "sparse" in refusal(write(tmp_path, made, card())).message


def test_two_cards_in_one_file_are_one_too_many(tmp_path: Path) -> None:
    made = identity()
    for name in ("harmless", "other"):
        made.metadata_props.add(key="medviewer.card", value=json.dumps(card(name=name)))
    assert "two entries 'medviewer.card'" in refusal(write(tmp_path, made, None)).message


def test_too_many_operations_are_refused_quickly(tmp_path: Path) -> None:
    nodes = [helper.make_node("Identity", [f"x{at}"], [f"x{at + 1}"]) for at in range(MOST_NODES)]
    nodes.insert(0, helper.make_node("Identity", ["image"], ["x0"]))
    nodes.append(helper.make_node("Identity", [f"x{MOST_NODES}"], ["mask"]))
    start = time.monotonic()
    assert "operations" in refusal(write(tmp_path, model(nodes), card())).message
    assert time.monotonic() - start < 5


def test_a_circle_of_operations_is_refused(tmp_path: Path) -> None:
    nodes = [helper.make_node("Add", ["image", "b"], ["a"]), helper.make_node("Add", ["a", "a"], ["b"]),
             helper.make_node("Identity", ["b"], ["mask"])]  # fmt: skip
    refusal(write(tmp_path, model(nodes), card()))


def test_deeply_nested_branches_are_refused(tmp_path: Path) -> None:
    def branch(depth: int) -> Any:
        node = (
            helper.make_node("If", ["yes"], ["o"], then_branch=branch(depth - 1), else_branch=branch(0))
            if depth
            else helper.make_node("Identity", ["image"], ["o"])
        )
        return helper.make_graph([node], "branch", [], [helper.make_tensor_value_info("o", FLOAT, None)])

    yes = numpy_helper.from_array(np.array(True), "yes")
    nodes = [helper.make_node("If", ["yes"], ["mask"], then_branch=branch(30), else_branch=branch(0))]
    path = write(tmp_path, model(nodes, weights=(yes,)), None)
    path.with_name("model.card.json").write_text(json.dumps(card(loops=True)))
    assert "deep" in refusal(path).message


def test_no_mutated_model_brings_the_program_down(tmp_path: Path) -> None:
    """Every byte is wrong once in a while: an answer or a ModelTrouble, nothing else."""
    whole = write(tmp_path, identity(), card()).read_bytes()
    rng = np.random.default_rng(7)
    refused = 0
    for at in range(150):
        data = bytearray(whole)
        for place in rng.integers(0, len(data), 3):
            data[place] = int(rng.integers(0, 256))
        path = tmp_path / f"mutant{at}.onnx"
        path.write_bytes(bytes(data))
        try:
            infer(find(path), frame(ramp()), "CT", TaskContext())
        except ModelTrouble:
            refused += 1
    assert refused > 30
