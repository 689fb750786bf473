"""What every enhancement promises, whoever adds it: on pictures that are easy to get wrong, at every end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest

import medviewer.imaging.enhance.apply  # noqa: F401 - the operations declare themselves on import
from medviewer.core.geometry import Plane
from medviewer.core.marks import Mark, Segment
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, Rescale, read_only
from medviewer.imaging.enhance import in_parts
from medviewer.imaging.enhance.apply import Enhanced, enhance
from medviewer.imaging.enhance.operation import ENHANCEMENTS, Operation, Stage
from medviewer.kit.errors import BadValue, Cancelled
from medviewer.kit.params import Kind, Parameter, Value
from medviewer.kit.task import CancelToken, TaskContext

Values = dict[str, Value]

SHAPES = [(1, 1), (1, 7), (3, 2), (33, 47), (64, 64)]
TWO_GREYS = ("canny",)
"""Lines or no lines: nothing between."""


def every_operation() -> list[Operation]:
    return list(ENHANCEMENTS)


def in_range(picture: np.ndarray, stage: Stage) -> np.ndarray:
    """A picture of 0..1 in the numbers of a stage: Hounsfield units before the window."""
    scale, offset = (3000.0, -1000.0) if stage is Stage.SIGNAL else (1.0, 0.0)
    return (picture * scale + offset).astype(np.float32)


@cache
def pictures(stage: Stage) -> tuple[np.ndarray, ...]:
    """Noise, a constant, a step and black, in every size."""
    rng = np.random.default_rng(3)
    found = []
    for shape in SHAPES:
        noise = rng.random(shape)
        step = (np.arange(shape[1]) >= shape[1] // 2) * np.ones(shape)
        found += [noise, np.full(shape, 0.3), step, np.zeros(shape)]
    return tuple(read_only(in_range(picture, stage)) for picture in found)


def hard_pictures(stage: Stage) -> list[np.ndarray]:
    """A few of them, for the many values that an operation takes: one pixel, one row, noise, a step."""
    every = pictures(stage)
    return [every[0], every[4], every[12], every[13], every[14]]


def noise(stage: Stage) -> np.ndarray:
    return pictures(stage)[12]


def phantom(rows: int = 96, columns: int = 120) -> np.ndarray:
    """A disc, lines, a slope and a little noise, 0..1: something of everything that operations look for."""
    rng = np.random.default_rng(8)
    down, across = np.mgrid[:rows, :columns]
    image = 0.3 + 0.2 * across / columns + 0.3 * (np.hypot(down - rows / 2, across - columns / 3) < rows / 5)
    image[:, -columns // 5 : -columns // 5 + 3] = 0.8
    return np.asarray((image + rng.normal(0, 0.02, image.shape)).clip(0, 1), np.float32)


def ends(parameter: Parameter) -> tuple[Value, ...]:
    if parameter.kind in (Kind.INTEGER, Kind.NUMBER):
        assert parameter.minimum is not None
        assert parameter.maximum is not None
        return (parameter.minimum, parameter.maximum)
    if parameter.kind is Kind.SWITCH:
        return (False, True)
    return parameter.choices or (parameter.default,)


def values_to_try(operation: Operation) -> list[Values]:
    """The defaults; each parameter at its ends, the others at their defaults; all low; all high."""
    found: list[Values] = [{}]
    found += [{one.name: value} for one in operation.parameters for value in ends(one)]
    found += [{one.name: ends(one)[which] for one in operation.parameters} for which in (0, -1)]
    return [values for number, values in enumerate(found) if values not in found[:number]]


def numbers_of(marks: tuple[Mark, ...]) -> list[float]:
    return [
        number
        for mark in marks
        for number in (
            (*mark.start, *mark.end) if isinstance(mark, Segment) else (*mark.center, mark.radius_px)
        )
    ]


def outcome(operation: Operation, image: np.ndarray, **more: Any) -> np.ndarray:
    """What an operation makes of a picture, or the numbers of what it finds there."""
    if operation.stage is Stage.MARKS:
        return np.array(numbers_of(operation.marks(image, **more)), np.float64)
    return operation(image, **more)


@contextmanager
def threads(count: int) -> Iterator[None]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(count)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def stored_frames() -> dict[str, Frame]:
    """One picture as files store it: 8, 12 and 16 bits, signed, inverted, padded, floats with holes."""
    grey = phantom(48, 60)

    def frame(pixels: np.ndarray, **more: Any) -> Frame:
        return Frame(read_only(np.ascontiguousarray(pixels)), Plane(grey.shape), **more)  # type: ignore[arg-type]

    twelve = np.rint(grey * 4095)
    hounsfield = np.rint(grey * 3000 - 1000)
    padded = hounsfield.copy()
    padded[:10] = padded[:, 50:] = -2000
    holes = grey.copy()
    holes[5, 5], holes[20:25, 30], holes[40, 1] = np.nan, np.inf, -np.inf
    return {
        "8 bits": frame(np.rint(grey * 255).astype(np.uint8)),
        "12 bits": frame(twelve.astype(np.uint16)),
        "16 bits": frame(np.rint(grey * 65535).astype(np.uint16)),
        "signed": frame(hounsfield.astype(np.int16), rescale=Rescale(1, -24, unit="HU")),
        "MONOCHROME1": frame(twelve.astype(np.uint16), inverted=True),
        "padded": frame(padded.astype(np.int16), rescale=Rescale(1, 0, unit="HU"), padding=(-2000, -2000)),
        "small numbers": frame(twelve.astype(np.uint16), rescale=Rescale(1e-4, 0, unit="g/mL")),
        "floats with holes": frame(holes),
    }


FRAMES = stored_frames()


def through(frame: Frame, operation: Operation, values: Values | None = None) -> Enhanced:
    return enhance(frame, VOI.unknown(), Pipeline((Step.of(operation.name, values or {}),)))


@pytest.mark.parametrize("operation", every_operation(), ids=lambda operation: operation.name)
class TestEveryEnhancement:
    def test_keeps_its_promise_at_both_ends_of_every_slider(self, operation: Operation) -> None:
        for values in values_to_try(operation):
            for image in pictures(operation.stage) if not values else hard_pictures(operation.stage):
                before = image.copy()
                after = operation(image, **values)
                assert after.shape == image.shape
                assert after.dtype == np.float32
                assert np.isfinite(after).all(), (values, image.shape)
                assert np.array_equal(image, before)
                if operation.stage is Stage.DISPLAY:
                    assert after.min() >= 0
                    assert after.max() <= 1

    def test_what_it_finds_are_numbers_and_no_more_than_asked_for(self, operation: Operation) -> None:
        for values in values_to_try(operation):
            for image in [*hard_pictures(operation.stage), phantom()]:
                marks = operation.marks(image, **values)
                assert np.isfinite(numbers_of(marks)).all()
                assert (operation.stage is Stage.MARKS) or not marks
                assert len(marks) <= operation.checked(values).get("most", 0)

    def test_makes_nothing_of_nothing(self, operation: Operation) -> None:
        for shape in SHAPES:
            for grey in (0.0, 0.3, 1.0):
                image = in_range(np.full(shape, grey), operation.stage)
                # tiles of several sizes count in bins of their own
                assert np.ptp(operation(image)) <= (0.01 if operation.stage is Stage.DISPLAY else 0.1)
                assert operation.marks(image) == ()

    def test_gives_the_same_again(self, operation: Operation) -> None:
        for image in (noise(operation.stage), in_range(phantom(), operation.stage)):
            assert np.array_equal(outcome(operation, image), outcome(operation, image.copy()))

    def test_gives_the_same_with_any_threads_and_whether_somebody_waits(
        self, operation: Operation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(in_parts, "PART_PX", 20_000)
        image = in_range(phantom(300, 280), operation.stage)
        with threads(1):
            alone = outcome(operation, image)
        with threads(2):
            assert np.array_equal(outcome(operation, image), alone)
            assert np.array_equal(outcome(operation, image, context=TaskContext()), alone)

    def test_gives_in_strips_what_it_gives_of_the_whole(
        self, operation: Operation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        image = in_range(phantom(300, 280), operation.stage)
        whole = outcome(operation, image)
        monkeypatch.setattr(in_parts, "PART_PX", 5_000)
        assert np.allclose(outcome(operation, image), whole, rtol=0, atol=1e-4 * np.ptp(image))

    @pytest.mark.rule("P-31", "P-32")
    def test_padding_changes_nothing_that_is_picture(self, operation: Operation) -> None:
        image = in_range(phantom(33, 47), operation.stage)
        valid = np.ones(image.shape, bool)
        valid[:9] = valid[:, 30:] = False
        dark, bright = (np.where(valid, image, np.float32(other)) for other in (-3000, 60000))
        for values in values_to_try(operation):
            one, two = operation(dark, valid=valid, **values), operation(bright, valid=valid, **values)
            assert np.array_equal(one[valid], two[valid]), values
            assert (one[~valid] == -3000).all()
            assert (two[~valid] == 60000).all()
            assert operation.marks(dark, valid=valid, **values) == operation.marks(
                bright, valid=valid, **values
            )

    def test_works_where_nothing_is_picture(self, operation: Operation) -> None:
        image = np.full((5, 5), -2000, np.float32)
        nothing = np.zeros((5, 5), bool)
        assert np.array_equal(operation(image, valid=nothing), image)
        assert operation.marks(image, valid=nothing) == ()

    @pytest.mark.parametrize("stored", FRAMES)
    def test_works_on_whatever_is_stored(self, operation: Operation, stored: str) -> None:
        frame = FRAMES[stored]
        before = frame.pixels.copy()
        found = through(frame, operation)
        assert found.values.shape == frame.pixels.shape
        assert found.values.dtype == np.float32
        assert not found.values.flags.writeable
        assert np.isfinite(found.values).all()
        assert np.array_equal(frame.pixels, before, equal_nan=frame.pixels.dtype.kind == "f")
        assert found.displayed == (operation.stage is Stage.DISPLAY)
        inside = found.values if found.valid is None else found.values[found.valid]
        if found.displayed:
            assert inside.min() >= 0
            assert inside.max() <= 1
        if operation.stage is Stage.MARKS:
            expected = frame.values() if found.valid is None else frame.values()[found.valid]
            assert np.array_equal(inside, expected)

    @pytest.mark.rule("P-31", "P-32")
    def test_what_stands_in_the_padding_of_a_file_is_not_seen(self, operation: Operation) -> None:
        frame = FRAMES["padded"]
        brighter = frame.pixels.copy()
        brighter[brighter == -2000] = 3000
        found = through(frame, operation)
        other = through(replace(frame, pixels=read_only(brighter), padding=(3000, 3000)), operation)
        assert found.valid is not None
        assert other.valid is not None
        assert np.array_equal(found.valid, other.valid)
        assert np.array_equal(found.values[found.valid], other.values[other.valid])
        assert found.marks == other.marks

    def test_keeps_colours_and_greys_of_a_colour_picture(self, operation: Operation) -> None:
        grey = np.rint(phantom(48, 60) * 255).astype(np.int64)
        tint = np.array([25, 0, -30])
        colors = np.where(np.arange(60)[:, None] < 40, grey[..., None] + tint, grey[..., None])
        pixels = np.clip(colors, 0, 255).astype(np.uint8)
        frame = Frame(read_only(pixels), Plane(grey.shape))  # type: ignore[arg-type]
        found = through(frame, operation)
        assert found.displayed
        assert found.values.shape == pixels.shape
        assert found.values.min() >= 0
        assert found.values.max() <= 1
        shown = found.values.astype(np.float64) * 255
        # adding the same to red, green and blue keeps the hue; where one is full their order stays
        inside = ((shown > 0.01) & (shown < 254.99)).all(axis=-1)
        before = pixels.astype(np.float64)
        assert np.abs((shown - shown[..., :1]) - (before - before[..., :1]))[inside].max(initial=0) < 0.1
        assert (np.diff(shown[:, :40], axis=-1) <= 0.01).all()
        assert np.abs(np.diff(shown[:, 40:], axis=-1)).max() < 0.01

    def test_refuses_what_lies_beyond_its_limits(self, operation: Operation) -> None:
        image = np.zeros((4, 4), np.float32)
        for run in (operation, operation.marks):
            with pytest.raises(BadValue):
                run(image, no_such_parameter=1)
            for parameter in operation.parameters:
                with pytest.raises(BadValue):
                    run(image, **{parameter.name: "no such choice" if parameter.choices else 1e9})

    def test_introduces_itself(self, operation: Operation) -> None:
        assert operation.title
        assert operation.group
        assert operation.help.endswith(".")
        for parameter in operation.parameters:
            assert parameter.kind is not Kind.OTHER
            operation.checked({parameter.name: parameter.default})


def test_no_two_enhancements_have_one_title() -> None:
    titles = [operation.title for operation in every_operation()]
    assert len(set(titles)) == len(titles)


@pytest.mark.rule("P-02")
@pytest.mark.parametrize("name", [one.name for one in every_operation() if one.name not in TWO_GREYS])
def test_more_than_256_greys_are_kept(name: str) -> None:
    operation = ENHANCEMENTS[name]
    image = in_range(0.4 + phantom(128, 128) / 5, operation.stage)
    assert len(np.unique(operation(image))) > 600


@pytest.mark.rule("P-01")
@pytest.mark.parametrize("name", [one.name for one in every_operation() if one.stage is Stage.SIGNAL])
def test_a_picture_is_the_same_in_another_unit(name: str) -> None:
    operation = ENHANCEMENTS[name]
    image = in_range(phantom(), operation.stage)
    for factor, offset in ((0.001, 0.0), (10.0, 0.0), (1.0, 5000.0)):
        found = operation(image * np.float32(factor) + np.float32(offset))
        expected = operation(image) * factor + offset
        assert np.abs(found - expected).max() <= 0.02 * factor * np.ptp(image)


@pytest.mark.parametrize("name", [one.name for one in every_operation() if one.uses_context])
def test_what_is_slow_stops_when_nobody_wants_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_parts, "PART_PX", 5_000)
    token = CancelToken()
    token.cancel()
    operation = ENHANCEMENTS[name]
    with pytest.raises(Cancelled):
        outcome(operation, in_range(phantom(300, 280), operation.stage), context=TaskContext(token))


@pytest.mark.parametrize("operation", every_operation(), ids=lambda one: one.name)
def test_a_length_in_pixels_says_so_by_its_name_and_its_unit(operation: Operation) -> None:
    """Previews, which are smaller pictures, make lengths smaller by their unit."""
    for one in operation.parameters:
        assert (one.unit == "px") == one.name.endswith("_px"), one.name
