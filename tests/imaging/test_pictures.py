"""PNG and JPEG pictures are read in their own depth, and damaged ones say so."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from medviewer.imaging.pictures import read_picture
from medviewer.kit.errors import DamagedFile, FileTrouble


def test_sixteen_bits_stay_sixteen_bits(tmp_path: Path) -> None:
    picture = np.random.default_rng(1).integers(0, 65536, (13, 17)).astype(np.uint16)
    cv2.imwrite(str(tmp_path / "p.png"), picture)
    read = read_picture(tmp_path / "p.png")
    np.testing.assert_array_equal(read, picture)
    assert not read.flags.writeable


def test_colour_is_red_green_blue_and_grey_in_colour_is_grey(tmp_path: Path) -> None:
    red = np.zeros((4, 5, 3), np.uint8)
    red[..., 2] = 200
    cv2.imwrite(str(tmp_path / "red.png"), red)
    assert read_picture(tmp_path / "red.png")[0, 0].tolist() == [200, 0, 0]
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((4, 5, 3), 9, np.uint8))
    assert read_picture(tmp_path / "grey.png").shape == (4, 5)


def test_a_jpeg_is_read_whatever_its_name(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "p.jpg"), np.full((40, 50), 120, np.uint8))
    (tmp_path / "p.jpg").rename(tmp_path / "p.png")
    assert read_picture(tmp_path / "p.png").shape == (40, 50)


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"\xff\xd8", b"\xff\xd8\xff\xe0\x00\x10", b"\x89PNG\r\n\x1a\n"]
)
def test_what_is_no_picture_is_a_sentence_with_its_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p.png").write_bytes(content)
    with pytest.raises(FileTrouble, match=r"p\.png"):
        read_picture(tmp_path / "p.png")


def test_a_cut_png_is_damaged(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "p.png"), np.random.default_rng(1).integers(0, 255, (90, 90)).astype(np.uint8))
    (tmp_path / "p.png").write_bytes((tmp_path / "p.png").read_bytes()[:60])
    with pytest.raises(DamagedFile):
        read_picture(tmp_path / "p.png")


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileTrouble, match=r"none\.png cannot be read"):
        read_picture(tmp_path / "none.png")
