"""Cells of text turned into the type of their column, a whole column at once.

Each function returns the column and the faults of its rows. Nothing is rounded, padded or guessed: a cell that is not written
as the profile says is a fault.
"""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from workbench.errors import AmountNotExact, IdentifierError
from workbench.identifiers import check_rib
from workbench.money import SPACES, centimes_column
from workbench.schemas.columns import COLUMNS

# What a profile writes in date_formats where a spreadsheet was saved with its dates as serial numbers.
SERIAL = "excel"
FIRST_YEAR, LAST_YEAR = 1900, 2200
_TRUTHS = {"true": True, "1": True, "oui": True, "yes": True, "x": True, "false": False, "0": False, "non": False, "no": False}  # fmt: skip
_EXCEL_NUMBER = r"^[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+$"


@dataclass(frozen=True)
class Marks:
    """How a file writes amounts and dates."""

    decimal: str
    thousands: str
    date_formats: tuple[str, ...]
    is_1904: bool = False  # serial dates of a workbook counted from 1904


@dataclass(frozen=True)
class Fault:
    """What is wrong with one row of a column."""

    row: int
    code: str
    value: str | None = None


Converted = tuple[pa.Array, list[Fault]]


def converted(texts: pa.Array, name: str, marks: Marks) -> Converted:
    """A column of texts as the column `name` of the house; nulls stay null."""
    kind = COLUMNS[name].type
    if name.endswith("_centimes"):
        return amounts(texts, marks)
    if kind == pa.date32():
        return _by_value(texts, lambda text: _plausible(_day(text, marks), name), kind, "date_unreadable")
    if kind == pa.int64():
        return _by_value(_ungrouped(texts, marks), int, kind, "number_unreadable", r"^[+-]?[0-9]{1,18}$")
    if kind == pa.float64():
        plain = _ungrouped(texts, marks)
        plain = pc.replace_substring(plain, marks.decimal, ".") if marks.decimal != "." else plain
        return _by_value(plain, float, kind, "decimal_unreadable", r"^[+-]?[0-9]+(?:\.[0-9]+)?$")
    if kind == pa.bool_():
        return _by_value(texts, lambda text: _TRUTHS[text.casefold()], kind, "truth_unreadable")
    if pa.types.is_timestamp(kind):
        return _by_value(texts, lambda text: _instant(text, marks), kind, "date_unreadable")
    if name == "account_identifier":  # any name does, but not a RIB that a spreadsheet made a number of
        return texts, _numbers(texts)
    return texts, _ribs(texts) if name == "account_number" else []


def amounts(texts: pa.Array, marks: Marks) -> Converted:
    """Hundredths. Thousands marks between groups of three and a trailing sign are taken away by vector operations first."""
    plain = pc.utf8_trim_whitespace(texts)
    # Each pattern costs as much as reading the column: it is only tried where its mark is there at all.
    if pc.any(pc.ends_with(plain, "-")).as_py():
        plain = pc.replace_substring_regex(plain, rf"^([^+-].*?)[{SPACES}]*-$", r"-\1")
    made, errors = centimes_column(_ungrouped(plain, marks), marks.decimal, marks.thousands)
    codes = [("amount_not_exact" if isinstance(e, AmountNotExact) else "amount_unreadable", row) for row, e in errors]
    return made, [Fault(row, code, texts[row].as_py()) for code, row in codes]


def _ungrouped(texts: pa.Array, marks: Marks) -> pa.Array:
    """Numbers without the thousands marks that stand between their groups of three; any other text as it is."""
    if not any(pc.any(pc.match_substring(texts, mark)).as_py() for mark in marks.thousands):
        return texts
    group = "[" + "".join("\\" + mark if mark in "]\\^-" else mark for mark in marks.thousands) + "]"
    decimal = "\\" + marks.decimal
    grouped = pc.match_substring_regex(texts, rf"^[+-]?[0-9]{{1,3}}(?:{group}[0-9]{{3}})+(?:{decimal}[0-9]*)?$")
    bare = texts
    for mark in marks.thousands:
        bare = pc.replace_substring(bare, mark, "")
    return pc.if_else(pc.fill_null(grouped, False), bare, texts)


def _by_value(
    texts: pa.Array, read: Callable[[str], Any], kind: pa.DataType, code: str, pattern: str | None = None
) -> Converted:
    """Read each different text once: a million rows hold few different dates. A text that `read` refuses is a fault."""
    coded = pc.dictionary_encode(texts)
    known = coded.dictionary
    fits = [True] * len(known) if pattern is None else pc.match_substring_regex(known, pattern).to_pylist()
    values: list[Any] = []
    for text, fit in zip(known.to_pylist(), fits, strict=True):
        try:
            values.append(read(text) if fit else None)
        except (ValueError, KeyError, OverflowError):
            values.append(None)
    made = pa.array(values, kind).take(coded.indices)
    lost = pc.indices_nonzero(pc.and_(pc.is_valid(texts), pc.is_null(made))).to_pylist()
    return made, [Fault(row, code, texts[row].as_py()) for row in lost]


def _day(text: str, marks: Marks) -> date:
    """The civil date that a text writes; a time after it is left."""
    for form in marks.date_formats:
        if form == SERIAL:
            if text.isascii() and text.isdigit():
                return serial_day(int(text), marks.is_1904)
            continue
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 (a civil date has no zone)
        except ValueError:
            continue
    if "T" in text:  # ISO with a time: databases and workbooks write it, whatever else the file does
        return datetime.fromisoformat(text).date()
    raise ValueError(text)


def _plausible(day: date, name: str) -> date:
    """A day that a register or a bank can mean: 0023 is a year cut short, 9999 stands for no end and ends nothing else."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR and not (name.startswith("valid_") and day.year == 9999):
        raise ValueError(day)
    return day


def day_in(text: str | None, formats: Sequence[str]) -> str | None:
    """The first date that a sentence holds, in ISO; None where it holds none."""
    for word in (text or "").split():
        try:
            return _day(word.strip(",;:()"), Marks(",", "", tuple(formats))).isoformat() + "T00:00:00"
        except ValueError:
            continue
    return None


def serial_day(serial: int, is_1904: bool = False) -> date:
    """The date of a spreadsheet's serial number. Day 60 of 1900 never was (the 29 February that Excel believes in)."""
    if is_1904:
        return date(1904, 1, 1) + timedelta(serial)
    if serial in (0, 60) or serial > 2_958_465:
        raise ValueError(serial)
    return date(1899, 12, 31 if serial < 60 else 30) + timedelta(serial)


def _instant(text: str, marks: Marks) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = _hour(text, marks)
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


def _hour(text: str, marks: Marks) -> datetime:
    """The day and hour that a text writes in a format of the profile; midnight where the format has no hour."""
    for form in marks.date_formats:
        with contextlib.suppress(ValueError):
            if form != SERIAL:
                return datetime.strptime(text, form)  # noqa: DTZ007 (its zone is added by whoever asks)
    day = _day(text, marks)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _ribs(texts: pa.Array) -> list[Fault]:
    """Accounts that a spreadsheet kept as a number, and 24 digits whose key does not hold. Other names are names."""
    looks = pc.or_(pc.match_substring_regex(texts, r"^[0-9]{24}$"), pc.match_substring_regex(texts, _EXCEL_NUMBER))
    faults, known = [], {}
    for row in pc.indices_nonzero(pc.fill_null(looks, False)).to_pylist():
        text = texts[row].as_py()
        if text not in known:
            known[text] = _rib_fault(text)
        if known[text]:
            faults.append(Fault(row, known[text], text))
    return faults


def _numbers(texts: pa.Array) -> list[Fault]:
    """Names of accounts written as 1,178E+22, as a RIB that lost its first zeros on the way, or its last digits to zeros."""
    shape = "^[0-9]{22,23}$|^[0-9]{17}0{7}$|" + _EXCEL_NUMBER
    looks = pc.match_substring_regex(texts, shape)
    rows = pc.indices_nonzero(pc.fill_null(looks, False)).to_pylist()
    told = [(row, texts[row].as_py()) for row in rows]
    return [
        Fault(row, "rib_kept_as_number", text)
        for row, text in told
        if not text.isdigit()
        or bool(_rib_fault(text.zfill(24))) == (len(text) == 24)  # made of a number: the key of 24 digits is lost
    ]


def _rib_fault(text: str) -> str:
    if len(text) != 24 or not text.isdigit():
        return "rib_kept_as_number"
    try:
        check_rib(text)
    except IdentifierError:
        return "rib_key_wrong"
    return ""


def translated(texts: pa.Array, codes: dict[str, str]) -> pa.Array:
    """A file's own codes in the codes of the house; what the profile does not translate stays as written."""
    coded = pc.dictionary_encode(texts)
    return pa.array([codes.get(text, text) for text in coded.dictionary.to_pylist()], pa.string()).take(coded.indices)


def joined(template: Sequence[str | pa.Array], count: int) -> pa.Array:
    """Texts and columns one after the other, row by row; null where a column is null."""
    parts = [pa.repeat(pa.scalar(part, pa.string()), count) if isinstance(part, str) else part for part in template]
    return pc.binary_join_element_wise(*parts, "")
