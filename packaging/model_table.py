"""Writes the table of models in the README from their cards: `python packaging/model_table.py`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

from medviewer.ai.catalog import models  # noqa: E402

README = HOME / "README.md"
BETWEEN = re.compile(r"(?<=<!-- models -->\n).*?(?=<!-- end of models -->)", re.DOTALL)
FIGURES = {"dice": "Dice", "auc": "AUC", "sensitivity": "sensitivity", "specificity": "specificity"}


def table() -> str:
    """The models that come with the program, each with the figures on data it never saw."""
    rows = ["| model | reads | judged on | figures with 95 % intervals |", "|---|---|---|---|"]
    for model in models((HOME / "resources" / "models",)):
        card = model.card
        if card is None:
            raise SystemExit(f"{model.path.name} has no card")
        judged = f"{card.metrics['n']} held-out pictures ({card.made.split})"
        name = f"`{card.name}` {card.version}"
        rows.append(f"| {name} | {card.title} | {judged} | {figures(card.metrics)} |")
    return "\n" + "\n".join(rows) + "\n\n"


def figures(metrics: Any) -> str:
    """The chief figures, to the digits that the intervals allow."""
    told = []
    for key, word in FIGURES.items():
        if key in metrics:
            low, high = metrics["intervals"][key]
            told.append(f"{word} {metrics[key]:.3f} ({low:.3f} to {high:.3f})")
    return ", ".join(told)


def main() -> None:
    """Put the table into the README."""
    page = README.read_text(encoding="utf-8")
    README.write_text(BETWEEN.sub(lambda _: table(), page), encoding="utf-8")


if __name__ == "__main__":
    main()
