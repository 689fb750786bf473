"""The promise of every shipped model: it is what it says, gives what it gave, and reads real pictures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from medviewer.ai import catalog
from medviewer.ai.infer import Reader, infer
from medviewer.ai.selfcheck import check
from medviewer.core.geometry import Plane
from medviewer.core.volume import Frame, read_only
from medviewer.kit.task import TaskContext
from medviewer.training.evaluation.evaluate import evaluate_model

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "models"
SHIPPED = sorted(FOLDER.glob("*.onnx"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_model_is_small_and_says_what_it_is(path: Path) -> None:
    model = catalog.read(path)
    assert model.faults == ()
    assert model.card is not None
    assert model.name == path.stem
    assert model.size_bytes < 10_000_000
    made = model.card.made
    for said in (
        made.by,
        made.when,
        made.data,
        made.license,
        made.citation,
        made.intended,
        made.limits,
        made.split,
    ):
        assert said
    assert "Not a medical device" in made.intended
    assert made.seed is not None
    assert model.card.metrics["n"] > 100


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_model_gives_what_it_gave_where_it_was_made(path: Path) -> None:
    result = check(catalog.read(path))
    assert result.passed, result.sentence
    assert result.worst is not None
    assert result.worst < 2e-3


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_model_gives_the_same_answer_twice(path: Path) -> None:
    reader = Reader(catalog.read(path))
    picture = np.random.default_rng(4).integers(0, 4096, (301, 257)).astype(np.uint16)
    answer = reader.mask if reader.card.task == "segmentation" else reader.scores
    assert np.array_equal(answer(picture), answer(picture))


def test_both_models_of_the_product_are_there() -> None:
    assert [path.stem for path in SHIPPED] == ["lung-cxr", "pneumonia-cxr"]


def picture(path: Path) -> Frame:
    pixels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    return Frame(read_only(pixels), Plane(pixels.shape))


def test_lungs_are_drawn_on_the_grid_of_the_radiograph(shared_data: Path) -> None:
    """Larger, wider, turned over: the same lungs."""
    folder = shared_data / "training" / "cxr-lung-shenzhen"
    frame = picture(folder / "images" / "CHNCXR_0042_0.jpg")
    wanted = cv2.imread(str(folder / "masks" / "CHNCXR_0042_0.png"), cv2.IMREAD_GRAYSCALE) > 0
    model = catalog.read(FOLDER / "lung-cxr.onnx")
    wide = cv2.resize(frame.pixels, (1501, 1203), interpolation=cv2.INTER_LINEAR).astype(np.uint16) * 15
    turned = (4095 - wide).astype(np.uint16)
    frames = [
        frame,
        Frame(read_only(wide), Plane(wide.shape)),
        Frame(read_only(turned), Plane(wide.shape), inverted=True),
    ]
    found = infer(model, frames, "CR", TaskContext())
    assert found.labels is not None
    for one, mask in zip(frames, found.labels.slices, strict=True):
        assert mask is not None
        assert mask.shape == one.pixels.shape
        small = cv2.resize(mask, wanted.shape[::-1], interpolation=cv2.INTER_NEAREST_EXACT) > 0
        assert 2 * (small & wanted).sum() / (small.sum() + wanted.sum()) > 0.93


def test_the_pneumonia_figures_of_the_card_can_be_measured_again(shared_data: Path) -> None:
    data = shared_data / "training" / "pneumoniamnist" / "pneumoniamnist-trainval.npz"
    found = evaluate_model(str(FOLDER / "pneumonia-cxr.onnx"), data, TaskContext())
    card = catalog.read(FOLDER / "pneumonia-cxr.onnx").card
    assert card is not None
    assert (found["part"], found["n"]) == ("val", 270)
    assert found["auc"] == card.metrics["auc"]
    assert found["auc"] >= 0.98


def test_listing_models_starts_neither_a_runtime_nor_a_framework() -> None:
    program = (
        "import sys, medviewer.ai.catalog, medviewer.ai.card, medviewer.ai.infer, medviewer.ai.selfcheck,"
        " medviewer.training.commands; medviewer.ai.catalog.models();"
        "found = {'onnx', 'onnxruntime', 'google.protobuf', 'tensorflow', 'keras', 'sklearn', 'pydicom'}"
        " & set(sys.modules); assert not found, found"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=FOLDER.parents[1])
