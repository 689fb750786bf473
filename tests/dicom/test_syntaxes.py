"""Every transfer syntax that exists is decoded, or refused by its name with what can be done."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom._uid_dict import UID_dictionary
from pydicom.encaps import encapsulate
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import dcmwrite, write_file_meta_info
from pydicom.uid import AllTransferSyntaxes, PrivateTransferSyntaxes

from medviewer.core.study import Series
from medviewer.dicom.decode import InProcessDecoder
from medviewer.dicom.group import group
from medviewer.dicom.read import read_header
from medviewer.dicom.source import SeriesSource
from medviewer.dicom.syntax import coding_of, syntax_name
from medviewer.kit.errors import DecoderMissing
from tests import factories
from tests.dicom.pictures import frame, frames

EVERY = sorted(
    {str(uid) for uid in (*AllTransferSyntaxes, *PrivateTransferSyntaxes)}
    | {uid for uid, (_, kind, *_) in UID_dictionary.items() if kind == "Transfer Syntax"}
    | {"1.2.840.113619.5.2"}
)
J = "1.2.840.10008.1.2.4."
DECODED = {
    *("1.2.840.10008.1.2" + end for end in ("", ".1", ".1.98", ".1.99", ".2", ".5")),
    *(f"{J}{number}" for number in (50, 51, 57, 70, 80, 81, 90, 91, 201, 202, 203)),
    *(f"{J}{number}" for number in range(100, 109)),
    *(f"{J}{number}.1" for number in range(100, 107)),
}
"""What the tests of pixels and of videos decode; JPEG XL and deflated frames are newer than this list."""
REFUSED = [uid for uid in EVERY if uid not in DECODED]


def _series(path: Path) -> Series:
    ((series,),) = (study.series for study in group([read_header(path)]))
    return series


def _named(path: Path, uid: str, with_pixels: bool = True) -> Path:
    """A file that claims another transfer syntax than it has; deflated where that one is."""
    data = pydicom.dcmread(factories.gray(path))
    if not with_pixels:
        del data.PixelData
        data.PixelDataProviderURL = "https://example.invalid/jpip"
    dcmwrite(path, data, enforce_file_format=True)
    body = path.read_bytes()[int(pydicom.dcmread(path).file_meta.FileMetaInformationGroupLength) + 144 :]
    if uid in (f"{J}95", f"{J}205"):
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        body = packer.compress(body) + packer.flush()
    data.file_meta.TransferSyntaxUID = uid
    head = DicomBytesIO()
    write_file_meta_info(head, data.file_meta)
    path.write_bytes(bytes(128) + b"DICM" + head.getvalue() + body + b"\0" * (len(body) % 2))
    return path


def test_no_syntax_is_unheard_of() -> None:
    assert len(EVERY) > 50
    assert set(DECODED) <= set(EVERY)
    for uid in EVERY:
        assert "unknown" not in syntax_name(uid), uid


@pytest.mark.parametrize("uid", sorted(DECODED))
def test_what_is_decoded_has_a_decoder(uid: str) -> None:
    assert coding_of(uid, "a.dcm")


@pytest.mark.rule("P-61")
@pytest.mark.parametrize("uid", REFUSED)
def test_what_is_not_decoded_is_refused_by_name_with_what_to_do(tmp_path: Path, uid: str) -> None:
    series = _series(_named(tmp_path / "a.dcm", uid))
    with pytest.raises(DecoderMissing) as found:
        SeriesSource(series, InProcessDecoder()).frame(0)
    assert found.value.advice
    said = str(found.value)
    assert said.startswith("a.dcm cannot be shown")
    assert syntax_name(uid) in said
    assert "Ask" in said


@pytest.mark.parametrize("number", [94, 95, 204, 205])
def test_pictures_that_stayed_on_a_server_are_told(tmp_path: Path, number: int) -> None:
    series = _series(_named(tmp_path / "b.dcm", f"{J}{number}", with_pixels=False))
    assert series.frames == ()
    (problem,) = series.problems
    assert problem.startswith("b.dcm cannot be shown: its pictures stayed on a server (JPIP")
    assert "Ask the archive" in problem


def test_a_syntax_nobody_knows_is_refused_with_its_number(tmp_path: Path) -> None:
    path = _named(tmp_path / "a.dcm", "1.2.3.4")
    with pytest.raises(DecoderMissing, match=r"unknown transfer syntax \(1\.2\.3\.4\)"):
        SeriesSource(_series(path), InProcessDecoder()).frame(0)


def _encapsulated(path: Path, bodies: list[bytes]) -> Path:
    data = pydicom.dcmread(path)
    data.PixelData = encapsulate(bodies)
    data["PixelData"].VR = "OB"
    data["PixelData"].is_undefined_length = True
    data.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1.98"
    dcmwrite(path, data, enforce_file_format=True)
    return path


@pytest.mark.rule("P-60")
def test_uncompressed_pixels_in_fragments_are_the_same_pixels(tmp_path: Path) -> None:
    stack = np.stack([factories.gradient(9, 7) + at for at in range(3)])
    path = _encapsulated(
        factories.gray(tmp_path / "a.dcm", stack), [one.tobytes() + b"\0" * (one.nbytes % 2) for one in stack]
    )
    np.testing.assert_array_equal(np.stack([made.pixels for made in frames(path)]), stack)
    colors = factories.colors(6, 10)
    planes = np.ascontiguousarray(colors.transpose(2, 0, 1)).tobytes()
    path = factories.color(tmp_path / "b.dcm", pixels=colors, PlanarConfiguration=1)
    np.testing.assert_array_equal(frame(_encapsulated(path, [planes])).pixels, colors)
    with pytest.raises(Exception, match="end early"):
        frame(_encapsulated(path, [planes[:-20]]))
