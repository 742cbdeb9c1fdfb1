"""One definition, several readings of the collection rates: on all, on what is due, over twelve months, a year before, before tax.

The indicator is the first reading: cash only, since 1 January. The others stand beside it, each under its own name. The bills are
read once a period into sums by centre and segment; every table of rates, of any group, is made from these sums.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals as nw
import pandas as pd

from workbench.frames import table_function
from workbench.recovery.balances import on_day
from workbench.recovery.groups import group_keys
from workbench.recovery.indicators import year_before
from workbench.recovery.months import MOVEMENTS
from workbench.recovery.rates import movements
from workbench.recovery.without_tax import before_tax

Events = Sequence[Any]  # invoices, allocations, payments, credit_notes, write_offs
FINEST = ("center_code", "segment_code")
READINGS = ("", "due_", "ht_")  # on all, on what is due, before tax
_PASSAGE = ("opening_centimes", *MOVEMENTS, "closing_centimes")


@dataclass(frozen=True)
class RateSums:
    """`rate_sums` of three periods: since 1 January, over the twelve months to `as_of`, and since 1 January a year before."""

    as_of: date
    year: pd.DataFrame
    rolling: pd.DataFrame
    earlier: pd.DataFrame


def rate_sums_to(events: Events, as_of: date | str, by: str | Sequence[str] = FINEST) -> RateSums:
    """The sums that `rate_readings` needs, from the tables of the store, by columns of `movements`."""
    day = on_day(as_of)
    sums = [
        rate_sums(movements(*events, opening=opening, as_of=until, lazy=True), until, by)
        for opening, until in rate_periods(day).values()
    ]
    return RateSums(day, *sums)


def rate_periods(day: date) -> dict[str, tuple[date, date]]:
    """The periods of `RateSums`, by field: evening of the opening, last day."""
    before = year_before(day)
    return {
        "year": (date(day.year - 1, 12, 31), day),
        "rolling": (before, day),
        "earlier": (date(before.year - 1, 12, 31), before),
    }


@table_function
def rate_sums(moved: nw.LazyFrame[Any], as_of: date | str, by: str | Sequence[str] = FINEST) -> nw.LazyFrame[Any]:
    """Numerators and denominators of every reading, and the passage, in one pass over `movements` up to `as_of`.

    Returns
    -------
    `currency_code`, `by`; for each reading (no prefix, `due_`, `ht_`) and side (`current_`: bills of the period, `arrears_`: older ones)
    `base_centimes` and `collected_centimes`; `ht_told_centimes` (billed on bills that say their HT); `no_cash_centimes`; the passage: `opening_centimes`, `MOVEMENTS`, `closing_centimes`,
    with `old_collected_centimes` and `old_credited_centimes`, the part of both on older bills. Definitions: `collection_rates`.
    """
    keys = group_keys(by, moved)
    sums = rate_amounts(on_day(as_of))
    return (
        with_bases(moved, {"": READINGS})
        .select(*keys, **sums)
        .group_by(*keys)
        .agg(nw.col(*sums).sum())
        .with_columns(nw.col(*sums).cast(nw.Int64))
        .sort(*keys)
    )


def with_bases(moved: nw.LazyFrame[Any], marks: Mapping[str, Sequence[str]]) -> nw.LazyFrame[Any]:
    """Movements with what a rate divides, by mark of the period: `…base`, `…collected`, and `…ht_base`, `…ht_collected` where `ht_` is
    among its readings."""
    base: dict[str, nw.Expr] = {}
    for mark in marks:
        owed = nw.col(f"{mark}opening_centimes") + nw.col(f"{mark}billed_centimes")
        base[f"{mark}base"] = owed - nw.col(f"{mark}cancelled_centimes") - nw.col(f"{mark}credited_centimes")
        base[f"{mark}collected"] = nw.col(f"{mark}collected_centimes")
    without = {
        f"{mark}ht_{name}": before_tax(f"{mark}{name}", f"{mark}amount_ttc_centimes")
        for mark, readings in marks.items()
        for name in ("base", "collected")
        if "ht_" in readings
    }
    return moved.with_columns(**base).with_columns(**without)


def rate_amounts(until: date, mark: str = "", readings: Sequence[str] = READINGS) -> dict[str, nw.Expr]:
    """What `rate_sums` adds up for a period that ends on a day, by name, from columns that begin with `mark`."""
    is_bill = (nw.col(f"{mark}amount_ttc_centimes") != 0) & ~nw.col(f"{mark}is_cancelled")
    old = nw.col(f"{mark}was_issued_before")
    sums = {name: nw.col(f"{mark}{name}") for name in _PASSAGE}
    for reading in readings:
        counted = is_bill & (nw.col("due_date") <= until) if reading == "due_" else is_bill
        source = "ht_" if reading == "ht_" else ""
        for side, mine in (("current", ~old), ("arrears", old)):
            for what in ("base", "collected"):
                owed = nw.col(f"{mark}{source}base") > 0  # an older bill paid too much settles no debt of another
                asked = counted & mine & owed if (side, what) == ("arrears", "base") else counted & mine
                amount = nw.when(asked).then(nw.col(f"{mark}{source}{what}")).otherwise(0)
                sums[f"{reading}{side}_{what}_centimes"] = amount
    if "ht_" in readings:
        # Without a single bill that says its HT, a rate before tax would be the rate with tax under another name.
        told = is_bill & ~nw.col("amount_ht_centimes").is_null()
        sums["ht_told_centimes"] = nw.when(told).then(nw.col(f"{mark}amount_ttc_centimes").abs()).otherwise(0)
    sums["no_cash_centimes"] = nw.when(is_bill).then(nw.col(f"{mark}no_cash_centimes")).otherwise(0)
    for name in ("collected", "credited"):
        sums[f"old_{name}_centimes"] = nw.when(old).then(nw.col(f"{mark}{name}_centimes")).otherwise(0)
    return sums


def rate_readings(sums: RateSums, by: str | Sequence[str] = ("segment_code",)) -> pd.DataFrame:
    """The three rates and their other readings, by currency and group.

    Returns
    -------
    `currency_code`, `by`; the sums of the first reading; `current_rate`, `arrears_rate`, `global_rate`, `with_no_cash_rate`; the three
    rates as `due_…` (only what was due by `as_of`) and `ht_…` (before tax; null where no bill says its HT); `rolling_global_rate` (opening a year before `as_of`);
    `rolling_plain_rate` (cash of these twelve months, whatever the bill, ÷ billed in them net of cancellations and credits);
    `previous_…` (the three rates on the same day a year before). Null where there was nothing to collect, and a global rate
    where bills begin inside its period: it is then no global rate.
    """
    keys = group_keys(by, sums.year)
    year, rolling, earlier = (_summed(part, keys) for part in (sums.year, sums.rolling, sums.earlier))
    table = year[keys + [name for name in year.columns if name.startswith(("current_", "arrears_", "no_cash_"))]]
    without = {name: rate.where(year["ht_told_centimes"] > 0) for name, rate in _three(year, "ht_").items()}
    table = table.assign(**_three(year, ""), **_three(year, "due_"), **without)
    cash, owed = _both(year, "", "collected"), _both(year, "", "base")
    table["with_no_cash_rate"] = _share(cash + year["no_cash_centimes"], owed)
    plain = rolling["billed_centimes"] - rolling["cancelled_centimes"] - rolling["credited_centimes"]
    over = rolling[keys].assign(
        rolling_global_rate=_with_opening(_three(rolling, "")["global_rate"], rolling),
        rolling_plain_rate=_share(rolling["collected_centimes"], plain),
    )
    before = earlier[keys].assign(**{f"previous_{name}": rate for name, rate in _three(earlier, "").items()})
    before["previous_global_rate"] = _with_opening(before["previous_global_rate"], earlier)
    return table.merge(over, on=keys, how="left").merge(before, on=keys, how="left")


def passage(sums: RateSums, by: str | Sequence[str] = ("segment_code",)) -> pd.DataFrame:
    """From the rest on 31 December to the rest on the day, by currency and group: what the year did to it, in order.

    `opening_centimes`, `billed_centimes`, `cancelled_centimes`, `current_credited_centimes`, `old_credited_centimes`,
    `current_collected_centimes`, `old_collected_centimes`, `stamps_centimes`, `compensations_centimes`, `written_off_centimes`, `closing_centimes`: opening + billed − all the others = closing.
    """
    keys = group_keys(by, sums.year)
    year = _summed(sums.year, keys)
    for name in ("credited", "collected"):
        year[f"current_{name}_centimes"] = year[f"{name}_centimes"] - year[f"old_{name}_centimes"]
    steps = ["opening", "billed", "cancelled", "current_credited", "old_credited", "current_collected", "old_collected"]
    steps += ["stamps", "compensations", "written_off", "closing"]
    return year[[*keys, *[f"{step}_centimes" for step in steps]]]


def _summed(sums: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    amounts = [name for name in sums.columns if name.endswith("_centimes")]
    grouped: pd.DataFrame = sums.groupby(keys, dropna=False)[amounts].sum().reset_index()
    return grouped


def _three(sums: pd.DataFrame, reading: str) -> dict[str, pd.Series]:
    sides = {
        side: (sums[f"{reading}{side}_collected_centimes"], sums[f"{reading}{side}_base_centimes"])
        for side in ("current", "arrears")
    }
    rates = {f"{reading}{side}_rate": _share(*parts) for side, parts in sides.items()}
    return rates | {f"{reading}global_rate": _share(_both(sums, reading, "collected"), _both(sums, reading, "base"))}


def _with_opening(rate: pd.Series, sums: pd.DataFrame) -> pd.Series:
    """A global rate, unknown where the office had no bill at all before the period: it would be the rate of the year alone."""
    return rate if (sums["opening_centimes"] != 0).any() else rate.mask(rate.notna())


def _both(sums: pd.DataFrame, reading: str, what: str) -> pd.Series:
    return sums[f"{reading}current_{what}_centimes"] + sums[f"{reading}arrears_{what}_centimes"]


def _share(part: pd.Series, whole: pd.Series) -> pd.Series:
    return part.astype("Float64") / whole.where(whole > 0).astype("Float64")
