"""The drawings of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.training.evaluation.curves import precision_recall, roc
from medviewer.training.evaluation.drawing import (
    COLORS,
    FAINT,
    GRID,
    INK,
    Axes,
    Line,
    Plot,
    limits,
    number,
    picture,
    ticks,
    words_of,
)

SHARE = (0.0, 1.0)
MOST_POINTS = 400
"""of a line: more are not seen, and make a report heavy"""


def roc_plot(answers: Sequence[tuple[str, NDArray[Any], NDArray[Any]]], at: float | None = None) -> Plot:
    """The ROC curve of each (name, truth 0 or 1, score), and where the threshold *at* lies on the first."""
    axes = Axes("ROC", ("1 - specificity", *SHARE), ("sensitivity", *SHARE))
    axes.line(Line("", SHARE, SHARE, FAINT, dashed=True))
    for (name, truth, scores), color in zip(answers, _colors(len(answers)), strict=True):
        out, found, _ = roc(truth, scores)
        axes.line(Line(name, *_thinned(out, found), color))
    if at is not None:
        _, truth, scores = answers[0]
        yes = scores >= at
        axes.dot(float(yes[truth != 1].mean()), float(yes[truth == 1].mean()), f"at {at:.3g}")
    axes.legend(_named([name for name, _, _ in answers]))
    return Plot("ROC", axes.svg())


def precision_recall_plot(
    answers: Sequence[tuple[str, NDArray[Any], NDArray[Any]]], at: float | None = None
) -> Plot:
    """The precision-recall curve of each (name, truth, score); without skill precision is the prevalence."""
    axes = Axes("Precision and recall", ("recall (sensitivity)", *SHARE), ("precision", *SHARE))
    for (name, truth, scores), color in zip(answers, _colors(len(answers)), strict=True):
        share = float((truth == 1).mean())
        axes.line(Line("", SHARE, (share, share), color, dashed=True))
        found, right, _ = precision_recall(truth, scores)
        axes.line(Line(name, *_thinned(found, right), color))
    if at is not None:
        _, truth, scores = answers[0]
        yes = scores >= at
        right_share = float((truth[yes] == 1).mean()) if yes.any() else float("nan")
        axes.dot(float(yes[truth == 1].mean()), right_share, f"at {at:.3g}")
    axes.legend(_named([name for name, _, _ in answers]))
    return Plot("Precision and recall", axes.svg(), "Dashed: an answer without skill.")


def reliability_plot(bins: Sequence[tuple[float, float, int]], what: str) -> Plot:
    """How often an answer is right against how sure it is; the strip below shows how many answers."""
    axes = Axes("Reliability", (what, *SHARE), ("share that is so", *SHARE))
    total = max(1, sum(count for _, _, count in bins))
    for said, _, count in bins:
        axes.bar(max(0.0, said - 0.02), min(1.0, said + 0.02), 0.2 * count / total, "#bbb")
    axes.line(Line("", SHARE, SHARE, FAINT, dashed=True))
    axes.line(Line("", [one[0] for one in bins], [one[1] for one in bins], COLORS[0]))
    axes.line(Line("", [one[0] for one in bins], [one[1] for one in bins], COLORS[0], marked=True))
    return Plot("Reliability", axes.svg(), "Grey bars: how many answers, a full fifth of the height is all.")


def confusion_plot(table: Sequence[Sequence[int]], names: Sequence[str]) -> Plot:
    """How often each class was taken for each; the shade is the share of the row."""
    size = len(names)
    cell = max(26, min(74, 230 // size))
    left, top = 104, 62
    width, height = left + cell * size + 16, top + cell * size + 18
    parts = [
        '<text x="8" y="18" font-size="13" font-weight="600">Confusion</text>',
        f'<text x="{left + cell * size / 2:.0f}" y="36" text-anchor="middle">answer</text>',
        f'<text transform="translate(13,{top + cell * size / 2:.0f}) rotate(-90)" '
        'text-anchor="middle">truth</text>',
    ]
    room = max(3, cell // 7)
    for at, name in enumerate(names):
        middle = cell * (at + 0.5)
        parts += [
            _label(left - 6, top + middle + 4, name, 12, "end"),
            _label(left + middle, top - 8, name, room, "middle"),
        ]
    for row, counts in enumerate(table):
        for column, count in enumerate(counts):
            share = count / max(1, sum(counts))
            x, y = left + cell * column, top + cell * row
            parts += [
                f'<rect x="{x}" y="{y}" width="{cell}" height="{cell}" fill="{_shade(share)}" '
                f'stroke="{FAINT}" stroke-width="0.5"/>',
                f'<text x="{x + cell / 2}" y="{y + cell / 2 + 4}" text-anchor="middle" '
                f'fill="{"#fff" if share > 0.55 else INK}">{count}</text>',
            ]
    return Plot("Confusion", picture(parts, (max(width, 200), height)))


def histogram_plot(
    title: str, words: str, values: NDArray[Any], ends: tuple[float, float] | None = None, bins: int = 20
) -> Plot:
    """How often each value is there; what is no number is left out."""
    finite = values[np.isfinite(values)]
    low, high = ends or limits(finite)
    counts, edges = np.histogram(finite, bins, (low, high))
    axes = Axes(title, (words, low, high), ("pictures", *limits(counts, from_zero=True)))
    for left, right, count in zip(edges[:-1], edges[1:], counts, strict=True):
        if count:
            axes.bar(float(left), float(right), float(count), COLORS[0])
    if finite.size:
        middle = float(np.median(finite))
        axes.line(Line("", (middle, middle), limits(counts, from_zero=True), COLORS[1], dashed=True))
    return Plot(title, axes.svg(), "Dashed: the median.")


def scores_plot(truth: NDArray[Any], scores: NDArray[Any], names: tuple[str, str], at: float | None) -> Plot:
    """How the scores of both classes are spread."""
    counts = [np.histogram(scores[truth == label], 20, SHARE)[0] for label in (0, 1)]
    most = limits(np.concatenate(counts), from_zero=True)
    axes = Axes("Scores", (f"probability of {names[1]}", *SHARE), ("pictures", *most))
    for label, color in ((0, COLORS[0]), (1, COLORS[1])):
        for step, count in enumerate(counts[label]):
            if count:
                shift = 0.025 * label
                axes.bar(step / 20 + shift, step / 20 + shift + 0.025, float(count), color)
    if at is not None:
        axes.line(Line("", (at, at), most, INK, dashed=True))
    axes.legend([(name, COLORS[label]) for label, name in enumerate(names)], at_top=True)
    return Plot("Scores", axes.svg(), "Dashed: the threshold." if at is not None else "")


def agreement_plots(name: str, truth: NDArray[Any], found: NDArray[Any]) -> tuple[Plot, Plot]:
    """What was found against what is true, and the difference against the mean (Bland and Altman 1986)."""
    ends = limits(np.concatenate([truth, found]))
    axes = Axes(name, ("truth", *ends), ("answer", *ends))
    axes.line(Line("", ends, ends, FAINT, dashed=True))
    axes.line(Line("", truth, found, COLORS[0], marked=True))
    gap, mean = found - truth, (found + truth) / 2
    bias, spread = float(gap.mean()), 1.96 * float(gap.std())
    across = limits(mean)
    lower = Axes(
        f"{name}: difference",
        ("mean of both", *across),
        ("answer - truth", *limits(np.r_[gap, bias + spread, bias - spread])),
    )
    for level, dashed in ((bias, False), (bias - spread, True), (bias + spread, True)):
        lower.line(Line("", across, (level, level), COLORS[1], dashed=dashed))
    lower.line(Line("", mean, gap, COLORS[0], marked=True))
    note = f"Bias {number(round(bias, 4))}, limits of agreement (1.96 deviations) dashed."
    return Plot(name, axes.svg()), Plot(f"{name}: difference", lower.svg(), note)


def history_plots(rows: Sequence[Mapping[str, float]], score: str) -> tuple[Plot, ...]:
    """Loss and score over the epochs; each row has loss, val_loss and score."""
    if not rows:
        return ()
    epochs = list(range(1, len(rows) + 1))
    across = ("epoch", 1.0, float(max(2, len(rows))))
    lines = (
        Line("training", epochs, [row["loss"] for row in rows], COLORS[0]),
        Line("choosing part", epochs, [row["val_loss"] for row in rows], COLORS[1]),
    )
    loss = Axes("Loss", across, ("loss", *limits([*lines[0].y, *lines[1].y])))
    for line in lines:
        loss.line(line)
    loss.legend([(line.name, line.color) for line in lines], at_top=True)
    values = [row["score"] for row in rows]
    chosen = Axes(f"{score} of the choosing part", across, (score, *limits(values)))
    chosen.line(Line("", epochs, values, COLORS[1]))
    best = int(np.nanargmax(values)) if np.isfinite(values).any() else 0
    chosen.dot(epochs[best], values[best])
    return Plot("Loss", loss.svg()), Plot(score, chosen.svg(), "The ring marks the weights that were kept.")


def bars_plot(title: str, words: str, rows: Sequence[tuple[str, float, float, float]]) -> Plot:
    """(name, value, low, high) below each other, each with its interval."""
    height = 62 + 24 * len(rows)
    ends = limits([one for row in rows for one in row[1:]])
    left, right, bottom = 130, 470, height - 40
    span = (ends[1] - ends[0]) or 1.0
    parts = [f'<text x="8" y="18" font-size="13" font-weight="600">{words_of(title, 60)}</text>']
    for value in ticks(*ends):
        x = left + (right - left) * (value - ends[0]) / span
        parts += [
            f'<line x1="{x:.1f}" y1="26" x2="{x:.1f}" y2="{bottom}" stroke="{GRID}"/>',
            f'<text x="{x:.1f}" y="{bottom + 15}" text-anchor="middle">{number(round(value, 6))}</text>',
        ]
    parts.append(
        f'<text x="{(left + right) / 2}" y="{height - 6}" text-anchor="middle">{words_of(words, 60)}</text>'
    )
    for at, (name, value, low, high) in enumerate(rows):
        if not np.isfinite([value, low, high]).all():
            continue
        y = 40 + 24 * at
        x, a, b = (left + (right - left) * (one - ends[0]) / span for one in (value, low, high))
        parts += [
            _label(left - 8, y + 4, name, 18, "end"),
            f'<line x1="{a:.1f}" y1="{y}" x2="{b:.1f}" y2="{y}" stroke="{COLORS[0]}" stroke-width="2"/>',
            f'<circle cx="{x:.1f}" cy="{y}" r="4" fill="{COLORS[0]}"/>',
        ]
    return Plot(title, picture(parts, (490, height)))


def _thinned(x: NDArray[Any], y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """At most `MOST_POINTS` points, the first and the last among them."""
    if len(x) <= MOST_POINTS:
        return x, y
    at = np.unique(np.linspace(0, len(x) - 1, MOST_POINTS).round().astype(int))
    return x[at], y[at]


def _colors(count: int) -> list[str]:
    return [COLORS[at % len(COLORS)] for at in range(count)]


def _named(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, color) for name, color in zip(names, _colors(len(names)), strict=True) if name]


def _label(x: float, y: float, name: str, longest: int, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words_of(name, longest)}</text>'


def _shade(share: float) -> str:
    """From white to the first colour."""
    ends = [int(COLORS[0][at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(255 + (end - 255) * share):02x}" for end in ends)
