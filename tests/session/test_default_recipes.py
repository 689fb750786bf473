"""Default recipes: put on what the reader has not touched, never on what was cleared, easily taken off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from medviewer.cli.main import main
from medviewer.core.pipeline import Pipeline
from medviewer.imaging.pictures import read_picture
from medviewer.session.defaults import Kind, is_by_default, rules
from medviewer.session.facts import bare_words, recipe_words
from medviewer.session.session import Session
from tests import factories

EDGES = "Edges over the picture"
BONE = "CT bone: cortex and trabeculae"


@pytest.fixture
def chest(tmp_path: Path) -> Path:
    factories.ct(tmp_path / "chest", slices=3, BodyPartExamined="CHEST")
    return tmp_path / "chest"


@pytest.fixture
def chosen(session: Session, chest: Path) -> Path:
    """A CT of the chest whose kind has a default; the study was closed again."""
    session.run("study.open", paths=(chest,))
    session.run("recipe.default", name=EDGES)
    session.run("study.close")
    return chest


def stack(session: Session) -> Pipeline:
    return session.rendering.pipeline(session.view.current.series)


def again(*paths: Path) -> Session:
    """Another start of the program, with some paths open."""
    session = Session()
    session.run("study.open", paths=paths)
    return session


def test_nothing_is_assigned_until_somebody_does(session: Session, chest: Path) -> None:
    session.run("study.open", paths=(chest,))
    assert rules() == {}
    assert stack(session) == Pipeline()


def test_a_series_begins_with_the_default_of_its_kind_and_says_so(chosen: Path) -> None:
    session = again(chosen)
    assert stack(session).name == EDGES
    series = session.series(session.view.current.series)
    assert is_by_default(session, series)
    assert EDGES in recipe_words(session.rendering.shown_pipeline(0), stack(session))
    assert session.state.undo_label == ""
    session.close()


def test_a_default_that_was_cleared_stays_cleared(chosen: Path) -> None:
    session = again(chosen)
    session.run("enhance.clear")
    session.close()
    session = again(chosen)
    assert stack(session) == Pipeline()
    session.run("study.close")
    session.run("study.open", paths=(chosen,))
    assert stack(session) == Pipeline()
    session.close()


def test_undo_of_clearing_brings_the_default_back(chosen: Path) -> None:
    session = again(chosen)
    session.run("enhance.clear")
    session.run("edit.undo")
    assert stack(session).name == EDGES
    assert is_by_default(session, session.series(session.view.current.series))
    session.close()


def test_a_stack_of_the_readers_own_is_never_replaced(session: Session, chest: Path) -> None:
    session.run("study.open", paths=(chest,))
    session.run("enhance.add", operation="gamma")
    session.run("recipe.default", name=EDGES)
    assert [step.operation for step in stack(session).steps] == ["gamma"]
    session.close()
    later = again(chest)
    assert [step.operation for step in stack(later).steps] == ["gamma"]
    later.close()


def test_other_work_on_a_series_does_not_end_its_default(chosen: Path) -> None:
    session = again(chosen)
    plane = session.rendering.plane(session.view.current)
    session.run("annotate.add", shape="length", points=(plane.to_patient(1, 1), plane.to_patient(9, 9)))
    session.close()
    session = again(chosen)
    assert is_by_default(session, session.series(session.view.current.series))
    session.run("recipe.default")  # the rule is gone, and with it what it did
    assert stack(session) == Pipeline()
    session.run("edit.undo")
    assert stack(session).name == EDGES
    session.close()


def test_the_body_part_goes_before_the_modality_and_only_tags_count(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "c", slices=2, series="1", BodyPartExamined="CHEST")
    factories.ct(tmp_path / "h", slices=2, series="2", BodyPartExamined="HEAD", study="2")
    factories.ct(tmp_path / "n", slices=2, series="3", SeriesDescription="CHEST", study="3")
    factories.mr(tmp_path / "m", slices=2, series="4", study="4")
    session.run("study.open", paths=(tmp_path / "c",))
    session.run("recipe.default", name=EDGES)
    session.run("recipe.default", name=BONE, every_part=True)
    assert rules() == {Kind("CT", "CHEST"): EDGES, Kind("CT"): BONE}
    session.run("study.open", paths=(tmp_path,))
    names = {
        f"{one.modality} {one.body_part} {one.description}".strip(): session.rendering.pipeline(one.key).name
        for study in session.state.studies
        for one in study.series
    }
    by_kind = {words.split()[1] if " " in words else words: name for words, name in names.items()}
    assert by_kind["CHEST"] in (EDGES, BONE)
    for study in session.state.studies:
        for one in study.series:
            expected = {"CHEST": EDGES}.get(one.body_part, BONE) if one.modality == "CT" else ""
            assert session.rendering.pipeline(one.key).name == expected


def test_the_switch_in_the_preferences_takes_all_defaults_off_and_back(chosen: Path) -> None:
    session = again(chosen)
    session.run("settings.set", use_default_recipes=False)
    assert stack(session) == Pipeline()
    session.close()
    session = again(chosen)
    assert stack(session) == Pipeline()
    session.run("settings.set", use_default_recipes=True)
    assert stack(session).name == EDGES
    session.close()


def test_a_damaged_file_of_rules_is_kept_aside_and_told(own_home: Path, chest: Path) -> None:
    (own_home / "recipe_defaults.json").write_text("[")
    session = again(chest)
    assert rules() == {}
    assert (own_home / "recipe_defaults.json.bad").read_text() == "["
    assert any("recipe_defaults.json" in one.message for one in session.state.notices)
    session.close()


def test_a_default_whose_recipe_is_gone_is_told_and_the_original_is_shown(
    own_home: Path, session: Session, chest: Path
) -> None:
    session.run("study.open", paths=(chest,))
    session.run("recipe.duplicate", name=EDGES, to="Mine")
    session.run("recipe.default", name="Mine")
    session.run("study.close")
    rules()[Kind("CT", "CHEST")] = "Gone"
    session.run("study.open", paths=(chest,))
    assert stack(session) == Pipeline()
    assert sum("no longer there" in one.message for one in session.state.notices) == 1


def test_terminals_apply_a_default_only_when_asked(
    chosen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def render(name: str, *words: str) -> np.ndarray:
        out = tmp_path / f"{name}.png"
        assert main(["render", str(chosen), "--raw", "-o", str(out), *words]) == 0
        return read_picture(out)

    plain, edges = render("plain"), render("edges", "--recipe", EDGES)
    assert not np.array_equal(plain, edges)
    assert np.array_equal(render("default", "--default"), edges)
    assert main(["enhance", str(chosen), "-o", str(tmp_path / "out"), "--default", "--frame", "0"]) == 0
    assert np.array_equal(read_picture(tmp_path / "out" / "0000.png"), edges)
    assert Pipeline.from_json((tmp_path / "out" / "recipe.json").read_text()).name == EDGES
    factories.mr(tmp_path / "mr", slices=2)
    both = ["enhance", str(tmp_path), "-o", str(tmp_path / "both"), "--default"]
    assert main(both) == 0
    assert "1 of 2 series have no default recipe" in capsys.readouterr().err
    there = sorted(path.name for path in (tmp_path / "both").rglob("*") if path.is_file())
    assert there == ["0000.png", "0001.png", "0002.png", "recipe.json"]
    assert main([*both, "--resume"]) == 0
    assert "stood there already" in capsys.readouterr().out
    assert main(["enhance", str(tmp_path / "mr"), "-o", str(tmp_path / "o2"), "--default"]) == 2
    assert "default recipe" in capsys.readouterr().err


@pytest.mark.rule("P-56")
def test_what_was_enhanced_and_written_is_not_enhanced_again_by_default_nor_called_original(
    session: Session, chosen: Path, tmp_path: Path
) -> None:
    session.run("study.open", paths=(chosen,))
    source = session.series(session.view.current.series)
    assert source is not None
    session.run("series.apply", folder=tmp_path / "made", recipe=BONE)
    made = session.series(session.view.viewports[1].series)
    assert made is not None
    assert made.key != source.key
    assert session.rendering.pipeline(source.key).name == EDGES
    assert session.rendering.pipeline(made.key) == Pipeline()
    assert (bare_words(source), bare_words(made)) == ("Original", "As in the file")
