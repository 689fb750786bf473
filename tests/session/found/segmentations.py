"""Segmentations and structure sets that other programs could have written, for one test each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
from highdicom.sr.coding import CodedConcept
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from tests import factories
from tests.dicom.objects.files import made

STRUCTURES = "1.2.840.10008.5.1.4.1.1.481.3"
TISSUE = CodedConcept("85756007", "SCT", "Tissue")


def sources(folder: Path) -> list[Dataset]:
    """The pictures of a folder in the order of their places."""
    found = [pydicom.dcmread(path) for path in sorted(folder.rglob("*.dcm"))]
    return sorted(found, key=lambda one: float(one.ImagePositionPatient[2]))


def segmentation(path: Path, pictures: Sequence[Dataset], masks: NDArray[np.uint8], **values: Any) -> Path:
    """A SEG by highdicom of *masks* (picture, row, column, segment), its frames in another order."""
    kinds = values.pop("kinds", ["MANUAL"] * masks.shape[3])
    described = [
        hd.seg.SegmentDescription(
            number, f"Segment {number}", TISSUE, TISSUE, kind,
            algorithm_identification=None if kind == "MANUAL" else hd.AlgorithmIdentificationSequence(
                "Finder", CodedConcept("123109", "DCM", "Artificial Intelligence"), "7"
            ),
        )
        for number, kind in enumerate(kinds, 1)
    ]  # fmt: skip
    seg = hd.seg.Segmentation(
        source_images=list(pictures), pixel_array=masks, segmentation_type="BINARY",
        segment_descriptions=described, series_instance_uid=hd.UID(), series_number=90,
        sop_instance_uid=hd.UID(), instance_number=1, manufacturer="Maker",
        manufacturer_model_name="Model", software_versions="1", device_serial_number="1", **values,
    )  # fmt: skip
    order = list(np.random.default_rng(3).permutation(int(seg.NumberOfFrames)))
    frames = seg.pixel_array if int(seg.NumberOfFrames) > 1 else seg.pixel_array[None]
    groups = list(seg.PerFrameFunctionalGroupsSequence)
    seg.PerFrameFunctionalGroupsSequence = [groups[at] for at in order]
    seg.PixelData = np.packbits(frames[order].ravel(), bitorder="little").tobytes()
    if len(seg.PixelData) % 2:
        seg.PixelData += b"\0"
    seg.save_as(path)
    return path


def structures(
    path: Path, pictures: Sequence[Dataset], outlines: Sequence[tuple[int, Sequence[tuple[float, float]]]],
    with_references: bool = True,
) -> Path:  # fmt: skip
    """A structure set with one region: outlines as (picture, corners in rows and columns)."""
    contours = []
    for at, corners in outlines:
        image = pictures[at]
        x, y, z = (float(one) for one in image.ImagePositionPatient)
        down, right = (float(one) for one in image.PixelSpacing)
        data = [
            f"{value:.6g}" for row, column in corners for value in (x + column * right, y + row * down, z)
        ]
        item = factories.item(
            ContourGeometricType="CLOSED_PLANAR", NumberOfContourPoints=len(corners), ContourData=data
        )
        if with_references:
            item.ContourImageSequence = [
                factories.item(
                    ReferencedSOPClassUID=image.SOPClassUID, ReferencedSOPInstanceUID=image.SOPInstanceUID
                )
            ]
        contours.append(item)
    first = pictures[0]
    return made(
        path, STRUCTURES, "RTSTRUCT", StructureSetLabel="Plan", StructureSetDate="20260102",
        StudyInstanceUID=first.StudyInstanceUID, PatientID=first.PatientID, PatientName=first.PatientName,
        StructureSetROISequence=[
            factories.item(
                ROINumber=4, ROIName="Heart", ReferencedFrameOfReferenceUID=first.FrameOfReferenceUID
            )
        ],
        ROIContourSequence=[
            factories.item(ReferencedROINumber=4, ROIDisplayColor=[255, 0, 10], ContourSequence=contours)
        ],
    )  # fmt: skip


def key_pictures(path: Path, pictures: Sequence[Dataset]) -> Path:
    """A selection of pictures as highdicom writes it."""
    title = CodedConcept("113000", "DCM", "Of Interest")
    content = hd.ko.KeyObjectSelection(title, list(pictures))
    hd.ko.KeyObjectSelectionDocument(list(pictures), content, hd.UID(), 91, hd.UID(), 1, "Maker").save_as(
        path
    )
    return path
