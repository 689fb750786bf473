"""Objects without pixels as pydicom reads them, within limits."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.datadict import dictionary_VR

from medviewer.core.codes import Code
from medviewer.core.study import Instance
from medviewer.core.volume import read_only
from medviewer.dicom import unusual
from medviewer.dicom.charset import harmless, shown
from medviewer.dicom.opening import called, open_bytes
from medviewer.dicom.syntax import DEFLATED
from medviewer.dicom.walk import Bytes
from medviewer.kit.archive import Archive
from medviewer.kit.errors import DamagedFile, FileTrouble, TooLarge

LARGEST_BYTES = 256 << 20
"""Of a file: structure sets of whole bodies reach about 100 MB."""
DEEPEST = 64
FAILURES = unusual.FAILURES


def content_of(instance: Instance, largest: int = LARGEST_BYTES) -> bytes:
    """The bytes of the file, or of the member of an archive. Raises FileTrouble."""
    name = called((instance.path, instance.member))
    if instance.member:
        with Archive(instance.path) as archive:
            return archive.read(instance.member)
    try:
        if Path(instance.path).stat().st_size > largest:
            raise TooLarge(f"{name} is larger than any real object of its kind.", "It is not used.")
        return Path(instance.path).read_bytes()
    except OSError as trouble:
        raise FileTrouble(
            f"{name} could not be read: {trouble.strerror}.", "Check that it is there."
        ) from None


def read_dataset(instance: Instance) -> Any:
    """The data set of an object. Raises FileTrouble."""
    name = called((instance.path, instance.member))
    content = content_of(instance)
    if instance.transfer_syntax == DEFLATED:
        # our own inflating has a limit, pydicom's has none
        opened = open_bytes((instance.path, instance.member), Bytes.of(content), {}, {})
        content = opened.body or b""
    try:
        return unusual.read_until(io.BytesIO(content), lambda *_: False)
    except unusual.FAILURES as trouble:
        raise DamagedFile(
            f"{name} is damaged and cannot be read ({type(trouble).__name__}).", "Copy the file again."
        ) from None


def items(data: Any, keyword: str) -> list[Any]:
    """The items of a sequence, none where it is no sequence."""
    found = data.get(keyword)
    return list(found) if found is not None and not isinstance(found, (str, bytes)) else []


def first(data: Any, keyword: str) -> Any:
    """Its first item, or None."""
    return next(iter(items(data, keyword)), None)


def text(data: Any, keyword: str, longest: int = 1024) -> str:
    """One line that may be shown, "" without a value."""
    return shown(str(data.get(keyword, "") or "").strip(), longest)


def lines(data: Any, keyword: str) -> str:
    """Text in the lines it has."""
    return harmless(str(data.get(keyword, "") or ""))


def person(data: Any, keyword: str) -> str:
    """A name as people read it."""
    return " ".join(text(data, keyword).split("=")[0].replace("^", " ").split())


def code(data: Any, keyword: str) -> Code | None:
    """The code in the first item of a sequence."""
    one = first(data, keyword)
    if one is None:
        return None
    value = text(one, "CodeValue") or text(one, "LongCodeValue") or text(one, "URNCodeValue")
    meaning = text(one, "CodeMeaning")
    if not value and not meaning:
        return None
    return Code(value, text(one, "CodingSchemeDesignator"), meaning or value)


def numbers(data: Any, keyword: str, most: int) -> NDArray[np.float64]:
    """Up to *most* values of a number or of numbers in text; empty where any is not finite.

    Text is parsed at once: an object for each of a million numbers would cost a hundred times their memory.
    """
    if keyword not in data:
        return np.empty(0)
    element = data.get_item(keyword)
    found = element.value
    # asking the data set for its VR would make an object for each number
    if isinstance(found, bytes) and (element.VR or dictionary_VR(element.tag)) in ("DS", "IS"):
        found = found.replace(b"\0", b" ").strip().split(b"\\", most)[:most]
    else:
        found = data[keyword].value
    if found is None or isinstance(found, (bytes, str)):
        return np.empty(0)
    found = list(found)[:most] if hasattr(found, "__iter__") else [found]
    try:
        values = np.asarray(found).astype(np.float64)
    except (ValueError, TypeError, OverflowError):
        return np.empty(0)
    return read_only(values) if np.isfinite(values).all() else np.empty(0)


def pictures(data: Any, keyword: str) -> Iterator[tuple[str, int]]:
    """The pictures that the items of a sequence refer to; frame -1 where none is named."""
    for item in items(data, keyword):
        uid = text(item, "ReferencedSOPInstanceUID", 64)
        frames = [int(one) - 1 for one in numbers(item, "ReferencedFrameNumber", 100_000) if one >= 1]
        if uid:
            yield from ((uid, one) for one in frames) if frames else ((uid, -1),)
