"""Labelled pictures that a small network can learn in seconds."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray


def disc(rng: np.random.Generator, side: int = 32) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A bright disc on noise, and where it is (0 or 255)."""
    y, x = np.mgrid[:side, :side]
    at, radius = rng.uniform(0.35, 0.65, 2) * side, rng.uniform(0.15, 0.3) * side
    mask = (y - at[0]) ** 2 + (x - at[1]) ** 2 <= radius**2
    picture = rng.normal(60, 12, (side, side)) + 110 * mask
    return np.clip(picture, 0, 255).astype(np.uint8), (mask * 255).astype(np.uint8)


def plain(rng: np.random.Generator, side: int = 32) -> NDArray[np.uint8]:
    """Noise without a disc."""
    return np.clip(rng.normal(60, 12, (side, side)), 0, 255).astype(np.uint8)


def class_folders(folder: Path, each: int = 30, side: int = 32) -> Path:
    """``empty`` and ``disc``, *each* PNG pictures."""
    rng = np.random.default_rng(5)
    for name in ("disc", "empty"):
        (folder / name).mkdir(parents=True)
        for at in range(each):
            picture = disc(rng, side)[0] if name == "disc" else plain(rng, side)
            cv2.imwrite(str(folder / name / f"{at:03d}.png"), picture)
    return folder


def mask_folders(folder: Path, count: int = 40, side: int = 32) -> Path:
    """``images`` and ``masks``."""
    rng = np.random.default_rng(6)
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    for at in range(count):
        picture, mask = disc(rng, side)
        cv2.imwrite(str(folder / "images" / f"{at:03d}.jpg"), picture)
        cv2.imwrite(str(folder / "masks" / f"{at:03d}.png"), mask)
    return folder


def arrays(path: Path, parts: tuple[str, ...] = ("train", "val"), each: int = 40) -> Path:
    """The same as a MedMNIST file."""
    rng = np.random.default_rng(7)
    entries = {}
    for part in parts:
        labels = np.arange(each) % 2
        entries[f"{part}_images"] = np.stack([disc(rng)[0] if label else plain(rng) for label in labels])
        entries[f"{part}_labels"] = labels[:, None].astype(np.uint8)
    np.savez_compressed(path, **entries)
    return path
