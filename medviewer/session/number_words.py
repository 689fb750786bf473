"""The numbers of an enhancement as rows of words: for the panel, the clipboard, a file and the terminal."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence

from medviewer.imaging.measure import value_text, with_minus
from medviewer.imaging.numbers import OneSide
from medviewer.imaging.region import OF_ONE, Statistics
from medviewer.kit.frozen import frozen
from medviewer.session.numbers import Answer

NONE = "\N{EN DASH}"
"""Stands where nothing can be told."""
ALIKE = (
    (0.99, "structure is nearly as it was"),
    (0.95, "structure changed a little"),
    (0.85, "structure changed visibly"),
    (0.5, "structure changed considerably"),
    (-1.0, "structure is hardly what it was"),
)
"""From which similarity on which words hold: words of this program, not limits of any standard."""
NO_UNIT = "Enhanced values have no unit: a step has worked on greys. They are shares of the display range."


@frozen
class Row:
    """One line of the table."""

    title: str
    before: str
    after: str
    change: str
    help: str
    """what it means, in a sentence or two"""


def rows(found: Answer) -> tuple[Row, ...]:
    """All that is told, line by line; without a second picture only what is told of the first."""
    return tuple(_rows(found))


def heads(found: Answer) -> tuple[str, str, str]:
    """What stands over the columns of values."""
    if found.asked.is_compared:
        return "The other", "This", "Change"
    return "Original", "Enhanced", "Change"


def described(found: Answer) -> str:
    """Which pictures are compared, and of how many pixels."""
    first, second = found.asked.names
    pixels = f"{found.numbers.pixels:,} pixels"
    if not found.asked.is_enhanced:
        return f"Nothing is enhanced here: the numbers of the picture as it is. {pixels}"
    if found.asked.is_compared:
        return f"This: {second}. The other: {first}. {pixels}"
    return f"Enhanced: {second}. {pixels}"


def tab_text(found: Sequence[Row], titles: tuple[str, str, str]) -> str:
    """The rows with tabs between, as tables of other programs take them."""
    lines = [("", *titles), *((one.title, one.before, one.after, one.change) for one in found)]
    return "\n".join("\t".join(line) for line in lines)


def csv_text(found: Sequence[Row]) -> str:
    """The rows as CSV (RFC 4180), with the minus sign that other programs read and nothing for no value."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("number", "before", "after", "change"))
    for one in found:
        values = (one.before, one.after, one.change)
        plain = ("" if value == NONE else value.replace("\N{MINUS SIGN}", "-") for value in values)
        writer.writerow((one.title, *plain))
    return out.getvalue()


def likeness(ssim: float) -> str:
    """A similarity in words."""
    return next(words for least, words in ALIKE if ssim >= least)


def _rows(found: Answer) -> Iterator[Row]:
    told, one, two = found.numbers, found.numbers.before, found.numbers.after
    if told.ssim is not None and told.psnr is not None:
        yield Row("SSIM", "", "", f"{told.ssim:.3f}", _ssim_help(told.ssim))
        yield Row("PSNR", "", "", _decibels(told.psnr), _PSNR)
    if told.rmse is not None:
        yield Row("RMSE", "", "", _with_unit(told.rmse, told.unit), _RMSE)
    yield _entropy(one, two)
    yield Row(
        "Noise, greys",
        _percent(one.noise),
        "" if two is None else _percent(two.noise),
        "" if two is None else _ratio(one.noise, two.noise),
        f"{_NOISE} Here of the greys, in percent of the display range.",
    )
    if one.measured_noise is not None:
        after = None if two is None else two.measured_noise
        yield Row(
            "Noise",
            _with_unit(one.measured_noise, told.unit),
            "" if after is None else _with_unit(after, told.unit),
            "" if after is None else _ratio(one.measured_noise, after),
            f"{_NOISE} Here of the values themselves, whatever the window.",
        )
    yield _clipped("Clipped to black", one.black, None if two is None else two.black, "black")
    yield _clipped("Clipped to white", one.white, None if two is None else two.white, "white")
    yield from _regions(found)


def _entropy(one: OneSide, two: OneSide | None) -> Row:
    after = "" if two is None else f"{two.entropy:.2f} bits"
    change = "" if two is None else _signed(two.entropy - one.entropy)
    return Row("Entropy", f"{one.entropy:.2f} bits", after, change, _ENTROPY)


def _clipped(title: str, one: float, two: float | None, color: str) -> Row:
    change = "" if two is None else _signed((two - one) * 100)
    return Row(
        title,
        _percent(one),
        "" if two is None else _percent(two),
        change,
        f"The share of pixels that are exactly {color}: no difference between them can be seen. "
        "A change is in percentage points.",
    )


def _regions(found: Answer) -> Iterator[Row]:
    told = found.regions
    if told is None:
        return
    is_two = found.asked.is_enhanced
    for region, one, two in zip(found.asked.regions, told.before, told.after, strict=True):
        yield Row(
            region.name,
            _spread(one),
            _spread(two) if is_two else "",
            _shift(one, two) if is_two else "",
            f"{region.name}: mean and standard deviation (population). The original's are modality values; "
            "the enhanced picture's say what they are.",
        )
    before, after = told.cnr
    both = before is not None and after is not None and is_two
    yield Row(
        "CNR",
        _number(before),
        _number(after) if is_two else "",
        _ratio(before, after) if both and before is not None and after is not None else "",
        f"Contrast-to-noise ratio of {' and '.join(one.name for one in found.asked.regions)}: difference of "
        "the means, divided by the root of the mean of both variances. Larger: easier to tell apart.",
    )


def _spread(one: Statistics | None) -> str:
    if one is None:
        return NONE
    if one.unit == OF_ONE:
        return f"{one.mean:.3f} \N{PLUS-MINUS SIGN} {one.deviation:.3f} {OF_ONE}"
    mean = value_text(one.mean, "HU" if one.unit == "HU" else "").removesuffix(" HU")
    spread = f"{one.deviation:.1f}" if one.unit == "HU" else f"{one.deviation:.4g}"
    return with_minus(f"{mean} \N{PLUS-MINUS SIGN} {spread} {one.unit}".rstrip())


def _shift(one: Statistics | None, two: Statistics | None) -> str:
    if one is None or two is None or one.unit != two.unit:
        return NONE
    sign = "+" if two.mean >= one.mean else "-"
    by = abs(two.mean - one.mean)
    return with_minus(sign + (f"{by:.1f} HU" if one.unit == "HU" else _with_unit(by, one.unit)))


def _ssim_help(ssim: float) -> str:
    return (
        f"SSIM {ssim:.2f}: {likeness(ssim)}. Structural similarity of the greys, 1 for equal pictures "
        "(Wang and others, 2004). It says how much was changed, not whether that is better."
    )


def _with_unit(value: float, unit: str | None) -> str:
    return f"{value:.3g} {unit or ''}".rstrip() if value < 100 else f"{value:.0f} {unit or ''}".rstrip()


def _signed(value: float) -> str:
    words = f"{value:+.2f}"
    return "0.00" if words[1:] == "0.00" else with_minus(words)


def _percent(share: float) -> str:
    return f"{share * 100:.2f} %"


def _decibels(value: float) -> str:
    return "equal" if math.isinf(value) else f"{value:.1f} dB"


def _number(value: float | None) -> str:
    if value is None:
        return NONE
    return "\N{INFINITY}" if math.isinf(value) else f"{value:.2f}"


def _ratio(one: float, two: float) -> str:
    """How much larger or smaller the second is."""
    if not one or math.isinf(one) or math.isinf(two):
        return NONE
    share = (two / one - 1) * 100
    if share >= 400:
        return f"\N{MULTIPLICATION SIGN} {two / one:.1f}"
    return with_minus(f"{share:+.0f} %")


_PSNR = (
    "Peak signal-to-noise ratio: how large the display range is beside the differences of the greys. "
    "Above some 40 dB they are hard to see."
)
_RMSE = "Root mean square error: how much values differ from the original's on average, in their own unit."
_ENTROPY = (
    "Shannon's entropy at 256 greys: from 0 bits, one grey, to 8 bits, all greys equally often. More is not "
    "better: noise has much of it."
)
_NOISE = "Standard deviation of the noise, estimated from the finest details (Donoho and Johnstone, 1994)."
