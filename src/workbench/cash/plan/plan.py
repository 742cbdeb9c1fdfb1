"""The cash plan on a date: what is known, what a model says, what a person added; in value, by account and line, every bank day.

A plan is arrays, not tables: `(days, series)` in centimes for what adds up, `(paths, days, series)` for what does not. A series is one
account and one line. Whatever is asked of it (a line, a bank, a week) is a sum of series and days, so that every view adds up to
the centime, and every band is read off the summed paths, never summed from bands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.cash.plan import plan_tables

Centimes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LineQuantiles:
    """Calibrated quantiles of whole flows by day and line: `values` (H, L, levels) in units, NaN where only paths tell; `lines` (L,).

    `late` (H, n): what known flows that may slip bring on average, less what the plan says of them, in units (`plan_slips`); None: nothing slips.
    Both are of the paths `paths` (the same array) and of no other: a plan whose paths were changed since does not read them.
    """

    lines: tuple[str, ...]
    values: Floats
    paths: npt.NDArray[np.float32]
    late: Floats | None = None


@dataclass(frozen=True)
class CashPlan:
    """A plan of one currency, made `as_of` a date from what was known then.

    `days` (H) are bank days, the first after `as_of`; up to `daily_until` (13 weeks) they are forecast day by day, later ones are
    months spread on days. `series` holds a row a series (n): `account_number`, `account_label`, `bank_code`, `directorate_code`,
    `line_code`, `model_name`, `reason_code`. `known`, `estimated` and `override` are (H, n) centimes: the plan is their sum.
    `paths` (P, H, n) are whole flows in units of the currency; their mean is the plan, but for known flows that may slip (see
    `plan_paths`). `naive` (H, n), in units, is what the better of two naive forecasts of its line says of the whole flow (the last same weekday, or the last same
    place in the month; chosen on the past). `opening` holds a row an
    account: `account_number`, `value_centimes` (balance in value on `as_of`; null: not known, which is not zero), `state_code`.

    `notes` is what a page tells beside the plan, tables by name, absent or empty where there is nothing to tell:
    `scores` (back-tests of the candidates), `receipts_race` (calendar alone against receivables, a row a line), `months` (`Months`), `line_models` (what tells each line by day, and beyond), `flows` (the known
    flows, a row each), `overrides` (those that count, with who and why), `unclassified`, `unplaced` (known flows that the plan
    cannot hold, with `reason_code`), `accounts` (stale, missing, new and closed ones), `estimated_feasts`, `problems` (rows refused), `told`
    (`Problem`s that the plan was made in spite of, see `plan_problems`).
    `parameters` is what it was made with, `known_import_id` the last import that it could read: part of its name.
    """

    as_of: date
    currency_code: str
    days: pd.DatetimeIndex
    daily_until: date
    series: pd.DataFrame
    known: Centimes
    estimated: Centimes
    override: Centimes
    paths: npt.NDArray[np.float32]
    naive: Floats
    opening: pd.DataFrame
    floor_centimes: int | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    known_import_id: str = ""
    line_quantiles: LineQuantiles | None = None

    @property
    def plan(self) -> Centimes:
        """Known + estimated + override, (H, n) centimes: the mean track."""
        return self.known + self.estimated + self.override

    @cached_property
    def plan_id(self) -> str:
        """The name of the plan: a hash of its origin, of what it could read and of every amount in it. The same plan has the same name."""
        return plan_tables.plan_id(self)

    def flows(
        self, by: Sequence[str] = (), period: str = "day", until: date | None = None, bands: bool = True
    ) -> pd.DataFrame:
        """Amounts by columns of `series` and period; see `plan_tables.flows`."""
        return plan_tables.flows(self, by, period, until, bands)

    def positions(self, by: Sequence[str] = (), until: date | None = None) -> pd.DataFrame:
        """Balances in value at the end of each day, by columns of accounts; see `plan_tables.positions`."""
        return plan_tables.positions(self, by, until)

    def balance_paths(self, by: str | None = None) -> Any:
        """Balances in value along the paths, in units of the currency: (P, H) of the office, or a mapping of them by a column."""
        return plan_tables.balance_paths(self, by)
