"""Painting in a session: into which label, on which pictures, what stays, and what undo brings back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.core.finding import Provenance
from medviewer.core.labels import SAFE_COLORS, Label, LabelMap
from medviewer.kit.errors import BadValue
from medviewer.session.session import Session
from tests import factories
from tests.session.segmenting.readings import Busy

MODEL = Provenance("finder", "2.0", "0", "2026-01-01")
AXIAL, CORONAL = 0, 1


def opened(folder: Path, **values) -> Session:
    one = Session()
    one.run("study.open", paths=tuple(factories.ct(folder, **values)))
    return one


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """Eight slices of a body (40 HU) with a ball (300 HU) in air, 64 x 64 pixels, 2 mm apart."""
    one = opened(tmp_path / "ct", slices=8, step=2.0)
    yield one
    one.close()


def groups(session: Session) -> tuple[LabelMap, ...]:
    return session.state.document.reading(session.view.current.series).groups


def counts(session: Session, group: int = -1, value: int = 0) -> list[int]:
    """How many pixels of each slice have a label, or the label of *value*."""
    found = groups(session)[group].slices if groups(session) else (None,) * 8
    return [0 if one is None else int((one == value if value else one > 0).sum()) for one in found]


def at(session: Session, row: float, column: float, viewport: int = 0) -> tuple[float, float, float]:
    plane = session.rendering.plane(session.view.viewports[viewport])
    assert plane is not None
    return plane.to_patient(row, column)


def dab(session: Session, row: float = 32, column: float = 32, **values) -> None:
    session.run("paint.stroke", points=(at(session, row, column, values.get("viewport", 0)),), **values)


def put(session: Session, *maps: LabelMap) -> None:
    key = session.view.current.series
    assert key is not None
    session.edit("Put", lambda document: document.with_reading(replace(document.reading(key), groups=maps)))


def square(value: int, top: int = 20, left: int = 20, size: int = 20) -> np.ndarray:
    made = np.zeros((64, 64), np.uint8)
    made[top : top + size, left : left + size] = value
    return made


def test_the_first_stroke_makes_a_label_and_works_on_it(session: Session) -> None:
    dab(session)
    (group,) = groups(session)
    assert [(one.name, one.color) for one in group.labels] == [("Label 1", SAFE_COLORS[0])]
    assert (session.view.group, session.view.label) == (group.id, 1)
    assert not group.is_proposal
    assert session.state.undo_label == "Paint Label 1"
    assert [one > 0 for one in counts(session)] == [at == session.view.current.index for at in range(8)]


def test_one_drag_is_one_undo_which_brings_back_exactly_what_was(session: Session) -> None:
    dab(session, 20, 20)
    before = groups(session)
    for step in range(5):
        points = (at(session, 30 + step, 30), at(session, 31 + step, 33))
        session.run("paint.stroke", points=points, drag="one")
    after = groups(session)
    session.run("edit.undo")
    assert groups(session) is before
    session.run("edit.redo")
    assert groups(session) is after


def test_a_ball_goes_through_the_slices_of_the_shown_value_only(tmp_path: Path) -> None:
    folder = tmp_path / "times"
    factories.repeated(folder, [{"TriggerTime": time} for time in (0, 40, 80)])
    session = Session()
    session.run("study.open", paths=(folder,))
    series = session.state.studies[0].series[0]
    session.run("paint.brush", diameter=500.0, ball=True)
    plane = session.rendering.plane(session.view.current)
    assert plane is not None
    session.run("paint.stroke", points=(plane.to_patient(5, 5),))
    painted = [at for at, one in enumerate(groups(session)[0].slices) if one is not None]
    value = session.view.current.index // series.places
    assert painted == list(range(value * series.places, (value + 1) * series.places))
    session.close()


@pytest.mark.parametrize("tilt", [0.0, 1.2])
def test_a_ball_has_its_volume_on_odd_spacings_and_tilted_slices(tmp_path: Path, tilt: float) -> None:
    session = opened(
        tmp_path / "ct", slices=40, rows=80, columns=90, spacing=(0.9, 0.6), shift=(0, tilt, 1.1), step=1.1
    )
    session.run("view.goto", index=20)
    session.run("paint.brush", diameter=30.0, ball=True)
    dab(session, 40.2, 45.4)
    volume = sum(counts(session)) * 0.9 * 0.6 * 1.1  # along the normal, whatever the tilt
    assert volume == pytest.approx(math.pi * 30**3 / 6, rel=0.005)
    session.close()


def test_a_disc_on_a_plane_paints_the_voxels_of_that_plane(session: Session) -> None:
    session.run("plane.layout", arrangement="2x2")
    session.run("paint.brush", diameter=8.0)
    dab(session, 4, 30, viewport=CORONAL)
    rows = {int(row) for one in groups(session)[0].slices if one is not None for row in np.nonzero(one)[0]}
    assert len(rows) == 1  # a coronal plane is one row of every slice
    assert [one > 0 for one in counts(session)] == [abs(2 * (at - 3)) <= 4 for at in range(8)]
    session.rendering.draw(CORONAL, None)


def test_nothing_is_painted_on_a_slab_or_a_body(session: Session) -> None:
    session.run("plane.layout", arrangement="2x2")
    session.run("plane.slab", thickness=20.0)
    with pytest.raises(BadValue, match="slab"):
        dab(session, 4, 30, viewport=session.view.active)


@pytest.mark.parametrize("way", ["scissors", "interpolate"])
def test_work_on_whole_stacks_of_a_proposal_goes_into_a_copy_too(session: Session, way: str) -> None:
    marked = np.zeros((64, 64), np.uint8)
    marked[20:40, 20:40] = 1
    proposal = replace(
        LabelMap.empty(8, (Label(1, "Ball", "#e69f00"),)).with_slices({2: marked, 5: marked}),
        provenance=MODEL,
    )
    put(session, proposal)
    session.change(lambda view: replace(view, group=proposal.id, label=1))
    if way == "scissors":
        corners = ((10, 10), (10, 30), (50, 30), (50, 10))
        points = tuple(at(session, row + 0.5, column + 0.5) for row, column in corners)
        session.run("paint.scissors", points=points, through=True)
    else:
        session.run("paint.interpolate")
    kept, own = groups(session)
    assert kept.slices is proposal.slices
    assert not own.is_proposal
    wanted = [0, 0, 180, 0, 0, 180, 0, 0] if way == "scissors" else [0, 0, 400, 400, 400, 400, 0, 0]
    assert counts(session) == wanted
    session.run("edit.undo")
    assert groups(session) == (proposal,)


def test_a_proposal_stays_as_it_is_and_the_reader_paints_into_a_copy(session: Session) -> None:
    proposal = replace(
        LabelMap.empty(8, (Label(1, "Lung", "#ff0000"),)).with_slices({4: square(1)}), provenance=MODEL
    )
    put(session, proposal)
    session.change(lambda view: replace(view, group=proposal.id, label=1))
    session.run("view.goto", index=4)
    dab(session, 50, 50)
    kept, own = groups(session)
    assert kept.slices is proposal.slices
    assert kept.is_proposal
    assert not kept.labels[0].visible
    assert not own.is_proposal
    assert "finder 2.0" in own.name
    assert own.slices[4].sum() > proposal.slices[4].sum()
    assert session.view.group == own.id
    session.run("edit.undo")
    assert groups(session) == (proposal,)


def test_a_locked_label_is_neither_painted_nor_painted_over(session: Session) -> None:
    labels = (Label(1, "Keep", "#ff0000", locked=True), Label(2, "Own", "#00ff00"))
    put(session, LabelMap.empty(8, labels).with_slices({4: square(1)}))
    session.run("view.goto", index=4)
    session.change(lambda view: replace(view, group=groups(session)[0].id, label=2))
    session.run("paint.brush", diameter=40.0)
    dab(session, 40, 40)
    assert counts(session, value=1)[4] == 400
    assert counts(session, value=2)[4] > 0
    with pytest.raises(BadValue, match="Keep is locked"):
        dab(session, label=1)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 63), st.floats(0, 63), st.sampled_from([2, 3]), st.booleans(), st.booleans()),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_is_painted_locked_labels_stay_and_undo_brings_all_back(session_once, strokes) -> None:
    session = session_once
    labels = (Label(1, "Keep", "#ff0000", locked=True), Label(2, "A", "#00ff00"), Label(3, "B", "#0000ff"))
    start = LabelMap.empty(8, labels).with_slices({4: square(1, 10, 12, 30)})
    put(session, start)
    session.run("view.goto", index=4)
    before = groups(session)
    done = 0
    for row, column, label, erase, over in strokes:
        session.run("paint.brush", over_others=over, diameter=15.0)
        session.change(lambda view: replace(view, group=start.id))
        done += session.run("paint.stroke", points=(at(session, row, column),), label=label, erase=erase)
        assert np.array_equal(groups(session)[0].slices[4] == 1, start.slices[4] == 1)
    for _ in range(done):
        session.run("edit.undo")
    assert groups(session) is before


@pytest.fixture(scope="module")
def session_once(tmp_path_factory) -> Iterator[Session]:
    one = opened(tmp_path_factory.mktemp("ct"), slices=8, step=2.0)
    yield one
    one.close()


def test_only_values_within_the_limits_are_painted(session: Session) -> None:
    session.run("view.goto", index=4)
    session.run("paint.limits", low=200, high=400)
    session.run("paint.brush", diameter=120.0)
    dab(session)
    values = session.frames.load(session.view.current.series, 4).values()
    assert counts(session)[4] == ((values >= 200) & (values <= 400)).sum() > 0
    with pytest.raises(BadValue):
        session.run("paint.limits", low=3, high=2)


def test_the_limits_can_be_those_of_the_window(session: Session) -> None:
    session.run("window.set", center=40.0, width=400.0)
    session.run("paint.limits_from_window")
    low, high = session.view.brush.limits or (0, 0)
    assert (low, high) == (-160, 239)  # PS3.3 C.11.2.1.2.1: white above c - 0.5 + (w - 1) / 2
    session.run("paint.no_limits")
    assert session.view.brush.limits is None


def test_in_colour_the_limits_of_the_window_are_those_of_the_brightness(tmp_path: Path) -> None:
    one = Session()
    one.run("study.open", paths=(factories.color(tmp_path / "photo.dcm"),))
    one.run("window.set", center=128.0, width=101.0)
    one.run("paint.limits_from_window")
    one.run("paint.brush", diameter=300.0)
    dab(one, 16, 24)
    assert one.view.brush.limits == (77.5, 177.5)
    frame = one.frames.load(one.view.current.series, 0)
    brightness = frame.pixels @ (0.299, 0.587, 0.114)
    painted = groups(one)[0].slices[0] > 0
    sure = abs(abs(brightness - 127.5) - 50) > 0.6  # a rounded one may lie on either side
    assert np.array_equal(painted[sure], (abs(brightness - 127.5) < 50)[sure])
    assert painted.any()
    one.close()


def test_the_adaptive_brush_stays_on_the_tissue_under_its_middle(session: Session) -> None:
    session.run("view.goto", index=4)
    values = session.frames.load(session.view.current.series, 4).values()
    row, column = (int(one.mean()) for one in np.nonzero(values == 300))
    session.run("paint.brush", diameter=60.0, adaptive=True)
    dab(session, row, column)
    assert np.array_equal(groups(session)[0].slices[4] > 0, values == 300)
    session.run("edit.undo")
    session.run("paint.brush", ball=True)
    dab(session, row, column)
    for index, one in enumerate(groups(session)[0].slices):
        hit = session.frames.load(session.view.current.series, index).values() == 300
        assert one is None or not (one[~hit]).any()
    assert sum(one > 0 for one in counts(session)) > 1


def test_an_outline_paints_pixels_whose_centre_it_encloses(session: Session) -> None:
    corners = [at(session, *one) for one in ((10, 10), (10, 20), (15, 20), (15, 10))]
    session.run("paint.outline", points=corners)
    assert sum(counts(session)) == 6 * 11
    session.run("paint.outline", points=corners, erase=True)
    assert sum(counts(session)) == 0
    with pytest.raises(BadValue):
        session.run("paint.outline", points=corners[:2])


def ring(value: int = 1) -> np.ndarray:
    made = square(value)
    made[23:37, 23:37] = 0
    return made


def test_a_hole_is_filled_on_the_slice_or_through_the_stack(session: Session) -> None:
    lids = {2: square(1), 5: square(1)}
    put(session, LabelMap.empty(8, (Label(1, "A", "#00ff00"),)).with_slices({3: ring(), 4: ring(), **lids}))
    session.run("view.goto", index=4)
    session.run("paint.fill", position=at(session, 30, 30))
    assert counts(session)[3:5] == [400 - 14 * 14, 400]
    session.run("edit.undo")
    session.run("paint.fill", position=at(session, 30, 30), through=True)
    assert counts(session)[2:6] == [400] * 4
    with pytest.raises(BadValue, match="not closed"):
        session.run("paint.fill", position=at(session, 2, 2))
    with pytest.raises(BadValue, match="already"):
        session.run("paint.fill", position=at(session, 30, 30))
    with pytest.raises(BadValue, match="beside"):
        session.run("paint.fill", position=at(session, -5, 30))


def test_what_is_refused_in_the_background_is_told_until_something_else_is_done(session: Session) -> None:
    put(session, LabelMap.empty(8, (Label(1, "A", "#00ff00"),)))
    session.run("paint.fill", position=at(session, 2, 2), through=True)
    (notice,) = session.state.notices
    assert "not closed" in notice.message
    assert notice.refused_in == session.view.active
    assert not session.state.jobs


def test_an_area_of_values_is_filled_and_an_island_erased(session: Session) -> None:
    session.run("view.goto", index=4)
    values = session.frames.load(session.view.current.series, 4).values()
    row, column = (int(one.mean()) for one in np.nonzero(values == 300))
    session.run("paint.limits", low=250, high=350)
    session.run("paint.fill", position=at(session, row, column))
    assert np.array_equal(groups(session)[0].slices[4] > 0, values == 300)
    session.run("edit.undo")
    with pytest.raises(BadValue, match="The brush does not paint the value here"):
        session.run("paint.fill", position=at(session, 1, 1))
    session.run("paint.no_limits")
    session.run("paint.brush", adaptive=True)
    session.run("paint.fill", position=at(session, row, column), through=True)
    assert counts(session)[4] == (values == 300).sum()
    session.run("paint.fill", position=at(session, row, column), erase=True)
    assert counts(session)[4] == 0


def test_scissors_cut_away_or_keep_on_one_slice_or_through_all(session: Session) -> None:
    put(
        session,
        LabelMap.empty(8, (Label(1, "A", "#00ff00"), Label(2, "B", "#ff0000"))).with_slices(
            {3: square(1), 4: square(1), 5: square(2)}
        ),
    )
    session.run("view.goto", index=4)
    session.change(lambda view: replace(view, group=groups(session)[0].id, label=1))
    half = [at(session, *one) for one in ((0, 0), (0, 29), (63, 29), (63, 0))]
    session.run("paint.scissors", points=half)
    assert counts(session)[3:6] == [400, 200, 400]
    session.run("edit.undo")
    session.run("paint.scissors", points=half, keep=True)
    assert counts(session)[3:6] == [400, 200, 400]
    session.run("edit.undo")
    session.run("paint.scissors", points=half, through=True)
    assert counts(session)[3:6] == [200, 200, 400]
    session.run("edit.undo")
    session.run("plane.layout", arrangement="2x2")
    upper = [at(session, *one, viewport=CORONAL) for one in ((-1, -1), (-1, 64), (3.5, 64), (3.5, -1))]
    session.run("paint.scissors", points=upper, viewport=CORONAL, through=True)
    assert counts(session)[3:6] == [400, 0, 400]


def test_slices_between_painted_ones_are_filled_and_nothing_else_changes(session: Session) -> None:
    labels = (Label(1, "A", "#00ff00"), Label(2, "Keep", "#ff0000", locked=True))
    slices = {1: square(1), 5: square(1, 24, 24, 12), 3: square(2, 28, 28, 4)}
    put(session, LabelMap.empty(8, labels).with_slices(slices))
    session.run("paint.interpolate", label=1)
    found = groups(session)[0].slices
    assert [found[at] is slices[at] for at in (1, 5)] == [True, True]
    assert counts(session, value=2)[3] == 16
    assert counts(session, value=1)[3] == pytest.approx(16**2 - 16, abs=34)
    assert counts(session, value=1)[0] == counts(session, value=1)[6] == 0
    assert session.state.undo_label == "Interpolate A"
    session.run("edit.undo")
    assert groups(session)[0].slices[3] is slices[3]
    session.run("paint.interpolate", label=1)
    session.run("paint.interpolate", label=1)
    assert "no slices to fill" in session.state.notices[-1].message


def test_what_is_painted_while_slices_are_filled_stays_and_the_rest_is_filled(session: Session) -> None:
    labels = (Label(1, "A", "#00ff00"), Label(2, "B", "#ff0000"))
    put(session, LabelMap.empty(8, labels).with_slices({1: square(1), 5: square(1)}))
    busy = Busy()
    session.runner = busy
    session.run("paint.brush", over_others=False)
    session.run("paint.interpolate", label=1)
    group = groups(session)[0]
    own, other = square(1, 2, 2, 4), square(2, 24, 24, 4)
    put(session, group.with_slices({2: own, 3: other}))
    busy.work_all()
    assert groups(session)[0].slices[2] is own
    assert (counts(session, value=1)[3], counts(session, value=2)[3]) == (400 - 16, 16)
    assert counts(session, value=1)[4] == 400
    session.run("edit.undo")
    assert groups(session)[0].slices[3] is other


def test_scissors_through_a_slice_that_was_painted_meanwhile_cut_what_is_there_now(session: Session) -> None:
    put(session, LabelMap.empty(8, (Label(1, "A", "#00ff00"),)).with_slices({3: square(1), 4: square(1)}))
    busy = Busy()
    session.runner = busy
    half = [at(session, *one) for one in ((0, 0), (0, 29), (63, 29), (63, 0))]
    session.run("paint.scissors", points=half, through=True)
    put(session, groups(session)[0].with_slices({3: square(1, 30, 30, 10)}))
    busy.work_all()
    assert counts(session)[3:5] == [100, 200]


def test_a_label_is_copied_to_the_next_slices_and_the_last_of_them_is_shown(session: Session) -> None:
    put(session, LabelMap.empty(8, (Label(1, "A", "#00ff00"),)).with_slices({3: square(1)}))
    session.run("view.goto", index=3)
    session.run("paint.copy", by=2)
    assert counts(session) == [0, 0, 0, 400, 400, 400, 0, 0]
    assert session.view.current.index == 5
    session.run("edit.undo")
    session.run("view.goto", index=3)
    session.run("paint.copy", by=-1)
    assert counts(session) == [0, 0, 400, 400, 0, 0, 0, 0]
    session.run("view.goto", index=7)
    with pytest.raises(BadValue, match="nothing of A"):
        session.run("paint.copy")


def test_keys_lead_from_size_to_size(session: Session) -> None:
    session.run("paint.brush", diameter=11.0)
    session.run("paint.size", by=1)
    assert session.view.brush.diameter == 12
    session.run("paint.size", by=-2)
    assert session.view.brush.diameter == 8
    session.run("paint.size", by=-50)
    assert session.view.brush.diameter == 0.5


def test_a_stroke_that_comes_back_to_another_slice_is_drawn_anew(session: Session) -> None:
    """Slices are told apart by themselves, not by where in memory they happen to lie."""
    session.rendering.draw(0, (64, 64))
    seen = set()
    for step in range(40):
        session.run("paint.stroke", points=(at(session, 5 + step, 30),), drag="one")
        request = session.rendering.wanted(0, (64, 64))
        assert request not in seen
        seen.add(request)


def test_slices_that_a_ball_will_look_at_are_decoded_before_it_is_pressed(session: Session) -> None:
    key = session.view.current.series
    assert key is not None
    session.run("view.goto", index=4)
    session.run("paint.brush", diameter=9.0, ball=True)
    session.frames.clear()
    session.run("paint.prepare", viewport=0)
    assert len(session.frames.missing(key, range(8))) == 8  # without limits no value is looked at
    session.run("paint.limits", low=0, high=100)
    session.run("paint.prepare", viewport=0)
    assert session.frames.missing(key, range(8)) == [0, 1, 7]


@pytest.mark.parametrize("turn", [0.0, 25.0])
def test_planes_show_every_stroke_as_if_they_were_cut_for_the_first_time(
    session: Session, turn: float
) -> None:
    session.run("plane.layout", arrangement="2x2")
    if turn:
        session.run("plane.turn", degrees=turn, viewport=AXIAL)
    session.run("paint.brush", diameter=12.0, ball=True)
    for row, column, erase in ((20, 20, False), (30, 40, False), (25, 30, True), (34, 44, True)):
        index = session.view.viewports[3].index
        point = session.state.studies[0].series[0].frames[index].plane.to_patient(row, column)
        session.run("paint.stroke", points=(point,), viewport=3, erase=erase)
        shown = [session.rendering.draw(number, (200, 200)).picture for number in range(4)]
        session.rendering.labels.forget()
        session.rendering.drawing.forget()
        anew = [session.rendering.draw(number, (200, 200)).picture for number in range(4)]
        for one, other in zip(shown, anew, strict=True):
            assert one is not None
            assert other is not None
            assert np.array_equal(one.pixels, other.pixels)
        session.rendering.draw(CORONAL, (200, 200))
