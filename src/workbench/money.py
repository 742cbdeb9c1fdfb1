"""Money: hundredths of a currency as integers, read exactly, rounded once, half away from zero.

An amount is an `int` number of hundredths of its currency, whatever the currency (2,700 JPY is 270,000). A text that is
finer than a hundredth is refused, never rounded. Everything that rounds money calls `divide_rounded` or `round_half_away`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from workbench.errors import AmountError, AmountNotExact

DayCount = Literal["act/360", "act/365", "act/act"]

# Spaces that senders put between thousands: plain, no-break, narrow no-break, thin, figure.
SPACES = " \u00a0\u202f\u2009\u2007"
LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Amount:
    """An amount inside a sentence: written in the manner of the language that the sentence is said in."""

    centimes: int
    currency_code: str

    def said(self, lang: str) -> str:
        """`1 234,56 MAD` in French, `1,234.56 MAD` in English; no-break spaces, a true minus."""
        whole, rest = divmod(abs(self.centimes), 100)
        thousands, decimal = ("\u202f", ",") if lang == "fr" else (",", ".")
        sign = "\u2212" if self.centimes < 0 else ""
        return f"{sign}{whole:,}".replace(",", thousands) + f"{decimal}{rest:02d}\u00a0{self.currency_code}"


def read_centimes(text: str, decimal: str = ",", thousands: str = SPACES) -> int:
    """Hundredths that a written amount stands for; a sign may lead or trail (`1.234,56-`).

    Raises `AmountError` where the text is no amount (a mark out of place included), `AmountNotExact` where it is finer than
    a hundredth.
    """
    compact = text.strip(SPACES + "\t")
    sign = 1
    if compact[-1:] in "-+\u2212" and compact[-1:]:
        sign, compact = (1 if compact[-1] == "+" else -1), compact[:-1].strip(SPACES)
    elif compact[:1] in "-+\u2212" and compact[:1]:
        sign, compact = (1 if compact[0] == "+" else -1), compact[1:].strip(SPACES)
    if not _pattern(decimal, thousands).fullmatch(compact):
        raise AmountError(f"« {text} » is not an amount written with decimal mark « {decimal} »")
    for mark in thousands:
        compact = compact.replace(mark, "")
    whole, _, fraction = compact.partition(decimal)
    fraction = fraction.rstrip("0")
    if len(fraction) > 2:
        raise AmountNotExact(f"« {text} » is finer than a hundredth")
    centimes = sign * (int(whole or "0") * 100 + int(fraction.ljust(2, "0") or "0"))
    if abs(centimes) > LARGEST:
        raise AmountError(f"« {text} » is larger than any amount that can be kept")
    return centimes


def _pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    marks = re.escape(thousands)
    # Groups of three where a thousands mark is used: « 12 34,5 » and « 1,2,3 » are typing errors, not amounts.
    grouped = rf"[0-9]{{1,3}}(?:[{marks}][0-9]{{3}})+|[0-9]+" if thousands else r"[0-9]+"
    return re.compile(rf"(?:{grouped})(?:{re.escape(decimal)}[0-9]*)?|{re.escape(decimal)}[0-9]+")


def centimes_column(
    texts: pa.Array | pa.ChunkedArray, decimal: str = ",", thousands: str = SPACES
) -> tuple[pa.Array, list[tuple[int, AmountError]]]:
    """Hundredths of a whole column, and the rows that could not be read (row, reason); their amount is null. Nulls stay null.

    The common shape is read by vector operations; only what does not fit it is looked at one text at a time.
    """
    column = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    column = pc.cast(column, pa.string())
    compact = pc.utf8_trim(column, SPACES + "\t")
    simple = pc.match_substring_regex(compact, rf"^[+-]?[0-9]{{1,15}}(?:{re.escape(decimal)}[0-9]{{1,2}})?$")
    plain = pc.if_else(pc.fill_null(simple, False), compact, None)
    dotted = plain if decimal == "." else pc.replace_substring(plain, decimal, ".")
    exact = pc.cast(dotted, pa.decimal128(20, 2))
    centimes = pc.cast(pc.multiply(exact, pa.scalar(Decimal(100), pa.decimal128(3, 0))), pa.int64(), safe=True)
    hard = pc.and_(pc.is_valid(column), pc.invert(pc.fill_null(simple, False)))
    if not pc.any(hard).as_py():
        return centimes, []
    values, problems = centimes.to_pylist(), []
    for row in pc.indices_nonzero(hard).to_pylist():
        try:
            values[row] = read_centimes(column[row].as_py(), decimal, thousands)
        except AmountError as error:
            problems.append((row, error))
    return pa.array(values, pa.int64()), problems


def divide_rounded(numerator: int, denominator: int) -> int:
    """`numerator / denominator` to the nearest integer, halves away from zero: the one rounding of money."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    quotient, rest = divmod(abs(numerator), denominator)
    return (quotient + (2 * rest >= denominator)) * (1 if numerator >= 0 else -1)


def round_half_away(value: Decimal | Fraction | int) -> int:
    """Nearest integer, halves away from zero. A float is no exact number: it is refused by the type."""
    exact = Fraction(value)
    return divide_rounded(exact.numerator, exact.denominator)


def at_rate(centimes: int, rate: Decimal | Fraction) -> int:
    """A share of an amount (VAT, fee), rounded once. `rate` is a fraction: 0.10 for 10 %."""
    return round_half_away(centimes * Fraction(rate))


def year_fraction(start: date, end: date, day_count: DayCount) -> Fraction:
    """Part of a year from `start` to `end` (`end` not counted).

    `act/360` and `act/365` divide the days by 360 and 365; `act/act` divides the days of each calendar year by its own
    length, 365 or 366 (ISDA 2006, section 4.16(b)). Negative where `end` is before `start`.
    """
    if end < start:
        return -year_fraction(end, start, day_count)
    days = (end - start).days
    if day_count == "act/360":
        return Fraction(days, 360)
    if day_count == "act/365":
        return Fraction(days, 365)
    if start.year == end.year:
        return Fraction(days, _days_in(start.year))
    first = Fraction((date(start.year + 1, 1, 1) - start).days, _days_in(start.year))
    last = Fraction((end - date(end.year, 1, 1)).days, _days_in(end.year))
    return first + (end.year - start.year - 1) + last


def _days_in(year: int) -> int:
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days


def simple_interest(
    centimes: int, rate: Decimal | Fraction, start: date, end: date, day_count: DayCount = "act/360"
) -> int:
    """Interest in hundredths of `centimes` at `rate` (a fraction a year), rounded once."""
    return round_half_away(centimes * Fraction(rate) * year_fraction(start, end, day_count))


def split_by_weights(total: int, weights: Sequence[int]) -> list[int]:
    """Shares of `total` in proportion to `weights` that add up to it exactly: largest remainders first, then the first row."""
    whole = sum(weights)
    if whole == 0:
        raise AmountError("weights add up to nothing")
    sign = -1 if total < 0 else 1
    parts = [abs(total) * weight // whole for weight in weights]
    rests = sorted(range(len(weights)), key=lambda i: (-(abs(total) * weights[i] % whole), i))
    for i in rests[: abs(total) - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]


def estimated_centimes(units: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Estimates in units of a currency as hundredths, each rounded once, half away from zero. Facts never pass here: they are no floats."""
    hundredths = np.abs(units) * 100
    rounded: npt.NDArray[np.int64] = (np.sign(units) * np.floor(hundredths + 0.5)).astype(np.int64)
    return rounded


def split_rows(totals: npt.NDArray[np.int64], weights: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Each of (rows,) totals split in proportion to its (rows, parts) weights, which are not negative; parts add up to it exactly.

    As `split_by_weights`, in integers: weights are taken to a billionth of their row's sum. Raises `AmountError` where a total
    that is not nil has weights that add up to nothing.
    """
    whole = weights.sum(axis=1, keepdims=True)
    if np.any((whole[:, 0] <= 0) & (totals != 0)):
        raise AmountError("weights add up to nothing")
    shares = np.rint(weights / np.where(whole > 0, whole, 1) * 1e9).astype(np.int64)
    bases = np.maximum(shares.sum(axis=1, keepdims=True), 1)
    # total = turns × base + rest: nothing here passes 2⁶³, whatever the total.
    turns, rests = np.divmod(np.abs(totals)[:, None], bases)
    parts, fractions = np.divmod(rests * shares, bases)
    parts += turns * shares
    left = np.abs(totals)[:, None] - parts.sum(axis=1, keepdims=True)
    order = np.argsort(-fractions, axis=1, kind="stable")
    ranks = np.argsort(order, axis=1, kind="stable")
    found: npt.NDArray[np.int64] = (parts + (ranks < left)) * np.sign(totals)[:, None]
    return found
