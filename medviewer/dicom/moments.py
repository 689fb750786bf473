"""Dates and times as files write them (DA, TM and DT, PS3.5 6.2), and as they were written before DICOM."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_DATE_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?(\d\d)?(\.\d{1,6})?([+-]\d{4})?")
_OFFSET = re.compile(r"[+-]\d{4}")


def moment(text: str, zone: str = "") -> datetime | None:
    """A date with time, at least the hour; None when it is not one.

    An offset from UTC is led back to *zone*, the offset of the other times, where both are known.
    """
    found = _DATE_TIME.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    try:
        at = datetime(year, month, day, hour, minute, min(second, 59))
    except ValueError:
        return None
    at += timedelta(seconds=float(found[7] or 0) + (1 if second == 60 else 0))
    own = found[8]
    return at + _offset(zone) - _offset(own) if own and _OFFSET.fullmatch(zone) else at


def date_with_time(date: str, time: str) -> datetime | None:
    """The moment of a date and a time that stand apart; also 2020.01.02 and 10:11:12, as they once were."""
    day = date.replace(".", "")
    return moment(day + time.replace(":", "")) if len(day) == 8 else None


def _offset(zone: str) -> timedelta:
    sign = -1 if zone[0] == "-" else 1
    return sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
