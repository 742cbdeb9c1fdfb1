"""Cash expected from bills, by plain cohort rates: the open book of an evening and the bills still to come, aged week by week.

Amounts are estimates (`_mad`, units of the currency) of cash, bounced payments out, on the day on which it is received: when it reaches
an account is for the bank to say. Better models of who pays when enter the cash plan by the same table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.errors import WrongUse
from workbench.frames import table_function
from workbench.recovery.bills_to_come import bills_to_come
from workbench.recovery.collection_curves import (
    DAYS_A_WEEK,
    Cell,
    CollectionCurves,
    Floats,
    Integers,
    added_up,
    collection_curves,
    complete_weeks,
    week_of,
)
from workbench.recovery.receipt_lags import CELL, ReceiptCube, kinds_of
from workbench.recovery.units import units_on

RECENT_DAYS = 364  # receipts that say by which channel and on which weekday people pay
UNNAMED_BOUNDS = (1.0, 1.25)  # receipts that name no bill come on top of those that do, within this


@dataclass(frozen=True)
class CohortReceipts:
    """Expected receipts of an origin. `amounts`: (days, rows), in units of currency, of the calendar days after the origin.

    `keys`: a row each: `CELL`, `directorate_code`, `channel_code`; an empty text is what is not known. `told`: by `CELL`, what was
    open and in credit on the origin, what is still to be billed, and what of all this is expected by the last day.
    """

    origin: date
    days: npt.NDArray[np.datetime64]
    keys: pd.DataFrame
    amounts: Floats
    told: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """The same as rows: `receipt_date`, `directorate_code`, `segment_code`, `service_code`, `channel_code`, `currency_code`, `mean_mad`."""
        names = ["directorate_code", "segment_code", "service_code", "channel_code", "currency_code"]
        day, row = np.nonzero(self.amounts)
        found = self.keys.iloc[row][names].reset_index(drop=True)
        found.insert(0, "receipt_date", self.days[day].astype("datetime64[s]"))
        found["mean_mad"] = self.amounts[day, row]
        return found.replace("", None)


@dataclass(frozen=True)
class PayingHabits:
    """By which channel a segment pays, and on which weekday a channel receives: `mix` (segments, channels), `shape` (channels, 7)."""

    segments: tuple[str, ...]
    channels: tuple[str, ...]
    mix: Floats
    shape: Floats

    def of(self, segment: str) -> Floats:
        """The mix of a segment; that of all receipts for a segment that paid nothing lately."""
        place = self.segments.index(segment) if segment in self.segments else -1
        mix: Floats = self.mix[place]
        return mix


def paying_habits(cube: ReceiptCube) -> PayingHabits:
    """Habits of the last year of complete weeks. The last row of the mix is that of all segments together."""
    end = pd.Timestamp(cube.as_of) - pd.Timedelta(days=(cube.as_of.weekday() + 1) % DAYS_A_WEEK)
    day = cube.receipts["receipt_date"]
    rows = cube.receipts[(day <= end) & (day > end - pd.Timedelta(days=RECENT_DAYS))]
    rows = rows if len(rows) else cube.receipts
    cash = rows["cash_centimes"].to_numpy(np.float64)
    channels, channel = kinds_of(rows, ["channel_code"])
    segments, segment = kinds_of(rows, ["segment_code"])
    weekday = (rows["receipt_date"].to_numpy("datetime64[D]").astype(np.int64) + 3) % DAYS_A_WEEK
    count = max(len(channels), 1)
    mix = added_up(segment * count + channel, cash, max(len(segments), 1) * count).reshape(-1, count)
    mix = np.concatenate([mix, mix.sum(axis=0, keepdims=True)])
    shape = added_up(channel * DAYS_A_WEEK + weekday, cash, count * DAYS_A_WEEK).reshape(-1, DAYS_A_WEEK)
    names = tuple(name for (name,) in channels) or ("",)
    working = np.array([1.0] * 5 + [0.0] * 2)
    return PayingHabits(
        tuple(name for (name,) in segments), names, _shares(mix, np.ones(count)), _shares(shape, working)
    )


def _shares(amounts: Floats, instead: Floats) -> Floats:
    """Rows as shares of their sum; what is below nil counts for nothing, and a row of nothing takes the shares given."""
    held = np.maximum(amounts, 0)
    held = np.where(held.sum(axis=1, keepdims=True) > 0, held, instead)
    shares: Floats = held / held.sum(axis=1, keepdims=True)
    return shares


def cohort_receipts(
    cube: ReceiptCube, units: Any, until: date, planned: Any = None, curves: CollectionCurves | None = None
) -> CohortReceipts:
    """Cash expected from the day after the cube's `as_of` to `until`, from what the cube knew that evening.

    Parameters
    ----------
    cube
        As from `receipts_cube`, or `cube.on(origin)`.
    units
        Register of units: a bill belongs to its centre's directorate on the origin; what came in before is not mapped again. Or, for many
        origins, the centres as they stood (`units_on`), which are asked for once as long as the organisation stays.
    planned
        Billing calendar, see `bills_to_come`.
    curves
        Rates of another window; by default those of `collection_curves`.

    Notes
    -----
    Disputed items stay in the book, and their being late in the rates. Credits are no debt and bring nothing. Raises `WrongUse` where
    `until` is not after the origin.
    """
    if until <= cube.as_of:
        raise WrongUse(f"{until.isoformat()} is not after {cube.as_of.isoformat()}", "until")
    book = _Open(cube, units, until, planned)
    curves = curves or collection_curves(cube, book.weeks)
    habits = paying_habits(cube)
    shape = np.array([habits.of(cell[1]) for cell in book.cells]).reshape(-1, len(habits.channels)) @ habits.shape
    done = (cube.as_of.weekday() + 1) % DAYS_A_WEEK  # days of the week under way that are over; 0 on a Sunday
    left = shape[:, done:].sum(axis=1)
    weekly = book.aged(curves, left) * unnamed_factor(cube)
    days, keys, amounts = on_days(cube, book.cells, book.directorates, weekly, habits, until)
    return CohortReceipts(cube.as_of, days, keys, amounts, _told(book, weekly))


class _Open:
    """The book of an evening by cell, directorate and cohort, with the bills to come as cohorts that enter later."""

    def __init__(self, cube: ReceiptCube, units: Any, until: date, planned: Any) -> None:
        bills = bills_to_come(cube, until, planned)
        known, of_book = kinds_of(cube.book, CELL)
        billed, of_bill = kinds_of(bills, CELL)
        self.cells = sorted({*known, *billed})
        number = {cell: place for place, cell in enumerate(self.cells)}
        is_mapped = isinstance(units, pd.DataFrame) and "directorate_code" in units
        places = (units if is_mapped else units_on(units, cube.as_of)).dropna(subset="directorate_code")
        of_center = dict(zip(places["center_code"], places["directorate_code"], strict=True))
        self.directorates = ["", *sorted(set(of_center.values()))]
        self.now = complete_weeks(cube.as_of)
        self.horizon = int(week_of(np.datetime64(until))) - self.now + 1
        cohort = week_of(cube.book["cohort_date"])
        self.first = int(min(cohort.min(initial=self.now), self.now))
        self.weeks = self.now + self.horizon - self.first

        def placed(table: pd.DataFrame, cell: Integers, week: Integers, amounts: Floats) -> Floats:
            centers, of_row = kinds_of(table, ["center_code"])
            directorate = [self.directorates.index(of_center.get(center, "")) for (center,) in centers]
            shape = (len(self.cells), len(self.directorates), self.weeks)
            place = (cell * shape[1] + np.array(directorate, np.int64)[of_row]) * self.weeks + week - self.first
            return added_up(place, amounts, int(np.prod(shape))).reshape(shape)

        rest = cube.book["billed_centimes"] - cube.book["cash_centimes"] - cube.book["no_cash_centimes"]
        here = np.array([number[cell] for cell in known], np.int64)[of_book]
        coming = np.array([number[cell] for cell in billed], np.int64)[of_bill]
        net = placed(cube.book, here, cohort, rest.to_numpy(np.float64)) / 100  # divided last: centimes add up exactly
        self.open, self.credit = np.maximum(net, 0), np.minimum(net, 0)
        self.coming = placed(bills, coming, week_of(bills["issue_date"]), bills["mean_mad"].to_numpy(np.float64))

    def aged(self, curves: CollectionCurves, left: Floats) -> Floats:
        """Cash of each week from the one under way, shape (cells, directorates, weeks). `left`: part of a week's receipts still to
        come in the week under way, by cell; what was open then is what nobody has paid so far in it."""
        cohort = np.arange(self.weeks)
        rates = _rates_of(curves, self.cells, self.weeks)
        book, found = self.open.copy(), np.zeros((*self.open.shape[:2], self.horizon))
        for step in range(self.horizon):
            week = self.now - self.first + step
            age = np.clip(week - cohort, 0, None)
            month = int(_month_of_week(self.now + step))
            cash, gone = rates.cash[:, age] * rates.months[:, [month]], rates.no_cash[:, age]
            if step == 0:
                cash, gone = rest_of_week(cash, left[:, None]), rest_of_week(gone, left[:, None])
            book[:, :, week] += self.coming[:, :, week]
            cash = np.where(cohort <= week, np.minimum(cash, 1 - gone), 0.0)
            paid = book * cash[:, None, :]
            found[:, :, step] = paid.sum(axis=2)
            book -= paid + book * np.where(cohort <= week, gone, 0.0)[:, None, :]
        return found


def rest_of_week(rate: Floats, left: Floats) -> Floats:
    """The rate of what is left of a week, for what is still open in it: r·left ÷ (1 − r·(1 − left))."""
    rate = np.minimum(rate, 1.0)
    held = 1 - rate * (1 - left)
    rest: Floats = np.where(held > 0, rate * left / np.where(held > 0, held, 1.0), 0.0)
    return rest


def _month_of_week(week: int) -> int:
    thursday = np.datetime64(week * DAYS_A_WEEK, "D")
    return int(thursday.astype("datetime64[M]").astype(np.int64) % 12)


def _rates_of(curves: CollectionCurves, cells: Sequence[Cell], ages: int) -> CollectionCurves:
    """Rates in the order of the cells, for so many ages; a cell without history has none, and says so by expecting nothing."""
    place = {cell: number for number, cell in enumerate(curves.cells)}
    rows = np.array([place.get(cell, -1) for cell in cells], np.int64)
    columns = np.minimum(np.arange(ages), curves.cash.shape[1] - 1)
    nothing = np.zeros((1, curves.cash.shape[1]))
    cash = np.concatenate([curves.cash, nothing])[rows][:, columns]
    gone = np.concatenate([curves.no_cash, nothing])[rows][:, columns]
    months = np.concatenate([curves.months, np.ones((1, 12))])[rows]
    return CollectionCurves(tuple(cells), cash, gone, months)


def unnamed_factor(cube: ReceiptCube) -> float:
    """All cash of the weeks begun within the last year against what of it was counted on bills.

    Weeks, not days: parts of a week are where a cube was cut, and another cube of the same books must say the same.
    """
    first = week_of(np.datetime64(cube.as_of) - RECENT_DAYS) + 1
    all_cash = cube.receipts.loc[week_of(cube.receipts["receipt_date"]) >= first, "cash_centimes"].sum()
    on_bills = cube.book.loc[week_of(cube.book["part_date"]) >= first, "cash_centimes"].sum()
    return float(np.clip(all_cash / on_bills, *UNNAMED_BOUNDS)) if on_bills > 0 else 1.0


def on_days(
    cube: ReceiptCube,
    of_cells: Sequence[Cell],
    of_directorates: Sequence[str],
    weekly: Floats,
    habits: PayingHabits,
    until: date,
) -> tuple[npt.NDArray[np.datetime64], pd.DataFrame, Floats]:
    """Weeks, (cells, directorates, weeks) from the one under way, spread on days by channel: a channel's share of each weekday, of the days
    left in the week under way. Days, keys and amounts as in `CohortReceipts`."""
    done = (cube.as_of.weekday() + 1) % DAYS_A_WEEK
    cells, directorates, weeks = weekly.shape
    channels = len(habits.channels)
    shape = np.broadcast_to(habits.shape[:, None, :], (channels, weeks, DAYS_A_WEEK)).copy()
    if done:
        shape[:, 0, :done] = 0
    mix = np.array([habits.of(cell[1]) for cell in of_cells]).reshape(cells, channels)
    # What is left of a channel's first week weighs in the mix of that week, so that its parts add up to the whole.
    weight = mix[:, :, None] * shape.sum(axis=2)[None]
    held = weight.sum(axis=1, keepdims=True)
    parts = np.where(held > 0, weight / np.where(held > 0, held, 1.0), 0.0)
    sums = shape.sum(axis=2, keepdims=True)
    spread = np.where(sums > 0, shape / np.where(sums > 0, sums, 1.0), 0.0)
    daily = np.einsum("rdw,rcw,cwk->wkrdc", weekly, parts, spread)
    first = np.datetime64(complete_weeks(cube.as_of) * DAYS_A_WEEK - 3, "D")
    days = first + np.arange(weeks * DAYS_A_WEEK)
    inside = (days > np.datetime64(cube.as_of)) & (days <= np.datetime64(until))
    amounts = daily.reshape(weeks * DAYS_A_WEEK, -1)[inside]
    row, place, channel = (axis.ravel() for axis in np.indices((cells, directorates, channels)))
    keys = {name: np.array([cell[at] for cell in of_cells])[row] for at, name in enumerate(CELL)}
    keys |= {"directorate_code": np.array(of_directorates)[place], "channel_code": np.array(habits.channels)[channel]}
    there = (amounts != 0).any(axis=0)
    return days[inside], pd.DataFrame(keys)[there].reset_index(drop=True), amounts[:, there]


def _told(book: _Open, weekly: Floats) -> pd.DataFrame:
    told = pd.DataFrame({name: [cell[at] for cell in book.cells] for at, name in enumerate(CELL)}, dtype="str")
    told["outstanding_mad"] = book.open.sum(axis=(1, 2))
    told["credit_mad"] = book.credit.sum(axis=(1, 2))
    told["to_bill_mad"] = book.coming.sum(axis=(1, 2))
    told["mean_mad"] = weekly.sum(axis=(1, 2))
    return told


def origins_between(first: date, last: date, step_days: int) -> list[date]:
    """Evenings from `first` to `last`, `step_days` apart, counted back from the last."""
    count = (last - first).days // step_days
    return [last - timedelta(days=step_days * back) for back in range(count, -1, -1)]


@table_function
def open_book_told(items: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """What of the open book rests on items that a reader may doubt, by currency and segment; all of it is expected like the rest.

    `items` as from `open_items` on the origin. `outstanding_centimes` of debit items, and in it `disputed_centimes` and `undated_centimes`
    (no due date).
    """
    rest = nw.col("outstanding_centimes")
    amounts = {
        "outstanding_centimes": rest,
        "disputed_centimes": nw.when(nw.col("is_disputed")).then(rest).otherwise(0),
        "undated_centimes": nw.when(nw.col("due_date").is_null()).then(rest).otherwise(0),
    }
    keys = ["currency_code", "segment_code"]
    owed = items.filter(rest > 0).select(*keys, **amounts)
    return owed.group_by(*keys).agg(nw.col(*amounts).sum()).with_columns(nw.col(*amounts).cast(nw.Int64)).sort(*keys)
