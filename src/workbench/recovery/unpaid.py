"""The whole situation of what is unpaid on a date, made once from the tables of the store: what a page or an analyst looks at."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import narwhals as nw
import pandas as pd

from workbench.errors import Unanswerable
from workbench.frames import frame, kept, to_pandas
from workbench.recovery.ageing import by_origin_year
from workbench.recovery.balances import item_balances, on_day
from workbench.recovery.count_back import count_back_days
from workbench.recovery.debtors import top_debtors
from workbench.recovery.indicators import indicators, month_before, year_before
from workbench.recovery.months import movements_by_month
from workbench.recovery.not_netted import customer_credits, waiting_by, waiting_receipts
from workbench.recovery.open_items import unallocated_receipts
from workbench.recovery.portfolios import PORTFOLIOS, in_portfolios, portfolio_of
from workbench.recovery.rate_readings import RateSums, rate_periods
from workbench.recovery.rejects import reject_rates
from workbench.recovery.sums_at_once import sums_at_once
from workbench.recovery.thresholds import thresholds_on
from workbench.recovery.unit_ages import placed, unpaid_by_unit
from workbench.recovery.units import days_of_change
from workbench.standards import DatedValue

BEFORE = ("month_before", "year_before", "rolling", "earlier")  # what today is compared with: no ages, first reading
ENDS_DAYS = 45  # without a bill or a receipt for longer than a month and its delay, files are missing
DELAYS = ("recovery_decision_days",)  # thresholds that judge nothing
EVENTS_TABLES = ("invoices", "allocations", "payments", "credit_notes", "write_offs")


class Tables(Protocol):
    """Tables by name, as an office of the store gives them, or a dictionary."""

    def __getitem__(self, name: str, /) -> Any: ...


@dataclass(frozen=True)
class Unpaid:
    """Every table of the page, in one currency; see the functions that make them. Sums are by centre and segment, placed on their day."""

    as_of: date
    currency_code: str
    other_currencies: tuple[str, ...]  # owed in them too, never added
    units: Any
    sums: pd.DataFrame
    month_before: pd.DataFrame | None  # None: nothing was known by then
    year_before: pd.DataFrame | None
    rates: RateSums
    months: pd.DataFrame  # movements by month (in parts where the organisation changes inside one), centre and segment
    origins: pd.DataFrame  # debit items by year of origin and segment
    count_back: pd.DataFrame  # `group_code`: a segment, then a portfolio
    debtors: pd.DataFrame
    private_debtors: pd.DataFrame
    waiting: pd.DataFrame  # receipts that no bill took, by channel
    waiting_by_center: pd.DataFrame
    waiting_before: pd.DataFrame  # by channel, a year before
    last_bill: date  # of all that is known by the date
    last_receipt: date | None
    credits: pd.DataFrame
    rejects: pd.DataFrame  # by channel, over twelve months
    thresholds: Mapping[str, DatedValue]

    @property
    def has_ended(self) -> bool:
        """Whether bills or receipts stop long before the date: files are missing, and what they would say is no zero."""
        last = self.last_bill if self.last_receipt is None else min(self.last_bill, self.last_receipt)
        return self.last_receipt is None or (self.as_of - last).days > ENDS_DAYS

    def threshold(self, name: str) -> float | None:
        """A threshold in force on the date; None where none is established, or where data end: then nothing is judged."""
        dated = None if self.has_ended and name not in DELAYS else self.thresholds.get(name)
        return None if dated is None else float(dated.value)

    def rate_thresholds(self, rate: str) -> tuple[float, float] | None:
        """(on target from, alert below) of a rate (`current`, `arrears`, `global`); None where one of them is not established."""
        good, bad = (self.threshold(f"collection_rate_{rate}_{end}") for end in ("good", "bad"))
        return None if good is None or bad is None else (good, bad)

    def indicators(self, *by: str, before: bool = False) -> pd.DataFrame:
        """`indicators` of the groups named, on the date or (`before`) a year before; an empty table where that year is unknown."""
        if (*by, str(before)) not in self._made:
            day, sums = (year_before(self.as_of), self.year_before) if before else (self.as_of, self.sums)
            self._made[(*by, str(before))] = indicators(self.sums.head(0) if sums is None else sums, day, by)
        return self._made[(*by, str(before))]

    def by_unit(self, level: str) -> pd.DataFrame:
        """`unpaid_by_unit` of every customer, with its changes over a month and a year."""
        if ("unit", level) not in self._made:
            parts = (self.month_before, self.year_before)
            self._made["unit", level] = unpaid_by_unit(self.sums, self.as_of, level, *parts)
        return self._made["unit", level]

    @functools.cached_property
    def _made(self) -> dict[tuple[str, ...], pd.DataFrame]:
        """Small tables that several blocks of a page read, each made once; nobody writes into them."""
        return {}


def unpaid(tables: Tables, as_of: date | str, currency_code: str | None = None) -> Unpaid:
    """The situation on a date.

    Parameters
    ----------
    tables
        `invoices`, `allocations`, `payments`, `credit_notes`, `write_offs`, `disputes`, `units`, `targets`.
    currency_code
        Default: dirhams where any are owed, else the currency in which most is owed. Raises `Unanswerable` where no bill was issued by then.
    """
    day = on_day(as_of)
    money = _currencies(tables["invoices"], day)
    code = currency_code or money[0]
    events = [_in(tables[name], code) for name in EVENTS_TABLES]
    year_ago, periods = year_before(day), rate_periods(day)
    days = {"now": day, "month_before": month_before(day), "year_before": year_ago}
    once = sums_at_once(events, tables["disputes"], days, periods, briefly=BEFORE)
    sums, last_month, last_year = (placed(once[name], tables["units"], on) for name, on in days.items())
    rates = RateSums(day, *[once[name] for name in periods])
    months = movements_by_month(*events, as_of=day, cut_on=days_of_change(tables["units"]))
    loose = unallocated_receipts(events[2], events[1], as_of=day, lazy=True)
    waiting = waiting_receipts(loose, day, by=("channel_code", "center_code"))
    loose_before = unallocated_receipts(events[2], events[1], as_of=year_ago, lazy=True)
    items = in_portfolios(item_balances(*events, tables["disputes"], as_of=day, lazy=True), lazy=True)
    with kept(frame(items).filter(nw.col("outstanding_centimes") != 0)) as held:
        key, private = (frame(held).filter(nw.col("portfolio_code") == name) for name in PORTFOLIOS)
        names, private_names = (top_debtors(some, day, events[2], currency_code=code) for some in (key, private))
        origins = by_origin_year(frame(held).filter(nw.col("outstanding_centimes") > 0), by=("segment_code",))
        credits = customer_credits(held)
    return Unpaid(
        as_of=day,
        currency_code=code,
        other_currencies=tuple(other for other in money if other != code),
        units=tables["units"],
        sums=sums,
        month_before=_known(last_month),
        year_before=_known(last_year),
        rates=_placed_rates(rates, tables["units"]),
        months=months,
        origins=origins,
        count_back=_count_back(sums, months, day),
        debtors=names,
        private_debtors=private_names,
        waiting=waiting_by(waiting, ("channel_code",)),
        waiting_by_center=waiting_by(waiting, ("center_code",)),
        waiting_before=waiting_receipts(loose_before, year_ago),
        last_bill=_last(events[0], "issue_date", day) or day,
        last_receipt=_last(events[2], "receipt_date", day),
        credits=credits,
        rejects=reject_rates(events[2], day),
        thresholds=thresholds_on(to_pandas(frame(tables["targets"])), day),
    )


def _currencies(invoices: Any, day: date) -> list[str]:
    billed = frame(invoices).filter(nw.col("issue_date") <= day).group_by("currency_code").agg(bills=nw.len())
    found = to_pandas(billed).sort_values(["bills", "currency_code"], ascending=[False, True])
    if found.empty:
        raise Unanswerable(
            f"no bill was issued by {day.isoformat()}", "invoices", "import the bills, or ask for another date"
        )
    return sorted(found["currency_code"], key=lambda code: code != "MAD")


def _last(events: nw.LazyFrame[Any], dated: str, day: date) -> date | None:
    last = to_pandas(events.filter(nw.col(dated) <= day).select(nw.col(dated).max()))[dated].iloc[0]
    return None if pd.isna(last) else pd.Timestamp(last).date()


def _in(table: Any, code: str) -> nw.LazyFrame[Any]:
    lazy = frame(table)
    return lazy.filter(nw.col("currency_code") == code) if "currency_code" in lazy.columns else lazy


def _known(sums: pd.DataFrame) -> pd.DataFrame | None:
    return sums if len(sums) else None


def _placed_rates(rates: RateSums, units: Any) -> RateSums:
    # A rate compares the same customers on both days: the year before is read on today's organisation, and its table says so.
    parts = (placed(part, units, rates.as_of) for part in (rates.year, rates.rolling, rates.earlier))
    return RateSums(rates.as_of, *parts)


def _count_back(sums: pd.DataFrame, months: pd.DataFrame, day: date) -> pd.DataFrame:
    named = months.assign(portfolio_code=portfolio_of(months["segment_code"]))
    parts = []
    for by in ("segment_code", "portfolio_code"):
        counted = count_back_days(named, indicators(sums, day, (by,)), day, (by,))
        parts.append(counted.rename(columns={by: "group_code"}))
    return pd.concat(parts, ignore_index=True)
