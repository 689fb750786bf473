"""Turns what an object says of the pictures it was made from towards the pictures themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from medviewer.dicom.derived_words import item
from medviewer.export.dicom.making import Pictured


def refer_to(data: Any, pictures: Mapping[str, Pictured]) -> tuple[int, ...]:
    """Exchange references to stand-ins, by their SOP Instance UID, for those to *pictures*.

    The answer is which of them each frame of *data* is about, counted from 0.
    """
    number = {uid: at for at, uid in enumerate(pictures)}
    sources = [
        source
        for group in data.PerFrameFunctionalGroupsSequence
        for derivation in group.DerivationImageSequence
        for source in derivation.SourceImageSequence
    ]
    uids = [str(one.ReferencedSOPInstanceUID) for one in sources]
    # segments of one picture share the item: all are read before the first is changed
    for source, uid in zip(sources, uids, strict=True):
        _point_at(source, pictures[uid])
    data.ReferencedSeriesSequence = _series(pictures)
    if "SourceImageSequence" in data:
        del data.SourceImageSequence
    return tuple(number[uid] for uid in uids)


def _point_at(source: Any, picture: Pictured) -> None:
    source.ReferencedSOPClassUID = picture.sop_class
    source.ReferencedSOPInstanceUID = picture.sop_instance
    if picture.frame is not None:
        source.ReferencedFrameNumber = picture.frame


def _series(pictures: Mapping[str, Pictured]) -> list[Any]:
    """The Common Instance Reference of an object (PS3.3 C.12.2): each object once, series by series."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for one in pictures.values():
        found[one.series_uid][one.sop_instance] = one.sop_class
    return [
        item(
            SeriesInstanceUID=uid,
            ReferencedInstanceSequence=[
                item(ReferencedSOPClassUID=sop_class, ReferencedSOPInstanceUID=sop_instance)
                for sop_instance, sop_class in objects.items()
            ],
        )
        for uid, objects in found.items()
    ]
