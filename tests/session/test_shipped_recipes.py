"""The recipes that come with the program: each can be applied, and gives the same in window and terminal."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from medviewer.cli.main import main
from medviewer.core.study import Series
from medviewer.imaging.pictures import read_picture
from medviewer.kit.paths import resource
from medviewer.session.fitting_recipes import fitting_recipes
from medviewer.session.recipe_files import LONGEST_NAME, read_file
from medviewer.session.recipes import Source, all_recipes
from medviewer.session.session import Session

FILES = sorted(resource("recipes").glob("*.json"))
CHEST = resource("samples/images/ct-chest")
RADIOGRAPH = resource("samples/images/radiograph")


def test_there_are_starting_points_for_each_kind_of_picture() -> None:
    names = " ".join(one.name for one in all_recipes() if one.source is Source.SHIPPED)
    for words in ("CT lung", "CT brain", "CT bone", "MR", "Mammography", "Chest X-ray", "Ultrasound"):
        assert words in names
    assert len(FILES) == len(all_recipes())  # none was left out


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_recipe_is_intact_complete_and_says_what_it_costs(path: Path) -> None:
    found = read_file(path)
    assert found.is_intact
    assert found.format == 2
    assert 3 < len(found.pipeline.name) <= LONGEST_NAME
    assert len(found.pipeline.description) > 60
    written = json.loads(path.read_text(encoding="utf-8"))
    for step, said in zip(found.pipeline.steps, written["steps"], strict=True):
        # another default of an operation in a later version does not change what is in the file
        assert dict(step.values) == said["values"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_recipe_makes_the_same_picture_in_window_and_terminal(path: Path, tmp_path: Path) -> None:
    source, index = (CHEST, 15) if path.stem.startswith(("ct", "mr")) else (RADIOGRAPH, 0)
    session = Session()
    session.run("study.open", paths=(source,))
    session.run("view.goto", index=index)
    original = session.rendering.draw(0, None).picture.pixels
    session.run("recipe.apply", name=read_file(path).pipeline.name)
    shown = session.rendering.draw(0, None).picture.pixels
    session.close()

    out = tmp_path / "out"
    words = ["enhance", str(source), "-o", str(out), "--recipe", str(path), "--frame", str(index)]
    assert main(words) == 0
    made = read_picture(out / f"{index:04d}.png")
    assert np.array_equal(made, shown)
    assert not np.array_equal(made, original)


@pytest.mark.parametrize(
    ("part", "offered", "left_out"),
    [
        ("CHEST", "CT lung", "CT brain"),
        ("HEAD", "CT brain", "CT lung"),
        ("", "CT lung", "Ultrasound"),
        ("ABDOMENPELVIS", "CT bone", "CT lung"),
    ],
)
def test_the_recipes_offered_for_a_series_fit_its_modality_and_its_body_part(
    part: str, offered: str, left_out: str
) -> None:
    series = Series("key", "1.2", "study", modality="CT", body_part=part)
    names = [one.name for one in fitting_recipes(series)]
    assert any(name.startswith(offered) for name in names)
    assert not any(name.startswith(left_out) for name in names)
    assert "Local contrast (CLAHE)" in names
