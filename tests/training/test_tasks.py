"""Every task and every network: trained for a few steps, exported, and run as the viewer runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
import pytest

from medviewer.ai import catalog
from medviewer.ai.infer import Reader, infer
from medviewer.ai.selfcheck import check
from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.task import TaskContext
from tests.ai.small_models import frame
from tests.training.labelled import class_folders, disc, mask_folders, plain
from tests.training.test_runs import run, weights

tf = pytest.importorskip("tensorflow", reason="needs TensorFlow")
keras = pytest.importorskip("keras", reason="needs Keras")

from medviewer.training.losses import LOSSES  # noqa: E402
from medviewer.training.networks import NETWORKS  # noqa: E402
from medviewer.training.steps import plain as plain_step  # noqa: E402
from medviewer.training.workers import ALONE  # noqa: E402
from tests.training.test_networks import small  # noqa: E402

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
QUICK = {"epochs": 1, "batch": 8, "seed": 3, "install": False, "size": 32}
SMALL = {
    "textbook": ("network.width=4", "network.dense=8"),
    "textbook4": ("network.width=4", "network.dense=8", "input.size=48"),
    "slices": ("network.width=4", "network.units=4"),
    "unet3d": ("network.width=2", "input.slices=8"),
}
SIDE = 32
DEEP = ("resnet50", "densenet121", "efficientnet")
EVEN = np.ones(2, np.float32)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Something to learn from for each task; each set is a few small pictures."""
    folder, rng = tmp_path_factory.mktemp("tasks"), np.random.default_rng(4)
    pairs = [disc(rng, SIDE) for _ in range(24)]
    pictures = np.stack([one for one, _ in pairs])
    radii = np.sqrt(np.array([(mask > 0).sum() for _, mask in pairs]) / np.pi)
    noisy = np.clip(pictures + rng.normal(0, 25, pictures.shape), 0, 255).astype(np.uint8)
    series = np.stack(
        [np.stack([disc(rng, SIDE)[0] if at % 2 else plain(rng, SIDE) for _ in range(8)]) for at in range(16)]
    )
    volumes = [np.stack([disc(rng, SIDE) for _ in range(8)]) for _ in range(12)]
    sets: dict[str, dict[str, np.ndarray]] = {
        "regression": {"images": pictures, "labels": radii[:, None]},
        "multilabel": {"images": pictures, "labels": np.stack([radii > 7, radii > 6], 1).astype(float)},
        "enhancement": {"images": noisy, "clean": pictures},
        "series": {"images": series, "labels": np.arange(16) % 2},
        "volumes": {
            "images": np.stack([one[:, 0] for one in volumes]),
            "masks": np.stack([(one[:, 1] > 0).astype(np.uint8) for one in volumes]),
        },
    }
    for name, arrays in sets.items():
        np.savez(folder / f"{name}.npz", **arrays)
    return {
        **{name: folder / f"{name}.npz" for name in sets},
        "classification": class_folders(folder / "classes", 12),
        "segmentation": mask_folders(folder / "masks", 16),
    }


def trained(data: dict[str, Path], output: Path, network: str, *settings: str, **more: Any) -> dict[str, Any]:
    """A few steps of *network* on what it is for."""
    declared = NETWORKS[network]
    task = str(more.get("task", declared.tasks[0]))
    source = {"slices": "series", "volume": "volumes"}.get(declared.takes, task)
    source = "classification" if task == "generation" else source
    unit = ("data.unit=series",) if declared.takes in ("slices", "volume") else ()
    values = {**QUICK, "network": network, "name": "tried", **more, "task": task}
    sized = SMALL.get(network, ("network.width=4",))
    return run(data=data[source], output=output, set=(*sized, *unit, *settings), **values)


@pytest.mark.parametrize("name", [one.name for one in NETWORKS if one.name not in DEEP])
def test_every_network_is_trained_exported_and_passes_its_own_check(
    data: dict[str, Path], tmp_path: Path, name: str
) -> None:
    found = trained(data, tmp_path / "out", name)
    assert found["export_difference"] < 1e-4
    assert found["figures"]["n"] >= 2
    if NETWORKS[name].tasks[0] == "generation":
        return
    result = check(catalog.read(tmp_path / "out" / "tried.onnx"))
    assert result.passed, result.sentence
    assert result.worst is not None


@pytest.mark.parametrize("name", DEEP)
def test_a_deep_network_learns_in_a_step(name: str) -> None:
    """Not traced, which takes minutes; its export is tried with the other networks'."""
    model = small(name)
    optimizer = keras.optimizers.SGD(0.01)
    rng = np.random.default_rng(1)
    pictures, truth = rng.random((4, 32, 32, 1), np.float32), np.array([0, 1, 0, 1])
    step = plain_step(
        model,
        lambda true, logits: LOSSES["cross_entropy"].with_values({})(true, logits, EVEN),
        optimizer,
        ALONE,
    )
    before = [np.array(one) for one in model.trainable_variables]
    assert np.isfinite(float(step(pictures, truth, 1.0)))
    moved = [
        float(np.abs(np.array(one) - old).max()) > 0
        for one, old in zip(model.trainable_variables, before, strict=True)
    ]
    assert np.mean(moved) > 0.8


def test_a_regression_says_numbers_in_their_unit(data: dict[str, Path], tmp_path: Path) -> None:
    settings = ("network.dense=32", "model.units=px", "augment.strength=0", "schedule.name=constant")
    values = {**QUICK, "epochs": 40, "patience": 40, "width": 8, "learning_rate": 0.003}
    source = data["regression"]
    found = run(
        data=source, output=tmp_path / "out", set=settings, name="radius", labels="Radius",
        task="regression", network="textbook", **values,
    )  # fmt: skip
    assert found["figures"]["mae"] < 1.5
    said = infer(
        catalog.find(tmp_path / "out" / "radius.onnx"),
        frame(np.load(source)["images"][0]),
        "OT",
        TaskContext(),
    )
    (one,) = said.findings
    assert one.value == pytest.approx(float(np.load(source)["labels"][0, 0]), abs=3)
    assert (one.what, one.unit, one.frame) == ("Radius", "px", 0)


def test_several_labels_have_several_answers(data: dict[str, Path], tmp_path: Path) -> None:
    values = {**QUICK, "width": 4, "labels": "large, not small"}
    found = run(data=data["multilabel"], output=tmp_path / "out", task="multilabel", name="two", **values)
    card = catalog.find(tmp_path / "out" / "two.onnx").card
    assert card is not None
    assert (card.task, card.output.activation) == ("multilabel", "sigmoid")
    assert 0 <= found["figures"]["auc"] <= 1


def test_a_series_of_any_length_gets_one_answer(data: dict[str, Path], tmp_path: Path) -> None:
    trained(data, tmp_path / "out", "slices", labels="calm, discs")
    model, rng = catalog.find(tmp_path / "out" / "tried.onnx"), np.random.default_rng(5)
    assert model.card is not None
    assert (model.card.input.layout, model.card.input.slices) == ("NDHWC", 0)
    for count in (1, 5, 13):
        said = infer(model, [frame(disc(rng, 40)[0]) for _ in range(count)], "OT", TaskContext())
        assert [one.what for one in said.findings] == ["calm", "discs"]
        assert all(one.frame is None for one in said.findings)
        assert sum(one.score for one in said.findings) == pytest.approx(1, abs=1e-5)


def test_a_volume_is_drawn_into_on_its_own_grid(data: dict[str, Path], tmp_path: Path) -> None:
    """With other slices and pixels than the network takes."""
    values = {"epochs": 15, "patience": 15, "batch": 2, "learning_rate": 0.01, "labels": "Disc"}
    found = trained(data, tmp_path / "out", "unet3d", "network.width=4", "augment.strength=0", **values)
    assert found["figures"]["dice"] > 0.7
    rng = np.random.default_rng(6)
    pairs = [disc(rng, 45) for _ in range(11)]
    said = infer(
        catalog.find(tmp_path / "out" / "tried.onnx"), [frame(one) for one, _ in pairs], "OT", TaskContext()
    )
    assert said.labels is not None
    assert len(said.labels.slices) == 11
    drawn = np.stack([np.zeros((45, 45), np.uint8) if one is None else one for one in said.labels.slices])
    truth = np.stack([mask > 0 for _, mask in pairs])
    assert 2 * (drawn.astype(bool) & truth).sum() / (drawn.astype(bool).sum() + truth.sum()) > 0.4


def test_a_denoiser_of_pairs_makes_pictures_better(data: dict[str, Path], tmp_path: Path) -> None:
    values = {"epochs": 15, "patience": 15, "learning_rate": 0.003}
    found = trained(data, tmp_path / "out", "dncnn", "network.depth=4", "network.width=8", **values)
    assert found["figures"]["psnr"] > found["figures"]["psnr_before"] + 1
    card = catalog.find(tmp_path / "out" / "tried.onnx").card
    assert card is not None
    assert (card.task, card.input.geometry.fit, card.input.values.bright) == (
        "enhancement",
        "tiles",
        "stored",
    )


def test_without_pairs_noise_makes_the_worse_pictures(data: dict[str, Path], tmp_path: Path) -> None:
    """Pictures larger than the network are cut into patches at their own size."""
    folder, rng = tmp_path / "pictures", np.random.default_rng(7)
    folder.mkdir()
    for at in range(8):
        cv2.imwrite(str(folder / f"{at}.png"), disc(rng, 64)[0])
    found = run(
        data=folder, output=tmp_path / "out", task="enhancement", network="autoencoder", width=4,
        set=("train.noise=0.2", "network.depth=1"), **{**QUICK, "install": False},
    )  # fmt: skip
    assert found["figures"]["n"] % 4 == 0
    assert found["figures"]["psnr_before"] == pytest.approx(20 * np.log10(1 / 0.2), abs=2.5)


def test_an_adversary_teaches_an_enhancement(data: dict[str, Path], tmp_path: Path) -> None:
    """Pictures are judged in pairs of what was taken and what was made (pix2pix)."""
    found = trained(
        data, tmp_path / "out", "unet", "loss.name=adversarial", "loss.width=4", task="enhancement"
    )
    again = trained(
        data, tmp_path / "two", "unet", "loss.name=adversarial", "loss.width=4", task="enhancement"
    )
    plainly = trained(data, tmp_path / "three", "unet", "loss.name=mae", task="enhancement")
    assert found["figures"] == again["figures"]
    assert found["figures"] != plainly["figures"]


def test_a_generator_comes_nearer_to_true_pictures(tmp_path: Path) -> None:
    folder, rng = tmp_path / "pictures", np.random.default_rng(1)
    folder.mkdir()
    for at in range(60):
        cv2.imwrite(str(folder / f"{at}.png"), disc(rng, 16)[0])
    settings = (
        "network.width=8", "loss.width=8", "schedule.name=constant", "optimizer.name=adam",
        "augment.strength=0", "split.chosen_by=0.3",
    )  # fmt: skip
    values = {**QUICK, "epochs": 40, "patience": 40, "size": 16, "learning_rate": 0.001, "name": "tried"}
    found = run(data=folder, output=tmp_path / "out", task="generation", set=settings, **values)
    assert found["figures"]["distance"] < 0.7 * found["figures"]["distance_of_noise"]
    rows = (tmp_path / "out" / "metrics.csv").read_text().splitlines()
    assert rows[0].split(",")[3] == "val_closeness"
    closeness = [float(row.split(",")[3]) for row in rows[1:]]
    assert max(closeness[-5:]) > closeness[0] + 0.1
    session = onnxruntime.InferenceSession(
        tmp_path / "out" / "tried.onnx", providers=["CPUExecutionProvider"]
    )
    numbers = np.random.default_rng(1).standard_normal((3, 64)).astype(np.float32)
    (made,) = session.run(None, {"image": numbers})
    assert made.shape == (3, 16, 16, 1)
    assert np.abs(made).max() <= 1
    assert cv2.imread(str(tmp_path / "out" / "synthetic.png"), cv2.IMREAD_GRAYSCALE).shape == (96, 96)
    told = json.loads(session.get_modelmeta().custom_metadata_map["medviewer.generator"])
    assert told["seed"] == 3


def test_smaller_files_say_what_they_lose(data: dict[str, Path], tmp_path: Path) -> None:
    found = trained(data, tmp_path / "out", "cnn", "network.width=16", int8=True, fp16=True, epochs=4)
    whole = catalog.find(tmp_path / "out" / "tried.onnx")
    by_precision = {one["precision"]: one for one in found["variants"]}
    assert set(by_precision) == {"float16", "int8"}, found["remarks"]
    for precision, most in (("float16", 0.6), ("int8", 0.5)):
        one = by_precision[precision]
        assert one["share"] < most
        model = catalog.find(tmp_path / "out" / one["file"])
        assert model.card is not None
        assert (model.card.made.precision, model.card.made.derived_from) == (precision, whole.sha256)
        assert model.card.metrics["lost_to_32_bits"] == one["lost"]
        assert one["lost"]["auc"] == pytest.approx(
            found["figures"]["auc"] - model.card.metrics["auc"], abs=1e-4
        )
        assert check(model).passed
        picture = disc(np.random.default_rng(2))[0]
        np.testing.assert_allclose(Reader(model).scores(picture), Reader(whole).scores(picture), atol=0.05)


def test_a_model_that_would_be_too_large_is_refused_before_it_is_trained(
    data: dict[str, Path], tmp_path: Path
) -> None:
    with pytest.raises(TrainingTrouble, match=r"would have .* MB, and 0.1 MB were allowed"):
        trained(data, tmp_path / "out", "cnn", "network.width=32", "model.largest=0.1")


@pytest.mark.parametrize("ending", [".npz", ".weights.h5"])
def test_a_run_begins_with_the_weights_of_another_and_lets_them_rest(
    data: dict[str, Path], tmp_path: Path, ending: str
) -> None:
    """Layers of the same name and shape; with another number of classes the last ones begin anew."""
    trained(data, tmp_path / "first", "textbook")
    file = tmp_path / "first" / "tried.weights.npz"
    if ending != ".npz":
        from medviewer.training.loop import prepare_machine  # noqa: PLC0415
        from medviewer.training.networks import Given  # noqa: PLC0415
        from medviewer.training.transfer import transferred  # noqa: PLC0415

        prepare_machine(3)
        model = NETWORKS["textbook"](Given((32, 32), 1, 2, "classification"), width=4, dense=8)
        transferred(model, file)
        file = tmp_path / f"first{ending}"
        model.save_weights(file)
    found = run(
        data=data["regression"], output=tmp_path / "second", task="regression", weights=file,
        network="textbook", set=(*SMALL["textbook"], "train.frozen=1"), name="tried", **QUICK,
    )  # fmt: skip
    assert "4 layers begin with the weights" in " ".join(found["remarks"])
    before, after = weights(tmp_path / "first"), weights(tmp_path / "second")
    rested = [name for name in before if not name.startswith("logits")]
    assert rested
    for name in rested:
        np.testing.assert_array_equal(after[name], before[name], err_msg=name)
    assert after["logits/0"].shape != before["logits/0"].shape


def test_what_this_machine_lacks_is_a_sentence(data: dict[str, Path], tmp_path: Path) -> None:
    found = trained(data, tmp_path / "out", "textbook", "train.mixed_precision=on", "train.tensorboard=on")
    told = " ".join(found["remarks"])
    assert ("Half precision needs a graphics card" in told) != bool(tf.config.list_physical_devices("GPU"))
    events = list((tmp_path / "out").glob("tensorboard/events.out.tfevents.*"))
    assert bool(events) != ("no log for TensorBoard" in told)
