"""Methods that are ready to be used at once, with the name and the meaning of what they find."""

from __future__ import annotations

from medviewer.kit.frozen import frozen
from medviewer.session.segmenting.codes import Kind, kind


@frozen
class Ready:
    """One of them."""

    method: str
    title: str
    """of the label"""
    kind: Kind | None = None
    """what it is in DICOM's lists, None for what stands in none of them"""


PRESETS = {
    "lungs": Ready("lungs", "Lungs", kind("Lung")),
    "bone": Ready("bone", "Bone", kind("Bone")),
    "body": Ready("body", "Body", kind("Entire body")),
    "air": Ready("air", "Air", kind("Gas")),
}
