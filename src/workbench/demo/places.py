"""The units of the made-up office: 10 directorates, 30 agencies, 120 centres, and two areas handed over to a regional utility.

Everything here is synthetic. Units are counted from 0; their codes start with the code of the unit above. Days are
`datetime64[D]`, months are counted from 0 (January 2022).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Columns = dict[str, Array]

FIRST_MONTH = np.datetime64("2022-01", "M")
DIRECTORATES, AGENCIES, CENTERS = 10, 30, 120
OFFICE = "SIEGE"
FOUNDED = date(2015, 1, 1)
NEVER = np.datetime64("2200-01-01", "D")


@dataclass(frozen=True)
class CutOver:
    """A retail area handed over to a regional utility on `day`: billed no more from then on, its old debts kept by `manager`."""

    agency: int
    day: np.datetime64
    manager: int


# Illustrative: two of the first dates of the reform, on two agencies that do not exist.
CUT_OVERS = (
    CutOver(29, np.datetime64("2024-10-01", "D"), 108),
    CutOver(0, np.datetime64("2024-11-01", "D"), 4),
)


def month_start(month: int) -> np.datetime64:
    """First day of a month counted from 0."""
    day: np.datetime64 = (FIRST_MONTH + month).astype("datetime64[D]")
    return day


def civil(day: np.datetime64) -> date:
    """A numpy day as a date."""
    return date.fromisoformat(str(day))


def month_of(days: Array) -> npt.NDArray[np.int64]:
    """Months, counted from 0, that days fall in."""
    return (days.astype("datetime64[M]") - FIRST_MONTH).astype(np.int64)


def month_text(month: int) -> str:
    """A month as files are named: 202201."""
    return str(FIRST_MONTH + month).replace("-", "")


def weekday(days: Array) -> npt.NDArray[np.int64]:
    """0 on Monday to 6 on Sunday (1 January 1970 was a Thursday)."""
    return (days.astype("datetime64[D]").astype(np.int64) + 3) % 7


def directorate_code(index: int) -> str:
    """Code of a directorate: DR01 to DR10."""
    return f"DR{index + 1:02d}"


def agency_code(index: int) -> str:
    """Code of an agency: AG011 is the first of DR01."""
    return f"AG{index // 3 + 1:02d}{index % 3 + 1}"


def center_code(index: int) -> str:
    """Code of a centre: C0111 is the first of AG011."""
    agency = index // 4
    return f"C{agency // 3 + 1:02d}{agency % 3 + 1}{index % 4 + 1}"


def unit_rows() -> Iterator[tuple[str, str, str | None, str, date, date | None]]:
    """The register of units: code, level, unit above, name, valid from, valid to. A centre handed over ends, and begins again
    under the agency that keeps its old debts, so that no history is moved."""
    yield OFFICE, "office", None, "Office fictif", FOUNDED, None
    for d in range(DIRECTORATES):
        yield directorate_code(d), "directorate", OFFICE, f"Direction régionale {d + 1}", FOUNDED, None
    for a in range(AGENCIES):
        name = f"Agence {a // 3 + 1}.{a % 3 + 1}"
        yield agency_code(a), "agency", directorate_code(a // 3), name, FOUNDED, None
    for c in range(CENTERS):
        name = f"Centre {c // 12 + 1}.{c // 4 % 3 + 1}.{c % 4 + 1}"
        cut = next((cut for cut in CUT_OVERS if cut.agency == c // 4), None)
        if cut is None:
            yield center_code(c), "center", agency_code(c // 4), name, FOUNDED, None
            continue
        last = civil(cut.day - np.timedelta64(1, "D"))
        first = civil(cut.day)
        yield center_code(c), "center", agency_code(c // 4), name, FOUNDED, last
        yield center_code(c), "center", agency_code(cut.manager // 4), f"{name} (reliquat)", first, None
