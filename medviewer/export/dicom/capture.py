"""What is on the screen as a Secondary Capture, with everything that is drawn burnt in (PS3.3 A.8.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import highdicom as hd
import numpy as np
from numpy.typing import NDArray

from medviewer.dicom.derived_words import LONGEST_TEXT, cut, item
from medviewer.dicom.fields import MAKER
from medviewer.dicom.stand_in import complete, put_side
from medviewer.export.dicom.making import Entry, Pictured, identity


def capture(
    owner: Any, pixels: NDArray[np.uint8], pictures: Sequence[Pictured], entry: Entry, words: str = ""
) -> Any:
    """The data set of a picture of the screen, (row, column, 3) RGB; *words* say how it came about.

    It is no image to measure on: it has no pixel size, and says that annotations are burnt in.
    """
    data: Any = hd.sc.SCImage(
        pixel_array=np.ascontiguousarray(pixels),
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        patient_orientation=("L", "P"),
        study_instance_uid=owner.StudyInstanceUID,
        patient_id=owner.PatientID,
        patient_name=owner.PatientName,
        patient_birth_date=owner.PatientBirthDate or None,
        patient_sex=owner.PatientSex,
        accession_number=owner.AccessionNumber,
        study_id=owner.StudyID,
        study_date=owner.StudyDate or None,
        study_time=owner.StudyTime or None,
        referring_physician_name=owner.ReferringPhysicianName,
        **identity(entry),
    )
    # a screen may show several pictures, each turned another way
    data.PatientOrientation = None
    data.ConversionType = "WSD"
    data.BurnedInAnnotation = "YES"
    data.ImageType = ["DERIVED", "SECONDARY"]
    data.SecondaryCaptureDeviceManufacturer = data.SecondaryCaptureDeviceManufacturerModelName = MAKER
    data.SecondaryCaptureDeviceSoftwareVersions = entry.version
    data.ManufacturerModelName, data.SoftwareVersions = MAKER, entry.version
    if words:
        data.DerivationDescription = cut(words, LONGEST_TEXT)
    if pictures:
        data.SourceImageSequence = [_source(one) for one in dict.fromkeys(pictures)]
    put_side(data, owner)
    complete(data, owner)
    return data


def _source(picture: Pictured) -> Any:
    found = item(ReferencedSOPClassUID=picture.sop_class, ReferencedSOPInstanceUID=picture.sop_instance)
    if picture.frame is not None:
        found.ReferencedFrameNumber = picture.frame
    return found
