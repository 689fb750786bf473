"""Transfer syntaxes: their names, and what reads them (PS3.5 annex A, PS3.6 table A-1)."""

from __future__ import annotations

from enum import Enum

from medviewer.kit.errors import DecoderMissing


class Coding(Enum):
    """How the pixels of a file are written."""

    NATIVE = "native"
    RLE = "RLE"
    JPEG = "JPEG"
    JPEG_LS = "JPEG-LS"
    JPEG_2000 = "JPEG 2000"
    JPEG_XL = "JPEG XL"
    DEFLATED_FRAME = "deflated frame"
    ENCAPSULATED = "uncompressed"
    VIDEO = "video"
    PROFILE = "colour profile"
    """No coding of a file: RGB that is to go through a colour profile, where decoders run."""


IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN = "1.2.840.10008.1.2.2"

_JPEG = "1.2.840.10008.1.2.4."
_CODINGS = {
    IMPLICIT: Coding.NATIVE,
    EXPLICIT: Coding.NATIVE,
    DEFLATED: Coding.NATIVE,
    BIG_ENDIAN: Coding.NATIVE,
    "1.2.840.10008.1.2.5": Coding.RLE,
    "1.2.840.10008.1.2.8.1": Coding.DEFLATED_FRAME,
    "1.2.840.10008.1.2.1.98": Coding.ENCAPSULATED,
    **{f"{_JPEG}{number}": Coding.JPEG for number in (50, 51, 57, 70)},
    **{f"{_JPEG}{number}": Coding.JPEG_LS for number in (80, 81)},
    # the same decoder reads the high-throughput variants
    **{f"{_JPEG}{number}": Coding.JPEG_2000 for number in (90, 91, 201, 202, 203)},
    **{f"{_JPEG}{number}": Coding.JPEG_XL for number in (110, 111, 112)},
    **{f"{_JPEG}{number}": Coding.VIDEO for number in range(100, 109)},
    # the same streams, in several fragments
    **{f"{_JPEG}{number}.1": Coding.VIDEO for number in range(100, 107)},
}
DEFLATED_SYNTAXES = frozenset((DEFLATED, f"{_JPEG}95", f"{_JPEG}205"))
"""Those whose data set is deflated as a whole; with JPIP its pixels are elsewhere."""
_JPIP = frozenset(f"{_JPEG}{number}" for number in (94, 95, 204, 205))
_NAMES = {
    IMPLICIT: "Implicit VR Little Endian",
    EXPLICIT: "Explicit VR Little Endian",
    "1.2.840.10008.1.2.1.98": "Encapsulated Uncompressed Explicit VR Little Endian",
    DEFLATED: "Deflated Explicit VR Little Endian",
    BIG_ENDIAN: "Explicit VR Big Endian",
    "1.2.840.10008.1.2.5": "RLE Lossless",
    "1.2.840.10008.1.2.6.1": "RFC 2557 MIME Encapsulation",
    "1.2.840.10008.1.2.6.2": "XML Encoding",
    "1.2.840.10008.1.2.7.1": "SMPTE ST 2110-20 live video",
    "1.2.840.10008.1.2.7.2": "SMPTE ST 2110-20 live interlaced video",
    "1.2.840.10008.1.2.7.3": "SMPTE ST 2110-30 live audio",
    "1.2.840.10008.1.2.8.1": "Deflated Image Frame",
    "1.2.840.10008.1.20": "Papyrus 3",
    "1.2.840.113619.5.2": "GE Private Implicit VR Big Endian",
    f"{_JPEG}50": "JPEG Baseline",
    f"{_JPEG}51": "JPEG Extended",
    f"{_JPEG}52": "JPEG Extended, arithmetic (retired)",
    f"{_JPEG}53": "JPEG Spectral Selection (retired)",
    f"{_JPEG}54": "JPEG Spectral Selection, arithmetic (retired)",
    f"{_JPEG}55": "JPEG Full Progression (retired)",
    f"{_JPEG}56": "JPEG Full Progression, arithmetic (retired)",
    f"{_JPEG}57": "JPEG Lossless",
    f"{_JPEG}58": "JPEG Lossless, arithmetic (retired)",
    **{f"{_JPEG}{number}": "hierarchical JPEG (retired)" for number in range(59, 67)},
    f"{_JPEG}70": "JPEG Lossless, First-Order Prediction",
    f"{_JPEG}80": "JPEG-LS Lossless",
    f"{_JPEG}81": "JPEG-LS Near-Lossless",
    f"{_JPEG}90": "JPEG 2000 Lossless",
    f"{_JPEG}91": "JPEG 2000",
    f"{_JPEG}92": "JPEG 2000 Multi-component Lossless",
    f"{_JPEG}93": "JPEG 2000 Multi-component",
    f"{_JPEG}94": "JPIP Referenced",
    f"{_JPEG}95": "JPIP Referenced Deflate",
    f"{_JPEG}100": "MPEG-2 video, main level",
    f"{_JPEG}101": "MPEG-2 video, high level",
    f"{_JPEG}102": "H.264 video, level 4.1",
    f"{_JPEG}103": "H.264 video, level 4.1 for Blu-ray",
    f"{_JPEG}104": "H.264 video, level 4.2",
    f"{_JPEG}105": "H.264 video, level 4.2 in 3D",
    f"{_JPEG}106": "H.264 stereo video, level 4.2",
    f"{_JPEG}107": "HEVC video",
    f"{_JPEG}108": "HEVC video, 10 bits",
    f"{_JPEG}110": "JPEG XL Lossless",
    f"{_JPEG}111": "JPEG XL Recompression",
    f"{_JPEG}112": "JPEG XL",
    f"{_JPEG}201": "High-Throughput JPEG 2000 Lossless",
    f"{_JPEG}202": "High-Throughput JPEG 2000 Lossless RPCL",
    f"{_JPEG}203": "High-Throughput JPEG 2000",
    f"{_JPEG}204": "JPIP High-Throughput JPEG 2000 Referenced",
    f"{_JPEG}205": "JPIP High-Throughput JPEG 2000 Referenced Deflate",
}
_CONVERT = "Ask for it uncompressed or in JPEG 2000, or convert it, for instance with dcmdjpeg or gdcmconv."
_FETCH = "Ask the archive to send the pictures themselves, uncompressed or in JPEG 2000."


def syntax_name(uid: str) -> str:
    """The name of a transfer syntax, with its UID when the name is not known."""
    plain = uid.removesuffix(".1") if uid.startswith(f"{_JPEG}10") else uid
    words = " in fragments" if plain != uid else ""
    name = _NAMES.get(plain)
    return f"{name}{words}" if name else f"an unknown transfer syntax ({uid or 'none given'})"


def is_compressed(uid: str) -> bool:
    """Whether a decoder is needed, and there is one."""
    return _CODINGS.get(uid, Coding.NATIVE) not in (Coding.NATIVE, Coding.ENCAPSULATED)


def is_decoded_alone(uid: str) -> bool:
    """Whether a decoder needs no more than the data of a picture to decode it."""
    return is_compressed(uid) and _CODINGS[uid] is not Coding.VIDEO


def coding_of(uid: str, name: str) -> Coding:
    """How the pixels of the file called *name* are written. Raises DecoderMissing when nothing reads that."""
    found = _CODINGS.get(uid)
    if found is None:
        raise DecoderMissing(
            f"{name} cannot be shown: nothing here decodes {syntax_name(uid)}.",
            _FETCH if uid in _JPIP else _CONVERT,
        )
    return found


def why_no_pixels(uid: str) -> str:
    """Why a file of this transfer syntax has no pixel data, and what to do; "" for most."""
    if uid not in _JPIP:
        return ""
    return f"its pictures stayed on a server ({syntax_name(uid)}). {_FETCH}"
