"""What a segmentation method is: one function and one decorator, and the promise that its wrapper keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from medviewer.core.volume import read_only
from medviewer.imaging.segment.grid import Grid, Mask, with_padding_filled
from medviewer.kit.declared import Declared
from medviewer.kit.errors import BadValue, SeriesTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.params import Value
from medviewer.kit.registry import Registry
from medviewer.kit.task import TaskContext

Function = Callable[..., Mask]


@frozen
class Seed:
    """A voxel of which somebody says whether it belongs to what is looked for."""

    index: tuple[int, ...]
    """(slice, row, column), or (row, column) of a picture"""
    inside: bool = True


@frozen
class Method(Declared):
    """A segmentation method as panels, command line and manual see it. Called, it checks and runs."""

    group: str
    takes_seeds: bool
    needs_seeds: bool
    takes_outside: bool
    """whether seeds that are not inside mean something to it"""
    flat: bool
    """whether it works on one picture"""
    solid: bool
    """whether it works on a stack"""
    unit: str
    """the unit that its values must have, or nothing where any will do"""

    def check(self, grid: Grid, seeds: Sequence[Seed] = ()) -> None:
        """Raise BadValue or SeriesTrouble, in words, where it cannot run on *grid* with *seeds*."""
        if self.unit and grid.unit != self.unit:
            raise SeriesTrouble(
                f"{self.title} needs values in {self.unit}; these are {grid.unit or 'without a unit'}.",
                "Choose a method that takes its limits from the picture itself, such as Otsu.",
            )
        if not (self.flat if grid.values.ndim == 2 else self.solid):
            works_on = "single pictures" if self.flat else "stacks"
            raise SeriesTrouble(f"{self.title} works on {works_on} only.", "Choose another method.")
        if self.takes_seeds:
            self._check_seeds(grid, seeds)

    def _check_seeds(self, grid: Grid, seeds: Sequence[Seed]) -> None:
        if self.needs_seeds and not any(seed.inside for seed in seeds):
            raise BadValue(f"{self.title} needs a seed.", "Set a point inside of what is looked for.")
        if not self.takes_outside and any(not seed.inside for seed in seeds):
            raise BadValue(f"{self.title} knows no seeds outside.", "Remove them, or choose Watershed.")
        shape = grid.values.shape
        for seed in seeds:
            told = ", ".join(map(str, seed.index))
            fits = len(seed.index) == len(shape)
            if not fits or not all(0 <= at < size for at, size in zip(seed.index, shape, strict=True)):
                sizes = " x ".join(map(str, shape))
                raise BadValue(f"The seed ({told}) is not on the picture.", f"Its size is {sizes}.")
            if grid.valid is not None and not grid.valid[seed.index]:
                raise BadValue(f"The seed ({told}) lies in the padding.", "Set it where there is a picture.")

    def __call__(
        self,
        grid: Grid,
        seeds: Sequence[Seed] = (),
        *,
        context: TaskContext | None = None,
        **values: Value,
    ) -> Mask:
        """What belongs to it: a new read-only mask of the shape of the values, False in the padding.

        What stands in the padding changes nothing; a stack of one slice gives what its picture gives. Seeds
        are looked at where `takes_seeds`. *context* can stop it, and changes nothing of what it gives.
        Raises BadValue, SeriesTrouble, Cancelled.
        """
        chosen = self.checked(values)
        self.check(grid, seeds)
        context = context or TaskContext()
        context.report(0.0, self.title)
        shape = grid.values.shape
        if not grid.values.size or (grid.valid is not None and not grid.valid.any()):
            return read_only(np.zeros(shape, bool))
        if len(shape) == 3 and shape[0] == 1 and self.flat:
            grid = replace(
                grid,
                values=grid.values[0],
                spacing=grid.spacing[1:],
                valid=None if grid.valid is None else grid.valid[0],
            )
            seeds = [replace(seed, index=seed.index[1:]) for seed in seeds]
        shown = replace(grid, values=with_padding_filled(grid))
        more: list[Any] = [tuple(seeds)] if self.takes_seeds else []
        found = np.asarray(self.function(shown, *more, context, **chosen), bool)
        context.check()
        if grid.valid is not None:
            found = found & grid.valid
        return read_only(np.ascontiguousarray(found.reshape(shape)))


METHODS: Registry[Method] = Registry("segmentation method", "medviewer.segmentation")


def segmentation(
    title: str,
    *,
    group: str,
    needs_seeds: bool = False,
    outside: bool = False,
    flat: bool = True,
    solid: bool = True,
    unit: str = "",
    name: str = "",
) -> Callable[[Function], Function]:
    """Make ``function(grid[, seeds], context, *, ...) -> mask`` a segmentation method.

    The keyword-only arguments are its parameters, the first paragraph of its docstring its help. The values
    must not be written to; padding is filled from what lies beside it, and ``grid.valid`` says where that
    is, for those that count values. A slow one checks *context* in its loop. With *outside* it makes use of
    seeds that are not inside; with *unit* it refuses values of any other.
    """

    def declare(function: Function) -> Function:
        code = function.__code__
        takes_seeds = "seeds" in code.co_varnames[: code.co_argcount]
        METHODS.add(
            Method(
                name or function.__name__,
                title,
                function,
                group,
                takes_seeds,
                needs_seeds,
                outside,
                flat,
                solid,
                unit,
            )
        )
        return function

    return declare
