"""What is sure, laid on the paths; how late flows come that are only announced, and what of a balance in value is booked after its day.

A certain flow is on every path on its day. One that is announced or overdue (an order, a cheque, a supplier's item, a promise) comes on each
path after a delay drawn from those that settled flows of its source have had; without `LEAST` such flows it comes on its day. The plan
itself keeps the register's day: only bands know of delays, and the paths' mean then comes later than the plan.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.cash.known.late_values import LateValues
from workbench.cash.known.schedules import SOURCE_OF_KIND
from workbench.cash.plan.plan_rows import grid
from workbench.frames import to_pandas
from workbench.standards import BankDays

Slips = Mapping[str, Sequence[int]]  # source → bank days between the day expected and the day it came, never negative
LEAST = 30  # settled flows of a source from which its delays are drawn
MOST_DAYS = 60  # bank days: a flow later than that is another matter
UNSURE = ("announced", "overdue")


def with_certain(
    paths: npt.NDArray[np.float32],
    known: pd.DataFrame,
    series: pd.DataFrame,
    days: pd.DatetimeIndex,
    sure: Sequence[npt.NDArray[np.int64]],
    slips: Slips | None,
    seed: int,
) -> npt.NDArray[np.float32]:
    """Add to paths (P, H, n), in place, the known flows and overrides (`sure`, two grids in centimes), unsure ones after a delay."""
    fixed = (sure[0] + sure[1]).astype(np.float64)
    late = {source: rows for source, rows in _unsure(known) if len((slips or {}).get(source, ())) >= LEAST}
    for rows in late.values():
        fixed -= grid(rows, series, days)
    paths += (fixed / 100).astype(np.float32)
    for number, (source, rows) in enumerate(sorted(late.items())):
        rng = np.random.default_rng([seed, 47, number])
        _add_late(paths, grid(rows, series, days), np.array(sorted((slips or {})[source])), rng)
    return paths


def with_late_values(
    paths: npt.NDArray[np.float32], late: LateValues | None, series: pd.DataFrame, currency_code: str, seed: int
) -> npt.NDArray[np.float32]:
    """Add to the first day of paths (P, H, n), in place, what the opening balance in value does not hold yet: on each, what one past day lacked."""
    if late is None or not late.count:
        return paths
    places = {key: at for at, key in enumerate(zip(series["account_number"], series["line_code"], strict=True))}
    rows = late.rows[late.rows["currency_code"] == currency_code]
    column = np.array([places.get(key, -1) for key in zip(rows["account_number"], rows["line_code"], strict=True)], int)
    lacked = np.zeros((late.count, len(series)), np.float32)
    held = column >= 0
    np.add.at(
        lacked, (rows["place"].to_numpy(int)[held], column[held]), rows["amount_centimes"].to_numpy(float)[held] / 100
    )
    paths[:, 0] += lacked[np.random.default_rng([seed, 53]).integers(0, late.count, len(paths))]
    return paths


def _unsure(known: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    rows = known[known["certainty_code"].isin(UNSURE)]
    return [(str(source), group) for source, group in rows.groupby("flow_source_code", sort=True)]


def _add_late(
    paths: npt.NDArray[np.float32],
    amounts: npt.NDArray[np.int64],
    delays: npt.NDArray[np.int64],
    rng: np.random.Generator,
) -> None:
    """Each amount of a day and series on its own delayed day of each path; beyond the last day it is not there."""
    for day, column in zip(*np.nonzero(amounts), strict=True):
        landed = day + rng.choice(delays, len(paths))
        inside = np.flatnonzero(landed < paths.shape[1])
        paths[inside, landed[inside], column] += np.float32(amounts[day, column] / 100)


def measured_slips(
    planned_flows: Any, suppliers_due: Any, payment_plans: Any, agreements: Any, *, as_of: date, bank_days: BankDays
) -> dict[str, list[int]]:
    """Bank days between the day expected and the day settled of every flow settled by `as_of`, by source; what came early counts as on its day."""
    planned = to_pandas(planned_flows)
    parts = [(planned["flow_kind_code"].map(SOURCE_OF_KIND), planned["expected_date"], planned["settled_date"])]
    for source, table, ended in (
        ("supplier", suppliers_due, "clearing_date"),
        ("instalment", payment_plans, "paid_date"),
        ("agreement", agreements, "paid_date"),
    ):
        rows = to_pandas(table)
        parts.append((pd.Series(source, index=rows.index), rows["due_date"], rows[ended]))
    rows = pd.concat(
        [pd.DataFrame({"source": a, "due": pd.to_datetime(b), "came": pd.to_datetime(c)}) for a, b, c in parts],
        ignore_index=True,
    )
    rows = rows[rows["came"].notna() & rows["due"].notna() & (rows["came"] <= pd.Timestamp(as_of))]
    rows = rows[rows["due"] >= pd.Timestamp(bank_days.first_day)]
    table = bank_days.ordinals(bank_days.first_day, as_of).set_index("day_date")["ouvre_ordinal"]
    late = rows["came"].map(table) - rows["due"].map(table)
    late = late[rows["due"] <= pd.Timestamp(as_of)].clip(lower=0)
    found = pd.DataFrame({"source": rows["source"], "late": late}).dropna()
    found = found[found["late"] <= MOST_DAYS]
    return {str(source): sorted(int(each) for each in group) for source, group in found.groupby("source")["late"]}
