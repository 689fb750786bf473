"""Small changes to training pictures that leave the anatomy true: no flips, no cuts."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.warp import affine, warp_image, warp_mask
from medviewer.kit.frozen import frozen


@frozen
class Augmentation:
    """Limits; each change is drawn evenly between them. Sides are never exchanged: hearts stay left."""

    rotate_deg: float = 8.0
    scale: float = 0.12
    stretch: float = 0.06
    """between height and width"""
    shift: float = 0.06
    """of the side"""
    gamma: float = 0.4
    """logarithm of the exponent; used where values lie in 0 to 1"""
    contrast: float = 0.2
    brightness: float = 0.1
    noise: float = 0.02

    def times(self, strength: float) -> Augmentation:
        """All limits made smaller or larger."""
        return Augmentation(**{each.name: getattr(self, each.name) * strength for each in fields(self)})


def augmented(
    picture: NDArray[np.float32],
    mask: NDArray[np.uint8] | None,
    limits: Augmentation,
    seed: tuple[int, int, int],
) -> tuple[NDArray[np.float32], NDArray[np.uint8] | None]:
    """*picture* (row, column, channel) and its mask, changed alike. *seed* is (run, epoch, picture)."""
    rng = np.random.default_rng(seed)
    size = picture.shape[:2]
    zoom, stretch = (float(rng.uniform(-1, 1)) * limit for limit in (limits.scale, limits.stretch))
    matrix = affine(
        (size[0], size[1]),
        angle_deg=float(rng.uniform(-1, 1)) * limits.rotate_deg,
        scale=((1 + zoom) * (1 + stretch), (1 + zoom) * (1 - stretch)),
        shift=tuple(rng.uniform(-limits.shift, limits.shift, 2) * size),
    )
    picture = warp_image(picture, matrix, float(picture.min()))
    if mask is not None:
        mask = warp_mask(mask, matrix)
    return _toned(picture, limits, rng), mask


def _toned(
    picture: NDArray[np.float32], limits: Augmentation, rng: np.random.Generator
) -> NDArray[np.float32]:
    gamma, contrast, brightness, noise = rng.uniform(-1, 1, 4)
    within = picture.min() >= 0 and picture.max() <= 1
    if within and limits.gamma:
        picture = picture ** np.float32(np.exp(gamma * limits.gamma))
    picture = (picture - picture.mean()) * np.float32(1 + contrast * limits.contrast) + picture.mean()
    picture = picture + np.float32(brightness * limits.brightness)
    if limits.noise:
        picture = picture + rng.normal(0, abs(noise) * limits.noise, picture.shape).astype(np.float32)
    return np.clip(picture, 0, 1).astype(np.float32) if within else picture.astype(np.float32)
