"""Printing: what, on which paper, how large; the pages beside it are those that the printer gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from medviewer.gui import theme
from medviewer.gui.dialogs.fields import menu, tick
from medviewer.gui.dialogs.files import ask_target
from medviewer.gui.labels import plain_label
from medviewer.gui.widgets.number import NumberField
from medviewer.gui.widgets.page_preview import PagePreview
from medviewer.gui.words import plain_tip
from medviewer.kit.task import TaskContext
from medviewer.session.printing.pages import PrintOrder, job, pages_pdf, why_not_true
from medviewer.session.printing.saving import save_pages
from medviewer.session.reporting.order import IDENTITIES, PAPERS
from medviewer.session.session import Session

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

WHATS = {"viewport": "This viewport", "layout": "All viewports", "report": "The report"}
WHO = ("Nobody", "The study", "The patient")
SIDE_PX = 300
MARGINS = (5.0, 40.0)
PRINT_DOTS = 300


class PrintDialog(QDialog):
    """A form beside the pages; printing sends just those pages."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle("Print")
        self.setSizeGripEnabled(True)
        self.resize(min(980, parent.width()), min(820, parent.height()))
        self.what = menu("What to print", "One viewport, all that are shown, or the report", WHATS.values())
        self.paper = menu("Paper", "The size of the sheet", PAPERS)
        self.turn = menu("Direction", "Which side of the sheet is up", ("Upright", "Across"))
        self.margin = NumberField("Margin in millimetres", *MARGINS, 0, False)
        self.margin.setToolTip(f"White around everything, {MARGINS[0]:.0f} to {MARGINS[1]:.0f} mm")
        self.margin.show_number(PrintOrder().margin)
        self.identity = menu("Whom the pages name", "Names are left out unless you say so", WHO)
        self.true_size = tick("True size", "A millimetre in the picture is a millimetre on paper")
        self.ruler = tick(
            "Line of 50 mm to check the size", "Lay a ruler on it: printers like to scale pages"
        )
        self.ruler.setChecked(True)
        self.why_not = plain_label("", "muted", wrap=True)
        self.note = plain_label("", "warning", wrap=True)
        self.preview = PagePreview(session, self._pages, whole=True)
        self.save = QPushButton("Save as PDF…")
        self.save.setToolTip("Write the same pages to a file")
        self.save.clicked.connect(self._save)
        self.cancel = QPushButton("Cancel")
        self.cancel.clicked.connect(self.reject)
        self.print = QPushButton("Print…")
        self.print.setToolTip("Choose the printer")
        self.print.setDefault(True)
        theme.mark(self.print, role="main")
        self.print.clicked.connect(self._print)
        for button in (self.save, self.cancel, self.print):
            button.setAccessibleName(button.text().strip("…"))
        self._arrange()
        for choice in (self.what, self.paper, self.turn, self.identity):
            choice.currentIndexChanged.connect(lambda _: self._changed())
        for box in (self.true_size, self.ruler):
            box.toggled.connect(lambda _: self._changed())
        self.margin.entered.connect(lambda _: self._changed())
        self._changed()

    def done(self, result: int) -> None:
        """Make no more pages."""
        self.preview.stop()
        super().done(result)

    @property
    def order(self) -> PrintOrder:
        """What is chosen."""
        return PrintOrder(
            what=tuple(WHATS)[self.what.currentIndex()],  # type: ignore[arg-type]
            paper=PAPERS[self.paper.currentIndex()],
            landscape=self.turn.currentIndex() == 1,
            margin=self.margin.number(PrintOrder().margin),
            true_size=self.true_size.isEnabled() and self.true_size.isChecked(),
            ruler=self.ruler.isChecked(),
            identity=IDENTITIES[self.identity.currentIndex()],
        )

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        for label, field in (
            ("Print", self.what),
            ("Paper", self.paper),
            ("Direction", self.turn),
            ("Margin, mm", self.margin),
            ("Names", self.identity),
        ):
            form.addRow(plain_label(label), field)
        below = QHBoxLayout()
        below.addWidget(self.cancel)
        below.addStretch()
        below.addWidget(self.save)
        below.addWidget(self.print)
        side = QVBoxLayout()
        side.setContentsMargins(0, 0, 0, 0)
        side.addLayout(form)
        for widget in (self.true_size, self.why_not, self.ruler, self.note):
            side.addWidget(widget)
        side.addStretch()
        side.addLayout(below)
        column = QWidget()
        column.setLayout(side)
        column.setFixedWidth(SIDE_PX)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addWidget(column)
        layout.addWidget(self.preview, 1)

    def _changed(self) -> None:
        what = tuple(WHATS)[self.what.currentIndex()]
        reason = why_not_true(self._session) if what == "viewport" else "Only one viewport has a true size."
        self.true_size.setEnabled(not reason)
        self.true_size.setToolTip(plain_tip(reason or "A millimetre in the picture is a millimetre on paper"))
        self.why_not.setText(reason)
        self.why_not.setVisible(bool(reason) and what == "viewport")
        for widget in (self.true_size, self.ruler, self.turn, self.margin):
            widget.setVisible(what != "report")
        order = self.order
        self.note.setText("The pages will say who the patient is." if order.identity == "patient" else "")
        self.note.setVisible(order.identity == "patient")
        self.preview.refresh()

    def _pages(self) -> Callable[[TaskContext], bytes]:
        given = job(self._session, self.order)
        return lambda context: pages_pdf(self._session, given, context)

    def _save(self) -> None:
        path = ask_target(self._session, self, "Save the pages", "print.pdf", "PDF (*.pdf)")
        if path is not None and self.preview.content:
            save_pages(self._session, self.preview.content, path if path.suffix else path.with_suffix(".pdf"))
            self.accept()

    def _print(self) -> None:
        # few readers print: the others need not pay for it, and some systems have no printing at all
        from medviewer.gui.printing import chosen_printer, print_pages  # noqa: PLC0415

        if not self.preview.content:
            return
        printer = chosen_printer(self, self.order)
        if printer is not None:
            self._send(printer, print_pages)

    def _send(self, printer: QPrinter, send: Callable[..., object]) -> None:
        send(self._session, printer, self.preview.content, PRINT_DOTS)
        self.accept()
