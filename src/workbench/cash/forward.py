"""Position prévisionnelle, J to J+5: the last proven balance in value, and what is already known to come.

What comes: lines booked and not yet in value, then flows of the registers that are issued, or announced, and not settled: orders
issued and not debited, cheques issued, deposits in course, maturities. Nothing is estimated here, no typed balance is used,
and prepaid stamps are in no register of flows: they are never cash.
"""

from datetime import date
from typing import Any

import narwhals as nw
import pandas as pd

from workbench.frames import table_function
from workbench.standards import BankDays

HORIZON = 5  # bank days
_FLOW = ["account_number", "currency_code", "amount_centimes"]


@table_function
def flows_in_course(
    planned_flows: nw.LazyFrame[Any], last: nw.LazyFrame[Any] | None = None, *, as_of: date
) -> nw.LazyFrame[Any]:
    """Flows of the registers known on `as_of` (issued by then, or without a date of issue) that no balance holds yet.

    Those not settled by then; and those settled after the last statement of their account (`last`, as from `last_statements`; none:
    balances are taken to go to `as_of`), which that balance cannot hold: `is_settled` is true for them.
    """
    issued, settled = nw.col("issued_date"), nw.col("settled_date")
    known = planned_flows.filter(issued.is_null() | (issued <= as_of))
    if last is None:
        known = known.with_columns(statement_date=nw.lit(as_of))
    else:
        known = known.join(last, on=["account_number", "currency_code"], how="left")
    proven_to = nw.col("statement_date")
    return (
        known.with_columns(is_settled=~settled.is_null() & (settled <= as_of))
        .filter(~nw.col("is_settled") | (settled > proven_to))
        .drop("statement_date")
        .sort("expected_date", "flow_id")
    )


def named_flows(
    in_course: pd.DataFrame, on_its_way: pd.DataFrame, bank_days: BankDays, as_of: date, horizon: int = HORIZON
) -> pd.DataFrame:
    """Flows of the `horizon` bank days after `as_of`, each on the bank day it falls on.

    Parameters
    ----------
    in_course
        As from `flows_in_course`. One expected on a closed day falls on the next bank day; one expected by `as_of` and still not
        settled falls on the first, with `is_overdue` and `overdue` as its certainty; so does one settled that no statement tells
        yet, as certain.
    on_its_way
        As from `positions.value_on_its_way`.

    Returns
    -------
    Sorted by day: `flow_date`, `account_number`, `currency_code`, `flow_kind_code` (`booked` for lines on their way),
    `certainty_code`, `amount_centimes`, `counterparty`, `expected_date`, `is_overdue`. Flows beyond the horizon are left out.
    """
    booked = on_its_way.rename(columns={"day_date": "expected_date"}).assign(
        flow_kind_code="booked", certainty_code="certain", counterparty=None, is_settled=True
    )
    columns = [*_FLOW, "flow_kind_code", "certainty_code", "counterparty", "expected_date", "is_settled"]
    parts = [part[columns] for part in (booked, in_course) if len(part)]
    flows = pd.concat(parts, ignore_index=True) if parts else booked[columns]
    flows = flows[flows["amount_centimes"] != 0]
    first, last = bank_days.add(as_of, 1), bank_days.add(as_of, horizon)
    expected = [day.date() for day in pd.to_datetime(flows["expected_date"])]
    flows = flows.assign(
        flow_date=pd.to_datetime([first if day <= as_of else bank_days.add(day, 0) for day in expected]),
        is_overdue=[day <= as_of for day in expected],
    )
    # Expected by now and not settled: nobody knows that it will come tomorrow, whatever the register said.
    settled = flows["is_settled"].astype(bool)
    flows["certainty_code"] = (
        flows["certainty_code"].mask(settled, "certain").mask(flows["is_overdue"] & ~settled, "overdue")
    )
    flows = flows[flows["flow_date"] <= pd.Timestamp(last)].drop(columns="is_settled")
    return flows.sort_values(["flow_date", "amount_centimes", "account_number"], kind="stable").reset_index(drop=True)


def forward_positions(
    today: pd.DataFrame, flows: pd.DataFrame, bank_days: BankDays, as_of: date, horizon: int = HORIZON
) -> pd.DataFrame:
    """Balance in value at the end of each bank day from J (`as_of`) to J+`horizon`, by account and currency.

    `today` is a row an account and currency with `value_centimes` (its last proven balance in value). A flow on an account that
    has no proven balance has nothing to be added to: it stays out, see `flows_without_balance`.

    Returns `account_number`, `currency_code`, `step_count` (0 for J), `day_date`, `opening_centimes`, `flow_centimes`,
    `value_centimes`.
    """
    days = [as_of, *(bank_days.add(as_of, step) for step in range(1, horizon + 1))]
    keys = ["account_number", "currency_code"]
    sums = flows.groupby([*keys, "flow_date"])["amount_centimes"].sum()
    added: dict[Any, int] = {key: int(amount) for key, amount in sums.items()}
    rows = []
    for account, currency, balance in today[[*keys, "value_centimes"]].itertuples(index=False, name=None):
        running = int(balance)
        for step, day in enumerate(days):
            flow = added.get((account, currency, pd.Timestamp(day)), 0) if step else 0
            rows.append((account, currency, step, pd.Timestamp(day), running, flow, running + flow))
            running += flow
    columns = [*keys, "step_count", "day_date", "opening_centimes", "flow_centimes", "value_centimes"]
    table = pd.DataFrame(rows, columns=columns)
    integers = ["step_count", "opening_centimes", "flow_centimes", "value_centimes"]
    return table.astype(dict.fromkeys(integers, "Int64"))


def flows_without_balance(today: pd.DataFrame, flows: pd.DataFrame) -> pd.DataFrame:
    """The flows on accounts that have no proven balance in their currency: shown, in no total."""
    known = set(today[["account_number", "currency_code"]].itertuples(index=False, name=None))
    keys = zip(flows["account_number"], flows["currency_code"], strict=True)
    lost = pd.Series(
        [key not in known for key in keys], index=flows.index, dtype=bool
    )  # typed: an empty list selects columns
    return flows[lost].reset_index(drop=True)
