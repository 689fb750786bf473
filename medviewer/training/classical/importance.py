"""Which features an estimator relies on: what it says itself, and what it loses without them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_selection import f_classif, f_regression

from medviewer.kit.files import write_atomically
from medviewer.kit.frozen import frozen

REPEATS = 5
MOST_SINGLE = 40
"""features that are shuffled one by one; more would take longer than training"""
MOST_ROWS = 300
SHOWN = 20
Score = Callable[[NDArray[Any]], float]
"""of features (n, feature): the AUC or the R2"""


@frozen
class Importance:
    """Of one feature, or of a family of them."""

    name: str
    lost: float
    """of the score, where it is shuffled between pictures; the mean over some shuffles"""
    spread: float
    own: float | None
    """what the estimator itself says, None where it says nothing"""


def importance(
    fitted: Any,
    score: Score,
    rows: NDArray[np.float32],
    truth: NDArray[Any],
    families: Mapping[str, Sequence[int]],
    names: Sequence[str],
    seed: int,
) -> tuple[Importance, ...]:
    """First all families, each shuffled as a whole, then the single features that promise most.

    Shuffled on pictures that did not train (*rows*): L. Breiman, Machine Learning 45, 2001.
    """
    rng = np.random.default_rng(seed)
    own = own_importance(fitted, rows.shape[1])
    found = [
        _lost(name, columns, score, rows, rng, None if own is None else float(own[list(columns)].sum()))
        for name, columns in families.items()
    ]
    ranked = np.argsort(-(_univariate(rows, truth) if own is None else own), kind="stable")
    singles = [
        _lost(names[at], [at], score, rows, rng, None if own is None else float(own[at]))
        for at in ranked[:MOST_SINGLE].tolist()
    ]
    return (*found, *sorted(singles, key=lambda one: -one.lost))


def own_importance(fitted: Any, count: int) -> NDArray[np.float64] | None:
    """How much each feature matters to trees, or the size of its weight in sums; None for the others.

    It sums up to 1.
    """
    last = fitted[-1] if hasattr(fitted, "steps") else fitted
    if hasattr(last, "feature_importances_"):
        values = np.asarray(last.feature_importances_, np.float64)
    elif hasattr(last, "coef_"):
        values = np.abs(np.asarray(last.coef_, np.float64)).reshape(-1, count).mean(axis=0)
    else:
        return None
    return np.asarray(values / max(float(values.sum()), 1e-12))


def write_importance(folder: Path, found: Sequence[Importance], score: str) -> None:
    """Write ``importance.csv`` and ``importance.svg``. Raises OSError."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("feature", f"{score} lost when shuffled", "spread", "share by the estimator itself"))
    table.writerows(
        (one.name, f"{one.lost:.5f}", f"{one.spread:.5f}", "" if one.own is None else f"{one.own:.5f}")
        for one in found
    )
    write_atomically(folder / "importance.csv", text.getvalue().encode())
    write_atomically(folder / "importance.svg", drawn(found[:SHOWN], score).encode())


def drawn(found: Sequence[Importance], score: str) -> str:
    """Bars of what is lost, as SVG."""
    line, left, width = 20, 230, 640
    most = max([one.lost for one in found] + [1e-6])
    parts = []
    for at, one in enumerate(found):
        y = 36 + at * line
        length = max(0.0, one.lost) / most * (width - left - 70)
        name = one.name if len(one.name) <= 34 else f"{one.name[:33]}…"
        parts.append(f'<text x="{left - 6}" y="{y + 12}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<rect x="{left}" y="{y}" width="{length:.1f}" height="14" fill="#0072b2"/>')
        parts.append(f'<text x="{left + length + 6:.1f}" y="{y + 12}">{one.lost:.4f}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{48 + line * len(found)}" '
        f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
        f'<text x="{left}" y="22" font-size="13">{escape(score)} lost when shuffled between pictures</text>'
        f"{''.join(parts)}</svg>\n"
    )


def _lost(
    name: str,
    columns: Sequence[int],
    score: Score,
    rows: NDArray[np.float32],
    rng: np.random.Generator,
    own: float | None,
) -> Importance:
    whole = score(rows)
    lost = []
    for _ in range(REPEATS):
        shuffled = rows.copy()
        shuffled[:, list(columns)] = rows[rng.permutation(len(rows))][:, list(columns)]
        lost.append(whole - score(shuffled))
    return Importance(name, float(np.mean(lost)), float(np.std(lost)), own)


def _univariate(rows: NDArray[np.float32], truth: NDArray[Any]) -> NDArray[np.float64]:
    """How much each feature says on its own (the F of an analysis of variance)."""
    test = f_classif if truth.dtype.kind in "iu" else f_regression
    varies = np.ptp(rows, axis=0) > 0
    values = np.zeros(rows.shape[1])
    if varies.any():
        values[varies] = np.nan_to_num(test(rows[:, varies].astype(np.float64), truth)[0])
    return values
