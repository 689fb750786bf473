"""Which attributes are read from a header, and what form their values have (PS3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

TEXT_VRS = frozenset(
    (b"AE", b"AS", b"CS", b"DA", b"DS", b"DT", b"IS", b"LO", b"LT", b"PN", b"SH", b"ST", b"TM", b"UC", b"UI")
    + (b"UR", b"UT")
)
_US, _SS, _UL, _SL, _FL, _FD, _AT, _SQ = (
    frozenset((vr,)) for vr in (b"US", b"SS", b"UL", b"SL", b"FL", b"FD", b"AT", b"SQ")
)
_EITHER = _US | _SS
_BYTES = frozenset((b"OB", b"OW", b"UN", b"US", b"SS"))
ANY_VR = TEXT_VRS | _BYTES | _UL | _SL | _FL | _FD | _AT
"""For what is only looked at, so that an odd value representation costs nobody a picture."""
_PIXELS = frozenset((b"OB", b"OW", b"OF", b"OD"))
MAKER = "medviewer"
"""With this word the Derivation Description begins of what was made here."""


class Field(NamedTuple):
    """One attribute: its keyword, and the value representations in which its value can be taken as it is."""

    keyword: str
    vrs: frozenset[bytes]
    form: str
    """"text", "bytes", "sequence", or the struct letter of a binary number"""


Fields = Mapping[int, Field]


def _fields(form: str, vrs: frozenset[bytes], listing: str) -> dict[int, Field]:
    """Fields from "00080016 SOPClassUID 00080018 ..."."""
    words = listing.split()
    return {
        int(tag, 16): Field(keyword, vrs, form) for tag, keyword in zip(words[::2], words[1::2], strict=True)
    }


_IDENTITY = """
00080005 SpecificCharacterSet 00080008 ImageType 00080016 SOPClassUID 00080018 SOPInstanceUID
00080020 StudyDate 00080021 SeriesDate 00080022 AcquisitionDate 00080023 ContentDate 00080030 StudyTime
00080031 SeriesTime 00080032 AcquisitionTime 00080033 ContentTime 00080050 AccessionNumber 00080060 Modality
00080070 Manufacturer 00080080 InstitutionName 00081030 StudyDescription 0008103E SeriesDescription
00081090 ManufacturerModelName 00082111 DerivationDescription 00082144 RecommendedDisplayFrameRate
00100010 PatientName 00100020 PatientID
00100021 IssuerOfPatientID 00100030 PatientBirthDate 00100040 PatientSex 00101010 PatientAge
0020000D StudyInstanceUID 0020000E SeriesInstanceUID 00200010 StudyID 00200011 SeriesNumber
00200012 AcquisitionNumber 00200013 InstanceNumber
"""
_ACQUISITION = """
00180010 ContrastBolusAgent 00180015 BodyPartExamined 00180040 CineRate 00180050 SliceThickness 00180060 KVP
00180080 RepetitionTime 00180081 EchoTime 00180082 InversionTime 00180086 EchoNumbers
00180088 SpacingBetweenSlices 00181030 ProtocolName 00181060 TriggerTime 00181063 FrameTime
00181110 DistanceSourceToDetector 00181111 DistanceSourceToPatient
00181114 EstimatedRadiographicMagnificationFactor 00181151 XRayTubeCurrent
00181164 ImagerPixelSpacing 00181314 FlipAngle 00182010 NominalScannedPixelSpacing 00185100 PatientPosition
00185101 ViewPosition 00541300 FrameReferenceTime
"""
_PLACE = """
00200020 PatientOrientation 00200032 ImagePositionPatient 00200037 ImageOrientationPatient
00200052 FrameOfReferenceUID 00200060 Laterality 00200062 ImageLaterality 00200100 TemporalPositionIdentifier
00280004 PhotometricInterpretation 00280008 NumberOfFrames 00280030 PixelSpacing 00280034 PixelAspectRatio
00280301 BurnedInAnnotation 00280A02 PixelSpacingCalibrationType 00280A04 PixelSpacingCalibrationDescription
00282110 LossyImageCompression 00282112 LossyImageCompressionRatio 00282114 LossyImageCompressionMethod
"""
_IN_FRAMES = """
00089007 FrameType 00209056 StackID
"""

META: Fields = _fields(
    "text",
    TEXT_VRS,
    "00020002 MediaStorageSOPClassUID 00020003 MediaStorageSOPInstanceUID 00020010 TransferSyntaxUID",
)
"""The file meta information (PS3.10 7.1)."""

INDEX: Fields = {
    **_fields("text", TEXT_VRS, _IDENTITY + _ACQUISITION + _PLACE),
    **_fields(
        "H",
        _US,
        """00280002 SamplesPerPixel 00280006 PlanarConfiguration 00280010 Rows 00280011 Columns
        00280100 BitsAllocated 00280101 BitsStored 00280102 HighBit 00280103 PixelRepresentation""",
    ),
    **_fields("d", _FD, "00189087 DiffusionBValue 00189089 DiffusionGradientOrientation"),
    **_fields(
        "sequence",
        _SQ,
        """00186011 SequenceOfUltrasoundRegions 52009229 SharedFunctionalGroupsSequence
        52009230 PerFrameFunctionalGroupsSequence""",
    ),
}
"""What the index of studies, grouping, geometry and corner text need."""

REGION: Fields = {
    **_fields("H", _US, "00186012 RegionSpatialFormat 00186014 RegionDataType"),
    **_fields(
        "I",
        _UL,
        """00186018 RegionLocationMinX0 0018601A RegionLocationMinY0 0018601C RegionLocationMaxX1
        0018601E RegionLocationMaxY1""",
    ),
    **_fields("H", _US, "00186024 PhysicalUnitsXDirection 00186026 PhysicalUnitsYDirection"),
    **_fields("d", _FD, "0018602C PhysicalDeltaX 0018602E PhysicalDeltaY"),
}
"""An item of the Sequence of Ultrasound Regions (PS3.3 C.8.5.5)."""

_GROUPS = """
00189114 MREchoSequence 00189115 MRModifierSequence 00189117 MRDiffusionSequence
00189118 CardiacSynchronizationSequence 00189226 MRImageFrameTypeSequence
00189329 CTImageFrameTypeSequence 00189732 PETFrameTypeSequence 00189076 DiffusionGradientDirectionSequence
00209071 FrameAnatomySequence 00209111 FrameContentSequence 00209113 PlanePositionSequence
00209116 PlaneOrientationSequence 00209310 TemporalPositionSequence 00289110 PixelMeasuresSequence
"""
GROUPS: Fields = {
    **_fields("sequence", _SQ, _GROUPS),
    **_fields(
        "text",
        TEXT_VRS,
        """00200032 ImagePositionPatient 00200037 ImageOrientationPatient 00280030 PixelSpacing
        00180050 SliceThickness 00180088 SpacingBetweenSlices 00189074 FrameAcquisitionDateTime
        00209072 FrameLaterality"""
        + _IN_FRAMES,
    ),
    **_fields(
        "d",
        _FD,
        """00189079 InversionTimes 00189082 EffectiveEchoTime 00189087 DiffusionBValue
        00189089 DiffusionGradientOrientation 00209153 NominalCardiacTriggerDelayTime
        0020930D TemporalPositionTimeOffset""",
    ),
    **_fields("f", _FL, "00209241 NominalPercentageOfCardiacPhase"),
    **_fields(
        "I",
        _UL,
        "00209057 InStackPositionNumber 00209128 TemporalPositionIndex 00209157 DimensionIndexValues",
    ),
}
"""What functional groups say about the place and kind of a frame (PS3.3 C.7.6.16)."""

NUCLEAR: Fields = {
    **_fields("sequence", _SQ, "00540022 DetectorInformationSequence"),
    **_fields(
        "H",
        _US,
        """00540010 EnergyWindowVector 00540020 DetectorVector 00540030 PhaseVector 00540050 RotationVector
        00540060 RRIntervalVector 00540070 TimeSlotVector 00540080 SliceVector 00540090 AngularViewVector
        00540100 TimeSliceVector""",
    ),
}
"""What the frames of a nuclear medicine object are (PS3.3 C.8.4.8), beside the index."""

DOSE: Fields = _fields("bytes", TEXT_VRS, "3004000C GridFrameOffsetVector")
"""Where the planes of a radiotherapy dose lie (PS3.3 C.8.8.3.2), beside the index."""

SIEMENS: Fields = _fields(
    "bytes",
    ANY_VR | _SQ,
    """00190010 HeaderCreator 0019100A NumberOfImagesInMosaic 0019100C BValue 0019100E GradientDirection
    00290010 CSACreator 00290011 CSACreator11 00290012 CSACreator12 00291010 CSAImageHeader
    00291110 CSAImageHeader11 00291210 CSAImageHeader12""",
)
"""Private elements of Siemens MR that say how a mosaic is built and how it was weighted, beside the index."""

_LUTS: Fields = {
    **_fields("bytes", _BYTES, "00283002 LUTDescriptor 00283006 LUTData"),
    **_fields("text", TEXT_VRS, "00283003 LUTExplanation 00283004 ModalityLUTType"),
}
_GRAY = _fields(
    "text",
    TEXT_VRS,
    """00281050 WindowCenter 00281051 WindowWidth 00281052 RescaleIntercept 00281053 RescaleSlope
    00281054 RescaleType 00281055 WindowCenterWidthExplanation 00281056 VOILUTFunction""",
)
_REAL_WORLD: Fields = {
    **_fields(
        "sequence", _SQ, "00409096 RealWorldValueMappingSequence 004008EA MeasurementUnitsCodeSequence"
    ),
    **_fields("d", _FD, "00409224 RealWorldValueIntercept 00409225 RealWorldValueSlope"),
    **_fields("text", ANY_VR, "00080100 CodeValue 00080102 CodingSchemeDesignator"),
}
"""What values of a parametric map mean (PS3.3 C.7.6.16.2.11)."""
_SHARED_WITH_INDEX = frozenset(
    [
        "SpecificCharacterSet",
        "SOPClassUID",
        "Modality",
        "PhotometricInterpretation",
        "NumberOfFrames",
        "SamplesPerPixel",
        "PlanarConfiguration",
        "Rows",
        "Columns",
        "BitsAllocated",
        "BitsStored",
        "HighBit",
        "PixelRepresentation",
        "LossyImageCompression",
        "LossyImageCompressionRatio",
        "LossyImageCompressionMethod",
        "SharedFunctionalGroupsSequence",
        "PerFrameFunctionalGroupsSequence",
    ]
)
_SHUTTER = {
    **_fields(
        "text",
        ANY_VR,
        """00181600 ShutterShape 00181602 ShutterLeftVerticalEdge 00181604 ShutterRightVerticalEdge
        00181606 ShutterUpperHorizontalEdge 00181608 ShutterLowerHorizontalEdge
        00181610 CenterOfCircularShutter 00181612 RadiusOfCircularShutter
        00181620 VerticesOfThePolygonalShutter""",
    ),
    **_fields(
        "bytes",
        ANY_VR,
        """00181622 ShutterPresentationValue 00181623 ShutterOverlayGroup
        00181624 ShutterPresentationColorCIELabValue""",
    ),
}
_PET = """
00080021 SeriesDate 00080022 AcquisitionDate 00080031 SeriesTime 00080032 AcquisitionTime
00080201 TimezoneOffsetFromUTC 00090010 GEPrivateCreator 0009100D GEScanDateTime 00101030 PatientWeight
00181242 ActualFrameDuration 00280051 CorrectedImage 00541006 SUVType 00541102 DecayCorrection
00541300 FrameReferenceTime 70530010 PhilipsPrivateCreator 70531000 PhilipsSUVFactor
70531009 PhilipsActivityFactor
"""
"""What the standardised uptake value is computed from (see suv.py), two vendors' own elements included."""
OVERLAY_GROUPS = range(0x6000, 0x6020, 2)
OVERLAYS: Fields = {
    group << 16 | element: Field(f"{keyword}{group:X}", vrs, form)
    for group in OVERLAY_GROUPS
    for element, keyword, vrs, form in (
        (0x0010, "OverlayRows", _EITHER, "H"),
        (0x0011, "OverlayColumns", _EITHER, "H"),
        (0x0015, "NumberOfFramesInOverlay", ANY_VR, "text"),
        (0x0022, "OverlayDescription", ANY_VR, "text"),
        (0x0040, "OverlayType", ANY_VR, "text"),
        (0x0050, "OverlayOrigin", _EITHER, "h"),
        (0x0051, "ImageFrameOrigin", _EITHER, "H"),
        (0x0100, "OverlayBitsAllocated", _EITHER, "H"),
        (0x0102, "OverlayBitPosition", _EITHER, "H"),
        (0x1500, "OverlayLabel", ANY_VR, "text"),
        (0x3000, "OverlayData", ANY_VR, "bytes"),
    )
}
"""Overlay planes (PS3.3 C.9.2); a keyword ends with its group. Read only where there are any."""
PICTURE: Fields = {
    **{tag: field for tag, field in INDEX.items() if field.keyword in _SHARED_WITH_INDEX},
    **_GRAY,
    **_fields(
        "text", TEXT_VRS, "00281040 PixelIntensityRelationship 00541001 Units 20500020 PresentationLUTShape"
    ),
    **_fields("text", TEXT_VRS, "00080068 PresentationIntentType 00089205 PixelPresentation"),
    **_fields(
        "bytes",
        _BYTES,
        """00280120 PixelPaddingValue 00280121 PixelPaddingRangeLimit
        00281101 RedPaletteColorLookupTableDescriptor 00281102 GreenPaletteColorLookupTableDescriptor
        00281103 BluePaletteColorLookupTableDescriptor 00281201 RedPaletteColorLookupTableData
        00281202 GreenPaletteColorLookupTableData 00281203 BluePaletteColorLookupTableData
        00281221 SegmentedRedPaletteColorLookupTableData 00281222 SegmentedGreenPaletteColorLookupTableData
        00281223 SegmentedBluePaletteColorLookupTableData""",
    ),
    **_fields("f", _FL, "00280122 FloatPixelPaddingValue 00280124 FloatPixelPaddingRangeLimit"),
    **_fields("d", _FD, "00280123 DoubleFloatPixelPaddingValue 00280125 DoubleFloatPixelPaddingRangeLimit"),
    **_fields("sequence", _SQ, "00283000 ModalityLUTSequence 00283010 VOILUTSequence"),
    **_fields("bytes", ANY_VR, "00282000 ICCProfile"),
    **_SHUTTER,
    **_fields("text", ANY_VR, _PET),
    **_fields(
        "sequence",
        _SQ,
        """00480105 OpticalPathSequence 00540016 RadiopharmaceuticalInformationSequence
        20500010 PresentationLUTSequence""",
    ),
    **{group << 16 | 0x0010: Field(f"OverlayRows{group:X}", ANY_VR, "bytes") for group in OVERLAY_GROUPS},
    **_fields(
        "bytes", frozenset((b"OV",)), "7FE00001 ExtendedOffsetTable 7FE00002 ExtendedOffsetTableLengths"
    ),
}
"""What is needed to turn stored bits into a picture."""

PICTURE_ITEMS: Fields = {
    **_LUTS,
    **_GRAY,
    **_REAL_WORLD,
    **_fields(
        "sequence",
        _SQ,
        """00289145 PixelValueTransformationSequence 00289132 FrameVOILUTSequence 00283010 VOILUTSequence
        00189472 FrameDisplayShutterSequence 00289443 FramePixelDataPropertiesSequence""",
    ),
    **_SHUTTER,
    **_fields("text", TEXT_VRS, "00281040 PixelIntensityRelationship"),
    **_fields("bytes", ANY_VR, "00282000 ICCProfile"),
    **_fields(
        "text",
        ANY_VR,
        """00181072 RadiopharmaceuticalStartTime 00181074 RadionuclideTotalDose 00181075 RadionuclideHalfLife
        00181078 RadiopharmaceuticalStartDateTime""",
    ),
}
"""What LUT items, functional groups and items about the tracer say, frame by frame where there are frames."""

PIXELS = {0x7FE00008: "FloatPixelData", 0x7FE00009: "DoubleFloatPixelData", 0x7FE00010: "PixelData"}
PIXEL_VRS = _PIXELS
