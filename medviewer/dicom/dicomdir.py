"""The files that a DICOMDIR lists, as far as they lie in its own folder (PS3.3 F, PS3.10 8)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from medviewer.dicom.fields import TEXT_VRS, Field, Fields
from medviewer.dicom.opening import open_picture
from medviewer.dicom.walk import Elements
from medviewer.kit.errors import NotDicom

_RECORDS, _FILE, _IN_USE = 0x00041220, 0x00041500, 0x00041410
_WANTED: Fields = {_RECORDS: Field("DirectoryRecordSequence", frozenset((b"SQ",)), "sequence")}
_ITEMS: Fields = {
    _FILE: Field("ReferencedFileID", TEXT_VRS, "text"),
    _IN_USE: Field("RecordInUseFlag", frozenset((b"US",)), "H"),
}
_MOST_PROBLEMS = 100
_LONGEST_NAME = 200


def referenced_files(path: Path | str) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """The files in the order of the directory, and in words what it names but must not or cannot be opened.

    Records are taken as they lie in the file: their links, which may run in circles, are not followed.
    Nothing outside of the folder of the DICOMDIR is looked at. Raises FileTrouble.
    """
    path = Path(path)
    elements = open_picture(str(path), "", None, _WANTED, _ITEMS).walked.elements
    if _RECORDS not in elements:
        raise NotDicom(f"{path.name} is not a DICOMDIR.", "Choose the file named DICOMDIR, or the folder.")
    root = path.parent.resolve()
    find = _Find()
    found: dict[Path, None] = {}
    problems: dict[str, None] = {}
    for record in elements[_RECORDS]:
        parts = _parts(record)
        if not parts:
            continue
        file, problem = _located(root, parts, find)
        if file is not None:
            found[file] = None
        elif len(problems) < _MOST_PROBLEMS:
            problems[problem] = None
    return tuple(found), tuple(problems)


def _parts(record: Elements) -> tuple[str, ...]:
    """The components of the file's name; none for records without a file and for those not in use."""
    if record.get(_IN_USE, b"\xff\xff") == b"\0\0":
        return ()
    name = record.get(_FILE, b"").decode("latin-1").strip(" \0")
    return tuple(part.strip() for part in name.split("\\")) if name else ()


def _located(root: Path, parts: tuple[str, ...], find: _Find) -> tuple[Path | None, str]:
    name = "\\".join(parts)[:_LONGEST_NAME]
    if any(part in ("", ".", "..") or set(part) & set("/:\0") for part in parts):
        return None, f"The directory names a file outside of its folder; it was not opened: {name}"
    file: Path | None = root
    for part in parts:
        file = find(file, part) if file is not None else None
    if file is None:
        return None, f"The directory names a file that is missing: {name}"
    real = file.resolve()
    if not real.is_relative_to(root):
        return None, f"The directory names a link out of its folder; it was not opened: {name}"
    if not real.is_file():
        return None, f"The directory names something that is not a file: {name}"
    return file, ""


class _Find:
    """Looks a name up in a folder as discs write it: in any case, with a version or a dot at its end."""

    def __init__(self) -> None:
        self._names = cache(_plain_names)

    def __call__(self, folder: Path, name: str) -> Path | None:
        exact = folder / name
        if exact.exists():
            return exact
        return self._names(folder).get(_plain(name))


def _plain_names(folder: Path) -> dict[str, Path]:
    try:
        return {_plain(entry.name): entry for entry in folder.iterdir()}
    except OSError:
        return {}


def _plain(name: str) -> str:
    return name.split(";", 1)[0].rstrip(".").casefold()
