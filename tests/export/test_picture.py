"""Pictures as files."""

from __future__ import annotations

import errno
import io
import os
import stat
import zlib

import cv2
import numpy as np
import pytest
import tifffile

from medviewer.export.exporter import EXPORTERS, for_path
from medviewer.export.notes import LONGEST, noted_tiff
from medviewer.export.picture import write_picture
from medviewer.kit import files
from medviewer.kit.errors import BadValue, ExportTrouble

GREY = np.random.default_rng(1).integers(0, 256, (31, 47), dtype=np.uint8)
COLOR = np.random.default_rng(2).integers(0, 256, (31, 47, 3), dtype=np.uint8)


@pytest.mark.parametrize("ending", [".png", ".tif", ".tiff", ".PNG"])
@pytest.mark.parametrize("pixels", [GREY, COLOR], ids=["grey", "color"])
def test_lossless_files_hold_exactly_the_pixels(tmp_path, pixels, ending):
    path = write_picture(pixels, tmp_path / f"a{ending}")
    again = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(again if again.ndim == 2 else again[..., ::-1], pixels)


def test_jpeg_colors_are_close(tmp_path):
    smooth = cv2.resize(COLOR[:4, :4], (64, 64), interpolation=cv2.INTER_CUBIC)
    again = cv2.imread(str(write_picture(smooth, tmp_path / "a.jpg", quality=100)))[..., ::-1]
    assert np.abs(again.astype(int) - smooth).max() <= 6


def test_a_lower_quality_makes_a_smaller_file(tmp_path):
    sizes = [write_picture(GREY, tmp_path / f"{q}.jpg", quality=q).stat().st_size for q in (50, 75, 100)]
    assert sizes == sorted(set(sizes))


def chunks(path):
    """What a PNG file holds, each part with its checksum held to be right."""
    content, at = path.read_bytes(), 8
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        part, checksum = content[at + 4 : at + 8 + length], content[at + 8 + length : at + 12 + length]
        assert zlib.crc32(part).to_bytes(4, "big") == checksum
        yield part[:4], part[4:]
        at += 12 + length


def test_a_png_says_nothing_but_its_pixels(tmp_path):
    found = chunks(write_picture(GREY, tmp_path / "a.png"))
    assert {kind for kind, _ in found} == {b"IHDR", b"IDAT", b"IEND"}


@pytest.mark.rule("P-56")
def test_a_png_and_a_jpeg_hold_the_note_that_they_are_given(tmp_path):
    note = "C 40  W 400; µ \N{GREEK SMALL LETTER ALPHA}"
    path = write_picture(GREY, tmp_path / "a.png", note)
    assert [text for kind, text in chunks(path) if kind == b"tEXt"] == [b"Description\0C 40  W 400; \xb5 ?"]
    assert np.array_equal(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), GREY)
    plain, noted = (write_picture(COLOR, tmp_path / f"{len(words)}.jpg", words) for words in ("", note))
    assert b"C 40  W 400" in noted.read_bytes()
    assert np.array_equal(cv2.imread(str(plain)), cv2.imread(str(noted)))


@pytest.mark.rule("P-56")
@pytest.mark.parametrize("pixels", [GREY, COLOR, GREY[:1, :1]], ids=["grey", "color", "one pixel"])
@pytest.mark.parametrize("words", ["C 40  W 400", "Oblique 23° L; µ", "x", "even", "long " * 2000])
def test_a_tiff_holds_the_note_that_it_is_given_and_the_same_pixels(tmp_path, pixels, words):
    path = write_picture(pixels, tmp_path / "a.tif", words)
    with tifffile.TiffFile(path) as read:
        assert len(read.pages) == 1
        told = read.pages[0].description.strip()
        assert told == words[:LONGEST].replace("°", " deg").replace("µ", "?").strip()
        assert [tag.code for tag in read.pages[0].tags] == sorted(tag.code for tag in read.pages[0].tags)
        assert np.array_equal(read.pages[0].asarray(), pixels)
    again = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(again if again.ndim == 2 else again[..., ::-1], pixels)


def test_a_tiff_of_either_byte_order_is_noted_and_what_is_none_stays_as_it_is():
    for order in "<>":
        plain = io.BytesIO()
        tifffile.imwrite(plain, GREY, byteorder=order, description="before", metadata=None)
        with tifffile.TiffFile(io.BytesIO(noted_tiff(plain.getvalue(), "C 40  W 400"))) as read:
            assert read.pages[0].description == "C 40  W 400"
            assert np.array_equal(read.pages[0].asarray(), GREY)
    assert noted_tiff(b"no picture", "words") == b"no picture"


def test_a_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(ExportTrouble, match=r"a\.png was not written: there is no folder .*none"):
        write_picture(GREY, tmp_path / "none" / "a.png")
    assert not (tmp_path / "none").exists()


def test_a_folder_in_place_of_the_file_is_named(tmp_path):
    (tmp_path / "a.png").mkdir()
    with pytest.raises(ExportTrouble, match="it is a folder"):
        write_picture(GREY, tmp_path / "a.png")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_named(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(ExportTrouble, match="may not be written to"):
        write_picture(GREY, tmp_path / "a.png")


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = write_picture(GREY, tmp_path / "a.png")
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(ExportTrouble, match=r"a\.png was not written: No space left"):
        write_picture(COLOR, path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.png"]


def test_an_unknown_ending_lists_those_there_are(tmp_path):
    with pytest.raises(BadValue, match=r"\.png, \.jpg, \.jpeg, \.tif, \.tiff"):
        write_picture(GREY, tmp_path / "a.docx")


def test_a_quality_beyond_its_limits_is_refused(tmp_path):
    with pytest.raises(BadValue, match="from 50 to 100"):
        write_picture(GREY, tmp_path / "a.jpg", quality=200)


def test_a_picture_too_wide_for_a_format_is_refused_in_words(tmp_path):
    with pytest.raises(ExportTrouble, match="70000 x 1 pixels cannot be written as .jpg"):
        write_picture(np.zeros((1, 70_000), np.uint8), tmp_path / "a.jpg")


@pytest.mark.parametrize("name", EXPORTERS.names)
def test_every_exporter_writes_a_file_that_can_be_read_again(tmp_path, name):
    one = EXPORTERS[name]
    for ending in one.endings:
        path = tmp_path / f"picture{ending}"
        assert for_path(path) is one
        one(COLOR, path)
        assert cv2.imread(str(path)).shape == COLOR.shape
