"""What a method finds comes into a label: the right one, on the right pictures, never a locked one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.core.pipeline import Pipeline, Step
from medviewer.kit.errors import BadValue, SeriesTrouble
from medviewer.session.segmenting.combining import Into, Mode, combined
from medviewer.session.session import Session
from tests import factories
from tests.session.segmenting.readings import groups, reading, told


def values(session: Session) -> NDArray[np.float32]:
    """Modality values of the stack, (slice, row, column)."""
    key = session.view.current.series
    series = session.series(key)
    assert series is not None
    return np.stack([session.frames.load(key, at).values() for at in range(series.count)])


def marked(session: Session, value: int = 1, group: int = 0) -> NDArray[np.bool_]:
    found = groups(session)[group].slices
    return np.stack([np.zeros((64, 64), bool) if one is None else one == value for one in found])


def slow(before: NDArray[np.uint8], mask: NDArray[np.bool_], into: Into) -> NDArray[np.uint8]:
    """Pixel by pixel, as one would say it."""
    after = before.copy()
    for at in np.ndindex(before.shape):
        own = bool(before[at] == into.value)
        wanted = {
            Mode.REPLACE: bool(mask[at]),
            Mode.ADD: own or bool(mask[at]),
            Mode.SUBTRACT: own and not mask[at],
            Mode.INTERSECT: own and bool(mask[at]),
        }[into.mode]
        if wanted and before[at] not in into.kept:
            after[at] = into.value
        elif own:
            after[at] = 0
    return after


@pytest.mark.parametrize("mode", list(Mode))
def test_a_mask_comes_into_a_slice_as_the_plain_words_say(mode: Mode) -> None:
    random = np.random.default_rng(7)
    for _ in range(40):
        before = random.integers(0, 4, (6, 7)).astype(np.uint8)
        mask = random.random((6, 7)) < 0.5
        into = Into(2, mode, frozenset(random.choice([1, 3], random.integers(0, 3), replace=False).tolist()))
        after = combined(before, mask, into)
        expected = slow(before, mask, into)
        assert after is None if not expected.any() else np.array_equal(after, expected)


def test_a_method_marks_the_whole_stack_in_a_new_label_and_undo_takes_it_back(session: Session) -> None:
    session.run("segment.run", method="threshold", values={"low": 200, "high": 2000}, name="Dense")
    (group,) = groups(session)
    assert [one.name for one in group.labels] == ["Dense"]
    assert np.array_equal(marked(session), (values(session) >= 200) & (values(session) <= 2000))
    assert (session.view.group, session.view.label) == (group.id, 1)
    assert session.state.undo_label == "Threshold"
    session.run("edit.undo")
    assert groups(session) == ()


def test_on_the_shown_slice_it_marks_that_slice_only(session: Session) -> None:
    session.run("view.goto", index=3)
    session.run("segment.run", method="threshold", values={"low": 0, "high": 2000}, scope="slice")
    assert [at for at, one in enumerate(groups(session)[0].slices) if one is not None] == [3]


@pytest.mark.parametrize("mode", ["add", "subtract", "intersect", "replace"])
def test_it_adds_to_subtracts_from_and_intersects_the_label_worked_on(session: Session, mode: str) -> None:
    session.run("segment.run", method="threshold", values={"low": 0, "high": 100})
    session.run("segment.run", method="threshold", values={"low": 50, "high": 400}, into="label", mode=mode)
    found = values(session)
    one, two = (found >= 0) & (found <= 100), (found >= 50) & (found <= 400)
    expected = {"add": one | two, "subtract": one & ~two, "intersect": one & two, "replace": two}[mode]
    assert np.array_equal(marked(session), expected)


def test_a_locked_label_is_left_as_it_is_and_gives_nothing_to_others(session: Session) -> None:
    session.run("segment.run", method="threshold", values={"low": 200, "high": 2000}, name="Dense")
    session.run("labels.lock", locked=True)
    kept = marked(session)
    with pytest.raises(BadValue, match="Dense is locked"):
        session.run("segment.run", method="otsu", into="label")
    with pytest.raises(BadValue, match="Dense is locked"):
        session.run("segment.clean", step="grow")
    session.run("labels.add", name="All")
    session.run("segment.run", method="threshold", values={"low": -3000, "high": 3000}, into="label")
    assert np.array_equal(marked(session, 1), kept)
    assert np.array_equal(marked(session, 2), ~kept)


def test_a_new_label_takes_nothing_from_those_that_are_there(session: Session) -> None:
    session.run("segment.run", method="threshold", values={"low": 200, "high": 2000}, name="Dense")
    before = marked(session)
    session.run("segment.run", method="threshold", values={"low": 0, "high": 2000}, name="Body")
    session.run("labels.choose", value=1, group=groups(session)[0].id)
    session.run("segment.run", method="threshold", values={"low": -3000, "high": -500}, name="Air")
    assert [[one.name for one in group.labels] for group in groups(session)] == [["Dense", "Air"], ["Body"]]
    assert np.array_equal(marked(session), before)


def test_a_region_grows_from_a_seed_in_the_patient_and_the_seed_can_be_undone(session: Session) -> None:
    found = values(session)
    at = tuple(int(one) for one in np.argwhere(found == found.max())[0])
    plane = session.series(session.view.current.series).frames[at[0]].plane
    with pytest.raises(BadValue, match="needs a seed"):
        session.run("segment.run", method="region_growing")
    session.run("segment.seed", position=plane.to_patient(at[1], at[2]))
    assert session.state.undo_label == "Set seed"
    session.run("segment.run", method="region_growing", values={"below": 5, "above": 5})
    grown = marked(session)
    assert grown[at]
    assert set(np.unique(found[grown])) <= set(range(int(found.max()) - 200, int(found.max()) + 1))
    session.run("edit.undo")
    session.run("edit.undo")
    assert reading(session).seeds == ()


def test_seeds_are_set_once_and_the_nearest_one_is_removed(session: Session) -> None:
    for x in (0.0, 0.0, 10.0):
        session.run("segment.seed", position=(x, 0.0, 4.0))
    session.run("segment.seed", position=(20.0, 0.0, 4.0), inside=False)
    assert [(one.position[0], one.inside) for one in reading(session).seeds] == [
        (0.0, True),
        (10.0, True),
        (20.0, False),
    ]
    session.run("segment.remove_seed", position=(11.0, 0.0, 4.0))
    assert [one.position[0] for one in reading(session).seeds] == [0.0, 20.0]
    session.run("segment.clear_seeds")
    assert reading(session).seeds == ()


def test_enhancement_changes_nothing_of_what_is_found(session: Session) -> None:
    session.run("segment.run", method="threshold", values={"low": 0, "high": 100})
    plain = marked(session)
    session.run("edit.undo")
    session.run("enhance.add", operation="clahe")
    assert reading(session).pipeline != Pipeline()
    assert isinstance(reading(session).pipeline.steps[0], Step)
    session.run("segment.run", method="threshold", values={"low": 0, "high": 100})
    assert np.array_equal(marked(session), plain)


def test_cleaning_works_on_the_label_and_on_no_other(session: Session) -> None:
    session.run("segment.run", method="threshold", values={"low": 200, "high": 2000}, name="Dense")
    session.run("segment.run", method="threshold", values={"low": -3000, "high": -500}, name="Air")
    dense, air = marked(session, 1), marked(session, 2)
    session.run("segment.clean", step="shrink", values={"by_mm": 1.0}, value=1)
    assert 0 < np.count_nonzero(marked(session, 1)) < np.count_nonzero(dense)
    assert not (marked(session, 1) & ~dense).any()
    assert np.array_equal(marked(session, 2), air)
    assert session.state.undo_label == "Shrink"


@pytest.mark.parametrize("operation", ["copy", "add", "subtract", "intersect"])
def test_labels_of_different_groups_are_combined(session: Session, operation: str) -> None:
    session.run("segment.run", method="threshold", values={"low": 0, "high": 100}, name="One")
    session.run("segment.run", method="threshold", values={"low": 30, "high": 400}, name="Two")
    one, two = marked(session), marked(session, group=1)
    first, second = groups(session)
    session.run("labels.choose", value=1, group=first.id)
    session.run("segment.combine", operation=operation, other=1, other_group=second.id)
    expected = {"copy": two, "add": one | two, "subtract": one & ~two, "intersect": one & two}[operation]
    assert np.array_equal(marked(session), expected)
    assert np.array_equal(marked(session, group=1), two)


def test_what_cannot_be_done_is_said_in_words(session: Session, tmp_path: Path) -> None:
    session.run("segment.run", method="threshold", values={"low": 3000, "high": 3001})
    assert any("found nothing" in one for one in told(session))
    assert groups(session) == ()
    session.run("plane.show", name="coronal")
    with pytest.raises(BadValue, match="cannot hold labels"):
        session.run("segment.run", method="otsu", scope="slice")
    session.run("labels.add")
    with pytest.raises(BadValue, match="with itself"):
        session.run("segment.combine", operation="add", other=1)


def test_a_plane_through_the_stack_can_be_seeded_and_the_stack_is_marked(session: Session) -> None:
    session.run("plane.show", name="coronal")
    session.run("segment.seed", position=(0.0, 0.0, 6.0))
    session.run("segment.run", method="region_growing")
    assert marked(session).any()


def test_pictures_that_form_no_stack_are_worked_on_one_by_one(tmp_path: Path) -> None:
    one = Session()
    gap = factories.ct(tmp_path / "gap", slices=9, missing=(3, 4, 5))
    turned = factories.ct(tmp_path / "gap2", slices=1, orientation=(0, 1, 0, 0, 0, -1), series="1")
    one.run("study.open", paths=(*gap, *turned))
    series = one.series(one.view.current.series)
    if one.frames.geometry(series) is None:
        one.run("segment.run", method="otsu")
        assert any("form no stack" in words for words in told(one))
    one.run("segment.run", method="otsu", scope="slice")
    assert groups(one)
    one.close()


def test_uneven_slices_take_what_was_found_nearest_to_them(tmp_path: Path) -> None:
    one = Session()

    def moved(at: int, data) -> None:  # type: ignore[no-untyped-def]
        data.ImagePositionPatient = [-32, -32, [0, 2, 4, 6.7, 9, 11, 13, 15][at]]

    one.run("study.open", paths=tuple(factories.ct(tmp_path / "ct", slices=8, edit=moved)))
    series = one.series(one.view.current.series)
    geometry = one.frames.geometry(series)
    if geometry is None or geometry.shape[0] == series.count:
        pytest.skip("this stack is not resampled")
    one.run("segment.run", method="threshold", values={"low": 200, "high": 2000})
    found, expected = marked(one), values(one) >= 200
    overlap = 2 * np.count_nonzero(found & expected) / (np.count_nonzero(found) + np.count_nonzero(expected))
    assert overlap > 0.9
    one.close()


def test_trying_settings_marks_nothing_and_shows_what_running_would_mark(session: Session) -> None:
    session.run("view.goto", index=4)
    before = session.state.document
    session.run("segment.try", method="threshold", values={"low": 200, "high": 2000})
    tried = session.view.preview
    assert tried is not None
    assert np.array_equal(tried.mask > 0, values(session)[4] >= 200)
    assert session.state.document is before
    plain = session.rendering.draw(0, None).picture.pixels
    session.run("segment.try_end")
    assert session.view.preview is None
    without = session.rendering.draw(0, None).picture.pixels
    assert plain.ndim == 3
    assert without.ndim == 2
    with pytest.raises(BadValue, match="too long"):
        session.run("segment.try", method="random_walker")


def test_settings_are_tried_on_a_plane_through_the_stack_too(session: Session) -> None:
    session.run("plane.show", name="coronal")
    session.run("segment.try", method="threshold", values={"low": 0, "high": 2000})
    tried = session.view.preview
    frame = session.rendering.frame(session.view.current)
    assert tried is not None
    assert frame is not None
    assert tried.mask.shape == frame.pixels.shape
    assert session.rendering.draw(0, None).picture.pixels.ndim == 3


def test_a_method_that_needs_hounsfield_units_refuses_others_in_words(tmp_path: Path) -> None:
    one = Session()
    one.run("study.open", paths=tuple(factories.mr(tmp_path / "mr")))
    one.run("segment.preset", name="lungs")
    assert any("needs values in HU" in words for words in told(one))
    assert groups(one) == ()
    one.close()


def test_presets_carry_their_name_and_meaning(session: Session) -> None:
    session.run("segment.preset", name="bone")
    (group,) = groups(session)
    (label,) = group.labels
    assert label.name == "Bone"
    assert label.meaning is not None
    assert label.category is not None
    assert label.meaning.scheme == "SCT"
    assert SeriesTrouble.__name__  # the error of stacks that are none


def test_the_numbers_of_all_labels_come_into_a_table(session: Session, tmp_path: Path) -> None:
    session.run("segment.run", method="threshold", values={"low": 200, "high": 2000}, name="Dense")
    target = tmp_path / "labels.csv"
    session.run("labels.save_numbers", path=target)
    head, line = target.read_text(encoding="utf-8-sig").strip().splitlines()
    cells = dict(zip(head.split(","), line.split(","), strict=False))
    inside = values(session)[marked(session)]
    assert cells["label"] == "Dense"
    assert float(cells["volume [ml]"]) == pytest.approx(inside.size * 2.0 / 1000)
    assert float(cells["mean"]) == pytest.approx(float(inside.mean()), rel=1e-6)
    assert int(cells["voxels"]) == inside.size
