"""What is remembered of files and studies, and what becomes of a broken memory."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from medviewer.core.geometry import Plane
from medviewer.core.study import FrameAddress, Instance, Patient, Series, Study
from medviewer.dicom.header import Header
from medviewer.kit.errors import IndexTrouble
from medviewer.studies import schema
from medviewer.studies.index import Index
from medviewer.studies.rows import Entry
from medviewer.studies.search import search

REPOSITORY = Path(__file__).resolve().parents[2]


def header(path: str = "/a/1", **values: str) -> Header:
    return Header(
        path, {"PatientName": "Muster^Max", "Rows": "64", **values}, "1.2.840.10008.1.2.1", "PixelData", 9, 8
    )


def entry(path: str = "/a/1", **values: str) -> Entry:
    return Entry(path, "", 100, 5, header(path, **values))


def study(
    key: str = "K1", name: str = "Muster^Max", paths: tuple[str, ...] = ("/a/1",), **values: str
) -> Study:
    plane = Plane((4, 4))
    instances = tuple(
        Instance(path, f"1.{number}", "", number, 1, 4, 4, "", plane) for number, path in enumerate(paths)
    )
    frames = tuple(FrameAddress(number, 0, plane) for number in range(len(paths)))
    series = Series(f"{key}-S", "1.2", key, "CT", 1, "Thorax nativ", "", instances, frames)
    return Study(key, "1.2.3", Patient(name, "ID-7", "19500101", "M"), "20250301", series=(series,), **values)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "private" / "studies.sqlite"


def test_a_header_comes_back_as_it_was(path):
    first = replace(
        header(),
        frames=({"A": "1"}, {}),
        regions=({"B": "2"},),
        warnings=("odd",),
        values={"PatientName": "名前\udc80'"},
    )
    with Index(path) as index:
        index.remember([Entry("/a/1", "", 100, 5, first), Entry("/a/2", "m", 1, 2, None, "is a picture")])
    with Index(path) as index:
        assert index.known("/a") == {
            ("/a/1", ""): Entry("/a/1", "", 100, 5, first),
            ("/a/2", "m"): Entry("/a/2", "m", 1, 2, None, "is a picture"),
        }
        assert index.known("/") == {}


def test_a_path_that_is_no_text_comes_back_as_it_was(path):
    strange = os.fsdecode(b"/a/\xff\xfe.dcm")
    with Index(path) as index:
        index.remember([Entry(strange, "", 1, 2, header(strange))])
        assert index.known("/a")[strange, ""].header == header(strange)


def test_studies_are_listed_at_the_next_start_the_last_one_first(path):
    with Index(path) as index:
        index.remember([entry("/a/1"), entry("/b/1")])
        index.remember_studies([study()], ["/a"])
        time.sleep(0.002)
        index.remember_studies([study("K2", "Zweit^Zoe", ("/b/1",))], ["/b", "/c"])
    with Index(path) as index:
        last, first = index.studies()
        assert (last.patient.name, last.paths, last.modalities) == ("Zweit^Zoe", ("/b", "/c"), ("CT",))
        assert (first.key, first.series, first.pictures, first.date) == ("K1", 1, 1, "20250301")
        assert [one.header for one in index.headers("K2")] == [header("/b/1")]


def test_the_file_is_private_to_the_user(path):
    with Index(path) as index:
        index.remember([entry()])
        modes = {file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert modes == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_nothing_is_written_when_studies_are_not_to_be_remembered(tmp_path):
    with Index(None) as index:
        index.remember([entry()])
        index.remember_studies([study()], ["/a"])
        assert len(index.studies()) == 1
        assert not index.is_kept
    assert list(tmp_path.iterdir()) == []


def test_a_forgotten_patient_is_nowhere_on_the_disk(path):
    paths = tuple(f"/a/{number}" for number in range(150))
    with Index(path) as index:
        index.remember(entry(one, PatientName="SECRET^MARKER", PatientComments="X" * 300) for one in paths)
        index.remember_studies([study(name="SECRET^MARKER", paths=paths)], ["/a"])
        index.remember_studies([study("K2", "Other^One", ())], ["/b"])
        index.forget("K1")
        everything = b"".join(file.read_bytes() for file in path.parent.iterdir())
        assert [one.key for one in index.studies()] == ["K2"]
        assert index.known("/a") == {}
    assert b"Other^One" in everything
    assert b"SECRET" not in everything
    assert b"secret" not in everything


def test_forgetting_everything_leaves_no_damaged_copy_either(path):
    Index(path).close()
    path.write_bytes(b"SECRET" * 1000)
    with Index(path) as index:
        index.remember_studies([study(name="SECRET")], ["/a"])
        index.forget_all()
        assert index.studies() == ()
        assert not any(b"SECRET" in file.read_bytes() for file in path.parent.iterdir())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("muster", ["K1"]),
        ("MÜSTER", ["K1", "K2"]),
        ("nativ 2025", ["K1", "K2"]),
        ("2025-03-01", ["K1", "K2"]),
        ("id-7 mister", []),
        ("%", ["K2"]),
        ("_", []),
        ("' OR 1=1 --", []),
        ("\\", []),
        ("", ["K1", "K2"]),
    ],
)
def test_searching_finds_names_dates_and_descriptions(path, text, found):
    with Index(path) as index:
        index.remember_studies([study("K1"), study("K2", "Müster^100%")], ["/a"])
        keys = sorted(one.key for one in search(index, text))
    expected = ["K1", "K2"] if text == "muster" else found
    assert keys == expected


def filled(path: Path, count: int = 3000) -> bytes:
    with Index(path) as index:
        index.remember(entry(f"/a/{number}", PatientID=str(number)) for number in range(count))
        index.remember_studies([study()], ["/a"])
    return path.read_bytes()


def overwritten(content: bytes, start: int, put: bytes) -> bytes:
    return content[:start] + put + content[start + len(put) :]


def bit_rot(content: bytes) -> bytes:
    changed = bytearray(content)
    for at in range(5000, len(changed), 9973):
        changed[at] ^= 1
    return bytes(changed)


DAMAGES = {
    "zero length": lambda _: b"",
    "header garbage": lambda _: b"garbage!" * 512,
    "cut in half": lambda content: content[: len(content) // 2],
    "middle pages overwritten": lambda content: overwritten(content, 4096 * 40, b"\xa5" * 4096 * 20),
    "first page overwritten": lambda content: overwritten(content, 100, b"\xff" * 20),
    "bit rot": bit_rot,
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_index_is_set_aside_and_built_anew(path, name):
    bad = DAMAGES[name](filled(path))
    path.write_bytes(bad)
    with Index(path) as index:
        assert "begins anew; no image is lost" in index.trouble
        assert index.studies() == ()
        index.remember_studies([study()], ["/a"])
    assert path.with_name("studies.sqlite.bad").read_bytes() == bad
    with Index(path) as index:
        assert index.trouble == ""
        assert len(index.studies()) == 1


def test_a_view_in_place_of_a_table_cannot_make_the_start_endless(path):
    filled(path, 3)
    connection = sqlite3.connect(path)
    connection.executescript(
        "PRAGMA foreign_keys=OFF; DROP TABLE study; CREATE VIEW study AS WITH RECURSIVE r(x) AS "
        "(SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x AS key, x AS opened FROM r;"
    )
    connection.close()
    start = time.monotonic()
    with Index(path) as index:
        assert "begins anew" in index.trouble
        assert index.studies() == ()
    assert time.monotonic() - start < 2


def test_a_trigger_that_nobody_knows_is_set_aside(path):
    filled(path, 3)
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TRIGGER t AFTER INSERT ON file BEGIN DELETE FROM study; END;")
    connection.close()
    with Index(path) as index:
        assert "begins anew" in index.trouble


def test_the_index_of_a_newer_version_is_left_alone(path):
    filled(path, 3)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 9999")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with Index(path) as index:
        assert "newer version" in index.trouble
        assert not index.is_kept
        index.remember_studies([study()], ["/a"])
        assert len(index.studies()) == 1
    assert path.read_bytes() == before


def test_the_index_of_an_older_version_is_built_anew(path):
    filled(path, 3)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 0")
    connection.commit()
    connection.close()
    with Index(path) as index:
        assert "begins anew" in index.trouble


def test_somebody_elses_database_is_not_written_to(path):
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE letters (text)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with Index(path) as index:
        assert "begins anew" in index.trouble
    assert path.with_name("studies.sqlite.bad").read_bytes() == before


def changed(path: Path, statement: str) -> list[str]:
    """What is still known after a change on the disk."""
    with Index(path) as index:
        index.remember(entry(f"/a/{at}", PatientName=name) for at, name in enumerate(("Muster^M", "Other^O")))
        index.remember([entry("/a/3", PatientName="Muster^M")])
    connection = sqlite3.connect(path)
    assert connection.execute(statement).rowcount == 1
    connection.commit()
    connection.close()
    with Index(path) as index:
        return [place for place, _ in index.known("/a")]


def test_a_header_that_changed_on_the_disk_is_read_again(path):
    left = changed(path, "UPDATE file SET header = replace(header, 'Muster', 'Master') WHERE name = X'30'")
    assert left == ["/a/1", "/a/3"]


def test_headers_whose_common_part_changed_on_the_disk_are_read_again(path):
    swap = "UPDATE shared SET content = replace(content, 'Muster', 'Master') WHERE content LIKE '%Muster%'"
    assert changed(path, swap) == ["/a/0", "/a/1"]


def test_a_header_is_never_completed_with_the_common_part_of_others(path):
    swap = "UPDATE file SET shared = (SELECT shared FROM file WHERE name = X'33') WHERE name = X'30'"
    assert changed(path, swap) == ["/a/1", "/a/3"]


def test_headers_that_were_written_together_come_back_each_as_it_was(path):
    many = [
        entry(f"/a/{at}", InstanceNumber=str(at), **({"Odd": f"\udc80{at}"} if at % 3 else {}))
        for at in range(40)
    ]
    offsets = [
        replace(one.header, pixel_offset=at, frames=({"A": str(at)},) * (at % 2))
        for at, one in enumerate(many)
    ]
    many = [one._replace(header=header) for one, header in zip(many, offsets, strict=True)]
    many.insert(7, Entry("/a/none", "", 1, 1, None, "is a picture"))
    with Index(path) as index:
        index.remember(many)
        assert list(index.known("/a").values()) == sorted(many, key=lambda one: one.path)


def test_the_list_of_studies_outlives_a_new_way_of_keeping_headers(path):
    with Index(path) as index:
        index.remember_studies([study()], ["/a"])
    connection = sqlite3.connect(path)
    connection.executescript(
        "DROP TABLE file; DROP TABLE shared; PRAGMA user_version = 1; CREATE TABLE file (name BLOB)"
    )
    connection.close()
    with Index(path) as index:
        assert index.trouble == ""
        assert [one.key for one in index.studies()] == ["K1"]
        index.remember([entry()])
        assert len(index.known("/a")) == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_profile_that_is_read_only_is_no_obstacle(path):
    path.parent.mkdir(mode=0o500)
    with Index(path) as index:
        assert "not remembered" in index.trouble
        index.remember([entry()])
        assert len(index.known("/a")) == 1


def test_a_folder_in_place_of_the_index_is_no_obstacle(path):
    path.mkdir(parents=True)
    with Index(path) as index:
        assert "not remembered" in index.trouble
        index.remember([entry()])


def test_a_full_disk_is_one_sentence_and_the_index_lives_on(path):
    with Index(path) as index:
        index._writer.execute("PRAGMA max_page_count = 30")
        with pytest.raises(IndexTrouble, match="could not be written"):
            index.remember(entry(f"/a/{number}", Note=f"{number:02000}") for number in range(500))
        assert index.known("/a") == {}
        index._writer.execute("PRAGMA max_page_count = 100000")
        index.remember([entry()])
        assert len(index.known("/a")) == 1


def test_threads_write_and_read_at_once(path):
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for at in range(20):
                index.remember([entry(f"/{number}/{at}")])
                index.known(f"/{number}")
                index.studies()
        except BaseException as trouble:  # noqa: BLE001  (the test wants to see it on its own thread)
            failures.append(trouble)

    with Index(path) as index:
        threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert all(len(index.known(f"/{number}")) == 20 for number in range(8))


def test_two_programs_share_one_index(path):
    with Index(path) as one, Index(path) as other:
        one.remember([entry("/a/1")])
        other.remember([entry("/a/2")])
        assert len(one.known("/a")) == len(other.known("/a")) == 2


def test_a_closed_index_says_so(path):
    index = Index(path)
    index.close()
    with pytest.raises(IndexTrouble, match="closed"):
        index.studies()


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_killing_the_program_loses_nothing_that_was_acknowledged(path):
    program = textwrap.dedent("""
        import sys
        from pathlib import Path
        from medviewer.dicom.header import Header
        from medviewer.studies.index import Index
        from medviewer.studies.rows import Entry
        index = Index(Path(sys.argv[1]))
        assert not index.trouble, index.trouble
        at = int(sys.argv[2])
        while True:
            path = f"/a/{at}"
            index.remember([Entry(path, "", 1, 1, Header(path, {"PatientName": "N" * 500}))])
            print(at, flush=True)
            at += 1
    """)
    acknowledged = 0
    luck = random.Random(7)
    for _ in range(6):
        child = subprocess.Popen(
            [sys.executable, "-c", program, str(path), str(acknowledged)],
            stdout=subprocess.PIPE, text=True, cwd=REPOSITORY,
        )  # fmt: skip
        assert child.stdout is not None
        for _ in range(luck.randrange(2, 60)):
            acknowledged = int(child.stdout.readline()) + 1
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read().split()
        acknowledged = int(rest[-1]) + 1 if rest else acknowledged
        child.wait()
        with Index(path) as index:
            assert index.trouble == ""
            assert len(index.known("/a")) >= acknowledged


def test_a_crash_while_the_index_is_made_leaves_none(path, monkeypatch):
    def crash(_: sqlite3.Connection) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(schema, "fill", crash)
    with pytest.raises(KeyboardInterrupt):
        Index(path)
    assert list(path.parent.iterdir()) == []


def test_files_that_another_version_has_read_are_read_again_and_studies_stay_listed(path, monkeypatch):
    with Index(path) as index:
        index.remember([entry()])
        index.remember_studies([study()], ["/a"])
    with Index(path) as index:
        assert len(index.known("/a")) == 1
    monkeypatch.setattr("medviewer.studies.index.maker", lambda: "another version")
    with Index(path) as index:
        assert index.trouble == ""
        assert index.known("/a") == {}
        assert [one.key for one in index.studies()] == ["K1"]


def test_the_maker_is_the_same_in_every_process():
    told = {
        subprocess.run(
            [sys.executable, "-c", "from medviewer.studies.packing import maker; print(maker())"],
            capture_output=True, text=True, check=True, cwd=REPOSITORY,
        ).stdout
        for _ in range(2)
    }  # fmt: skip
    assert len(told) == 1
