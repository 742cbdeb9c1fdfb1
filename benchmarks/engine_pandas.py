"""The four tables as analysts write them in pandas: read the columns needed, filter, merge, group."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.engine_ours import AS_OF, OPENING
from workbench.recovery.ageing import UPPER_BOUNDS

Paths = Mapping[str, list[str]]
DAY, BEFORE = pd.Timestamp(AS_OF), pd.Timestamp(OPENING)
NO_CASH = ["prepaid_stamp", "compensation"]
ACCOUNT = ["account_number", "currency_code"]


def _read(paths: Paths, name: str, columns: str) -> pd.DataFrame:
    read = pd.concat([pd.read_parquet(path, columns=columns.split()) for path in paths[name]], ignore_index=True)
    for column in read.columns:
        if column.endswith("_date"):
            read[column] = pd.to_datetime(read[column])
    return read


def _sum_to(items: pd.DataFrame, events: pd.DataFrame, amount: str, name: str) -> pd.DataFrame:
    sums = events.groupby("invoice_id")[amount].sum().rename(name)
    joined = items.merge(sums, left_on="invoice_id", right_index=True, how="left")
    joined[name] = joined[name].fillna(0).astype("int64")
    return joined


def _bills(paths: Paths) -> pd.DataFrame:
    """Bills issued by the date, with the dates of the bill that they are the rest of."""
    bills = _read(
        paths,
        "invoices",
        "invoice_id center_code currency_code issue_date due_date amount_ttc_centimes source_invoice_id cancelled_date",
    )
    bills = bills[bills["issue_date"] <= DAY]
    rest = bills["source_invoice_id"].notna()
    source = bills.set_index("invoice_id")
    bills["own_date"] = bills["issue_date"]
    sources = bills.loc[rest, "source_invoice_id"]
    for column in ("issue_date", "due_date"):
        bills.loc[rest, column] = source[column].reindex(sources).to_numpy()
    return bills


def _receipts(paths: Paths) -> pd.DataFrame:
    allocations = _read(paths, "allocations", "payment_id invoice_id allocation_date amount_centimes")
    payments = _read(paths, "payments", "payment_id channel_code bounced_date")
    return allocations[allocations["allocation_date"] <= DAY].merge(payments, on="payment_id", how="left")


def _held(receipts: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    bounced = receipts["bounced_date"].notna() & (receipts["bounced_date"] <= day)
    return receipts[(receipts["allocation_date"] <= day) & ~bounced]


def _ageing(paths: Paths) -> pd.DataFrame:
    items = _sum_to(_bills(paths), _held(_receipts(paths), DAY), "amount_centimes", "paid")
    credits = _read(paths, "credit_notes", "invoice_id currency_code credit_date amount_ttc_centimes")
    credits = credits[credits["credit_date"] <= DAY]
    items = _sum_to(items, credits.dropna(subset=["invoice_id"]), "amount_ttc_centimes", "credited")
    lost = _read(paths, "write_offs", "invoice_id write_off_date amount_centimes")
    items = _sum_to(items, lost[lost["write_off_date"] <= DAY], "amount_centimes", "lost")
    billed = items["amount_ttc_centimes"].where(items["cancelled_date"].isna() | (items["cancelled_date"] > DAY), 0)
    items["outstanding_centimes"] = billed - items["paid"] - items["credited"] - items["lost"]
    loose = credits[credits["invoice_id"].isna()]
    loose = loose.assign(outstanding_centimes=-loose["amount_ttc_centimes"])[["currency_code", "outstanding_centimes"]]
    items = pd.concat([items, loose], ignore_index=True)
    items = items[items["outstanding_centimes"] != 0]
    age = (DAY - items["due_date"]).dt.days
    buckets = np.searchsorted(UPPER_BOUNDS, age.fillna(0), side="left")
    items["age_bucket"] = np.where(age.isna(), -1, buckets)
    items["credit_centimes"] = items["outstanding_centimes"].clip(upper=0)
    grouped = items.groupby(["currency_code", "center_code", "age_bucket"], dropna=False)
    sums = grouped[["outstanding_centimes", "credit_centimes"]].sum()
    sums.insert(0, "item_count", grouped.size())
    return sums.reset_index()


def _rates(paths: Paths) -> pd.DataFrame:
    bills, receipts = _bills(paths), _receipts(paths)
    credits = _read(paths, "credit_notes", "invoice_id credit_date amount_ttc_centimes").dropna(subset=["invoice_id"])
    lost = _read(paths, "write_offs", "invoice_id write_off_date amount_centimes")
    sides: dict[pd.Timestamp, pd.DataFrame] = {}
    for day in (BEFORE, DAY):
        side = bills.loc[bills["own_date"] <= day, ["invoice_id", "amount_ttc_centimes", "cancelled_date"]]
        held = _held(receipts, day)
        no_cash = held["channel_code"].isin(NO_CASH)
        side = _sum_to(side, held[~no_cash], "amount_centimes", "collected")
        side = _sum_to(side, held[no_cash], "amount_centimes", "no_cash")
        side = _sum_to(side, credits[credits["credit_date"] <= day], "amount_ttc_centimes", "credited")
        side = _sum_to(side, lost[lost["write_off_date"] <= day], "amount_centimes", "lost")
        side["cancelled"] = side["amount_ttc_centimes"].where(side["cancelled_date"] <= day, 0)
        sides[day] = side.rename(columns={"amount_ttc_centimes": "billed"}).drop(columns="cancelled_date")
    valid = bills[bills["cancelled_date"].isna() | (bills["cancelled_date"] > DAY)]
    items = (
        valid.drop(columns="cancelled_date")
        .merge(sides[DAY], on="invoice_id")
        .merge(sides[BEFORE], on="invoice_id", how="left", suffixes=("", "_before"))
    )
    names = ["billed", "cancelled", "collected", "no_cash", "credited", "lost"]
    items[[f"{name}_before" for name in names]] = items[[f"{name}_before" for name in names]].fillna(0).astype("int64")
    before = {name: items[f"{name}_before"] for name in names}
    opening = before["billed"] - sum(before[name] for name in names[1:])
    for name in names:
        items[name] -= before[name]
    items["base"] = opening + items["billed"] - items["cancelled"] - items["credited"]
    old = items["issue_date"] <= BEFORE
    items["base"] = items["base"].where(~old, items["base"].clip(lower=0))
    for side_name, mask in (("current", ~old), ("arrears", old)):
        items[f"{side_name}_base_centimes"] = items["base"].where(mask, 0)
        items[f"{side_name}_collected_centimes"] = items["collected"].where(mask, 0)
    items["no_cash_centimes"] = items["no_cash"]
    parts = [f"{side}_{what}_centimes" for side in ("current", "arrears") for what in ("base", "collected")]
    sums = items.groupby(["currency_code", "center_code"])[[*parts, "no_cash_centimes"]].sum().reset_index()
    cash = sums["current_collected_centimes"] + sums["arrears_collected_centimes"]
    owed = sums["current_base_centimes"] + sums["arrears_base_centimes"]
    for side_name in ("current", "arrears"):
        base = sums[f"{side_name}_base_centimes"]
        sums[f"{side_name}_rate"] = (sums[f"{side_name}_collected_centimes"] / base).where(base > 0)
    sums["global_rate"] = (cash / owed).where(owed > 0)
    sums["with_no_cash_rate"] = ((cash + sums["no_cash_centimes"]) / owed).where(owed > 0)
    return sums


def _positions(paths: Paths) -> pd.DataFrame:
    days = _read(
        paths,
        "statement_days",
        "account_identifier currency_code day_date opening_centimes closing_centimes is_superseded",
    )
    days = days[~days["is_superseded"] & (days["day_date"] <= DAY) & days["closing_centimes"].notna()]
    days = days.rename(columns={"account_identifier": "account_number"}).sort_values([*ACCOUNT, "day_date"])
    before = days.groupby(ACCOUNT)["closing_centimes"].shift(1)
    days["booked"] = (days["closing_centimes"] - before.fillna(0)).astype("int64")
    days["entered_centimes"] = days["opening_centimes"].where(before.isna(), 0)
    days["stated"] = 1
    lines = _read(
        paths,
        "bank_transactions",
        "account_identifier currency_code day_date value_date amount_centimes is_superseded is_interim",
    )
    lines = lines[~lines["is_superseded"] & ~lines["is_interim"] & (lines["day_date"] <= DAY)]
    lines = lines.rename(columns={"account_identifier": "account_number"})
    lines = lines.merge(days[[*ACCOUNT, "day_date"]], on=[*ACCOUNT, "day_date"])
    flow = lines.groupby([*ACCOUNT, "day_date"])["amount_centimes"].sum().rename("flow_centimes")
    in_value = (
        lines.groupby([*ACCOUNT, "value_date"])["amount_centimes"].sum().rename_axis(index={"value_date": "day_date"})
    )
    stated = days.set_index([*ACCOUNT, "day_date"])[["booked", "entered_centimes", "stated"]]
    steps = pd.concat([stated, flow, in_value.rename("valued")], axis=1).fillna(0).astype("int64").sort_index()
    steps["valued"] += steps["booked"] - steps["flow_centimes"]
    running = steps.groupby(level=ACCOUNT)[["booked", "valued"]].cumsum()
    steps["booked_centimes"], steps["value_centimes"] = running["booked"], running["valued"]
    steps["gap_centimes"] = steps["booked"] - steps["entered_centimes"] - steps["flow_centimes"]
    steps = steps.reset_index().merge(days.groupby(ACCOUNT)["day_date"].min().rename("first").reset_index(), on=ACCOUNT)
    steps = steps[steps["day_date"] >= steps["first"]].rename(columns={"stated": "statement_count"})
    return steps[
        [
            *ACCOUNT,
            "day_date",
            "booked_centimes",
            "value_centimes",
            "entered_centimes",
            "flow_centimes",
            "gap_centimes",
            "statement_count",
        ]
    ]


def _curves(paths: Paths) -> pd.DataFrame:
    bills = _read(paths, "invoices", "invoice_id currency_code issue_date amount_ttc_centimes")
    bills = bills[bills["issue_date"] <= DAY]
    bills["vintage_ordinal"] = bills["issue_date"].dt.year * 12 + bills["issue_date"].dt.month - 1
    billed = bills.groupby(["currency_code", "vintage_ordinal"])["amount_ttc_centimes"].sum().rename("billed_centimes")
    cash = _read(paths, "allocations", "invoice_id allocation_date amount_centimes")
    cash = cash[cash["allocation_date"] <= DAY].merge(
        bills[["invoice_id", "currency_code", "vintage_ordinal"]], on="invoice_id"
    )
    paid = cash["allocation_date"].dt.year * 12 + cash["allocation_date"].dt.month - 1
    cash["age_months"] = paid - cash["vintage_ordinal"]
    curves = (
        cash.groupby(["currency_code", "vintage_ordinal", "age_months"])["amount_centimes"]
        .sum()
        .rename("collected_centimes")
        .reset_index()
    )
    curves["cumulative_centimes"] = curves.groupby(["currency_code", "vintage_ordinal"])["collected_centimes"].cumsum()
    curves = curves.merge(billed, left_on=["currency_code", "vintage_ordinal"], right_index=True)
    curves["cumulative_share"] = curves["cumulative_centimes"] / curves["billed_centimes"]
    return curves


FUNCTIONS: dict[str, Callable[[Paths], pd.DataFrame]] = {
    "ageing": _ageing,
    "rates": _rates,
    "positions": _positions,
    "curves": _curves,
}


def as_analysts_write(function: str, paths: Mapping[str, Any]) -> pd.DataFrame:
    """A table made by pandas alone."""
    return FUNCTIONS[function](paths)
