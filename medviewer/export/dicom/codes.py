"""The codes that objects are written with, each as its dictionary has it (PS3.16)."""

from __future__ import annotations

from highdicom.sr import CodedConcept

OWN = "99MEDVIEWER"
"""Names of schemes of one's own begin with 99 (PS3.3 8.2)."""


def _dcm(value: str, meaning: str) -> CodedConcept:
    return CodedConcept(value, "DCM", meaning)


def _sct(value: str, meaning: str) -> CodedConcept:
    return CodedConcept(value, "SCT", meaning)


def _ucum(value: str, meaning: str) -> CodedConcept:
    return CodedConcept(value, "UCUM", meaning)


PROCESSING_EQUIPMENT = _dcm("109102", "Processing Equipment")
MEASUREMENT_REPORT = _dcm("126000", "Imaging Measurement Report")
COMMENT = _dcm("121106", "Comment")
FINDING = _dcm("121071", "Finding")
PERSON = _dcm("121006", "Person")
DEVICE = _dcm("121007", "Device")
CERTAINTY = _dcm("111012", "Certainty of Finding")
ARTIFICIAL_INTELLIGENCE = _dcm("123110", "Artificial Intelligence")
MANUAL_PROCESSING = _dcm("123109", "Manual Processing")
IMAGING_PROCEDURE = _sct("363679005", "Imaging procedure")

LENGTH = _sct("410668003", "Length")
LONG_AXIS = _sct("103339001", "Long axis")
SHORT_AXIS = _sct("103340004", "Short axis")
ANGLE = _sct("1483009", "Angle")
COBB_ANGLE = _sct("285285000", "Cobb angle")
AREA = _sct("42798000", "Area")
PERIMETER = _sct("131191004", "Perimeter")
VOLUME = _sct("118565006", "Volume")

MEAN = _sct("373098007", "Mean")
DEVIATION = _sct("386136009", "Standard Deviation")
MINIMUM = _sct("255605001", "Minimum")
MAXIMUM = _sct("56851009", "Maximum")

ATTENUATION = _dcm("112031", "Attenuation Coefficient")
MR_INTENSITY = _dcm("110852", "MR signal intensity")
PIXEL_VALUE = CodedConcept("VALUE", OWN, "Pixel value")
"""What the dictionaries have no quantity for: modality values of any other kind."""
PIXELS_COUNTED = CodedConcept("PIXELS", OWN, "Pixels counted")
LUMINANCE = CodedConcept("LUMINANCE", OWN, "Luminance")

PRESENT = _sct("52101004", "Present")
ABSENT = _sct("272519000", "Absent")

MILLIMETRE = _ucum("mm", "mm")
SQUARE_MILLIMETRE = _ucum("mm2", "square millimeter")
CUBIC_MILLIMETRE = _ucum("mm3", "cubic millimeter")
DEGREE = _ucum("deg", "Degree")
HOUNSFIELD = _ucum("[hnsf'U]", "Hounsfield unit")
PERCENT = _ucum("%", "Percent")
NO_UNITS = _ucum("1", "no units")
MILLILITRE = _ucum("cm3", "cubic centimeter")
PIXELS = _ucum("{pixels}", "pixels")
PIXEL_WIDTHS = _ucum("{pixels}", "pixel widths")
SQUARE_PIXELS = _ucum("{square_pixels}", "square pixels")
SUV_WEIGHT = _ucum("g/ml{SUVbw}", "Standardized Uptake Value body weight")
BECQUEREL = _ucum("Bq/ml", "Becquerels/milliliter")

DRAWN_AS = CodedConcept("SHAPE", OWN, "Drawn as")
SCALE_RULE = CodedConcept("SCALE", OWN, "Rule that the scale follows")
ASSESSMENT = CodedConcept("ASSESSMENT", OWN, "Assessed by a reader")
THRESHOLD = CodedConcept("THRESHOLD", OWN, "Operating point")
STATES = {
    "proposed": CodedConcept("PROPOSED", OWN, "Proposed, not assessed"),
    "accepted": CodedConcept("ACCEPTED", OWN, "Accepted"),
    "rejected": CodedConcept("REJECTED", OWN, "Rejected"),
}

TISSUE = _sct("85756007", "Tissue")
"""Category and type of a label that nobody has given a meaning (CID 7150, CID 7151)."""

KEY_TITLES = {
    "interest": _dcm("113000", "Of Interest"),
    "teaching": _dcm("113004", "For Teaching"),
    "referring": _dcm("113002", "For Referring Provider"),
    "surgery": _dcm("113003", "For Surgery"),
    "conference": _dcm("113005", "For Conference"),
    "research": _dcm("113009", "For Research"),
    "report": _dcm("113020", "For Report Attachment"),
    "quality": _dcm("113010", "Quality Issue"),
    "rejected": _dcm("113001", "Rejected for Quality Reasons"),
}
"""What key images are kept for (CID 7010)."""
