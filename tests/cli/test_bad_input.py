"""What a terminal says to files, folders and archives that are wrong: one sentence each, and no traceback."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from medviewer.cli.main import main
from tests import factories


def cut(path: Path, share: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])


def made(name: str) -> Callable[[Path], Path]:
    """Writes a file *name* of these bytes, or changes a good image into a bad one."""

    def write(folder: Path) -> Path:
        path = folder / name
        if name in CONTENTS:
            path.write_bytes(CONTENTS[name])
        else:
            factories.xray(path, **VALUES[name])
        return path

    return write


CONTENTS = {
    "empty.dcm": b"",
    "one-byte.dcm": b"D",
    "random.dcm": np.random.default_rng(1).bytes(5000),
    "preamble-only.dcm": bytes(128) + b"DICM",
    "photo.jpg": b"\xff\xd8\xff\xe0" + bytes(500),
    "document.pdf": b"%PDF-1.7\n" + b"a document " * 90,
    "program.dcm": b"\x7fELF" + bytes(900),
    "notes.txt": b"The patient came on Monday. " * 60,
    "archive.zip": b"PK\x03\x04" + b"\xff" * 900,
    "table.sqlite": b"SQLite format 3\0" + bytes(900),
}
VALUES = {
    "rows-0.dcm": {"Rows": 0},
    "no-rows.dcm": {"Rows": None},
    "65535-square.dcm": {"Rows": 65535, "Columns": 65535},
    "bits-17.dcm": {"BitsAllocated": 17},
    "more-stored-than-allocated.dcm": {"BitsStored": 32},
    "planar-7.dcm": {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 7},
    "no-palette.dcm": {"PhotometricInterpretation": "PALETTE COLOR"},
    "unknown-colours.dcm": {"PhotometricInterpretation": "XYZ"},
    "no-pixels.dcm": {"PixelData": None},
}
STILL_SHOWN = {
    "minus-one-frames.dcm": {"NumberOfFrames": "-1"},
    "window-of-width-0.dcm": {"WindowCenter": "40", "WindowWidth": "0"},
    "window-nan.dcm": {"WindowCenter": b"NaN", "WindowWidth": b"NaN "},
    "slope-abc.dcm": {"RescaleSlope": b"abc ", "RescaleIntercept": b"0 "},
    "spacing-with-comma.dcm": {"PixelSpacing": b"0,5\\0,5 "},
    "month-13.dcm": {"StudyDate": b"20241399"},
    "number-of-20-digits.dcm": {"InstanceNumber": b"100000000000000000000 "},
    "no-uids.dcm": {"StudyInstanceUID": b"", "SeriesInstanceUID": b"", "SOPInstanceUID": b""},
    "evil-uid.dcm": {"SeriesInstanceUID": b"../../../evil "},
    "unknown-letters.dcm": {"SpecificCharacterSet": b"NO_SUCH_SET "},
}


@pytest.mark.parametrize("name", [*CONTENTS, *VALUES])
@pytest.mark.parametrize("command", ["render", "info"])
def test_what_cannot_be_shown_is_named_with_its_reason(tmp_path, capsys, name, command):
    path = made(name)(tmp_path)
    more = ["-o", str(tmp_path / "out.png")] if command == "render" else []
    code = main([command, str(path), *more])
    told = capsys.readouterr().err
    if command == "info" and name in VALUES:
        assert code == 0  # the header can be read all the same
        return
    assert code == 1
    assert told.count("\n") == 1
    assert name in told
    assert "mistake" not in told
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize("name", STILL_SHOWN)
def test_what_is_wrong_beside_the_pixels_does_not_hide_them(tmp_path, capsys, name):
    folder = tmp_path / "a" / "b" / "c" / "d"
    path = factories.xray(folder / name, **STILL_SHOWN[name])
    assert main(["render", str(path), "-o", str(folder / "out.png")]) == 0, capsys.readouterr().err
    # least of all a file where the UID would like it to be
    assert {file for file in tmp_path.rglob("*") if file.is_file()} == {path, folder / "out.png"}


def test_a_file_cut_in_its_header_says_where(tmp_path, capsys):
    path = factories.xray(tmp_path / "cut.dcm")
    cut(path, 0.02)
    assert main(["render", str(path), "-o", str(tmp_path / "out.png")]) == 1
    assert "cut.dcm" in capsys.readouterr().err


def test_one_bad_file_does_not_hide_the_good_ones(tmp_path, capsys):
    factories.ct(tmp_path / "all", 3)
    for name in CONTENTS:
        made(name)(tmp_path / "all")
    assert main(["info", str(tmp_path / "all")]) == 0
    told = capsys.readouterr().out
    assert "CT  3 frames" in told
    assert all(f"unreadable: {tmp_path / 'all' / name}" in told for name in CONTENTS)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("kind", ["pipe", "zero", "loop"])
def test_what_would_never_end_is_refused_at_once(tmp_path, capsys, kind):
    path = tmp_path / kind
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero" if kind == "zero" else path)
    for command in (["info"], ["tags"], ["render", "-o", str(tmp_path / "a.png")]):
        assert main([command[0], str(path), *command[1:]]) == 1
        assert capsys.readouterr().err.count("\n") == 1


def test_an_encrypted_archive_says_what_to_do(tmp_path, capsys):
    image = factories.xray(tmp_path / "a.dcm").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.dcm", image)
    marked = bytearray((tmp_path / "a.zip").read_bytes())
    marked[marked.rindex(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(marked)
    assert main(["render", str(tmp_path / "a.zip"), "-o", str(tmp_path / "out.png")]) == 1
    assert "is encrypted; unpack the archive with its password first" in capsys.readouterr().err
