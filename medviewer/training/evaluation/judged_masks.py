"""Judging masks, of pictures and of volumes, and enhanced pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.card import Values
from medviewer.ai.enhance import enhanced
from medviewer.ai.infer import Reader
from medviewer.ai.prepare import spacing_of, values_of
from medviewer.ai.prepare_stack import stack_spacing
from medviewer.imaging.compare import psnr, rmse, ssim
from medviewer.kit.errors import FileTrouble, ModelDoesNotFit, TrainingTrouble
from medviewer.kit.task import TaskContext
from medviewer.training.data.dataset import Dataset, Example
from medviewer.training.evaluation import metrics, plots
from medviewer.training.evaluation.answers import (
    Answering,
    Answers,
    Figure,
    asked,
    each,
    mask_of,
    mean_of,
    rounded,
)
from medviewer.training.evaluation.drawing import Plot
from medviewer.training.evaluation.surfaces import apart

TOLERANCE = 2.0
"""mm, or pixels where nobody knows how large they are; of the surface Dice"""
MEASURED = ("dice", "iou", "hd95", "surface_distance", "surface_dice", "volume_error")
HD95 = (
    "larger of both directed 95th percentiles of the distances between border voxels across faces; pictures "
    "in which one mask is empty have none and are left out"
)


def masks(
    reader: Answering,
    dataset: Dataset,
    examples: Sequence[Example],
    context: TaskContext,
    tolerance: float = TOLERANCE,
) -> Answers:
    """Overlap, distances and volumes of all labels. Raises TrainingTrouble.

    Distances are in mm where every picture says how large its pixels are, else in pixels. The volume error is
    the found volume less the true one, over the true one.
    """
    labels = reader.card.output.labels
    excluded = list(dataset.excluded)
    used, pairs = [], []
    for example, picture in each(dataset, examples, context, excluded):
        try:
            wanted, found = _pair(reader, example, picture)
        except (FileTrouble, ModelDoesNotFit) as trouble:
            excluded.append(f"{example.name}: {trouble.message}")
            continue
        used.append(example)
        spacing = _spacing(picture, wanted.ndim)
        pairs.append(
            [
                (_measured(wanted == one.value, found == one.value, spacing, tolerance), bool(spacing))
                for one in labels
            ]
        )
    kept = asked(dataset, used, excluded)
    is_mm = all(known for row in pairs for _, known in row)
    each_label = np.array([[one[0] if is_mm else one[1] for one, _ in row] for row in pairs], np.float64)
    mean = _mean(each_label)
    names = [one.name for one in labels]
    figures: dict[str, Figure] = {name: mean_of(mean[:, at]) for at, name in enumerate(MEASURED)}
    figures["dice_median"] = lambda rows: float(np.median(mean[rows, 0]))
    if len(names) > 1:
        for at, name in enumerate(names):
            figures[f"dice {name}"] = mean_of(each_label[:, at, 0])
    order = np.argsort(mean[:, 0], kind="stable")
    unit = "mm" if is_mm else "px"
    return Answers(
        asked=kept,
        figures=figures,
        main=("dice", "iou", "hd95", "surface_dice"),
        columns=tuple(f"{what} {name}" for name in names for what in MEASURED),
        table=tuple(tuple(rounded(one) for one in row.ravel()) for row in each_label),
        plots=_mask_plots(each_label, names, unit),
        more={
            "labels": names,
            "dice_per_label": {
                name: rounded(float(np.nanmean(each_label[:, at, 0]))) for at, name in enumerate(names)
            },
            "distance_unit": unit,
            "tolerance": tolerance,
            "hd95_definition": HD95,
            "hd95_undefined": int(np.isnan(each_label[..., 2]).any(axis=1).sum()),
            "worst": [[used[at].name, rounded(mean[at, 0])] for at in order[:5]],
        },
        worst=tuple(order.tolist()),
    )


def pictures(reader: Reader, dataset: Dataset, examples: Sequence[Example], context: TaskContext) -> Answers:
    """How near an enhancement comes to the wanted pictures, and how near they were before.

    PSNR and SSIM are over the range of values of the wanted picture; the error is in its unit.
    """
    excluded = list(dataset.excluded)
    used, rows = [], []
    for example, picture in each(dataset, examples, context, excluded):
        try:
            given, wanted = _plain(picture), _plain(_wanted(example))
            if given.shape != wanted.shape:
                raise TrainingTrouble("the wanted picture has another size.")
            found = enhanced(reader.model, given, None, 1.0, TaskContext(context.token))
        except (FileTrouble, ModelDoesNotFit, TrainingTrouble) as trouble:
            excluded.append(f"{example.name}: {trouble.message}")
            continue
        used.append(example)
        span = max(float(np.ptp(wanted)), 1e-6)
        rows.append([figure for one in (found, given) for figure in _likeness(one, wanted, span)])
    kept = asked(dataset, used, excluded)
    table = np.array(rows, np.float64)
    names = ("psnr", "ssim", "rmse", "psnr_before", "ssim_before", "rmse_before")
    figures: dict[str, Figure] = {name: mean_of(table[:, at]) for at, name in enumerate(names)}
    figures["psnr_gain"] = mean_of(table[:, 0] - table[:, 3])
    return Answers(
        asked=kept,
        figures=figures,
        main=("psnr", "ssim", "psnr_gain"),
        columns=names,
        table=tuple(tuple(rounded(one) for one in row) for row in table),
        plots=(
            plots.histogram_plot("PSNR", "dB", table[:, 0]),
            plots.histogram_plot("SSIM", "similarity", table[:, 1]),
            plots.histogram_plot("Gain", "dB of PSNR over the given picture", table[:, 0] - table[:, 3]),
        ),
        worst=tuple(np.argsort(table[:, 0], kind="stable").tolist()),
    )


def _pair(reader: Answering, example: Example, picture: Any) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    assert example.read_mask is not None
    wanted = example.read_mask()
    found = mask_of(reader, picture)
    if wanted.shape != found.shape:
        raise FileTrouble("the mask has another size than the picture.")
    return wanted, found


def _spacing(picture: Any, axes: int) -> tuple[float, ...]:
    """Mm between neighbours along each axis; () where nobody knows."""
    known = spacing_of(picture) if axes == 2 else stack_spacing(picture)
    return tuple(known) if len(known) == axes and all(one > 0 for one in known) else ()


def _measured(
    truth: NDArray[np.bool_], found: NDArray[np.bool_], spacing: tuple[float, ...], tolerance: float
) -> tuple[list[float], list[float]]:
    """The figures of one label, with distances in mm and in pixels."""
    truth, found = _cropped(truth, found)
    inside = int(truth.sum())
    volume = (int(found.sum()) - inside) / inside if inside else float("nan") if found.any() else 0.0
    overlap = [metrics.dice(truth, found), metrics.iou(truth, found)]
    result = []
    for given in (spacing, (1.0,) * truth.ndim):
        if given:
            gap = apart(truth, found, given, tolerance)
            distances = [gap.hd95, gap.mean, gap.surface_dice]
        else:
            distances = [float("nan")] * 3
        result.append([*overlap, *distances, volume])
    return result[0], result[1]


def _cropped(*pair: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Both masks within the box that holds both, and a voxel around it: what lies outside changes nothing."""
    either = pair[0] | pair[1]
    box = []
    for axis in range(either.ndim):
        others = tuple(at for at in range(either.ndim) if at != axis)
        there = np.flatnonzero(either.any(axis=others))
        box.append(slice(int(there[0]), int(there[-1]) + 1) if there.size else slice(0, 1))
    one, other = (np.pad(mask[tuple(box)], 1) for mask in pair)
    return one, other


def _mean(each_label: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean over the labels (example, label, figure) whose figure is defined."""
    defined = np.isfinite(each_label)
    count = defined.sum(axis=1)
    total = np.where(defined, each_label, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _mask_plots(each_label: NDArray[np.float64], names: Sequence[str], unit: str) -> tuple[Plot, ...]:
    drawn = []
    for at, name in enumerate(names):
        of = f": {name}" if len(names) > 1 else ""
        drawn += [
            plots.histogram_plot(f"Dice{of}", "Dice", each_label[:, at, 0], (0.0, 1.0)),
            plots.histogram_plot(f"HD95{of}", unit, each_label[:, at, 2]),
        ]
    if len(names) == 1:
        drawn.append(plots.histogram_plot("Volume error", "(found - true) / true", each_label[:, 0, 5]))
    return tuple(drawn)


def _wanted(example: Example) -> Any:
    if example.read_wanted is None:
        raise FileTrouble("there is no wanted picture beside it.")
    return example.read_wanted()


def _plain(picture: Any) -> NDArray[np.float32]:
    return values_of(picture, Values(scale="none"))


def _likeness(one: NDArray[Any], wanted: NDArray[Any], span: float) -> tuple[float, float, float]:
    # equal pictures have no finite ratio; 99 dB is beyond what any eye or use tells from it
    return min(99.0, psnr(wanted, one, span)), ssim(wanted, one, span), rmse(wanted, one)
