"""What the window asks a reader before it opens or writes: which files, which folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from medviewer.gui.dialogs.files import ask_file, ask_files, ask_folder, ask_target
from medviewer.gui.laying import open_or_lay
from medviewer.gui.messages import run
from medviewer.session.session import Session

TABLES = "Sheets (*.xlsx);;Tables (*.csv)"
LABELS_IN = "Label maps and surfaces (*.nii *.nii.gz *.nrrd *.stl *.ply);;All files (*)"
LABELS_OUT = (
    "NIfTI label map (*.nii.gz *.nii);;NRRD segmentation (*.seg.nrrd *.nrrd);;"
    "STL surface (*.stl);;PLY surface in colours (*.ply)"
)
READINGS = "Sessions (*.json);;All files (*)"


class WindowFiles:
    """Opens and writes files for a *window*."""

    def __init__(self, session: Session, window: QWidget) -> None:
        self._session, self._window = session, window

    def open_paths(self, paths: tuple[Path, ...]) -> None:
        """Open files and folders in the background."""
        if paths:
            open_or_lay(self._session, paths, self._window)

    def open(self) -> None:
        """Open files that the reader chooses."""
        self.open_paths(ask_files(self._session, self._window, "Open files"))

    def open_folder(self) -> None:
        """Open a folder that the reader chooses."""
        self.open_paths(ask_folder(self._session, self._window, "Open a folder"))

    def import_labels(self) -> None:
        """Lay a label map or a surface out of a file that the reader chooses onto the active series."""
        path = ask_file(self._session, self._window, "Import labels", LABELS_IN)
        if path is not None:
            run(self._session, "labels.import", path=path)

    def export_labels(self) -> None:
        """Write the group of labels that is worked on, as its file's ending says."""
        path = ask_target(self._session, self._window, "Export labels", "labels.nii.gz", LABELS_OUT)
        if path is None:
            return
        is_surface = path.suffix.lower() in (".stl", ".ply")
        path = path if path.suffix else path.with_name(f"{path.name}.nii.gz")
        run(self._session, "labels.surface_file" if is_surface else "labels.export", path=path)

    def save_reading(self) -> None:
        """Write what was done, and where everything stands, to a file that the reader names."""
        path = ask_target(self._session, self._window, "Save session", "session.json", READINGS)
        if path is not None:
            run(self._session, "study.save", path=path)

    def export_measurements(self) -> None:
        """Write what was measured as a table."""
        export_measurements(self._session, self._window)

    def load_reading(self) -> None:
        """Bring back what was done, and where everything stood, out of a file that the reader chooses."""
        path = ask_file(self._session, self._window, "Open session", READINGS)
        if path is not None:
            run(self._session, "study.load", path=path)

    def copy_picture(self) -> bool:
        """Put the active picture on the clipboard; whether that could be done."""
        from medviewer.gui.widgets.thumbnails import pixmap_of  # noqa: PLC0415  (not before it is asked for)

        pixels = run(self._session, "export.copy")
        if pixels is not None:
            QGuiApplication.clipboard().setImage(pixmap_of(pixels).toImage())
        return pixels is not None


def export_measurements(session: Session, parent: QWidget, scope: str = "all") -> None:
    """Write what was measured on all open series, or the active one, as a table where the reader says."""
    path = ask_target(session, parent, "Export measurements", "measurements.xlsx", TABLES)
    if path is not None:
        path = path if path.suffix else path.with_suffix(".xlsx")
        run(session, "measure.export", path=path, scope=scope)
