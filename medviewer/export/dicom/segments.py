"""What a Segmentation says of each label: name, meaning, colour, who drew it, how it is followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import highdicom as hd

from medviewer.core.finding import Provenance
from medviewer.core.labels import Label, LabelMap
from medviewer.core.tracking import tracking_of_label
from medviewer.dicom.derived_words import LONGEST_NAME, cut, one_line
from medviewer.dicom.fields import MAKER
from medviewer.export.dicom.codes import ARTIFICIAL_INTELLIGENCE, MANUAL_PROCESSING, TISSUE
from medviewer.export.dicom.making import concept
from medviewer.kit.errors import ExportTrouble


def descriptions(groups: Sequence[LabelMap]) -> list[Any]:
    """The segments of all labels, group after group, numbered from 1. Raises ExportTrouble without any."""
    labels = [(group, label) for group in groups for label in group.labels]
    if not labels:
        raise ExportTrouble("There are no labels to save.", "Draw one, or let a model read the series.")
    return [_segment(number, group, label) for number, (group, label) in enumerate(labels, 1)]


def _segment(number: int, group: LabelMap, label: Label) -> Any:
    made_by = group.provenance
    name = cut(one_line(label.name), LONGEST_NAME) or f"Label {label.value}"
    found = hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=name,
        segmented_property_category=concept(label.category) if label.category else TISSUE,
        segmented_property_type=concept(label.meaning) if label.meaning else TISSUE,
        algorithm_type="AUTOMATIC" if made_by is not None else "SEMIAUTOMATIC" if label.method else "MANUAL",
        algorithm_identification=_identified(label) if made_by is None else algorithm(made_by),
        tracking_id=name,
        tracking_uid=tracking_of_label(group.id, label.value, label.tracking),
        display_color=cielab(label.color),
    )
    if made_by is None and label.method:
        # its name stands in Segment Algorithm Name too; of the families none is meant
        del found.SegmentationAlgorithmIdentificationSequence
    return found


def _identified(label: Label) -> Any:
    """What highdicom wants to know of a method with which a person has found something."""
    if not label.method:
        return None
    name = cut(one_line(label.method), LONGEST_NAME)
    return hd.AlgorithmIdentificationSequence(name=name, family=MANUAL_PROCESSING, version="unknown")


def algorithm(made_by: Provenance) -> Any:
    """The model as the standard identifies an algorithm (PS3.3 10.16)."""
    return hd.AlgorithmIdentificationSequence(
        name=cut(one_line(made_by.model), LONGEST_NAME) or "model",
        family=ARTIFICIAL_INTELLIGENCE,
        version=cut(one_line(made_by.version), LONGEST_NAME) or "unknown",
        source=MAKER,
        parameters={one_line(name): one_line(value) for name, value in made_by.values} or None,
    )


def cielab(color: str) -> Any:
    """A colour #rrggbb for the tag Recommended Display CIELab Value (PS3.3 C.10.7.1.1)."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return hd.color.CIELabColor.from_rgb(red, green, blue)
