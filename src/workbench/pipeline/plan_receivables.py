"""What receivables tell cash plans, at the date of each plan and at past origins: by line, in value, each origin worked out once.

Past origins stand on one grid, every fourth Sunday, whatever the date of the plan: plans of several weeks share them, and a week of the
cube ends on a Sunday, so that none is cut. What an origin says rests on the books as they were then; how long receipts took to be in value is
learnt from the bank lines that the plan knows, up to the origin.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.pipeline.receipt_lines import LATELY_DAYS, UNCLASSIFIED, Floats, ReceiptLines, load_receipt_lines
from workbench.pipeline.receipts import Tables, and_lately, bank_lags, grid_of, in_value, office_cube
from workbench.recovery import ReceiptCube, cohort_receipts, days_of_change, kinds_of, units_on
from workbench.standards import BankDays

GRID = date(1970, 1, 4)  # a Sunday
STEP_DAYS = 28
MOST_ORIGINS, LEAST_PAST = 18, 125  # past origins of a plan; bank days of history before the first
TOLD_DAYS = 63  # bank days that a past origin tells of: those of a test of the race
COLUMNS = ["origin_date", "flow_date", "line_code", "currency_code", "mean_mad"]
Kind = tuple[str, str, str]  # line, currency, channel


@dataclass(frozen=True)
class _Received:
    """What is received after an origin, and lately before it: `amounts` (days, kinds) in units; `grid`: bank days that it learns from and
    tells of; `cube`: its receipts alone."""

    kinds: list[Kind]
    days: npt.NDArray[np.datetime64]
    amounts: Floats
    grid: npt.NDArray[np.datetime64]
    cube: ReceiptCube


class Receivables:
    """The receivables of an office for the plans of some dates: one cube for all of them, kept with what each origin was found to say."""

    def __init__(self, office: Tables, dates: Sequence[date], bank_days: BankDays) -> None:
        self._office, self._dates, self._bank_days = office, sorted(dates), bank_days
        self._lines: ReceiptLines = load_receipt_lines()
        self._organisations: dict[int, pd.DataFrame] = {}
        self._found: dict[tuple[date, date], _Received] = {}
        self._tables: dict[tuple[date, date, bytes], pd.DataFrame] = {}

    @cached_property
    def has_bills(self) -> bool:
        """Whether the office has any bill."""
        return bool(self._office["invoices"].aggregate("count(*)").fetchall()[0][0])

    @cached_property
    def _cube(self) -> ReceiptCube:
        return office_cube(self._office, self._dates[-1], self._dates)

    @cached_property
    def _changes(self) -> list[date]:
        return days_of_change(self._office["units"])

    def _centres(self, origin: date) -> pd.DataFrame:
        """Centres as they stood on an origin; the organisation is asked for once between two of its changes."""
        place = bisect_right(self._changes, origin)
        if place not in self._organisations:
            self._organisations[place] = units_on(self._office["units"], origin)
        return self._organisations[place]

    def expected(self, flows: pd.DataFrame, as_of: date, until: date) -> pd.DataFrame | None:
        """Receipts expected from `as_of` to `until`, and at the past origins of that plan, see `COLUMNS`: what `cash.make_plan` asks for.

        `flows` are those known to the plan (`cash.daily_flows`). None where the office has no bills, or too short a past.
        """
        origins = past_origins(flows, as_of, self._bank_days)
        if not origins or not self.has_bills:
            return None
        bank = _Bank(flows, self._lines)
        asked = [(origin, self._bank_days.add(origin, TOLD_DAYS)) for origin in origins] + [(as_of, until)]
        return pd.concat([self._told(bank, *each) for each in asked], ignore_index=True)

    def _told(self, bank: "_Bank", origin: date, until: date) -> pd.DataFrame:
        key = (origin, until, bank.digest(origin))
        if key not in self._tables:
            self._tables[key] = self._table(bank, origin, until)
        return self._tables[key]

    def _table(self, bank: "_Bank", origin: date, until: date) -> pd.DataFrame:
        received = self._received(origin, until)
        grid = received.grid
        channels, kernels = bank_lags(received.cube, bank.flows, self._lines, grid)
        channel = np.array([kind[2] for kind in received.kinds], object)
        found = in_value(received.days, received.amounts, channel, channels, kernels, grid)
        ahead, placed = grid > np.datetime64(origin), bank.lines_with_account(origin)
        kinds = sorted({kind[:2] for kind in received.kinds} & placed)
        sums = np.zeros((int(ahead.sum()), len(kinds)))
        for column, kind in enumerate(kinds):
            sums[:, column] = found[:, [each[:2] == kind for each in received.kinds]][ahead].sum(axis=1)
        day, place = np.nonzero(sums)
        told = {
            "origin_date": pd.Series(pd.Timestamp(origin), index=range(len(day)), dtype="datetime64[s]"),
            "flow_date": grid[ahead][day].astype("datetime64[s]"),
            "line_code": pd.array([kinds[at][0] for at in place], dtype="str"),
            "currency_code": pd.array([kinds[at][1] for at in place], dtype="str"),
        }
        return pd.DataFrame(told | {"mean_mad": sums[day, place]})

    def _received(self, origin: date, until: date) -> _Received:
        if (origin, until) not in self._found:
            self._found[origin, until] = self._worked_out(self._cube.on(origin), until)
        return self._found[origin, until]

    def _worked_out(self, cube: ReceiptCube, until: date) -> _Received:
        keys, days, amounts = and_lately(cohort_receipts(cube, self._centres(cube.as_of), until), cube)
        asked = zip(keys["segment_code"], keys["service_code"], keys["channel_code"], strict=True)
        lines = [self._lines.line_of(*kind) for kind in asked]
        every = list(zip(lines, keys["currency_code"], keys["channel_code"], strict=True))
        kinds = sorted({kind for kind in every if kind[0] != UNCLASSIFIED})
        sums = [amounts[:, [each == kind for each in every]].sum(axis=1) for kind in kinds]
        alone = ReceiptCube(cube.as_of, (), cube.book[:0], cube.bills[:0], cube.receipts)
        grid = grid_of(self._bank_days, cube.as_of, until)
        return _Received(kinds, days, np.array(sums).reshape(len(kinds), len(days)).T, grid, alone)


class _Bank:
    """What banks got on the lines of receipts, laid out once for all origins of a plan."""

    def __init__(self, flows: pd.DataFrame, lines: ReceiptLines) -> None:
        names = ["line_code", "currency_code", "account_number", "directorate_code"]
        self.flows = flows[flows["line_code"].isin(sorted(set(lines.by_kind.values())))].reset_index(drop=True)
        self._kinds, self._kind = kinds_of(self.flows, names)
        self._told = [hashlib.sha256(repr(kind).encode()).digest() for kind in self._kinds]
        self._day = self.flows["flow_date"].to_numpy("datetime64[D]")
        self._amount = self.flows["amount_centimes"].to_numpy(np.float64)

    def digest(self, origin: date) -> bytes:
        """A name of the history up to an origin: plans that know the same of it expect the same from it."""
        rows = self._day <= np.datetime64(origin)
        there, kind = np.unique(self._kind[rows], return_inverse=True)
        parts = [
            *(self._told[at] for at in there),
            kind.tobytes(),
            self._day[rows].tobytes(),
            self._amount[rows].tobytes(),
        ]
        return hashlib.sha256(b"".join(parts)).digest()

    def lines_with_account(self, origin: date) -> set[tuple[str, ...]]:
        """Lines and currencies that some account got money of in the year to an origin: others are on no account, nor in a plan."""
        day = np.datetime64(origin)
        lately = (self._day <= day) & (self._day > day - LATELY_DAYS)
        sums = np.bincount(self._kind[lately], self._amount[lately], len(self._kinds))
        return {kind[:2] for kind, got in zip(self._kinds, sums, strict=True) if got > 0}


def past_origins(flows: pd.DataFrame, as_of: date, bank_days: BankDays) -> list[date]:
    """The Sundays of the grid before a date with `LEAST_PAST` bank days of flows before them, oldest first; the last `MOST_ORIGINS`."""
    if flows.empty:
        return []
    first = bank_days.add(max(flows["flow_date"].min().date(), bank_days.first_day), LEAST_PAST)
    last = as_of - timedelta(days=((as_of - GRID).days - 1) % STEP_DAYS + 1)
    back = [last - timedelta(days=STEP_DAYS * count) for count in range(MOST_ORIGINS - 1, -1, -1)]
    return [origin for origin in back if origin >= first]
