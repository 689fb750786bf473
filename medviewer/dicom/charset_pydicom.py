"""Text in the character sets that Python does not have under one name, decoded by pydicom."""

from __future__ import annotations

import re

from pydicom.charset import convert_encodings, decode_bytes
from pydicom.valuerep import TEXT_VR_DELIMS, PersonName

from medviewer.dicom.quiet import quietly

_ESCAPE = re.compile("\x1b[\x20-\x2f]*[\x30-\x7e]")


def decoded(raw: bytes, charset: str, is_name: bool) -> str:
    """*raw* as text; what cannot be decoded becomes U+FFFD, as PS3.5 has no better answer."""
    with quietly():
        try:
            encodings = convert_encodings([part.strip() for part in charset.split("\\")])
            if is_name:
                found = str(PersonName(raw, encodings))
            else:
                found = decode_bytes(raw, encodings, TEXT_VR_DELIMS)
            # what pydicom leaves of ISO 2022 IR 58 and its like (PS3.5 6.1.2.5.3)
            return _ESCAPE.sub("", found)
        except (LookupError, UnicodeError, ValueError, TypeError):
            return raw.decode("ascii", errors="replace")
