"""Commands that other packages declare: their parameters become words and flags."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Literal

import pytest

from medviewer.cli import main as cli
from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.params import Slider, Words
from medviewer.kit.task import TaskContext


@dataclass(frozen=True)
class Declared:
    name: str
    title: str
    function: Callable[..., dict[str, Any]]
    positional: tuple[str, ...]


def measure(
    context: TaskContext,
    *,
    data: Annotated[Path, Words(help="what to measure")],
    output: Path | None = None,
    rounds: Annotated[int, Slider(1, 9)] = 3,
    way: Literal["fast", "exact"] = "fast",
    low: float | None = None,
    twice: bool = True,
) -> dict[str, Any]:
    """Measure something."""
    context.report(0.5, "Half")
    if data.name == "bad":
        raise TrainingTrouble("This cannot be measured.", "Try another one.")
    told = {"data": data, "output": output, "rounds": rounds, "way": way, "low": low, "twice": twice}
    return {**told, "worst": float("nan"), "inside": {"figures": [0.123456, 2.0]}}


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    module = ModuleType("declared_elsewhere")
    module.COMMANDS = (Declared("measure-it", "Measure", measure, ("data",)),)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "declared_elsewhere", module)
    monkeypatch.setattr(cli, "UNPACKED", (*cli.UNPACKED, "declared_elsewhere", "not_there_at_all"))


def test_parameters_become_words_and_flags(capsys):
    words = [
        "measure-it",
        "x/y",
        "-o",
        "out",
        "--rounds",
        "5",
        "--way",
        "exact",
        "--low",
        "-2.5",
        "--no-twice",
    ]
    assert cli.main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "data": str(Path("x/y")), "output": "out", "rounds": 5, "way": "exact", "low": -2.5, "twice": False,
        "worst": None, "inside": {"figures": [0.123456, 2.0]},
    }  # fmt: skip


def test_without_json_the_answer_is_in_lines(capsys):
    assert cli.main(["measure-it", "x"]) == 0
    told = capsys.readouterr().out
    assert "rounds: 3\n" in told
    assert "inside:\n  figures: 0.1235, 2\n" in told


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["x", "--rounds", "99"], "from 1 to 9"),
        (["x", "--rounds", "many"], "from 1 to 9"),
        (["x", "--way", "slow"], "one of fast, exact"),
        ([], "the following arguments are required: DATA"),
        (["x", "--unknown"], "unrecognized arguments"),
    ],
)
def test_wrong_values_are_refused_with_their_limits(capsys, words, sentence):
    assert cli.main(["measure-it", *words]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1


def test_what_a_command_cannot_do_is_exit_1(capsys):
    assert cli.main(["measure-it", "bad"]) == 1
    assert capsys.readouterr().err == "This cannot be measured. Try another one.\n"


def test_help_shows_limits_and_defaults(capsys):
    assert cli.main(["measure-it", "--help"]) == 0
    told = capsys.readouterr().out
    assert "what to measure" in told
    assert "from 1 to 9; 3 unless given" in told


def test_training_joins_without_being_imported_for_a_path(tmp_path, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    path = tmp_path / "a.dcm"
    path.write_bytes(b"")
    kept = {
        name: sys.modules.pop(name) for name in tuple(sys.modules) if name.startswith("medviewer.training")
    }
    try:
        assert cli.main([str(path)], lambda paths, demo: 0) == 0
        assert not any(name.startswith("medviewer.training") for name in sys.modules)
    finally:
        sys.modules.update(kept)


def test_train_and_evaluate_are_there(capsys):
    for command in ("train", "evaluate"):
        assert cli.main([command, "--help"]) == 0
        assert f"usage: medviewer {command}" in capsys.readouterr().out
