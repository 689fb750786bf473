"""What a file that is not DICOM is, by its first bytes."""

from __future__ import annotations

_SIGNATURES = (
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\x7fELF", "a Linux program"),
    (b"MZ", "a Windows program"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"NRRD", "an NRRD volume"),
    (b"<?xml", "an XML file"),
    (b"<!DOCTYPE", "an HTML page"),
    (b"<html", "an HTML page"),
    (b"#!", "a script"),
    (b"{", "a JSON or text file"),
)


def name_of_content(head: bytes, size: int) -> str:
    """The kind of file in words ("a JPEG picture"), "" when the first bytes do not tell."""
    if not size:
        return "empty"
    for magic, name in _SIGNATURES:
        if head.startswith(magic):
            return name
    if head[4:8] == b"ftyp":
        return "an MP4 video"
    if head[344:348] in (b"n+1\0", b"ni1\0"):
        return "a NIfTI volume"
    if size < 132:
        return "too short to be an image"
    return "a text file" if _is_text(head[:1024]) else ""


def _is_text(head: bytes) -> bool:
    try:
        return all(letter >= " " or letter in "\t\r\n\f" for letter in head.decode("utf-8"))
    except UnicodeDecodeError:
        return False
