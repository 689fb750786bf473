"""The reader's work survives: closing, damage, hostile files, a full disk, and a kill in mid-sentence."""

from __future__ import annotations

import base64
import json
import math
import os
import subprocess
import sys
import time
import zlib
from dataclasses import replace
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
from medviewer.core.study import Patient, Series, Study
from medviewer.kit import files
from medviewer.kit.errors import ExportTrouble, FileTrouble, MedviewerError
from medviewer.kit.paths import user_folder
from medviewer.kit.runner import InlineRunner
from medviewer.kit.task import TaskContext
from medviewer.session import saved
from medviewer.session.history import History
from medviewer.session.saved import Keeper, read
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
        self.keeper = Keeper(self)
        self.keeper.restore(studies)

    @property
    def state(self) -> State:
        return self.store.state

    def submit(self, task) -> None:
        self.runner.submit(task)

    def aligned(self, document: Document) -> Document:
        return document  # nothing is renumbered here

    def notify(self, trouble) -> None:
        self.told.append(trouble)

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


def kept() -> list[str]:
    return sorted(path.name for path in user_folder("readings").iterdir())


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
    desk.keeper.export(path)
    (found,) = read(path)
    assert same(found, reading)


def test_slices_that_were_read_cannot_be_written_to(tmp_path):
    desk = Desk(ANNA)
    labels = LabelMap.empty(2).with_slices({1: np.ones((3, 4), np.uint8)})
    desk.edit("x", lambda document: document.with_reading(Reading("a", groups=(labels,))))
    desk.keeper.export(tmp_path / "s.json")
    (found,) = read(tmp_path / "s.json")
    with pytest.raises(ValueError, match="read-only"):
        found.groups[0].slices[1][0, 0] = 0


# kept by itself


def test_work_is_there_again_when_the_study_is_opened_again():
    Desk(ANNA).note("a", "Größe?")
    assert Desk(ANNA).notes("a") == ["Größe?"]


def test_what_a_worker_has_read_ahead_is_not_read_again_unless_it_has_changed(monkeypatch):
    Desk(ANNA).note("a", "first")
    desk, times = Desk(), []
    monkeypatch.setattr(saved, "read", lambda path: times.append(path) or read(path))
    desk.open(ANNA)
    desk.keeper.read_ahead((ANNA, BERT))
    desk.keeper.restore((ANNA,))
    assert (len(times), desk.notes("a")) == (1, ["first"])
    late = Desk()
    late.open(ANNA)
    late.keeper.read_ahead((ANNA,))
    desk.note("a", "second")
    late.keeper.restore((ANNA,))
    assert late.notes("a") == ["first", "second"]


def test_a_study_nothing_was_done_to_leaves_no_file():
    desk = Desk(ANNA, BERT)
    desk.keeper.touched()
    desk.note("a", "x")
    assert len(kept()) == 1


def test_the_names_of_files_tell_nothing_about_patients():
    desk = Desk(ANNA, BERT)
    desk.note("a", "x")
    desk.note("c", "x")
    assert len(kept()) == 2
    assert not any("an" in name.lower() and "anna" in name.lower() for name in kept())
    assert all(len(name) == 37 and int(name[:32], 16) >= 0 for name in kept())


def test_the_work_on_two_studies_is_kept_apart():
    desk = Desk(ANNA, BERT)
    desk.note("a", "Anna's")
    desk.note("c", "Bert's")
    again = Desk(BERT)
    assert again.notes("c") == ["Bert's"]
    assert again.notes("a") == []


def test_an_undone_note_is_gone_the_next_time_too():
    desk = Desk(ANNA)
    desk.note("a", "kept")
    desk.note("a", "undone")
    desk.undo()
    assert Desk(ANNA).notes("a") == ["kept"]


def test_a_study_and_a_series_named_in_broken_letters_are_kept_all_the_same():
    odd = Study("st\udcffudy", "1", Patient(), series=(Series("a\udcff", "1", "st\udcffudy"),))
    Desk(odd).note("a\udcff", "half a letter \ud83d")
    assert Desk(odd).notes("a\udcff") == ["half a letter \ud83d"]


def test_a_full_disk_is_told_and_the_work_written_when_there_is_room(monkeypatch):
    desk = Desk(ANNA)
    real = files.os.replace

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "replace", full)
    desk.note("a", "first")
    desk.keeper.save_now()
    assert len(desk.told) == 2
    assert all(isinstance(trouble, ExportTrouble) for trouble in desk.told)
    assert "No space left" in desk.told[0].message
    assert desk.notes("a") == ["first"]
    monkeypatch.setattr(files.os, "replace", real)
    desk.keeper.save_now()
    assert Desk(ANNA).notes("a") == ["first"]


def test_what_is_already_on_disk_is_not_written_again(monkeypatch):
    desk = Desk(ANNA, BERT)
    desk.note("a", "x")
    before = {name: (user_folder("readings") / name).stat().st_mtime_ns for name in kept()}
    desk.keeper.touched()
    desk.keeper.save_now()
    desk.note("c", "y")
    after = {name: (user_folder("readings") / name).stat().st_mtime_ns for name in before}
    assert before == after


class Slow:
    """A runner whose tasks begin when the test says so; the newest of one key wins."""

    def __init__(self) -> None:
        self.waiting: list = []

    def submit(self, task) -> None:
        for older in self.waiting:
            if older.replaces == task.replaces:
                older.token.cancel()
        self.waiting.append(task)

    def run(self, at: int) -> None:
        InlineRunner().submit(replace(self.waiting[at], replaces=None))


def test_an_older_state_never_follows_a_newer_one_onto_the_disk():
    desk = Desk(ANNA, runner=Slow())
    desk.note("a", "first")
    old = replace(desk.runner.waiting[0])
    desk.note("a", "second")
    desk.keeper.save_now()
    old.token.__init__()  # as if the older one had been past its last look at the token
    InlineRunner().submit(replace(old, replaces=None))
    assert Desk(ANNA).notes("a") == ["first", "second"]


def test_work_that_was_still_waiting_is_written_when_the_window_closes():
    desk = Desk(ANNA, runner=Slow())
    desk.note("a", "not yet on disk")
    assert Desk(ANNA).notes("a") == []
    desk.keeper.save_now()
    assert Desk(ANNA).notes("a") == ["not yet on disk"]


def test_the_work_on_a_series_that_is_not_open_now_stays_on_disk():
    first = Desk(BOTH)
    first.note("b", "on the other series")
    only_a = Desk(ANNA)
    only_a.note("a", "new")
    again = Desk(BOTH)
    assert (again.notes("a"), again.notes("b")) == (["new"], ["on the other series"])


def test_undoing_an_older_edit_does_not_take_away_what_was_restored_since():
    Desk(BERT).note("c", "from last week")
    desk = Desk(ANNA)
    desk.note("a", "now")
    desk.open(ANNA, BERT)
    desk.keeper.restore((BERT,))
    desk.undo()
    assert desk.notes("a") == []
    assert desk.notes("c") == ["from last week"]
    assert Desk(BERT).notes("c") == ["from last week"]


# files of other places


def test_a_session_file_is_added_in_one_undo(tmp_path):
    first = Desk(BOTH)
    first.note("a", "one")
    first.note("b", "two")
    first.keeper.export(tmp_path / "s.json")
    for name in kept():
        (user_folder("readings") / name).unlink()
    second = Desk(BOTH)
    second.keeper.load(tmp_path / "s.json")
    assert (second.notes("a"), second.notes("b")) == (["one"], ["two"])
    second.undo()
    assert (second.notes("a"), second.notes("b")) == ([], [])


def test_a_session_file_of_another_patient_is_refused(tmp_path):
    desk = Desk(ANNA)
    desk.note("a", "x")
    desk.keeper.export(tmp_path / "anna.json")
    with pytest.raises(FileTrouble, match="belongs to other studies"):
        Desk(BERT).keeper.load(tmp_path / "anna.json")


def test_a_place_that_cannot_be_written_to_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ExportTrouble, match="could not be saved"):
        Desk(ANNA).keeper.export(tmp_path / "file" / "s.json")


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
    "a slice that is no base64": whole(changed(*SLICE, to={"shape": [2, 2], "zlib": "%%%"})),
}


def test_the_reading_that_the_hostile_ones_are_made_from_is_good(tmp_path):
    (tmp_path / "s.json").write_text(whole(GOOD))
    (found,) = read(tmp_path / "s.json")
    assert found.groups[0].slices[1].tolist() == [[0, 1], [2, 3]]


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_damaged_or_hostile_session_file_is_refused_in_words(tmp_path, content):
    path = tmp_path / "session.json"
    path.write_text(content)
    with pytest.raises(FileTrouble, match="session.json"):
        read(path)


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_damaged_work_on_disk_is_set_aside_told_and_does_not_keep_the_study_from_opening(content):
    Desk(ANNA).note("a", "x")
    (name,) = kept()
    (user_folder("readings") / name).write_text(content)
    desk = Desk(ANNA)
    assert len(desk.told) == 1
    assert desk.notes("a") == []
    bad = (user_folder("readings") / name).with_suffix(".bad")
    assert bad.read_text() == content
    desk.note("a", "new")
    assert Desk(ANNA).notes("a") == ["new"]
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
        Desk(ANNA).note("a", "x")
        (name,) = [name for name in kept() if name.endswith(".json")]
        (user_folder("readings") / name).write_text(f"damaged {round_}")
        Desk(ANNA)
    assert len([name for name in kept() if name.endswith(".bad")]) == 3


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


KILLED = """
import os, random, signal, sys, time
sys.path.insert(0, sys.argv[1])
from tests.session.test_saved import ANNA, Desk, kept
chance = random.Random(7)
before = 0
for round_ in range(30):
    answers, told = os.pipe()
    child = os.fork()
    if child == 0:
        desk = Desk(ANNA)
        number = len(desk.notes("a"))
        while True:
            number += 1
            desk.note("a", str(number) + "x" * 5000)
            os.write(told, b"%d\\n" % number)
    os.close(told)
    first = os.read(answers, 10_000)  # it has begun to write
    time.sleep(chance.uniform(0, 0.02))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    said = first + b"".join(iter(lambda: os.read(answers, 10_000), b""))
    os.close(answers)
    desk = Desk(ANNA)
    there = [note.rstrip("x") for note in desk.notes("a")]
    assert desk.told == [], [str(trouble) for trouble in desk.told]
    assert there == [str(number + 1) for number in range(len(there))], "torn"
    assert len(there) >= int(said.split()[-1]) > before, "what was said to be saved is lost"
    before = len(there)
assert [name for name in kept() if name.endswith(".bad")] == []
print("whole")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is killed as POSIX does it")
def test_a_program_killed_thirty_times_while_it_saves_loses_nothing_that_was_saved():
    root = str(Path(__file__).parents[2])
    answer = subprocess.run([sys.executable, "-c", KILLED, root], capture_output=True, text=True, check=False)
    assert answer.stdout.strip() == "whole", answer.stderr[-1000:]


class SlowRunner:
    """Keeps tasks until somebody lets them run, the newest per key only, as threads would."""

    def __init__(self) -> None:
        self.tasks: list = []

    def submit(self, task) -> None:
        self.tasks = [one for one in self.tasks if one.replaces != task.replaces]
        self.tasks.append(task)

    def begin(self):
        """Run the work; the call that would tell the main thread comes back."""
        task = self.tasks.pop()
        result = task.work(TaskContext(task.token))
        return lambda: task.done(result)


def test_an_undo_while_its_edit_is_being_written_is_written_too():
    runner = SlowRunner()
    desk = Desk(ANNA, runner=runner)
    desk.note("a", "stays")
    runner.begin()()
    desk.note("a", "goes")
    told_later = runner.begin()
    desk.undo()
    told_later()
    desk.keeper.save_now()
    assert Desk(ANNA).notes("a") == ["stays"]


def test_an_undo_and_redo_while_the_first_is_written_loses_nothing():
    runner = SlowRunner()
    desk = Desk(ANNA, runner=runner)
    desk.note("a", "one")
    told_later = runner.begin()
    desk.undo()
    desk.redo()
    told_later()
    desk.keeper.save_now()
    assert Desk(ANNA).notes("a") == ["one"]


def test_work_on_one_study_does_not_push_out_the_writing_of_another():
    runner = SlowRunner()
    desk = Desk(ANNA, BERT, runner=runner)
    desk.note("a", "first")
    desk.note("c", "second")
    runner.begin()()
    again = Desk(ANNA, BERT)
    assert (again.notes("a"), again.notes("c")) == (["first"], ["second"])
