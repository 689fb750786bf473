"""Reading all examples once, as the network will see them, with every fault named."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.card import Input
from medviewer.ai.prepare import prepare, prepare_mask
from medviewer.core.volume import Frame
from medviewer.kit.errors import DamagedFile, FileTrouble, TrainingTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.training.data.dataset import Dataset, Example, Picture

MOST_FAULTS = 0.1
"""With more than this share of unusable pictures something else is wrong, and training would hide it."""


@frozen(eq=False)
class Loaded:
    """All usable pictures, prepared; entry i of each belongs together."""

    inputs: NDArray[Any]
    """(n, row, column, channel) float32, of series (n, slice, row, column, channel); where the number of
    slices varies (n,) objects that are (slice, row, column, channel). May lie in a file: take few rows"""
    labels: NDArray[np.int64]
    """(n,), -1 where there is no class"""
    masks: NDArray[Any] | None
    """(n, row, column) uint8 on the network's grid, of series (n, slice, row, column) or objects as above"""
    names: tuple[str, ...]
    groups: tuple[str, ...]
    """one picture under two names is one group"""
    parts: tuple[str, ...]
    excluded: tuple[str, ...]
    duplicates: int
    fingerprint: str
    """SHA-256 over all pixels and labels, so that a card can say what was learnt from"""
    targets: NDArray[np.float32] | None = None
    """(n, target) of a multilabel task or a regression; NaN is missing"""
    wanted: NDArray[Any] | None = None
    """like `inputs`: the better pictures of an enhancement"""
    subgroups: tuple[tuple[str, ...], ...] = ()
    """a word for each of the data's subgroups, for each example; () where there are no subgroups"""

    def __len__(self) -> int:
        return len(self.names)


def load(dataset: Dataset, plan: Input, context: TaskContext) -> Loaded:
    """Read and prepare every example. Pictures that cannot be used are named in `excluded`.

    Raises TrainingTrouble when too many cannot be used.
    """
    inputs, masks, kept, hashes = [], [], [], []
    excluded = list(dataset.excluded)
    for at, example in enumerate(dataset.examples):
        context.report(at / len(dataset.examples), f"Reading {at + 1} of {len(dataset.examples)}")
        try:
            picture, mask = _read(example)
        except FileTrouble as trouble:
            excluded.append(f"{example.name}: {trouble.message}")
            continue
        tensor, placement = prepare(picture, plan)
        inputs.append(tensor)
        if mask is not None:
            masks.append(prepare_mask(mask, placement))
        kept.append(example)
        hashes.append(_hash(picture))
    _refuse_ruins(dataset, kept, excluded)
    labels = np.array([example.label for example in kept], np.int64)
    truth = np.stack(masks) if masks else None
    return Loaded(
        inputs=np.stack(inputs),
        labels=labels,
        masks=truth,
        names=tuple(example.name for example in kept),
        groups=joined([example.group or example.name for example in kept], hashes),
        parts=tuple(example.part for example in kept),
        excluded=tuple(excluded),
        duplicates=len(hashes) - len(set(hashes)),
        fingerprint=_fingerprint(hashes, labels, truth),
    )


def pixels_of(picture: Picture) -> NDArray[np.generic]:
    """The numbers of a picture."""
    return picture.pixels if isinstance(picture, Frame) else picture


def joined(groups: list[str], hashes: list[str]) -> tuple[str, ...]:
    """Groups that share a picture become one group: the first of them gives its name."""
    parent = {group: group for group in groups}

    def top(group: str) -> str:
        while parent[group] != group:
            group = parent[group]
        return group

    first: dict[str, str] = {}
    for group, pixels in zip(groups, hashes, strict=True):
        one, other = top(first.setdefault(pixels, group)), top(group)
        if one != other:
            parent[other] = one
    return tuple(top(group) for group in groups)


def _read(example: Example) -> tuple[Picture, NDArray[np.uint8] | None]:
    picture = example.read()
    if example.read_mask is None:
        return picture, None
    mask = example.read_mask()
    size = pixels_of(picture).shape[:2]
    if mask.shape != size:
        raise DamagedFile(
            f"the mask has {mask.shape[1]} x {mask.shape[0]} pixels and the picture {size[1]} x {size[0]}."
        )
    return picture, mask


def _refuse_ruins(dataset: Dataset, kept: list[Example], excluded: list[str]) -> None:
    faults = " ".join(excluded[:3])
    if not kept:
        raise TrainingTrouble(f"No picture in {dataset.name} can be used. {faults}")
    if len(dataset.examples) - len(kept) > MOST_FAULTS * len(dataset.examples):
        raise TrainingTrouble(
            f"{len(dataset.examples) - len(kept)} of {len(dataset.examples)} pictures in {dataset.name} "
            f"cannot be used. {faults}",
            "Repair or remove them first.",
        )


def _hash(picture: Picture) -> str:
    pixels = pixels_of(picture)
    about = f"{pixels.shape} {pixels.dtype}".encode()
    return hashlib.sha256(about + np.ascontiguousarray(pixels).tobytes()).hexdigest()


def _fingerprint(hashes: list[str], labels: NDArray[np.int64], masks: NDArray[np.uint8] | None) -> str:
    whole = hashlib.sha256("".join(hashes).encode())
    whole.update(labels.tobytes())
    if masks is not None:
        whole.update(masks.tobytes())
    return whole.hexdigest()
