"""From labelled pictures to a model in the viewer, on pictures that are learnt in seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from medviewer.ai import catalog
from medviewer.ai.infer import infer
from medviewer.ai.selfcheck import check
from medviewer.kit.errors import (
    BadValue,
    Cancelled,
    ExportTrouble,
    MedviewerError,
    ModelTrouble,
    TrainingTrouble,
)
from medviewer.kit.params import checked, parameters
from medviewer.kit.task import CancelToken, Progress, TaskContext
from medviewer.training.commands import COMMANDS
from tests.ai.small_models import frame
from tests.training.labelled import class_folders, disc, mask_folders, plain

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

BY_NAME = {command.name: command.function for command in COMMANDS}
QUICK = {"epochs": 6, "batch": 8, "width": 8, "learning_rate": 0.01, "seed": 3}


def run(command: str, context: TaskContext | None = None, **values: Any) -> dict[str, Any]:
    """A command as the terminal calls it."""
    pytest.importorskip("tensorflow")
    function = BY_NAME[command]
    return function(context or TaskContext(), **checked(parameters(function), values))


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, Any]]:
    """(data, output, result) of a classifier of discs."""
    folder = tmp_path_factory.mktemp("classifier")
    data = class_folders(folder / "data", 30)
    found = run("train", data=data, output=folder / "out", name="discs", install=False, **QUICK)
    return data, folder / "out", found


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, Any]]:
    """(data, output, result) of a network that draws discs."""
    folder = tmp_path_factory.mktemp("segmenter")
    data = mask_folders(folder / "data", 40)
    values = {**QUICK, "epochs": 12, "width": 4, "size": 32, "labels": "Disc"}
    found = run("train", data=data, output=folder / "out", name="disc-mask", install=False, **values)
    return data, folder / "out", found


def test_a_classifier_learns_and_the_viewer_reads_with_it(classifier: tuple) -> None:
    _, output, found = classifier
    assert found["figures"]["auc"] > 0.95
    assert found["export_difference"] < 1e-4
    model = catalog.find(output / "discs.onnx")
    rng = np.random.default_rng(99)
    seen = infer(model, [frame(disc(rng)[0]), frame(plain(rng))], "OT", TaskContext())
    first, second = seen.findings[:2], seen.findings[2:]
    assert [one.what for one in first] == ["disc", "empty"]
    assert first[0].positive
    assert not first[1].positive
    assert second[1].positive


def test_a_segmenter_learns_and_draws_on_the_pictures_own_grid(segmenter: tuple) -> None:
    _, output, found = segmenter
    assert found["figures"]["dice"] > 0.9
    picture, mask = disc(np.random.default_rng(98), 75)
    seen = infer(catalog.find(output / "disc-mask.onnx"), frame(picture), "OT", TaskContext())
    assert seen.labels is not None
    drawn = seen.labels.slices[0]
    assert drawn is not None
    assert drawn.shape == (75, 75)
    assert 2 * (drawn & (mask > 0)).sum() / (drawn.sum() + (mask > 0).sum()) > 0.9


def test_a_run_leaves_its_split_its_curves_and_its_figures(classifier: tuple) -> None:
    _, output, found = classifier
    assert {path.name for path in output.iterdir()} == {
        "discs.onnx", "discs.weights.npz", "run.toml",
        "split.csv", "metrics.csv", "metrics.json", "curves.svg", "dataset.json", "dataset.html",
        "report.html", "report.csv"}  # fmt: skip
    rows = (output / "metrics.csv").read_text().splitlines()
    assert rows[0] == "epoch,loss,val_loss,val_auc,seconds"
    assert len(rows) == found["epochs"] + 1
    assert "<polyline" in (output / "curves.svg").read_text()
    assert json.loads((output / "metrics.json").read_text())["figures"]["auc"] == found["figures"]["auc"]


def test_the_card_tells_where_the_model_comes_from(classifier: tuple) -> None:
    card = catalog.find(classifier[1] / "discs.onnx").card
    assert card is not None
    assert "60 pictures" in card.made.data
    assert "SHA-256" in card.made.data
    assert card.made.seed == 3
    assert "12" in card.made.data
    assert card.made.split.startswith("by picture: 20% held out")
    assert {"tensorflow-cpu", "keras", "numpy"} & set(card.made.versions)
    assert card.metrics["n"] == 12
    low, high = card.metrics["intervals"]["auc"]
    assert low <= card.metrics["auc"] <= high
    assert card.output.explains == "cam"


def test_the_model_carries_a_sample_that_it_reproduces(classifier: tuple, segmenter: tuple) -> None:
    for path in (classifier[1] / "discs.onnx", segmenter[1] / "disc-mask.onnx"):
        result = check(catalog.read(path))
        assert result.passed, result.sentence
        assert result.worst is not None
        assert result.worst < 1e-4


def test_the_map_explains_the_scores(classifier: tuple) -> None:
    """The mean of the class map is the logit: nothing else enters the decision."""
    from medviewer.ai.infer import Reader  # noqa: PLC0415
    from medviewer.ai.prepare import prepare  # noqa: PLC0415

    reader = Reader(catalog.find(classifier[1] / "discs.onnx"))
    tensor, _ = prepare(disc(np.random.default_rng(1))[0], reader.card.input)
    cam, logits = reader.raw([tensor], "cam"), reader.raw([tensor])
    np.testing.assert_allclose(cam.mean(axis=(1, 2)), logits, atol=1e-4)


def test_two_runs_with_one_seed_give_the_same_figures(classifier: tuple, tmp_path: Path) -> None:
    data, output, first = classifier
    again = run("train", data=data, output=tmp_path / "again", name="discs", install=False, **QUICK)
    assert again["figures"] == first["figures"]
    tables = [(folder / "metrics.csv").read_text().splitlines() for folder in (output, tmp_path / "again")]
    # all but the seconds
    assert [row.rsplit(",", 1)[0] for row in tables[0]] == [row.rsplit(",", 1)[0] for row in tables[1]]
    assert (output / "split.csv").read_text() == (tmp_path / "again" / "split.csv").read_text()


def test_evaluation_gives_the_figures_of_training_without_tensorflow(classifier: tuple) -> None:
    data, output, found = classifier
    program = (
        "import json, sys; from pathlib import Path; from medviewer.kit.task import TaskContext;"
        "from medviewer.training.commands import evaluate;"
        "print(json.dumps(evaluate(TaskContext(), model=sys.argv[1], data=Path(sys.argv[2]),"
        " split=Path(sys.argv[3])))); assert 'tensorflow' not in sys.modules"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program, str(output / "discs.onnx"), str(data), str(output / "split.csv")],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(root)}, cwd=root,
    )  # fmt: skip
    judged = json.loads(done.stdout)
    assert judged["n"] == 12
    for key in ("auc", "accuracy", "sensitivity", "specificity", "confusion"):
        assert judged[key] == found["figures"][key]


def test_evaluation_of_masks_names_the_worst_picture(segmenter: tuple) -> None:
    data, output, _ = segmenter
    judged = run("evaluate", model=str(output / "disc-mask.onnx"), data=data)
    assert judged["n"] == 40
    assert judged["part"] == "all"
    assert judged["dice"] > 0.9
    assert judged["iou"] < judged["dice"]
    low, high = judged["intervals"]["dice"]
    assert low <= judged["dice"] <= high
    assert judged["worst"][0][0].startswith("images/")


def test_evaluation_on_foreign_classes_or_of_another_task_is_a_sentence(
    classifier: tuple, segmenter: tuple, tmp_path: Path
) -> None:
    model = str(classifier[1] / "discs.onnx")
    (class_folders(tmp_path / "data", 3) / "disc").rename(tmp_path / "data" / "dragon")
    with pytest.raises(TrainingTrouble, match="classes dragon, empty; the model knows disc, empty"):
        run("evaluate", model=model, data=tmp_path / "data")
    with pytest.raises(TrainingTrouble, match="is for classification, and .* labels for segmentation"):
        run("evaluate", model=model, data=segmenter[0])
    with pytest.raises(ModelTrouble, match="no model called"):
        run("evaluate", model="nowhere", data=segmenter[0])


def test_an_installed_model_is_found_by_its_name(tmp_path: Path, classifier: tuple) -> None:
    from medviewer.training.install import install  # noqa: PLC0415

    install(classifier[1] / "discs.onnx")
    assert catalog.find("discs").usable


def test_cancelling_stops_training_and_writes_no_model(tmp_path: Path) -> None:
    token = CancelToken()

    def told(progress: Progress) -> None:
        if progress.text.startswith("Epoch 1"):
            token.cancel()

    data = class_folders(tmp_path / "data", 12)
    with pytest.raises(Cancelled):
        run("train", TaskContext(token, told), data=data, output=tmp_path / "out", **QUICK)
    assert not list((tmp_path / "out").glob("*.onnx"))


def test_a_loss_that_is_no_number_ends_in_a_sentence(tmp_path: Path) -> None:
    from medviewer.training.losses import LOSSES, loss  # noqa: PLC0415

    if "unsteady" not in LOSSES:

        @loss("Unsteady", tasks=("classification",))
        def unsteady(truth: Any, logits: Any, weights: Any) -> Any:
            return logits[0, 0] * float("nan")

    data = class_folders(tmp_path / "data", 12)
    with pytest.raises(TrainingTrouble, match="no longer a number"):
        run("train", data=data, output=tmp_path / "out", set=("loss.name=unsteady",), **QUICK)


def test_a_picture_that_cannot_be_read_is_named_in_the_answer(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "data", 20)
    broken = next(data.iterdir()) / "broken.png"
    broken.write_bytes(b"no picture")
    values = {**QUICK, "epochs": 1}
    found = run("train", data=data, output=tmp_path / "out", name="discs", install=False, **values)
    (told,) = found["excluded"]
    assert told.startswith(f"{broken.parent.name}/broken.png: ")
    assert (tmp_path / "out" / "excluded.txt").read_text() == told + "\n"


def test_one_class_alone_cannot_be_learnt(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "data", 12)
    for path in (data / "disc").iterdir():
        path.unlink()
    with pytest.raises(TrainingTrouble, match="one class"):
        run("train", data=data, output=tmp_path / "out", **QUICK)


def test_wrong_values_are_refused_with_their_limits(tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="Epochs cannot be 0"):
        run("train", data=tmp_path, epochs=0)
    with pytest.raises(BadValue, match="Task cannot be guessing"):
        run("train", data=tmp_path, task="guessing")


def test_what_a_model_cannot_be_called_is_told_before_the_training(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "data", 12)
    with pytest.raises(BadValue, match="cannot be called '../discs'"):
        run("train", data=data, output=tmp_path / "out", name="../discs", **QUICK)
    about = tmp_path / "about.json"
    about.write_text('{"for": {"modality": 7}}')
    never = TaskContext(None, lambda progress: pytest.fail("it trains") if "Epoch" in progress.text else None)
    with pytest.raises(MedviewerError, match="modality"):
        run("train", never, data=data, output=tmp_path / "out", about=about, **QUICK)


def test_data_with_a_name_of_other_letters_make_a_model(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "\u80ba \u708e", 12)
    found = run("train", data=data, output=tmp_path / "out", install=False, **{**QUICK, "epochs": 1})
    assert found["name"] == "model"


def test_a_file_where_the_output_should_go_is_a_sentence(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "data", 12)
    (tmp_path / "out").write_text("")
    with pytest.raises(ExportTrouble, match="out cannot be written: File exists"):
        run("train", data=data, output=tmp_path / "out", **QUICK)


def test_several_labels_are_drawn_apart(tmp_path: Path) -> None:
    folder, rng = tmp_path / "data", np.random.default_rng(8)
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    for at in range(24):
        one, other = disc(rng, 32), disc(rng, 32)
        picture = np.hstack([one[0], 255 - other[0]])
        mask = np.hstack([one[1] // 255, other[1] // 255 * 2])
        cv2.imwrite(str(folder / "images" / f"{at}.png"), picture)
        cv2.imwrite(str(folder / "masks" / f"{at}.png"), mask)
    values = {**QUICK, "epochs": 8, "width": 4, "size": 32, "labels": "bright, dark"}
    found = run("train", data=folder, output=tmp_path / "out", name="two", install=False, **values)
    card = catalog.find(tmp_path / "out" / "two.onnx").card
    assert card is not None
    assert [label.name for label in card.output.labels] == ["bright", "dark"]
    assert card.output.activation == "softmax"
    assert set(found["figures"]["dice_per_label"]) == {"bright", "dark"}
