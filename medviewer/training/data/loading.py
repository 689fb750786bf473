"""Reading all examples once, as the network will see them, with every fault named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.card import Input
from medviewer.ai.prepare import prepare, prepare_mask, scale_of
from medviewer.ai.prepare_stack import prepare_stack, prepare_stack_mask
from medviewer.core.volume import Frame
from medviewer.kit.errors import DamagedFile, FileTrouble, ModelDoesNotFit, TrainingTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.training.data.dataset import Dataset, Example, Picture, Stack
from medviewer.training.data.prepared import Prepared

Watch = Callable[[int, Example, Picture | Stack, NDArray[np.uint8] | None, str], object]
"""(its number from 1, the example, what was read, its mask, the hash of its pixels)"""
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

    @property
    def truth(self) -> NDArray[Any]:
        """What a network should say of each example: masks, wanted pictures, targets or labels."""
        for given in (self.masks, self.wanted, self.targets):
            if given is not None:
                return given
        return self.labels

    @property
    def is_ragged(self) -> bool:
        """Whether series have different numbers of slices."""
        return self.inputs.dtype == object


@frozen(eq=False)
class _Read:
    """One example as the network sees it."""

    tensor: NDArray[np.float32]
    mask: NDArray[np.uint8] | None
    wanted: NDArray[np.float32] | None
    hash: str
    picture: Picture | Stack
    full_mask: NDArray[np.uint8] | None
    """as the file has it"""


def load(
    dataset: Dataset,
    plan: Input,
    context: TaskContext,
    budget: int | None = None,
    watch: Watch | None = None,
) -> Loaded:
    """Read and prepare every example. Pictures that cannot be used are named in `excluded`.

    *watch* is told of each that can be. What needs more than *budget* bytes lies in a file instead of memory;
    None asks the machine. Raises TrainingTrouble when too many cannot be used or the disk is full.
    """
    count = len(dataset.examples)
    inputs, masks, wanted = (Prepared(count, budget) for _ in range(3))
    kept: list[Example] = []
    hashes: list[str] = []
    excluded = list(dataset.excluded)
    for at, example in enumerate(dataset.examples):
        context.report(at / count, f"Reading {at + 1} of {count}")
        try:
            found = _read(example, dataset.is_stacked, plan)
        except (FileTrouble, ModelDoesNotFit) as trouble:
            excluded.append(f"{example.name}: {trouble.message}")
            continue
        inputs.add(found.tensor)
        if found.mask is not None:
            masks.add(found.mask)
        if found.wanted is not None:
            wanted.add(found.wanted)
        kept.append(example)
        hashes.append(found.hash)
        if watch is not None:
            watch(at + 1, example, found.picture, found.full_mask, found.hash)
    _refuse_ruins(dataset, kept, excluded)
    labels = np.array([example.label for example in kept], np.int64)
    targets = np.array([example.targets for example in kept], np.float32) if kept[0].targets else None
    truth = masks.array() if len(masks) else None
    return Loaded(
        inputs=inputs.array(),
        labels=labels,
        masks=truth,
        names=tuple(example.name for example in kept),
        groups=joined([example.group or example.name for example in kept], hashes),
        parts=tuple(example.part for example in kept),
        excluded=tuple(excluded),
        duplicates=len(hashes) - len(set(hashes)),
        fingerprint=_fingerprint(hashes, labels, truth, targets),
        targets=targets,
        wanted=wanted.array() if len(wanted) else None,
        subgroups=tuple(example.subgroups for example in kept) if dataset.subgroups else (),
    )


def pixels_of(picture: Picture) -> NDArray[np.generic]:
    """The numbers of a picture."""
    return picture.pixels if isinstance(picture, Frame) else picture


def stack_pixels(stack: Stack) -> list[NDArray[np.generic]]:
    """The numbers of each picture of a series."""
    return [pixels_of(one) for one in stack]


def read_whole(
    example: Example, is_stacked: bool
) -> tuple[Picture | Stack, NDArray[np.uint8] | None, Picture | Stack | None]:
    """An example with its mask and its wanted picture, all of one size. Raises FileTrouble."""
    picture = example.read()
    size = _size(picture, is_stacked)
    mask = None if example.read_mask is None else example.read_mask()
    if mask is not None and mask.shape != size:
        raise DamagedFile(f"the mask has {_words(mask.shape)} pixels and the picture {_words(size)}.")
    wanted = None if example.read_wanted is None else example.read_wanted()
    if wanted is not None and _size(wanted, is_stacked) != size:
        there = _words(_size(wanted, is_stacked))
        raise DamagedFile(f"the better picture has {there} pixels and the picture {_words(size)}.")
    return picture, mask, wanted


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


def hash_of(picture: Picture | Stack, is_stacked: bool) -> str:
    """SHA-256 of the pixels: equal for the same picture under two names."""
    parts = stack_pixels(picture) if is_stacked else [pixels_of(picture)]  # type: ignore[arg-type]
    whole = hashlib.sha256()
    for pixels in parts:
        whole.update(f"{pixels.shape} {pixels.dtype}".encode())
        whole.update(np.ascontiguousarray(pixels).tobytes())
    return whole.hexdigest()


def _read(example: Example, is_stacked: bool, plan: Input) -> _Read:
    picture, mask, wanted = read_whole(example, is_stacked)
    prepared: Callable[..., Any] = prepare_stack if is_stacked else prepare
    tensor, placement = prepared(picture, plan)
    lower: Callable[..., Any] = prepare_stack_mask if is_stacked else prepare_mask
    return _Read(
        tensor,
        None if mask is None else lower(mask, placement),
        None if wanted is None else prepared(wanted, _alike(picture, plan, is_stacked))[0],
        hash_of(picture, is_stacked),
        picture,
        mask,
    )


def _alike(picture: Picture | Stack, plan: Input, is_stacked: bool) -> Input:
    """*plan* for what belongs to *picture*: on a scale of its own it would not be the same picture."""
    return plan if is_stacked else replace(plan, values=scale_of(picture, plan.values))  # type: ignore[arg-type]


def _size(picture: Picture | Stack, is_stacked: bool) -> tuple[int, ...]:
    """(row, column), of a series (slice, row, column). Raises FileTrouble where its pictures differ."""
    if not is_stacked:
        return pixels_of(picture).shape[:2]  # type: ignore[arg-type]
    sizes = {one.shape[:2] for one in stack_pixels(picture)}  # type: ignore[arg-type]
    if len(sizes) != 1:
        raise DamagedFile("the pictures of the series have different sizes.")
    return (len(picture), *sizes.pop())  # type: ignore[arg-type]


def _words(size: tuple[int, ...]) -> str:
    return " x ".join(str(side) for side in reversed(size))


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


def _fingerprint(
    hashes: list[str],
    labels: NDArray[np.int64],
    masks: NDArray[Any] | None,
    targets: NDArray[np.float32] | None,
) -> str:
    whole = hashlib.sha256("".join(hashes).encode())
    whole.update(labels.tobytes())
    for mask in () if masks is None else masks:
        whole.update(np.ascontiguousarray(mask).tobytes())
    if targets is not None:
        whole.update(targets.tobytes())
    return whole.hexdigest()
