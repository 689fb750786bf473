"""Files that may be meant for the series that is shown: laid onto it, opened, or as the reader says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu, QWidget

from medviewer.gui.messages import run
from medviewer.imaging.files.names import ending_of, is_segmentation_file
from medviewer.session.session import Session


def open_or_lay(session: Session, paths: Sequence[Path], parent: QWidget | None = None) -> None:
    """Open *paths*; surfaces and segmentations come onto the shown series.

    Other NIfTI and NRRD files can be labels or pictures: where a series is shown the reader is asked.
    """
    if session.view.current.series is None:
        run(session, "study.open", paths=tuple(paths))
        return
    labels = [one for one in paths if is_segmentation_file(one)]
    either = [one for one in paths if ending_of(one) and one not in labels]
    rest = tuple(one for one in paths if one not in labels and one not in either)
    for path in labels:
        run(session, "labels.import", path=path)
    if rest:
        run(session, "study.open", paths=rest)
    if either:
        _ask(session, either, parent)


def _ask(session: Session, paths: Sequence[Path], parent: QWidget | None) -> None:
    """A small menu where the mouse is: nothing waits for its answer."""
    menu = QMenu(parent)
    menu.aboutToHide.connect(lambda: menu.deleteLater())  # and so it is kept until then
    name = paths[0].name if len(paths) == 1 else f"{len(paths)} files"
    heading = menu.addAction(name.replace("&", "&&"))
    heading.setEnabled(False)
    menu.addSeparator()

    def lay() -> None:
        for path in paths:
            run(session, "labels.import", path=path)

    def open_them() -> None:
        run(session, "study.open", paths=tuple(paths))

    menu.addAction("Lay onto this series as labels").triggered.connect(lambda _: lay())
    menu.addAction("Open as a series of its own").triggered.connect(lambda _: open_them())
    menu.popup(QCursor.pos())
