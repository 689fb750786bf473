"""New objects as bytes, and back: what is written is read again before it counts."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset
from pydicom.filereader import dcmread
from pydicom.filewriter import dcmwrite

from medviewer.dicom.quiet import quietly
from medviewer.dicom.unusual import FAILURES
from medviewer.kit.errors import DamagedFile, ExportTrouble


def encoded(data: Dataset) -> bytes:
    """The file of *data*, with its preamble and meta information. Raises ExportTrouble."""
    file = io.BytesIO()
    try:
        with quietly():
            dcmwrite(file, data, enforce_file_format=True)
    except FAILURES as trouble:
        raise ExportTrouble(
            f"What is to be saved cannot be written as DICOM ({type(trouble).__name__}).",
            "Report this: the object is not what it should be.",
        ) from None
    return file.getvalue()


def decoded(content: bytes, name: str) -> Dataset:
    """The data set in the bytes of a file. Raises DamagedFile."""
    try:
        with quietly():
            data = dcmread(io.BytesIO(content))
            data.decode()
    except FAILURES as trouble:
        raise DamagedFile(
            f"{name} cannot be read ({type(trouble).__name__}).", "Save it again, or get it again."
        ) from None
    return data


def read_object(path: Path) -> Dataset:
    """The data set of a file that holds no large pictures. Raises DamagedFile, OSError."""
    return decoded(Path(path).read_bytes(), Path(path).name)


def differing(one: Any, other: Any) -> tuple[str, ...]:
    """The keywords of the elements in which two data sets say something else, however they hold it."""
    tags = sorted(set(one.keys()) | set(other.keys()))
    return tuple(
        str((one if tag in one else other)[tag].keyword or tag)
        for tag in tags
        if tag not in one or tag not in other or not _same(one[tag], other[tag])
    )


def _same(one: Any, other: Any) -> bool:
    if one.VR == "SQ":
        items = list(one.value or ()), list(other.value or ())
        return len(items[0]) == len(items[1]) and not any(map(differing, *items))
    if isinstance(one.value, bytes):
        # what is written has an even length (PS3.5 7.1.1)
        return bool(one.value == other.value[: len(one.value)] and len(other.value) - len(one.value) < 2)
    values, others = _values(one.value), _values(other.value)
    return len(values) == len(others) and all(map(_same_value, values, others))


def _values(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    several = not isinstance(value, str) and hasattr(value, "__iter__") and not hasattr(value, "family_name")
    return list(value) if several else [value]


def _same_value(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        # coordinates are kept in 32 bits
        return math.isclose(float(one), float(other), rel_tol=1e-6, abs_tol=1e-9)
    return str(one).strip() == str(other).strip()
