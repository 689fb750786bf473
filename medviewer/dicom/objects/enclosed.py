"""Documents inside objects (PS3.3 C.24)."""

from __future__ import annotations

from typing import Any

from medviewer.core.object_kind import ObjectKind
from medviewer.core.objects import Enclosed, StudyObject
from medviewer.core.study import Instance
from medviewer.dicom.objects.dataset import FAILURES, pictures, read_dataset, text
from medviewer.dicom.opening import called
from medviewer.kit.errors import DamagedFile


def read_enclosed(data: Any) -> StudyObject:
    """What a file with a document says of it."""
    title = text(data, "DocumentTitle", 128) or text(data, "SeriesDescription", 64) or "Document"
    return StudyObject(
        uid=text(data, "SOPInstanceUID"),
        kind=ObjectKind.DOCUMENT,
        label=title,
        when=text(data, "ContentDate"),
        time=text(data, "ContentTime"),
        made_by=text(data, "ManufacturerModelName", 64) or text(data, "Manufacturer", 64),
        pictures=tuple(pictures(data, "SourceInstanceSequence")),
        content=Enclosed(title, text(data, "MIMETypeOfEncapsulatedDocument", 64) or "application/pdf"),
    )


def document_in(instance: Instance) -> bytes:
    """The document itself. Raises FileTrouble."""
    name = called((instance.path, instance.member))
    data = read_dataset(instance)
    try:
        found = data.get("EncapsulatedDocument")
        length = int(data.get("EncapsulatedDocumentLength", 0) or 0)
    except FAILURES:
        found, length = None, 0
    if not isinstance(found, bytes) or not found:
        raise DamagedFile(f"{name} holds no document.", "Copy the file again.")
    # a value has an even number of bytes: one of padding may follow (C.24.2)
    return found[:length] if 0 < length <= len(found) else found
