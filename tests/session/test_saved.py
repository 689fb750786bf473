"""The reader's work survives: closing, damage, hostile files, a full disk, and a kill in mid-sentence."""

from __future__ import annotations

import base64
import itertools
import json
import math
import time
import zlib
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.codes import Code
from medviewer.core.finding import Finding, Provenance
from medviewer.core.finding import State as FindingState
from medviewer.core.labels import Label, LabelMap
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.seeds import SeedPoint
from medviewer.core.study import Patient, Series, Study
from medviewer.kit import files
from medviewer.kit.errors import BadValue, ExportTrouble, FileTrouble, MedviewerError
from medviewer.kit.paths import user_folder
from medviewer.kit.runner import InlineRunner
from medviewer.session.history import History
from medviewer.session.keeping import journal, keeper, plain, session_file, study_files
from medviewer.session.keeping.keeper import Keeper
from medviewer.session.state import Document, Reading, State
from medviewer.session.store import Store

ANNA = Study("study of Anna", "1", Patient("ANNA"), series=(Series("a", "1.1", "study of Anna"),))
BOTH = replace(ANNA, series=(*ANNA.series, Series("b", "1.2", "study of Anna")))
BERT = Study("study of Bert", "2", Patient("BERT"), series=(Series("c", "2.1", "study of Bert"),))


class Desk:
    """As much of a session as the keeper needs."""

    def __init__(self, *studies: Study, runner=None) -> None:
        self.store = Store(State(studies=studies))
        self.runner = runner or InlineRunner()
        self.history = History()
        self.told: list[MedviewerError] = []
        self.offers: list[str] = []
        self.keeper = Keeper(self)
        self.keeper.restore(studies)

    @property
    def state(self) -> State:
        return self.store.state

    def submit(self, task) -> None:
        self.runner.submit(task)

    def aligned(self, document: Document) -> Document:
        return document  # nothing is renumbered here

    def notify(self, trouble, advice="", is_error=True, offer="") -> None:
        self.told.append(trouble)
        self.offers.append(offer)

    def close(self) -> None:
        """As the window that closes does."""
        self.runner.close()
        self.keeper.close()

    def die(self) -> None:
        """As a program that is killed does: nothing more is written, and its locks are free."""
        self.runner.close()
        for one in self.keeper._open.values():
            one.close()

    def edit(self, label, how, merge=None) -> None:
        before = self.state.document
        self.history.remember(label, before, merge)
        self.put(how(before))

    def put(self, document: Document) -> None:
        self.store.set(replace(self.state, document=document))
        self.keeper.touched()

    def undo(self) -> None:
        self.put(self.history.undo(self.state.document))

    def redo(self) -> None:
        self.put(self.history.redo(self.state.document))

    def open(self, *studies: Study) -> None:
        self.store.set(replace(self.state, studies=studies))

    def note(self, series: str, text: str) -> None:
        """Write a note on a picture of a series."""
        note = Annotation(Shape.TEXT, ((1.0, 2.0, 3.0),), "1.2", text)
        reading = self.state.document.reading(series)
        changed = replace(reading, annotations=(*reading.annotations, note))
        self.edit("Note", lambda document: document.with_reading(changed))

    def notes(self, series: str) -> list[str]:
        return [one.text for one in self.state.document.reading(series).annotations]


def exported(desk: Desk, path: Path) -> None:
    """Write what is done there to a session file."""
    desk.keeper.export(path, desk.keeper.content())


def kept(*endings: str) -> list[str]:
    """The names of the files in the folder of readings, of all or with one of some endings."""
    names = sorted(path.name for path in user_folder("readings").iterdir())
    return [name for name in names if not endings or name.endswith(endings)]


def read(path: Path) -> tuple[Reading, ...]:
    return session_file.read(path).readings


def found_again(*studies: Study) -> Desk:
    """The desk at the next start of the program, which is over at once."""
    desk = Desk(*studies)
    desk.die()
    return desk


def noted(study: Study, series: str, text: str) -> None:
    """A note is written, and the window closed."""
    desk = Desk(study)
    desk.note(series, text)
    desk.close()


WORDS = st.text(st.characters(), max_size=12)
SHARES = st.floats(0, 1)
PROVENANCES = st.builds(
    Provenance, WORDS, WORDS, WORDS, WORDS, st.lists(st.tuples(WORDS, WORDS), max_size=2).map(tuple)
)
STATES = st.sampled_from(list(FindingState))
FINDINGS = st.builds(Finding, WORDS, SHARES, SHARES, PROVENANCES, st.none() | st.integers(0, 500), STATES)
POINTS = st.tuples(*[st.floats(-1e4, 1e4)] * 3)
NOTES = st.builds(
    lambda point, frame, text: Annotation(Shape.TEXT, (point,), frame, text), POINTS, WORDS, WORDS
)
STEPS = st.builds(
    Step.of,
    WORDS,
    st.dictionaries(WORDS, st.integers(-5, 5) | SHARES | WORDS | st.booleans(), max_size=3),
    st.booleans(),
)
SLICES = st.none() | st.builds(
    lambda rows, columns, seed: np.random.default_rng(seed).integers(0, 3, (rows, columns)).astype(np.uint8),
    st.integers(1, 9),
    st.integers(1, 9),
    st.integers(0, 9),
)
CODES = st.none() | st.builds(Code, WORDS, WORDS, WORDS)
NAMED = st.builds(
    Label,
    st.integers(1, 255),
    WORDS,
    st.just("#00ff00"),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.none() | SHARES,
    CODES,
    CODES,
    WORDS,
)
LABELS = st.builds(
    LabelMap,
    st.lists(SLICES, max_size=4).map(tuple),
    st.lists(NAMED, max_size=3).map(tuple),
    st.none() | PROVENANCES,
    STATES,
    SHARES,
    WORDS,
    WORDS,
)
READINGS = st.builds(
    Reading,
    WORDS,
    st.builds(Pipeline, st.lists(STEPS, max_size=3).map(tuple), WORDS, WORDS),
    st.lists(NOTES, max_size=3).map(tuple),
    st.lists(LABELS, max_size=2).map(tuple),
    st.lists(FINDINGS, max_size=3).map(tuple),
    st.just(()),
    st.lists(st.tuples(WORDS, st.integers(0, 9)), max_size=2).map(tuple),
    st.lists(st.tuples(WORDS, SHARES), max_size=2).map(tuple),
    seeds=st.lists(st.builds(SeedPoint, POINTS, WORDS, st.booleans()), max_size=2).map(tuple),
)


def same(one: Reading, other: Reading) -> bool:
    """Whether two readings say the same; label maps are compared pixel by pixel."""
    if replace(one, groups=()) != replace(other, groups=()) or len(one.groups) != len(other.groups):
        return False
    return all(alike(a, b) for a, b in zip(one.groups, other.groups, strict=True))


def alike(a: LabelMap, b: LabelMap) -> bool:
    """Whether two label maps say the same of every pixel."""
    return (
        (a.labels, a.provenance, a.state, a.opacity) == (b.labels, b.provenance, b.state, b.opacity)
        and (a.name, a.source, a.id) == (b.name, b.source, b.id)
        and len(a.slices) == len(b.slices)
        and all(
            (x is None) == (y is None) and (x is None or (x.shape == y.shape and bool((x == y).all())))
            for x, y in zip(a.slices, b.slices, strict=True)
        )
    )


@settings(max_examples=100, deadline=None)
@given(READINGS)
def test_everything_in_a_reading_survives_its_file(tmp_path_factory, reading):
    path = tmp_path_factory.mktemp("saved") / "session.json"
    desk = Desk(Study("s", "1", Patient(), series=(Series(reading.series, "1", "s"),)))
    desk.store.set(replace(desk.state, document=Document().with_reading(reading)))
    exported(desk, path)
    desk.die()
    (found,) = read(path)
    assert same(found, reading)


def test_slices_that_were_read_cannot_be_written_to(tmp_path):
    desk = Desk(ANNA)
    labels = LabelMap.empty(2).with_slices({1: np.ones((3, 4), np.uint8)})
    desk.edit("x", lambda document: document.with_reading(Reading("a", groups=(labels,))))
    exported(desk, tmp_path / "s.json")
    (found,) = read(tmp_path / "s.json")
    with pytest.raises(ValueError, match="read-only"):
        found.groups[0].slices[1][0, 0] = 0


# kept by itself


def test_work_is_there_again_when_the_study_is_opened_again():
    noted(ANNA, "a", "Größe?")
    assert found_again(ANNA).notes("a") == ["Größe?"]


def test_work_is_there_again_after_a_kill_that_no_task_in_the_background_has_survived():
    desk = Desk(ANNA)
    desk.note("a", "one")
    desk.note("a", "two")
    desk.die()
    assert kept(".json") == []
    again = Desk(ANNA)
    assert again.notes("a") == ["one", "two"]
    again.note("a", "three")
    again.die()
    assert found_again(ANNA).notes("a") == ["one", "two", "three"]


def test_what_a_worker_has_read_ahead_is_not_read_again_unless_it_has_changed(monkeypatch):
    noted(ANNA, "a", "first")
    desk, times = Desk(), []
    real = keeper.read_kept
    monkeypatch.setattr(keeper, "read_kept", lambda own: times.append(own) or real(own))
    desk.open(ANNA)
    desk.keeper.read_ahead((ANNA, BERT))
    desk.keeper.restore((ANNA,))
    assert (len(times), desk.notes("a")) == (1, ["first"])
    desk.die()
    late = Desk()
    late.open(ANNA)
    late.keeper.read_ahead((ANNA,))
    noted(ANNA, "a", "second")
    late.keeper.restore((ANNA,))
    assert late.notes("a") == ["first", "second"]
    late.die()


def test_a_study_nothing_was_done_to_leaves_no_file():
    desk = Desk(ANNA, BERT)
    desk.keeper.touched()
    desk.note("a", "x")
    assert len(kept(".json", ".journal")) == 1
    desk.close()
    assert len(kept()) == 1


def test_the_names_of_files_tell_nothing_about_patients():
    desk = Desk(ANNA, BERT)
    desk.note("a", "x")
    desk.note("c", "x")
    names = kept()
    assert not any("an" in name.lower() and "anna" in name.lower() for name in names)
    assert all(int(name.split(".")[0], 16) >= 0 for name in names)
    desk.close()
    assert [len(name) for name in kept()] == [37, 37]


def test_the_work_on_two_studies_is_kept_apart():
    desk = Desk(ANNA, BERT)
    desk.note("a", "Anna's")
    desk.note("c", "Bert's")
    desk.die()
    again = found_again(BERT)
    assert again.notes("c") == ["Bert's"]
    assert again.notes("a") == []


def test_an_undone_note_is_gone_the_next_time_too():
    for end in (Desk.close, Desk.die):
        desk = Desk(ANNA)
        before = desk.notes("a")
        desk.note("a", "kept")
        desk.note("a", "undone")
        desk.undo()
        end(desk)
        assert found_again(ANNA).notes("a") == [*before, "kept"]


def test_a_study_and_a_series_named_in_broken_letters_are_kept_all_the_same():
    odd = Study("st\udcffudy", "1", Patient(), series=(Series("a\udcff", "1", "st\udcffudy"),))
    desk = Desk(odd)
    desk.note("a\udcff", "half a letter \ud83d")
    desk.die()
    assert found_again(odd).notes("a\udcff") == ["half a letter \ud83d"]


def full(*_):
    raise OSError(28, "No space left on device")


def test_a_full_disk_is_told_once_and_the_work_written_when_there_is_room(monkeypatch):
    desk = Desk(ANNA)
    desk.note("a", "before")
    with monkeypatch.context() as patch:
        patch.setattr(journal.os, "write", full)
        patch.setattr(files.os, "replace", full)
        desk.note("a", "first")
        desk.note("a", "second")
        desk.keeper.save_now()
        desk.runner.run_later()
        assert len(desk.told) == 1
        assert isinstance(desk.told[0], ExportTrouble)
        assert "No space left" in desk.told[0].message
        assert not desk.keeper.is_saved
        assert desk.notes("a") == ["before", "first", "second"]
    desk.note("a", "third")
    desk.runner.run_later()
    assert desk.keeper.is_saved
    desk.note("a", "fourth")
    desk.die()
    assert found_again(ANNA).notes("a") == ["before", "first", "second", "third", "fourth"]


def test_the_nth_call_of_the_disk_that_fails_costs_nothing(monkeypatch):
    """Every write, sync and rename in turn fails once; the work is whole and no file damaged afterwards."""
    desk, wanted = Desk(ANNA), []
    for name, module in (("write", journal), ("replace", files), ("fsync", files), ("fsync", journal)):
        for fails in range(3):
            calls = itertools.count()
            real = getattr(module.os, name)

            def once(*given, calls=calls, fails=fails, real=real):
                return full() if next(calls) == fails else real(*given)

            with monkeypatch.context() as patch:
                patch.setattr(module.os, name, once)
                for _ in range(3):
                    wanted.append(str(len(wanted)))
                    desk.note("a", wanted[-1])
                desk.runner.run_later()
            desk.runner.run_later()
            assert desk.keeper.is_saved
            desk.die()
            desk = Desk(ANNA)
            assert desk.notes("a") == wanted
            assert desk.told == []
    desk.close()
    assert kept(".bad") == []


def test_what_is_already_on_disk_is_not_written_again():
    desk = Desk(ANNA, BERT)
    desk.note("a", "x")
    desk.keeper.save_now()
    before = {name: (user_folder("readings") / name).stat().st_mtime_ns for name in kept(".json")}
    desk.keeper.touched()
    desk.keeper.save_now()
    desk.note("c", "y")
    desk.keeper.save_now()
    after = {name: (user_folder("readings") / name).stat().st_mtime_ns for name in before}
    assert len(before) == 1
    assert before == after
    desk.close()


def test_a_checkpoint_holds_what_the_journal_held_and_cuts_it():
    desk = Desk(ANNA)
    desk.note("a", "one")
    desk.note("a", "two")
    assert (len(kept(".json")), len(kept(".journal"))) == (0, 1)
    desk.runner.run_later()
    assert (len(kept(".json")), len(kept(".journal"))) == (1, 0)
    desk.note("a", "three")
    desk.die()
    assert (len(kept(".json")), len(kept(".journal"))) == (1, 1)
    assert found_again(ANNA).notes("a") == ["one", "two", "three"]


def test_a_kill_between_the_checkpoint_and_the_cut_does_nothing_twice(monkeypatch):
    desk = Desk(ANNA)
    desk.note("a", "one")
    monkeypatch.setattr(journal, "cut", lambda stem, number: None)
    desk.keeper.save_now()
    desk.note("a", "two")
    desk.die()
    assert len(kept(".journal")) == 2
    again = Desk(ANNA)
    assert (again.notes("a"), again.told) == (["one", "two"], [])
    again.die()


def test_a_journal_that_has_grown_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(study_files, "MOST_GROWN", 10_000)
    desk = Desk(ANNA)
    desk.note("a", "small")
    assert kept(".json") == []
    desk.note("a", "large" * 3000)
    assert (len(kept(".json")), kept(".journal")) == (1, [])
    desk.die()


def test_work_that_is_not_in_the_file_of_the_study_yet_is_there_when_the_window_closes():
    desk = Desk(ANNA)
    desk.note("a", "in the journal")
    desk.close()
    assert (len(kept(".json")), kept(".journal")) == (1, [])
    assert found_again(ANNA).notes("a") == ["in the journal"]


def test_the_work_on_a_series_that_is_not_open_now_stays_on_disk():
    noted(BOTH, "b", "on the other series")
    for end in (Desk.close, Desk.die):
        only_a = Desk(ANNA)
        only_a.note("a", "new")
        end(only_a)
        again = found_again(BOTH)
        assert (set(again.notes("a")), again.notes("b")) == ({"new"}, ["on the other series"])


def test_undoing_an_older_edit_does_not_take_away_what_was_restored_since():
    noted(BERT, "c", "from last week")
    desk = Desk(ANNA)
    desk.note("a", "now")
    desk.open(ANNA, BERT)
    desk.keeper.restore((BERT,))
    desk.undo()
    assert desk.notes("a") == []
    assert desk.notes("c") == ["from last week"]
    desk.die()
    assert found_again(BERT).notes("c") == ["from last week"]


def test_work_that_the_disk_does_not_hand_out_is_not_written_over(monkeypatch):
    desk = Desk(ANNA)
    desk.note("a", "old")
    desk.die()

    def refuses(*_):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(journal, "read", refuses)
        desk = Desk(ANNA)
        assert "cannot be read: Input/output error" in desk.told[0].message
        desk.note("a", "new")
        desk.close()
    again = Desk(ANNA)
    assert again.notes("a") == ["old"]
    assert again.offers == ["study.take_over"]
    again.keeper.take_others()
    assert again.notes("a") == ["new"]
    again.close()


def test_a_study_that_nobody_has_restored_keeps_what_is_known_of_its_other_series():
    noted(BOTH, "b", "old")
    desk = Desk()
    desk.open(BOTH)
    desk.note("a", "new")
    desk.die()
    again = found_again(BOTH)
    assert (again.notes("a"), again.notes("b")) == (["new"], ["old"])


# two windows


def test_a_second_window_cannot_destroy_the_work_of_the_first():
    noted(ANNA, "a", "old")
    first, second = Desk(ANNA), Desk(ANNA)
    assert "another window" in second.told[0]
    assert second.notes("a") == ["old"]
    first.note("a", "first")
    second.note("a", "second")
    first.note("a", "first again")
    second.close()
    first.close()
    again = Desk(ANNA)
    assert again.notes("a") == ["old", "first", "first again"]
    assert again.offers == ["study.take_over"]
    again.keeper.take_others()
    assert again.notes("a") == ["old", "second"]
    again.undo()
    assert again.notes("a") == ["old", "first", "first again"]
    again.redo()
    again.close()
    last = Desk(ANNA)
    assert (last.notes("a"), last.told) == (["old", "second"], [])
    with pytest.raises(BadValue, match="No other window"):
        last.keeper.take_others()
    last.close()
    assert kept(".bad") == []


def test_a_second_window_in_which_nothing_is_done_leaves_nothing():
    noted(ANNA, "a", "old")
    first, second = Desk(ANNA, BERT), Desk(ANNA)
    second.keeper.touched()
    second.close()
    first.close()
    assert found_again(ANNA).told == []


def test_the_work_of_a_second_window_that_was_killed_is_offered_and_of_a_third_too():
    first, second, third = Desk(ANNA), Desk(ANNA), Desk(ANNA)
    second.note("a", "second")
    third.note("a", "third")
    for one in (first, second, third):
        one.die()
    again = Desk(ANNA)
    assert again.offers == ["study.take_over"]
    again.die()
    other = Desk(ANNA)
    third = Desk(ANNA)
    third.note("a", "does not write over what the earlier ones have left")
    third.die()
    other.die()
    assert len({name.split(".")[0] for name in kept(".journal")}) == 3


def test_a_study_that_was_closed_is_left_to_the_next_window():
    first = Desk(ANNA)
    first.note("a", "x")
    first.keeper.close(ANNA.key)
    second = Desk(ANNA)
    assert (second.notes("a"), second.told) == (["x"], [])
    second.close()


# files of other places


def test_a_session_file_is_added_in_one_undo(tmp_path):
    first = Desk(BOTH)
    first.note("a", "one")
    first.note("b", "two")
    exported(first, tmp_path / "s.json")
    first.die()
    for name in kept():
        (user_folder("readings") / name).unlink()
    second = Desk(BOTH)
    second.keeper.add(session_file.read(tmp_path / "s.json"), "s.json")
    assert (second.notes("a"), second.notes("b")) == (["one"], ["two"])
    second.undo()
    assert (second.notes("a"), second.notes("b")) == ([], [])
    second.die()


def test_a_session_file_of_another_patient_is_refused(tmp_path):
    desk = Desk(ANNA)
    desk.note("a", "x")
    exported(desk, tmp_path / "anna.json")
    with pytest.raises(FileTrouble, match="belongs to other studies"):
        Desk(BERT).keeper.add(session_file.read(tmp_path / "anna.json"), "anna.json")


def test_a_place_that_cannot_be_written_to_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ExportTrouble, match=r"^s\.json was not written"):
        exported(Desk(ANNA), tmp_path / "file" / "s.json")


GOOD = {
    "series": "a",
    "pipeline": Pipeline((Step.of("gaussian", {"radius": 2}),)).to_json(),
    "annotations": [Annotation(Shape.TEXT, ((1.0, 2.0, 3.0),), "1.2", "x").to_dict()],
    "findings": [
        {
            "what": "x",
            "score": 0.5,
            "threshold": 0.5,
            "frame": 3,
            "state": "proposed",
            "provenance": {"model": "m", "version": "1", "sha256": "0", "when": "", "values": []},
        }
    ],
    "labels": {
        "labels": [[1, "Lung", "#00ff00", True]],
        "opacity": 0.4,
        "state": "proposed",
        "provenance": None,
        "slices": [None, {"shape": [2, 2], "zlib": base64.b64encode(zlib.compress(b"\0\1\2\3")).decode()}],
    },
}


def changed(*path, to):
    """The good reading with one part exchanged."""
    copy = json.loads(json.dumps(GOOD))
    part = copy
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = to
    return copy


def whole(reading) -> str:
    return json.dumps({"medviewer_readings": 1, "readings": [reading]})


def newer(*path, to) -> str:
    """A file of format 2 with one part exchanged."""
    good = {**json.loads(json.dumps(GOOD)), "stack_chosen": True}
    labels = good.pop("labels")
    code = ["39607008", "SCT", "Lung"]
    label = {
        **dict.fromkeys(("visible", "locked", "filled"), True),
        **{"value": 1, "name": "Lung", "color": "#00ff00", "opacity": None, "tracking": ""},
        **{"category": code, "meaning": code},
    }
    good["groups"] = [{**labels, "labels": [label], "id": "1", "name": "", "source": ""}]
    good |= {"pictures": [["1.2", 0]], "key_pictures": [["1.2", 0]], "scales": [["1.2", 0.5]]}
    file = {"medviewer_readings": 2, "number": 3, "readings": [good]}
    part = file if path[0] in file else good
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = to
    return json.dumps(file)


def slice_of(shape, content):
    return {"shape": shape, "zlib": base64.b64encode(content).decode()}


BOMB = zlib.compress(bytes(16 << 20), 1)
SLICE = ("labels", "slices", 1)
HOSTILE = {
    "empty": "",
    "truncated": whole(GOOD)[:-200],
    "no JSON": "session",
    "a list": "[]",
    "null": "null",
    "of another program": '{"readings": []}',
    "of a later version": '{"medviewer_readings": 3, "readings": []}',
    "readings missing": '{"medviewer_readings": 1}',
    "readings are a word": '{"medviewer_readings": 1, "readings": "abc"}',
    "readings are numbers": '{"medviewer_readings": 1, "readings": [1]}',
    "200,000 deep": "[" * 200_000,
    "deep inside": '{"medviewer_readings": 1, "readings": ' + '{"a":' * 100_000,
    "a number of 100,000 digits": '{"medviewer_readings": 1, "readings": ' + "9" * 100_000 + "}",
    "a recipe that is none": whole(changed("pipeline", to="{}")),
    "a recipe that is a number": whole(changed("pipeline", to=5)),
    "an annotation that is none": whole(changed("annotations", 0, "shape", to="circle")),
    "a point that is nowhere": whole(changed("annotations", 0, "points_mm", to=[[math.nan, 0, 0]])),
    "a score that is a word": whole(changed("findings", 0, "score", to="high")),
    "a frame that is endless": whole(changed("findings", 0, "frame", to=math.inf)),
    "a state nobody knows": whole(changed("findings", 0, "state", to="maybe")),
    "a provenance that is a word": whole(changed("findings", 0, "provenance", to="m")),
    "labels that are a list": whole(changed("labels", to=[])),
    "a label of three parts": whole(changed("labels", "labels", to=[[1, "x", "#000000"]])),
    "an endless opacity of digits": whole(changed("labels", "opacity", to=10**400)),
    "a slice shorter than its shape says": whole(
        changed(*SLICE, to=slice_of([9, 9], zlib.compress(b"\0\0")))
    ),
    "a slice of no size": whole(changed(*SLICE, to=slice_of([0, 0], zlib.compress(b"")))),
    "a slice of negative size": whole(changed(*SLICE, to=slice_of([-2, -2], zlib.compress(bytes(4))))),
    "a slice of endless size": whole(changed(*SLICE, to=slice_of([math.inf, 1], zlib.compress(bytes(4))))),
    "a slice beyond any picture": whole(
        changed(*SLICE, to=slice_of([2**40, 2**40], zlib.compress(bytes(4))))
    ),
    "a slice of three sides": whole(changed(*SLICE, to=slice_of([1, 2, 2], zlib.compress(bytes(4))))),
    "a slice that is not packed": whole(changed(*SLICE, to=slice_of([2, 2], b"abcd"))),
    "two label maps that claim too much together": newer(
        "groups", to=[{**GOOD["labels"], "slices": [slice_of([16384, 16384], BOMB)] * 5}] * 2
    ),
    "groups that are a word": newer("groups", to="abc"),
    "a group that is a number": newer("groups", 0, to=5),
    "a label without a value": newer("groups", 0, "labels", 0, to={"name": "x"}),
    "a value of a label that is a word": newer("groups", 0, "labels", 0, "value", to="one"),
    "a code of two parts": newer("groups", 0, "labels", 0, "meaning", to=["1", "SCT"]),
    "a picture without a frame": newer("pictures", to=[["1.2"]]),
    "a key picture that is a number": newer("key_pictures", to=[5]),
    "a scale that is a word": newer("scales", to=[["1.2", "wide"]]),
    "a seed that lies nowhere": newer("seeds", to=[[[math.inf, 0, 0], "1.2", True]]),
    "a number of a change below zero": newer("number", to=-1),
    "a number of a change beyond all": newer("number", to=10**30),
    "a number of a change that is a word": newer("number", to="three"),
    "a slice that is no base64": whole(changed(*SLICE, to={"shape": [2, 2], "zlib": "%%%"})),
}


def test_the_reading_that_the_hostile_ones_are_made_from_is_good(tmp_path):
    (tmp_path / "s.json").write_text(whole(GOOD))
    (found,) = read(tmp_path / "s.json")
    assert found.groups[0].slices[1].tolist() == [[0, 1], [2, 3]]


def test_the_newer_one_is_good_too(tmp_path):
    (tmp_path / "s.json").write_text(newer("number", to=3))
    (found,) = read(tmp_path / "s.json")
    assert found.groups[0].labels[0].meaning == Code("39607008", "SCT", "Lung")
    assert (found.key_pictures, found.scales) == ((("1.2", 0),), (("1.2", 0.5),))


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_damaged_or_hostile_session_file_is_refused_in_words(tmp_path, content):
    path = tmp_path / "session.json"
    path.write_text(content)
    with pytest.raises(FileTrouble, match="session.json"):
        read(path)


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_damaged_work_on_disk_is_set_aside_told_and_does_not_keep_the_study_from_opening(content):
    noted(ANNA, "a", "x")
    (name,) = kept()
    (user_folder("readings") / name).write_text(content)
    desk = Desk(ANNA)
    assert len(desk.told) == 1
    assert desk.notes("a") == []
    bad = (user_folder("readings") / name).with_suffix(".bad")
    assert bad.read_text() == content
    desk.note("a", "new")
    desk.die()
    assert found_again(ANNA).notes("a") == ["new"]
    assert bad.read_text() == content


def test_a_slice_packed_to_burst_is_never_unpacked_beyond_its_shape(tmp_path):
    path = tmp_path / "s.json"
    path.write_text(whole(changed(*SLICE, to=slice_of([2, 2], BOMB))))
    (found,) = read(path)
    assert found.groups[0].slices[1].nbytes == 4


def test_many_slices_that_would_fill_the_memory_together_are_refused_before_they_are_unpacked(tmp_path):
    path = tmp_path / "s.json"
    path.write_text(whole(changed("labels", "slices", to=[slice_of([16384, 16384], BOMB)] * 9)))
    began = time.monotonic()
    with pytest.raises(FileTrouble, match="damaged"):
        read(path)
    assert time.monotonic() - began < 1


def test_damaged_files_are_kept_beside_each_other():
    for round_ in range(3):
        noted(ANNA, "a", "x")
        (name,) = kept(".json")
        (user_folder("readings") / name).write_text(f"damaged {round_}")
        found_again(ANNA)
    assert len(kept(".bad")) == 3


def test_a_file_far_too_large_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "s.json"
    with open(path, "wb") as file:
        file.truncate(600 << 20)
    began = time.monotonic()
    with pytest.raises(FileTrouble, match="too large"):
        read(path)
    assert time.monotonic() - began < 0.5


def test_a_session_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(FileTrouble):
        read(tmp_path / "none.json")


def test_whatever_a_reading_is_given_is_saved():
    names = {one.name for one in fields(Reading)}
    assert names == {"series", "pipeline", "stack_chosen", "groups", *plain.ITEMS}
    labels = LabelMap((), (Label(1, "", ""),))
    assert {one.name for one in fields(LabelMap)} == {"slices", *plain.plain_look(labels)}
    assert {one.name for one in fields(Label)} == {*plain.plain_look(labels)["labels"][0]}
