"""What cannot be read is named as what it is, and nothing hostile costs time or memory."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pydicom
import pytest

from medviewer.dicom.decode import InProcessDecoder
from medviewer.dicom.group import group
from medviewer.dicom.read import read_header
from medviewer.dicom.source import SeriesSource
from medviewer.kit.errors import DamagedFile, FileTrouble, NotDicom, TooLarge
from tests import factories

BUNDLED = Path(pydicom.__file__).parent / "data"


@pytest.mark.rule("P-61")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"x", "too short"),
        (b"\xff\xd8\xff\xe0" + bytes(500), "a JPEG picture"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "a PNG picture"),
        (b"%PDF-1.4\n" + bytes(500), "a PDF document"),
        (b"PK\x03\x04" + bytes(500), "a ZIP archive"),
        (b"name,age\r\nA,1\r\n" * 50, "a text file"),
        (np.random.default_rng(1).bytes(5000), "not a DICOM file"),
        (bytes(5000), "not a DICOM file"),
    ],
)
def test_other_files_are_named_as_what_they_are(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "picture.dcm"
    path.write_bytes(content)
    with pytest.raises(NotDicom, match=words) as caught:
        read_header(path)
    assert "picture.dcm" in caught.value.message
    assert caught.value.advice


def test_a_preamble_alone_is_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(bytes(128) + b"DICM")
    with pytest.raises(DamagedFile, match="preamble"):
        read_header(path)


def test_a_header_that_is_cut_off_is_reported_wherever_it_is_cut(tmp_path: Path) -> None:
    whole = factories.ct(tmp_path, 1)[0].read_bytes()
    at = whole.find(b"\xe0\x7f\x10\x00OW")
    path = tmp_path / "cut.dcm"
    silent = []
    for end in range(140, at + 12, 7):
        path.write_bytes(whole[:end])
        try:
            header = read_header(path)
        except FileTrouble:
            continue
        # cut exactly between two elements: a header without pixels, which grouping reports
        silent.append(end)
        assert header.pixel_keyword == ""
    assert len(silent) < at / 7 / 4


def test_a_length_that_lies_is_refused_without_allocating(tmp_path: Path) -> None:
    path = factories.ct(tmp_path, 1)[0]
    whole = path.read_bytes()
    at = whole.find(b"\xe0\x7f\x10\x00OW")
    lie = struct.pack("<HH2sHI", 0x0040, 0xA730, b"OB", 0, 2_000_000_000)
    path.write_bytes(whole[:at] + lie + whole[at:])
    with pytest.raises(DamagedFile, match="cut off"):
        read_header(path)


@pytest.mark.rule("P-61")
@pytest.mark.parametrize("syntax", ["implicit", "explicit"])
def test_a_data_set_without_preamble_opens_after_a_strict_check(tmp_path: Path, syntax: str) -> None:
    whole = factories.ct(tmp_path, 1, syntax=syntax)[0].read_bytes()
    start = whole.find(b"\x08\0\x16\0")
    path = tmp_path / "bare"
    path.write_bytes(whole[start:])
    header = read_header(path)
    assert header.get("Modality") == "CT"
    assert header.warnings == ("The file has no DICOM preamble.",)
    path.write_bytes(whole[start : start + 200] + b"garbage" + whole[start + 200 :])
    with pytest.raises(NotDicom):
        read_header(path)


@pytest.mark.parametrize(("magic", "words"), [(b"MZ", "Windows"), (b"\x7fELF", "Linux")])
def test_a_file_that_is_also_a_program_opens_with_a_warning(tmp_path: Path, magic: bytes, words: str) -> None:
    path = factories.ct(tmp_path, 1)[0]
    path.write_bytes(magic + path.read_bytes()[len(magic) :])
    assert words in read_header(path).warnings[0]


def test_a_deflate_bomb_is_refused_at_the_limit(tmp_path: Path) -> None:
    whole = factories.ct(tmp_path, 1, syntax="deflated")[0].read_bytes()
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(300)) + squeeze.flush()
    start = whole.find(b"1.2.840.10008.1.2.1.99") + 22
    meta_end = 144 + struct.unpack_from("<I", whole, 140)[0]
    assert start < meta_end
    path = tmp_path / "bomb.dcm"
    path.write_bytes(whole[:meta_end] + bomb)
    started = time.monotonic()
    with pytest.raises(TooLarge, match="unpack"):
        read_header(path)
    assert time.monotonic() - started < 3


def test_pipes_folders_and_devices_are_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(NotDicom, match="is not a file"):
            read_header(path)
    with pytest.raises(FileTrouble):
        read_header(tmp_path)


def test_a_missing_file_is_an_error_with_the_reason_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileTrouble, match="No such file"):
        read_header(tmp_path / "gone.dcm")


@pytest.mark.parametrize(
    ("values", "keyword", "text"),
    [
        ({"InstanceNumber": b"99999999999999999999"}, "InstanceNumber", "99999999999999999999"),
        ({"InstanceNumber": b"abc "}, "InstanceNumber", "abc"),
        ({"StudyDate": b"20261399"}, "StudyDate", "20261399"),
        ({"PatientAge": b"-05Y"}, "PatientAge", "-05Y"),
        ({"PatientName": b"O'Hara'); DROP TABLE x;--"}, "PatientName", "O'Hara'); DROP TABLE x;--"),
        ({"SeriesInstanceUID": b"../../evil"}, "SeriesInstanceUID", "../../evil"),
    ],
)
def test_impossible_values_are_kept_as_they_stand(
    tmp_path: Path, values: dict, keyword: str, text: str
) -> None:
    assert read_header(factories.ct(tmp_path, 1, **values)[0]).get(keyword) == text


def test_rows_in_another_value_representation_are_never_reinterpreted(tmp_path: Path) -> None:
    path = factories.ct(tmp_path, 1)[0]
    whole = path.read_bytes()
    at = whole.find(b"\x28\0\x10\0US\x02\0")
    path.write_bytes(
        whole[:at] + b"\x28\0\x10\0UL\x04\0" + whole[at + 8 : at + 10] + bytes(2) + whole[at + 10 :]
    )
    with pytest.raises(DamagedFile, match="contradicts"):
        read_header(path)


def test_a_text_of_megabytes_is_elided(tmp_path: Path) -> None:
    header = read_header(factories.ct(tmp_path, 1, SeriesDescription=b"A" * 60_000)[0])
    assert len(header.get("SeriesDescription")) == 4097
    assert header.get("SeriesDescription").endswith("…")


@pytest.mark.rule("P-62")
@pytest.mark.parametrize(
    ("charset", "raw", "text"),
    [
        ("ISO_IR 192", "Žižka^Jan".encode(), "Žižka^Jan"),
        ("ISO_IR 100", "Müller^Jörg".encode("latin-1"), "Müller^Jörg"),
        ("GB18030", "Wang^XiaoDong=王^小东".encode("gb18030"), "Wang^XiaoDong=王^小东"),
        ("ISO_IR 13", "ﾔﾏﾀﾞ^ﾀﾛｳ".encode("shift_jis"), "ﾔﾏﾀﾞ^ﾀﾛｳ"),
        (
            "\\ISO 2022 IR 87",
            b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B",
            "Yamada^Tarou=山田^太郎",
        ),
        (
            "\\ISO 2022 IR 58",
            b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab",
            "Zhang^XiaoDong=张^小东",
        ),
        (
            "\\ISO 2022 IR 149",
            b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7",
            "Hong^Gildong=洪^吉洞",
        ),
    ],
)
def test_names_are_decoded_in_their_character_set(
    tmp_path: Path, charset: str, raw: bytes, text: str
) -> None:
    def edit(_: int, data: pydicom.Dataset) -> None:
        factories.put_bytes(data, "SpecificCharacterSet", charset.encode())
        factories.put_bytes(data, "PatientName", raw)

    assert read_header(factories.ct(tmp_path, 1, edit=edit)[0]).get("PatientName") == text


@pytest.mark.rule("P-62")
def test_unknown_character_sets_cost_no_picture(tmp_path: Path) -> None:
    def edit(_: int, data: pydicom.Dataset) -> None:
        factories.put_bytes(data, "SpecificCharacterSet", b"KLINGON ")
        factories.put_bytes(data, "PatientName", b"\xff\xfe\x1b$Bunterminated")

    assert read_header(factories.ct(tmp_path, 1, edit=edit)[0]).get("Modality") == "CT"


@pytest.mark.rule("P-62")
def test_real_names_of_three_scripts(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "charset"
    names = {path.name: read_header(path).get("PatientName") for path in folder.iterdir()}
    assert names["chrGB2312.dcm"].startswith("Zhang^XiaoDong=张^小东")
    assert names["GH1301.dcm"].startswith("Wang^XiaoDong=王^小东")
    assert "ISO-IR13" in read_header(folder / "ISO_IR13.dcm").get("StudyDescription")


@pytest.mark.rule("P-59", "P-61")
def test_every_real_file_is_read_or_refused_with_a_reason(shared_data: Path) -> None:
    refused = {}
    for path in (shared_data / "dicom").rglob("*"):
        if path.is_file() and path.suffix != ".csv":
            try:
                read_header(path)
            except FileTrouble as trouble:
                refused[path.name] = trouble.message
    assert refused == {}


def test_a_plan_that_was_cut_off_is_refused() -> None:
    with pytest.raises(DamagedFile, match="cut off"):
        read_header(BUNDLED / "test_files" / "rtplan_truncated.dcm")


def test_the_way_to_the_first_picture_loads_neither_pydicom_nor_decoders(tmp_path: Path) -> None:
    factories.ct(tmp_path, 3)
    program = (
        "import sys; from pathlib import Path\n"
        "from medviewer.dicom.read import read_header\n"
        "from medviewer.dicom.group import group\n"
        "from medviewer.dicom.source import SeriesSource\n"
        "from medviewer.dicom.workers import WorkerPool\n"
        "series = group(read_header(path) for path in Path(sys.argv[1]).iterdir())[0].series[0]\n"
        "SeriesSource(series, WorkerPool()).frame(1)\n"
        "print(sorted({'pydicom', 'imagecodecs', 'openjpeg', 'PIL', 'cv2'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.stdout.strip() == "[]"


def test_a_deflated_file_with_unusual_elements_is_read_all_the_same(tmp_path: Path) -> None:
    def edit(_: int, data: pydicom.Dataset) -> None:
        factories.put_bytes(data, "SliceThickness", b"2.5 ", vr="UN")

    (path,) = factories.ct(tmp_path, 1, syntax="deflated", edit=edit)
    header = read_header(path)
    assert header.get("SliceThickness") == "2.5"
    assert header.transfer_syntax == factories.SYNTAXES["deflated"]
    ((series,),) = (study.series for study in group([header]))
    np.testing.assert_array_equal(
        SeriesSource(series, InProcessDecoder()).frame(0).pixels, factories.phantom(1, 64, 64)[0]
    )


def test_a_deflated_file_is_never_inflated_without_a_limit(tmp_path: Path) -> None:
    (path,) = factories.ct(tmp_path, 1, syntax="deflated")
    content = bytearray(path.read_bytes())
    content[content.index(b"UI")] = ord("Q")  # the meta information has a value representation of its own
    path.write_bytes(content)
    with pytest.raises(DamagedFile, match="deflated"):
        read_header(path)
