"""Asking for files and folders; each question begins where the last one ended."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from medviewer.session.session import Session

EVERYTHING = "All files (*)"


def ask_files(session: Session, parent: QWidget, title: str, kinds: str = EVERYTHING) -> tuple[Path, ...]:
    """Files to open, none when the reader has thought better of it."""
    names, _ = QFileDialog.getOpenFileNames(parent, title, session.settings.folder, kinds)
    return _remembered(session, names)


def ask_folder(session: Session, parent: QWidget, title: str) -> tuple[Path, ...]:
    """A folder to open."""
    name = QFileDialog.getExistingDirectory(parent, title, session.settings.folder)
    return _remembered(session, [name] if name else [])


def ask_file(session: Session, parent: QWidget, title: str, kinds: str = EVERYTHING) -> Path | None:
    """One file to open."""
    name, _ = QFileDialog.getOpenFileName(parent, title, session.settings.folder, kinds)
    return next(iter(_remembered(session, [name] if name else [])), None)


def ask_target(session: Session, parent: QWidget, title: str, name: str, kinds: str) -> Path | None:
    """Where to save; the system asks before a file is replaced."""
    start = str(Path(session.settings.folder) / name)
    chosen, _ = QFileDialog.getSaveFileName(parent, title, start, kinds)
    return next(iter(_remembered(session, [chosen] if chosen else [])), None)


def _remembered(session: Session, names: list[str]) -> tuple[Path, ...]:
    paths = tuple(Path(name) for name in names)
    if paths:
        folder = paths[0] if paths[0].is_dir() else paths[0].parent
        if str(folder) != session.settings.folder:
            session.save_settings(folder=str(folder))
    return paths
