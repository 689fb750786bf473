"""A run can be killed, stopped, repeated and watched by another program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medviewer.kit.errors import BadValue, Cancelled, FileTrouble, TrainingTrouble
from medviewer.kit.params import checked, parameters
from medviewer.kit.task import CancelToken, Progress, TaskContext
from medviewer.training.train_command import train
from tests.training.labelled import class_folders

pytest.importorskip("tensorflow", reason="needs TensorFlow")
pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
ROOT = Path(__file__).resolve().parents[2]
QUICK = {"network": "textbook", "width": 4, "epochs": 3, "batch": 4, "seed": 3, "install": False, "size": 32}
SETTINGS = ("network.dense=8", "network.dropout=0.5", "train.checkpoint=0")


def run(context: TaskContext | None = None, **values: Any) -> dict[str, Any]:
    """The command as the terminal calls it."""
    return train(context or TaskContext(), **checked(parameters(train), values))


def apart(*words: str, program: str = "", **more: Any) -> subprocess.CompletedProcess[str]:
    """The command, or *program*, in a process of its own."""
    start = ["-c", program] if program else ["-m", "medviewer", "train"]
    return subprocess.run(
        [sys.executable, *start, *words], capture_output=True, text=True, check=False, cwd=ROOT, timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT), **more},
    )  # fmt: skip


def weights(folder: Path) -> dict[str, np.ndarray]:
    with np.load(next(folder.glob("*.weights.npz"))) as found:
        return {name: found[name] for name in found.files}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return class_folders(tmp_path_factory.mktemp("data") / "discs", 14)


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A run that nobody disturbed."""
    folder = tmp_path_factory.mktemp("whole") / "out"
    return folder, run(data=data, output=folder, set=SETTINGS, **QUICK)


KILLED = """
import os, signal, sys
from medviewer.kit.task import TaskContext
from medviewer.training.train_command import train
from tests.training.test_runs import run

def told(progress):
    if progress.text.startswith("Epoch 2 of 3, step 4 "):
        os.kill(os.getpid(), signal.SIGKILL)

run(TaskContext(None, told), **eval(sys.argv[1]))
"""


def test_a_run_killed_in_an_epoch_goes_on_to_the_same_weights(
    data: Path, whole: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    """Shuffle, augmentation, dropout, optimiser and best weights: all as if nothing had happened."""
    output = tmp_path / "out"
    values = {"data": str(data), "output": str(output), "set": SETTINGS, **QUICK}
    done = apart(repr(values), program=KILLED)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (output / "checkpoint.npz").is_file()
    assert not list(output.glob("*.onnx"))
    assert len((output / "metrics.csv").read_text().splitlines()) == 2  # it grows while it runs
    found = run(resume=output)
    assert found["figures"] == whole[1]["figures"]
    one, other = weights(output), weights(whole[0])
    assert set(one) == set(other)
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)
    tables = [(folder / "metrics.csv").read_text().splitlines() for folder in (output, whole[0])]
    assert [row.rsplit(",", 1)[0] for row in tables[0]] == [row.rsplit(",", 1)[0] for row in tables[1]]
    assert not (output / "checkpoint.npz").exists()


def test_the_file_of_a_run_does_the_same_again(whole: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    again = run(config=whole[0] / "run.toml", output=tmp_path / "again")
    assert again["figures"] == whole[1]["figures"]
    one, other = weights(tmp_path / "again"), weights(whole[0])
    assert all((one[name] == other[name]).all() for name in other)


def test_a_stopped_run_keeps_what_it_learnt_and_refuses_other_data(data: Path, tmp_path: Path) -> None:
    token = CancelToken()

    def told(progress: Progress) -> None:
        if progress.text.startswith("Epoch 1 of 3, step 3"):
            token.cancel()

    output = tmp_path / "out"
    with pytest.raises(Cancelled):
        run(TaskContext(token, told), data=data, output=output, **QUICK)
    assert (output / "checkpoint.npz").is_file()
    toml = (output / "run.toml").read_text()
    (output / "run.toml").write_text(toml.replace("seed = 3", "seed = 4"))
    with pytest.raises(TrainingTrouble, match="other data or another configuration"):
        run(resume=output)
    (output / "run.toml").write_text(toml)
    (output / "checkpoint.npz").write_bytes(b"PK no file at all")
    with pytest.raises(FileTrouble, match="is no checkpoint"):
        run(resume=output)


def test_what_cannot_be_asked_for_is_said_at_once(data: Path, tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="nothing to learn from"):
        run()
    with pytest.raises(BadValue, match="as it was begun"):
        run(resume=tmp_path, epochs=3)
    with pytest.raises(FileTrouble, match=r"run.toml cannot be read"):
        run(resume=tmp_path)
    with pytest.raises(BadValue, match="sets nothing"):
        run(data=data, set=("train.epochs",))
    with pytest.raises(BadValue, match="no network called 'resnet19'"):
        run(data=data, output=tmp_path, network="resnet19")
    with pytest.raises(TrainingTrouble, match="U-Net is for segmentation and enhancement, not for class"):
        run(data=data, output=tmp_path, network="unet")
    with pytest.raises(TrainingTrouble, match="The loss Dice is for segmentation, not for classification"):
        run(data=data, output=tmp_path, set=("loss.name=dice",))
    with pytest.raises(BadValue, match="Momentum cannot be 2"):
        run(data=data, output=tmp_path, set=("optimizer.name=sgd", "optimizer.momentum=2"))


def test_a_program_is_told_in_lines_and_stops_the_run_by_closing_its_input(
    data: Path, tmp_path: Path
) -> None:
    words = [str(data), "--output", str(tmp_path / "out"), "--progress", "json", "--no-install"]
    process = subprocess.Popen(
        [sys.executable, "-m", "medviewer", "train", *words, "--epochs", "1000", "--patience", "1000"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "MEDVIEWER_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(json.loads(line))
        if lines[-1].get("score") is not None:
            process.stdin.close()
            break
    rest = process.stdout.read()
    assert process.wait(60) == 130
    assert "Stopped." in process.stderr.read()  # type: ignore[union-attr]
    assert (tmp_path / "out" / "checkpoint.npz").is_file()
    assert "result" not in rest
    assert {"fraction", "text", "epoch", "loss", "score", "seconds_left"} <= set(lines[-1])
    assert 0 <= lines[-1]["fraction"] <= 1
    assert "left" in lines[-1]["text"]


def test_everything_there_is_to_choose_from_is_listed_with_its_limits() -> None:
    found = run(list=True)
    assert {"resnet18", "unet3d", "slices", "generator"} <= set(found["networks"])
    assert {"focal", "dice", "adversarial"} <= set(found["losses"])
    width = found["networks"]["resnet18"]["parameters"]["width"]
    assert (width["kind"], width["minimum"], width["maximum"], width["default"]) == ("integer", 1, 256, 16)
    assert set(found["optimizers"]["sgd"]["parameters"]) == {"momentum", "nesterov", "clipnorm"}
    json.dumps(found)


def test_two_processes_learn_what_one_learns(data: Path, tmp_path: Path) -> None:
    """Each learns from its half of every batch; without normalisation by batch the sum is the same."""
    words = [str(data), "--network", "textbook", "--width", "4", "--epochs", "1", "--batch", "8", "--size"]
    words += ["32", "--no-install", "--set", "optimizer.name=sgd", "--set", "network.dense=8", "--json"]
    done = apart(*words, "-o", str(tmp_path / "two"), "--workers", "2", MEDVIEWER_HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["epochs"] == 1
    settings = ("optimizer.name=sgd", "network.dense=8")
    values = {**QUICK, "epochs": 1, "batch": 8, "seed": 1}
    run(data=data, output=tmp_path / "one", set=settings, **values)
    one, two = weights(tmp_path / "one"), weights(tmp_path / "two")
    for name in one:
        np.testing.assert_allclose(two[name], one[name], atol=2e-6, err_msg=name)
    rows = [
        (tmp_path / name / "metrics.csv").read_text().splitlines()[1].split(",") for name in ("one", "two")
    ]
    assert float(rows[0][1]) == pytest.approx(float(rows[1][1]), rel=1e-5)
