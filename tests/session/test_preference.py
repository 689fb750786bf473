"""A preference study as it runs: kept answer by answer, resumed where it stood, and telling nothing."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from medviewer.core.pipeline import Pipeline
from medviewer.kit.errors import BadValue, FileTrouble
from medviewer.session.blindness import HIDDEN
from medviewer.session.noted import layout_note
from medviewer.session.pictures import Look, snapshots
from medviewer.session.preference import journal
from medviewer.session.preference.journal import ANSWERS, PLAN, Kept
from medviewer.session.preference.plan import Choice, Plan
from medviewer.session.preference.results import labels, ranking_csv, ranking_rows, results, trials_csv
from medviewer.session.recipes import recipe_names
from medviewer.session.scene import scene
from medviewer.session.session import Session
from tests import factories


class Clock:
    """Stands still unless it is told to go on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(session: Session, tmp_path: Path) -> Clock:
    """With a CT of eight slices open, and a clock of its own."""
    factories.ct(tmp_path / "ct", slices=8, PatientName="Hidden^Patient")
    session.run("study.open", paths=(tmp_path / "ct",))
    made = Clock()
    session.preference._clock = made
    return made


def begin(session: Session, **values: object) -> Path:
    names = recipe_names()[:2]
    given = {"recipes": ("", *names), "series": (session.view.current.series,), "every": 4, "seed": 7}
    session.run("preference.new", **given | values)
    return session.preference.kept.folder


def answer(session: Session, clock: Clock, choice: str, seconds: float = 1.5) -> None:
    session.preference.stand()
    clock.now += seconds
    session.run("preference.answer", choice=choice)


def test_a_study_shows_pairs_blind_and_puts_everything_back(session: Session, clock: Clock) -> None:
    session.run("view.layout", rows=1, columns=1)
    session.run("window.set", center=40, width=400)
    before = session.view
    folder = begin(session, trials=4)
    view = session.view
    assert view.blind is not None
    assert (view.blind.number, view.blind.count, view.blind.stands) == (1, 4, False)
    assert (view.layout.rows, view.layout.columns, view.linked) == (1, 2, True)
    trial = session.preference.kept.plan.trials[0]
    recipes = session.preference.kept.plan.recipes
    assert [one.recipe for one in view.viewports[:2]] == [recipes[trial.left], recipes[trial.right]]
    assert view.viewports[0].index == view.viewports[1].index
    assert view.viewports[0].voi == before.current.voi
    for choice in ("left", "right", "none", "left"):
        answer(session, clock, choice)
    assert session.view == before
    assert journal.read(folder).is_done
    assert "complete" in session.state.notices[-1].message


def test_time_counts_from_the_moment_both_pictures_stand_and_not_while_paused(
    session: Session, clock: Clock
) -> None:
    begin(session)
    clock.now += 50  # the pictures are still being made
    with pytest.raises(BadValue, match="not to be seen yet"):
        session.run("preference.answer", choice="left")
    session.preference.stand()
    clock.now += 2
    session.run("preference.pause")
    assert not session.view.blind.stands
    clock.now += 600
    with pytest.raises(BadValue, match="paused"):
        session.run("preference.answer", choice="left")
    session.run("preference.pause")
    answer(session, clock, "right", 0.25)
    assert session.preference.kept.answers[0].ms == 2250
    assert session.preference.kept.answers[0].choice is Choice.RIGHT


def test_every_answer_is_on_the_disk_at_once_and_a_killed_study_goes_on_where_it_stood(
    session: Session, clock: Clock, tmp_path: Path
) -> None:
    folder = begin(session)
    answer(session, clock, "left")
    answer(session, clock, "none")
    wanted = session.preference.kept
    lines = (folder / ANSWERS).read_text().splitlines()
    assert [json.loads(one)["choice"] for one in lines] == ["left", "none"]
    # nobody says goodbye to a process that is killed
    again = Session()
    again.run("study.open", paths=(tmp_path / "ct",))
    again.run("preference.resume", study=folder.name)
    assert again.preference.kept.answers == wanted.answers
    assert again.preference.kept.plan == wanted.plan
    assert again.view.blind.number == 3
    assert [one.recipe for one in again.view.viewports[:2]] == [
        one.recipe for one in session.view.viewports[:2]
    ]
    again.close()


def test_the_last_answer_can_be_taken_back_on_the_disk_too(session: Session, clock: Clock) -> None:
    folder = begin(session)
    with pytest.raises(BadValue, match="Nothing was answered"):
        session.run("preference.undo")
    first = session.view.viewports[:2]
    answer(session, clock, "left")
    session.run("preference.undo")
    assert session.view.viewports[:2] == first
    answer(session, clock, "right")
    assert [one.choice for one in journal.read(folder).answers] == [Choice.RIGHT]


def test_a_damaged_last_line_is_told_left_out_and_kept_beside(session: Session, clock: Clock) -> None:
    folder = begin(session)
    for choice in ("left", "right", "left"):
        answer(session, clock, choice)
    session.run("preference.leave")
    whole = (folder / ANSWERS).read_bytes()
    (folder / ANSWERS).write_bytes(whole[:-9])
    found = journal.read(folder)
    assert len(found.answers) == 2
    assert "last line" in found.remark
    session.run("preference.resume", study=folder.name)
    assert any("last line" in one.message for one in session.state.notices)
    answer(session, clock, "none")
    assert [one.choice.value for one in journal.read(folder).answers] == ["left", "right", "none"]
    assert [one.read_bytes() for one in folder.glob("*.bad")] == [whole[:-9]]


def test_lines_that_do_not_follow_each_other_are_not_counted(session: Session, clock: Clock) -> None:
    folder = begin(session)
    answer(session, clock, "left")
    with open(folder / ANSWERS, "ab") as file:
        file.write(b'{"trial": 7, "choice": "left", "ms": 5, "at": ""}\n\xff\n')
    found = journal.read(folder)
    assert len(found.answers) == 1
    assert "2 lines" in found.remark
    # somebody else has written there: this window must not write over it
    answer(session, clock, "left")
    assert "another window" in session.state.notices[-1].message
    assert session.view.blind.paused


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"medviewer_preference": 1}', '{"medviewer_preference": 99}']
)
def test_a_damaged_plan_is_told_by_its_name(tmp_path: Path, text: str) -> None:
    (tmp_path / PLAN).write_text(text)
    with pytest.raises(BadValue, match=r"study\.json"):
        journal.read(tmp_path)
    with pytest.raises(FileTrouble, match="cannot be read"):
        journal.read(tmp_path / "nowhere" / PLAN)


def test_a_study_says_nothing_of_the_patient_and_comes_back_whole(session: Session, clock: Clock) -> None:
    folder = begin(session, reader="A", question="Which shows the nodule better?", repeats=3)
    text = (folder / PLAN).read_text()
    assert "Hidden" not in text
    assert "P1" not in text
    assert Plan.from_json(text) == session.preference.kept.plan


def test_pictures_that_are_not_open_are_told(session: Session, clock: Clock) -> None:
    folder = begin(session)
    session.run("preference.leave")
    session.run("study.close")
    with pytest.raises(BadValue, match="2 of 2 pictures"):
        session.run("preference.resume", study=folder.name)


def test_nothing_drawn_said_or_exported_names_a_recipe_while_it_runs(session: Session, clock: Clock) -> None:
    begin(session)
    session.preference.stand()
    for number in (0, 1):
        viewing = session.rendering.viewing(number, (400, 400))
        taken = scene(session, number, viewing)
        assert taken.facts.recipe == HIDDEN
        assert taken.facts.patient == ()
        assert taken.annotations == ()
        session.rendering.draw(number, (400, 400))
        assert "enhanced" not in session.rendering.probe(number, 20, 20).words()
    note = layout_note(session.rendering, snapshots(session, 1.0, True, Look()))
    assert HIDDEN.lower() in note
    names = [*labels(session.preference.kept.plan)]
    assert not [name for name in names if name in note]


@pytest.mark.parametrize(
    ("command", "values"),
    [
        ("enhance.peek", {"on": True}),
        ("compare.toggle", {}),
        ("grid.toggle", {}),
        ("export.copy", {}),
        ("view.maximise", {}),
        ("view.tool", {"name": "length"}),
        ("study.close", {}),
        ("recipe.step", {"by": 1}),
        ("window.set", {"center": 1.0, "width": 2.0}),
        ("view.reset", {}),
    ],
)
def test_what_would_tell_or_change_something_waits_until_the_study_is_over(
    session: Session, clock: Clock, command: str, values: dict[str, object]
) -> None:
    begin(session)
    before = session.view
    with pytest.raises(BadValue):
        session.run(command, **values)
    assert session.view == before


def test_the_reader_may_scroll_zoom_and_where_it_is_left_free_change_the_window(
    session: Session, clock: Clock
) -> None:
    begin(session, lock_window=False)
    index = session.view.current.index
    session.run("view.scroll", by=1)
    session.run("view.zoom", factor=2)
    session.run("window.set", center=100, width=300)
    left, right = session.view.viewports[:2]
    assert left.index == right.index == index + 1
    assert left.zoom == right.zoom == 2
    assert left.voi == right.voi
    assert left.voi.center == 100


def test_a_pair_that_cannot_be_shown_is_left_out_and_undo_steps_over_it(
    session: Session, clock: Clock
) -> None:
    folder = begin(session)
    answer(session, clock, "left")
    session.preference.skip("no pixels")
    assert session.view.blind.number == 3
    session.run("preference.undo")
    assert session.view.blind.number == 1
    assert journal.read(folder).answers == ()


def test_results_rank_what_was_preferred_and_count_repeated_pairs_once(
    session: Session, clock: Clock
) -> None:
    begin(session, every=1, repeats=6, reader="=B")
    best = session.preference.kept.plan.recipes[1]
    liked: list[str] = []
    while session.view.blind is not None:
        kept = session.preference.kept
        sides = [one.recipe for one in session.view.viewports[:2]]
        # one answer in seven is a slip, so that nothing is always preferred
        is_left = (sides[0] == best) ^ (len(kept.answers) % 7 == 3)
        liked.append("left" if is_left else "right")
        folder = kept.folder
        answer(session, clock, liked[-1])
    kept = journal.read(folder)
    found = results(kept.plan, kept.answers)
    assert found.order[0] == 1
    assert found.repeated == 6
    assert found.wins.sum() + found.ties.sum() // 2 == len(kept.plan.trials) - 6 == 24
    low, high = found.ranking.interval(1)
    assert low < found.ranking.strengths[1] < high
    rows = list(csv.DictReader(io.StringIO(trials_csv(kept))))
    assert [one["answer"] for one in rows] == liked
    assert {one["ms"] for one in rows} == {"1500"}
    assert rows[0]["left_hash"] == kept.plan.recipes[kept.plan.trials[0].left].digest
    assert rows[0]["reader"] == "'=B"
    instances = {case.instance for case in kept.plan.cases}
    assert not any(one in trials_csv(kept) for one in instances)
    asked_for = csv.DictReader(io.StringIO(trials_csv(kept, with_uids=True)))
    assert {one["sop_instance_uid"] for one in asked_for} <= instances
    ranked = list(csv.DictReader(io.StringIO(ranking_csv(found))))
    assert ranked[0]["recipe"] == labels(kept.plan)[1]
    assert float(ranked[0]["low_95"]) < float(ranked[0]["strength"]) < float(ranked[0]["high_95"])


def test_recipes_that_do_the_same_or_one_alone_make_no_study(session: Session, clock: Clock) -> None:
    with pytest.raises(BadValue, match="2 to 20 recipes"):
        begin(session, recipes=("",))
    with pytest.raises(BadValue, match="do the same"):
        begin(session, recipes=("",), with_stack=True)
    assert session.view.blind is None


def test_a_study_without_a_preference_has_no_ranking_but_its_answers(session: Session, clock: Clock) -> None:
    folder = begin(session, trials=1)
    answer(session, clock, "none")
    kept: Kept = journal.read(folder)
    found = results(kept.plan, kept.answers)
    assert found.ranking is None
    assert "no picture was preferred" in found.why_not
    assert found.order == (0, 1, 2)
    assert kept.plan.recipes[0] == Pipeline()


def test_a_study_with_an_enhancement_that_is_not_here_is_told(session: Session, clock: Clock) -> None:
    folder = begin(session)
    session.run("preference.leave")
    text = (folder / PLAN).read_text()
    operation = journal.read(folder).plan.recipes[1].steps[0].operation
    (folder / PLAN).write_text(text.replace(f'"{operation}"', '"from_elsewhere"'))
    with pytest.raises(BadValue, match="'from_elsewhere', which this medviewer does not have"):
        journal.read(folder)


def test_equal_recipes_share_a_place(session: Session, clock: Clock) -> None:
    folder = begin(session, recipes=("", recipe_names()[0]), trials=2)
    first = session.preference.kept.plan.trials[0]
    answer(session, clock, "left")
    second = session.preference.kept.plan.trials[1]
    answer(session, clock, "right" if second.left == first.left else "left")
    kept = journal.read(folder)
    assert [row[0] for row in ranking_rows(results(kept.plan, kept.answers))] == ["1", "1"]
