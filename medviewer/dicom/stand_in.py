"""Whose an object is, and data sets that stand in for pictures of which only the identity matters.

Objects that speak about pictures (segmentations, measurements, presentations) belong to the same patient
and study. What they say of these comes from one file of the study; of the pictures themselves they only name
what is known without opening their files again.
"""

from __future__ import annotations

import copy
import re

from pydicom.dataset import Dataset

from medviewer.core.geometry import Plane
from medviewer.core.study import Instance
from medviewer.dicom.derived_content import decimal

UTF_8 = "ISO_IR 192"
_PAIRED = """
ANKLE ARM AXILLA BREAST BUTTOCK CALCANEUS CALF CAROTID CHEEK CLAVICLE EAR ELBOW EXTREMITY EYE EYELID FEMUR
FINGER FOOT FOREARM HAND HIP HUMERUS KNEE LEG PATELLA RADIUS RADIUSULNA SCAPULA SHOULDER THIGH THUMB TIBIA
TIBIAFIBULA TOE ULNA UPARM WRIST ZYGOMA
"""
"""Parts of the body of which there are two (PS3.16 annex L)."""
_DATE = re.compile(r"\d{8}")
_TIME = re.compile(r"\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?")
_AGE = re.compile(r"\d{3}[DWMY]")
_NEEDED = """
StudyInstanceUID StudyID StudyDate StudyTime AccessionNumber ReferringPhysicianName PatientName PatientID
PatientBirthDate PatientSex
"""
"""Whatever the source has forgotten of these is written empty (type 2 in PS3.3 C.7.1.1 and C.7.2.1)."""
_FURTHER = """
StudyDescription IssuerOfAccessionNumberSequence
IssuerOfPatientID OtherPatientIDs OtherPatientIDsSequence EthnicGroup PatientComments PatientAge PatientSize
PatientWeight PatientSpeciesDescription PatientBreedDescription PatientIdentityRemoved DeidentificationMethod
DeidentificationMethodCodeSequence ClinicalTrialSponsorName ClinicalTrialProtocolID ClinicalTrialProtocolName
ClinicalTrialSiteID ClinicalTrialSiteName ClinicalTrialSubjectID ClinicalTrialSubjectReadingID
ClinicalTrialTimePointID ClinicalTrialTimePointDescription LongitudinalTemporalInformationModified
"""
_OF_SOURCE = """
FrameOfReferenceUID PositionReferenceIndicator LossyImageCompression LossyImageCompressionRatio
LossyImageCompressionMethod Modality SeriesDescription BodyPartExamined Laterality SliceThickness
"""


def owner_of(source: Dataset) -> Dataset:
    """Patient and study of *source*, complete and in characters that every script has.

    What no program can read as a date, a time or a sex is left empty. Raises one of unusual.FAILURES.
    """
    found = Dataset()
    for keyword in ("SpecificCharacterSet", *f"{_NEEDED}{_FURTHER}{_OF_SOURCE}".split()):
        if keyword in source:
            found[keyword] = copy.deepcopy(source[keyword])
    found.decode()
    found.SpecificCharacterSet = UTF_8
    for keyword in _NEEDED.split():
        setattr(found, keyword, _plain(keyword, found.get(keyword)))
    if not _AGE.fullmatch(str(found.get("PatientAge", "") or "")):
        found.pop("PatientAge", None)
    if "SliceThickness" not in found and _thickness(source):
        found.SliceThickness = _thickness(source)
    if found.get("PatientIdentityRemoved") == "YES" and not (
        found.get("DeidentificationMethod") or found.get("DeidentificationMethodCodeSequence")
    ):
        found.DeidentificationMethod = "Not said by the source"
    if found.get("LossyImageCompression") not in ("00", "01"):
        found.pop("LossyImageCompression", None)
    return found


def complete(data: Dataset, owner: Dataset) -> None:
    """Put what *owner* knows of patient and study into an object that does not say it yet."""
    for keyword in _FURTHER.split():
        if keyword in owner and keyword not in data:
            data[keyword] = copy.deepcopy(owner[keyword])
    data.SpecificCharacterSet = UTF_8


def put_side(data: Dataset, owner: Dataset) -> None:
    """Say which part of the body a series shows, and of which side where it could be one of two (C.7.3.1)."""
    part = str(owner.get("BodyPartExamined", "") or "")
    if part:
        data.BodyPartExamined = part
    if not part or part.upper() in _PAIRED.split() or "Laterality" in owner:
        data.Laterality = owner.get("Laterality")


def stand_in(owner: Dataset, series: str, instance: Instance, frames: int = 1) -> Dataset:
    """A picture, as far as references to it need: who it belongs to, its identity, its size and *frames*."""
    found = Dataset()
    for keyword in ("SpecificCharacterSet", *_NEEDED.split()):
        found[keyword] = owner[keyword]
    found.SeriesInstanceUID = series
    found.SOPClassUID, found.SOPInstanceUID = instance.sop_class, instance.sop_instance
    found.Modality = owner.get("Modality") or "OT"
    found.Rows, found.Columns = instance.rows, instance.columns
    found.SamplesPerPixel = 1
    if frames > 1:
        found.NumberOfFrames = frames
    return found


def placed(data: Dataset, plane: Plane, frame_of_reference: str, position: str = "") -> None:
    """Say where a picture that stands in for another lies."""
    data.FrameOfReferenceUID, data.PositionReferenceIndicator = frame_of_reference, position
    data.ImagePositionPatient = [decimal(one) for one in plane.origin]
    data.ImageOrientationPatient = [decimal(one) for one in (*plane.along_row, *plane.along_column)]
    data.PixelSpacing = [decimal(one) for one in plane.spacing]
    data.Rows, data.Columns = plane.shape


def _thickness(source: Dataset) -> object:
    """Slice Thickness of an object whose frames have groups."""
    for keyword in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for group in source.get(keyword) or ():
            for measures in group.get("PixelMeasuresSequence") or ():
                return measures.get("SliceThickness")
    return None


def _plain(keyword: str, value: object) -> str:
    text = "" if value is None else str(value).strip()
    if keyword.endswith("Date"):
        return text if _DATE.fullmatch(text) else ""
    if keyword.endswith("Time"):
        return text if _TIME.fullmatch(text) else ""
    if keyword == "PatientSex":
        return text if text in ("M", "F", "O") else ""
    return text
