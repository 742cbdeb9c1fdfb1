"""Expected receipts in value, by line and account: what recovery expects of customers, carried to the bank as receipts were before.

This is where the receivables enter the cash plan. The table is `flow_date` (bank day, in value), `line_code`, `account_number`,
`currency_code`, `mean_mad`; a better model of who pays when enters by the same table. Without it the plan still runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import nnls

from workbench.cash import brought_down
from workbench.pipeline.receipt_lines import UNCLASSIFIED, Floats, ReceiptLines, account_shares, load_receipt_lines
from workbench.recovery import CohortReceipts, ReceiptCube, cohort_receipts, kinds_of, receipts_cube
from workbench.standards import BankDays, load_bank_days

LAGS = 8  # bank days from 0 that a receipt may take to be in value: cheques take four where banks are slow
NO_PART = 1e-9
LEARNT_OVER = 730  # days of receipts and of bank lines that lags are learnt from
COLUMNS = ["flow_date", "line_code", "account_number", "currency_code", "mean_mad"]
_BEFORE = 30  # days received before the origin that may still be on their way


class Tables(Protocol):
    """The tables of an office by name: `store.open_office`, or a dict in a test."""

    def __getitem__(self, name: str, /) -> Any: ...


@dataclass(frozen=True)
class ExpectedReceipts:
    """What is expected of customers after an origin.

    `table` (see `COLUMNS`), sorted; `unplaced`: the same without an account, for what no row of `receipt_lines.csv` puts on a line or no
    account got lately: shown, never spread; `lags`: `channel_code`, `lag_days` (bank days), `share`; `told`: as `CohortReceipts.told`.
    """

    origin: date
    table: pd.DataFrame
    unplaced: pd.DataFrame
    lags: pd.DataFrame
    told: pd.DataFrame


def office_cube(office: Tables, as_of: date, origins: Sequence[date] = ()) -> ReceiptCube:
    """The receipts cube of an office up to `as_of`, that also answers for past `origins`."""
    names = ("invoices", "allocations", "payments", "credit_notes", "write_offs", "customers")
    return receipts_cube(*(office[name] for name in names), as_of=as_of, origins=origins)


def expected_receipts(
    cube: ReceiptCube,
    flows: pd.DataFrame,
    units: Any,
    until: date,
    *,
    bank_days: BankDays | None = None,
    lines: ReceiptLines | None = None,
    planned: Any = None,
    with_received: bool = True,
) -> ExpectedReceipts:
    """Expected receipts from the day after the cube's `as_of` to `until`, from what was known that evening.

    Parameters
    ----------
    flows
        History of the banks as from `cash.daily_flows`; only what came in value by `as_of` is read.
    planned
        Billing calendar, see `recovery.bills_to_come`.
    with_received
        Whether receipts of the last days that are not yet in value count: leave them out where the plan knows them one by one.

    Notes
    -----
    Raises `OutsideSpan` where the bank calendar does not reach `until`.
    """
    origin = cube.as_of
    expected = cohort_receipts(cube, units, until, planned)
    grid = grid_of(bank_days or load_bank_days(), origin, until)
    lines = lines or load_receipt_lines()
    keys, days, amounts = and_lately(expected, cube) if with_received else (expected.keys, expected.days, expected.amounts)  # fmt: skip
    keys = keys.assign(line_code=[lines.line_of(*kind) for kind in zip(keys["segment_code"], keys["service_code"], keys["channel_code"], strict=True)])  # fmt: skip
    channels, kernels = bank_lags(cube, flows, lines, grid)
    arrived = in_value(days, amounts, keys["channel_code"].to_numpy(), channels, kernels, grid)
    ahead = grid > np.datetime64(origin)
    table, unplaced = _placed(keys, arrived[ahead], grid[ahead], flows, origin)
    return ExpectedReceipts(origin, table, unplaced, _told_lags(channels, kernels), expected.told)


def expected_at_origins(
    cube: ReceiptCube,
    origins: Sequence[date],
    horizon_days: int,
    flows: pd.DataFrame,
    units: Any,
    **options: Any,
) -> pd.DataFrame:
    """The tables of past origins, one under the other, with `origin_date`: what a model of the residual learns from.

    `cube` must have been made for the origins. `horizon_days` are calendar days; `options` are those of `expected_receipts`.
    """
    found = []
    for origin in origins:
        until = origin + timedelta(days=horizon_days)
        table = expected_receipts(cube.on(origin), flows, units, until, **options).table
        table.insert(0, "origin_date", pd.Series(pd.Timestamp(origin), index=table.index, dtype="datetime64[s]"))
        found.append(table)
    return pd.concat(found, ignore_index=True)


def bank_lags(
    cube: ReceiptCube, flows: pd.DataFrame, lines: ReceiptLines, grid: npt.NDArray[np.datetime64]
) -> tuple[list[str], Floats]:
    """By channel, the part of a day's receipts that is in value 0, 1, … bank days later, shape (channels, `LAGS`); rows sum to 1.

    Learnt from the history: what the lines of a group of channels got each bank day, as a sum of what its channels received on the days
    before, by least squares without negative parts, giant days of the banks brought down. A channel that nothing can be learnt of is in value on the day itself.
    """
    origin = np.datetime64(cube.as_of)
    days = grid[grid <= origin]
    received = cube.receipts
    channels = [name for (name,) in kinds_of(received, ["channel_code"])[0]]
    kernels = np.zeros((len(channels), LAGS))
    known = flows[
        (flows["flow_date"] <= pd.Timestamp(cube.as_of)) & flows["line_code"].isin(set(lines.by_kind.values()))
    ]
    for names, fed in lines.groups():
        here = [place for place, channel in enumerate(channels) if channel in names]
        got = known[known["line_code"].isin(fed)]
        paid = _on_grid(got["flow_date"], got["amount_centimes"], days)
        target = brought_down(days, paid[:, None])[0][:, 0]  # one giant day would decide of all lags
        inputs = [_on_grid(mine["receipt_date"], mine["cash_centimes"], days) for mine in (received[received["channel_code"] == channels[place]] for place in here)]  # fmt: skip
        if not here or not target.any():
            continue
        lagged = [np.concatenate([np.zeros(lag), one[: len(one) - lag]]) for one in inputs for lag in range(LAGS)]
        scale = float(np.abs(target).max())
        parts, _ = nnls(np.stack(lagged, axis=1)[LAGS:] / scale, target[LAGS:] / scale)
        # Which zeros a solver leaves at 1e-18 depends on the processor: a part of a billionth is none, or days without money get a row.
        kernels[here] = np.where(parts > NO_PART, parts, 0.0).reshape(len(here), LAGS)
    totals = kernels.sum(axis=1, keepdims=True)
    at_once = np.eye(1, LAGS)
    return channels, np.where(totals > 0, kernels / np.where(totals > 0, totals, 1.0), at_once)


def grid_of(bank_days: BankDays, origin: date, until: date) -> npt.NDArray[np.datetime64]:
    """The bank days that an origin learns from and tells of, to the first one from `until` on."""
    start = origin - timedelta(days=LEARNT_OVER + 30)
    table = bank_days.ordinals(max(start, bank_days.first_day), bank_days.add(until, 0))
    days: npt.NDArray[np.datetime64] = table.loc[table["is_ouvre"], "day_date"].to_numpy("datetime64[D]")
    return days


def _on_grid(dates: pd.Series, centimes: pd.Series, grid: npt.NDArray[np.datetime64]) -> Floats:
    """Amounts on the first bank day from their own on; those before the first or after the last are left out."""
    day = dates.to_numpy("datetime64[D]")
    place = np.searchsorted(grid, day)
    inside = (place < len(grid)) & (day > grid[0] - 1) if len(grid) else np.zeros(len(day), bool)
    return np.bincount(place[inside], centimes.to_numpy(np.float64)[inside] / 100, len(grid)).astype(np.float64)


def and_lately(expected: CohortReceipts, cube: ReceiptCube) -> tuple[pd.DataFrame, npt.NDArray[np.datetime64], Floats]:  # fmt: skip
    """Expected receipts under those of the last days, whose directorate and service are not told."""
    first = np.datetime64(cube.as_of) - _BEFORE
    lately = cube.receipts[cube.receipts["receipt_date"] > pd.Timestamp(first)]
    names = ["currency_code", "segment_code", "channel_code"]
    kinds, place = kinds_of(lately, names)
    known = pd.DataFrame(kinds, columns=names, dtype="str").assign(service_code="", directorate_code="")
    before = np.arange(first + 1, expected.days[0])
    received = np.zeros((len(before), len(known)))
    day = (lately["receipt_date"].to_numpy("datetime64[D]") - before[0]).astype(np.int64)
    np.add.at(received, (day, place), lately["cash_centimes"].to_numpy(np.float64) / 100)
    amounts = np.zeros((len(before) + len(expected.days), len(known) + expected.amounts.shape[1]))
    amounts[: len(before), : len(known)] = received
    amounts[len(before) :, len(known) :] = expected.amounts
    keys = pd.concat([known, expected.keys], ignore_index=True)
    return keys, np.concatenate([before, expected.days]), amounts


def in_value(
    days: npt.NDArray[np.datetime64],
    amounts: Floats,
    channel: npt.NDArray[Any],
    channels: list[str],
    kernels: Floats,
    grid: npt.NDArray[np.datetime64],
) -> Floats:
    """Receipts of civil days as they come in value on bank days, shape (grid, rows); what passes the end of the grid is left out."""
    place = np.searchsorted(grid, days)
    inside = place < len(grid)
    received = np.zeros((len(grid), amounts.shape[1]))
    np.add.at(received, place[inside], amounts[inside])
    found = np.zeros_like(received)
    of_row = {name: number for number, name in enumerate(channels)}
    rows = np.array([of_row.get(name, -1) for name in channel], np.int64)
    parts = np.concatenate([kernels, np.eye(1, LAGS)])[rows]
    for lag in range(LAGS):
        found[lag:] += received[: len(grid) - lag] * parts[:, lag]
    return found


def _placed(
    keys: pd.DataFrame, amounts: Floats, days: npt.NDArray[np.datetime64], flows: pd.DataFrame, origin: date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    accounts, shares = account_shares(flows, origin, keys, np.maximum(amounts.sum(axis=0), 0))
    is_placed = (shares.sum(axis=1) > 0) & (keys["line_code"] != UNCLASSIFIED).to_numpy()
    table = _as_rows(days, amounts[:, is_placed] @ shares[is_placed], accounts)
    rest = keys.loc[~is_placed, ["line_code", "currency_code"]].assign(account_number=None)
    return table, _as_rows(days, amounts[:, ~is_placed], rest.reset_index(drop=True))


def _as_rows(days: npt.NDArray[np.datetime64], amounts: Floats, kinds: pd.DataFrame) -> pd.DataFrame:
    day, place = np.nonzero(amounts)
    rows = kinds.iloc[place].reset_index(drop=True)
    rows["flow_date"] = days[day].astype("datetime64[s]")
    rows["mean_mad"] = amounts[day, place]
    keys = COLUMNS[:-1]
    return rows.groupby(keys, sort=True, dropna=False)["mean_mad"].sum().reset_index()[COLUMNS]


def _told_lags(channels: list[str], kernels: Floats) -> pd.DataFrame:
    channel, lag = (axis.ravel() for axis in np.indices(kernels.shape))
    names = pd.array(np.array(channels, object)[channel] if len(channels) else [], dtype="str")
    return pd.DataFrame({"channel_code": names, "lag_days": lag, "share": kernels.ravel()})
