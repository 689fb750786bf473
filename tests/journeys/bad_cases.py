"""Files that lie, end too early or want too much, and what the reader is to get for each.

Nothing in them can run. The numbers of the cases are those of no list; each has a name of its own.
"""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.filewriter import dcmwrite

from tests import factories

PATIENT = "BAD"


@dataclass(frozen=True)
class Case:
    """*build* writes into an empty folder."""

    build: Callable[[Path], object]
    says: str = ""
    """what the one sentence says (a pattern); "" when there are pictures instead"""
    remark: str = ""
    """what stands on the picture or beside the series (a pattern)"""
    has_pictures: bool = False
    """whether a part can be seen although something has to be said"""


def _whole(folder: Path, **values: Any) -> bytes:
    """A good CT picture as bytes; its file is taken away again."""
    (path,) = factories.ct(folder, 1, patient=PATIENT, **values)
    content = path.read_bytes()
    path.unlink()
    return content


def _raw(make: Callable[[bytes], bytes], **values: Any) -> Callable[[Path], object]:
    """A good file whose bytes are changed."""
    return lambda folder: (folder / "bad.dcm").write_bytes(make(_whole(folder, **values)))


def _content(content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / "bad.dcm").write_bytes(content)


def _with(**values: Any) -> Callable[[Path], object]:
    """A file that says these things about itself."""
    return lambda folder: (folder / "bad.dcm").write_bytes(_whole(folder, **values))


def _after(tail: bytes) -> Callable[[Path], object]:
    """A file without pixels that goes on with *tail*."""
    return _raw(lambda content: content + tail, PixelData=None)


def _nested(depth: int) -> bytes:
    opened = struct.pack("<HH2sHIHHI", 0x0040, 0xA730, b"SQ", 0, 0xFFFFFFFF, 0xFFFE, 0xE000, 0xFFFFFFFF)
    closed = struct.pack("<HHIHHI", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
    return opened * depth + closed * depth


def _items(count: int) -> bytes:
    items = struct.pack("<HHI", 0xFFFE, 0xE000, 0) * count
    return struct.pack("<HH2sHI", 0x0040, 0xA730, b"SQ", 0, len(items)) + items


def _elements(count: int) -> bytes:
    each = (struct.pack("<HH2sHH", 0x0041, at, b"US", 2, 1) for at in range(1, count))
    return b"".join(each)


def _program(content: bytes) -> bytes:
    return b"MZ" + content[2:]


def _implicit_inside(folder: Path) -> None:
    """Says explicit, is implicit."""
    content = _whole(folder, syntax="implicit")
    at = content.index(b"1.2.840.10008.1.2\0")
    meta = content[: at - 8] + struct.pack("<HH2sH", 2, 0x10, b"UI", 20) + b"1.2.840.10008.1.2.1\0"
    length = struct.unpack_from("<I", content, 140)[0]
    meta = meta[:140] + struct.pack("<I", length + 2) + meta[144:]
    (folder / "bad.dcm").write_bytes(meta + content[at + 18 :])


def _deflate_bomb(folder: Path) -> None:
    content = _whole(folder, syntax="deflated")
    start = 144 + struct.unpack_from("<I", content, 140)[0]
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(zlib.decompress(content[start:], -15)[:-8204])
    body += packer.compress(struct.pack("<HH2sHI", 0x7FE1, 0x1010, b"OB", 0, 128 << 20))
    for _ in range(128):
        body += packer.compress(bytes(1 << 20))
    (folder / "bad.dcm").write_bytes(content[:start] + body + packer.flush())


def _pipe_and_loop(folder: Path) -> None:
    os.mkfifo(folder / "bad.dcm")
    (folder / "inner").mkdir()
    (folder / "inner" / "again").symlink_to(folder, target_is_directory=True)


def _coded(syntax: str, change: Callable[[bytes], bytes], **values: Any) -> Callable[[Path], object]:
    """A compressed picture whose codestream is changed, in a sound file."""

    def build(folder: Path) -> None:
        data = factories.picture(
            factories.gradient(64, 64), modality="CT", patient=PATIENT, **{"BitsStored": 12, **values}
        )
        frame = factories.ENCODERS[syntax](data, factories.gradient(64, 64))
        data.PixelData = encapsulate([change(frame)])
        _save(folder, data, syntax)

    return build


def _fragments(raw: bytes, syntax: str = "jpeg-2000") -> Callable[[Path], object]:
    """Compressed pixel data that consist of these bytes."""

    def build(folder: Path) -> None:
        data = factories.picture(factories.gradient(64, 64), modality="CT", patient=PATIENT)
        data.PixelData = raw
        _save(folder, data, syntax)

    return build


def _save(folder: Path, data: Dataset, syntax: str) -> None:
    plain = factories.write(folder / "bad.dcm", factories.picture(np.zeros((2, 2), np.uint8)))
    data.file_meta = Dataset()
    meta = factories.FileMetaDataset()
    meta.TransferSyntaxUID = factories.SYNTAXES[syntax]
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = data.SOPClassUID, data.SOPInstanceUID
    data.file_meta = meta
    data["PixelData"].VR = "OB"
    data["PixelData"].is_undefined_length = True
    dcmwrite(plain, data, enforce_file_format=True)


def _huge_size(frame: bytes) -> bytes:
    at = frame.index(b"\xff\x51")
    frame = frame[: at + 6] + struct.pack(">II", 100_000, 100_000) + frame[at + 14 :]
    return frame[: at + 22] + struct.pack(">II", 100_000, 100_000) + frame[at + 30 :]


def _tiny_tiles(frame: bytes) -> bytes:
    at = frame.index(b"\xff\x51")
    frame = frame[: at + 6] + struct.pack(">II", 65_535, 65_535) + frame[at + 14 :]
    return frame[: at + 22] + struct.pack(">II", 1, 1) + frame[at + 30 :]


def _other_size(frame: bytes) -> bytes:
    return bytes(imagecodecs.jpegls_encode(np.zeros((32, 32), np.uint16)))


def _lying_table(frame: bytes) -> bytes:
    frame += b"\0" * (len(frame) % 2)
    table = struct.pack("<HHII", 0xFFFE, 0xE000, 4, 0xFFFFFFF0)
    return (
        table
        + struct.pack("<HHI", 0xFFFE, 0xE000, len(frame))
        + frame
        + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    )


def _lying_offsets(folder: Path) -> None:
    data = factories.picture(factories.gradient(64, 64), modality="CT", patient=PATIENT)
    data.PixelData = _lying_table(factories.ENCODERS["jpeg-2000"](data, factories.gradient(64, 64)))
    _save(folder, data, "jpeg-2000")


def _zip(fill: Callable[[zipfile.ZipFile, bytes], object]) -> Callable[[Path], object]:
    def build(folder: Path) -> None:
        content = _whole(folder)
        with zipfile.ZipFile(folder / "bad.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            fill(archive, content)

    return build


def _slip(archive: zipfile.ZipFile, content: bytes) -> None:
    archive.writestr("../../SLIPPED.dcm", content)


def _bomb(archive: zipfile.ZipFile, content: bytes) -> None:
    archive.writestr("bomb.dcm", bytes(64 << 20))


def _link(archive: zipfile.ZipFile, content: bytes) -> None:
    entry = zipfile.ZipInfo("link")
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    archive.writestr(entry, "/etc/passwd")


def _cut_zip(folder: Path) -> None:
    _zip(lambda archive, content: archive.writestr("a.dcm", content))(folder)
    whole = (folder / "bad.zip").read_bytes()
    (folder / "bad.zip").write_bytes(whole[:-40])


def _locked_zip(folder: Path) -> None:
    _zip(lambda archive, content: archive.writestr("a.dcm", content))(folder)
    content = bytearray((folder / "bad.zip").read_bytes())
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    (folder / "bad.zip").write_bytes(content)


def _conflict(folder: Path) -> None:
    """Two different pictures under one number."""
    factories.ct(folder / "a", 1, patient=PATIENT)
    other = factories.phantom(1, 64, 64) + 1
    factories.ct(folder / "b", 1, patient=PATIENT, volume=other)


def _two_patients(folder: Path) -> None:
    def other(at: int, data: Dataset) -> None:
        if at > 1:
            data.PatientID, data.PatientName = "SOMEBODY ELSE", "Else^Somebody"

    factories.ct(folder, 4, patient=PATIENT, edit=other)


def _directory(*names: bytes, circle: bool = False) -> Callable[[Path], object]:
    return lambda folder: factories.directory(folder, *names, circle=circle)


_SHORT_PALETTE = {
    f"{color}PaletteColorLookupTable{part}": value
    for color in ("Red", "Green", "Blue")
    for part, value in (("Descriptor", [4, 0, 16]), ("Data", b"\0\1" * 2))
}

CASES: dict[str, Case] = {
    "an empty file": Case(_content(b""), "is empty"),
    "one byte": Case(_content(b"D"), "too short"),
    "a preamble and nothing else": Case(_content(bytes(128) + b"DICM"), "ends after its preamble"),
    "random bytes": Case(_content(np.random.default_rng(1).bytes(65536)), "is not a DICOM file"),
    "cut off in its header": Case(_raw(lambda content: content[:300]), "cut off"),
    "cut off in its pixels": Case(_raw(lambda content: content[:-4096]), remark="INCOMPLETE: only 50 %"),
    "no preamble": Case(_raw(lambda content: content[132:]), remark="no DICOM preamble"),
    "a program in the preamble": Case(_raw(_program), remark="Windows program"),
    "something after the pixels": Case(_raw(lambda content: content + b"PATIENT=Other" * 40)),
    "implicit elements called explicit": Case(_implicit_inside),
    "an unknown transfer syntax": Case(
        _raw(lambda content: content.replace(b"10008.1.2.1\0", b"99999.9.9.9\0", 1)),
        "unknown transfer syntax",
    ),
    "a deflate bomb": Case(_deflate_bomb, "would unpack to more"),
    "a JPEG photograph": Case(_content(bytes(imagecodecs.jpeg8_encode(factories.colors(64, 64)))), "a JPEG"),
    "a PDF document": Case(_content(b"%PDF-1.7\n" + bytes(400)), "PDF"),
    "a pipe, and a folder inside itself": Case(_pipe_and_loop, "is a pipe"),
    "two pictures under one number": Case(_conflict),
    "sequences 5,000 deep": Case(_after(_nested(5000)), "nested more than"),
    "a sequence of a million items": Case(_after(_items(1_000_000)), "pixel data are missing"),
    "60,000 private elements": Case(_after(_elements(60_000)), "pixel data are missing"),
    "a length that means undefined, nearly": Case(
        _after(struct.pack("<HH2sHI", 0x7FE1, 0x1010, b"OB", 0, 0xFFFFFFFE) + b"x" * 10), "cut off"
    ),
    "a text of 2 GB in 5 bytes": Case(
        _after(struct.pack("<HH2sHI", 0x0040, 0xA160, b"UT", 0, 0x7FFFFFF0) + b"hello"), "cut off"
    ),
    "a number that leads out of the folder": Case(_with(SOPInstanceUID=b"../../evil")),
    "a number of 8,000 characters": Case(_with(SOPInstanceUID=b"1." * 4000)),
    "empty numbers": Case(_with(StudyInstanceUID=b"", SeriesInstanceUID=b"")),
    "month 13, hour 25": Case(_with(StudyDate=b"20261399", StudyTime=b"256199", PatientAge=b"-5Y ")),
    "an instance number of twenty digits": Case(_with(InstanceNumber=b"99999999999999999999")),
    "an unknown character set": Case(
        _with(SpecificCharacterSet=b"ISO_IR 9999 ", PatientName=b"\xff\xfe\x1b$B\x80 ")
    ),
    "markup in the name": Case(_with(PatientName="<script>alert(1)</script>", PatientID="'; DROP TABLE--")),
    "a comment of 2 MB": Case(_with(PatientComments=b"A" * 2_000_000)),
    "4 billion pixels in 10 bytes": Case(
        _with(Rows=65535, Columns=65535, PixelData=bytes(10)), r"would need [\d,]+ MB"
    ),
    "2 billion frames": Case(_with(NumberOfFrames=b"2147483648"), remark="frames are claimed"),
    "minus one frame": Case(_with(NumberOfFrames=b"-1"), remark="Number of Frames is -1"),
    "no rows": Case(_with(Rows=0), "Rows or Columns"),
    "rows missing": Case(_with(Rows=None), "Rows or Columns"),
    "17 bits allocated": Case(_with(BitsAllocated=17), "17 bits allocated"),
    "32 bits stored in 16": Case(_with(BitsStored=32, HighBit=31), "32 bits stored in 16"),
    "a palette that is missing": Case(_with(PhotometricInterpretation="PALETTE COLOR"), "palette"),
    "a palette that is too short": Case(
        _with(PhotometricInterpretation="PALETTE COLOR", **_SHORT_PALETTE), "palette"
    ),
    "colours nobody knows": Case(_with(PhotometricInterpretation="XYZ"), "Photometric Interpretation 'XYZ'"),
    "a plane arrangement nobody knows": Case(
        _with(SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=7),
        "Planar Configuration 7",
    ),
    "pixels of an odd length": Case(_raw(lambda content: content[:-1]), remark="INCOMPLETE: only 99 %"),
    "half a JPEG 2000 stream": Case(_coded("jpeg-2000", lambda frame: frame[: len(frame) // 2]), "cut off"),
    "a JPEG 2000 stream of 10 billion pixels": Case(
        _coded("jpeg-2000", _huge_size), "says 100000 x 100000 pixels inside"
    ),
    "4 billion tiles": Case(_coded("jpeg-2000", _tiny_tiles), "tiles"),
    "half a JPEG-LS stream": Case(_coded("jpeg-ls", lambda frame: frame[: len(frame) // 2]), "cut off"),
    "a JPEG-LS stream of another size": Case(_coded("jpeg-ls", _other_size), "says 32 x 32 pixels inside"),
    "99 segments": Case(
        _coded("rle", lambda frame: struct.pack("<16I", 99, *[0] * 15) + b"\x81\0" * 10), "99 segments"
    ),
    "a table of frames that lies": Case(_lying_offsets, remark="table of frames"),
    "a million empty fragments": Case(
        _fragments(struct.pack("<HHI", 0xFFFE, 0xE000, 0) * 1_000_001), "fragments"
    ),
    "no fragments": Case(
        _fragments(struct.pack("<HHIHHI", 0xFFFE, 0xE000, 0, 0xFFFE, 0xE0DD, 0)), "holds no pixel data"
    ),
    "a slope that is no number": Case(_with(RescaleSlope=b"abc "), remark="slope or intercept"),
    "a slope beyond all numbers": Case(_with(RescaleSlope=b"1e400 "), remark="slope or intercept"),
    "a window without width": Case(
        _with(WindowCenter=b"40", WindowWidth=b"0 "), remark="window in the file is unusable"
    ),
    "a window table that is too short": Case(
        _with(VOILUTSequence=[factories.item(LUTDescriptor=[0, 0, 16], LUTData=bytes(8))]),
        remark="VOI table in the file is broken",
    ),
    "an overlay of 3.6 billion pixels in 2 bytes": Case(
        _with(edit=lambda _, data: _overlay(data, 60_000)), remark="Overlay in the file is incomplete"
    ),
    "a spacing of nothing": Case(_with(PixelSpacing=b"0\\0 "), remark="Pixel Spacing is not a size"),
    "a spacing with commas": Case(_with(PixelSpacing=b"0,5\\0,5 "), remark="Pixel Spacing is not a size"),
    "an orientation of zeros": Case(
        _with(ImageOrientationPatient=b"0\\0\\0\\0\\0\\0 "), remark="orientation"
    ),
    "an orientation that is no number": Case(
        _with(ImageOrientationPatient=b"nan\\0\\0\\0\\1\\0 "), remark="orientation"
    ),
    "two patients in one series": Case(_two_patients, remark="they are kept apart"),
    "a directory that leads out": Case(_directory(b"..\\..\\..\\etc\\passwd "), "outside of its folder"),
    "a directory of what is not there": Case(_directory(b"NOT\\THERE "), "is missing"),
    "an archive that leads out": Case(_zip(_slip), "leads out of the archive"),
    "an archive that is a bomb": Case(_zip(_bomb), "bomb.dcm in bad.zip"),
    "a link in an archive": Case(_zip(_link), "is a link"),
    "an archive that is locked": Case(_locked_zip, "encrypted"),
    "an archive that is cut off": Case(_cut_zip, "cut off", has_pictures=True),
}


if not hasattr(os, "mkfifo"):
    del CASES["a pipe, and a folder inside itself"]


def _overlay(data: Dataset, size: int) -> None:
    data.add_new(0x60000010, "US", size)
    data.add_new(0x60000011, "US", size)
    data.add_new(0x60000040, "CS", "G")
    data.add_new(0x60000050, "SS", [1, 1])
    data.add_new(0x60000100, "US", 1)
    data.add_new(0x60000102, "US", 0)
    data.add_new(0x60003000, "OW", b"\xff\xff")
