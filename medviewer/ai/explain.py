"""Where a model's answer comes from, for any classifier there is: numpy and the runtime only.

Three ways. The class map that the network itself gives, where it does (`attribution.class_maps`). Occlusion
(Zeiler and Fergus, ECCV 2014), which asks again with a part covered. And integrated gradients (Sundararajan,
Taly and Yan, ICML 2017) with finite differences over patches in place of the gradient, which an ONNX file
does not give. Each explains the logit where the card says that there is one: probabilities near 0 and 1
hardly move.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from medviewer.ai import finish
from medviewer.ai.attribution import CLASS_MAP, Attribution
from medviewer.ai.card import Card
from medviewer.ai.infer import Reader
from medviewer.ai.prepare import Placement
from medviewer.core.volume import Frame
from medviewer.imaging.resample import resize_image
from medviewer.kit.errors import BadValue, ModelDoesNotFit
from medviewer.kit.task import TaskContext

OCCLUSION = "occlusion"
DIFFERENCES = "integrated gradients by finite differences over patches"
EXPLAINED = ("classification", "multilabel")
BATCH_PX = 1_000_000
"""So many pixels are run at once."""
SHARE = 8
"""A patch is this part of the shorter side unless its size is given."""
DETAIL_PX = 16
"""Pixels of the network's input over which a picture without detail is averaged."""

Baseline = Literal["mean", "dark", "blur"]
"""What stands where nothing is to be seen: the mean, the darkest value, or the picture without detail."""
Picture = Frame | NDArray[Any]


def class_map(reader: Reader, picture: Picture, label: int) -> Attribution:
    """The network's own map for the label at place *label* of the card. Raises ModelDoesNotFit."""
    _check(reader.card, label)
    _, maps = reader.scores_and_maps(picture)
    if not maps:
        raise ModelDoesNotFit(
            f"{reader.card.title} does not say itself where its answers come from.", "Choose occlusion."
        )
    return maps[label]


def occlusion(
    reader: Reader,
    picture: Picture,
    label: int,
    context: TaskContext,
    *,
    patch: int = 0,
    stride: int = 0,
    baseline: Baseline = "mean",
) -> Attribution:
    """How much the answer drops where a square *patch* covers the picture, as the mean over all that do.

    *patch* and *stride* are pixels of the network's input; 0 takes an eighth of the shorter side, and half of
    the patch. Drops add up to the whole answer in an additive network only. Raises ModelDoesNotFit, BadValue,
    ModelTrouble, Cancelled.
    """
    _check(reader.card, label)
    tensor, placement = reader.prepared(picture)
    covered = _baseline(tensor, placement, baseline)
    sides = _sides(tensor.shape[:2], patch)
    step = stride or max(1, min(sides) // 2)
    if step > min(sides):
        raise BadValue("The stride cannot be larger than the patch.", "Else parts are never covered.")
    places = list(product(*(_starts(*pair, step) for pair in zip(tensor.shape[:2], sides, strict=True))))

    def each() -> Iterator[NDArray[np.float32]]:
        for top, left in places:
            changed = tensor.copy()
            box = np.s_[top : top + sides[0], left : left + sides[1]]
            changed[box] = covered[box]
            yield changed

    whole, nothing = _answers(reader, iter((tensor, covered)), 2, label, TaskContext(context.token))
    drops = whole - _answers(reader, each(), len(places), label, context)
    total, times = (np.zeros(tensor.shape[:2], np.float32) for _ in range(2))
    for (top, left), drop in zip(places, drops, strict=True):
        total[top : top + sides[0], left : left + sides[1]] += drop
        times[top : top + sides[0], left : left + sides[1]] += 1
    values = total / times
    checks = {
        "sum of the drops, each place once": float(values.sum() / (sides[0] * sides[1])),
        "answer less that for the covered picture": float(whole - nothing),
    }
    return _made(reader.card, label, OCCLUSION, values, placement, checks)


def path_differences(
    reader: Reader,
    picture: Picture,
    label: int,
    context: TaskContext,
    *,
    patches: int = 8,
    steps: int = 8,
    baseline: Baseline = "mean",
) -> Attribution:
    """How much each of *patches* times *patches* parts adds on the way from the baseline to the picture.

    The straight way is gone in *steps*; in the middle of each the answer is asked with one part a half step
    behind and a half step ahead. What all parts add is the answer less that for the baseline, the better the
    more steps. Values are per pixel of the network's input. Raises ModelDoesNotFit, ModelTrouble, Cancelled.
    """
    _check(reader.card, label)
    tensor, placement = reader.prepared(picture)
    empty = _baseline(tensor, placement, baseline)
    way = tensor - empty
    boxes = [
        np.s_[rows[0] : rows[1], columns[0] : columns[1]]
        for rows, columns in product(*(_cuts(side, patches) for side in tensor.shape[:2]))
    ]

    def each() -> Iterator[NDArray[np.float32]]:
        for step, box, side in product(range(steps), boxes, (-0.5, 0.5)):
            changed = empty + way * np.float32((step + 0.5) / steps)
            changed[box] += way[box] * np.float32(side / steps)
            yield changed

    count = 2 * steps * len(boxes)
    whole, nothing = _answers(reader, iter((tensor, empty)), 2, label, TaskContext(context.token))
    found = _answers(reader, each(), count, label, context).reshape(steps, len(boxes), 2)
    gains = (found[..., 1] - found[..., 0]).sum(axis=0)
    values = np.zeros(tensor.shape[:2], np.float32)
    for box, gain in zip(boxes, gains, strict=True):
        values[box] = gain / values[box].size
    checks = {
        "sum of the map": float(values.sum(dtype=np.float64)),
        "answer less that for the baseline": float(whole - nothing),
    }
    return _made(reader.card, label, DIFFERENCES, values, placement, checks)


def best_method(reader: Reader) -> str:
    """The method that tells most about this model: its own map, else occlusion."""
    return CLASS_MAP if reader.has_maps else OCCLUSION


def _check(card: Card, label: int) -> None:
    if card.task not in EXPLAINED or card.input.is_stacked:
        raise ModelDoesNotFit(
            f"{card.title} is no classifier of pictures, and only their answers are explained.",
            "A segmentation shows itself what it found.",
        )
    if not 0 <= label < len(card.output.labels):
        raise BadValue(f"{card.title} has {len(card.output.labels)} labels, not {label + 1}.")


def _answers(
    reader: Reader, pictures: Iterator[NDArray[np.float32]], count: int, label: int, context: TaskContext
) -> NDArray[np.float64]:
    """What the network says of each picture about one label, in batches."""
    found: list[NDArray[np.float64]] = []
    done, batch = 0, 1
    waiting: list[NDArray[np.float32]] = []
    for picture in pictures:
        batch = max(1, min(64, BATCH_PX // picture[..., 0].size))
        waiting.append(picture)
        if len(waiting) < batch and done + len(waiting) < count:
            continue
        raw = reader.raw(waiting, token=context.token)
        found.append(_said(raw.reshape(len(waiting), -1), reader.card, label))
        done += len(waiting)
        waiting = []
        context.report(done / count, f"Asking {reader.card.title} again: {done} of {count}")
    return np.concatenate(found)


def _said(raw: NDArray[Any], card: Card, label: int) -> NDArray[np.float64]:
    """The logit of a label in each row of (picture, class), else its probability.

    Of softmax, which knows differences only, the logit against the mean over all classes.
    """
    value = card.output.labels[label].value
    single = raw.shape[1] == 1 and len(card.output.labels) == 2
    if _unit(card) == "probability":
        return np.array([finish.scores(row, card)[label] for row in raw], np.float64)
    values = raw.astype(np.float64)
    if single:
        return values[:, 0] if label == 1 else -values[:, 0]
    if card.output.activation == "softmax":
        values = values - values.mean(axis=1, keepdims=True)
    finish.scores(raw[0], card)  # raises where the card and the network disagree
    return np.asarray(values[:, value])


def _unit(card: Card) -> str:
    return "probability" if card.output.activation == "none" else "logit"


def _baseline(tensor: NDArray[np.float32], placement: Placement, kind: Baseline) -> NDArray[np.float32]:
    """A prepared picture in which nothing is to be seen; what is padding stays what it is."""
    top, left, rows, columns = placement.put
    result = tensor.copy()
    inside = result[top : top + rows, left : left + columns]
    if kind == "blur":
        coarse = (max(1, rows // DETAIL_PX), max(1, columns // DETAIL_PX))
        for channel in range(tensor.shape[2]):
            smooth = resize_image(np.ascontiguousarray(inside[..., channel]), coarse)
            inside[..., channel] = resize_image(smooth, (rows, columns))
    else:
        inside[...] = inside.mean(axis=(0, 1)) if kind == "mean" else inside.min(axis=(0, 1))
    return result


def _sides(shape: Sequence[int], patch: int) -> tuple[int, int]:
    wanted = patch or max(1, min(shape) // SHARE)
    return min(wanted, shape[0]), min(wanted, shape[1])


def _starts(length: int, side: int, step: int) -> list[int]:
    """Where patches begin; the last ends with the picture."""
    return sorted({*range(0, length - side, step), length - side})


def _cuts(length: int, count: int) -> list[tuple[int, int]]:
    """*length* in *count* parts that differ by one at most."""
    edges = np.linspace(0, length, min(count, length) + 1).round().astype(int)
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def _made(
    card: Card,
    label: int,
    method: str,
    values: NDArray[np.float32],
    placement: Placement,
    checks: dict[str, float],
) -> Attribution:
    return Attribution(card.output.labels[label].name, method, values, placement, _unit(card), checks)
