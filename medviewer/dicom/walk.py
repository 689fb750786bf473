"""Walks over the elements of a header in its raw bytes, an order of magnitude faster than a general reader.

It knows explicit and implicit VR in little endian, in ascending order of tags, as PS3.5 wants them. Whatever
else it meets it leaves to pydicom, by raising Unusual; it never guesses.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct, error, unpack
from typing import Any, NamedTuple

from medviewer.dicom.fields import PIXEL_VRS, PIXELS, Fields

Elements = dict[int, Any]
"""Raw values by tag: bytes, or for sequences a list of Elements."""

DEEPEST = 32
"""Sequences within sequences; real objects reach about ten."""
MOST_ITEMS = 200_000
LARGEST_VALUE = 64 << 20
UNDEFINED = 0xFFFFFFFF

_SHORT = Struct("<HH2sH").unpack_from
_IMPLICIT = Struct("<HHI").unpack_from
_LENGTH = Struct("<I").unpack_from
SHORT_VRS = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
LONG_VRS = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_CHUNK = 16384
_PIXEL_GROUP = 0x7FE0
_RESUME = -1


class Unusual(Exception):
    """The walker does not vouch for this; pydicom has to read it."""


class CutOff(Exception):
    """The bytes end, or an element claims more bytes than there are, at position *args[0]*."""


class Excessive(Exception):
    """The structure is deeper or longer than any real object; *args[0]* says how."""


class Walked(NamedTuple):
    """What a walk found."""

    elements: Elements
    pixel_tag: int = 0
    pixel_offset: int = -1
    pixel_length: int = -1


class Bytes:
    """A file, or bytes in memory, of which a part is at hand."""

    def __init__(self, fetch: Callable[[int, int], bytes], size: int, head: bytes = b"") -> None:
        self._fetch = fetch
        self.size = size
        self.head = head

    @classmethod
    def of(cls, data: bytes) -> Bytes:
        """Bytes in memory."""
        return cls(lambda start, count: data[start : start + count], len(data), data)

    def at(self, start: int, count: int = _CHUNK) -> bytes:
        """*count* bytes from *start*, fewer at the end."""
        if start + count <= len(self.head):
            return self.head[start : start + count]
        return self._fetch(start, count)

    def exactly(self, start: int, count: int) -> bytes:
        """*count* bytes from *start*. Raises CutOff, or Excessive before anything large is allocated."""
        if start + count > self.size:
            raise CutOff(start)
        if count > LARGEST_VALUE:
            raise Excessive(f"one value has {count >> 20:,} MB")
        return self.at(start, count)


def walk(source: Bytes, start: int, implicit: bool, wanted: Fields, items: Fields) -> Walked:
    """The *wanted* elements from *start* to the pixel data; *items* are wanted inside wanted sequences.

    An element that stands there twice counts with its last value, as in pydicom. Raises Unusual, CutOff or
    Excessive.
    """
    found: Elements = {}
    step = _implicit_steps if implicit else _explicit_steps
    at = start
    data, base = source.head, 0
    while True:
        try:
            pixels, at = step(source, data, base, at - base, found, wanted, items)
        except error:
            # the window ends here; go on with one that begins with the element that did not fit
            at = found.pop(_RESUME)
            left = source.size - at
            if left <= 0:
                if left < 0:
                    raise CutOff(at) from None
                return Walked(found)
            if base == at or left < 8:
                raise CutOff(at) from None
            data, base = source.at(at), at
            continue
        if pixels:
            return _pixels(found, *pixels, implicit)


def _explicit_steps(
    source: Bytes, data: bytes, base: int, position: int, found: Elements, wanted: Fields, items: Fields
) -> tuple[tuple[int, bytes, int, int] | None, int]:
    """Take elements until the window ends (struct.error) or the pixel data begin; flat, as it is hot."""
    end = len(data)
    following = position
    try:
        while True:
            position = following
            group, element, vr, length = _SHORT(data, position)
            if vr in SHORT_VRS:
                value = position + 8
            elif vr in LONG_VRS:
                length = _LENGTH(data, position + 8)[0]
                value = position + 12
                if length == UNDEFINED:
                    tag = group << 16 | element
                    if tag in PIXELS:
                        return (tag, vr, base + value, length), 0
                    if vr != b"SQ":
                        raise Unusual("a value of undefined length")
                    following = _open_sequence(source, tag, base, value, found, wanted, items, False)
                    continue
            else:
                raise Unusual(f"value representation {vr!r}")
            following = value + length
            tag = group << 16 | element
            if tag in wanted:
                field = wanted[tag]
                if vr not in field.vrs:
                    raise Unusual(f"{field.keyword} has another value representation")
                raw = data[value:following] if following <= end else source.exactly(base + value, length)
                found[tag] = parse_items(raw, False, items) if field.form == "sequence" else raw
            elif group == _PIXEL_GROUP and tag in PIXELS:
                return (tag, vr, base + value, length), 0
    except error:
        found[_RESUME] = base + position
        raise


def _implicit_steps(
    source: Bytes, data: bytes, base: int, position: int, found: Elements, wanted: Fields, items: Fields
) -> tuple[tuple[int, bytes, int, int] | None, int]:
    """The same without value representations; here ascending tags are the sign that all is well."""
    end = len(data)
    following = position
    last = -1
    try:
        while True:
            position = following
            group, element, length = _IMPLICIT(data, position)
            tag = group << 16 | element
            if tag <= last:
                raise Unusual("elements are not in ascending order")
            last = tag
            value = position + 8
            if group == _PIXEL_GROUP and tag in PIXELS:
                return (tag, b"", base + value, length), 0
            if length == UNDEFINED:
                following = _open_sequence(source, tag, base, value, found, wanted, items, True)
                continue
            following = value + length
            if tag in wanted:
                raw = data[value:following] if following <= end else source.exactly(base + value, length)
                found[tag] = parse_items(raw, True, items) if wanted[tag].form == "sequence" else raw
    except error:
        found[_RESUME] = base + position
        raise


def _open_sequence(
    source: Bytes,
    tag: int,
    base: int,
    value: int,
    found: Elements,
    wanted: Fields,
    items: Fields,
    implicit: bool,
) -> int:
    """Take or pass over a sequence of undefined length; where it ends in the window."""
    finish = skip_sequence(source, base + value, implicit)
    if tag in wanted:
        raw = source.exactly(base + value, finish - base - value)
        found[tag] = parse_items(raw, implicit, items)
    return finish - base


def _pixels(found: Elements, tag: int, vr: bytes, offset: int, length: int, implicit: bool) -> Walked:
    if vr and vr not in PIXEL_VRS:
        raise Unusual("pixel data in another value representation")
    if length == UNDEFINED and implicit:
        raise Unusual("encapsulated pixel data in implicit VR")
    return Walked(found, tag, offset, -1 if length == UNDEFINED else length)


def skip_sequence(source: Bytes, start: int, implicit: bool) -> int:
    """Where the sequence of undefined length whose items begin at *start* ends. Never recursive."""
    inside_item = [False]
    window, base, position, count = b"", start, 0, 0
    while inside_item:
        if position + 12 > len(window):
            base, position = base + position, 0
            window = source.at(base)
            if len(window) < 8:
                raise CutOff(base)
        group, element, length = _IMPLICIT(window, position)
        tag = group << 16 | element
        if not inside_item[-1]:
            position += 8
            if tag == _SEQUENCE_END:
                inside_item.pop()
            elif tag != _ITEM:
                raise Unusual("something else than an item in a sequence")
            elif length == UNDEFINED:
                inside_item.append(True)
            else:
                position += length
            count += 1
            if count > MOST_ITEMS:
                raise Excessive(f"a sequence has more than {MOST_ITEMS:,} items")
        elif tag == _ITEM_END:
            position += 8
            inside_item.pop()
        else:
            header, length = _element_length(window, position, implicit)
            position += header
            if length == UNDEFINED:
                inside_item.append(False)
                if len(inside_item) > 2 * DEEPEST:
                    raise Excessive(f"sequences are nested more than {DEEPEST} deep")
            else:
                position += length
        if base + position > source.size:
            raise CutOff(base)
    return base + position


def _element_length(window: bytes, position: int, implicit: bool) -> tuple[int, int]:
    """The length of the element's header, and of its value."""
    if implicit:
        return 8, _IMPLICIT(window, position)[2]
    _, _, vr, length = _SHORT(window, position)
    if vr in SHORT_VRS:
        return 8, length
    if vr not in LONG_VRS or len(window) < position + 12:
        raise Unusual(f"value representation {vr!r} in a sequence")
    length = _LENGTH(window, position + 8)[0]
    if length == UNDEFINED and vr == b"UN":
        raise Unusual("an unknown value of undefined length")
    return 12, length


def parse_items(raw: bytes, implicit: bool, wanted: Fields, depth: int = 1) -> list[Elements]:
    """The items of a sequence, of which *raw* is the value; unwanted elements are left out."""
    if depth > DEEPEST:
        raise Excessive(f"sequences are nested more than {DEEPEST} deep")
    source = Bytes.of(raw)
    found: list[Elements] = []
    position = 0
    while position + 8 <= len(raw):
        group, element, length = _IMPLICIT(raw, position)
        tag = group << 16 | element
        position += 8
        if tag == _SEQUENCE_END:
            break
        if tag != _ITEM:
            raise Unusual("something else than an item in a sequence")
        if len(found) >= MOST_ITEMS:
            raise Excessive(f"a sequence has more than {MOST_ITEMS:,} items")
        end = len(raw) if length == UNDEFINED else position + length
        if end > len(raw):
            raise Unusual("an item is longer than its sequence")
        elements, position = _item(source, raw, position, end, length == UNDEFINED, implicit, wanted, depth)
        found.append(elements)
    return found


def _item(
    source: Bytes,
    raw: bytes,
    position: int,
    end: int,
    open_ended: bool,
    implicit: bool,
    wanted: Fields,
    depth: int,
) -> tuple[Elements, int]:
    found: Elements = {}
    while position + 8 <= end:
        group, element, _ = _IMPLICIT(raw, position)
        tag = group << 16 | element
        if open_ended and tag == _ITEM_END:
            return found, position + 8
        header, length = _element_length(raw, position, implicit)
        value = position + header
        field = wanted.get(tag)
        vr = b"" if implicit else raw[position + 4 : position + 6]
        undefined = length == UNDEFINED
        position = skip_sequence(source, value, implicit) if undefined else value + length
        if position > end:
            raise Unusual("an element is longer than its item")
        if field is None:
            continue
        if vr and vr not in field.vrs:
            raise Unusual(f"{field.keyword} has another value representation")
        inner = raw[value:position]
        found[tag] = parse_items(inner, implicit, wanted, depth + 1) if field.form == "sequence" else inner
    if open_ended or position != end:
        raise Unusual("an item does not end where it should")
    return found, position


def numbers(raw: bytes, form: str) -> tuple[float, ...]:
    """Binary numbers in little endian; *form* is a struct letter. Raises Unusual for a wrong length."""
    size = {"H": 2, "h": 2, "I": 4, "i": 4, "f": 4, "d": 8}[form]
    if len(raw) % size:
        raise Unusual("a binary value of odd length")
    return unpack(f"<{len(raw) // size}{form}", raw)
