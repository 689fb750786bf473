"""The file beside a saved picture brings the very view back, pixel by pixel, in another process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.labels import Label, LabelMap
from medviewer.kit.errors import BadValue, FileTrouble, SeriesTrouble
from medviewer.kit.plain import from_plain, to_plain
from medviewer.kit.task import TaskContext
from medviewer.session.alignment import pictures_of
from medviewer.session.pictures import compose_layout
from medviewer.session.session import Session
from medviewer.session.sidecar.restoring import pictures, restore
from medviewer.session.sidecar.seen import Seen, read_seen
from medviewer.session.state import View, Viewport
from tests import factories

AGAIN = """
import sys
from pathlib import Path
import numpy as np
from medviewer.session.session import Session
from medviewer.session.alignment import pictures_of
from medviewer.session.pictures import compose_layout
from medviewer.session.sidecar.restoring import pictures
from medviewer.session.sidecar.seen import read_seen
from medviewer.kit.task import TaskContext
session = Session()
session.run("study.open", paths=(Path(sys.argv[1]),))
taken = pictures(session, read_seen(Path(sys.argv[1])))
np.save(sys.argv[2], compose_layout(session.rendering, taken, TaskContext()))
print([one.message for one in session.state.notices])
session.close()
"""
"""What a fresh process does: it is given nothing but the file."""


@pytest.fixture
def opened(session: Session, tmp_path: Path) -> Session:
    """A stack of which something is known at the next start, too."""
    factories.ct(
        tmp_path / "ct", 12, spacing=(0.8, 0.5), step=2.5, PatientName="Muster^Max", PatientID="ID4711"
    )
    session.run("study.open", paths=(tmp_path / "ct",))
    return session


def _plain(session: Session) -> None:
    session.run("view.goto", index=3)


def _looked_at(session: Session) -> None:
    session.run("view.goto", index=8)
    session.run("window.set", center=35.5, width=321)
    session.run("window.invert")
    session.run("view.zoom", factor=1.7)
    session.run("view.rotate", degrees="90")
    session.run("view.flip", direction="horizontal")
    session.run("view.colors", name="hot-iron")


def _worked_on(session: Session) -> None:
    series = session.series(session.view.current.series)
    assert series is not None
    plane = series.frames[6].plane
    points = (plane.to_patient(10, 12), plane.to_patient(40, 33))
    drawn = (Annotation(Shape.ELLIPSE, points, plane.frame_of_reference, "mine"),)
    values = np.zeros((64, 64), np.uint8)
    values[20:40, 20:30] = 1
    group = LabelMap.empty(series.count, (Label(1, "Lung", "#e69f00"),)).with_slices({6: values})
    session.edit(
        "Test",
        lambda document: document.with_reading(
            replace(
                document.reading(series.key), annotations=drawn, groups=(group,), pictures=pictures_of(series)
            )
        ),
    )
    session.run("view.goto", index=6)
    session.run("enhance.add", operation="clahe", values={"clip_limit": 3.0})


def _planes(session: Session) -> None:
    session.run("plane.layout", arrangement="2x2")
    session.run("window.set", center=40, width=400)


def _compared(session: Session) -> None:
    session.run("enhance.add", operation="gamma")
    session.run("against.wipe")


@pytest.mark.parametrize("do", [_plain, _looked_at, _worked_on, _planes, _compared])
def test_a_fresh_process_makes_the_same_pixels_of_it(
    opened: Session, tmp_path: Path, do: Callable[[Session], None]
) -> None:
    do(opened)
    path = tmp_path / "out" / "a.png"
    path.parent.mkdir()
    opened.run("export.picture", path=path, sidecar=True, whole_layout=do is _planes, scale=1.5)
    opened.close()
    call = [sys.executable, "-c", AGAIN, str(path.with_suffix(".json")), str(tmp_path / "again.npy")]
    told = subprocess.run(call, check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "[]"
    saved = cv2.imread(str(path))[..., ::-1]
    assert np.array_equal(np.load(tmp_path / "again.npy"), saved)
    assert saved.std() > 10


def _saved(session: Session, path: Path) -> Path:
    session.run("export.picture", path=path, sidecar=True)
    return path.with_suffix(".json")


def test_a_recipe_that_was_changed_since_is_put_in_place_here_only(opened: Session, tmp_path: Path) -> None:
    opened.run("enhance.add", operation="clahe", values={"clip_limit": 3.0})
    file = _saved(opened, tmp_path / "a.png")
    before = opened.rendering.shown_pipeline(0)
    opened.run("enhance.clear")
    opened.run("view.restore", path=file)
    assert opened.rendering.shown_pipeline(0).steps == before.steps
    assert not opened.rendering.pipeline(opened.view.current.series).active


def test_what_is_no_longer_there_is_told(opened: Session, tmp_path: Path) -> None:
    _worked_on(opened)
    file = _saved(opened, tmp_path / "a.png")
    for _ in range(2):
        opened.run("edit.undo")
    opened.run("view.restore", path=file)
    assert (
        opened.state.notices[-1].advice
        == "1 annotation of it are not kept here. 1 label of it are not kept here."
    )


def test_a_study_that_nobody_knows_is_told(
    opened: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _saved(opened, tmp_path / "a.png")
    monkeypatch.setenv("MEDVIEWER_HOME", str(tmp_path / "elsewhere"))
    other = Session()
    other.run("view.restore", path=file)
    assert "is not open, and was not opened before" in other.state.notices[-1].message
    assert other.view == View(corner_text=other.view.corner_text)
    other.close()


def test_pictures_that_are_gone_change_nothing(opened: Session, tmp_path: Path) -> None:
    seen = read_seen(_saved(opened, tmp_path / "a.png"))
    gone = replace(seen, viewports=tuple(replace(one, instance="1.2.3") for one in seen.viewports))
    before = opened.view
    with pytest.raises(SeriesTrouble, match="not in the open studies"):
        restore(opened, gone)
    assert opened.view is before


@pytest.mark.rule("P-56")
def test_the_file_holds_uids_and_no_words_from_the_study(opened: Session, tmp_path: Path) -> None:
    text = _saved(opened, tmp_path / "a.png").read_text()
    series = opened.series(opened.view.current.series)
    assert series is not None
    assert series.uid in text
    assert not any(one in text for one in ("Muster", "ID4711", "Synthetic", "20260115", "19700101"))
    assert json.loads(text)["by"].startswith("medviewer ")


def test_without_the_wish_there_is_no_file(opened: Session, tmp_path: Path) -> None:
    opened.run("export.picture", path=tmp_path / "a.png")
    assert not (tmp_path / "a.json").exists()


def test_another_json_file_is_not_replaced(opened: Session, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"mine": 1}')
    opened.run("export.picture", path=tmp_path / "a.png", sidecar=True)
    assert (tmp_path / "a.json").read_text() == '{"mine": 1}'
    assert "no view of medviewer" in opened.state.notices[-1].message
    _saved(opened, tmp_path / "b.png")
    _saved(opened, tmp_path / "b.png")


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.update(medviewer_view=True),
        lambda found: found.pop("viewports"),
        lambda found: found.update(active=7),
        lambda found: found["layout"].update(rows=99),
        lambda found: found["viewports"][0].update(size=[0, 5]),
        lambda found: found["viewports"][0].update(size=[10**9, 5]),
        lambda found: found["viewports"][0]["viewport"].update(zoom=-1.0),
        lambda found: found["viewports"][0]["viewport"].update(zoom="1e999"),
        lambda found: found["viewports"][0]["viewport"].update(rotation=45),
        lambda found: found["viewports"][0]["viewport"]["voi"].update(curve="CUBIC"),
        lambda found: found.update(cells=[]),
    ],
)
def test_a_damaged_file_is_refused_in_a_sentence(
    opened: Session, tmp_path: Path, change: Callable[[dict], object]
) -> None:
    file = _saved(opened, tmp_path / "a.png")
    found = json.loads(file.read_text())
    change(found)
    file.write_text(json.dumps(found))
    with pytest.raises(FileTrouble, match=r"a\.json"):
        read_seen(file)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"medviewer_view": 1}', '{"medviewer_view": 99}', "[" * 100_000, "\x00"]
)
def test_no_text_whatever_breaks_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(FileTrouble):
        read_seen(tmp_path / "x.json")
    with pytest.raises(FileTrouble):
        read_seen(tmp_path / "nowhere.json")


def test_a_reading_is_told_from_a_view(opened: Session, tmp_path: Path) -> None:
    opened.run("study.save", path=tmp_path / "reading.json")
    with pytest.raises(FileTrouble, match="Load reading"):
        read_seen(tmp_path / "reading.json")


def test_plain_values_come_back(opened: Session) -> None:
    _looked_at(opened)
    viewport = opened.view.current
    again = from_plain(Viewport, json.loads(json.dumps(to_plain(viewport))))
    assert again == viewport
    with pytest.raises(BadValue):
        from_plain(Viewport, {"index": "1"})
    with pytest.raises(BadValue):
        from_plain(Seen, {})


def test_the_restored_view_is_composed_like_the_screen_does(opened: Session, tmp_path: Path) -> None:
    _looked_at(opened)
    seen = read_seen(_saved(opened, tmp_path / "a.png"))
    before = compose_layout(opened.rendering, pictures(opened, seen), TaskContext())
    opened.run("view.reset")
    opened.run("view.goto", index=0)
    assert not np.array_equal(compose_layout(opened.rendering, pictures(opened, seen), TaskContext()), before)
    opened.run("study.open", paths=(tmp_path / "a.json",))
    assert np.array_equal(compose_layout(opened.rendering, pictures(opened, seen), TaskContext()), before)
