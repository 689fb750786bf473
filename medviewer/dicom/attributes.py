"""What a file says about its pixels: how they are laid out, and what their values mean frame by frame."""

from __future__ import annotations

from typing import Any

from medviewer.dicom.charset import text
from medviewer.dicom.fields import OVERLAY_GROUPS, OVERLAYS, PICTURE, PICTURE_ITEMS, PIXELS
from medviewer.dicom.header import numbers
from medviewer.dicom.opening import Opened
from medviewer.dicom.syntax import is_compressed
from medviewer.dicom.walk import Elements
from medviewer.dicom.walk import numbers as binary_numbers
from medviewer.kit.errors import DamagedFile
from medviewer.kit.frozen import frozen

_ALL = (PICTURE_ITEMS, PICTURE, OVERLAYS)
_TAGS = {field.keyword: tag for fields in _ALL for tag, field in fields.items()}
_FORMS = {field.keyword: field.form for fields in _ALL for field in fields.values()}
_OVERLAY_ROWS = frozenset(group << 16 | 0x0010 for group in OVERLAY_GROUPS)
_SHARED, _PER_FRAME = _TAGS["SharedFunctionalGroupsSequence"], _TAGS["PerFrameFunctionalGroupsSequence"]
_GROUP_SEQUENCES = tuple(
    _TAGS[keyword]
    for keyword in (
        "PixelValueTransformationSequence",
        "FrameVOILUTSequence",
        "FrameDisplayShutterSequence",
        "FramePixelDataPropertiesSequence",
        "RealWorldValueMappingSequence",
    )
)

_SAMPLES = {
    "MONOCHROME1": 1,
    "MONOCHROME2": 1,
    "PALETTE COLOR": 1,
    "RGB": 3,
    "YBR_FULL": 3,
    "YBR_FULL_422": 3,
    "YBR_PARTIAL_422": 3,
    "YBR_PARTIAL_420": 3,
    "YBR_RCT": 3,
    "YBR_ICT": 3,
}
_DEPTHS = (1, 8, 16, 32, 64)


class Values:
    """Attribute values by keyword, from raw elements."""

    def __init__(self, elements: Elements, charset: str = "") -> None:
        self._elements = elements
        self._charset = charset

    def __contains__(self, keyword: str) -> bool:
        return _TAGS[keyword] in self._elements

    def overlay_groups(self) -> list[int]:
        """The groups of overlays of which there is anything."""
        return sorted(tag >> 16 for tag in _OVERLAY_ROWS & self._elements.keys())

    def raw(self, keyword: str) -> bytes:
        """The bytes as they stand, empty when there are none."""
        found = self._elements.get(_TAGS[keyword], b"")
        return found if isinstance(found, bytes) else b""

    def text(self, keyword: str) -> str:
        """Text without padding, "" when there is none."""
        found = self._elements.get(_TAGS[keyword])
        return text(found, self._charset) if found and isinstance(found, bytes) else ""

    def texts(self, keyword: str) -> tuple[str, ...]:
        """All values of a text."""
        whole = self.text(keyword)
        return tuple(part.strip() for part in whole.split("\\")) if whole else ()

    def numbers(self, keyword: str) -> tuple[float, ...]:
        """All values as finite numbers; empty when any is none."""
        form = _FORMS[keyword]
        if form == "text":
            return numbers(self.text(keyword))
        found = self.raw(keyword)
        return binary_numbers(found, form) if found else ()

    def items(self, keyword: str) -> list[Values]:
        """The items of a sequence."""
        found = self._elements.get(_TAGS[keyword], [])
        return [Values(item, self._charset) for item in found] if isinstance(found, list) else []

    def with_group(self, item: Elements) -> Values:
        """These values with those of a functional group item laid over them."""
        over: dict[int, Any] = {}
        for tag in _GROUP_SEQUENCES:
            for inner in item.get(tag, [])[:1]:
                over.update(inner)
        return Values({**self._elements, **over}, self._charset) if over else self


@frozen
class Attributes:
    """How the pixels of one file are laid out."""

    name: str
    syntax: str
    rows: int
    columns: int
    samples: int
    allocated: int
    stored: int
    high_bit: int
    signed: bool
    planar: bool
    photometric: str
    frames: int
    pixel_keyword: str
    offset: int
    length: int
    """in bytes, -1 when undefined"""
    values: Values
    groups: tuple[Elements, ...] = ()
    """the functional groups of each frame"""
    shared: tuple[Elements, ...] = ()
    """the functional groups that all frames share, already laid over *values*"""
    modality: str = ""
    sop_class: str = ""
    remarks: tuple[str, ...] = ()

    def of_frame(self, frame: int) -> Values:
        """What the file says about the values of one frame."""
        return self.values.with_group(self.groups[frame]) if frame < len(self.groups) else self.values

    def says(self, frame: int, sequence: str) -> str:
        """Where the functional group *sequence* of a frame stands: "this frame", "all frames" or ""."""
        tag = _TAGS[sequence]
        if frame < len(self.groups) and tag in self.groups[frame]:
            return "this frame"
        return "all frames" if any(tag in item for item in self.shared) else ""


def read_attributes(name: str, opened: Opened) -> Attributes:
    """The layout of the pixels. Raises DamagedFile when no picture can be laid out like that."""
    walked = opened.walked
    charset = text(walked.elements.get(0x00080005, b""), "")
    values = Values(walked.elements, charset)
    keyword = PIXELS.get(walked.pixel_tag, "")
    if not keyword:
        raise DamagedFile(f"{name} holds no pixel data.", "Choose another series.")
    rows, columns = _whole(values, "Rows"), _whole(values, "Columns")
    if rows < 1 or columns < 1:
        raise DamagedFile(
            f"{name} cannot be shown: it does not say how large its pictures are.", "Get it again."
        )
    photometric = values.text("PhotometricInterpretation").upper()
    remarks: tuple[str, ...] = ()
    if photometric == "XYB" and is_compressed(opened.syntax):
        photometric = "RGB"  # the colours inside JPEG XL, which its decoder leads back
    if not photometric:
        photometric = "RGB" if _whole(values, "SamplesPerPixel", 1) == 3 else "MONOCHROME2"
        remarks = (f"The file does not say what its values mean; {photometric} was assumed.",)
    samples = _samples(name, values, photometric)
    allocated, stored, high_bit = _depth(name, values, keyword)
    shared = walked.elements.get(_SHARED, [])
    for item in shared[:1]:
        values = values.with_group(item)
    return Attributes(
        name=name,
        syntax=opened.syntax,
        rows=rows,
        columns=columns,
        samples=samples,
        allocated=allocated,
        stored=stored,
        high_bit=high_bit,
        signed=_whole(values, "PixelRepresentation") == 1 and keyword == "PixelData",
        planar=_planar(name, values, samples),
        photometric=photometric,
        frames=max(1, _whole(values, "NumberOfFrames", 1)),
        pixel_keyword=keyword,
        offset=walked.pixel_offset,
        length=walked.pixel_length,
        values=values,
        groups=tuple(walked.elements.get(_PER_FRAME, ())),
        shared=tuple(shared[:1]),
        modality=values.text("Modality"),
        sop_class=values.text("SOPClassUID"),
        remarks=remarks,
    )


def _whole(values: Values, keyword: str, otherwise: int = 0) -> int:
    found = values.numbers(keyword)
    return int(found[0]) if found else otherwise


def _samples(name: str, values: Values, photometric: str) -> int:
    wanted = _SAMPLES.get(photometric)
    if wanted is None:
        raise DamagedFile(
            f"{name} cannot be shown: its Photometric Interpretation {photometric[:20]!r} is not known.",
            "Ask for it in MONOCHROME2 or RGB.",
        )
    found = _whole(values, "SamplesPerPixel", wanted)
    if found != wanted:
        raise DamagedFile(
            f"{name} contradicts itself: {photometric} has {wanted} samples a pixel and not {found}.",
            "Get it again.",
        )
    return found


def _depth(name: str, values: Values, keyword: str) -> tuple[int, int, int]:
    if keyword != "PixelData":
        bits = 32 if keyword == "FloatPixelData" else 64
        return bits, bits, bits - 1
    allocated = _whole(values, "BitsAllocated")
    if allocated not in _DEPTHS[:-1]:
        raise DamagedFile(
            f"{name} cannot be shown: {allocated} bits allocated a pixel are not possible.", "Get it again."
        )
    stored = _whole(values, "BitsStored", allocated) or allocated
    high_bit = _whole(values, "HighBit", stored - 1)
    if stored > allocated:
        raise DamagedFile(
            f"{name} contradicts itself: {stored} bits stored in {allocated} allocated.", "Get it again."
        )
    if not stored - 1 <= high_bit < allocated:
        high_bit = stored - 1
    return allocated, stored, high_bit


def _planar(name: str, values: Values, samples: int) -> bool:
    found = _whole(values, "PlanarConfiguration") if samples > 1 else 0
    if found not in (0, 1):
        raise DamagedFile(
            f"{name} cannot be shown: Planar Configuration {found} is not possible.", "Get it again."
        )
    return found == 1
