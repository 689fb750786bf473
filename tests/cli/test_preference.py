"""``medviewer preference results``: rankings and answers in a terminal."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from medviewer.cli.main import main
from medviewer.session.preference.journal import PLAN
from medviewer.session.recipes import recipe_names
from medviewer.session.session import Session
from tests import factories


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study with six answers."""
    session = Session()
    factories.ct(tmp_path / "ct", slices=6)
    session.run("study.open", paths=(tmp_path / "ct",))
    session.run(
        "preference.new", recipes=("", recipe_names()[0]), series=(session.view.current.series,), seed=1
    )
    folder = session.preference.kept.folder
    for choice in ("left", "right", "left", "none", "right", "left"):
        session.preference.stand()
        session.run("preference.answer", choice=choice)
    session.close()
    return folder


def test_the_ranking_is_told_in_words(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preference", "results", str(study)]) == 0
    told = capsys.readouterr().out
    assert recipe_names()[0] in told
    assert "Original" in told
    assert "6 of 6 pairs are answered." in told


def test_answers_and_ranking_come_as_tables(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preference", "results", str(study / PLAN), "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [one["answer"] for one in rows] == ["left", "right", "left", "none", "right", "left"]
    assert main(["preference", "results", str(study.parent), "--csv", "ranking"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {one["recipe"] for one in rows} == {"Original", recipe_names()[0]}


def test_programs_get_json(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preference", "results", str(study), "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["answers"] == 6
    assert len(found["ranking"]) == 2


def test_a_folder_without_a_study_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preference", "results", str(tmp_path)]) == 1
    assert "holds no preference study" in capsys.readouterr().err
