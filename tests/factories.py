"""Synthetic DICOM in a line: any modality, geometry, transfer syntax or defect. Nobody's images.

Every function writes files and returns their paths (a list for a series). Extra keyword arguments are DICOM
keywords that replace what the factory would write; None leaves the element out, and bytes are written as they
stand, however wrong. Calls with equal *patient*, *study* and *series* words give equal UIDs.
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filewriter import dcmwrite
from pydicom.pixels.encoders import RLELosslessEncoder
from pydicom.sequence import Sequence as Items
from pydicom.tag import Tag
from pydicom.uid import generate_uid

SYNTAXES = {
    "implicit": "1.2.840.10008.1.2",
    "explicit": "1.2.840.10008.1.2.1",
    "deflated": "1.2.840.10008.1.2.1.99",
    "big-endian": "1.2.840.10008.1.2.2",
    "rle": "1.2.840.10008.1.2.5",
    "jpeg": "1.2.840.10008.1.2.4.50",
    "jpeg-12": "1.2.840.10008.1.2.4.51",
    "jpeg-lossless-57": "1.2.840.10008.1.2.4.57",
    "jpeg-lossless": "1.2.840.10008.1.2.4.70",
    "jpeg-ls": "1.2.840.10008.1.2.4.80",
    "jpeg-2000": "1.2.840.10008.1.2.4.90",
    "jpeg-2000-lossy": "1.2.840.10008.1.2.4.91",
    "htj2k": "1.2.840.10008.1.2.4.201",
    "jpeg-xl": "1.2.840.10008.1.2.4.110",
}

CLASSES = {
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "CR": "1.2.840.10008.5.1.4.1.1.1",
    "DX": "1.2.840.10008.5.1.4.1.1.1.1",
    "MG": "1.2.840.10008.5.1.4.1.1.1.2",
    "US": "1.2.840.10008.5.1.4.1.1.6.1",
    "US-cine": "1.2.840.10008.5.1.4.1.1.3.1",
    "PT": "1.2.840.10008.5.1.4.1.1.128",
    "NM": "1.2.840.10008.5.1.4.1.1.20",
    "XA": "1.2.840.10008.5.1.4.1.1.12.1",
    "OT": "1.2.840.10008.5.1.4.1.1.7",
    "SR": "1.2.840.10008.5.1.4.1.1.88.11",
    "PR": "1.2.840.10008.5.1.4.1.1.11.1",
    "RTSTRUCT": "1.2.840.10008.5.1.4.1.1.481.3",
    "DOC": "1.2.840.10008.5.1.4.1.1.104.1",
    "enhanced-CT": "1.2.840.10008.5.1.4.1.1.2.1",
    "enhanced-MR": "1.2.840.10008.5.1.4.1.1.4.1",
}


def uid(*words: object) -> str:
    """The UID that these words always give."""
    return str(generate_uid(entropy_srcs=["medviewer-tests", *map(str, words)]))


def ct(
    folder: Path,
    slices: int = 8,
    *,
    spacing: tuple[float, float] = (1.0, 1.0),
    step: float = 2.0,
    rows: int = 64,
    columns: int = 64,
    orientation: Sequence[float] = (1, 0, 0, 0, 1, 0),
    origin: Sequence[float] = (-32.0, -32.0, 0.0),
    shift: Sequence[float] | None = None,
    missing: Iterable[int] = (),
    syntax: str = "explicit",
    volume: NDArray[Any] | None = None,
    patient: str = "P1",
    study: str = "1",
    series: str = "1",
    modality: str = "CT",
    edit: Callable[[int, Dataset], None] | None = None,
    **values: Any,
) -> list[Path]:
    """A stack of axial slices, one file each, named so that their order says nothing about their position.

    *shift* is the vector from slice to slice (default: *step* along the normal), *missing* slices are not
    written, *volume* holds stored values (slices, rows, columns), *edit* changes the data set of slice i.
    The default picture is a body of 40 HU with a ball of 300 HU in air of -1000 HU (intercept -1024).
    """
    folder.mkdir(parents=True, exist_ok=True)
    stored = phantom(slices, rows, columns) if volume is None else volume
    along = np.asarray(orientation, float)
    vector = np.cross(along[:3], along[3:]) * step if shift is None else np.asarray(shift, float)
    paths = []
    for at in range(slices):
        if at in set(missing):
            continue
        position = np.asarray(origin, float) + at * vector
        data = picture(
            stored[at],
            modality=modality,
            patient=patient,
            study=study,
            series=series,
            instance=at,
            **{
                "PixelSpacing": list(spacing),
                "ImagePositionPatient": [round(float(value), 6) for value in position],
                "ImageOrientationPatient": [float(value) for value in along],
                "FrameOfReferenceUID": uid(patient, study, "frame"),
                "SliceThickness": abs(step),
                "InstanceNumber": slices - at,
                **(
                    {"RescaleIntercept": -1024, "RescaleSlope": 1, "RescaleType": "HU"}
                    if modality == "CT"
                    else {}
                ),
                **values,
            },
        )
        if edit is not None:
            edit(at, data)
        paths.append(write(folder / f"{zlib.crc32(str(at).encode()):08x}.dcm", data, syntax))
    return paths


def repeated(
    folder: Path,
    each: Sequence[dict[str, Any]],
    slices: int = 5,
    edit: Callable[[int, int, Dataset], None] | None = None,
    **values: Any,
) -> list[Path]:
    """A series that has several pictures at each place: one stack of MR slices for each of *each*.

    *each* holds what differs by DICOM keyword; *edit* changes the data set of value i at place j. Stored
    values of picture (i, j) are all 100 * i + j.
    """
    paths = []
    for number, own in enumerate(each):
        volume = np.stack([np.full((16, 20), 100 * number + at, np.uint16) for at in range(slices)])

        def change(at: int, data: Dataset, number: int = number) -> None:
            data.SOPInstanceUID = uid("repeated", folder, f"{number}-{at}")
            data.InstanceNumber = number * slices + at + 1
            if edit is not None:
                edit(number, at, data)

        place = folder / f"{len(each) - number}"
        given = {"rows": 16, "columns": 20, "volume": volume, "edit": change, **values, **own}
        paths += mr(place, slices, **given)
    return paths


def mr(folder: Path, slices: int = 8, **values: Any) -> list[Path]:
    """Like `ct`, for magnetic resonance: no rescale, a window of its own."""
    values = {"WindowCenter": 500, "WindowWidth": 1000, "RepetitionTime": 500, "EchoTime": 15, **values}
    return ct(folder, slices, modality="MR", **values)


def xray(
    path: Path,
    *,
    rows: int = 96,
    columns: int = 80,
    modality: str = "DX",
    syntax: str = "explicit",
    pixels: NDArray[Any] | None = None,
    patient: str = "P1",
    study: str = "1",
    series: str = "xray",
    **values: Any,
) -> Path:
    """A radiograph, 12 bits in MONOCHROME1, with spacing at the detector only."""
    if pixels is None:
        pixels = gradient(rows, columns)
    values = {
        "PhotometricInterpretation": "MONOCHROME1",
        "ImagerPixelSpacing": [0.14, 0.14],
        "BodyPartExamined": "CHEST",
        "ViewPosition": "PA",
        "PatientOrientation": ["L", "F"],
        "BitsStored": 12,
        "HighBit": 11,
        **values,
    }
    data = picture(pixels, modality=modality, patient=patient, study=study, series=series, **values)
    return write(path, data, syntax)


def ultrasound(
    path: Path,
    *,
    frames: int = 1,
    rows: int = 60,
    columns: int = 80,
    syntax: str = "explicit",
    spacing_cm: float = 0.05,
    patient: str = "P1",
    study: str = "1",
    series: str = "us",
    **values: Any,
) -> Path:
    """A colour ultrasound picture or cine with one calibrated region and one Doppler strip."""
    pixels = np.stack([colors(rows, columns, at) for at in range(frames)])
    regions = [
        region(0, 0, columns - 1, rows // 2 - 1, spacing_cm),
        region(0, rows // 2, columns - 1, rows - 1, 0.1, 4),
    ]
    values = {"SequenceOfUltrasoundRegions": regions, **({"FrameTime": 40.0} if frames > 1 else {}), **values}
    kind = "US-cine" if frames > 1 else "US"
    data = picture(
        pixels if frames > 1 else pixels[0],
        modality="US",
        kind=kind,
        color=True,
        patient=patient,
        study=study,
        series=series,
        **values,
    )
    return write(path, data, syntax)


def color(
    path: Path,
    *,
    pixels: NDArray[Any] | None = None,
    rows: int = 32,
    columns: int = 48,
    syntax: str = "explicit",
    patient: str = "P1",
    study: str = "1",
    series: str = "color",
    **values: Any,
) -> Path:
    """A colour photograph (secondary capture), RGB."""
    pixels = colors(rows, columns) if pixels is None else pixels
    data = picture(pixels, modality="OT", color=True, patient=patient, study=study, series=series, **values)
    return write(path, data, syntax)


def gray(path: Path, pixels: NDArray[Any] | None = None, *, syntax: str = "explicit", **values: Any) -> Path:
    """One grey picture (secondary capture) with exactly these stored values."""
    pixels = gradient(32, 48) if pixels is None else pixels
    return write(path, picture(pixels, **{"modality": "OT", **values}), syntax)


def enhanced(
    path: Path,
    slices: int = 5,
    *,
    step: float = 3.0,
    rows: int = 24,
    columns: int = 32,
    repeats: int = 1,
    modality: str = "MR",
    spacing: tuple[float, float] = (0.8, 0.5),
    syntax: str = "explicit",
    slopes: Sequence[float] = (),
    patient: str = "P1",
    study: str = "1",
    series: str = "enhanced",
    **values: Any,
) -> Path:
    """An enhanced multi-frame object: position, slope and window per frame; *repeats* in time."""
    count = slices * repeats
    pixels = np.stack([gradient(rows, columns) // 4 + at for at in range(count)])
    shared = item(
        PixelMeasuresSequence=[item(PixelSpacing=list(spacing), SliceThickness=step)],
        PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
    )
    frames = []
    for at in range(count):
        place, time = at % slices, at // slices
        frames.append(
            item(
                PlanePositionSequence=[item(ImagePositionPatient=[0, 0, (slices - 1 - place) * step])],
                FrameContentSequence=[
                    item(
                        DimensionIndexValues=[place + 1, time + 1],
                        TemporalPositionIndex=time + 1,
                        StackID="1",
                    )
                ],
                PixelValueTransformationSequence=[
                    item(RescaleSlope=slopes[at] if slopes else 1, RescaleIntercept=0, RescaleType="US")
                ],
                FrameVOILUTSequence=[item(WindowCenter=100 + at, WindowWidth=50 + at)],
            )
        )
    values = {
        "SharedFunctionalGroupsSequence": [shared],
        "PerFrameFunctionalGroupsSequence": frames,
        "FrameOfReferenceUID": uid(patient, study, "frame"),
        **values,
    }
    data = picture(
        pixels,
        modality=modality,
        kind=f"enhanced-{modality}",
        patient=patient,
        study=study,
        series=series,
        **values,
    )
    return write(path, data, syntax)


def report(path: Path, *, kind: str = "SR", patient: str = "P1", study: str = "1", **values: Any) -> Path:
    """An object without pictures: a structured report, presentation state, structure set or document."""
    data = _common(kind, kind, patient, study, kind, 0)
    _put(data, values)
    return write(path, data)


def directory(folder: Path, *names: bytes, circle: bool = False) -> Path:
    """A DICOMDIR that names files, as bytes in the form of the standard; in a *circle* it never ends."""
    folder.mkdir(parents=True, exist_ok=True)
    records = []
    for name in names:
        record = item(
            OffsetOfTheNextDirectoryRecord=400 if circle else 0,
            RecordInUseFlag=65535,
            OffsetOfReferencedLowerLevelDirectoryEntity=400 if circle else 0,
            DirectoryRecordType="IMAGE",
        )
        put_bytes(record, "ReferencedFileID", name)
        records.append(record)
    data = Dataset()
    data.FileSetID = "X"
    data.DirectoryRecordSequence = Items(records)
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = SYNTAXES["explicit"]
    meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    data.file_meta = meta
    path = folder / "DICOMDIR"
    dcmwrite(path, data, enforce_file_format=True)
    return path


def picture(
    pixels: NDArray[Any],
    *,
    modality: str = "OT",
    kind: str = "",
    color: bool = False,
    patient: str = "P1",
    study: str = "1",
    series: str = "1",
    instance: object = 0,
    **values: Any,
) -> Dataset:
    """The data set of one object: (rows, columns), (frames, rows, columns), (..., 3) when *color*."""
    data = _common(kind or modality, modality, patient, study, series, instance)
    shape = pixels.shape[:-1] if color else pixels.shape
    bits = pixels.dtype.itemsize * 8
    data.SamplesPerPixel = 3 if color else 1
    data.PhotometricInterpretation = "RGB" if color else "MONOCHROME2"
    if color:
        data.PlanarConfiguration = 0
    data.Rows, data.Columns = shape[-2:]
    if len(shape) == 3:
        data.NumberOfFrames = shape[0]
    data.BitsAllocated = data.BitsStored = bits
    data.HighBit = bits - 1
    data.PixelRepresentation = int(pixels.dtype.kind == "i")
    body = np.ascontiguousarray(pixels).tobytes()
    data.PixelData = body + b"\0" * (len(body) % 2)
    data["PixelData"].VR = "OW" if bits > 8 else "OB"
    _put(data, values)
    return data


def write(path: Path, data: Dataset, syntax: str = "explicit") -> Path:
    """Save *data*, its pixels compressed when the syntax wants that."""
    path.parent.mkdir(parents=True, exist_ok=True)
    uid_of = SYNTAXES.get(syntax, syntax)
    meta = FileMetaDataset()
    # pydicom does not write JPEG XL: its name stands in place of another of the same length
    meta.TransferSyntaxUID = SYNTAXES["htj2k"] if syntax == "jpeg-xl" else uid_of
    meta.MediaStorageSOPClassUID = data.get("SOPClassUID") or CLASSES["OT"]
    meta.MediaStorageSOPInstanceUID = data.get("SOPInstanceUID") or "1.2.3"
    data.file_meta = meta
    if syntax in ENCODERS and "PixelData" in data:
        data.PixelData = encapsulate([ENCODERS[syntax](data, frame) for frame in _frames(data)])
        data["PixelData"].VR = "OB"
        data["PixelData"].is_undefined_length = True
    if syntax == "big-endian":
        little = np.frombuffer(data.PixelData, f"<u{max(1, data.BitsAllocated // 8)}")
        data.PixelData = little.astype(little.dtype.newbyteorder(">")).tobytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd values, letters and lengths are what is wanted here
        dcmwrite(path, data, enforce_file_format=True)
    if syntax == "jpeg-xl":
        path.write_bytes(path.read_bytes().replace(SYNTAXES["htj2k"].encode(), uid_of.encode(), 1))
    return path


def put_bytes(data: Dataset, keyword: str, value: bytes, vr: str = "") -> None:
    """Write *value* as it stands, whatever its VR would allow; odd lengths get a space."""
    tag = Tag(tag_for_keyword(keyword))
    vr = vr or dictionary_VR(tag)[:2]
    value += b" " * (len(value) % 2)
    data[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)


def item(**values: Any) -> Dataset:
    """A sequence item."""
    data = Dataset()
    _put(data, values)
    return data


def region(
    left: int, top: int, right: int, bottom: int, delta: float, unit: int = 3, kind: int = 1
) -> Dataset:
    """An ultrasound region; unit 3 is cm, 4 seconds."""
    return item(
        RegionSpatialFormat=kind,
        RegionDataType=1,
        RegionFlags=0,
        RegionLocationMinX0=left,
        RegionLocationMinY0=top,
        RegionLocationMaxX1=right,
        RegionLocationMaxY1=bottom,
        PhysicalUnitsXDirection=unit,
        PhysicalUnitsYDirection=unit,
        PhysicalDeltaX=delta,
        PhysicalDeltaY=delta,
    )


def phantom(slices: int, rows: int, columns: int) -> NDArray[np.int16]:
    """A body with a ball in it, in stored CT values (HU + 1024), (slices, rows, columns) int16."""
    z, y, x = np.meshgrid(
        np.linspace(-1, 1, max(slices, 2))[:slices],
        np.linspace(-1, 1, rows),
        np.linspace(-1, 1, columns),
        indexing="ij",
    )
    values = np.full(z.shape, 24, np.int16)
    values[(x / 0.8) ** 2 + (y / 0.6) ** 2 < 1] = 1064
    values[(x - 0.3) ** 2 + y**2 + (z / 1.5) ** 2 < 0.05] = 1324
    return values


def gradient(rows: int, columns: int) -> NDArray[np.uint16]:
    """Twelve-bit values that differ nearly everywhere, smooth enough for lossy codecs."""
    y, x = np.mgrid[0:rows, 0:columns]
    return ((x * 2047 // max(columns - 1, 1)) + (y * 2047 // max(rows - 1, 1))).astype(np.uint16)


def colors(rows: int, columns: int, phase: int = 0) -> NDArray[np.uint8]:
    """A smooth colour picture, (rows, columns, 3)."""
    y, x = np.mgrid[0:rows, 0:columns]
    red, green = x * 255 // max(columns - 1, 1), y * 255 // max(rows - 1, 1)
    return np.stack([red, green, (255 - red + 8 * phase) % 256], axis=-1).astype(np.uint8)


def _common(kind: str, modality: str, patient: str, study: str, series: str, instance: object) -> Dataset:
    data = Dataset()
    data.SOPClassUID = CLASSES[kind]
    data.SOPInstanceUID = uid(patient, study, series, instance)
    data.StudyInstanceUID = uid(patient, study)
    data.SeriesInstanceUID = uid(patient, study, series)
    data.Modality = modality
    data.PatientName, data.PatientID = f"Test^{patient}", patient
    data.PatientBirthDate, data.PatientSex, data.PatientAge = "19700101", "O", "056Y"
    data.StudyDate, data.StudyTime, data.StudyID = "20260115", "101500", "1"
    data.SeriesDate, data.SeriesTime = "20260115", "102000"
    data.StudyDescription, data.SeriesDescription = "Synthetic study", f"Synthetic {modality} {series}"
    data.AccessionNumber, data.InstitutionName = "A1", "Nowhere"
    data.Manufacturer, data.ManufacturerModelName = "medviewer tests", "Phantom"
    data.SeriesNumber, data.InstanceNumber = zlib.crc32(series.encode()) % 1000, 1
    return data


def _put(data: Dataset, values: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd values are what is wanted here
        for keyword, value in values.items():
            _put_one(data, keyword, value)


def _put_one(data: Dataset, keyword: str, value: Any) -> None:
    if value is None:
        if keyword in data:
            del data[keyword]
    elif isinstance(value, bytes) and not dictionary_VR(tag_for_keyword(keyword)).startswith(("O", "U")):
        put_bytes(data, keyword, value)
    elif isinstance(value, list) and value and isinstance(value[0], Dataset):
        setattr(data, keyword, Items(value))
    elif dictionary_VR(tag_for_keyword(keyword)) == "US or SS":
        signed = int(data.get("PixelRepresentation", 0)) == 1 and keyword != "LUTDescriptor"
        data[tag_for_keyword(keyword)] = DataElement(
            tag_for_keyword(keyword), "SS" if signed else "US", value
        )
    else:
        setattr(data, keyword, value)


def _frames(data: Dataset) -> list[NDArray[Any]]:
    """The frames of native pixels, (rows, columns[, samples]) in the sign of the file."""
    count = int(data.get("NumberOfFrames", 1) or 1)
    kind = "i" if data.PixelRepresentation else "u"
    flat = np.frombuffer(data.PixelData, f"<{kind}{data.BitsAllocated // 8}")
    shape = (count, data.Rows, data.Columns) + ((data.SamplesPerPixel,) if data.SamplesPerPixel > 1 else ())
    return list(flat[: int(np.prod(shape))].reshape(shape))


def _unsigned(frame: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(frame).view(f"u{frame.dtype.itemsize}")


def _jpeg(data: Dataset, frame: NDArray[Any]) -> bytes:
    if data.SamplesPerPixel == 3:
        data.PhotometricInterpretation = "YBR_FULL_422"
        return bytes(
            imagecodecs.jpeg8_encode(
                frame, level=95, colorspace="RGB", outcolorspace="YCBCR", subsampling="422"
            )
        )
    return bytes(imagecodecs.jpeg8_encode(_unsigned(frame), level=95))


def _jpeg12(data: Dataset, frame: NDArray[Any]) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(_unsigned(frame), level=95, bitspersample=12))


def _jpeg_lossless(data: Dataset, frame: NDArray[Any]) -> bytes:
    return bytes(
        imagecodecs.jpeg8_encode(_unsigned(frame), lossless=True, predictor=1, bitspersample=data.BitsStored)
    )


def _jpeg_ls(data: Dataset, frame: NDArray[Any]) -> bytes:
    return bytes(imagecodecs.jpegls_encode(_unsigned(frame)))


def _jpeg_2000(data: Dataset, frame: NDArray[Any]) -> bytes:
    if data.SamplesPerPixel == 3:
        data.PhotometricInterpretation = "YBR_RCT"
    return bytes(
        imagecodecs.jpeg2k_encode(frame, codecformat="J2K", reversible=True, level=0, mct=frame.ndim == 3)
    )


def _jpeg_2000_lossy(data: Dataset, frame: NDArray[Any]) -> bytes:
    if data.SamplesPerPixel == 3:
        data.PhotometricInterpretation = "YBR_ICT"
    return bytes(
        imagecodecs.jpeg2k_encode(frame, codecformat="J2K", reversible=False, level=45, mct=frame.ndim == 3)
    )


def _htj2k(data: Dataset, frame: NDArray[Any]) -> bytes:
    return bytes(imagecodecs.htj2k_encode(np.ascontiguousarray(frame), reversible=True))


def _jpeg_xl(data: Dataset, frame: NDArray[Any]) -> bytes:
    bits = None if data.BitsStored in (8, 16) else int(data.BitsStored)
    return bytes(imagecodecs.jpegxl_encode(_unsigned(frame), lossless=True, bitspersample=bits))


def _rle(data: Dataset, frame: NDArray[Any]) -> bytes:
    return bytes(
        RLELosslessEncoder.encode(
            np.ascontiguousarray(frame),
            rows=data.Rows,
            columns=data.Columns,
            samples_per_pixel=data.SamplesPerPixel,
            photometric_interpretation=data.PhotometricInterpretation,
            bits_allocated=data.BitsAllocated,
            bits_stored=data.BitsStored,
            pixel_representation=data.PixelRepresentation,
            number_of_frames=1,
            planar_configuration=0,
            transfer_syntax_uid=SYNTAXES["rle"],
        )
    )


ENCODERS: dict[str, Callable[[Dataset, NDArray[Any]], bytes]] = {
    "rle": _rle,
    "jpeg": _jpeg,
    "jpeg-12": _jpeg12,
    "jpeg-lossless": _jpeg_lossless,
    "jpeg-ls": _jpeg_ls,
    "jpeg-2000": _jpeg_2000,
    "jpeg-2000-lossy": _jpeg_2000_lossy,
    "htj2k": _htj2k,
    "jpeg-xl": _jpeg_xl,
}
