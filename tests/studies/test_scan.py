"""What is found under files, folders, discs and archives, and what is said of the rest."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence

from medviewer.dicom.group import group
from medviewer.dicom.header import Header
from medviewer.dicom.read import read_header
from medviewer.kit.errors import Cancelled
from medviewer.kit.task import CancelToken, TaskContext
from medviewer.studies.index import Index
from medviewer.studies.scan import Found, ScanResult, reopen, scan
from tests import factories

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


class Spy:
    """read_header that counts what it reads."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, path: Path, data: bytes | None = None, member: str = "") -> Header:
        self.read.append(f"{Path(path).name}{member}")
        return read_header(path, data, member)


def found_in(*paths: Path, **options: Any) -> ScanResult:
    return scan(paths, TaskContext(), **options)


def reasons(result: ScanResult) -> dict[str, str]:
    return {Path(one.path).name: one.reason for one in result.unreadable}


@pytest.fixture
def index(tmp_path: Path) -> Any:
    with Index(tmp_path / "home" / "studies.sqlite") as index:
        yield index


def test_every_image_is_found_whatever_its_name_and_however_deep(tmp_path):
    factories.ct(tmp_path / "a" / "b" / "c", 3)
    factories.xray(tmp_path / "a" / "IM000001")
    factories.xray(tmp_path / "picture.jpg")
    result = found_in(tmp_path)
    assert len(result.headers) == 5
    assert result.unreadable == ()
    assert result.seen == 5


def test_each_other_file_is_named_with_what_it_is(tmp_path):
    factories.xray(tmp_path / "image.dcm")
    (tmp_path / "notes.txt").write_text("a long note about the patient\n" * 9)
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(200))
    (tmp_path / "empty.dcm").write_bytes(b"")
    result = found_in(tmp_path)
    assert len(result.headers) == 1
    said = reasons(result)
    assert "text file" in said["notes.txt"]
    assert "a JPEG picture" in said["photo.jpg"]
    assert "empty" in said["empty.dcm"]
    assert result.seen == 4


def test_a_path_that_does_not_exist_is_named(tmp_path):
    assert reasons(found_in(tmp_path / "none"))["none"] == "none does not exist."


def test_an_empty_folder_holds_nothing(tmp_path):
    assert found_in(tmp_path) == ScanResult((), (), 0, 0)


def test_a_file_given_twice_is_opened_once(tmp_path):
    path = factories.xray(tmp_path / "a.dcm")
    assert len(found_in(path, tmp_path, path).headers) == 1


@posix
def test_loops_pipes_sockets_and_devices_do_not_hang(tmp_path):
    factories.xray(tmp_path / "a" / "image.dcm")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "gone").symlink_to("nowhere")
    (tmp_path / "zero").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.getcwd()
        os.chdir(tmp_path)  # a socket's path may have 100 letters only
        try:
            listener.bind("socket")
        finally:
            os.chdir(here)
        start = time.monotonic()
        result = found_in(tmp_path)
    assert time.monotonic() - start < 2
    assert len(result.headers) == 1
    said = reasons(result)
    assert said["pipe"] == "pipe is a pipe and no file."
    assert said["socket"] == "socket is a socket and no file."
    assert said["zero"] == "zero is a device and no file."
    assert "leads nowhere" in said["gone"]
    assert "self" in said
    assert "is a pipe" in reasons(found_in(tmp_path / "pipe"))["pipe"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may read everything")
def test_what_may_not_be_read_is_named(tmp_path):
    path = factories.xray(tmp_path / "a.dcm")
    path.chmod(0)
    (tmp_path / "locked").mkdir(mode=0)
    said = reasons(found_in(tmp_path))
    assert "denied" in said["a.dcm"].lower()
    assert "denied" in said["locked"]


@posix
def test_a_name_that_is_no_text_is_opened(tmp_path):
    path = factories.xray(tmp_path / "a.dcm")
    strange = os.fsdecode(bytes(tmp_path) + b"/\xff\xfe.dcm")
    os.rename(path, strange)
    assert [header.path for header in found_in(tmp_path).headers] == [strange]


def test_the_first_image_is_told_before_the_second_file_is_read(tmp_path):
    factories.ct(tmp_path, 200)
    spy = Spy()
    batches: list[tuple[Found, int]] = []
    result = found_in(tmp_path, found=lambda found: batches.append((found, len(spy.read))), read=spy)
    assert len(batches[0][0].headers) == 1
    assert batches[0][1] == 1
    assert len(batches) > 2
    assert [header for found, _ in batches for header in found.headers] == list(result.headers)


def test_cancelling_ends_the_scan_at_the_next_file(tmp_path):
    factories.ct(tmp_path, 30)
    token, spy = CancelToken(), Spy()
    with pytest.raises(Cancelled):
        scan([tmp_path], TaskContext(token), None, lambda _: token.cancel(), spy)
    assert len(spy.read) == 1


def test_2000_unchanged_files_are_not_read_again(tmp_path, index):
    (image,) = factories.ct(tmp_path / "one", 1, rows=4, columns=4)
    for number in range(2000):
        (tmp_path / "study" / str(number % 4)).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(image, tmp_path / "study" / str(number % 4) / f"IM{number}")
    (tmp_path / "study" / "notes.txt").write_text("no image" * 30)
    first = found_in(tmp_path / "study", index=index)
    spy = Spy()
    again = found_in(tmp_path / "study", index=index, read=spy)
    assert spy.read == []
    assert again.known == again.seen == 2001
    assert (again.headers, again.unreadable) == (first.headers, first.unreadable)


def test_a_changed_file_is_read_again(tmp_path, index):
    paths = factories.ct(tmp_path / "study", 3)
    found_in(tmp_path / "study", index=index)
    factories.xray(paths[1])
    spy = Spy()
    result = found_in(tmp_path / "study", index=index, read=spy)
    assert spy.read == [paths[1].name]
    assert sorted(header.get("Modality") for header in result.headers) == ["CT", "CT", "DX"]


def test_a_remembered_study_opens_without_reading_even_from_a_folder_with_others(tmp_path, index):
    factories.ct(tmp_path / "all", 5)
    factories.xray(tmp_path / "all" / "other.dcm", patient="P2", study="2")
    studies = group(found_in(tmp_path / "all", index=index).headers)
    index.remember_studies(studies, [tmp_path / "all"])
    wanted = next(study for study in studies if study.patient.id == "P1" or study.series[0].modality == "CT")
    spy = Spy()
    result = reopen(wanted.key, TaskContext(), index, read=spy)
    assert group(result.headers) == (wanted,)
    assert spy.read == []


def test_a_file_that_is_gone_from_a_remembered_study_is_named(tmp_path, index):
    paths = factories.ct(tmp_path / "all", 5)
    (study,) = group(found_in(tmp_path / "all", index=index).headers)
    index.remember_studies([study], [tmp_path / "all"])
    paths[2].unlink()
    result = reopen(study.key, TaskContext(), index)
    assert len(result.headers) == 4
    assert "does not exist" in reasons(result)[paths[2].name]


def test_a_failing_index_does_not_stop_a_scan(tmp_path):
    factories.ct(tmp_path, 3)
    index = Index(None)
    index.close()
    assert len(found_in(tmp_path, index=index).headers) == 3


def test_a_slow_disk_is_read_by_several_threads(tmp_path):
    factories.ct(tmp_path, 120, rows=4, columns=4)
    at_once: list[int] = []
    busy = 0
    lock = threading.Lock()

    def slow(path: Path, data: bytes | None = None, member: str = "") -> Header:
        nonlocal busy
        with lock:
            busy += 1
            at_once.append(busy)
        time.sleep(0.005)
        with lock:
            busy -= 1
        return read_header(path, data, member)

    result = found_in(tmp_path, read=slow)
    assert len(result.headers) == 120
    assert [header.path for header in result.headers] == sorted(header.path for header in result.headers)
    assert max(at_once) > 2


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def image(tmp_path: Path) -> bytes:
    return factories.xray(tmp_path / "source.dcm").read_bytes()


def test_images_in_an_archive_are_opened_in_place(tmp_path, image):
    path = zipped(tmp_path / "a.zip", {"DICOM/IM1": image, "DICOM/IM2": image, "README.TXT": b"hello " * 40})
    result = found_in(path)
    assert [header.member for header in result.headers] == ["DICOM/IM1", "DICOM/IM2"]
    assert {header.path for header in result.headers} == {str(path)}
    assert "text file" in result.unreadable[0].reason
    assert result.unreadable[0].path == f"{path}!/README.TXT"


def test_an_image_whose_header_is_long_is_read_from_an_archive(tmp_path):
    content = factories.xray(tmp_path / "long.dcm", TextValue="x" * 400_000).read_bytes()
    (header,) = found_in(zipped(tmp_path / "a.zip", {"a": content})).headers
    assert header == replace(read_header(tmp_path / "long.dcm"), path=str(tmp_path / "a.zip"), member="a")
    assert header.pixel_offset > 400_000


def test_an_unchanged_archive_is_not_opened_again(tmp_path, image, index):
    (tmp_path / "all").mkdir()
    path = zipped(tmp_path / "all" / "a.zip", {"IM1": image, "IM2": image, "notes": b"text " * 99})
    first = found_in(path, index=index)
    spy = Spy()
    again = found_in(path, index=index, read=spy)
    assert spy.read == []
    assert sorted(again.headers, key=str) == sorted(first.headers, key=str)
    assert again.unreadable == first.unreadable


def test_an_archive_half_read_is_read_from_the_beginning(tmp_path, image, index):
    path = zipped(tmp_path / "a.zip", {f"IM{number}": image for number in range(5)})
    token = CancelToken()
    with pytest.raises(Cancelled):
        scan([path], TaskContext(token), index, lambda _: token.cancel())
    assert len(found_in(path, index=index).headers) == 5


def test_names_that_lead_out_of_an_archive_are_refused_and_the_rest_opened(tmp_path, image):
    path = zipped(tmp_path / "a.zip", {"../../../SLIPPED": image, "/SLIPPED2": image, "ok/a.dcm": image})
    before = set(tmp_path.parent.rglob("*"))
    result = found_in(path)
    assert [header.member for header in result.headers] == ["ok/a.dcm"]
    assert len(result.unreadable) == 2
    assert all("leads out" in one.reason for one in result.unreadable)
    assert set(tmp_path.parent.rglob("*")) == before


def test_a_bomb_is_refused_and_the_other_files_are_opened(tmp_path, image):
    zipped(tmp_path / "bomb.zip", {"a.dcm": bytes(64 << 20)})
    start = time.monotonic()
    result = found_in(tmp_path)
    assert time.monotonic() - start < 2
    assert len(result.headers) == 1
    assert "as a bomb does" in reasons(result)["a.dcm"]


def test_50000_entries_can_be_cancelled(tmp_path):
    path = zipped(tmp_path / "a.zip", {f"d{number}/a": b"" for number in range(50_000)})
    token = CancelToken()
    start = time.monotonic()
    with pytest.raises(Cancelled):
        scan([path], TaskContext(token, lambda _: token.cancel()))
    assert time.monotonic() - start < 4


def test_archives_in_archives_are_opened_one_level_deep(tmp_path, image):
    deep = zipped(tmp_path / "3.zip", {"x.dcm": image}).read_bytes()
    middle = zipped(tmp_path / "2.zip", {"deep.zip": deep, "y.dcm": image}).read_bytes()
    path = zipped(tmp_path / "1.zip", {"n.zip": middle, "z.dcm": image})
    result = found_in(path)
    assert [header.member for header in result.headers] == ["n.zip!/y.dcm", "z.dcm"]
    assert "archive inside an archive" in result.unreadable[0].reason


def test_odd_names_in_an_archive_are_all_opened(tmp_path, image):
    names = ["A.dcm", "a.dcm", "CON.dcm", "x" * 240 + ".dcm", "名前\u202e.dcm"]
    result = found_in(zipped(tmp_path / "a.zip", dict.fromkeys(names, image)))
    assert [header.member for header in result.headers] == names


def test_a_truncated_archive_offers_its_readable_files_and_says_that_it_is_cut_off(tmp_path, image):
    path = zipped(tmp_path / "a.zip", {"1": image, "2": image})
    path.write_bytes(path.read_bytes()[:-60])
    result = found_in(path)
    assert len(result.headers) == 2
    assert "cut off" in reasons(result)["a.zip"]


def test_links_and_encrypted_files_in_an_archive_are_named(tmp_path, image):
    link = zipfile.ZipInfo("link")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("secret", image)
    marked = bytearray((tmp_path / "a.zip").read_bytes())
    marked[marked.rindex(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(marked)
    said = reasons(found_in(tmp_path / "a.zip"))
    assert "is a link" in said["link"]
    assert "is encrypted" in said["secret"]


def test_a_file_that_only_claims_to_be_an_archive_is_named(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 and then nothing of the kind" * 20)
    assert "not a ZIP archive" in reasons(found_in(tmp_path / "a.zip"))["a.zip"]


def test_a_folder_that_vanishes_while_it_is_read_does_not_stop_the_scan(tmp_path):
    factories.ct(tmp_path / "a", 3)
    factories.ct(tmp_path / "b", 3)

    def read(path: Path, data: bytes | None = None, member: str = "") -> Header:
        header = read_header(path, data, member)
        shutil.rmtree(tmp_path / "a", ignore_errors=True)
        return header

    assert len(found_in(tmp_path, read=read).headers) >= 4


def disc(folder: Path, *names: str) -> Path:
    """A DICOMDIR in *folder* that lists files by their ReferencedFileID."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"
    meta.MediaStorageSOPInstanceUID = factories.uid("disc")
    meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    data = Dataset()
    data.file_meta = meta
    data.FileSetID = "DISC"
    data.DirectoryRecordSequence = Sequence([record(name) for name in names])
    folder.mkdir(parents=True, exist_ok=True)
    data.save_as(folder / "DICOMDIR", enforce_file_format=True)
    return folder / "DICOMDIR"


def record(name: str) -> Dataset:
    one = Dataset()
    one.OffsetOfTheNextDirectoryRecord = 0
    one.RecordInUseFlag = 0xFFFF
    one.OffsetOfReferencedLowerLevelDirectoryEntity = 0
    one.DirectoryRecordType = "IMAGE"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names that no disc may have are what is wanted here
        one.ReferencedFileID = name.split("\\")
    return one


def test_a_disc_opens_the_files_it_lists_and_only_those(tmp_path):
    factories.xray(tmp_path / "disc" / "IMAGES" / "IM1")
    factories.xray(tmp_path / "disc" / "IMAGES" / "IM2", series="2")
    path = disc(tmp_path / "disc", "IMAGES\\IM1")
    result = found_in(path)
    assert [Path(header.path).name for header in result.headers] == ["IM1"]
    assert result.unreadable == ()


def test_the_folder_of_a_disc_opens_everything_and_its_directory_is_no_failure(tmp_path):
    factories.xray(tmp_path / "disc" / "IMAGES" / "IM1")
    factories.xray(tmp_path / "disc" / "IMAGES" / "IM2", series="2")
    disc(tmp_path / "disc", "IMAGES\\IM1")
    result = found_in(tmp_path / "disc")
    assert len(result.headers) == 2
    assert result.unreadable == ()


@pytest.mark.parametrize("given", ["DICOMDIR", "."])
def test_what_a_disc_lists_in_vain_or_outside_itself_is_named(tmp_path, given):
    factories.xray(tmp_path / "outside.dcm")
    factories.xray(tmp_path / "disc" / "IM1")
    disc(tmp_path / "disc", "IM1", "GONE", "..\\outside.dcm", "DICOMDIR")
    result = found_in(tmp_path / "disc" / given)
    assert [Path(header.path).name for header in result.headers] == ["IM1"]
    told = " ".join(one.reason for one in result.unreadable)
    assert "missing: GONE" in told
    assert "outside of its folder" in told
