"""Records of fixed width, cut out of a text and read a column at a time: a row of character codes a record, and numpy.

Where every record is as wide as its line the rows are a view of the text, not a copy. What is not written in the common way is
never guessed here: its row is marked, and the format looks at it by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_BLANKS = (9, 12, 32, 160)  # what a line without anything may hold
_AT_ONCE = 65_536  # records padded or counted in one go
_ZERO, _SPACE = ord("0"), ord(" ")

Rows = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Records:
    """Records of a text: the codes of their characters (N × width) and the line that each stands on."""

    codes: npt.NDArray[Any]
    lines: Rows

    def text(self, row: int) -> str:
        """One record."""
        return "".join(map(chr, self.codes[row].tolist()))

    def characters(self, rows: Rows, start: int, stop: int) -> npt.NDArray[Any]:
        """Codes of the characters `start` to `stop` of some records."""
        return np.ascontiguousarray(self.codes[:, start:stop][rows])

    def texts(self, rows: Rows, start: int, stop: int) -> pa.Array:
        """A column of trimmed texts; null where nothing is written."""
        trimmed = pc.utf8_trim_whitespace(_strings(self.characters(rows, start, stop)))
        return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)

    def number(self, rows: Rows, start: int, stop: int) -> tuple[Rows, Marks]:
        """Whole numbers of up to 18 digits, blanks allowed before the first; and where they are such numbers."""
        codes = self.characters(rows, start, stop)
        digits = (codes >= _ZERO) & (codes <= _ZERO + 9)
        # Once a digit is there, only digits follow; and the last character is one.
        good = digits[:, -1] & (digits | (codes == _SPACE)).all(axis=1) & ~(digits[:, :-1] & ~digits[:, 1:]).any(axis=1)
        value = np.zeros(len(rows), np.int64)
        for column in range(stop - start):
            value *= 10
            value += np.where(digits[:, column], codes[:, column].astype(np.int64) - _ZERO, 0)
        return value, good

    def dates(self, rows: Rows, start: int) -> tuple[Days, Marks]:
        """Days written DDMMYY, years from 1970 to 2069; and where they are such days."""
        written, good = self.number(rows, start, start + 6)
        good &= self.codes[:, start][rows] != _SPACE
        day, month, year = written // 10_000, written // 100 % 100, written % 100
        first = (np.where(year < 70, 30, -70) + year) * 12 + month - 1  # months since 1970
        date: Days = first.astype("datetime64[M]").astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
        good &= (month >= 1) & (month <= 12) & (date.astype("datetime64[M]").astype(np.int64) == first) & (day >= 1)
        return date, good

    def blank(self, rows: Rows, start: int, stop: int) -> Marks:
        """Where nothing is written."""
        marks: Marks = (self.characters(rows, start, stop) == _SPACE).all(axis=1)
        return marks


def cut(text: str, width: int) -> Records:
    """The records of a text: its lines, each cut every `width` characters, short ones filled up with blanks, blank ones left out."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    flat = _codes(text)
    ends = np.append(np.flatnonzero(flat == ord("\n")), len(flat))
    starts = np.append(0, ends[:-1] + 1)
    pieces = -(-(ends - starts) // width)
    line = np.repeat(np.arange(1, len(ends) + 1), pieces)
    rank = np.arange(len(line)) - np.repeat(np.cumsum(pieces) - pieces, pieces)  # which piece of its line
    start = np.repeat(starts, pieces) + rank * width
    length = np.minimum(np.repeat(ends, pieces) - start, width)
    codes = _windows(flat, start, length, width)
    filled = ~_is_blank(codes)
    return Records(codes, line) if filled.all() else Records(codes[filled], line[filled])


def _codes(text: str) -> npt.NDArray[Any]:
    """Characters as numbers of one width: a byte each where they fit."""
    try:
        return np.frombuffer(text.encode("latin-1"), np.uint8)
    except UnicodeEncodeError:
        wide = text.encode("utf-16-le")
        if len(wide) == 2 * len(text):
            return np.frombuffer(wide, np.uint16)
        return np.frombuffer(text.encode("utf-32-le"), np.uint32)


def _windows(flat: npt.NDArray[Any], start: Rows, length: Rows, width: int) -> npt.NDArray[Any]:
    if not len(start):
        return np.empty((0, width), flat.dtype)
    if start[-1] + width > len(flat):
        flat = np.append(flat, np.full(width, _SPACE, flat.dtype))
    windows = np.lib.stride_tricks.sliding_window_view(flat, width)
    short = np.flatnonzero(length < width)
    steps = np.diff(start)
    if not len(short) and len(steps) and (steps == steps[0]).all():
        return windows[start[0] :: steps[0]][: len(start)]
    codes = windows[start]
    for at in range(0, len(short), _AT_ONCE):
        rows = short[at : at + _AT_ONCE]
        codes[rows] = np.where(np.arange(width) < length[rows][:, None], codes[rows], _SPACE)
    return codes


def _is_blank(codes: npt.NDArray[Any]) -> Marks:
    blank = np.isin(codes[:, 0], _BLANKS)
    rows = np.flatnonzero(blank)
    for at in range(0, len(rows), _AT_ONCE):
        some = rows[at : at + _AT_ONCE]
        blank[some] = np.isin(codes[some], _BLANKS).all(axis=1)
    return blank


def _strings(codes: npt.NDArray[Any]) -> pa.Array:
    """Rows of character codes as texts: UTF-8 made by hand, a column of a million texts at once."""
    rows, width = codes.shape
    flat = codes.ravel()
    if not len(flat) or int(flat.max()) < 0x80:
        ends = np.arange(rows + 1, dtype=np.int64) * width
        return _arrow(ends, flat.astype(np.uint8, copy=False))
    code = flat.astype(np.uint32)
    size = 1 + (code >= 0x80) + (code >= 0x800).astype(np.int64) + (code >= 0x10000)
    last = np.cumsum(size) - 1  # place of the last byte of each character
    data = np.empty(int(last[-1]) + 1, np.uint8)
    lead = np.array([0, 0, 0xC0, 0xE0, 0xF0], np.uint32)[size]
    for back in range(4):
        some = np.flatnonzero(size > back)
        shifted = code[some] >> np.uint32(6 * back)
        is_lead = size[some] == back + 1
        data[last[some] - back] = np.where(is_lead, shifted | lead[some], shifted & 0x3F | 0x80)
    return _arrow(np.append(0, last[width - 1 :: width] + 1), data)


def _arrow(offsets: Sequence[int] | Rows, data: npt.NDArray[np.uint8]) -> pa.Array:
    buffers = [None, pa.py_buffer(np.asarray(offsets, np.int64)), pa.py_buffer(np.ascontiguousarray(data))]
    return pa.Array.from_buffers(pa.large_string(), len(offsets) - 1, buffers).cast(pa.string())
