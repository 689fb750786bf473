"""The dialogs of reports and prints: the pages beside the form are those that are written and sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QWidget

from medviewer.gui import printing
from medviewer.gui.dialogs import print as print_dialog
from medviewer.gui.dialogs import report as report_dialog
from medviewer.gui.dialogs.print import PrintDialog
from medviewer.gui.dialogs.report import ReportDialog
from medviewer.session.printing.pages import PrintOrder
from medviewer.session.session import Session
from tests import factories


@pytest.fixture
def window(qtbot) -> QWidget:
    widget = QWidget()
    widget.resize(1200, 900)
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    one = Session()
    factories.ct(tmp_path / "s", 3, PatientName="Muster^Max")
    one.run("study.open", paths=(tmp_path / "s",))
    yield one
    one.close()


def _text(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "".join(document[at].get_textpage().get_text_range() for at in range(len(document)))


def _shown(qtbot, dialog: ReportDialog | PrintDialog) -> str:
    """The words of the pages once they are there."""
    dialog.preview.content = b""
    qtbot.waitUntil(lambda: bool(dialog.preview.content), timeout=5000)
    return _text(dialog.preview.content)


@pytest.fixture
def report(qtbot, session: Session, window: QWidget) -> ReportDialog:
    dialog = ReportDialog(session, window)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_the_pages_follow_what_is_chosen(qtbot, report: ReportDialog) -> None:
    first = _shown(qtbot, report)
    assert "Pictures" in first
    assert "Muster" not in first
    assert report.preview.count.text() == "1 page"
    report.identity.setCurrentIndex(2)
    assert "will say who the patient is" in report.identity_note.text()
    assert "Muster Max" in _shown(qtbot, report)
    report.parts["shown"].setChecked(False)
    assert "Pictures" not in _shown(qtbot, report)


def test_words_are_kept_with_the_study_and_stand_on_the_page(
    qtbot, report: ReportDialog, session: Session, window: QWidget
) -> None:
    _shown(qtbot, report)
    report.words.setPlainText("Nothing new.\nSecond line.")
    report.reject()  # at once: what was typed last is kept too
    assert session.state.document.reading(session.view.current.series or "").words == (
        "Nothing new.",
        "Second line.",
    )
    again = ReportDialog(session, window)
    qtbot.addWidget(again)
    assert again.words.toPlainText() == "Nothing new.\nSecond line."
    again.show()
    assert "Second line." in _shown(qtbot, again)


def test_a_report_is_saved_where_the_reader_says(
    qtbot, report: ReportDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = _shown(qtbot, report)
    monkeypatch.setattr(report_dialog, "ask_target", lambda *_: tmp_path / "mine")
    report.save.click()
    assert not report.isVisible()
    assert (
        _text((tmp_path / "mine.pdf").read_bytes()).split("Not a medical")[0]
        == shown.split("Not a medical")[0]
    )


def test_a_study_that_was_closed_is_told_instead_of_a_page(
    qtbot, report: ReportDialog, session: Session
) -> None:
    _shown(qtbot, report)
    session.run("study.close")
    report.preview.refresh()
    qtbot.waitUntil(report.preview.trouble.isVisible, timeout=5000)
    assert "no study" in report.preview.trouble.text()
    assert report.preview.content == b""


@pytest.fixture
def sheet(qtbot, session: Session, window: QWidget) -> PrintDialog:
    dialog = PrintDialog(session, window)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_a_print_says_its_size(qtbot, sheet: PrintDialog) -> None:
    assert "as large as the page" in _shown(qtbot, sheet)
    sheet.true_size.setChecked(True)
    assert "true size" in _shown(qtbot, sheet)
    sheet.what.setCurrentIndex(1)
    assert not sheet.true_size.isEnabled()
    assert sheet.true_size.toolTip() == "Only one viewport has a true size."
    assert "as large as the page" in _shown(qtbot, sheet)
    sheet.what.setCurrentIndex(2)
    assert "Report" in _shown(qtbot, sheet)
    assert not sheet.ruler.isVisible()


def test_a_picture_without_a_scale_says_why_it_has_no_true_size(
    qtbot, session: Session, window: QWidget, tmp_path: Path
) -> None:
    factories.xray(tmp_path / "x.dcm", PixelSpacing=None, ImagerPixelSpacing=None)
    session.run("study.close")
    session.run("study.open", paths=(tmp_path / "x.dcm",))
    dialog = PrintDialog(session, window)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.true_size.isEnabled()
    assert "how large a pixel is" in dialog.why_not.text()


def test_what_the_printer_gets_are_the_pages(
    qtbot, sheet: PrintDialog, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shown(qtbot, sheet)
    content, target = sheet.preview.content, tmp_path / "printed.pdf"

    def chosen(_: QWidget, order: PrintOrder) -> QPrinter:
        printer = printing.printer_for(order)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(target))
        return printer

    monkeypatch.setattr(printing, "chosen_printer", chosen)
    sheet.print.click()
    assert not sheet.isVisible()
    printed, wanted = (pypdfium2.PdfDocument(one) for one in (target.read_bytes(), content))
    assert len(printed) == len(wanted)
    # Qt counts paper in whole points
    assert printed[0].get_size() == pytest.approx(wanted[0].get_size(), abs=1)
    seen, asked = (
        np.asarray(one[0].render(scale=1).to_pil().convert("L")).astype(int) for one in (printed, wanted)
    )
    rows, columns = (min(one) for one in zip(seen.shape, asked.shape, strict=True))
    assert np.abs(seen[:rows, :columns] - asked[:rows, :columns]).mean() < 2
    assert session.state.notices[-1].message == "1 page sent to the printer."


def test_the_pages_can_be_kept_as_a_file(
    qtbot, sheet: PrintDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shown(qtbot, sheet)
    content = sheet.preview.content
    monkeypatch.setattr(print_dialog, "ask_target", lambda *_: tmp_path / "kept")
    sheet.save.click()
    assert (tmp_path / "kept.pdf").read_bytes() == content
