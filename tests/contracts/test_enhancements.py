"""What every enhancement promises, whoever adds it."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import medviewer.imaging.enhance.apply  # noqa: F401 - the operations declare themselves on import
from medviewer.imaging.enhance.operation import ENHANCEMENTS, Operation, Stage
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Kind, Value

SHAPES = [(1, 1), (1, 7), (3, 2), (33, 47), (64, 64)]


def every_operation() -> list[Operation]:
    return list(ENHANCEMENTS)


def pictures(stage: Stage) -> list[np.ndarray]:
    """Noise, a constant, a step and black, in every size; in Hounsfield units before the window."""
    rng = np.random.default_rng(3)
    found = []
    for shape in SHAPES:
        noise = rng.random(shape)
        step = (np.arange(shape[1]) >= shape[1] // 2) * np.ones(shape)
        found += [noise, np.full(shape, 0.3), step, np.zeros(shape)]
    scale, offset = (3000.0, -1000.0) if stage is Stage.SIGNAL else (1.0, 0.0)
    return [(picture * scale + offset).astype(np.float32) for picture in found]


def ends_of_every_slider(operation: Operation) -> list[dict[str, Value]]:
    """All combinations of lowest and highest values, words and switches."""
    choices: list[list[Value]] = []
    for parameter in operation.parameters:
        if parameter.kind in (Kind.INTEGER, Kind.NUMBER):
            assert parameter.minimum is not None
            assert parameter.maximum is not None
            choices.append([parameter.minimum, parameter.maximum])
        else:
            choices.append(list(parameter.choices) or [False, True])
    names = [parameter.name for parameter in operation.parameters]
    return [dict(zip(names, values, strict=True)) for values in product(*choices)] + [{}]


@pytest.mark.parametrize("operation", every_operation(), ids=lambda operation: operation.name)
class TestEveryEnhancement:
    def test_keeps_its_promise_at_both_ends_of_every_slider(self, operation: Operation) -> None:
        for image, values in product(pictures(operation.stage), ends_of_every_slider(operation)):
            before = image.copy()
            image.flags.writeable = False
            after = operation(image, **values)
            assert after.shape == image.shape
            assert after.dtype == np.float32
            assert np.isfinite(after).all()
            assert np.array_equal(image, before)
            if operation.stage is Stage.DISPLAY:
                assert after.min() >= 0
                assert after.max() <= 1

    def test_gives_the_same_again(self, operation: Operation) -> None:
        image = pictures(operation.stage)[12]
        assert np.array_equal(operation(image), operation(image.copy()))

    @pytest.mark.parametrize("values", [{}, None], ids=["defaults", "ends"])
    def test_padding_changes_nothing_that_is_picture(
        self, operation: Operation, values: dict[str, Value] | None
    ) -> None:
        image = pictures(operation.stage)[12]
        valid = np.ones(image.shape, bool)
        valid[:9] = valid[:, 30:] = False
        for chosen in ends_of_every_slider(operation) if values is None else [values]:
            dark, bright = np.where(valid, image, -3000), np.where(valid, image, 60000)
            one = operation(dark.astype(np.float32), valid=valid, **chosen)
            two = operation(bright.astype(np.float32), valid=valid, **chosen)
            assert np.array_equal(one[valid], two[valid])
            assert (one[~valid] == -3000).all()
            assert (two[~valid] == 60000).all()

    def test_works_where_nothing_is_picture(self, operation: Operation) -> None:
        image = np.full((5, 5), -2000, np.float32)
        assert np.array_equal(operation(image, valid=np.zeros((5, 5), bool)), image)

    def test_refuses_what_lies_beyond_its_limits(self, operation: Operation) -> None:
        image = np.zeros((4, 4), np.float32)
        with pytest.raises(BadValue):
            operation(image, no_such_parameter=1)
        for parameter in operation.parameters:
            with pytest.raises(BadValue):
                operation(image, **{parameter.name: "no such choice" if parameter.choices else 1e9})

    def test_introduces_itself(self, operation: Operation) -> None:
        assert operation.title
        assert operation.group
        assert operation.help.endswith(".")
        for parameter in operation.parameters:
            assert parameter.kind is not Kind.OTHER
            operation.checked({parameter.name: parameter.default})
