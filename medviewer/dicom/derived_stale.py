"""What an object must not take along from the one it was made of: what spoke of pixels it no longer has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from medviewer.core.beside_pixels import OverlayPlane
from medviewer.dicom.fields import OVERLAY_GROUPS

_STALE = """
PixelData FloatPixelData DoubleFloatPixelData ExtendedOffsetTable ExtendedOffsetTableLengths
SmallestImagePixelValue LargestImagePixelValue SmallestPixelValueInSeries LargestPixelValueInSeries
SmallestImagePixelValueInPlane LargestImagePixelValueInPlane
PixelPaddingValue PixelPaddingRangeLimit FloatPixelPaddingValue FloatPixelPaddingRangeLimit
DoubleFloatPixelPaddingValue DoubleFloatPixelPaddingRangeLimit
RescaleIntercept RescaleSlope RescaleType ModalityLUTSequence RealWorldValueMappingSequence
WindowCenter WindowWidth WindowCenterWidthExplanation VOILUTFunction VOILUTSequence
PresentationLUTSequence PresentationLUTShape PhotometricInterpretation PlanarConfiguration
SamplesPerPixel SamplesPerPixelUsed BitsAllocated BitsStored HighBit PixelRepresentation
RedPaletteColorLookupTableDescriptor GreenPaletteColorLookupTableDescriptor
BluePaletteColorLookupTableDescriptor AlphaPaletteColorLookupTableDescriptor
RedPaletteColorLookupTableData GreenPaletteColorLookupTableData BluePaletteColorLookupTableData
AlphaPaletteColorLookupTableData SegmentedRedPaletteColorLookupTableData
SegmentedGreenPaletteColorLookupTableData SegmentedBluePaletteColorLookupTableData
SegmentedAlphaPaletteColorLookupTableData PaletteColorLookupTableUID PaletteColorLookupTableSequence
ICCProfile ColorSpace OpticalPathSequence IconImageSequence
DigitalSignaturesSequence MACParametersSequence EncryptedAttributesSequence InstanceCreatorUID
StorageMediaFileSetUID StorageMediaFileSetID DataSetTrailingPadding
ConcatenationUID InConcatenationNumber InConcatenationTotalNumber ConcatenationFrameOffsetNumber
SOPInstanceUIDOfConcatenationSource
SourceImageSequence DerivationDescription DerivationCodeSequence DerivationImageSequence
"""
STALE = tuple(_STALE.split())
_OF_GROUPS = (
    "PixelValueTransformationSequence",
    "FrameVOILUTSequence",
    "RealWorldValueMappingSequence",
    "DerivationImageSequence",
    "PixelIntensityRelationshipLUTSequence",
)
_OF_ORIGINALS = """
PulseSequenceName MRAcquisitionType EchoPulseSequence MultipleSpinEcho MultiPlanarExcitation PhaseContrast
TimeOfFlightContrast ArterialSpinLabelingContrast SteadyStatePulseSequence EchoPlanarPulseSequence
SaturationRecovery SpectrallySelectedSuppression OversamplingPhase GeometryOfKSpaceTraversal
RectilinearPhaseEncodeReordering SegmentedKSpaceTraversal CoverageOfKSpace NumberOfKSpaceTrajectories
BulkMotionCompensationTechnique
"""
"""Only ORIGINAL and MIXED enhanced MR may have them (PS3.3 C.8.13.4, C.7.6.18.2); the source keeps them."""
_FRAME_VECTORS = """
FrameTimeVector EnergyWindowVector DetectorVector PhaseVector RotationVector RRIntervalVector TimeSlotVector
SliceVector AngularViewVector TimeSliceVector
"""
"""Elements that hold one value for each frame."""


def drop_stale(data: Dataset) -> None:
    """Take out what spoke of the old pixels, and what only one maker understands (PS3.5 7.8)."""
    for keyword in STALE:
        if keyword in data:
            del data[keyword]
    data.remove_private_tags()
    # tails of old files: trailing padding and signatures stand behind the pixels
    for tag in [tag for tag in data.keys() if tag.group > 0x7FE0 or tag.element == 0]:  # noqa: SIM118
        del data[tag]


def drop_of_originals(data: Dataset) -> None:
    """Take out what an object with functional groups may say only of what was acquired."""
    for keyword in _OF_ORIGINALS.split():
        if keyword in data:
            del data[keyword]


def drop_from_groups(group: Dataset) -> None:
    """Take the same out of what functional groups say of a frame."""
    for keyword in _OF_GROUPS:
        if keyword in group:
            del group[keyword]


def keep_frames(data: Dataset, frames: Sequence[int], of: int) -> None:
    """Keep what is said of *frames*, counted from 0, of *of* in all."""
    if "PerFrameFunctionalGroupsSequence" in data:
        groups = data.PerFrameFunctionalGroupsSequence
        data.PerFrameFunctionalGroupsSequence = [groups[frame] for frame in frames if frame < len(groups)]
    for keyword in _FRAME_VECTORS.split():
        values = data.get(keyword)
        if isinstance(values, MultiValue) and len(values) == of:
            setattr(data, keyword, [values[frame] for frame in frames])
    data.NumberOfFrames = len(frames)


def keep_overlays(data: Dataset, overlays: Iterable[OverlayPlane] | None) -> None:
    """Leave overlays that stand beside the pixels as they are, and lift out those that stood in their bits.

    Without *overlays*, the planes of the one picture, those in the bits go: they belong to several.
    """
    planes = {one.group: one for one in overlays or ()}
    for group in OVERLAY_GROUPS:
        rows = group << 16 | 0x0010
        if rows not in data or group << 16 | 0x3000 in data:
            continue
        plane = planes.get(group)
        if plane is None:
            for tag in [tag for tag in data.keys() if tag.group == group]:  # noqa: SIM118
                del data[tag]
            continue
        _put_plane(data, group, plane)


def _put_plane(data: Dataset, group: int, plane: OverlayPlane) -> None:
    packed = np.packbits(plane.bits > 0, bitorder="little").tobytes()
    top = group << 16
    data.add_new(top | 0x0010, "US", plane.bits.shape[0])
    data.add_new(top | 0x0011, "US", plane.bits.shape[1])
    data.add_new(top | 0x0050, "SS", [1, 1])
    data.add_new(top | 0x0100, "US", 1)
    data.add_new(top | 0x0102, "US", 0)
    data.add_new(top | 0x3000, "OW", packed + b"\0" * (len(packed) % 2))
