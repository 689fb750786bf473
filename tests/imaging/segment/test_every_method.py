"""What every segmentation method and cleaning step promises, whoever adds it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import medviewer.imaging.segment  # noqa: F401 - the methods declare themselves on import
from medviewer.core.volume import read_only
from medviewer.imaging.segment.cleaning import CLEANINGS, Cleaning
from medviewer.imaging.segment.grid import Grid, Mask
from medviewer.imaging.segment.method import METHODS, Method, Seed
from medviewer.kit.errors import BadValue, Cancelled, SeriesTrouble
from medviewer.kit.params import Kind, Parameter, Value
from medviewer.kit.task import CancelToken, Progress, TaskContext
from tests.imaging.segment.phantoms import bright_ball, grid, middle

SHAPES = [(1, 1), (1, 7), (3, 2), (24, 31), (1, 1, 1), (1, 5, 6), (2, 3, 3), (6, 14, 18)]

BORDERS = ("geodesic", "chan_vese", "watershed", "random_walker", "superpixels")


def pictures() -> list[Grid]:
    """Noise, one value, a step: whole numbers and fractions, in every size."""
    rng = np.random.default_rng(2)
    found = []
    for shape in SHAPES:
        step = (np.arange(shape[-1]) >= shape[-1] // 2) * np.ones(shape) * 900.0
        for values in (rng.normal(0, 300, shape), np.full(shape, 40.0), step):
            found += [
                grid(np.rint(values).astype(int), unit="HU"),
                grid(values.astype(np.float32), unit="HU"),
            ]
    return found


PICTURES = pictures()
NOISE_SOLID, NOISE_FLAT = PICTURES[-6], PICTURES[3 * 6]


def seeds_for(method: Method, one: Grid) -> list[Seed]:
    """One inside in the middle, and one outside in a corner for those that know what to do with it."""
    seeds = [Seed(middle(one.values))] if method.takes_seeds else []
    corner = tuple(0 for _ in one.values.shape)
    if method.takes_outside and corner != middle(one.values):
        seeds.append(Seed(corner, inside=False))
    return seeds


def ends(parameter: Parameter) -> tuple[Value, ...]:
    if parameter.kind in (Kind.INTEGER, Kind.NUMBER):
        assert parameter.minimum is not None
        assert parameter.maximum is not None
        return (parameter.minimum, parameter.maximum)
    return (False, True) if parameter.kind is Kind.SWITCH else parameter.choices or (parameter.default,)


def check_mask(mask: Mask, one: Grid) -> None:
    assert mask.shape == one.values.shape
    assert mask.dtype == bool
    assert not mask.flags.writeable


@pytest.mark.parametrize("method", list(METHODS), ids=lambda method: method.name)
class TestEveryMethod:
    def test_gives_a_mask_of_any_picture_and_leaves_it_as_it_is(self, method: Method) -> None:
        for one in PICTURES:
            before = one.values.copy()
            mask = method(one, seeds_for(method, one))
            check_mask(mask, one)
            assert np.array_equal(one.values, before)
            if one.values.min() == one.values.max():
                # a border that moves, or lies between two seeds, may be anywhere
                assert method.name in BORDERS or mask.all() or not mask.any()

    def test_works_at_both_ends_of_every_parameter(self, method: Method) -> None:
        for parameter in method.parameters:
            for value in ends(parameter):
                for one in (NOISE_FLAT, NOISE_SOLID):
                    check_mask(method(one, seeds_for(method, one), **{parameter.name: value}), one)

    def test_gives_the_same_again_and_with_somebody_waiting(self, method: Method) -> None:
        one, _ = bright_ball()
        seeds = seeds_for(method, one)
        mask = method(one, seeds)
        told: list[Progress] = []
        again = method(replace(one, values=read_only(one.values.copy())), seeds)
        watched = method(one, seeds, context=TaskContext(tell=told.append))
        assert np.array_equal(mask, again)
        assert np.array_equal(mask, watched)
        assert len(told) > 1
        assert all(progress.fraction is None or 0 <= progress.fraction <= 1 for progress in told)

    def test_stops_when_nobody_wants_it(self, method: Method) -> None:
        one, _ = bright_ball()
        token, told = CancelToken(), []

        def tell(progress: Progress) -> None:
            told.append(progress)
            if len(told) == 2:  # the first is the wrapper's, before anything is done
                token.cancel()

        with pytest.raises(Cancelled):
            method(one, seeds_for(method, one), context=TaskContext(token, tell))
        assert len(told) == 2

    def test_what_stands_in_the_padding_changes_nothing(self, method: Method) -> None:
        for one in (NOISE_FLAT, NOISE_SOLID):
            valid = np.ones(one.values.shape, bool)
            valid[..., :4] = valid[..., -3:, :] = False
            seeds = [seed for seed in seeds_for(method, one) if valid[seed.index]]
            dark, bright = (
                replace(one, values=read_only(np.where(valid, one.values, other)), valid=read_only(valid))
                for other in (np.int16(-3000), np.int16(30_000))
            )
            found = method(dark, seeds)
            assert np.array_equal(found, method(bright, seeds))
            assert not found[~valid].any()

    def test_finds_nothing_where_nothing_is_picture(self, method: Method) -> None:
        nothing = replace(NOISE_FLAT, valid=np.zeros(NOISE_FLAT.values.shape, bool))
        if not method.needs_seeds:
            assert not method(nothing).any()

    def test_finds_in_a_stack_of_one_slice_what_it_finds_in_the_picture(self, method: Method) -> None:
        flat = replace(NOISE_FLAT, spacing=(0.8, 0.7))
        stack = replace(flat, values=flat.values[None], spacing=(3.0, 0.8, 0.7))
        seeds = seeds_for(method, flat)
        deep = [replace(seed, index=(0, *seed.index)) for seed in seeds]
        assert np.array_equal(method(stack, deep)[0], method(flat, seeds))

    def test_refuses_values_seeds_and_units_that_do_not_fit(self, method: Method) -> None:
        for parameter in method.parameters:
            if parameter.kind is not Kind.SWITCH:
                with pytest.raises(BadValue):
                    method(NOISE_FLAT, seeds_for(method, NOISE_FLAT), **{parameter.name: "no such value"})
        if method.needs_seeds:
            with pytest.raises(BadValue, match="needs a seed"):
                method(NOISE_FLAT)
            for index in ((0, 99), (0, 0, 0), (-1, 0)):
                with pytest.raises(BadValue, match="not on the picture"):
                    method(NOISE_FLAT, [Seed(index)])
            if not method.takes_outside:
                with pytest.raises(BadValue, match="outside"):
                    method(NOISE_FLAT, [Seed((3, 3)), Seed((0, 0), inside=False)])
        if method.unit:
            for unit in ("", "g/ml"):
                with pytest.raises(SeriesTrouble, match=method.unit):
                    method(replace(NOISE_FLAT, unit=unit))

    def test_introduces_itself(self, method: Method) -> None:
        assert method.title
        assert method.group
        assert method.help.endswith(".")
        assert all(parameter.kind is not Kind.OTHER for parameter in method.parameters)
        assert method.checked({}) == {one.name: one.default for one in method.parameters}


def test_a_seed_in_the_padding_is_refused() -> None:
    valid = np.ones(NOISE_FLAT.values.shape, bool)
    valid[3, 3] = False
    with pytest.raises(BadValue, match="padding"):
        METHODS["region_growing"](replace(NOISE_FLAT, valid=valid), [Seed((3, 3))])


@pytest.mark.parametrize("step", list(CLEANINGS), ids=lambda step: step.name)
class TestEveryCleaning:
    def values_to_try(self, step: Cleaning) -> list[dict[str, Value]]:
        return [{}, *({one.name: value} for one in step.parameters for value in ends(one))]

    def test_gives_a_mask_of_any_mask_and_leaves_it_as_it_is(self, step: Cleaning) -> None:
        rng = np.random.default_rng(5)
        for shape in SHAPES:
            one = grid(np.zeros(shape, int))
            for mask in (np.zeros(shape, bool), np.ones(shape, bool), rng.random(shape) > 0.6):
                before = mask.copy()
                for values in self.values_to_try(step):
                    check_mask(step(mask, one, **values), one)
                assert np.array_equal(mask, before)

    def test_nothing_lies_in_the_padding_and_a_stack_of_one_slice_is_a_picture(self, step: Cleaning) -> None:
        mask = np.random.default_rng(6).random((20, 24)) > 0.5
        valid = np.ones(mask.shape, bool)
        valid[:, :5] = False
        one = grid(np.zeros(mask.shape, int), (0.8, 0.7), valid=valid)
        assert not step(mask, one)[~valid].any()
        flat = step(mask, replace(one, valid=None))
        stack = grid(np.zeros((1, 20, 24), int), (1.0, 0.8, 0.7))
        if step.name != "holes":  # in a stack of one slice every hole is open above
            assert np.array_equal(step(mask[None], stack)[0], flat)

    def test_stops_and_refuses_pictures_without_a_scale(self, step: Cleaning) -> None:
        mask = np.random.default_rng(6).random((5, 20, 24)) > 0.5
        one = grid(np.zeros(mask.shape, int))
        token = CancelToken()
        token.cancel()
        with pytest.raises(Cancelled):
            step(mask, one, context=TaskContext(token))
        if step.in_mm:
            with pytest.raises(SeriesTrouble, match="millimetres"):
                step(mask, replace(one, calibrated=False))


def test_no_two_have_one_title() -> None:
    titles = [one.title for registry in (METHODS, CLEANINGS) for one in registry]
    assert len(set(titles)) == len(titles)
