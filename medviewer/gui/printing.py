"""Sending finished pages to a printer. Imported when somebody prints."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMarginsF, QRectF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QWidget

from medviewer.gui.messages import counted
from medviewer.imaging.pdf_pages import pages
from medviewer.kit.task import TaskContext
from medviewer.session.printing.pages import PrintOrder
from medviewer.session.session import Session

SIZES = {"A4": QPageSize.PageSizeId.A4, "Letter": QPageSize.PageSizeId.Letter}
Pages = tuple[NDArray[np.uint8], ...]


def printer_for(order: PrintOrder) -> QPrinter:
    """A printer set to the paper of an order, without margins: the pages have their own."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    is_across = order.page[0] > order.page[1]
    turn = QPageLayout.Orientation.Landscape if is_across else QPageLayout.Orientation.Portrait
    printer.setFullPage(True)
    printer.setPageLayout(QPageLayout(QPageSize(SIZES[order.paper]), turn, QMarginsF(0, 0, 0, 0)))
    printer.setFullPage(True)
    printer.setDocName("medviewer")
    return printer


def chosen_printer(parent: QWidget, order: PrintOrder) -> QPrinter | None:
    """The printer that the reader chooses in the system's own dialog, None when none was chosen."""
    printer = printer_for(order)
    dialog = QPrintDialog(printer, parent)
    return printer if dialog.exec() == QDialog.DialogCode.Accepted else None


def print_pages(session: Session, printer: QPrinter, content: bytes, dots_per_inch: int) -> str:
    """Send the pages of a PDF; they are drawn in the background. The answer is the job's key."""

    def work(context: TaskContext) -> Pages:
        return pages(content, dots_per_inch, context.check)

    def done(found: Pages) -> None:
        if paint(printer, found):
            session.notify(f"{counted(len(found), 'page')} sent to the printer.", "", is_error=False)
        else:
            session.notify("The printer takes nothing.", "Check that it is there, or save the pages as PDF.")

    return str(session.jobs.start("Printing", work, done, kind="print"))


def paint(printer: QPrinter, found: Pages) -> bool:
    """Each page over a whole sheet; greys stay greys, the printer makes its own dots. False: it refused."""
    painter = QPainter()
    if not painter.begin(printer):
        return False
    for number, pixels in enumerate(found):
        if number:
            printer.newPage()
        sheet = printer.paperRect(QPrinter.Unit.DevicePixel)
        target = QRectF(0, 0, sheet.width(), sheet.height())
        height, width = pixels.shape[:2]
        image = QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB888)
        painter.drawImage(target, image)
    return bool(painter.end())
