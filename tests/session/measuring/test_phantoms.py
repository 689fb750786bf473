"""Phantoms whose answers are known: what is measured on them, however they lie and however they are shown.

Lengths and angles are arithmetic on points and so exact. Areas count pixels: of a shape with the perimeter p
their number is off by less than p times the diagonal of a pixel, and far less on the average; the shapes here
are so large that half a percent is asked.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from skimage.measure import find_contours, points_in_poly

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.geometry import Calibration, Plane
from medviewer.core.volume import Frame, Rescale, read_only
from medviewer.imaging.bidirectional import pulled, short_axis
from medviewer.imaging.measure import Measurement, measure
from medviewer.imaging.positions import simplified
from medviewer.imaging.profile import profile
from medviewer.imaging.scale import scale_at
from medviewer.session.session import Session
from tests import factories

HALF_A_PERCENT = 0.005
ROWS, COLUMNS = 300, 400
SERIES = {
    "odd spacing": {"spacing": (0.37, 0.71)},
    "rotated": {"spacing": (0.7, 0.43), "orientation": (0.6, 0.8, 0, 0, 0, -1)},
    "oblique": {"spacing": (1.3, 0.65), "orientation": (0.8, 0.48, 0.36, -0.6, 0.64, 0.48)},
    "tilted": {"spacing": (0.5, 0.5), "orientation": (1, 0, 0, 0, 0.9397, -0.342), "shift": (0.0, 0.0, 4.0)},
    "one to two": {"spacing": (1.0, 0.5)},
}


@pytest.fixture(params=SERIES, ids=str)
def shown(request: pytest.FixtureRequest, session: Session, tmp_path: Path) -> Session:
    """A series of noise, opened from files, its second slice on the screen."""
    noise = np.random.default_rng(4).integers(0, 2000, (3, ROWS, COLUMNS)).astype(np.int16)
    factories.ct(tmp_path / "ct", slices=3, rows=ROWS, columns=COLUMNS, volume=noise, **SERIES[request.param])
    session.run("study.open", paths=(tmp_path / "ct",))
    session.run("view.goto", index=1)
    return session


def plane_of(session: Session) -> Plane:
    plane = session.rendering.plane(session.view.current)
    assert plane is not None
    assert plane.calibration is Calibration.PATIENT
    return plane


def in_patient(plane: Plane, *ways: tuple[float, float]) -> tuple[tuple[float, float, float], ...]:
    """Places so many millimetres along the rows and along the columns from the middle of a picture."""
    middle = np.asarray(plane.to_patient((ROWS - 1) / 2, (COLUMNS - 1) / 2))
    across, along = np.asarray(plane.along_row), np.asarray(plane.along_column)
    return tuple(tuple(float(v) for v in middle + x * across + y * along) for x, y in ways)


def told(session: Session, shape: Shape, *ways: tuple[float, float]) -> Measurement:
    """What is measured of a shape whose points are given in millimetres."""
    plane = plane_of(session)
    chosen = session.run("annotate.add", shape=shape.word, points=in_patient(plane, *ways))
    assert session.view.current.series is not None
    drawn = session.state.document.reading(session.view.current.series).annotations
    request = session.rendering.request_of(session.view.current, None, overlay=False)
    assert request is not None
    frame = session.rendering.load(request)
    return measure(next(one for one in drawn if one.id == chosen), plane, frame)


def around(radius: float, count: int, squeeze: float = 1.0, bumps: float = 0.0) -> list[tuple[float, float]]:
    """Places around the middle, in millimetres: a circle, squeezed, and with three bumps."""
    turns = [2 * math.pi * at / count for at in range(count)]
    return [
        (
            radius * (1 + bumps * math.cos(3 * turn)) * math.cos(turn),
            radius * (1 + bumps * math.cos(3 * turn)) * squeeze * math.sin(turn),
        )
        for turn in turns
    ]


def enclosed_by(ways: list[tuple[float, float]]) -> float:
    """The area of a polygon (the shoelace formula)."""
    x, y = np.asarray(ways).T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


class TestKnownAnswers:
    @pytest.mark.rule("P-44", "P-36", "P-52")
    @pytest.mark.parametrize("degrees", [0, 17, 90, 131])
    def test_a_length_is_as_long_as_it_is(self, shown: Session, degrees: float) -> None:
        turn = math.radians(degrees)
        end = (40 * math.cos(turn), 40 * math.sin(turn))
        assert told(shown, Shape.LENGTH, (0, 0), end).value == pytest.approx(40, rel=1e-6)

    @pytest.mark.rule("P-52")
    @pytest.mark.parametrize("degrees", [12, 45, 90, 163])
    def test_an_angle_and_a_cobb_angle(self, shown: Session, degrees: float) -> None:
        turn = math.radians(degrees + 20)
        one = (30 * math.cos(math.radians(20)), 30 * math.sin(math.radians(20)))
        other = (35 * math.cos(turn), 35 * math.sin(turn))
        assert told(shown, Shape.ANGLE, one, (0, 0), other).value == pytest.approx(degrees, abs=1e-4)
        moved = [(x + 3, y - 11) for x, y in ((0.0, 0.0), other)]
        found = told(shown, Shape.COBB, (0, 0), one, *moved)
        assert found.value == pytest.approx(min(degrees, 180 - degrees), abs=1e-4)

    @pytest.mark.rule("P-52")
    def test_two_diameters(self, shown: Session) -> None:
        found = told(shown, Shape.BIDIRECTIONAL, (-9, -12), (9, 12), (-8, 6), (8, -6))
        assert [one.value for one in found.quantities] == pytest.approx([30, 20])
        assert [one.name for one in found.quantities] == ["long axis", "short axis"]

    @pytest.mark.rule("P-53", "P-52")
    def test_areas_within_half_a_percent(self, shown: Session) -> None:
        rectangle = told(shown, Shape.RECTANGLE, (-45.1, -30.2), (44.3, 29.7))
        # its edges run along rows and columns of pixels: it may have one more or one less of each
        row, column = plane_of(shown).spacing
        assert rectangle.value == pytest.approx(89.4 * 59.9, abs=89.4 * row + 59.9 * column)
        ellipse = told(shown, Shape.ELLIPSE, (-48.0, -41.0), (48.0, 41.0))
        assert ellipse.value == pytest.approx(math.pi * 48 * 41, rel=HALF_A_PERCENT)
        corners = around(47.3, 7, squeeze=0.9)
        polygon = told(shown, Shape.POLYGON, *corners)
        assert polygon.value == pytest.approx(enclosed_by(corners), rel=HALF_A_PERCENT)
        stroke = around(38.0, 900, bumps=0.15)
        freehand = told(shown, Shape.FREEHAND, *stroke)
        assert freehand.value == pytest.approx(enclosed_by(stroke), rel=HALF_A_PERCENT)

    def test_the_line_around_is_as_long_as_it_is(self, shown: Session) -> None:
        corners = around(47.3, 5)
        found = {one.name: one for one in told(shown, Shape.POLYGON, *corners).quantities}
        assert found["perimeter"].value == pytest.approx(5 * 2 * 47.3 * math.sin(math.pi / 5), rel=1e-6)
        assert found["perimeter"].unit == "mm"

    @pytest.mark.rule("P-52", "P-36")
    @pytest.mark.parametrize("degrees", ["0", "90", "180", "-90"])
    def test_neither_rotation_nor_zoom_nor_flip_changes_a_length(self, shown: Session, degrees: str) -> None:
        if degrees != "0":
            shown.run("view.rotate", degrees=degrees)
        shown.run("view.flip", direction="horizontal")
        shown.run("view.zoom", factor=1.7)
        viewing = shown.rendering.viewing(0, (701, 903))
        assert viewing is not None
        plane = plane_of(shown)
        ends = [viewing.to_image(*spot) for spot in ((200.0, 120.0), (500.0, 520.0))]
        points = [plane.to_patient(*end) for end in ends]
        length = math.dist(*points)
        # 500 device pixels, of which one is the same in both directions of the screen
        assert length == pytest.approx(500 / viewing.scale * plane.spacing[1], rel=1e-6)
        one = Annotation(Shape.LENGTH, tuple(points), plane.frame_of_reference)
        assert measure(one, plane).value == pytest.approx(length, rel=1e-9)


class TestStatistics:
    """ROI statistics against SimpleITK and a slow plain version of the rule."""

    @pytest.mark.rule("P-53", "P-03")
    def test_every_kind_of_area_holds_what_simpleitk_finds(self, shown: Session) -> None:
        request = shown.rendering.request_of(shown.view.current, None, overlay=False)
        assert request is not None
        frame = shown.rendering.load(request)
        plane = plane_of(shown)
        down, right = np.mgrid[:ROWS, :COLUMNS]
        cases = {
            Shape.RECTANGLE: ((-20.3, -11.2), (31.7, 25.1)),
            Shape.ELLIPSE: ((-20.3, -11.2), (31.7, 25.1)),
            Shape.POLYGON: tuple(around(30.7, 6)),
            Shape.FREEHAND: tuple(around(25.3, 200, bumps=0.3)),
        }
        for shape, ways in cases.items():
            spots = np.array([plane.to_image(point) for point in in_patient(plane, *ways)])
            (top, left), (bottom, end) = spots.min(axis=0), spots.max(axis=0)
            if shape is Shape.RECTANGLE:
                mask = (down >= top) & (down <= bottom) & (right >= left) & (right <= end)
            elif shape is Shape.ELLIPSE:
                high, wide = (bottom - top) / 2, (end - left) / 2
                mask = ((down - top - high) / high) ** 2 + ((right - left - wide) / wide) ** 2 <= 1
            else:
                mask = points_in_poly(np.c_[down.ravel(), right.ravel()], spots).reshape(down.shape)
            statistics = sitk.LabelStatisticsImageFilter()
            statistics.Execute(
                sitk.GetImageFromArray(frame.values().astype(np.float64)),
                sitk.GetImageFromArray(mask.astype(np.uint8)),
            )
            found = told(shown, shape, *ways).statistics
            assert found is not None
            count = statistics.GetCount(1)
            assert found.count == count
            assert found.mean == pytest.approx(statistics.GetMean(1))
            # SimpleITK divides by N - 1
            assert found.deviation == pytest.approx(statistics.GetSigma(1) * math.sqrt((count - 1) / count))
            assert (found.minimum, found.maximum) == (statistics.GetMinimum(1), statistics.GetMaximum(1))
            assert found.unit == "HU"

    @pytest.mark.rule("P-53")
    def test_a_brain_mr_has_its_published_statistics(self, shared_data: Path) -> None:
        """A region of 453 voxels in three slices, drawn as polygons around them, as published.

        First-order and shape features of the test case brain2 of PyRadiomics.
        """
        folder = shared_data / "training" / "roi-stats"
        image, labels = (sitk.ReadImage(str(folder / f"brain2_{name}.nrrd")) for name in ("image", "label"))
        columns, rows, step = image.GetSpacing()
        values, inside = sitk.GetArrayFromImage(image), sitk.GetArrayFromImage(labels) == 1
        plane = Plane(values.shape[1:], spacing=(rows, columns), calibration=Calibration.PATIENT, placed=True)
        parts, area = [], 0.0
        for one, mask in zip(values, inside, strict=True):
            frame = Frame(read_only(one.astype(np.int16)), plane, Rescale())
            for corners in find_contours(np.pad(mask, 1).astype(float), 0.5):
                points = tuple(plane.to_patient(row - 1, column - 1) for row, column in corners[:-1])
                found = measure(Annotation(Shape.POLYGON, points, ""), plane, frame)
                assert found.statistics is not None
                assert found.value is not None
                parts.append(found.statistics)
                area += found.value
        count = sum(part.count for part in parts)
        mean = sum(part.count * part.mean for part in parts) / count
        variance = sum(part.count * (part.deviation**2 + (part.mean - mean) ** 2) for part in parts) / count
        published = _published(folder / "baseline_firstorder.csv")
        assert count == 453
        assert mean == pytest.approx(published["original_firstorder_Mean"], rel=1e-9)
        assert variance == pytest.approx(published["original_firstorder_Variance"], rel=1e-9)
        assert min(part.minimum for part in parts) == published["original_firstorder_Minimum"]
        assert max(part.maximum for part in parts) == published["original_firstorder_Maximum"]
        volume = _published(folder / "baseline_shape.csv")["original_shape_VoxelVolume"]
        assert area * step == pytest.approx(volume, rel=1e-9)


class TestOutlinesByHand:
    @settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
    @given(st.floats(15, 200), st.floats(0, 0.35), st.floats(0.2, 5.0))
    def test_a_stroke_with_fewer_points_goes_around_the_same(
        self, radius: float, bumps: float, scale: float
    ) -> None:
        stroke = around(radius, 700, bumps=bumps)
        within = 0.5 / scale
        fewer = simplified(stroke, within)
        assert len(fewer) < len(stroke) / 2
        length = sum(math.dist(one, two) for one, two in zip(stroke, (*stroke[1:], stroke[0]), strict=True))
        assert abs(enclosed_by(list(fewer)) - enclosed_by(stroke)) <= within * length


class TestShortAxis:
    places = st.tuples(st.floats(-50, 50), st.floats(-50, 50))

    @given(places, places, places, st.floats(0.3, 3))
    def test_it_is_perpendicular_in_millimetres_wherever_it_is_pulled(
        self, one: tuple[float, float], two: tuple[float, float], to: tuple[float, float], aspect: float
    ) -> None:
        if math.dist(one, two) < 1:
            return
        three = short_axis(one, two, to, aspect)
        four = short_axis(one, two, (to[0] + 5, to[1] - 3), aspect, foot=three)
        axes = (one, two, three, four)
        for handle in range(4):
            axes = pulled(axes, handle, (to[0] + handle, to[1] + 20 + handle), aspect)
            if math.dist(axes[0], axes[1]) < 1:
                return
            long, short = (
                np.array([(end[0] - start[0]) * aspect, end[1] - start[1]])
                for start, end in (axes[:2], axes[2:])
            )
            assert abs(float(long @ short)) <= 1e-6 * (1 + np.linalg.norm(long) * np.linalg.norm(short))

    def test_its_foot_never_leaves_the_long_axis(self) -> None:
        end = short_axis((0, 0), (0, 10), (5, 40), 1.0)
        assert end == pytest.approx((5, 10))


class TestProfiles:
    @pytest.mark.rule("P-03")
    def test_between_pixels_values_are_linear_and_distances_are_millimetres(self) -> None:
        down, right = np.mgrid[:40, :50]
        ramp = (3 * down + 2 * right).astype(np.int16)
        plane = Plane((40, 50), spacing=(0.8, 0.5), calibration=Calibration.PATIENT, placed=True)
        frame = Frame(read_only(ramp), plane, Rescale(2.0, -100.0, unit="HU"))
        ends = ((4.3, 6.1), (31.7, 44.2))
        found = profile(frame, *ends, scale_at(plane, ends))
        rows, columns = (np.linspace(one, two, len(found.values)) for one, two in zip(*ends, strict=True))
        assert found.values == pytest.approx(2 * (3 * rows + 2 * columns) - 100)
        assert found.distances[-1] == pytest.approx(math.hypot(27.4 * 0.8, 38.1 * 0.5))
        assert (found.unit, found.distance_unit) == ("HU", "mm")

    def test_padding_and_what_is_beside_the_picture_have_no_value(self) -> None:
        pixels = np.full((10, 10), 7, np.int16)
        pixels[:, 4] = -2000
        frame = Frame(read_only(pixels), Plane((10, 10)), padding=(-2000, -2000))
        found = profile(frame, (5, 0), (5, 12), scale_at(frame.plane, ()))
        shown = np.isfinite(found.values)
        columns = np.linspace(0, 12, len(shown))
        assert not shown[(columns > 3) & (columns < 5)].any()
        assert not shown[columns > 9.5].any()
        assert (found.values[shown] == 7).all()


def _published(path: Path) -> dict[str, float]:
    """The features of the test case brain2."""
    found = {}
    for line in path.read_text().splitlines():
        name, _, rest = line.partition(",")
        if name.startswith("original_"):
            found[name] = float(rest.split(",")[0])
    return found
