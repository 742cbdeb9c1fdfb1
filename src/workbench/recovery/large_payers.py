"""Large payers by name: when each is likely to pay what he owes, by his own dates and nobody else's.

A payer's law is the days that his past bills took, weighed by amount; a bill that is still open is asked how long such bills took that had
already waited as long. Too few past bills, or a bill older than any ever took, and nothing is said.
"""

from datetime import date, timedelta
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from workbench.errors import WrongUse
from workbench.evidence import Floats
from workbench.frames import frame, to_pandas
from workbench.recovery.balances import on_day
from workbench.schemas.columns import NO_CASH_CHANNELS

MOST, FEWEST_BILLS = 10, 8  # payers told; bills paid from which a payer's own dates say anything
LEVELS = (0.10, 0.50, 0.90)
SEEN_DAYS = 730  # of bills that say how long a payer takes


def large_payers(
    items: Any, invoices: Any, allocations: Any, payments: Any, *, as_of: date | str, weeks: int = 4, most: int = MOST
) -> pd.DataFrame:
    """The payers who owe most, and when they are likely to pay.

    Parameters
    ----------
    items
        `open_items` on `as_of`, of one currency; what is below zero is no debt, what is in dispute waits for its end and is in `disputed_centimes` alone.

    Returns
    -------
    A row a payer, the largest first: `customer_code`, `segment_code`, `outstanding_centimes`, `disputed_centimes`, `paid_count` (bills of two years that say how long he takes), `within_mad` (expected within `weeks`),
    `unsaid_centimes` (owed on bills of which his dates say nothing), `early_date`, `likely_date`, `late_date`: days by which 10, 50 and 90 % of what his dates speak of is likely paid
    (null where they say nothing). Raises `WrongUse` for fewer than one week or payer.
    """
    if weeks < 1 or most < 1:
        raise WrongUse(f"{weeks} weeks of {most} payers are none", "large_payers")
    day = on_day(as_of)
    owed = to_pandas(frame(items).filter(nw.col("outstanding_centimes") > 0, ~nw.col("customer_code").is_null()))
    sums = owed.groupby("customer_code")["outstanding_centimes"].sum().sort_values(ascending=False, kind="stable")
    names = list(sums.reset_index().sort_values(["outstanding_centimes", "customer_code"], ascending=[False, True])["customer_code"].head(most))  # fmt: skip
    lags = _lags(invoices, allocations, payments, names, day)
    rows = [
        _payer(name, owed[owed["customer_code"] == name], lags[lags["customer_code"] == name], day, weeks)
        for name in names
    ]
    columns = ["customer_code", "segment_code", "outstanding_centimes", "disputed_centimes", "paid_count", "within_mad", "unsaid_centimes", "early_date", "likely_date", "late_date"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    kinds = dict.fromkeys(("early_date", "likely_date", "late_date"), "datetime64[s]")
    return table.astype(
        kinds | dict.fromkeys(("outstanding_centimes", "disputed_centimes", "unsaid_centimes", "paid_count"), "int64")
    )


def _lags(invoices: Any, allocations: Any, payments: Any, names: list[str], day: date) -> pd.DataFrame:
    """`customer_code`, `invoice_id`, `lag_days`, `amount`: what was received on bills of two years, bounced payments, stamps and compensations out."""
    bills = frame(invoices).filter(
        nw.col("customer_code").is_in(names), nw.col("issue_date") > day - timedelta(days=SEEN_DAYS), nw.col("issue_date") <= day
    ).select("invoice_id", "customer_code", "issue_date")  # fmt: skip
    cash = frame(payments).filter(
        ~nw.col("channel_code").fill_null("").is_in(NO_CASH_CHANNELS), nw.col("bounced_date").is_null() | (nw.col("bounced_date") > day)
    ).select("payment_id")  # fmt: skip
    came = (
        frame(allocations)
        .filter(nw.col("allocation_date") <= day)
        .select("invoice_id", "payment_id", "allocation_date", "amount_centimes")
    )
    found = to_pandas(
        came.join(bills, on="invoice_id", how="inner")
        .join(cash, on="payment_id", how="inner")
        .sort("invoice_id", "allocation_date", "payment_id")
    )
    lag = (found["allocation_date"] - found["issue_date"]).dt.days.clip(lower=0)
    return found.assign(lag_days=lag.astype("int64"), amount=found["amount_centimes"].astype("float64") / 100)


def _payer(name: str, owed: pd.DataFrame, lags: pd.DataFrame, day: date, weeks: int) -> dict[str, object]:
    count = int(lags["invoice_id"].nunique())
    asked = owed[~owed["is_disputed"].astype(bool)]
    days, weights = lags["lag_days"].to_numpy(np.float64), lags["amount"].to_numpy(np.float64)
    age = (pd.Timestamp(day) - asked["issue_date"]).dt.days.to_numpy(np.float64)
    amount = asked["outstanding_centimes"].to_numpy(np.float64) / 100
    told = np.array([count >= FEWEST_BILLS and bool(weights[days > one].sum() > 0) for one in age], dtype=bool)
    at, mass = _ahead(age[told], amount[told], days, weights)
    within = float(mass[at <= 7 * weeks].sum())
    row: dict[str, object] = {
        "customer_code": name, "segment_code": owed["segment_code"].iloc[0], "outstanding_centimes": int(owed["outstanding_centimes"].sum()),
        "disputed_centimes": int(owed.loc[owed["is_disputed"].astype(bool), "outstanding_centimes"].sum()), "paid_count": count,
        "within_mad": within if told.any() else np.nan, "unsaid_centimes": int(asked.loc[~told, "outstanding_centimes"].sum()),
    }  # fmt: skip
    for column, level in zip(("early_date", "likely_date", "late_date"), LEVELS, strict=True):
        row[column] = pd.NaT if not told.any() else pd.Timestamp(day) + pd.Timedelta(days=int(_by(at, mass, level)))
    return row


def _ahead(age: Floats, amount: Floats, days: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Days from now and the amounts expected on each: every open bill as the past ones that had waited longer than it has."""
    at, mass = [np.zeros(0)], [np.zeros(0)]
    for one, owed in zip(age, amount, strict=True):
        later = days > one
        at.append(days[later] - one)
        mass.append(owed * weights[later] / weights[later].sum())
    return np.concatenate(at), np.concatenate(mass)


def _by(at: Floats, mass: Floats, level: float) -> float:
    """The first day by which a part of the whole has come."""
    order = np.argsort(at, kind="stable")
    return float(at[order][np.searchsorted(np.cumsum(mass[order]), level * mass.sum() - 1e-9)])
