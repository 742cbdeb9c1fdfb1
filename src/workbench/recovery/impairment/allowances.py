"""What to set aside on each claim by its age, or as a person decided it: CGNC's individual rules (docs/methods/impairment.md).

Before tax on both sides: what is owed is taken × HT ÷ TTC of its own bill, the part of it that the dated table says is set aside,
each rounded once. A claim of which the table says nothing has no allowance, which is not an allowance of nil.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.frames import frame, to_pandas
from workbench.recovery.balances import on_day
from workbench.recovery.groups import group_keys
from workbench.recovery.impairment.allowance_rates import WHOLE, AllowanceRate, rates_on
from workbench.recovery.impairment.anniversaries import as_days, months_after
from workbench.recovery.impairment.steps import CLAIM
from workbench.recovery.without_tax import before_tax
from workbench.schemas.checking import Problem


@dataclass(frozen=True)
class Allowances:
    """`items`: one row a claim, as `item_allowances` says; `problems`: what of the data could not be used."""

    items: pd.DataFrame
    problems: tuple[Problem, ...]


def item_allowances(
    items: Any,
    rates: tuple[AllowanceRate, ...],
    *,
    as_of: date | str,
    decisions: Any = None,
    basis: str = "cgnc",
) -> Allowances:
    """What is to be set aside on every claim on `as_of`.

    Parameters
    ----------
    items
        As from `open_items` on `as_of`; what is below zero is no claim.
    rates
        As from `load_allowance_rates`; those of `basis` in force on `as_of` are used. Raises `OutsideSpan` where there is none.
    decisions
        `allowance_decisions`: the last one on a bill by `as_of` takes the place of the table.

    Returns
    -------
    `items`, in the order given: descriptors, `outstanding_centimes`, `outstanding_ht_centimes`, `over_months` (row of the table reached; null where
    none, or it holds whatever the age), `allowance_share`, `allowance_centimes` (HT; null where the table has no row for the segment), `doubtful_code` (`decided`, `disputed`, `aged`: it
    reached a row with an age; null: not doubtful). Without a due date the age runs from the day of the bill. `problems`: segments that the table does not know, decisions beyond 0–1 (not used)
    or on what is not owed.
    """
    day = on_day(as_of)
    open_debts = frame(items).filter(nw.col("outstanding_centimes") > 0)
    ht = before_tax("outstanding_centimes", "billed_centimes").alias("outstanding_ht_centimes")
    owed = to_pandas(open_debts.select(*CLAIM, ht, "is_disputed"))
    parts, months = _by_age(owed, rates_on(rates, basis, day), day)
    decided, problems = _decided(owed, decisions, day)
    parts = np.where(decided >= 0, decided, parts)
    if missing := int((parts < 0).sum()):
        unknown = sorted(owed["segment_code"][parts < 0].fillna("?").unique())
        problems.append(
            Problem(
                "segment_without_rate",
                "warning",
                {"count": missing, "segments": ", ".join(unknown)},
                table_name="invoices",
            )
        )
    amount = shares_of(owed["outstanding_ht_centimes"].to_numpy("int64"), np.maximum(parts, 0))
    known = pd.Series(parts >= 0, index=owed.index)
    reasons = [decided >= 0, owed["is_disputed"].to_numpy(bool), months >= 0]
    why = np.select(reasons, ["decided", "disputed", "aged"], "")
    found = owed.drop(columns="is_disputed").assign(
        over_months=pd.Series(months, index=owed.index, dtype="Int64").where(months >= 0),
        allowance_share=pd.Series(parts / WHOLE, index=owed.index).where(known),
        allowance_centimes=pd.Series(amount, index=owed.index, dtype="Int64").where(known),
        doubtful_code=pd.Series(why, index=owed.index, dtype="str").where(why != ""),
    )
    return Allowances(found, tuple(problems))


def allowance_coverage(
    items: pd.DataFrame, by: str | Sequence[str] = ("segment_code",), booked: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Coverage of doubtful claims by currency and group: allowance ÷ what is doubtful, both before tax.

    Parameters
    ----------
    items
        `Allowances.items`.
    booked
        `booked_allowances` of a closing: coverage by what the books hold in place of what the rules ask.

    Returns
    -------
    `currency_code`, `by`, `item_count` and `doubtful_count`, `doubtful_ht_centimes`, `allowance_centimes` (on doubtful claims), `sound_allowance_centimes` (on the
    others), `unrated_count` (no allowance known), `coverage_share` (null where nothing is doubtful).
    """
    keys = group_keys(by, items)
    allowance = items["allowance_centimes"]
    if booked is not None:
        found = booked.groupby("invoice_id")["allowance_centimes"].sum()
        allowance = items["invoice_id"].map(found).astype("Int64").fillna(0)
    is_doubtful = items["doubtful_code"].notna()
    known = allowance.fillna(0)
    parts = items[keys].assign(
        item_count=1,
        doubtful_count=is_doubtful.astype("Int64"),
        doubtful_ht_centimes=items["outstanding_ht_centimes"].where(is_doubtful, 0),
        allowance_centimes=known.where(is_doubtful, 0),
        sound_allowance_centimes=known.where(~is_doubtful, 0),
        unrated_count=allowance.isna().astype("Int64"),
    )
    table = parts.groupby(keys, dropna=False).sum().reset_index()
    whole = table["doubtful_ht_centimes"].astype("Float64")
    return table.assign(coverage_share=table["allowance_centimes"].astype("Float64") / whole.where(whole > 0))


def booked_allowances(provisions: Any, invoices: Any = None, *, as_of: date | str) -> pd.DataFrame:
    """What the books held at the last closing by `as_of`: `provision_date`, `invoice_id`, `allowance_centimes`, `currency_code`.

    With `invoices` also the `customer_code`, `segment_code` and `center_code` of each bill. No row where there was no closing.
    """
    told = frame(provisions).filter(nw.col("provision_date") <= on_day(as_of))
    if invoices is not None:
        bills = frame(invoices).select("invoice_id", "customer_code", "segment_code", "center_code")
        told = told.join(bills, on="invoice_id", how="left")
    held = to_pandas(told.sort("invoice_id"))
    last: pd.DataFrame = held[held["provision_date"] == held["provision_date"].max()].reset_index(drop=True)
    return last


def shares_of(amounts: npt.NDArray[np.int64], millionths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Amounts × millionths, each rounded once, half away from zero; no product passes 2⁶³."""
    turns, rest = np.divmod(np.abs(amounts), WHOLE)
    found: npt.NDArray[np.int64] = np.sign(amounts) * (turns * millionths + (rest * millionths + WHOLE // 2) // WHOLE)
    return found


def _by_age(
    owed: pd.DataFrame, rates: Sequence[AllowanceRate], day: date
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Millionths of each claim by its age (−1: its segment has no row), and the age of the row reached (−1: none)."""
    segment = owed["segment_code"].fillna("").to_numpy()
    due, issued = as_days(owed["due_date"]), as_days(owed["issue_date"])
    since = np.where(np.isnat(due), issued, due)
    parts = np.where(np.isin(segment, [rate.segment_code for rate in rates]), 0, -1).astype(np.int64)
    months = np.full(len(owed), -1, np.int64)
    for rate in rates:
        reached = segment == rate.segment_code
        if rate.over_months is not None:
            reached &= months_after(since, rate.over_months) < np.datetime64(day)
            months[reached] = rate.over_months
        parts[reached] = rate.millionths
    return parts, months


def _decided(owed: pd.DataFrame, decisions: Any, day: date) -> tuple[npt.NDArray[np.int64], list[Problem]]:
    """Millionths that a person decided (−1: none did), and the decisions that do not hold."""
    found = np.full(len(owed), -1, np.int64)
    if decisions is None:
        return found, []
    told = to_pandas(frame(decisions).filter(nw.col("decided_date") <= day).sort("decided_date"))
    holds = told["allowance_share"].between(0, 1)
    problems = [
        Problem("allowance_share_beyond", "warning", {"invoice_id": bill, "share": share}, table_name="allowance_decisions", row_key=bill)
        for bill, share in zip(told["invoice_id"][~holds], told["allowance_share"][~holds], strict=True)
    ]  # fmt: skip
    last = told[holds].drop_duplicates("invoice_id", keep="last")
    place = pd.Index(owed["invoice_id"]).get_indexer(last["invoice_id"])
    problems += [
        Problem(
            "allowance_decision_idle", "noted", {"invoice_id": bill}, table_name="allowance_decisions", row_key=bill
        )
        for bill in last["invoice_id"][place < 0]
    ]
    found[place[place >= 0]] = np.rint(last["allowance_share"].to_numpy("float64")[place >= 0] * WHOLE).astype(np.int64)
    return found, problems
