"""Bytes of a header to text (PS3.5 section 6.1, PS3.3 C.12.1.1.2)."""

from __future__ import annotations

import re

LONGEST = 4096
"""Longer values are cut here; nothing that is indexed or shown is meant to be longer."""

LONGEST_SHOWN = 1024

_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
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


def harmless(text: str) -> str:
    """*text* from a file in the lines it has, without control characters and tricks of direction."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_HIDDEN.sub(" ", line.replace("\t", "    ")) for line in lines).strip()


def shown(text: str, longest: int = LONGEST_SHOWN) -> str:
    """*text* from a file as it may be shown: one line, no control characters, no tricks of direction."""
    if text.isascii() and text.isprintable() and len(text) <= longest:
        return text
    cleaned = _HIDDEN.sub(" ", text).strip()
    return cleaned if len(cleaned) <= longest else cleaned[:longest] + "…"
