"""Triangles of an office: from its open-items tables to one small array a group, with what is in none of them told beside.

What is heavy is summed in the engine once (`cells`); here small tables become triangles.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import WrongUse
from workbench.frames import frame
from workbench.recovery.balances import on_day
from workbench.recovery.triangles.book_problems import before_first_bill, book_problems
from workbench.recovery.triangles.cells import (
    MEASURES,
    billed_months,
    cell_keys,
    day_ordinals,
    event_cells,
    first_bill,
    receipts_left_out,
)
from workbench.recovery.triangles.grid import Grid, Integers, first_day
from workbench.recovery.triangles.triangle import Triangle
from workbench.schemas.checking import Problem

_BILLED = ("invoice_count", "billed_centimes")


@dataclass(frozen=True)
class TriangleBook:
    """Triangles of an office on an evening.

    `cells`: `keys`, `vintage_date` (first day), `age` (where the cell begins, in units of `grid`), `MEASURES` (what happened in the cell, centimes;
    a negative one is a payment that came back), `is_complete` (see `grid`). Cells where nothing happened have no row. `vintages`: `keys`,
    `vintage_date`, `invoice_count`, `billed_centimes` (TTC, cancelled bills out), a sum of each of `MEASURES` up to `as_of`, complete or not.
    `left_out`: cash that is in no cell, see `receipts_left_out`. `problems`: what a reader must know before he believes the rest.
    """

    as_of: date
    grid: Grid
    keys: tuple[str, ...]
    cells: pd.DataFrame
    vintages: pd.DataFrame
    left_out: pd.DataFrame
    problems: tuple[Problem, ...]

    def groups(self) -> list[dict[str, Any]]:
        """The keys of every triangle that there is, sorted; None is what a bill does not say."""
        told = self.vintages[list(self.keys)].drop_duplicates()
        rows = [{str(name): _plain(value) for name, value in row.items()} for row in told.to_dict("records")]
        return sorted(rows, key=lambda row: tuple(str(value or "") for value in row.values()))

    def triangle(self, measure: str = "collected_centimes", **keys: Any) -> Triangle:
        """One triangle, in units of the currency, of the cells that are over; keys that all groups share need not be named.

        Raises `WrongUse` for an unknown measure or key, or where the keys name no group or several.
        """
        if measure not in MEASURES:
            raise WrongUse(f"no measure is called {measure!r}", "measure", f"known: {', '.join(MEASURES)}")
        if unknown := sorted(keys.keys() - set(self.keys)):
            raise WrongUse(f"no key is called {unknown[0]!r}", "keys", f"known: {', '.join(self.keys)}")
        found = [group for group in self.groups() if all(group[name] == value for name, value in keys.items())]
        if len(found) != 1:
            raise WrongUse(f"the keys name {len(found)} triangles", "keys", f"known: {', '.join(self.keys)}")
        return self._cut(measure, found[0], _of(self.cells, found[0]), _of(self.vintages, found[0]))

    def triangles(self, measure: str = "collected_centimes") -> Iterator[Triangle]:
        """Every triangle, in the order of `groups`."""
        names = list(self.keys)
        parts = {_texts(key): rows for key, rows in self.cells.groupby(names, dropna=False, sort=False)}
        vintages = {_texts(key): rows for key, rows in self.vintages.groupby(names, dropna=False, sort=False)}
        for group in self.groups():
            key = _texts(tuple(group.values()))
            yield self._cut(measure, group, parts.get(key, self.cells.iloc[:0]), vintages[key])

    def _cut(self, measure: str, group: Mapping[str, Any], cells: pd.DataFrame, vintages: pd.DataFrame) -> Triangle:
        step = self.grid.vintage_months
        months = _ordinals(vintages["vintage_date"])
        first, last = int(months.min()), int(months.max())
        rows = np.arange(first, last + 1, step)
        over = np.array([self.grid.complete_ages(int(month), self.as_of) for month in rows])
        count = max(int(over.max()), 1)
        amounts = np.zeros((len(rows), count))
        kept = cells[cells["is_complete"]]
        place = (
            (_ordinals(kept["vintage_date"]) - first) // step,
            kept["age"].to_numpy(np.int64) // self.grid.age_step,
        )
        np.add.at(amounts, place, kept[measure].to_numpy(np.float64))
        is_over = np.arange(count) < over[:, None]
        # A vintage that is not over has no amount billed yet that its cells could be measured by.
        billed = np.zeros(len(rows))
        billed[(months - first) // step] = vintages["billed_centimes"].to_numpy(np.float64)
        values = np.where(is_over, np.cumsum(amounts, axis=1), np.nan) / 100  # divided last: centimes add up exactly
        days = np.array([first_day(int(month)) for month in rows], "datetime64[D]")
        return Triangle(values, days, np.arange(count) * self.grid.age_step, billed / 100, self.grid.periods(rows, count), self._cycle, group)  # fmt: skip

    @property
    def _cycle(self) -> int:
        return 4 if self.grid.age == "quarters" else 12


def triangle_book(
    invoices: Any,
    allocations: Any,
    payments: Any = None,
    credit_notes: Any = None,
    write_offs: Any = None,
    *,
    as_of: date | str,
    by: str | Sequence[str] = (),
    grid: Grid | None = None,
) -> TriangleBook:
    """The triangles of an office, from tables of `schemas.tables`, of events dated up to `as_of`.

    Parameters
    ----------
    by
        Columns of `invoices` by which triangles are told apart, beside `currency_code` and `segment_code`, which always are.
    grid
        By default months by months.

    Notes
    -----
    Without `payments` allocations count as cash that never bounced. Credits on no bill are of no vintage. Nothing is ever compared that is
    not over: of the last cells `is_complete` is false. An `as_of` before the first bill gives empty tables and says so in `problems`. Raises
    `WrongUse` where `invoices` has no column of that name.
    """
    day, cut = on_day(as_of), grid or Grid()
    keys = cell_keys(by, frame(invoices))
    first = first_bill(invoices, as_of=day).iloc[0]
    start = day if pd.isna(first["first_date"]) else min(first["first_date"].date(), day)
    days = day_ordinals(start, day) if cut.age == "days" else None
    tables = (invoices, allocations, payments, credit_notes, write_offs)
    cells = _on_grid(event_cells(*tables, days, as_of=day, by=keys, spell_days=cut.days), keys, cut, day)
    vintages = _with_sums(_on_vintages(billed_months(invoices, as_of=day, by=keys), keys, cut), cells, keys)
    left_out = receipts_left_out(invoices, allocations, payments, as_of=day)
    problems = book_problems(cells, vintages, left_out, keys, cut.vintage_months)
    if not first["issued_count"]:
        problems = before_first_bill(day, first["first_date"])
    return TriangleBook(day, cut, tuple(keys), cells, vintages, left_out, problems)


def _on_grid(events: pd.DataFrame, keys: list[str], grid: Grid, as_of: date) -> pd.DataFrame:
    """Events of months as cells of the grid, each marked whether it is over."""
    bill = events["bill_month"].to_numpy(np.int64)
    age = grid.age_of(bill, events["event_place"].to_numpy(np.int64))
    vintage = bill // grid.vintage_months * grid.vintage_months
    amount, kind = (events[name].to_numpy(np.int64) for name in ("amount_centimes", "event_kind"))
    measured = {name: np.where(kind == place, amount, 0) for place, name in enumerate(MEASURES)}
    cells = events[keys].assign(vintage_date=vintage, age=age, **measured)
    cells = cells.groupby([*keys, "vintage_date", "age"], dropna=False, sort=True)[list(MEASURES)].sum().reset_index()
    over = {int(month): grid.complete_ages(int(month), as_of) for month in cells["vintage_date"].unique()}
    cells["is_complete"] = cells["age"] < cells["vintage_date"].map(over).astype("int64")
    cells["vintage_date"] = _first_days(cells["vintage_date"])
    cells["age"] *= grid.age_step
    return cells.astype(dict.fromkeys(MEASURES, "int64"))


def _on_vintages(billed: pd.DataFrame, keys: list[str], grid: Grid) -> pd.DataFrame:
    months = billed["bill_month"].to_numpy(np.int64)
    placed = billed[[*keys, *_BILLED]].assign(vintage_date=months // grid.vintage_months * grid.vintage_months)
    summed = placed.groupby([*keys, "vintage_date"], dropna=False, sort=True)[list(_BILLED)].sum().reset_index()
    summed["vintage_date"] = _first_days(summed["vintage_date"])
    return summed


def _with_sums(billed: pd.DataFrame, cells: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Vintages with all that happened to them; one of rests alone, which was billed nothing, keeps its row."""
    by = [*keys, "vintage_date"]
    sums = cells.groupby(by, dropna=False, sort=True)[list(MEASURES)].sum().reset_index()
    whole = pd.concat([billed, sums], ignore_index=True)
    amounts = [*_BILLED, *MEASURES]
    whole[amounts] = whole[amounts].fillna(0).astype("int64")
    return whole.groupby(by, dropna=False, sort=True)[amounts].sum().reset_index()


def _ordinals(days: pd.Series) -> Integers:
    found: Integers = (days.dt.year * 12 + days.dt.month - 1).to_numpy(np.int64)
    return found


def _first_days(months: pd.Series) -> pd.Series:
    return pd.to_datetime(months.map(lambda month: first_day(int(month)))).astype("datetime64[s]")


def _of(table: pd.DataFrame, group: Mapping[str, Any]) -> pd.DataFrame:
    kept = np.ones(len(table), bool)
    for name, value in group.items():
        kept &= (table[name].isna() if value is None else table[name] == value).to_numpy(bool)
    return table[kept]


def _plain(value: Any) -> Any:
    return None if pd.isna(value) else value


def _texts(key: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple("" if pd.isna(value) else str(value) for value in key)
