"""ZIP archives from strangers."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import pytest

from medviewer.kit.archive import FREE_OF_RATIO, Archive
from medviewer.kit.errors import DamagedFile, TooLarge

CONTENT = bytes(range(256)) * 40


def packed(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_members_are_read_whole_or_from_their_beginning(tmp_path, method):
    with Archive(packed(tmp_path / "a.zip", {"d/one": CONTENT, "d/empty": b""}, method)) as archive:
        assert {member.name: member.size for member in archive.members} == {"d/one": 10240, "d/empty": 0}
        assert archive.read("d/one") == CONTENT
        assert archive.read("d/one", 100) == CONTENT[:100]
        assert archive.read("d/empty") == b""


def test_names_that_lead_outside_are_named_and_not_read(tmp_path):
    names = ["../../x", "/x", "..\\x", "C:\\x", "a/../../x"]
    with Archive(packed(tmp_path / "a.zip", {**dict.fromkeys(names, b"x"), "ok/a": CONTENT})) as archive:
        assert [member.name for member in archive.members if not member.reason] == ["ok/a"]
        assert all("leads out" in member.reason for member in archive.members[:-1])
        with pytest.raises(DamagedFile, match="leads out"):
            archive.read(archive.members[0].name)


def test_a_member_without_a_name_is_given_one(tmp_path):
    path = packed(tmp_path / "a.zip", {"x": CONTENT, "y": CONTENT})
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 28 : at + 32] = b"\0\0\1\0"  # the name becomes an extra field
    path.write_bytes(content)
    with Archive(path) as archive:
        assert [member.name for member in archive.members] == ["x", "member without a name"]
        assert archive.read("member without a name") == CONTENT


def test_a_link_is_not_followed(tmp_path):
    link = zipfile.ZipInfo("link")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with Archive(tmp_path / "a.zip") as archive:
        assert "is a link" in archive.members[0].reason


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    packed(tmp_path / "a.zip", {"a": bytes(96 << 20)})
    start = time.monotonic()
    with Archive(tmp_path / "a.zip") as archive:
        assert "as a bomb does" in archive.members[0].reason
    assert time.monotonic() - start < 1


def test_many_small_members_that_make_a_bomb_together_are_refused(tmp_path):
    black = bytes(FREE_OF_RATIO)
    with pytest.raises(TooLarge, match="would unpack to"):
        Archive(packed(tmp_path / "a.zip", {str(number): black for number in range(20)}))


def test_a_member_that_unpacks_to_more_than_it_says_gives_what_it_said(tmp_path):
    path = packed(tmp_path / "a.zip", {"a": bytes(100_000)})
    lying = bytearray(path.read_bytes())
    for signature, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = lying.index(signature) + at
        lying[start : start + 4] = (100).to_bytes(4, "little")
    path.write_bytes(lying)
    with Archive(path) as archive, pytest.raises(DamagedFile, match="checksum"):
        archive.read("a")


def test_a_truncated_archive_offers_what_is_still_whole(tmp_path):
    path = packed(tmp_path / "a.zip", {"one": CONTENT, "two": CONTENT[::-1], "three": CONTENT})
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"three") + 60])
    with Archive(path) as archive:
        assert [member.name for member in archive.members] == ["one", "two"]
        assert archive.read("two") == CONTENT[::-1]
        assert "cut off" in archive.damaged


def test_a_truncated_stream_without_sizes_offers_what_is_still_whole(tmp_path):
    class Pipe(io.RawIOBase):
        def __init__(self):
            self.written = bytearray()

        def writable(self):
            return True

        def write(self, content):
            self.written += bytes(content)
            return len(content)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one", CONTENT)
        archive.writestr("two", CONTENT[::-1])
    (tmp_path / "a.zip").write_bytes(pipe.written[:-60])
    with Archive(tmp_path / "a.zip") as archive:
        assert [member.name for member in archive.members] == ["one", "two"]
        assert archive.read("one") == CONTENT


def test_an_archive_inside_is_read_by_its_name(tmp_path):
    inner = packed(tmp_path / "inner.zip", {"a": CONTENT}).read_bytes()
    with Archive(packed(tmp_path / "outer.zip", {"x/inner.zip": inner})) as archive:
        assert [member.name for member in archive.nested("x/inner.zip").members] == ["a"]
        assert archive.read("x/inner.zip!/a") == CONTENT


def test_two_members_of_one_name_are_both_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a", b"2")
    with Archive(tmp_path / "a.zip") as archive:
        assert [archive.read(member.name) for member in archive.members] == [b"1", b"2"]


def test_an_encrypted_member_says_so(tmp_path):
    path = packed(tmp_path / "a.zip", {"a": CONTENT})
    marked = bytearray(path.read_bytes())
    marked[marked.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(marked)
    with Archive(path) as archive:
        assert "is encrypted" in archive.members[0].reason


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"PK\x05\x06", b"PK\x03\x04" + b"\xff" * 400, b"no archive" * 99]
)
def test_garbage_is_one_clear_sentence(tmp_path, content):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(DamagedFile, match=r"a\.zip is not a ZIP archive"):
        Archive(tmp_path / "a.zip")


def test_no_damage_makes_anything_but_a_clear_error(tmp_path):
    whole = packed(tmp_path / "a.zip", {"one": CONTENT, "two": CONTENT[:700]}).read_bytes()
    for at in range(0, len(whole), 3):
        changed = bytearray(whole)
        changed[at] ^= 0xFF
        try:
            with Archive("a.zip", bytes(changed)) as archive:
                for member in archive.members:
                    archive.read(member.name)
        except (DamagedFile, TooLarge):
            continue
