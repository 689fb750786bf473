"""The list of recipes: nothing is overwritten unasked, everything can be undone, files are what they say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from medviewer.core.pipeline import Pipeline, Step
from medviewer.kit.errors import BadValue, FileTrouble
from medviewer.session.recipe_files import file_stem, own_file, read_file, tidy, write_recipe
from medviewer.session.recipes import Library, Source, all_recipes, find, free_name, library
from medviewer.session.session import Session
from tests import factories


@pytest.fixture
def ct(session: Session, tmp_path: Path) -> Session:
    """A CT and two MR of one study, and a CT of another; the first CT has one step."""
    factories.ct(tmp_path / "s" / "a", slices=3, series="1", BodyPartExamined="CHEST")
    factories.mr(tmp_path / "s" / "b", slices=3, series="2")
    factories.ct(tmp_path / "s" / "c", slices=3, series="3")
    factories.ct(tmp_path / "s" / "d", slices=3, series="4", study="2", patient="P2")
    session.run("study.open", paths=(tmp_path / "s",))
    keys = [one.key for study in session.state.studies for one in study.series if one.body_part == "CHEST"]
    session.run("view.show", series=keys[0])
    session.run("enhance.add", operation="gamma")
    return session


def own() -> list[str]:
    return [one.name for one in all_recipes() if one.source is Source.OWN]


def on_disk(home: Path) -> list[str]:
    return sorted(json.loads(path.read_text())["name"] for path in (home / "recipes").glob("*.json"))


def stacks(session: Session) -> dict[str, tuple[str, ...]]:
    document = session.state.document
    return {
        f"{one.modality} {one.uid}": tuple(
            step.operation for step in document.reading(one.key).pipeline.steps
        )
        for study in session.state.studies
        for one in study.series
    }


def told(session: Session) -> str:
    return " ".join(f"{one.message} {one.advice}" for one in session.state.notices)


@pytest.mark.parametrize("name", ["肺のレシピ", "рентген", "صدر", "a/b: c?", "CON", "🫁" * 80, "e\u0301te"])
def test_a_recipe_is_called_as_the_reader_likes_in_any_script(ct: Session, own_home: Path, name: str) -> None:
    ct.run("recipe.save", name=name)
    assert own() == [tidy(name)]
    again = Library(own_home / "recipes")
    assert [one.name for one in again.recipes if one.source is Source.OWN] == [tidy(name)]
    assert again.troubles == ()


def test_names_that_a_disk_takes_for_one_have_files_of_their_own() -> None:
    assert own_file("a/b") != own_file("a:b")
    assert own_file("Lung").lower() == own_file("lung")  # and are one recipe
    assert len(own_file("🫁" * 80).encode()) < 200
    assert file_stem("..") == "__"
    assert tidy("a\u202eb\n c\x00") == "ab c"


def test_saving_under_a_name_that_is_taken_offers_another_one(ct: Session) -> None:
    ct.run("recipe.save", name="Lung")
    ct.run("enhance.add", operation="clahe")
    with pytest.raises(BadValue, match="LUNG|Lung") as refused:
        ct.run("recipe.save", name="LUNG")
    assert "LUNG 2" in refused.value.advice
    assert len(find("lung").pipeline.steps) == 1


def test_replacing_a_recipe_is_asked_for_and_undone_with_one_undo(ct: Session, own_home: Path) -> None:
    ct.run("recipe.save", name="Lung", description="first")
    ct.run("enhance.add", operation="clahe")
    ct.run("recipe.save", name="Lung", instead=True)
    assert len(find("Lung").pipeline.steps) == 2
    ct.run("edit.undo")
    assert find("Lung").pipeline.description == "first"
    assert len(find("Lung").pipeline.steps) == 1
    ct.run("edit.redo")
    assert len(find("Lung").pipeline.steps) == 2
    assert on_disk(own_home) == ["Lung"]


def test_a_shipped_recipe_is_copied_and_never_changed(ct: Session) -> None:
    shipped = all_recipes()[0]
    for command, values in (
        ("recipe.rename", {"to": "Mine"}),
        ("recipe.describe", {"description": "x"}),
        ("recipe.delete", {}),
    ):
        with pytest.raises(BadValue, match="comes with medviewer"):
            ct.run(command, name=shipped.name, **values)
    with pytest.raises(BadValue, match="comes with medviewer"):
        ct.run("recipe.save", name=shipped.name, instead=True)
    copy = ct.run("recipe.duplicate", name=shipped.name)
    assert copy == f"{shipped.name} 2"
    assert find(copy).pipeline.steps == shipped.pipeline.steps
    assert own() == [copy]


def test_a_recipe_that_was_deleted_comes_back_with_undo_and_its_defaults_too(
    ct: Session, own_home: Path
) -> None:
    ct.run("recipe.save", name="Lung", description="mine")
    ct.run("recipe.default", name="Lung")
    ct.run("recipe.delete", name="Lung")
    assert (own(), on_disk(own_home)) == ([], [])
    assert json.loads((own_home / "recipe_defaults.json").read_text())["rules"] == []
    ct.run("edit.undo")
    assert on_disk(own_home) == ["Lung"]
    assert find("Lung").pipeline.description == "mine"
    assert json.loads((own_home / "recipe_defaults.json").read_text())["rules"][0]["recipe"] == "Lung"


def test_a_renamed_recipe_is_called_so_wherever_it_is_used(ct: Session, own_home: Path) -> None:
    ct.run("recipe.save", name="Lung")
    ct.run("recipe.default", name="Lung")
    ct.run("recipe.rename", name="Lung", to="Chest")
    assert ct.rendering.pipeline(ct.view.current.series).name == "Chest"
    assert on_disk(own_home) == ["Chest"]
    assert json.loads((own_home / "recipe_defaults.json").read_text())["rules"][0]["recipe"] == "Chest"
    ct.run("recipe.duplicate", name="Chest", to="Other")
    with pytest.raises(BadValue, match="already"):
        ct.run("recipe.rename", name="Chest", to="OTHER")
    ct.run("recipe.rename", name="Chest", to="CHEST")  # the same name in capitals is no other recipe
    assert own() == ["CHEST", "Other"]
    for _ in range(3):
        ct.run("edit.undo")
    assert ct.rendering.pipeline(ct.view.current.series).name == "Lung"
    assert on_disk(own_home) == ["Lung"]


def test_one_recipe_goes_on_all_series_like_this_one_and_one_undo_takes_it_back(ct: Session) -> None:
    before = stacks(ct)
    ct.run("recipe.apply", name="Edges over the picture", to="like")
    study = ct.study_of(ct.view.current.series)
    for series in study.series:
        expected = ("gaussian", "sobel") if series.modality == "CT" else ()
        assert stacks(ct)[f"{series.modality} {series.uid}"] == expected
    assert sum(bool(steps) for steps in stacks(ct).values()) == 2  # not in the other study
    assert ct.state.undo_label == "Recipe Edges over the picture on 2 series"
    ct.run("edit.undo")
    assert stacks(ct) == before


def test_the_stack_of_one_series_goes_on_every_open_one(ct: Session) -> None:
    ct.run("enhance.spread", to="open")
    assert set(stacks(ct).values()) == {("gamma",)}
    ct.run("edit.undo")
    assert sum(bool(steps) for steps in stacks(ct).values()) == 1


def test_a_recipe_in_this_viewport_only_leaves_the_series_and_the_other_viewports_alone(ct: Session) -> None:
    ct.run("view.layout", rows=1, columns=2)
    ct.run("view.show", series=ct.view.viewports[0].series, viewport=1)
    ct.run("recipe.apply", name="Edges over the picture", to="viewport")
    assert ct.rendering.shown_pipeline(1).name == "Edges over the picture"
    assert [step.operation for step in ct.rendering.shown_pipeline(0).steps] == ["gamma"]
    assert [step.operation for step in ct.rendering.pipeline(ct.view.current.series).steps] == ["gamma"]
    ct.run("recipe.here")
    assert [step.operation for step in ct.rendering.shown_pipeline(1).steps] == ["gamma"]


def test_an_exported_recipe_says_who_wrote_it_and_is_read_back_as_it_was(ct: Session, tmp_path: Path) -> None:
    ct.run("enhance.add", operation="clahe")
    ct.run("enhance.toggle", step=1)
    ct.run("recipe.save", name="Lung", description="words")
    ct.run("recipe.export", path=tmp_path / "x.json")
    found = read_file(tmp_path / "x.json")
    assert found.pipeline == find("Lung").pipeline
    assert found.is_intact
    assert found.by.startswith("medviewer ")
    assert len(json.loads((tmp_path / "x.json").read_text())["sha256"]) == 64


def test_a_recipe_changed_by_hand_is_told_and_taken(ct: Session, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    write_recipe(path, Pipeline((Step.of("gamma", {"exponent": 0.5}, on=False),), "Hand"))
    path.write_text(path.read_text().replace("0.5", "0.6"))
    ct.run("recipe.import", path=path)
    assert "changed by hand" in told(ct)
    assert dict(ct.rendering.pipeline(ct.view.current.series).steps[0].values) == {"exponent": 0.6}
    assert "Hand" in own()


def test_an_imported_recipe_takes_a_free_name_and_the_one_of_that_name_stays(
    ct: Session, tmp_path: Path
) -> None:
    ct.run("recipe.save", name="Lung")
    write_recipe(tmp_path / "x.json", Pipeline((Step.of("clahe"),), "Lung"))
    ct.run("recipe.import", path=tmp_path / "x.json")
    assert own() == ["Lung", "Lung 2"]
    assert "Lung 2" in told(ct)
    ct.run("recipe.export", path=tmp_path / "y.json")
    ct.run("recipe.import", path=tmp_path / "y.json")  # the very same again is no third one
    assert own() == ["Lung", "Lung 2"]
    ct.run("edit.undo")
    assert own() == ["Lung"]


WRONG = {
    "another operation": ({"operation": "magic", "values": {}}, "Step 1 of x.json is 'magic'"),
    "out of limits": ({"operation": "gamma", "values": {"exponent": 99}}, "Step 1 of x.json, Gamma"),
    "another value": ({"operation": "gamma", "values": {"depth": 1}}, "'depth'"),
}


@pytest.mark.parametrize(("step", "words"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_applied_is_named(ct: Session, tmp_path: Path, step: dict, words: str) -> None:
    content = {"medviewer_recipe": 2, "name": "X", "steps": [step], "sha256": ""}
    (tmp_path / "x.json").write_text(json.dumps(content))
    ct.run("recipe.import", path=tmp_path / "x.json")
    assert words in told(ct)
    assert own() == []
    with pytest.raises(BadValue):
        read_file(tmp_path / "x.json")


def test_a_recipe_of_a_newer_medviewer_is_told(ct: Session, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"medviewer_recipe": 9, "steps": []}')
    ct.run("recipe.import", path=tmp_path / "x.json")
    assert "saved by a newer medviewer" in told(ct)


def test_a_recipe_of_the_first_format_is_still_read(tmp_path: Path) -> None:
    old = {
        "medviewer_recipe": 1,
        "name": "Old",
        "description": "",
        "steps": [{"operation": "gamma", "values": {"exponent": 0.7}, "on": True}],
        "sha256": Pipeline((Step.of("gamma", {"exponent": 0.7}),)).digest,
    }
    path = tmp_path / "Old.json"
    path.write_text(json.dumps(old), encoding="utf-8-sig")  # with the mark that editors on Windows write
    assert read_file(path).is_intact
    old["steps"][0]["values"]["exponent"] = 0.8
    path.write_text(json.dumps(old))
    assert not read_file(path).is_intact


def test_files_that_others_put_into_the_folder_are_seen_and_bad_ones_are_named(own_home: Path) -> None:
    there = library()
    assert own() == []
    write_recipe(there.folder / "brought.json", Pipeline((Step.of("gamma"),)))
    (there.folder / "broken.json").write_text("{")
    assert own() == []  # the list touches no disk
    assert there.look()
    assert own() == ["brought"]
    assert len(there.troubles) == 1
    assert "broken.json" in there.troubles[0]
    assert not there.look()


def test_a_file_called_as_another_recipe_hides_none_and_stays_when_that_one_goes(
    ct: Session, own_home: Path
) -> None:
    ct.run("recipe.save", name="Chest")
    theirs = own_home / "recipes" / "a colleague's.json"
    write_recipe(theirs, Pipeline((Step.of("median"),), "CHEST"))
    before = theirs.read_bytes()
    library().look()
    assert own() == ["Chest", "CHEST 2"]
    ct.run("enhance.add", operation="clahe")
    ct.run("recipe.save", name="Chest", instead=True)
    assert theirs.read_bytes() == before
    ct.run("recipe.delete", name="Chest")
    library().look()
    assert (own(), on_disk(own_home)) == (["CHEST"], ["CHEST"])


def test_a_disk_that_refuses_is_told_and_the_recipe_is_kept_in_the_window(
    ct: Session, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("medviewer.session.recipe_files.write_atomically", refuse)
        ct.run("recipe.save", name="Lung")
    assert "No space left" in told(ct)
    assert (own(), on_disk(own_home)) == (["Lung"], [])
    ct.run("recipe.duplicate", name="Lung")
    assert on_disk(own_home) == ["Lung", "Lung 2"]


def test_a_free_name_is_never_too_long(ct: Session) -> None:
    ct.run("recipe.save", name="x" * 80)
    assert free_name("x" * 80) == "x" * 78 + " 2"
    with pytest.raises(BadValue, match="cannot be called"):
        ct.run("recipe.save", name="x" * 81)
    with pytest.raises(BadValue, match="cannot be called"):
        ct.run("recipe.save", name=" \u202e ")


def test_a_recipe_that_is_not_there_is_told(ct: Session, tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="no recipe called 'Lung'"):
        ct.run("recipe.apply", name="Lung")
    with pytest.raises(FileTrouble):
        read_file(tmp_path / "nothing.json")


def test_in_the_grid_a_recipe_is_saved_from_its_cell_and_the_series_stays_as_it_is(ct: Session) -> None:
    ct.run("grid.recipes")
    cell = next(at for at, one in enumerate(ct.state.document.grid) if one is not None and one.steps)
    ct.run("view.activate", viewport=cell)
    ct.run("enhance.add", operation="sharpen")
    ct.run("recipe.save", name="From the grid")
    assert ct.state.document.grid[cell].name == "From the grid"
    assert find("From the grid").pipeline.steps[-1].operation == "sharpen"
    assert [step.operation for step in ct.rendering.pipeline(ct.view.current.series).steps] == ["gamma"]
    ct.run("edit.undo")
    assert find("From the grid") is None
    assert ct.state.document.grid[cell].name != "From the grid"


def test_a_recipe_replaced_by_another_window_is_seen_after_a_look(ct: Session, own_home: Path) -> None:
    ct.run("recipe.save", name="Lung")
    other = Library(own_home / "recipes")
    other.put(Pipeline((Step.of("clahe"), Step.of("gamma")), "Lung"))
    other.write()
    library().look()
    assert len(find("Lung").pipeline.steps) == 2
    assert len(list((own_home / "recipes").glob("*.json"))) == 1
