"""Pictures worth looking at again, as a Key Object Selection (PS3.3 A.35.4, PS3.16 TID 2010)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import highdicom as hd

from medviewer.dicom.fields import MAKER
from medviewer.dicom.stand_in import complete
from medviewer.export.dicom.codes import KEY_TITLES
from medviewer.export.dicom.making import Entry, Pictured, identity
from medviewer.export.dicom.report import device_context, person_context
from medviewer.kit.errors import ExportTrouble


def key_objects(
    owner: Any,
    pictures: Sequence[Pictured],
    stand_ins: Mapping[str, Any],
    entry: Entry,
    title: str = "interest",
    description: str = "",
) -> Any:
    """The data set of a selection; *title* is one of KEY_TITLES, *stand_ins* are by SOP Instance UID.

    Frames of one object are named together. Raises ExportTrouble where no picture is chosen.
    """
    if not pictures:
        raise ExportTrouble("No picture is marked as a key picture.", "Mark one with its key, K.")
    frames: dict[str, list[int]] = defaultdict(list)
    for one in pictures:
        kept = frames[one.sop_instance]
        if one.frame is not None and one.frame not in kept:
            kept.append(one.frame)
    chosen = [stand_ins[uid] for uid in frames]
    content = hd.ko.KeyObjectSelection(
        document_title=KEY_TITLES[title],
        referenced_objects=chosen,
        observer_person_context=person_context(entry),
        observer_device_context=device_context(entry),
        description=description or None,
    )
    for found in content[0].ContentSequence:
        if found.ValueType == "IMAGE":
            reference = found.ReferencedSOPSequence[0]
            numbers = sorted(frames[str(reference.ReferencedSOPInstanceUID)])
            if numbers:
                reference.ReferencedFrameNumber = numbers if len(numbers) > 1 else numbers[0]
    data = hd.ko.KeyObjectSelectionDocument(evidence=chosen, content=content, **identity(entry))
    data.ManufacturerModelName, data.SoftwareVersions = MAKER, entry.version
    complete(data, owner)
    return data
