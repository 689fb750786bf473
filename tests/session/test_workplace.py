"""Where the reader was: written, offered after a kill, brought back, and never a reason not to start."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest

from medviewer.core.against import Against, Way
from medviewer.core.cut import Cut
from medviewer.core.fusion import Fusion
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.view3d import View3D
from medviewer.core.voi import VOI, Curve, Lut
from medviewer.kit.errors import BadValue, FileTrouble
from medviewer.kit.paths import user_data
from medviewer.kit.plain import from_plain
from medviewer.kit.runner import InlineRunner
from medviewer.kit.settings import Settings
from medviewer.session.keeping import workplace_file
from medviewer.session.keeping.workplace_file import MOMENTARY, Seen, paths_of, plain_seen, seen_of
from medviewer.session.session import Session
from medviewer.session.state import Brush, CornerText, LastTime, Layout, View, Viewport
from tests import factories

FILE = "workplace.json"


def started(**changes) -> Session:
    session = Session(InlineRunner(), settings=Settings(**changes))
    session.workplace.begin()
    return session


def killed(session: Session) -> None:
    """What a kill leaves: files and free locks."""
    session.runner.run_later()
    for files in session.keeper._open.values():
        files.close()
    session.workplace._lock.release()


@pytest.fixture
def chest(tmp_path: Path) -> Path:
    factories.ct(tmp_path / "chest", slices=9)
    return tmp_path / "chest"


@pytest.fixture
def killed_at_work(chest: Path) -> Iterator[Session]:
    """A session in which somebody was at work when the program was killed."""
    session = started()
    session.run("study.open", paths=(chest,))
    session.run("view.layout", rows=2, columns=2)
    session.run("view.show", series=session.view.current.series, viewport=3)
    session.run("view.activate", viewport=3)
    session.run("view.goto", index=7)
    session.run("window.set", center=40.0, width=400.0)
    session.run("view.rotate")
    session.run("view.colors", name="hot-iron")
    session.run("view.tool", name="length")
    session.run("annotate.add", shape="text", points=[(0.0, 0.0, 14.0)], text="here")
    killed(session)
    yield session
    session.runner.close()
    session.decoder.close()


def arrangement(session: Session) -> View:
    return replace(session.view, selected="", copied=None)


def test_after_a_kill_the_next_start_offers_to_go_on_and_everything_stands_where_it_stood(killed_at_work):
    before = arrangement(killed_at_work)
    again = started()
    assert again.state.last_time is LastTime.INTERRUPTED
    again.run("workplace.restore")
    assert arrangement(again) == before
    assert again.view.current.index == 7
    assert again.view.current.voi == VOI(40.0, 400.0)
    reading = again.state.document.reading(again.view.current.series)
    assert [one.text for one in reading.annotations] == ["here"]
    assert again.state.last_time is LastTime.NOTHING
    again.close()


def test_after_a_clean_end_nothing_is_offered_but_one_can_go_back(killed_at_work):
    again = started()
    again.run("workplace.restore")
    before = arrangement(again)
    again.close()
    last = started()
    assert last.state.last_time is LastTime.CLOSED
    assert last.state.notices == ()
    last.run("workplace.restore")
    assert arrangement(last) == before
    last.close()


def test_a_study_that_was_opened_at_the_start_after_a_kill_brings_a_notice_with_the_offer(
    killed_at_work, chest
):
    again = Session(InlineRunner())
    again.run("study.open", paths=(chest,))
    again.workplace.begin()
    (notice,) = again.state.notices
    assert "ended unexpectedly" in notice.message
    assert "kept" in notice.message
    again.run(notice.offer)
    assert arrangement(again) == arrangement(killed_at_work)
    again.close()


def test_pictures_are_found_again_whatever_number_they_have_now(killed_at_work, chest):
    shown = plain_seen(killed_at_work.workplace._seen(killed_at_work.workplace._now, ended=False))
    first = min(chest.iterdir(), key=lambda path: path.name)
    first.unlink()
    again = started()
    again.run("workplace.restore")
    series = again.series(again.view.current.series)
    address = series.frames[again.view.current.index]
    assert series.instances[address.instance].sop_instance == shown["pictures"][3][0]
    again.close()


def test_studies_that_are_gone_are_told_and_the_offer_stays(killed_at_work, chest):
    chest.rename(chest.with_name("elsewhere"))
    again = started()
    with pytest.raises(BadValue, match="chest is no longer there"):
        again.run("workplace.restore")
    assert again.state.last_time is LastTime.INTERRUPTED
    chest.with_name("elsewhere").rename(chest)
    again.run("workplace.restore")
    assert again.view.current.index == 7
    again.close()


def test_who_goes_back_where_nothing_was_is_told():
    session = started()
    assert session.state.last_time is LastTime.NOTHING
    with pytest.raises(BadValue, match="Nothing was open"):
        session.run("workplace.restore")
    session.close()


def test_a_second_window_leaves_the_workplace_of_the_first_alone(killed_at_work, tmp_path):
    first = started()
    first.run("workplace.restore")
    first.runner.run_later()
    before = (user_data() / FILE).read_bytes()
    second = started()
    assert second.state.last_time is LastTime.NOTHING
    factories.ct(tmp_path / "other", series="other")
    second.run("study.open", paths=(tmp_path / "other",))
    second.runner.run_later()
    second.close()
    assert (user_data() / FILE).read_bytes() == before
    first.close()


def test_who_wants_no_studies_remembered_leaves_no_workplace(chest):
    session = started(remember_studies=False)
    session.run("study.open", paths=(chest,))
    session.runner.run_later()
    assert not (user_data() / FILE).exists()
    session.close()


def test_a_closed_study_is_not_offered_as_interrupted(chest):
    session = started()
    session.run("study.open", paths=(chest,))
    session.runner.run_later()
    session.run("study.close")
    killed(session)
    again = started()
    assert again.state.last_time is not LastTime.INTERRUPTED
    again.close()


def test_a_disk_that_refuses_is_told_once(chest, monkeypatch):
    session = started()

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("medviewer.session.keeping.workplace.write_atomically", full)
        session.run("study.open", paths=(chest,))
        for index in range(3):
            session.run("view.goto", index=index)
            session.runner.run_later()
        assert [one.message for one in session.state.notices] == [
            "Your work could not be saved: No space left on device."
        ]
    session.run("view.goto", index=5)
    session.runner.run_later()
    assert json.loads((user_data() / FILE).read_text())["view"]["viewports"][0]["index"] == 5
    session.close()


# session files


def test_a_session_file_brings_back_work_window_and_studies(killed_at_work, tmp_path):
    killed_at_work.run("study.save", path=tmp_path / "s.json")
    fresh = Session(InlineRunner())
    for path in (user_data() / "readings").glob("*.*"):
        path.unlink()
    fresh.run("study.load", path=tmp_path / "s.json")
    assert arrangement(fresh) == arrangement(killed_at_work)
    reading = fresh.state.document.reading(fresh.view.current.series)
    assert [one.text for one in reading.annotations] == ["here"]
    fresh.run("edit.undo")
    assert not fresh.state.document.reading(fresh.view.current.series).annotations
    fresh.close()


def test_a_session_file_of_an_older_medviewer_brings_the_work_and_leaves_the_window(killed_at_work, tmp_path):
    path = tmp_path / "s.json"
    killed_at_work.run("study.save", path=path)
    found = json.loads(path.read_text())
    del found["workplace"]
    path.write_text(json.dumps(found))
    session = started()
    session.run("workplace.restore")
    session.run("view.layout", rows=1, columns=1)
    before = arrangement(session)
    session.run("study.load", path=path)
    assert arrangement(session) == before
    session.close()


def test_a_session_file_cannot_send_the_program_to_another_computer(killed_at_work, tmp_path):
    path = tmp_path / "s.json"
    killed_at_work.run("study.save", path=path)
    found = json.loads(path.read_text())
    found["workplace"]["paths"] = ["//other/share", "\\\\other\\share"]
    path.write_text(json.dumps(found))
    session = Session(InlineRunner())
    with pytest.raises(FileTrouble, match="belongs to other studies"):
        session.run("study.load", path=path)
    session.close()


# the file


FULL = View(
    Layout(2, 3),
    tuple(
        Viewport(
            series="a",
            index=number,
            voi=VOI(40.5, 400.0, Curve.SIGMOID, True, Lut(-5, 12, (1, 2, 3), "x"), "Bone"),
            zoom=2.5,
            actual=True,
            center=(0.25, 0.75),
            rotation=270,
            flipped=True,
            enhanced=False,
            recipe=Pipeline((Step.of("gaussian", {"radius": 2}),), "mine", "words"),
            against=Against(Way.LENS, viewport=2, spot=(0.1, 0.2)),
            cut=Cut((0.0, 1.0, 0.0), (0.0, 0.0, -1.0), 12.5, 3.0, name="Sagittal"),
            colors="hot-iron",
            fusion=Fusion("b", 3, "hot-iron", 0.25, VOI(1.0, 2.0), True),
            hidden_overlays=(0x6000, -1),
            inspected=(3, 4),
            presentation="1.2.3",
            view3d=View3D("ct-bone"),
        )
        for number in range(9)
    ),
    4,
    True,
    "length",
    True,
    CornerText.MINIMAL,
    annotations_hidden=True,
    hidden_objects=frozenset({"1.2"}),
    snapping=True,
    group="g",
    label=3,
    brush=Brush(3.5, True, (1.0, 2.0), True, False),
    regions=("a", "b"),
    cine_rate=12.0,
    cine_places=True,
    crosshair=(1.0, 2.0, 3.0),
    overlay_color="#123456",
    reference_lines=False,
    before_planes=View(Layout(1, 2), active=1),
)
SEEN = Seen(FULL, (("1.2", 3), None), (None, Pipeline()), ("/a", "/b"), False)


def test_everything_in_a_view_survives_its_file():
    assert seen_of(json.loads(json.dumps(plain_seen(SEEN)))) == SEEN
    left_out = {one.name for one in fields(View)} - set(plain_seen(SEEN)["view"])
    assert left_out <= set(MOMENTARY)


def test_every_field_of_a_view_is_one_that_can_be_read_or_is_momentary():
    plain = plain_seen(SEEN)["view"]
    for kind, said in ((View, plain), (Viewport, plain["viewports"][0])):
        unlike = [name for name in said if getattr(kind(), name) == getattr(from_plain(kind, said), name)]
        known = {"before_compare", "before_grid", "cells"} if kind is View else {"index", "series"}
        assert set(unlike) <= known


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "5", '"x"', "[" * 100_000, "{}", '{"view": 5}'])
def test_a_damaged_file_is_no_reason_not_to_start(content):
    (user_data() / FILE).write_text(content)
    session = started()
    assert session.state.last_time is LastTime.NOTHING
    session.close()


def test_a_file_far_too_large_is_not_read():
    with open(user_data() / FILE, "wb") as file:
        file.truncate(100 << 20)
    session = started()
    assert "cannot be read" in session.state.notices[0].message
    session.close()


HOSTILE = (None, -1, 10**30, 1.5, math.nan, math.inf, "x", "", [], {}, [[]], True, "\0", {"a": 1}, [1, 2, 3])


def spoiled(found: object, chance: random.Random) -> object:
    """*found* with one part exchanged for something that nobody wrote."""
    if isinstance(found, dict) and found and chance.random() < 0.9:
        name = chance.choice([*found])
        return {**found, name: spoiled(found[name], chance)}
    if isinstance(found, list) and found and chance.random() < 0.9:
        at = chance.randrange(len(found))
        return [*found[:at], spoiled(found[at], chance), *found[at + 1 :]]
    return chance.choice(HOSTILE)


def test_whatever_is_spoiled_in_a_file_gives_a_view_that_commands_could_have_made():
    chance, plain = random.Random(5), plain_seen(SEEN)
    for _ in range(400):
        found = seen_of(spoiled(plain, chance))
        if found is None:
            continue
        view = found.view
        assert len(view.viewports) == 9
        assert 0 <= view.active < view.layout.count <= 9
        assert all(one.zoom > 0 and one.index >= 0 and one.rotation % 90 == 0 for one in view.viewports)
        assert all(isinstance(one, str) for one in found.paths)
        assert isinstance(found.ended, bool)
        for one in fields(View):
            if one.name not in (*MOMENTARY, "crosshair", "before_planes") and one.default is not None:
                assert type(getattr(view, one.name)) is type(getattr(FULL, one.name))


def test_views_inside_of_views_come_to_an_end():
    view = plain_seen(SEEN)["view"]
    for _ in range(100):
        view = {**view, "before_planes": view}
    assert seen_of({"view": view}) is not None


def test_a_recipe_with_steps_that_this_medviewer_does_not_have_is_left_out():
    odd = replace(
        SEEN, view=replace(FULL, viewports=(replace(FULL.viewports[0], recipe=Pipeline((Step.of("?"),))),))
    )
    assert seen_of(plain_seen(odd)).view.viewports[0].recipe is None


def test_the_paths_are_those_that_were_opened_and_otherwise_the_files(chest):
    session = Session(InlineRunner())
    session.run("study.open", paths=(chest,))
    studies = session.state.studies
    assert paths_of(studies, (str(chest),)) == (str(chest),)
    assert paths_of(studies, ("/elsewhere", str(chest.parent))) == (str(chest.parent),)
    assert set(paths_of(studies, ())) == {str(one) for one in chest.iterdir()}
    assert paths_of(studies, (str(chest / "DICOMDIR"),)) == (str(chest / "DICOMDIR"),)
    one = str(next(chest.iterdir()))
    assert len(paths_of(studies, (one,))) == 9
    session.close()


def test_so_many_files_are_named_by_their_folders(chest, monkeypatch):
    monkeypatch.setattr(workplace_file, "MOST_FILES", 3)
    session = Session(InlineRunner())
    session.run("study.open", paths=(chest,))
    assert paths_of(session.state.studies, ()) == (str(chest),)
    session.close()
