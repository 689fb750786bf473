"""Examples as small pictures: as the network would see them, with masks outlined, and augmented."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.card import STACKED, Geometry, Input
from medviewer.ai.prepare import prepare, prepare_mask
from medviewer.ai.prepare_stack import prepare_stack, prepare_stack_mask
from medviewer.core.labels import SAFE_COLORS
from medviewer.kit.errors import FileTrouble
from medviewer.kit.frozen import frozen
from medviewer.training.augment import Augmentation, augmented
from medviewer.training.data.dataset import Dataset
from medviewer.training.data.loading import read_whole
from medviewer.training.data.survey import Seen, Survey

SIDE = 128
EACH = 8
"""examples of a class"""
TIMES = 7
"""changed versions of an example"""


@frozen(eq=False)
class Tile:
    """One small picture."""

    pixels: NDArray[np.uint8]
    """(row, column, 3)"""
    words: str
    """says nothing about a patient, nor how a file is called"""


@frozen(eq=False)
class Strip:
    """Some pictures under one heading."""

    title: str
    tiles: tuple[Tile, ...]


def contact_sheet(found: Survey, seed: int = 1, each: int = EACH) -> tuple[Strip, ...]:
    """A few examples of each class, drawn by *seed*."""
    dataset = found.dataset
    kinds: dict[str, list[Seen]] = defaultdict(list)
    for one in found.seen:
        for name in _kinds(dataset, one):
            kinds[name].append(one)
    rng = np.random.default_rng([seed, 77])
    strips = []
    for name, members in kinds.items():
        chosen = sorted(rng.permutation(len(members))[:each].tolist())
        tiles = [tile for at in chosen if (tile := _tile(dataset, members[at])) is not None]
        if tiles:
            strips.append(Strip(name, tuple(tiles)))
    return tuple(sorted(strips, key=lambda strip: strip.title))


def augmented_sheet(
    found: Survey, limits: Augmentation, seed: int = 1, rows: int = 5, times: int = TIMES
) -> tuple[Strip, ...]:
    """A few examples as they are, and beside each as epochs would change it."""
    rng = np.random.default_rng([seed, 78])
    chosen = sorted(rng.permutation(len(found.seen))[:rows].tolist())
    strips = []
    for at in chosen:
        one = found.seen[at]
        seen = _prepared(found.dataset, one)
        if seen is None:
            continue
        picture, mask, _ = seen
        tiles = [Tile(_drawn(picture, mask), "as it is")]
        for epoch in range(times):
            changed, moved = augmented(picture[..., None], mask, limits, (seed, epoch, one.number))
            tiles.append(Tile(_drawn(changed[..., 0], moved), f"epoch {epoch + 1}"))
        strips.append(Strip(f"No. {one.number}", tuple(tiles)))
    return tuple(strips)


def _kinds(dataset: Dataset, one: Seen) -> list[str]:
    if dataset.task == "classification":
        return [dataset.classes[one.example.label]] if one.example.label >= 0 else ["(no class)"]
    if dataset.task == "multilabel":
        names = [name for name, yes in zip(dataset.classes, one.example.targets, strict=True) if yes == 1]
        return names or ["(none of them)"]
    return {
        "segmentation": ["Pictures with their masks"],
        "regression": ["Pictures with their values"],
        "enhancement": ["Pictures and the better ones"],
    }.get(dataset.task, ["Pictures"])


def _tile(dataset: Dataset, one: Seen) -> Tile | None:
    found = _prepared(dataset, one)
    if found is None:
        return None
    picture, mask, wanted = found
    pixels = _drawn(picture, mask)
    if wanted is not None:
        pixels = np.concatenate([pixels, _drawn(wanted, None)], axis=1)
    words = f"No. {one.number}"
    if dataset.task == "regression":
        words += ": " + ", ".join(f"{value:.4g}" for value in one.example.targets)
    return Tile(pixels, words)


def _prepared(
    dataset: Dataset, one: Seen
) -> tuple[NDArray[np.float32], NDArray[np.uint8] | None, NDArray[np.float32] | None] | None:
    """A picture (row, column) from 0 to 1, its mask and the better one; of a series the slice marked most."""
    plan = Input("image", size=(SIDE, SIDE), geometry=Geometry(fit="letterbox"))
    try:
        picture, mask, wanted = read_whole(one.example, dataset.is_stacked)
    except FileTrouble:
        return None
    if not dataset.is_stacked:
        tensor, placement = prepare(picture, plan)  # type: ignore[arg-type]
        small = None if mask is None else prepare_mask(mask, placement)
        better = None if wanted is None else prepare(wanted, plan)[0][..., 0]  # type: ignore[arg-type]
        return tensor[..., 0], small, better
    plan = Input("image", layout=STACKED, size=(SIDE, SIDE), geometry=Geometry(fit="letterbox"))
    stack, places = prepare_stack(picture, plan)  # type: ignore[arg-type]
    masks = None if mask is None else prepare_stack_mask(mask, places)
    at = len(stack) // 2
    if masks is not None and masks.any():
        at = int(np.argmax((masks > 0).sum(axis=(1, 2))))
    better = None if wanted is None else prepare_stack(wanted, plan)[0][at, ..., 0]  # type: ignore[arg-type]
    return stack[at, ..., 0], None if masks is None else masks[at], better


def _drawn(picture: NDArray[np.float32], mask: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    grey = np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    pixels = np.repeat(grey[..., None], 3, axis=-1)
    if mask is None:
        return pixels
    for value in np.unique(mask[mask > 0]).tolist():
        pixels[_edge(mask == value)] = _rgb(SAFE_COLORS[(value - 1) % len(SAFE_COLORS)])
    return pixels


def _edge(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels of a mask beside one that is not of it."""
    wide = np.pad(mask, 1)
    core = wide[:-2, 1:-1] & wide[2:, 1:-1] & wide[1:-1, :-2] & wide[1:-1, 2:]
    return mask & ~core


def _rgb(color: str) -> Sequence[int]:
    return tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))
