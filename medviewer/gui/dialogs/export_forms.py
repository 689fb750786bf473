"""What a series can be written as: which command does it, with which values, and what has to be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from medviewer.kit.frozen import frozen

PICTURES, MOVIE, SHEET, VALUES, VOLUME = (
    "export.slices",
    "export.movie",
    "export.contact_sheet",
    "export.values",
    "volume.export",
)


@frozen
class Form:
    """One way out."""

    title: str
    command: str
    values: Mapping[str, Any]
    ending: str = ""
    """of the file; "" for a folder"""
    share: str = ""
    """which share of the pixels' bytes a file takes; a name in session.exporting.out.SHARES"""
    tip: str = ""

    @property
    def is_seen(self) -> bool:
        """Whether pictures as seen are written, with what is drawn over them."""
        return self.command in (PICTURES, MOVIE, SHEET)


FORMS = (
    Form("Pictures, PNG", PICTURES, {"format": "png"}, share="png"),
    Form("Pictures, JPEG", PICTURES, {"format": "jpeg"}, share="jpeg"),
    Form("Pictures, TIFF", PICTURES, {"format": "tiff"}, share="tiff"),
    Form("Movie, MP4", MOVIE, {}, ".mp4", "mp4"),
    Form("Animation, GIF", MOVIE, {}, ".gif", "gif"),
    Form("Contact sheet, PNG", SHEET, {}, ".png", "png"),
    Form("Values in 16 bits, TIFF", VALUES, {"numbers": "16 bits", "format": "tiff"}),
    Form("Values in 16 bits, PNG", VALUES, {"numbers": "16 bits", "format": "png"}),
    Form("Values as stored in the file, TIFF", VALUES, {"numbers": "stored", "format": "tiff"}),
    Form("Values in 32-bit float, TIFF", VALUES, {"numbers": "float", "format": "tiff"}),
    Form("Volume, NIfTI", VOLUME, {}, ".nii.gz"),
    Form("Volume, NRRD", VOLUME, {}, ".nrrd"),
)
ALONG = ("places", "values", "everything")
SIDES = (
    ("shown", "As shown"),
    ("original", "Original"),
    ("beside", "Original beside enhanced"),
    ("in turn", "Original and enhanced in turn"),
)


def told(form: Form) -> str:
    """What has to be known of what is written."""
    match form.command:
        case "export.values":
            return "The data themselves, without a window; values.json says how to read them."
        case "volume.export":
            return "The values of the whole stack where it lies in the patient, for programs of research."
        case _:
            return ""
