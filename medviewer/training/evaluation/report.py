"""One report of how good a model is: figures with intervals, drawings, subgroups, the cases to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import medviewer
from medviewer.ai.card import Card
from medviewer.export.exporter import trouble
from medviewer.kit.files import write_atomically
from medviewer.kit.task import TaskContext
from medviewer.training.evaluation.answers import Answering
from medviewer.training.evaluation.cases import Case, cases, legend
from medviewer.training.evaluation.drawing import Plot
from medviewer.training.evaluation.judging import Judgement
from medviewer.training.evaluation.page import drawing, facts, page, picture, safe, section, table
from medviewer.training.evaluation.plots import bars_plot, history_plots
from medviewer.training.evaluation.table import write_answers

NOTICE = "For research and teaching. Not a medical device; figures hold for pictures like those judged here."
METHOD = "95 % intervals by bootstrap over groups (patients where known), 1000 resamples, percentiles."
WORDS = {
    "auc": "Area under the ROC curve",
    "average_precision": "Average precision",
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "sensitivity": "Sensitivity (recall)",
    "specificity": "Specificity",
    "precision": "Precision (positive predictive value)",
    "negative_predictive_value": "Negative predictive value",
    "f1": "F1",
    "mcc": "Matthews correlation",
    "kappa": "Cohen's kappa",
    "brier": "Brier score (0 is best)",
    "dice": "Dice",
    "dice_median": "Dice, median",
    "iou": "IoU (Jaccard)",
    "hd95": "HD95",
    "surface_distance": "Average surface distance",
    "surface_dice": "Surface Dice",
    "volume_error": "Volume error",
    "mae": "Mean absolute error",
    "rmse": "Root mean square error",
    "r2": "R\N{SUPERSCRIPT TWO}",
    "bias": "Bias",
    "psnr": "PSNR (dB)",
    "ssim": "SSIM",
    "psnr_before": "PSNR before (dB)",
    "ssim_before": "SSIM before",
    "rmse_before": "Root mean square error before",
    "psnr_gain": "PSNR gained (dB)",
}
DASH = "\N{EN DASH}"
Cases = Sequence[tuple[str, Sequence[Case]]]


def write_report(
    path: Path,
    judgement: Judgement,
    reader: Answering,
    context: TaskContext,
    *,
    part: str = "",
    history: Sequence[Mapping[str, float]] = (),
    score: str = "",
    more: Sequence[tuple[str, str]] = (),
) -> None:
    """Write the report to *path*, and the table of all answers beside it as ``.csv``.

    *history* are the epochs of a training, with loss, val_loss and score; *score* is what that is called;
    *more* are facts for its head. Names of files, which may name patients, are in the table only: cases in
    the report have the numbers of their rows. Raises ExportTrouble, Cancelled.
    """
    shown = cases(reader, judgement.answers, judgement.dataset, context)
    write_answers(path.with_suffix(".csv"), judgement)
    try:
        write_atomically(path, html(judgement, reader.card, part, history, score, shown, more).encode())
    except OSError as error:
        raise trouble(path, error) from None


def html(
    judgement: Judgement,
    card: Card,
    part: str = "",
    history: Sequence[Mapping[str, float]] = (),
    score: str = "",
    shown: Cases = (),
    more: Sequence[tuple[str, str]] = (),
) -> str:
    """The report as one page."""
    found, answers = judgement.figures, judgement.answers
    unit = str(found.get("distance_unit", ""))
    blocks = [
        f"{_head(judgement, card, part, more)}",
        section("Figures", _figures(found, unit), f"{METHOD} {_definitions(found)}".strip()),
        section("Drawings", drawings(answers.plots)),
        section("Each class", _classes(found)),
        section(
            "Operating points",
            _points(found),
            "Thresholds chosen on the choosing part, figures on the judging part. The card's own threshold "
            f"is {found.get('threshold', DASH)}.",
        ),
        section(
            "Subgroups",
            _subgroups(judgement),
            "Pale: fewer than 20 groups (patients); such a figure says next to nothing.",
        ),
        section("Training", drawings(history_plots(history, score))),
    ]
    blocks += [
        section(heading, _pictures(some), f"{legend(judgement.dataset.task)} Numbers are rows of the table.")
        for heading, some in shown
    ]
    return page(f"{card.title}: report", blocks)


def interval_words(value: Any, ends: Sequence[Any] | None) -> str:
    """A figure with its interval."""
    if not _is_number(value):
        return DASH
    if not ends or not all(map(_is_number, ends)):
        return f"{value:.4g}"
    return f"{value:.4g}  ({ends[0]:.4g} to {ends[1]:.4g})"


def name_of(figure: str, unit: str = "") -> str:
    """A figure as a reader calls it."""
    first, _, rest = figure.partition(" ")
    words = WORDS.get(first, first)
    if unit and first in ("hd95", "surface_distance"):
        words = f"{words} ({unit})"
    return f"{words}, {rest}" if rest else words


def _head(judgement: Judgement, card: Card, part: str, more: Sequence[tuple[str, str]]) -> str:
    found = judgement.figures
    left_out = len(found.get("excluded", ()))
    counts = ", ".join(
        f"{name} {count}"
        for name, count in zip(found.get("labels", ()), found.get("counts", ()), strict=False)
    )
    unit = "series" if judgement.dataset.is_stacked else "pictures"
    of = f" of {found['groups']} {judgement.dataset.grouping}s" if found["groups"] != found["n"] else ""
    rows = (
        ("Model", f"{card.title} ({card.name} {card.version}), {card.task}"),
        ("Intended for", card.made.intended),
        ("Data", f"{judgement.dataset.name}{f', part: {part}' if part else ''}"),
        ("Judged", f"{found['n']} {unit}{of}{f': {counts}' if counts else ''}"),
        ("Left out", f"{left_out} that could not be used" if left_out else ""),
        ("Learnt from", card.made.data),
        ("Split", card.made.split),
        *more,
        ("Made", f"medviewer {medviewer.__version__}, {datetime.now(UTC).date().isoformat()}"),
    )
    return f'<h1>{safe(card.title)}</h1><p class="notice">{safe(NOTICE)}</p>{facts(rows)}'


def _figures(found: Mapping[str, Any], unit: str) -> str:
    rows = [
        (name_of(name, unit), interval_words(found.get(name), ends))
        for name, ends in found["intervals"].items()
    ]
    if "calibration_error" in found:
        rows.append(("Expected calibration error", f"{found['calibration_error']:.4g}"))
    return table(("Figure", "Value (95 % interval)"), rows)


def _definitions(found: Mapping[str, Any]) -> str:
    if "hd95_definition" not in found:
        return ""
    unit = found["distance_unit"]
    return (
        f"HD95: {found['hd95_definition']} (here {found['hd95_undefined']}). Surface Dice within "
        f"{found['tolerance']:g} {unit}. Both masks empty count as agreement."
    )


def drawings(plots: Sequence[Plot]) -> str:
    """Drawings side by side, as HTML."""
    drawn = "\n".join(drawing(plot.svg, plot.note) for plot in plots)
    return f'<div class="drawings">{drawn}</div>' if drawn else ""


def _classes(found: Mapping[str, Any]) -> str:
    rows = found.get("per_class") or found.get("per_label") or {}
    if not rows:
        return ""
    columns = list(next(iter(rows.values())))
    lines = [(name, *(_cell(one[column]) for column in columns)) for name, one in rows.items()]
    return table(("Class", *(WORDS.get(column, column) for column in columns)), lines)


def _points(found: Mapping[str, Any]) -> str:
    rows = found.get("operating_points", ())
    columns = ("rule", "threshold", "sensitivity", "specificity", "precision")
    heads = ("Rule", "Threshold", "Sensitivity", "Specificity", "Precision")
    return table(heads, [[_cell(row[column]) for column in columns] for row in rows])


def _subgroups(judgement: Judgement) -> str:
    rows = judgement.figures.get("subgroups", ())
    if not rows:
        return ""
    names = judgement.answers.main
    unit = str(judgement.figures.get("distance_unit", ""))
    lines = [
        [
            row["column"],
            row["subgroup"],
            str(row["n"]),
            str(row["groups"]),
            *(_measured(row, one) for one in names),
        ]
        for row in rows
    ]
    heads = ("Column", "Subgroup", "n", "Groups", *(name_of(one, unit) for one in names))
    content = table(heads, lines, [row["small"] for row in rows])
    drawn = []
    for column in dict.fromkeys(row["column"] for row in rows):
        shown = [
            (row["subgroup"], *(float(row["figures"][names[0]][end]) for end in ("value", "low", "high")))
            for row in rows
            if row["column"] == column and row["figures"][names[0]]
        ]
        drawn.append(bars_plot(column, name_of(names[0], unit), shown))
    return content + drawings(drawn)


def _measured(row: Mapping[str, Any], name: str) -> str:
    one = row["figures"][name]
    return interval_words(one["value"], (one["low"], one["high"])) if one else DASH


def _pictures(shown: Sequence[Case]) -> str:
    figures = "\n".join(picture(one.pixels, (f"Case {one.row}", *one.lines)) for one in shown)
    return f'<div class="pictures">{figures}</div>' if figures else ""


def _cell(value: Any) -> str:
    if value is None:
        return DASH
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and value == value
