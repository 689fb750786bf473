"""What an object says of how it was made: description, derivation, codes, and who made it."""

from __future__ import annotations

from datetime import datetime

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import generate_uid

from medviewer.dicom.fields import MAKER
from medviewer.kit.frozen import frozen

LONGEST_NAME = 64
"""Letters in Long String, LO (PS3.5 6.2)."""
LONGEST_TEXT = 1024
"""Letters in Short Text, ST."""
LONGEST_CODE = 16
"""Letters in Short String, SH."""
OWN_CODES = "99MEDVIEWER"
"""What the standard has no code for has one of our own: names of such schemes begin with 99 (PS3.3 8.2)."""
_SOURCE = ("121322", "DCM", "Source image for image processing operation")
_PROCESSING = ("109102", "DCM", "Processing Equipment")

Code = tuple[str, str, str]
"""Value, scheme, meaning."""
STANDARD_CODES: dict[str, Code] = {
    "smoothing": ("113087", "DCM", "Smoothing"),
    "gaussian": ("113088", "DCM", "Gaussian blur"),
    "unsharp": ("113089", "DCM", "Unsharp mask"),
    "edges": ("113086", "DCM", "Edge enhancement"),
}
"""What CID 7203, Image Derivation, has for filters."""


@frozen
class Derivation:
    """How all pictures of one run were made."""

    recipe: str
    """its name, "" when it has none"""
    title: str
    """its name, else the titles of its steps"""
    steps: tuple[str, ...]
    """in words, with their values"""
    digest: str
    codes: tuple[Code, ...]
    version: str
    """of this program"""
    at: datetime


def new_uid() -> str:
    """A UID that nobody has yet, without a trace of who or where (PS3.5 B.2)."""
    return str(generate_uid(prefix=None))


def item(**values: object) -> Dataset:
    """An item of a sequence."""
    data = Dataset()
    for keyword, value in values.items():
        setattr(data, keyword, value)
    return data


def coded(code: Code) -> Dataset:
    """A code as an item (PS3.3 8.8)."""
    value, scheme, meaning = code
    return item(
        CodeValue=value[:LONGEST_CODE], CodingSchemeDesignator=scheme, CodeMeaning=cut(meaning, LONGEST_NAME)
    )


def codes_of(made: Derivation) -> Sequence:
    """What was done, step by step."""
    return Sequence([coded(one) for one in made.codes])


def source_item(sop_class: str, sop_instance: str, frame: int | None) -> Dataset:
    """A reference to what a picture was made from; *frame* is counted from 1."""
    found = item(
        ReferencedSOPClassUID=sop_class,
        ReferencedSOPInstanceUID=sop_instance,
        SpatialLocationsPreserved="YES",
        PurposeOfReferenceCodeSequence=Sequence([coded(_SOURCE)]),
    )
    if frame is not None:
        found.ReferencedFrameNumber = frame
    return found


def equipment_item(made: Derivation) -> Dataset:
    """This program among the equipment that has contributed (PS3.3 C.12.1.1.5)."""
    return item(
        PurposeOfReferenceCodeSequence=Sequence([coded(_PROCESSING)]),
        Manufacturer=MAKER,
        ManufacturerModelName=MAKER,
        SoftwareVersions=made.version,
        ContributionDateTime=made.at.strftime("%Y%m%d%H%M%S"),
        ContributionDescription=cut(recipe_words(made), LONGEST_TEXT),
    )


def described(original: str, made: Derivation) -> str:
    """The original description, then [recipe]: where both do not fit it is the original that is cut."""
    words = f"[{cut(one_line(made.title), LONGEST_NAME - 12)}]"
    return f"{cut(original, LONGEST_NAME - 1 - len(words))} {words}".strip()


def derivation_words(made: Derivation, values: str, before: str) -> str:
    """What was done and what the values mean now; the steps give way where not all has room."""
    start, end = recipe_words(made) + ": ", f". {values}"
    steps = "; ".join(made.steps)
    words = f"{start}{cut(steps, LONGEST_TEXT - len(start) - len(end))}{end}"
    older = f" Before: {one_line(before)}" if before else ""
    return cut(words + older, LONGEST_TEXT)


def recipe_words(made: Derivation) -> str:
    """The recipe by name and hash."""
    name = f" {one_line(made.recipe)}" if made.recipe else ""
    return f"{MAKER} {made.version}, recipe{name} (sha256 {made.digest})"


def cut(text: str, longest: int) -> str:
    """*text* with at most so many letters."""
    return text if len(text) <= longest else text[: max(longest - 3, 0)].rstrip() + "..."


def one_line(text: str) -> str:
    """*text* without what separates values and lines (PS3.5 6.2)."""
    return " ".join("".join(sign if sign.isprintable() and sign != "\\" else " " for sign in text).split())
