"""Whole series as pictures, movies, contact sheets and values: all of them, true, whole or not there."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest

from medviewer.kit.errors import BadValue, Cancelled
from medviewer.kit.task import TaskContext
from medviewer.session.exporting.elsewhere import Elsewhere
from medviewer.session.exporting.out import Leaving, write_pictures
from medviewer.session.exporting.roll import Choice, Sides, Through, composed, frame_rate, roll
from medviewer.session.pictures import Look, compose_layout, snapshots
from medviewer.session.session import Session
from tests import factories

BARE = Look(annotations=False, overlay=False, text=False)


@pytest.fixture
def session():
    one = Session()
    yield one
    one.close()


def opened(session: Session, folder: Path) -> None:
    session.run("study.open", paths=(folder,))
    assert session.view.current.series


def read(path: Path) -> np.ndarray:
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


def test_every_picture_is_exactly_what_the_screen_composes_at_its_place(session, tmp_path):
    factories.ct(tmp_path / "s", 6, spacing=(1.5, 0.8))
    opened(session, tmp_path / "s")
    session.run("enhance.add", operation="clahe")
    session.run("window.set", center=40, width=400)
    before = session.state
    session.run("export.slices", folder=tmp_path / "out", first=2, last=6, step=2)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["0002.png", "0004.png", "0006.png"]
    assert session.state.view == before.view
    for number in (2, 4, 6):
        session.run("view.goto", index=number - 1)
        wanted = compose_layout(session.rendering, snapshots(session, 1.0, False, Look()), TaskContext())
        assert np.array_equal(read(tmp_path / "out" / f"{number:04d}.png"), wanted)


def test_pictures_without_anything_on_them_are_the_rendered_pixels(session, tmp_path):
    factories.ct(tmp_path / "s", 3)
    opened(session, tmp_path / "s")
    session.run("export.slices", folder=tmp_path / "out", annotations=False, overlay=False, text=False)
    for number in (1, 2, 3):
        session.run("view.goto", index=number - 1)
        pixels = session.rendering.draw(0, None).picture.pixels
        found = read(tmp_path / "out" / f"{number:04d}.png")
        assert np.array_equal(found, pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, 2))


def test_nobody_is_named_unless_asked_for(session, tmp_path):
    factories.ct(tmp_path / "s", 2, PatientName="Secret^Name", PatientID="ID-77")
    opened(session, tmp_path / "s")
    for folder, identity in (("a", False), ("b", True)):
        session.run("export.slices", folder=tmp_path / folder, identity=identity, scale=8)
    for path in (tmp_path / "a").iterdir():
        assert b"Secret" not in path.read_bytes()
        assert b"ID-77" not in path.read_bytes()
        assert "Secret" not in path.name
    taken = Leaving.of(session, Choice()).elsewhere
    (cell,) = snapshots(taken.as_session, 1.0, False, Look()).cells
    assert cell.scene.facts.patient == ()
    assert (read(tmp_path / "a" / "0001.png") != read(tmp_path / "b" / "0001.png")).any()


def test_annotations_stand_on_their_own_slice_only(session, tmp_path):
    factories.ct(tmp_path / "s", 4)
    opened(session, tmp_path / "s")
    session.run("view.goto", index=2)
    plane = session.rendering.plane(session.view.current)
    points = (plane.to_patient(10, 10), plane.to_patient(50, 50))
    session.run("annotate.add", shape="length", points=points)
    for folder, drawn in (("a", True), ("b", False)):
        session.run("export.slices", folder=tmp_path / folder, annotations=drawn, text=False)
    differ = [
        bool((read(tmp_path / "a" / f"{at:04d}.png") != read(tmp_path / "b" / f"{at:04d}.png")).any())
        for at in (1, 2, 3, 4)
    ]
    assert differ == [False, False, True, False]


def test_planes_and_times_leave_too(session, tmp_path):
    each = [{"EchoTime": 10 * at, "EchoNumbers": at} for at in (1, 2, 3)]
    factories.repeated(tmp_path / "s", each)
    opened(session, tmp_path / "s")
    series = session.series(session.view.current.series)
    assert series.dimension is not None
    session.run("view.goto", index=1)
    names = [one.name for one in roll(session, Choice(through=Through.VALUES))]
    assert [name[:4] for name in names] == ["v01-", "v02-", "v03-"]
    assert len({name[4:] for name in names}) == 1
    assert len(roll(session, Choice(through=Through.EVERYTHING))) == 15
    session.run("plane.show", name="coronal")
    planes = roll(session, Choice(step=4))
    assert [one.name for one in planes] == ["coronal-0001", "coronal-0005", "coronal-0009", "coronal-0013"]
    session.run("export.slices", folder=tmp_path / "out", step=4)
    assert len(list((tmp_path / "out").iterdir())) == 4


def test_before_and_after_stand_beside_each_other_or_follow(session, tmp_path):
    factories.ct(tmp_path / "s", 3)
    opened(session, tmp_path / "s")
    with pytest.raises(BadValue, match="no before and after"):
        roll(session, Choice(sides=Sides.BESIDE))
    session.run("enhance.add", operation="gaussian", values={"radius_px": 6.0})
    look = {"annotations": False, "overlay": False, "text": False}
    session.run("export.slices", folder=tmp_path / "turn", sides="in turn", last=1, **look)
    session.run("export.slices", folder=tmp_path / "beside", sides="beside", last=1, **look)
    one, two = (read(path) for path in sorted((tmp_path / "turn").iterdir()))
    assert [path.name for path in sorted((tmp_path / "turn").iterdir())] == [
        "0001-1-original.png", "0001-2-enhanced.png",
    ]  # fmt: skip
    both = read(tmp_path / "beside" / "0001.png")
    assert (one != two).any()
    assert np.array_equal(both[:, :64], one)
    assert np.array_equal(both[:, -64:], two)
    session.run("export.movie", path=tmp_path / "a.gif", sides="in turn", first=2, last=2, rate=2, **look)
    found = cv2.imreadanimation(str(tmp_path / "a.gif"))[1]
    assert len(found.frames) == 2
    assert np.ravel(found.durations).tolist() == [500, 500]


def test_a_movie_shows_the_slices_in_their_order(session, tmp_path):
    volume = np.stack([np.full((64, 64), 200 + 100 * at, np.int16) for at in range(8)])
    factories.ct(tmp_path / "s", 8, volume=volume, WindowCenter=0, WindowWidth=1000, RescaleIntercept=-500)
    opened(session, tmp_path / "s")
    look = {"annotations": False, "overlay": False, "text": False}
    session.run("export.movie", path=tmp_path / "a.mp4", rate=7, **look)
    reader = cv2.VideoCapture(str(tmp_path / "a.mp4"))
    means = []
    while (answer := reader.read())[0]:
        means.append(float(answer[1].mean()))
    session.run("export.slices", folder=tmp_path / "out", **look)
    wanted = [float(read(path).mean()) for path in sorted((tmp_path / "out").iterdir())]
    assert reader.get(cv2.CAP_PROP_FPS) == pytest.approx(7)
    assert means == pytest.approx(wanted, abs=4)
    assert np.diff(means).min() > 10


def test_the_rate_is_that_of_the_file_where_it_has_one(session, tmp_path):
    path = factories.ultrasound(tmp_path / "us.dcm", frames=3, FrameTime=40.0)
    opened(session, path)
    assert frame_rate(session) == pytest.approx(25)


def test_a_contact_sheet_has_one_numbered_tile_for_each_picture(session, tmp_path):
    volume = np.stack([np.full((40, 60), 300 * at, np.int16) for at in range(7)])
    factories.ct(tmp_path / "s", 7, volume=volume, rows=40, columns=60, WindowCenter=0, WindowWidth=2400)
    opened(session, tmp_path / "s")
    session.run("export.contact_sheet", path=tmp_path / "a.png", columns=3, tile=120)
    sheet = read(tmp_path / "a.png")
    assert sheet.shape == (3 * 84 + 4, 3 * 124 + 4, 3)
    session.run("export.slices", folder=tmp_path / "out", text=False)
    for at, path in enumerate(sorted((tmp_path / "out").iterdir())):
        top, left = 4 + at // 3 * 84, 4 + at % 3 * 124
        # in the middle of the tile, away from its number
        assert sheet[top + 20 : top + 40, left + 60 : left + 110].mean() == pytest.approx(
            float(read(path).mean()), abs=2
        )
        corner = sheet[top + 60 : top + 80, left : left + 30].astype(int)
        assert np.ptp(corner) > 60  # the number
    assert sheet[2 * 84 + 20 :, 124 + 20 :].max() < 40  # nothing after the last


def test_values_in_16_bits_give_back_hounsfield_units(session, tmp_path):
    paths = factories.ct(tmp_path / "s", 3)
    opened(session, tmp_path / "s")
    wanted = {}
    for path in paths:
        data = pydicom.dcmread(path)
        wanted[float(data.ImagePositionPatient[2])] = data.pixel_array.astype(float) - 1024
    for numbers, format in (("16 bits", "png"), ("16 bits", "tiff"), ("stored", "tiff"), ("float", "tiff")):
        folder = tmp_path / f"{numbers}-{format}"
        session.run("export.values", folder=folder, numbers=numbers, format=format)
        said = json.loads((folder / "values.json").read_text())
        assert said["unit"] == "HU"
        for one in said["pictures"]:
            stored = cv2.imread(str(folder / one["file"]), cv2.IMREAD_UNCHANGED).astype(float)
            slope, intercept = (
                (said | one).get(name, default) for name, default in (("slope", 1.0), ("intercept", 0.0))
            )
            assert np.array_equal(stored * slope + intercept, wanted[one["position"][2]]), (numbers, format)
            assert one["spacing"] == [1.0, 1.0]


def test_values_that_do_not_fit_are_refused_in_words(session, tmp_path):
    opened(session, factories.color(tmp_path / "c.dcm"))
    session.run("export.values", folder=tmp_path / "out")
    assert "colour" in session.state.notices[-1].message
    assert not (tmp_path / "out").exists()
    with pytest.raises(BadValue, match="32 bits need TIFF"):
        session.run("export.values", folder=tmp_path / "out", numbers="float", format="png")


def test_a_folder_is_there_whole_or_not_at_all(session, tmp_path):
    factories.ct(tmp_path / "s", 4)
    opened(session, tmp_path / "s")
    leaving = Leaving.of(session, Choice(look=BARE))
    context = TaskContext()
    seen = []

    def tell(progress) -> None:
        seen.append(progress.fraction)
        if len(seen) == 3:
            context.token.cancel()

    context._tell = tell
    with pytest.raises(Cancelled):
        write_pictures(leaving, tmp_path / "out", "png", False, context)
    assert seen == sorted(seen)
    assert not (tmp_path / "out").exists()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "0002.png").write_bytes(b"mine")
    session.run("export.slices", folder=tmp_path / "out")
    assert "is there already" in session.state.notices[-1].message
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["0002.png"]
    session.run("export.slices", folder=tmp_path / "out", instead=True)
    assert len(list((tmp_path / "out").iterdir())) == 4


def test_what_is_seen_stays_in_memory_and_what_leaves_does_not_come_in(session, tmp_path):
    factories.ct(tmp_path / "s", 5)
    opened(session, tmp_path / "s")
    session.rendering.draw(0, (64, 64))
    key = session.view.current.series
    before = [session.frames.get(key, at) is None for at in range(5)]
    session.run("export.slices", folder=tmp_path / "out")
    assert [session.frames.get(key, at) is None for at in range(5)] == before


def test_where_a_worker_looks_moves_nothing_on_the_screen(session, tmp_path):
    factories.ct(tmp_path / "s", 5)
    opened(session, tmp_path / "s")
    heard = []
    session.watch(lambda state: state.view, heard.append)
    heard.clear()
    away = Elsewhere(session)
    for taking in roll(session, Choice()):
        composed(away, taking, Choice(), TaskContext())
    assert heard == []


def test_wrong_ranges_are_told(session, tmp_path):
    with pytest.raises(BadValue, match="no pictures"):
        session.run("export.slices", folder=tmp_path / "out")
    factories.ct(tmp_path / "s", 3)
    opened(session, tmp_path / "s")
    for first, last in ((4, 0), (3, 2)):
        with pytest.raises(BadValue, match="1 to 3"):
            session.run("export.slices", folder=tmp_path / "out", first=first, last=last)
    with pytest.raises(BadValue, match="one picture at each place"):
        session.run("export.slices", folder=tmp_path / "out", through="values")
    with pytest.raises(BadValue, match="ending"):
        session.run("export.movie", path=tmp_path / "a.avi")
