"""Greys as the standard wants them: the fast table against a slow implementation of PS3.3 C.11."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medviewer.core.geometry import Plane
from medviewer.core.voi import VOI, Curve, Lut
from medviewer.core.volume import Frame, Rescale, read_only
from medviewer.imaging.grayscale import automatic_voi, effective_voi, lut8, normalised, through_table
from medviewer.imaging.render import RenderRequest, render
from medviewer.kit.errors import BadValue
from tests.imaging.standard import grey, modality


def frame_of(pixels: object, dtype: str = "int16", **more: object) -> Frame:
    array = np.atleast_2d(np.asarray(pixels, dtype))
    return Frame(read_only(array.copy()), Plane((array.shape[0], array.shape[1])), **more)  # type: ignore[arg-type]


def shown(frame: Frame, voi: VOI) -> np.ndarray:
    return render(frame, (), RenderRequest("s", 0, voi)).pixels


def around_the_edges(voi: VOI, rescale: Rescale) -> list[int]:
    """Five stored values below, at and above each edge of the window, and its middle."""
    edges = (voi.center - voi.width / 2, voi.center, voi.center + voi.width / 2)
    middles = [round((edge - rescale.intercept) / rescale.slope) for edge in edges]
    return [middle + step for middle in middles for step in range(-5, 6)]


WINDOWS = [(40.0, 400.0), (40.0, 1.0), (40.5, 2.0), (100.0, 3.0), (-600.0, 1500.0), (127.5, 255.0)]


@pytest.mark.rule("P-14", "P-15", "P-16", "P-19")
@pytest.mark.parametrize("dtype", ["int16", "uint16", "int32", "float32"])
@pytest.mark.parametrize("curve", list(Curve))
@pytest.mark.parametrize(("center", "width"), WINDOWS)
def test_every_curve_is_right_around_its_edges(dtype: str, curve: Curve, center: float, width: float) -> None:
    for inverted, users, padding, slope in product((False, True), (False, True), (None, (3, 4)), (1.0, 0.5)):
        rescale = Rescale(slope, -1024.0 if dtype == "uint16" else 0.0)
        voi = VOI(center, width, curve, inverted=users)
        stored = [value for value in around_the_edges(voi, rescale) if dtype != "uint16" or value >= 0]
        frame = frame_of([*stored, 3, 4], dtype, rescale=rescale, inverted=inverted, padding=padding)
        expected = [grey(frame, value, voi) for value in frame.pixels.ravel().tolist()]
        assert np.abs(shown(frame, voi).ravel() - np.array(expected)).max() <= 0.51


@pytest.mark.rule("P-14", "P-16b")
def test_golden_numbers_of_the_linear_window() -> None:
    # PS3.3 C.11.2.1.2 by hand: black up to -160, white from 239 on, 399 steps between
    frame = frame_of([-160, -159, 40, 239, 240])
    assert shown(frame, VOI(40, 400)).tolist() == [[0, 1, 128, 255, 255]]


@given(
    st.sampled_from(["uint8", "int8", "int16", "uint16"]),
    st.floats(-2000, 2000),
    st.floats(1, 5000),
    st.sampled_from(list(Curve)),
    st.floats(0.1, 4),
    st.floats(-1100, 1100),
    st.booleans(),
)
def test_the_table_agrees_with_the_standard_for_any_window(
    dtype: str, center: float, width: float, curve: Curve, slope: float, intercept: float, inverted: bool
) -> None:
    limits = np.iinfo(dtype)
    stored = np.linspace(limits.min, limits.max, 60).astype(dtype)
    frame = frame_of(stored, dtype, rescale=Rescale(slope, intercept), inverted=inverted)
    voi = VOI(center, width, curve)
    expected = np.array([grey(frame, value, voi) for value in stored.tolist()])
    assert np.abs(shown(frame, voi).ravel() - expected).max() <= 1


def test_a_whole_picture_agrees_with_the_standard() -> None:
    rng = np.random.default_rng(5)
    stored = rng.integers(-2000, 3000, (40, 50)).astype(np.int16)
    stored[:5] = -2000
    frame = frame_of(stored, rescale=Rescale(1, -10), padding=(-2000, -1990), inverted=True)
    voi = VOI(30, 350)
    expected = np.array([[grey(frame, value, voi) for value in row] for row in stored.tolist()])
    assert np.abs(shown(frame, voi) - expected).max() <= 0.51


@pytest.mark.rule("P-16")
def test_a_wide_sigmoid_never_clips_and_a_narrow_one_does_not_overflow() -> None:
    greys = normalised(np.array([-1e6, -400, 40, 480, 1e6], np.float32), VOI(40, 400, Curve.SIGMOID))
    assert greys[1] == pytest.approx(1 / (1 + np.exp(4.4)))
    assert greys[2] == pytest.approx(0.5)
    assert np.isfinite(normalised(np.array([-1e6, 1e6], np.float32), VOI(0, 1e-3, Curve.SIGMOID))).all()


@pytest.mark.rule("P-12")
def test_a_table_from_the_file_clamps_at_both_ends_and_counts_bits_not_maximum() -> None:
    lut = Lut(first=-2, bits=12, entries=(0, 1000, 2047, 3000))
    frame = frame_of([-9, -2, -1, 0, 1, 50])
    greys = shown(frame, VOI(lut=lut)).ravel()
    assert greys.tolist() == [0, 0, 62, 127, 187, 187]
    assert [grey(frame, value, VOI(lut=lut)) for value in (0, 1)] == pytest.approx([127.47, 186.8], abs=0.1)


@pytest.mark.rule("P-08")
def test_a_modality_table_replaces_the_line() -> None:
    lut = Lut(first=10, bits=16, entries=(100, 90, 80, 500))
    frame = frame_of([0, 10, 12, 13, 99], "uint16", rescale=Rescale(lut=lut))
    assert [modality(frame, value) for value in (0, 12, 99)] == [100, 80, 500]
    expected = [round(grey(frame, value, VOI(300, 400))) for value in (0, 10, 12, 13, 99)]
    assert shown(frame, VOI(300, 400)).ravel().tolist() == expected


def test_a_negative_slope_turns_the_picture_over() -> None:
    frame = frame_of([0, 1000], rescale=Rescale(-1, 0))
    assert shown(frame, VOI.from_range(-1000, 0)).tolist() == [[255, 0]]


@pytest.mark.rule("P-22", "P-31")
def test_padding_stays_black_in_an_inverted_picture() -> None:
    frame = frame_of([-2000, 0, 100], padding=(-2000, -2000), inverted=True)
    assert shown(frame, VOI.from_range(0, 100)).tolist() == [[0, 255, 0]]


@pytest.mark.rule("P-31")
def test_non_numbers_of_a_float_picture_are_black() -> None:
    frame = frame_of([np.nan, 0, 1, np.inf], "float32", inverted=True)
    assert shown(frame, VOI.from_range(0, 1)).tolist() == [[0, 255, 0, 0]]


def test_eight_bits_through_their_own_window_are_unchanged() -> None:
    frame = frame_of(np.arange(256), "uint8")
    assert shown(frame, VOI(128, 256)).tolist() == [list(range(256))]
    assert shown(frame, VOI.from_range(0, 255)).tolist() == [list(range(256))]


@pytest.mark.rule("P-02")
def test_the_fast_and_the_slow_path_agree() -> None:
    rng = np.random.default_rng(1)
    stored = rng.integers(-1000, 3000, (64, 64)).astype(np.int16)
    voi = VOI(300, 1500, Curve.SIGMOID)
    fast = shown(frame_of(stored), voi).astype(int)
    assert np.abs(fast - shown(frame_of(stored, "int32"), voi)).max() <= 1
    assert np.abs(fast - shown(frame_of(stored, "float64"), voi)).max() <= 1


def test_the_table_is_built_once_for_a_window() -> None:
    frame = frame_of([1, 2])
    assert lut8(frame, VOI(40, 400)) is lut8(frame, VOI(40, 400))
    assert not lut8(frame, VOI(40, 400)).flags.writeable
    assert through_table(frame.pixels, lut8(frame, VOI(40, 400))).dtype == np.uint8


class TestChoosingAWindow:
    @pytest.mark.rule("P-13")
    def test_the_readers_window_wins(self) -> None:
        frame = frame_of([0, 1000], windows=(VOI(50, 100),))
        assert effective_voi(frame, VOI(1, 2)) == VOI(1, 2)

    @pytest.mark.rule("P-18", "P-19")
    def test_the_files_first_usable_window_is_next(self) -> None:
        frame = frame_of([0, 1000], windows=(VOI(float("nan"), 5), VOI(5, 0), VOI(50, 100), VOI(60, 200)))
        wanted = replace(VOI.unknown(), inverted=True)
        assert effective_voi(frame, wanted) == VOI(50, 100, inverted=True)

    @pytest.mark.rule("P-17", "P-19")
    def test_the_picture_decides_when_nobody_else_does(self) -> None:
        voi = effective_voi(frame_of([0, 100, 200]), VOI.unknown())
        assert (voi.center, voi.width, voi.curve) == (100, 200, Curve.LINEAR_EXACT)

    @pytest.mark.rule("P-31")
    def test_padding_does_not_widen_the_window(self) -> None:
        frame = frame_of([-2000] * 500 + list(range(100)), padding=(-2000, -2000))
        assert automatic_voi(frame) == replace(VOI.from_range(0, 99), name="Automatic")

    def test_metal_does_not_darken_the_rest(self) -> None:
        frame = frame_of([*range(1000), 30000, 30000], rescale=Rescale(1, -100))
        voi = automatic_voi(frame)
        assert voi.center + voi.width / 2 < 950
        assert voi.center - voi.width / 2 == pytest.approx(-95, abs=1)

    @pytest.mark.rule("P-02")
    def test_float_pixels_have_the_same_window_as_integers(self) -> None:
        values = np.random.default_rng(0).integers(-1000, 3000, 5000)
        assert automatic_voi(frame_of(values)) == automatic_voi(frame_of(values, "float32"))

    def test_a_descending_scale_still_gives_a_window(self) -> None:
        voi = automatic_voi(frame_of(range(2000), rescale=Rescale(-2, 0)))
        assert voi.width > 3900
        assert voi.center == pytest.approx(-1999, abs=2)

    @pytest.mark.rule("P-17")
    @pytest.mark.parametrize("pixels", [[7], [7, 7, 7], [65535]])
    def test_a_picture_of_one_value_is_grey(self, pixels: list[int]) -> None:
        frame = frame_of(pixels, "uint16")
        assert automatic_voi(frame).width == 1
        assert set(shown(frame, VOI.unknown()).ravel().tolist()) == {128}

    def test_a_picture_that_is_all_padding_is_black(self) -> None:
        frame = frame_of([5, 5], padding=(5, 5))
        assert automatic_voi(frame).is_known
        assert not shown(frame, VOI.unknown()).any()

    def test_no_window_cannot_be_applied(self) -> None:
        with pytest.raises(BadValue):
            normalised(np.zeros(3, np.float32), VOI.unknown())
