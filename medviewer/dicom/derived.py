"""A DICOM object made from another one: same patient, study and place, other pixels, and how they came."""

from __future__ import annotations

import copy

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from medviewer.core.geometry import Plane
from medviewer.dicom.derived_content import Content, decimal, put_meaning, words_of_values
from medviewer.dicom.derived_kinds import SECONDARY_CAPTURE, Kind
from medviewer.dicom.derived_stale import (
    drop_of_originals,
    drop_stale,
    keep_frames,
    keep_overlays,
)
from medviewer.dicom.derived_words import (
    Derivation,
    codes_of,
    derivation_words,
    described,
    equipment_item,
    item,
    new_uid,
    source_item,
)
from medviewer.dicom.unusual import FAILURES
from medviewer.kit.errors import ExportTrouble
from medviewer.kit.frozen import frozen

_LOSSY = {"50": "ISO_10918_1", "51": "ISO_10918_1", "100": "ISO_13818_2", "101": "ISO_13818_2"}
_LOSSY |= dict.fromkeys(("102", "103", "104", "105", "106"), "ISO_14496_10")
_LOSSY |= dict.fromkeys(("107", "108"), "ISO_23008_2")
"""Transfer syntaxes that always lose something, by their last number (PS3.3 C.7.6.1.1.5.1)."""
_JPEG = "1.2.840.10008.1.2.4."
_WHO_WHEN_WHERE = """
SpecificCharacterSet TimezoneOffsetFromUTC StudyDate SeriesDate AcquisitionDate StudyTime SeriesTime
AcquisitionTime AcquisitionDateTime AccessionNumber IssuerOfAccessionNumberSequence Modality Manufacturer
InstitutionName InstitutionAddress ReferringPhysicianName StudyDescription SeriesDescription StationName
InstitutionalDepartmentName ManufacturerModelName ReferencedStudySequence PatientName PatientID
IssuerOfPatientID PatientBirthDate PatientSex OtherPatientIDs OtherPatientIDsSequence PatientAge PatientSize
PatientWeight EthnicGroup PatientComments PatientIdentityRemoved DeidentificationMethod
DeidentificationMethodCodeSequence ClinicalTrialSponsorName ClinicalTrialProtocolID
ClinicalTrialProtocolName ClinicalTrialSiteID ClinicalTrialSiteName ClinicalTrialSubjectID
BodyPartExamined SliceThickness SpacingBetweenSlices PatientPosition ProtocolName StudyInstanceUID
SeriesInstanceUID StudyID SeriesNumber AcquisitionNumber InstanceNumber PatientOrientation Laterality
ImageLaterality FrameOfReferenceUID PositionReferenceIndicator ImagePositionPatient ImageOrientationPatient
PixelSpacing PixelSpacingCalibrationType PixelSpacingCalibrationDescription ImagerPixelSpacing
NominalScannedPixelSpacing EstimatedRadiographicMagnificationFactor PixelAspectRatio
SequenceOfUltrasoundRegions BurnedInAnnotation
LossyImageCompression LossyImageCompressionRatio LossyImageCompressionMethod ImageType SOPClassUID
SOPInstanceUID DerivationDescription ContributingEquipmentSequence
"""


@frozen
class Place:
    """Where an object stands among those of its run."""

    series_uid: str
    series_number: int
    instance_number: int


def derived(source: Dataset, content: Content, made: Derivation, place: Place) -> Dataset:
    """The data set of an object made from *source*, all but its pixels. *source* stays as it is.

    Patient, study, frame of reference, geometry and acquisition are those of the source, and so is the
    equipment: the scanner made what is seen, this program stands among what has contributed. Series and
    object are new (PS3.3 C.7.6.1.1.3). Raises ExportTrouble where the source cannot be copied.
    """
    try:
        return _derived(source, content, made, place)
    except FAILURES as trouble:
        raise ExportTrouble(
            f"The header of a picture cannot be copied into a new object ({type(trouble).__name__}).",
            "Write the series as pictures instead.",
        ) from None


def _derived(source: Dataset, content: Content, made: Derivation, place: Place) -> Dataset:
    data = copy.deepcopy(source) if content.kind.follows else _who_when_where(source)
    drop_stale(data)
    keep_overlays(data, content.overlays)
    _put_identity(data, source, content, made, place)
    _put_layout(data, source, content)
    if content.frames is not None:
        keep_frames(data, content.frames, int(source.get("NumberOfFrames", 1) or 1))
    else:
        _put_plane(data, source, content.plane)
        for keyword in ("NumberOfFrames", "FrameIncrementPointer", "FrameTime", "FrameTimeVector"):
            if keyword in data:
                del data[keyword]
    for keyword, text in content.more:
        if keyword not in data:
            setattr(data, keyword, [float(one) for one in text.split("\\")])
    put_meaning(data, source, content)
    _put_derivation(data, source, content, made)
    _put_character_set(data)
    return data


def _who_when_where(source: Dataset) -> Dataset:
    found = Dataset()
    for keyword in _WHO_WHEN_WHERE.split():
        if keyword in source:
            found[keyword] = copy.deepcopy(source[keyword])
    return found


def _put_identity(data: Dataset, was: Dataset, content: Content, made: Derivation, place: Place) -> None:
    data.SOPClassUID = content.kind.sop_class
    data.SOPInstanceUID = new_uid()
    data.SeriesInstanceUID = place.series_uid
    data.SeriesNumber = place.series_number
    data.InstanceNumber = place.instance_number
    data.SeriesDescription = described(str(was.get("SeriesDescription", "") or ""), made)
    day, time = made.at.strftime("%Y%m%d"), made.at.strftime("%H%M%S")
    # dates of study, series and acquisition stay: uptake and enhancement over time are told from them
    data.InstanceCreationDate = data.ContentDate = day
    data.InstanceCreationTime = data.ContentTime = time
    if content.kind.sop_class == SECONDARY_CAPTURE:
        data.ConversionType = "WSD"
    if content.as_greys and data.get("PresentationIntentType"):
        data.PresentationIntentType = "FOR PRESENTATION"


def _put_layout(data: Dataset, was: Dataset, content: Content) -> None:
    grid = content.grid
    data.Rows, data.Columns = content.shape
    data.SamplesPerPixel = 1 if grid else 3
    data.BitsAllocated = data.BitsStored = grid.bits if grid else 8
    data.HighBit = data.BitsStored - 1
    data.PixelRepresentation = int(bool(grid and grid.signed))
    if grid is None:
        data.PhotometricInterpretation = "RGB"
        data.PlanarConfiguration = 0
        return
    kept = not content.as_greys and was.get("PhotometricInterpretation") == "MONOCHROME1"
    data.PhotometricInterpretation = "MONOCHROME1" if kept else "MONOCHROME2"
    shape = "" if content.as_greys else str(was.get("PresentationLUTShape", ""))
    if content.as_greys or shape:
        data.PresentationLUTShape = "INVERSE" if kept else shape or "IDENTITY"
    if "PixelPresentation" in data:
        data.PixelPresentation = "MONOCHROME"
    if grid.padding is not None:
        data.PixelPaddingValue = grid.padding


def _put_plane(data: Dataset, source: Dataset, plane: Plane | None) -> None:
    """Where a picture lies that was cut out of a larger one, or whose place stood in functional groups."""
    if plane is None or not plane.placed:
        return
    data.ImagePositionPatient = [decimal(one) for one in plane.origin]
    data.ImageOrientationPatient = [decimal(one) for one in (*plane.along_row, *plane.along_column)]
    data.PixelSpacing = [decimal(one) for one in plane.spacing]
    if "FrameOfReferenceUID" not in data and source.get("FrameOfReferenceUID"):
        data.FrameOfReferenceUID = source.FrameOfReferenceUID


def _put_derivation(data: Dataset, was: Dataset, content: Content, made: Derivation) -> None:
    modality = str(was.get("Modality", ""))
    values = words_of_values(content, "HU" if modality == "CT" else str(was.get("Units", "") or ""))
    before = str(was.get("DerivationDescription", "") or "")
    data.DerivationDescription = derivation_words(made, values, before)
    data.DerivationCodeSequence = codes_of(made)
    data.ImageType = _image_type(was.get("ImageType"), content.kind)
    equipment = list(data.get("ContributingEquipmentSequence", ()))
    data.ContributingEquipmentSequence = Items([*equipment, equipment_item(made)])
    uids = str(was.get("SOPClassUID", "")), str(was.get("SOPInstanceUID", ""))
    if content.kind.grouped:
        _put_derivation_of_frames(data, uids, str(was.get("SeriesInstanceUID", "")), content, made)
    else:
        frames = content.frames if content.frames is not None else (content.source_frame,)
        numbers = [None if one is None else one + 1 for one in frames]
        one_item = source_item(*uids, None)
        if numbers != [None]:
            one_item.ReferencedFrameNumber = numbers if len(numbers) > 1 else numbers[0]
        data.SourceImageSequence = Items([one_item])
    _put_loss(data, was)


def _put_derivation_of_frames(
    data: Dataset, uids: tuple[str, str], source_series: str, content: Content, made: Derivation
) -> None:
    groups = data.get("PerFrameFunctionalGroupsSequence", ())
    for frame, group in zip(content.frames or (), groups, strict=False):
        one = Dataset()
        one.DerivationDescription = data.DerivationDescription
        one.DerivationCodeSequence = codes_of(made)
        one.SourceImageSequence = Items([source_item(*uids, frame + 1)])
        group.DerivationImageSequence = Items([one])
    drop_of_originals(data)
    one = item(ReferencedSOPClassUID=uids[0], ReferencedSOPInstanceUID=uids[1])
    series = item(SeriesInstanceUID=source_series, ReferencedSOPSequence=Items([one]))
    study = item(StudyInstanceUID=data.get("StudyInstanceUID", ""), ReferencedSeriesSequence=Items([series]))
    data.SourceImageEvidenceSequence = Items([study])
    for group in (*data.get("SharedFunctionalGroupsSequence", ()), *groups):
        for element in group:
            if element.VR == "SQ" and element.value and "FrameType" in element.value[0]:
                element.value[0].FrameType = _image_type(element.value[0].FrameType, content.kind)


def _image_type(was: object, kind: Kind) -> list[str]:
    """DERIVED, and what the source says beyond the first two values (C.7.6.1.1.2, C.8.16.1)."""
    values = [was] if isinstance(was, str) else [str(one) for one in (was or ())]  # type: ignore[attr-defined]
    rest = [one for one in values[2:] if one != "MOSAIC"]
    if kind.grouped:
        # makers tell magnitude from phase by the fourth value, which keeps their stacks apart
        contrast = next((one for one in rest[1:2] if one not in ("", "NONE")), "FILTERED")
        return ["DERIVED", "PRIMARY", *(rest[:1] or ["VOLUME"]), contrast]
    return ["DERIVED", "PRIMARY" if kind.is_primary else "SECONDARY", *rest]


def _put_loss(data: Dataset, was: Dataset) -> None:
    """What was once lost stays lost, also where the source forgot to say so."""
    syntax = str(getattr(getattr(was, "file_meta", None), "TransferSyntaxUID", "") or "")
    method = _LOSSY.get(syntax.removeprefix(_JPEG).split(".")[0]) if syntax.startswith(_JPEG) else None
    if method and data.get("LossyImageCompression") != "01":
        data.LossyImageCompression = "01"
        data.LossyImageCompressionMethod = method


def _put_character_set(data: Dataset) -> None:
    """Words beyond ASCII of a recipe need a character set that has them."""
    ours = f"{data.SeriesDescription}{data.DerivationDescription}"
    if not ours.isascii():
        data.decode()
        data.SpecificCharacterSet = "ISO_IR 192"
