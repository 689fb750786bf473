"""What an object of the study says, as a page: a report with its sections, a list of segments or regions."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from medviewer.core.objects import StudyObject
from medviewer.gui import theme
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.session.found.listing import Listed
from medviewer.session.found.words import Line, object_lines, plain_text
from medviewer.session.session import Session

INDENT_PX = 18
MOST_SHOWN = 4_000
"""Lines on the page; more would stop the window."""


class ObjectTextDialog(QDialog):
    """A page to be read, whose pictures can be gone to."""

    def __init__(self, session: Session, found: StudyObject, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._found = found
        self._lines = object_lines(found, session.objects.places)
        self.setWindowTitle(found.kind.value)
        self.setSizeGripEnabled(True)
        self.resize(660, 640)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(plain_label(found.label, "title", wrap=True))
        about = Listed(found, None, session.objects.missing_words(found))
        layout.addWidget(plain_label(about.about, "ai" if found.is_automatic else "muted", wrap=True))
        if about.missing:
            layout.addWidget(plain_label(about.missing, "warning", wrap=True))
        self.page = QTextBrowser()
        self.page.setOpenLinks(False)
        self.page.setAccessibleName("What it says")
        self.page.anchorClicked.connect(self._go)
        self.page.document().setDocumentMargin(12)
        self.page.setHtml(_page(self._lines[:MOST_SHOWN], len(self._lines) - MOST_SHOWN))
        layout.addWidget(self.page, 1)
        layout.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        copy = QPushButton("Copy text")
        copy.setAccessibleName("Copy the whole text")
        copy.setToolTip("Put all of it on the clipboard, as plain text")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(plain_text(self._lines)))
        shut = QPushButton("Close")
        shut.setAccessibleName("Close")
        shut.clicked.connect(self.close)
        row.addWidget(copy)
        row.addStretch()
        row.addWidget(shut)
        return row

    def _go(self, url: QUrl) -> None:
        """Show the picture that a line names."""
        at = url.path()
        if at.isdigit() and int(at) < len(self._lines):
            instance, frame = self._lines[int(at)].pictures[0]
            run(self._session, "object.jump", uid=self._found.uid, instance=instance, frame=frame)


def _page(lines: tuple[Line, ...], left_out: int) -> str:
    colors = theme.tokens()
    # the first line is the title, which stands above the page
    rows = [_row(number, one, colors) for number, one in enumerate(lines) if number]
    if left_out > 0:
        rows.append(f"<p>{left_out:,} further lines are left out here; Copy text has them.</p>")
    return f'<html><body style="color:{colors.text}">{"".join(rows)}</body></html>'


def _row(number: int, one: Line, colors: theme.Tokens) -> str:
    """One line; nothing of a file is taken for markup."""
    left = INDENT_PX * max(one.depth - 1, 0)
    name, value = escape(one.name), escape(one.value).replace("\n", "<br>")
    if one.is_heading:
        above = 10 if one.depth else 0
        return f'<p style="margin:{above}px 0 2px {left}px"><b>{name}</b></p>'
    if one.pictures:
        value = f'<a href="medviewer:{number}" style="color:{colors.accent}">{value or "go there"}</a>'
    shade = colors.muted if one.is_context else colors.text
    between = ":&nbsp; " if value else ""
    return (
        f'<p style="margin:1px 0 1px {left}px"><span style="color:{colors.muted}">{name}{between}</span>'
        f'<span style="color:{shade}">{value}</span></p>'
    )
