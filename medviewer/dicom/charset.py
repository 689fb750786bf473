"""Bytes of a header to text (PS3.5 section 6.1, PS3.3 C.12.1.1.2)."""

from __future__ import annotations

LONGEST = 4096
"""Longer values are cut here; nothing that is indexed or shown is meant to be longer."""

_DIRECT = {"ISO_IR 192": "utf-8", "ISO_IR 100": "latin-1"}


def text(raw: bytes, charset: str, is_name: bool = False) -> str:
    """*raw* as text, without padding. *charset* is the Specific Character Set with all its values."""
    if len(raw) > LONGEST:
        return text(raw[:LONGEST], charset, is_name) + "…"
    try:
        found = raw.decode("ascii")
        if "\x1b" not in found:
            return found.strip(" \0")
        return _decoded(raw, charset, is_name)
    except UnicodeDecodeError:
        pass
    codec = _DIRECT.get(charset.strip())
    if codec:
        try:
            return raw.decode(codec).strip(" \0")
        except UnicodeDecodeError:
            pass
    return _decoded(raw, charset, is_name)


def _decoded(raw: bytes, charset: str, is_name: bool) -> str:
    # pydicom knows all character sets, and is imported late: a first picture in ASCII should not wait for it
    from medviewer.dicom.charset_pydicom import decoded  # noqa: PLC0415

    return decoded(raw, charset, is_name).strip(" \0")
