"""The clock of the lawsuit: a provision that is not followed by a court action within so many months is deducted in vain.

How many months, and how sure that is, is a dated value (`provision_lawsuit_months`). Whether the tax rule binds a given claim is for
counsel: here the days are counted.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from workbench.frames import frame, to_pandas
from workbench.recovery.balances import on_day
from workbench.recovery.groups import group_keys
from workbench.recovery.impairment.anniversaries import as_days, months_after
from workbench.recovery.impairment.steps import steps_on_items

CLOCK_STATES = ("filed", "late", "running", "missed")


def lawsuit_clock(provisions: Any, invoices: Any, steps: Any, *, as_of: date | str, months: int = 12) -> pd.DataFrame:
    """Where each provisioned claim stands against the months given to go to court.

    Parameters
    ----------
    provisions
        Register of closings. The clock of a claim starts at the first closing of the unbroken run that leads to the last one by `as_of`.
    invoices
        For the customer, segment, centre and day of each bill; a provision on an unknown bill keeps its row, without them.
    steps
        `enforcement_steps`; a `court_action` by `as_of`, still open at the start of the clock or later, answers it.

    Returns
    -------
    One row a claim with an allowance above nil at the last closing: `invoice_id`, `customer_code`, `segment_code`, `center_code`, `currency_code`, `allowance_centimes`, `first_provision_date`,
    `deadline_date`, `lawsuit_date`, `left_days` (to the deadline, null once in court), `clock_code`: `filed` (in time), `late`, `running`, `missed`.
    """
    day = on_day(as_of)
    held = to_pandas(frame(provisions).filter(nw.col("provision_date") <= day, nw.col("allowance_centimes") > 0))
    closings = to_pandas(frame(provisions).filter(nw.col("provision_date") <= day).select("provision_date").unique())
    run = _unbroken(held, closings)
    bills = to_pandas(
        frame(invoices)
        .join(frame(run[["invoice_id"]]), on="invoice_id")
        .select("invoice_id", "customer_code", "segment_code", "center_code", "issue_date")
    )
    claims = run.merge(bills, on="invoice_id", how="left")
    first = as_days(claims["first_provision_date"])
    deadline = months_after(first, months)
    action = _first_action(claims, steps, first, day)
    now = np.datetime64(day)
    is_filed = ~np.isnat(action)
    state = np.select(
        [is_filed & (action <= deadline), is_filed, now <= deadline], ["filed", "late", "running"], "missed"
    )
    left = pd.Series((deadline - now).astype("float64"), index=claims.index).where(~is_filed).astype("Int64")
    shown = [
        "invoice_id",
        "customer_code",
        "segment_code",
        "center_code",
        "currency_code",
        "allowance_centimes",
        "first_provision_date",
    ]
    return claims[shown].assign(
        deadline_date=deadline.astype("datetime64[s]"),
        lawsuit_date=action.astype("datetime64[s]"),
        left_days=left,
        clock_code=pd.Series(state, index=claims.index, dtype="str"),
    )


def clock_totals(clock: pd.DataFrame, by: str | Sequence[str] = ("segment_code",)) -> pd.DataFrame:
    """Claims and allowances by currency, group and `clock_code`, and the nearest deadline still running: `item_count`, `allowance_centimes`, `first_deadline_date`."""
    keys = [*group_keys(by, clock), "clock_code"]
    counted = clock[keys].assign(
        item_count=1,
        allowance_centimes=clock["allowance_centimes"],
        first_deadline_date=clock["deadline_date"].where(clock["clock_code"] == "running"),
    )
    groups = counted.groupby(keys, dropna=False)
    return groups[["item_count", "allowance_centimes"]].sum().join(groups[["first_deadline_date"]].min()).reset_index()


def _unbroken(held: pd.DataFrame, closings: pd.DataFrame) -> pd.DataFrame:
    """Claims held at the last closing, with the first closing of the run that leads to it."""
    days = np.sort(as_days(closings["provision_date"]))
    back = len(days) - 1 - np.searchsorted(days, as_days(held["provision_date"]))  # 0: the last closing
    newest = held.assign(back=back).sort_values(["invoice_id", "back"], kind="stable")
    # Closings without a gap stand at 0, 1, 2 … back; after a gap the place runs ahead of the count.
    in_run = newest[newest["back"] == newest.groupby("invoice_id").cumcount()]
    last = in_run[in_run["back"] == 0][["invoice_id", "currency_code", "allowance_centimes"]]
    first = in_run.groupby("invoice_id")["provision_date"].min().rename("first_provision_date")
    return last.merge(first, on="invoice_id", how="left")


def _first_action(claims: pd.DataFrame, steps: Any, first: Any, day: date) -> Any:
    acts = steps_on_items(claims[["invoice_id", "customer_code", "issue_date"]], steps)
    row, opened, closed = acts["row"].to_numpy("int64"), as_days(acts["opened_date"]), as_days(acts["closed_date"])
    asked = (acts["step_code"] == "court_action").to_numpy() & (opened <= np.datetime64(day))
    asked &= np.isnat(closed) | (closed >= first[row])
    found = np.full(len(claims), np.datetime64("NaT", "D"))
    late_first = np.argsort(-opened[asked].astype(np.int64), kind="stable")  # the earliest is written last
    found[row[asked][late_first]] = opened[asked][late_first]
    return found
