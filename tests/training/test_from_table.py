"""From DICOM files and a table of numbers to a model that the viewer runs, at one pixel spacing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from medviewer.ai import catalog
from medviewer.ai.infer import Reader
from medviewer.kit.errors import ModelDoesNotFit
from medviewer.kit.params import checked, parameters
from medviewer.kit.task import TaskContext
from medviewer.training.commands import COMMANDS
from medviewer.training.configuration import DataPlan
from medviewer.training.data.find import find_data
from tests import factories

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
SETTINGS = (
    "data.target=age", "data.missing=fill", "data.subgroups=sex", "input.spacing=1.4", "input.size=16",
    "split.folds=3", "split.fold=2", "train.epochs=1", "network.width=4", "model.install=false",
    "augment.sides_do_not_matter=true", "augment.flip_left_right=true",
)  # fmt: skip


def test_what_is_learnt_from_a_table_runs_in_the_viewer(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    rows = ["PatientID,age"]
    for at in range(24):
        pixels = np.random.default_rng(at).integers(0, 1500, (1, 32, 32)).astype(np.int16)
        factories.ct(
            tmp_path / "data" / f"c{at}", 1, rows=32, columns=32, patient=f"P{at}", study=f"{at}",
            PatientID=f"SECRET{at}", PatientSex="MF"[at % 2], volume=pixels, spacing=(0.7, 0.7),
        )  # fmt: skip
        rows.append(f"SECRET{at},{'' if at == 3 else 20 + at}")
    table = tmp_path / "ages.csv"
    table.write_text("\n".join(rows))
    train = {one.name: one for one in COMMANDS}["train"].function
    given = {"data": tmp_path / "data", "output": tmp_path / "out", "name": "age"}
    given["set"] = (*SETTINGS, f"data.labels={table}")
    train(TaskContext(), **checked(parameters(train), given))
    model = catalog.find(tmp_path / "out" / "age.onnx")
    card = model.card
    assert card is not None
    assert card.input.spacing == (1.4, 1.4)
    assert "1 of 24 pictures lacked a value: 1 of age filled with 32" in card.made.data
    assert "fold 2 of 3" in card.made.split
    assert "Training pictures are flipped" in card.made.limits
    summary = json.loads((tmp_path / "out" / "dataset.json").read_text())
    assert summary["parts"]["test"] == 8
    assert summary["leaks"] == []
    for path in (tmp_path / "out").glob("*.*"):
        assert b"SECRET" not in path.read_bytes(), path.name
    picture = find_data(tmp_path / "data", DataPlan(task="generation")).examples[0].read()
    reader = Reader(model)
    with pytest.raises(ModelDoesNotFit, match="how large its pixels are"):
        reader.scores(picture.pixels)
