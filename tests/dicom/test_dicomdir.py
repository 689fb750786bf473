"""A DICOMDIR lists files of its own folder, and nothing else whatever it says."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest

from medviewer.dicom.dicomdir import referenced_files
from medviewer.dicom.read import read_header
from medviewer.kit.errors import NotDicom
from tests import factories

BUNDLED = Path(pydicom.__file__).parent / "data" / "test_files" / "dicomdirtests"


@pytest.mark.parametrize("name", ["DICOMDIR", "DICOMDIR-implicit", "DICOMDIR-bigEnd", "DICOMDIR-nooffset"])
def test_directories_of_all_kinds_list_their_files(name: str) -> None:
    files, problems = referenced_files(BUNDLED / name)
    assert len(files) == 31
    assert problems == ()
    assert read_header(BUNDLED / name).is_directory


def test_lower_case_names_and_version_numbers_are_found(tmp_path: Path) -> None:
    (path,) = factories.ct(tmp_path / "images", 1)
    path.rename(tmp_path / "images" / "im1.;1")
    files, problems = referenced_files(factories.directory(tmp_path, b"IMAGES\\IM1"))
    assert [file.name for file in files] == ["im1.;1"]
    assert problems == ()


@pytest.mark.parametrize(
    "name", [b"..\\..\\..\\etc\\passwd ", b"/etc/passwd ", b"C:\\WINDOWS ", b"A\\.\\B ", b"..", b"A\\\\B"]
)
def test_names_that_lead_out_of_the_folder_are_refused(tmp_path: Path, name: bytes) -> None:
    good = factories.ct(tmp_path / "OK", 1)[0]
    files, problems = referenced_files(factories.directory(tmp_path, name, f"OK\\{good.name}".encode()))
    assert [file.name for file in files] == [good.name]
    assert "outside of its folder" in problems[0]


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere" / "secret"
    secret.parent.mkdir()
    secret.write_text("x")
    disc = tmp_path / "disc"
    path = factories.directory(disc, b"LINK", b"FOLDER\\SECRET")
    (disc / "LINK").symlink_to(secret)
    (disc / "FOLDER").symlink_to(secret.parent)
    files, problems = referenced_files(path)
    assert files == ()
    assert all("link" in problem for problem in problems)


def test_missing_files_are_listed_as_missing(tmp_path: Path) -> None:
    files, problems = referenced_files(factories.directory(tmp_path, b"NOT\\THERE"))
    assert files == ()
    assert problems == ("The directory names a file that is missing: NOT\\THERE",)


def test_records_that_run_in_a_circle_end(tmp_path: Path) -> None:
    good = factories.ct(tmp_path / "OK", 1)[0]
    files, _ = referenced_files(factories.directory(tmp_path, f"OK\\{good.name}".encode(), circle=True))
    assert len(files) == 1


def test_an_image_is_no_directory(tmp_path: Path) -> None:
    with pytest.raises(NotDicom):
        referenced_files(factories.ct(tmp_path, 1)[0])
