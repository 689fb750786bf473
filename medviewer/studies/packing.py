"""Headers as text for the index, and back; nothing that could run when it is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import medviewer
from medviewer.dicom.fields import GROUPS, INDEX, NUCLEAR, REGION, SIEMENS
from medviewer.dicom.read import Header

_FIELDS = tuple(field.name for field in fields(Header))
_PLACE = ("path", "member")


def maker() -> str:
    """What tells one way of reading headers from another: the program's version and what it takes."""
    taken = [
        (tag, field.keyword, field.form)
        for listed in (INDEX, REGION, GROUPS, NUCLEAR, SIEMENS)
        for tag, field in listed.items()
    ]
    digest = hashlib.sha256(repr((_FIELDS, taken)).encode()).hexdigest()[:16]
    return f"{medviewer.__version__} {digest}"


def packed(header: Header) -> str:
    """*header* without its place, which the index keeps beside it."""
    values = [getattr(header, name) for name in _FIELDS if name not in _PLACE]
    return json.dumps(values, default=_plain, separators=(",", ":"))


def unpacked(text: str, path: str, member: str) -> Header | None:
    """The header that `packed` wrote, at its place; None when the text is damaged or of another version."""
    try:
        found = json.loads(text)
        values = dict(zip((name for name in _FIELDS if name not in _PLACE), map(_frozen, found), strict=True))
        return Header(path=path, member=member, **values)
    except (ValueError, TypeError, RecursionError):
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a header holds a {type(value).__name__}")


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
