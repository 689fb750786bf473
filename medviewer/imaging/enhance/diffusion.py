"""Noise removed by flow: anisotropic diffusion and total variation, on modality values."""

from __future__ import annotations

from typing import Annotated

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
    context: TaskContext | None,
    *,
    rounds: Annotated[int, Slider(1, 50)] = 10,
    edge: Annotated[float, Slider(0.2, 5, step=0.1, label="Keep edges above", unit="× mean")] = 1.0,
) -> Image:
    """Let values flow into each other except across edges that are steeper than the average slope.

    P. Perona and J. Malik, IEEE Transactions on Pattern Analysis and Machine Intelligence 12(7), 1990.
    """
    if image.min() == image.max():
        return image
    import SimpleITK  # noqa: PLC0415 - 60 MB that only this needs

    flow = SimpleITK.GradientAnisotropicDiffusionImageFilter()
    flow.SetTimeStep(TIME_STEP)
    flow.SetNumberOfIterations(rounds)
    flow.SetConductanceParameter(edge)

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


@enhancement("Total variation", group="Noise", stage=Stage.SIGNAL)
def total_variation(
    image: Image,
    valid: Mask | None,
    context: TaskContext | None,
    *,
    strength: Annotated[float, Slider(0.1, 10, step=0.1, unit="× noise")] = 1.0,
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
