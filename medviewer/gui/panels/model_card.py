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
from medviewer.gui.forms import plain_label
from medviewer.kit.errors import ModelDoesNotFit

MOST_METRICS = 8


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
        ("Limits", made.limits),
        ("Made for", _applies(card)),
        ("Answers", ", ".join(label.name for label in card.output.labels)),
        ("Data it learned from", made.data),
        ("How that was divided", made.split),
        ("On data it had not seen", metric_words(card.metrics)),
        ("Licence", made.license),
        ("Made by", ", ".join(part for part in (made.by, made.when) if part)),
        ("To be cited as", made.citation),
    )
    return tuple((title, text) for title, text in lines if text)


def metric_words(metrics: Mapping[str, Any]) -> str:
    """Figures with their intervals, one a line."""
    lines = []
    for name, found in metrics.items():
        value = found.get("value") if isinstance(found, Mapping) else found
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        words = f"{name.replace('_', ' ')} {_figure(value)}"
        if isinstance(found, Mapping) and {"low", "high"} <= set(found):
            words += f" (95 % interval {_figure(found['low'])} to {_figure(found['high'])})"
        lines.append(words)
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


def _figure(value: float) -> str:
    return f"{value:.3g}" if abs(value) <= 1 else f"{value:g}"
