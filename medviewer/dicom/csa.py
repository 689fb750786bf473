"""The CSA header, in which Siemens MR scanners wrote what they knew before DICOM had places for it.

The format is not published; those who have read many describe it (NiBabel, "Siemens CSA header").
"""

from __future__ import annotations

from struct import Struct, error

MOST_TAGS = 128
MOST_ITEMS = 1000
LARGEST = 4 << 20

_COUNTS = Struct("<2I")
_TAG = Struct("<64si4s3i")
_ITEM = Struct("<4i")


def read_csa(raw: bytes) -> dict[str, tuple[str, ...]]:
    """The values of each tag by its name, as text; {} for anything that is not a whole CSA header.

    Of the two forms the newer begins with "SV10"; both are little endian.
    """
    if len(raw) > LARGEST:
        return {}
    try:
        return _tags(raw, is_new=raw[:4] == b"SV10")
    except (error, ValueError):
        return {}


def _tags(raw: bytes, is_new: bool) -> dict[str, tuple[str, ...]]:
    at = 8 if is_new else 0
    count, _ = _COUNTS.unpack_from(raw, at)
    if not 0 < count <= MOST_TAGS:
        raise ValueError("no CSA header")
    at += _COUNTS.size
    found: dict[str, tuple[str, ...]] = {}
    extra = 0
    for number in range(count):
        name, multiplicity, _, _, items, _ = _TAG.unpack_from(raw, at)
        at += _TAG.size
        if not 0 <= items <= MOST_ITEMS:
            raise ValueError("too many items")
        if number == 0:
            extra = items  # the old form counts the items of the first tag into every length
        values = []
        for _ in range(items):
            old, new, _, _ = _ITEM.unpack_from(raw, at)
            at += _ITEM.size
            length = new if is_new else old - extra
            if length < 0 or at + length > len(raw):
                if not is_new:
                    break  # there the length of an absent value means nothing
                raise ValueError("an item is longer than the header")
            values.append(_text(raw[at : at + length]))
            at += -(-length // 4) * 4
        wanted = multiplicity if 0 < multiplicity <= len(values) else len(values)
        found[_text(name)] = tuple(value for value in values[:wanted] if value)
    return found


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("latin-1").strip()
