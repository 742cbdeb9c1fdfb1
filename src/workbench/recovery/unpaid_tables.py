"""The tables of the unpaid page, in its order: codes and amounts, no sentence. `unpaid_ties` are the equalities proven before it is published."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from workbench.recovery.portfolios import PORTFOLIOS, portfolio_of
from workbench.recovery.rate_readings import passage, rate_readings
from workbench.recovery.unit_ages import AGES
from workbench.recovery.unit_roll_forward import FLOWS, roll_forward_by_month
from workbench.recovery.unpaid import Unpaid
from workbench.recovery.unpaid_decisions import worse_centers
from workbench.recovery.unpaid_facts import thresholds_used
from workbench.schemas.facts import Fact
from workbench.standards import values_table

SEGMENTS = ("state", "municipality", "utility_board", "regional_utility", "household", "business")
UNKNOWN = "unknown"
MONTHS_SHOWN = 13
PARTS = ("not_due_centimes", "within_year_centimes", "one_to_four_centimes", "over_four_centimes")
_PASSAGE = {
    "opening_centimes": 1,
    "billed_centimes": 1,
    "cancelled_centimes": -1,
    "current_credited_centimes": -1,
    "old_credited_centimes": -1,
    "current_collected_centimes": -1,
    "old_collected_centimes": -1,
    "stamps_centimes": -1,
    "compensations_centimes": -1,
    "written_off_centimes": -1,
    "closing_centimes": 1,
}


def unpaid_tables(found: Unpaid) -> dict[str, pd.DataFrame]:
    """The tables of the page by key; empty ones are left out."""
    tables = {
        "segments": by_segment(found),
        "heat": _heat(found),
        "origins": found.origins[["segment_code", "origin_year", "outstanding_centimes"]],
        "passage": passage_steps(found),
        "passage_by": _passage_by_segment(found),
        "readings": _readings(found),
        "delays": _delays(found),
        "debtors": _names(found.debtors),
        "private_debtors": _names(found.private_debtors),
        "worse": _worse(found),
        "waiting": _waiting(found.waiting, apart=False),
        "waiting_apart": _waiting(found.waiting, apart=True),
        "rejects": found.rejects.drop(columns="currency_code"),
        "credits": found.credits.drop(columns="currency_code"),
        "directorates": _units(found, "directorate"),
        "agencies": _units(found, "agency"),
        "centers": _units(found, "center"),
        "center_rates": _center_rates(found),
        "month": _month(found),
        "months": _months(found),
        "thresholds": values_table(thresholds_used(found)),
    }
    return {key: table.reset_index(drop=True) for key, table in tables.items() if len(table)}


def by_segment(found: Unpaid) -> pd.DataFrame:
    """A row a segment in the order of `SEGMENTS`, a level a portfolio: what is owed, its change over a year, by age, part past due."""
    now, before = found.indicators("segment_code"), found.indicators("segment_code", before=True)
    now = now[(now["outstanding_centimes"] != 0) | now["segment_code"].notna()]
    table = now.merge(
        before[["segment_code", "outstanding_centimes"]].rename(columns={"outstanding_centimes": "before_centimes"}),
        on="segment_code",
        how="left",
    )
    known = found.year_before is not None
    table["year_change_centimes"] = (
        (table["outstanding_centimes"] - table["before_centimes"].fillna(0)).astype("Int64")
        if known
        else pd.Series(index=table.index, dtype="Int64")
    )
    table["not_due_centimes"] = table["age_0_centimes"]
    table["within_year_centimes"] = table[["age_none_centimes", *(f"age_{n}_centimes" for n in range(1, 6))]].sum(
        axis=1
    )
    table["one_to_four_centimes"] = table["age_6_centimes"] + table["age_7_centimes"]
    table["over_four_centimes"] = table["age_8_centimes"]
    table["portfolio_code"] = portfolio_of(table["segment_code"])
    table["segment_code"] = table["segment_code"].fillna(UNKNOWN)
    rows = [_portfolio(table[table["portfolio_code"] == code], code) for code in PORTFOLIOS]
    shown = ["segment_code", "outstanding_centimes", "year_change_centimes", *PARTS, "due_share", "is_level"]
    return pd.concat(rows, ignore_index=True)[shown] if len(table) else pd.DataFrame(columns=shown)


def _portfolio(mine: pd.DataFrame, code: str) -> pd.DataFrame:
    order = {segment: number for number, segment in enumerate(SEGMENTS)}
    mine = mine.sort_values("segment_code", key=lambda codes: codes.map(order).fillna(len(order)), kind="stable")
    if mine.empty:
        return mine.assign(is_level=False)
    amounts = ["outstanding_centimes", "year_change_centimes", "due_centimes", *PARTS]
    sums = mine[amounts].sum(min_count=1)
    owed = int(sums["outstanding_centimes"])
    level = {"segment_code": code, **sums, "due_share": int(sums["due_centimes"]) / owed if owed else None}
    return pd.concat([mine.assign(is_level=False), pd.DataFrame([level | {"is_level": True}])], ignore_index=True)


def passage_steps(found: Unpaid) -> pd.DataFrame:
    """From the rest on 1 January to the rest on the date, a step a kind of movement: `label`, `amount_centimes`, `is_level`."""
    sums = passage(found.rates, ("portfolio_code",))[list(_PASSAGE)].sum()
    steps = [
        (name, sign * int(sums[name]), name in ("opening_centimes", "closing_centimes"))
        for name, sign in _PASSAGE.items()
        if sums[name] or name in ("opening_centimes", "closing_centimes")
    ]
    return pd.DataFrame(steps, columns=["label", "amount_centimes", "is_level"])


def rates_by_segment(found: Unpaid, rate: str) -> pd.DataFrame:
    """One rate (`current`, `arrears`, `global`) by segment: `segment_code`, `rate`, `previous_rate`, `change_pts`."""
    table = _in_order(rate_readings(found.rates, ("segment_code",)))
    now, before = table[f"{rate}_rate"], table[f"previous_{rate}_rate"]
    return pd.DataFrame(
        {"segment_code": table["segment_code"], "rate": now, "previous_rate": before, "change_pts": now - before}
    )


def _readings(found: Unpaid) -> pd.DataFrame:
    names = ["global_rate", "due_global_rate", "rolling_global_rate", "rolling_plain_rate"]
    names += ["with_no_cash_rate", "ht_global_rate"]
    columns = ["segment_code", *names, "previous_global_rate"]
    segments = _in_order(rate_readings(found.rates, ("segment_code",)))[columns].assign(is_level=False)
    both = rate_readings(found.rates, ("portfolio_code",)).rename(columns={"portfolio_code": "segment_code"})
    return pd.concat([segments, both[columns].assign(is_level=True)], ignore_index=True)


def _delays(found: Unpaid) -> pd.DataFrame:
    names = ["dso_days", "term_days", "unpaid_share", "mean_age_days", "old_share", "cohort_rate", "mature_rate"]
    columns = ["segment_code", *names]
    segments = _in_order(found.indicators("segment_code"))[columns].assign(is_level=False)
    both = found.indicators("portfolio_code").rename(columns={"portfolio_code": "segment_code"})
    table = pd.concat([segments, both[columns].assign(is_level=True)], ignore_index=True)
    counted = found.count_back.assign(group_code=found.count_back["group_code"].fillna(UNKNOWN))
    by_code = dict(zip(counted["group_code"], counted["count_back_days"], strict=True))
    table.insert(2, "count_back_days", table["segment_code"].map(by_code).astype("Float64"))
    return table


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    order = {segment: number for number, segment in enumerate(SEGMENTS)}
    named = table.assign(segment_code=table["segment_code"].fillna(UNKNOWN))
    return named.sort_values(
        "segment_code", key=lambda codes: codes.map(order).fillna(len(order)), kind="stable", ignore_index=True
    )


def _heat(found: Unpaid) -> pd.DataFrame:
    units = found.by_unit("directorate")
    units = units.assign(directorate_code=units["unit_code"].fillna(UNKNOWN))
    wide = units[["directorate_code", *AGES]]
    long = wide.melt("directorate_code", var_name="age", value_name="outstanding_centimes")
    buckets = {name: number - 1 for number, name in enumerate(AGES)}
    return long.assign(age_bucket=long["age"].map(buckets))[["directorate_code", "age_bucket", "outstanding_centimes"]]


def _passage_by_segment(found: Unpaid) -> pd.DataFrame:
    return _in_order(passage(found.rates, ("segment_code",))).drop(columns="currency_code")


def _names(names: pd.DataFrame) -> pd.DataFrame:
    recent = names["due_centimes"] - names["old_centimes"]
    columns = ["customer_code", "segment_code", "center_code", "due_centimes", "old_centimes", "recent_centimes"]
    columns += ["cumulative_share", "oldest_date", "last_receipt_date", "disputed_centimes"]
    return names.assign(recent_centimes=recent)[columns]


def _units(found: Unpaid, level: str) -> pd.DataFrame:
    table = found.by_unit(level)
    if level != "center" and table["unit_code"].isna().all():  # no register: one row would say nothing
        table = table.head(0)
    changes = ["month_change_centimes", "year_change_centimes"]
    columns = ["unit_code", "outstanding_centimes", "due_centimes", "old_share", "mean_age_days", *changes, *AGES]
    return table.assign(unit_code=table["unit_code"].fillna(UNKNOWN))[columns]


def _month(found: Unpaid) -> pd.DataFrame:
    every = roll_forward_by_month(found.months, found.units, found.as_of, "directorate")
    last = every[every["month_end_date"] == pd.Timestamp(found.as_of)]
    if last["unit_code"].isna().all():
        last = last.head(0)
    columns = ["unit_code", "opening_centimes", *FLOWS, "closing_centimes"]
    kept = [name for name in columns if name not in FLOWS or last[name].any()]
    return last.assign(unit_code=last["unit_code"].fillna(UNKNOWN))[kept]


def _months(found: Unpaid) -> pd.DataFrame:
    rolled = roll_forward_by_month(found.months, None, found.as_of, "office")
    return rolled.drop(columns=["unit_code", "currency_code", "transferred_centimes"]).tail(MONTHS_SHOWN)


def _waiting(waiting: pd.DataFrame, apart: bool) -> pd.DataFrame:
    """Cash that waits, by channel; or `apart` what must not be added to it: stamps and compensations, and receipts allocated twice."""
    shown = [
        "channel_code",
        *[name for name in waiting.columns if name.endswith(("_count", "_centimes"))],
        "oldest_date",
    ]
    is_apart = ~waiting["is_cash"] | waiting["is_over_allocated"]
    if not apart:
        return waiting.loc[~is_apart, shown]
    kind = waiting["is_over_allocated"].map({True: "over_allocated", False: "no_cash"})
    return waiting.assign(waiting_code=kind).loc[is_apart, [shown[0], "waiting_code", *shown[1:]]]


def _worse(found: Unpaid) -> pd.DataFrame:
    shown = ["unit_code", "due_centimes", "year_due_change_centimes", "unpaid_share", "unpaid_share_change"]
    return worse_centers(found)[shown].rename(columns={"unpaid_share_change": "unpaid_change_pts"})


def _center_rates(found: Unpaid) -> pd.DataFrame:
    """The three rates of every centre, key accounts and private clients apart."""
    rates = rate_readings(found.rates, ("center_code", "portfolio_code"))
    shown = ["center_code", "portfolio_code", "current_rate", "arrears_rate", "global_rate", "previous_global_rate"]
    return rates.assign(center_code=rates["center_code"].fillna(UNKNOWN))[shown]


def unpaid_ties(found: Unpaid, facts: Sequence[Fact]) -> list[tuple[str, int, int]]:
    """The equalities of the page: (what, one figure, the other). Each figure comes from a table of its own."""
    owed = next(fact for fact in facts if fact.indicator == "outstanding")
    credits = next(fact for fact in facts if fact.indicator == "customer_credits")
    loose = next(fact for fact in facts if fact.indicator == "waiting_receipts")
    rest = owed.value + credits.value
    segments = by_segment(found)
    steps = passage(found.rates, ("portfolio_code",))
    months = roll_forward_by_month(found.months, found.units, found.as_of, "center")
    last = months[months["month_end_date"] == pd.Timestamp(found.as_of)]
    sums: list[tuple[str, Any, Any]] = [
        (
            "segments = ledger",
            segments.loc[~segments["is_level"].astype(bool), "outstanding_centimes"].sum(),
            owed.value,
        ),
        (
            "portfolios = ledger",
            segments.loc[segments["is_level"].astype(bool), "outstanding_centimes"].sum(),
            owed.value,
        ),
        ("ages by directorate = ledger", _heat(found)["outstanding_centimes"].sum(), owed.value),
        ("centres = ledger", _units(found, "center")["outstanding_centimes"].sum(), owed.value),
        ("years of origin = ledger", found.origins["outstanding_centimes"].sum(), owed.value),
        ("passage of the year = owed and credits", steps["closing_centimes"].sum(), rest),
        (
            "cash that waits, by channel = in all",
            _waiting(found.waiting, False)["unallocated_centimes"].sum(),
            loose.value,
        ),
        (
            "receipts by centre = by channel",
            found.waiting_by_center["unallocated_centimes"].sum(),
            found.waiting["unallocated_centimes"].sum(),
        ),
        ("roll-forward of the month = owed and credits", last["closing_centimes"].sum(), rest),
    ]
    return [(what, int(one), int(other)) for what, one, other in sums]
