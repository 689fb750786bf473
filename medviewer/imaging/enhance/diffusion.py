"""Noise removed by flow: anisotropic diffusion and total variation, on modality values."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from medviewer.imaging.enhance.in_parts import in_parts
from medviewer.imaging.enhance.noise_level import noise_of
from medviewer.imaging.enhance.operation import Image, Mask, Stage, enhancement
from medviewer.kit.errors import Cancelled
from medviewer.kit.params import Slider
from medviewer.kit.task import TaskContext

TIME_STEP = 0.125
"""The largest with which diffusion in two dimensions is stable."""
FLOW = 0.25
"""Chambolle's step in two dimensions."""
ROUNDS = 60
"""After so many a picture changes no more that could be seen."""


@enhancement("Anisotropic diffusion", group="Noise", stage=Stage.SIGNAL)
def diffusion(
    image: Image,
    valid: Mask | None,
    context: TaskContext | None,
    *,
    edge: Annotated[float, Slider(0.5, 20, step=0.5, label="Keep edges above", unit="× noise")] = 3.0,
    rounds: Annotated[int, Slider(1, 50)] = 10,
) -> Image:
    """Let values flow into each other, except across edges that are higher than noise can be.

    P. Perona and J. Malik, IEEE Transactions on Pattern Analysis and Machine Intelligence 12(7), 1990, with
    the exponential of their equation. More rounds smooth over a wider neighbourhood.
    """
    level = noise_of(image, valid)
    if not level:
        return image
    import SimpleITK  # noqa: PLC0415 - 60 MB that only this needs

    flow: Any = SimpleITK.GradientAnisotropicDiffusionImageFilter()  # type: ignore[no-untyped-call]
    flow.SetTimeStep(TIME_STEP)
    flow.SetNumberOfIterations(rounds)
    # it measures edges by the mean slope of the picture: here once, of the one that it begins with
    flow.SetConductanceScalingUpdateInterval(rounds + 1)
    flow.SetConductanceParameter(edge * level / _slope(image))

    def told() -> None:
        try:
            if context is not None:
                context.report(flow.GetProgress())
        except Cancelled:  # must not pass through C++
            flow.Abort()

    flow.AddCommand(SimpleITK.sitkIterationEvent, told)
    try:
        found = flow.Execute(SimpleITK.GetImageFromArray(image))
    except RuntimeError:
        if context is not None:
            context.check()
        raise
    finally:
        flow.RemoveAllCommands()
    return np.asarray(SimpleITK.GetArrayFromImage(found), np.float32)


def _slope(image: Image) -> float:
    """The root of the mean square of the gradient, as SimpleITK computes it."""
    wide = np.pad(image, 1, mode="edge")
    down, across = wide[2:, 1:-1] - wide[:-2, 1:-1], wide[1:-1, 2:] - wide[1:-1, :-2]
    squares = np.mean(down * down, dtype=np.float64) + np.mean(across * across, dtype=np.float64)
    return float(np.sqrt(squares)) / 2


@enhancement("Total variation", group="Noise", stage=Stage.SIGNAL)
def total_variation(
    image: Image,
    valid: Mask | None,
    context: TaskContext | None,
    *,
    strength: Annotated[float, Slider(0.1, 10, step=0.1, unit="× noise")] = 1.5,
) -> Image:
    """Find the picture with the least ups and downs that is still close to this one: flat areas, sharp edges.

    A. Chambolle, Journal of Mathematical Imaging and Vision 20, 2004.
    """
    level = noise_of(image, valid)
    if not level:
        return image
    middle = np.float32(np.median(image))
    scaled = (image - middle) / np.float32(level)

    def flattened(part: Image) -> Image:
        return _chambolle(part, strength, context)

    return in_parts(scaled, ROUNDS, flattened, context) * np.float32(level) + middle


def _chambolle(image: Image, weight: float, context: TaskContext | None) -> Image:
    """*image* with less total variation; the larger *weight*, the less."""
    down, across = np.zeros_like(image), np.zeros_like(image)
    steep_down, steep_across = np.zeros_like(image), np.zeros_like(image)
    found = image
    for number in range(ROUNDS):
        if context is not None:
            context.check()
        if number:
            found = image - down
            found -= across
            found[1:] += down[:-1]
            found[:, 1:] += across[:, :-1]
        np.subtract(found[1:], found[:-1], out=steep_down[:-1])
        np.subtract(found[:, 1:], found[:, :-1], out=steep_across[:, :-1])
        norm = np.sqrt(steep_down * steep_down + steep_across * steep_across)
        norm *= np.float32(FLOW / weight)
        norm += np.float32(1)
        for flow, steep in ((down, steep_down), (across, steep_across)):
            flow -= np.float32(FLOW) * steep
            flow /= norm
    return found
