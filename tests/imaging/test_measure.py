"""What a ruler may say, and what it must say beside it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.geometry import Calibration, Plane, ScaledRegion
from medviewer.core.volume import Frame, Rescale, read_only
from medviewer.imaging.measure import measure
from medviewer.imaging.scale import decimals

CT = Plane(
    (512, 512), spacing=(0.7, 0.7), calibration=Calibration.PATIENT, frame_of_reference="f", placed=True
)


def drawn(shape: Shape, plane: Plane, *positions: tuple[float, float]) -> Annotation:
    return Annotation(
        shape, tuple(plane.to_patient(*at) for at in positions), plane.frame_of_reference, "words"
    )


def length(plane: Plane, *positions: tuple[float, float]) -> tuple[str, ...]:
    return measure(drawn(Shape.LENGTH, plane, *positions), plane).text


class TestLengths:
    @pytest.mark.rule("P-44")
    def test_a_cross_section_is_measured_in_the_patient(self) -> None:
        assert length(CT, (0, 0), (30, 40)) == ("35.0 mm",)

    @pytest.mark.rule("P-52", "P-36")
    def test_pixels_twice_as_high_as_wide_count_twice(self) -> None:
        plane = replace(CT, spacing=(2.0, 1.0))
        assert length(plane, (0, 0), (10, 0)) == ("20.0 mm",)
        assert length(plane, (0, 0), (0, 10)) == ("10.0 mm",)

    @pytest.mark.rule("P-45", "P-46")
    @pytest.mark.parametrize(
        ("calibration", "text"),
        [
            (Calibration.DETECTOR, "10.0 mm (at the detector)"),
            (Calibration.FIDUCIAL, "10.0 mm (calibrated)"),
            (Calibration.GEOMETRY, "10.0 mm (magnification-corrected)"),
        ],
    )
    def test_a_projection_says_where_its_millimetres_are(self, calibration: Calibration, text: str) -> None:
        plane = Plane((100, 100), spacing=(0.5, 0.5), calibration=calibration)
        assert length(plane, (0, 0), (0, 20)) == (text,)

    @pytest.mark.rule("P-51")
    def test_without_calibration_there_are_only_pixels(self) -> None:
        assert length(Plane((100, 100)), (0, 0), (30, 40)) == ("50.0 px (uncalibrated)",)

    def test_uncalibrated_pixels_that_are_not_square_measure_as_they_look(self) -> None:
        plane = Plane((100, 100), spacing=(2.0, 1.0))
        assert length(plane, (0, 0), (10, 0)) == ("20.0 px (uncalibrated)",)

    def test_digits_follow_the_size_of_a_pixel(self) -> None:
        assert [decimals(pixel) for pixel in (5, 2, 1, 0.7, 0.143, 0.1, 0.05, 0.005)] == [
            0,
            0,
            1,
            1,
            1,
            1,
            2,
            3,
        ]


class TestUltrasound:
    plane = Plane(
        (600, 800),
        calibration=Calibration.REGIONS,
        regions=(
            ScaledRegion(0, 0, 299, 799, (0.1, 0.2)),
            ScaledRegion(300, 0, 599, 799, None),
            ScaledRegion(0, 600, 99, 799, (0.5, 0.5)),
        ),
    )

    @pytest.mark.rule("P-49")
    def test_inside_one_region_there_are_millimetres(self) -> None:
        assert length(self.plane, (10, 10), (110, 10)) == ("10.0 mm",)
        assert length(self.plane, (10, 10), (10, 110)) == ("20.0 mm",)

    def test_an_inset_has_its_own_scale(self) -> None:
        assert length(self.plane, (10, 610), (10, 630)) == ("10.0 mm",)

    @pytest.mark.rule("P-49")
    def test_across_regions_there_are_none(self) -> None:
        assert length(self.plane, (10, 10), (10, 610)) == ("600.0 px (outside a calibrated region)",)
        assert length(self.plane, (290, 10), (310, 10)) == ("20.0 px (outside a calibrated region)",)

    @pytest.mark.rule("P-49")
    def test_a_doppler_strip_has_no_millimetres_and_no_angles(self) -> None:
        assert length(self.plane, (400, 10), (400, 30)) == ("20.0 px (these axes are not lengths)",)
        angle = measure(drawn(Shape.ANGLE, self.plane, (400, 10), (400, 30), (420, 30)), self.plane)
        assert angle.value is None
        assert angle.text == ("no angle: these axes are not lengths",)

    @pytest.mark.rule("P-49")
    def test_a_region_of_interest_needs_all_its_corners_inside(self) -> None:
        found = measure(drawn(Shape.RECTANGLE, self.plane, (50, 550), (120, 590)), self.plane)
        assert found.unit == "mm²"
        found = measure(drawn(Shape.RECTANGLE, self.plane, (50, 550), (120, 650)), self.plane)
        assert found.unit == "px²"


class TestAngles:
    def test_a_right_angle_is_right(self) -> None:
        assert measure(drawn(Shape.ANGLE, CT, (0, 10), (0, 0), (10, 0)), CT).text == ("90.0°",)

    @pytest.mark.rule("P-52")
    def test_pixels_that_are_not_square_bend_no_angle(self) -> None:
        plane = replace(CT, spacing=(2.0, 1.0))
        assert measure(drawn(Shape.ANGLE, plane, (0, 10), (0, 0), (5, 10)), plane).value == pytest.approx(45)

    def test_two_points_in_one_place_make_no_angle(self) -> None:
        assert measure(drawn(Shape.ANGLE, CT, (0, 0), (0, 0), (5, 10)), CT).value is None

    @pytest.mark.rule("P-52")
    @given(st.floats(1, 179), st.floats(0.2, 5))
    def test_any_angle_in_millimetres_is_found(self, degrees: float, aspect: float) -> None:
        plane = replace(CT, spacing=(aspect, 1.0))
        turn = math.radians(degrees)
        tip = (100 * math.sin(turn) / aspect, 100 * math.cos(turn))
        found = measure(drawn(Shape.ANGLE, plane, (0, 100), (0, 0), tip), plane)
        assert found.value == pytest.approx(degrees, abs=1e-6)


def frame_of(pixels: np.ndarray, plane: Plane, **more: object) -> Frame:
    return Frame(read_only(pixels), replace(plane, shape=pixels.shape[:2]), **more)  # type: ignore[arg-type]


class TestRegions:
    ramp = np.arange(100, dtype=np.int16).reshape(10, 10)

    @pytest.mark.rule("P-53", "P-03")
    def test_a_rectangle_counts_the_pixels_whose_centre_it_covers(self) -> None:
        frame = frame_of(self.ramp, replace(CT, spacing=(2.0, 1.0)), rescale=Rescale(1, -24, unit="HU"))
        found = measure(drawn(Shape.RECTANGLE, frame.plane, (1.5, 2.0), (3.9, 4.4)), frame.plane, frame)
        inside = self.ramp[2:4, 2:5] - 24.0
        assert found.statistics is not None
        assert (found.statistics.count, found.value, found.unit) == (6, 12.0, "mm²")
        assert found.statistics.mean == inside.mean()
        assert found.statistics.deviation == pytest.approx(inside.std())
        assert (found.statistics.minimum, found.statistics.maximum) == (inside.min(), inside.max())
        assert found.text == (
            "12.0 mm²",
            "mean 4 HU",
            "SD 5.1 HU (population)",
            "min -2, max 10 HU",
            "6 pixels",
        )

    def test_corners_may_be_drawn_in_any_order(self) -> None:
        frame = frame_of(self.ramp, CT)
        one = measure(drawn(Shape.ELLIPSE, CT, (1, 2), (7, 6)), frame.plane, frame)
        two = measure(drawn(Shape.ELLIPSE, CT, (7, 2), (1, 6)), frame.plane, frame)
        assert one.statistics == two.statistics

    @given(st.integers(0, 2**32 - 1), st.sampled_from([Shape.ELLIPSE, Shape.RECTANGLE]))
    @pytest.mark.rule("P-53")
    def test_regions_hold_what_the_slow_plain_way_finds(self, seed: int, shape: Shape) -> None:
        luck = np.random.default_rng(seed)
        kind = luck.choice([np.uint8, np.uint16, np.int16, np.int32, np.float32])
        pixels = luck.integers(0, 200, (31, 23)).astype(kind)
        frame = Frame(read_only(pixels), Plane((31, 23)), Rescale(-0.5, 7.0, unit="HU"), padding=(0, 20))
        (top, left), (bottom, right) = luck.uniform(-4, 32, (2, 2)).tolist()
        found = measure(
            drawn(shape, frame.plane, (top, left), (bottom, right)), frame.plane, frame
        ).statistics
        middle, half = (
            ((top + bottom) / 2, (left + right) / 2),
            (abs(bottom - top) / 2, abs(right - left) / 2),
        )
        row, column = np.mgrid[:31, :23]
        away = (row - middle[0]) / half[0], (column - middle[1]) / half[1]
        if shape is Shape.ELLIPSE:
            mask = away[0] ** 2 + away[1] ** 2 <= 1
        else:
            mask = (np.abs(away[0]) <= 1) & (np.abs(away[1]) <= 1)
        values = (pixels[mask & (pixels > 20)].astype(np.float64)) * -0.5 + 7.0
        if not len(values):
            assert found is None
            return
        assert found is not None
        assert found.count == len(values)
        assert (found.minimum, found.maximum) == (values.min(), values.max())
        assert found.mean == pytest.approx(values.mean())
        assert found.deviation == pytest.approx(values.std(), abs=1e-6)

    def test_an_ellipse_is_round(self) -> None:
        pixels = np.zeros((200, 200), np.uint16)
        frame = frame_of(pixels, replace(CT, spacing=(1.0, 1.0)))
        found = measure(drawn(Shape.ELLIPSE, frame.plane, (20, 30), (160, 130)), frame.plane, frame)
        assert found.value == pytest.approx(math.pi * 70 * 50, rel=0.01)

    @pytest.mark.rule("P-53")
    def test_an_ellipse_agrees_with_scikit_image(self) -> None:
        draw = pytest.importorskip("skimage.draw")
        pixels = np.random.default_rng(2).integers(0, 999, (60, 80)).astype(np.uint16)
        frame = frame_of(pixels, CT)
        found = measure(drawn(Shape.ELLIPSE, frame.plane, (10.3, 20.2), (40.9, 70.7)), frame.plane, frame)
        mask = draw.ellipse(
            (10.3 + 40.9) / 2, (20.2 + 70.7) / 2, (40.9 - 10.3) / 2, (70.7 - 20.2) / 2, (60, 80)
        )
        assert found.statistics is not None
        assert found.statistics.count == len(mask[0])
        assert found.statistics.mean == pytest.approx(pixels[mask].mean())

    @pytest.mark.rule("P-31")
    def test_padding_is_no_part_of_it(self) -> None:
        pixels = self.ramp.copy()
        pixels[:5] = -2000
        frame = frame_of(pixels, replace(CT, spacing=(1.0, 1.0)), padding=(-2000, -2000))
        found = measure(drawn(Shape.RECTANGLE, frame.plane, (0, 0), (9, 9)), frame.plane, frame)
        assert found.statistics is not None
        assert (found.statistics.minimum, found.statistics.count, found.value) == (50, 50, 50)

    def test_what_lies_beyond_the_picture_does_not_count(self) -> None:
        frame = frame_of(self.ramp, CT)
        found = measure(drawn(Shape.RECTANGLE, frame.plane, (-5, -5), (1, 1)), frame.plane, frame)
        assert found.statistics is not None
        assert found.statistics.count == 4
        outside = measure(drawn(Shape.ELLIPSE, frame.plane, (-9, -9), (-5, -5)), frame.plane, frame)
        assert (outside.value, outside.statistics) == (0, None)

    def test_between_two_pixel_centres_there_is_nothing(self) -> None:
        frame = frame_of(self.ramp, CT)
        found = measure(drawn(Shape.ELLIPSE, frame.plane, (2.2, 2.2), (2.8, 2.8)), frame.plane, frame)
        assert found.text == ("0.00 mm²",)

    def test_a_colour_picture_is_measured_by_its_luminance(self) -> None:
        pixels = np.full((10, 10, 3), 80, np.uint8)
        frame = frame_of(pixels, CT)
        found = measure(drawn(Shape.RECTANGLE, frame.plane, (1, 1), (3, 3)), frame.plane, frame)
        assert "mean 80 luminance" in found.text

    @pytest.mark.rule("P-03")
    def test_stored_greys_are_not_measured(self) -> None:
        frame = frame_of(self.ramp, CT, rescale=Rescale(0.5, 0.0, unit="SUV"))
        found = measure(drawn(Shape.RECTANGLE, frame.plane, (0, 0), (0, 1)), frame.plane, frame)
        assert "mean 0.25 SUV" in found.text


def test_notes_and_arrows_say_their_words() -> None:
    assert measure(drawn(Shape.TEXT, CT, (1, 1)), CT).text == ("words",)
    assert measure(drawn(Shape.ARROW, CT, (1, 1), (2, 2)), CT).text == ("words",)


def test_an_area_that_is_only_drawn_again_is_not_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from medviewer.imaging import region as module  # noqa: PLC0415  (its inside is looked at)

    frame = Frame(np.arange(400, dtype=np.uint16).reshape(20, 20), Plane((20, 20), frame_of_reference="x"))
    small = Annotation(Shape.RECTANGLE, ((2.0, 2.0, 0.0), (5.0, 5.0, 0.0)), "x")
    large = Annotation(Shape.RECTANGLE, ((2.0, 2.0, 0.0), (9.0, 9.0, 0.0)), "x")
    times = []
    count = module._statistics
    monkeypatch.setattr(module, "_statistics", lambda *given: times.append(1) or count(*given))

    first = measure(small, frame.plane, frame)
    assert measure(small, frame.plane, frame) == first
    assert len(times) == 1
    assert measure(large, frame.plane, frame) != first
    assert measure(small, frame.plane, None).statistics is None
    assert len(times) == 2
