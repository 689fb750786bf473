"""The card of a model as a reader wants it: what it is for, what it saw, how good it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from medviewer.ai.card import Card
from medviewer.ai.fit import KINDS, UNSURE, remarks
from medviewer.core.study import Series
from medviewer.core.volume import Frame
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import counted
from medviewer.kit.errors import ModelDoesNotFit

MOST_METRICS = 9
_NAMES = {"auc": "AUC", "iou": "IoU", "dice": "Dice"}
_NO_FIGURES = {"n", "groups", "threshold", "seed"}


class ModelCard(QWidget):
    """Folded away until somebody wants to know."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = QToolButton()
        self.head.setText("About this model")
        self.head.setAccessibleName("About this model: show or hide its card")
        self.head.setCheckable(True)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setArrowType(Qt.ArrowType.RightArrow)
        self.head.toggled.connect(self._fold)
        self._page = QWidget()
        self._rows = QVBoxLayout(self._page)
        self._rows.setContentsMargins(8, 0, 0, 4)
        self._rows.setSpacing(2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.head)
        layout.addWidget(self._page)
        self._page.hide()
        self.hide()

    def show_card(self, card: Card | None) -> None:
        """Show what *card* says; without one there is nothing to unfold."""
        while (old := self._rows.takeAt(0)) is not None:
            widget = old.widget()
            if widget is not None:
                widget.deleteLater()
        self.setVisible(card is not None)
        for title, text in card_lines(card) if card else ():
            self._rows.addWidget(plain_label(title, "small"))
            words = plain_label(text, wrap=True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            words.setContentsMargins(0, 0, 0, 4)
            self._rows.addWidget(words)

    def _fold(self, open_now: bool) -> None:
        self._page.setVisible(open_now)
        self.head.setArrowType(Qt.ArrowType.DownArrow if open_now else Qt.ArrowType.RightArrow)


def card_lines(card: Card) -> tuple[tuple[str, str], ...]:
    """What a card says, as (title, text); what it leaves open is left out."""
    made = card.made
    lines = (
        ("Intended use", made.intended),
        ("Made for", _applies(card)),
        ("Answers", ", ".join(label.name for label in card.output.labels)),
        ("On data it had not seen, with 95 % intervals", metric_words(card.metrics)),
        ("Limits", made.limits),
        ("Data it learned from", made.data),
        ("How that was divided", made.split),
        ("Licence", made.license),
        ("Made by", ", ".join(part for part in (made.by, made.when) if part)),
        ("To be cited as", made.citation),
    )
    return tuple((title, text) for title, text in lines if text)


def metric_words(metrics: Mapping[str, Any]) -> str:
    """Figures with their 95 % intervals, one a line, and on how many pictures."""
    intervals = metrics.get("intervals")
    lines = []
    for name, found in metrics.items():
        value, ends = (found.get("value"), _ends(found)) if isinstance(found, Mapping) else (found, None)
        if name in _NO_FIGURES or isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        if ends is None and isinstance(intervals, Mapping):
            ends = _pair(intervals.get(name))
        words = f"{_NAMES.get(name, name.replace('_', ' '))} {_figure(value)}"
        lines.append(f"{words} ({_figure(ends[0])} to {_figure(ends[1])})" if ends else words)
    if isinstance(metrics.get("n"), int):
        lines.append(f"on {counted(metrics['n'], 'picture')}")
    return "\n".join(lines[:MOST_METRICS])


def fit_words(card: Card, series: Series, frame: Frame | None) -> tuple[str, bool]:
    """What a reader must know before this model reads this series, and whether it must not."""
    if frame is None:
        refused = is_refused(card, series.modality)
        wanted = " or ".join(card.applies.modality)
        words = f"{card.title} was made for {wanted} images, and this is {series.modality}."
        return (words, True) if refused else ("", False)
    try:
        return "\n".join(
            remarks(card, frame, series.modality, series.body_part, series.detail("ViewPosition"))
        ), False
    except ModelDoesNotFit as trouble:
        return str(trouble), True


def is_refused(card: Card, modality: str) -> bool:
    """Whether a model was made for quite other pictures; known before one is decoded."""
    wanted, modality = set(card.applies.modality), modality.strip().upper()
    if not wanted or modality in UNSURE or modality in wanted:
        return False
    return not any(modality in kind and kind & wanted for kind in KINDS)


def _applies(card: Card) -> str:
    parts = (*card.applies.modality, *(part.lower() for part in card.applies.body))
    views = f"views {', '.join(card.applies.view)}" if card.applies.view else ""
    return ", ".join(part for part in (*parts, views) if part)


def _ends(found: Mapping[str, Any]) -> tuple[float, float] | None:
    return _pair((found.get("low"), found.get("high")))


def _pair(found: Any) -> tuple[float, float] | None:
    """Both ends of an interval, when they are numbers; a card from elsewhere may hold anything."""
    if not isinstance(found, (list, tuple)) or len(found) != 2:
        return None
    low, high = found
    both = isinstance(low, (int, float)) and isinstance(high, (int, float))
    return (float(low), float(high)) if both else None


def _figure(value: float) -> str:
    return f"{value:.3g}" if abs(value) <= 1 else f"{value:g}"
