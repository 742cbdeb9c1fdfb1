"""Tables of the sheet of recovery rates, one a block of the page, and the equalities that it must hold before it is published."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from workbench.recovery.portfolios import PRIVATE
from workbench.recovery.rates_sheet import AGES, RatesSheet, latest_at_age, three_rates
from workbench.recovery.unpaid_decisions import open_day
from workbench.schemas.facts import Fact, listed

RATES_KINDS = {
    **dict.fromkeys(
        (
            "cash_rate", "cohort_rate", "cohort_count_rate", "cohort_ht_rate", "ultimate_rate", "low_rate", "high_rate", "ultimate_count_rate", "amount_rate",
            "previous_amount_rate", "count_rate", "previous_count_rate", "share", "expected_share", "shrunk_share", "before_rate", "after_rate", "held_share",
        ),
        "pct",
    ),
    **dict.fromkeys(("amount_change", "count_change", "mix_rate", "behaviour_rate", "effect_rate"), "pts"),
    **dict.fromkeys(("rank", "low_rank", "high_rank", "age_days", "ultimate_age_days", "pareto_count", "unit_count"), "count"),
    "vintage_date": "month",
    **dict.fromkeys(("index", "effective_count", "calendar_p"), "ratio"),
}  # fmt: skip
ALWAYS = ("three", "same_age", "vintages", "change")  # shown even where they say nothing yet
MOVERS = 10  # centres and kinds of bills that moved the rate most, told by name
STEPS = ("before", "volume", "mix", "behaviour", "one_off", "after")


def rates_tables(sheet: RatesSheet, said: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The tables of the page by the name of their block; those of nothing are left out, but for `ALWAYS`."""
    private = sheet.centers["debtor_class_code"] == PRIVATE
    made = {
        "three": three_rates(sheet),
        "same_age": _same_age(sheet),
        "heat": _heat(sheet, said["first_segment"]),
        "heat_key": _heat(sheet, said["key_segment"]),
        "vintages": _vintages(sheet, said["first_segment"], True),
        "other_vintages": _vintages(sheet, said["first_segment"], False),
        "tried": sheet.tried,
        "off": _off(sheet),
        "centers": _ranked(sheet.centers[private], "center_code"),
        "key_centers": _ranked(sheet.centers[~private], "center_code", classed=True),
        "directorates": _ranked(sheet.directorates[sheet.directorates["debtor_class_code"] == PRIVATE], "directorate_code"),
        "change": _change(sheet),
        "movers": _movers(sheet),
        "one_offs": sheet.one_offs.drop(columns="currency_code"),
        "concentration": sheet.concentration.drop(columns=["currency_code", "hhi", "gini"]),
        "changed": _changed(sheet),
        "left_out": sheet.left_out.drop(columns="currency_code"),
    }  # fmt: skip
    return {name: table.reset_index(drop=True) for name, table in made.items() if len(table) or name in ALWAYS}


def paid_curves(sheet: RatesSheet) -> pd.DataFrame:
    """What has come in by each age, of amounts, by class in the order of the page: `debtor_class_code`, `age_days`, `rate`, `low_rate`, `high_rate`."""
    mine = sheet.curves[sheet.curves["weight_code"] == "amount"]
    order = {code: place for place, code in enumerate(three_rates(sheet)["debtor_class_code"])}
    names = ["debtor_class_code", "age_days", "rate", "low_rate", "high_rate"]
    return mine.sort_values("debtor_class_code", key=lambda codes: codes.map(order), kind="stable")[names].reset_index(
        drop=True
    )


def funnel_rows(sheet: RatesSheet) -> pd.DataFrame:
    """The centres of the funnel, private clients: `unit_code`, `bill_count`, `index`, `low_index`, `high_index`, `funnel_code`."""
    mine = sheet.centers[
        (sheet.centers["debtor_class_code"] == PRIVATE)
        & sheet.centers["funnel_code"].isin(["above", "below", "inside"])
    ]
    names = ["unit_code", "bill_count", "index", "low_index", "high_index", "funnel_code"]
    return mine.rename(columns={"center_code": "unit_code"})[names].reset_index(drop=True)


def change_steps(sheet: RatesSheet, class_code: str = PRIVATE) -> pd.DataFrame:
    """The cash of the year before, what led to that of this year, and that of this year, for a cascade: `label`, `amount_centimes`, `is_level`."""
    mine = sheet.effects[sheet.effects["debtor_class_code"] == class_code]
    ends = mine["effect_code"].isin(["before", "after"])
    moved = mine[ends | (mine["collected_centimes"] != 0)]
    return pd.DataFrame(
        {
            "label": moved["effect_code"].to_numpy(),
            "amount_centimes": moved["collected_centimes"].to_numpy(),
            "is_level": moved["effect_code"].isin(["before", "after"]).to_numpy(),
        }
    )


def _same_age(sheet: RatesSheet) -> pd.DataFrame:
    """Each class at each age: the last three months that have lived it against the same a year before."""
    parts = []
    for age in AGES:
        found = latest_at_age(sheet.cells, age)
        parts.append(found.assign(age_days=age, last_date=[_day(each) for each in found["last_ordinal"]]))
    whole = pd.concat(parts, ignore_index=True)
    names = ["debtor_class_code", "age_days", "last_date", "amount_rate", "previous_amount_rate", "amount_change", "count_rate", "previous_count_rate", "count_change"]  # fmt: skip
    order = {code: place for place, code in enumerate(three_rates(sheet)["debtor_class_code"])}
    rank = whole["debtor_class_code"].map(order)
    return whole.assign(_rank=rank).sort_values(["_rank", "age_days"])[names]


def _day(ordinal: int) -> pd.Timestamp:
    return pd.Timestamp(int(ordinal) // 12, int(ordinal) % 12 + 1, 1) + pd.offsets.MonthEnd()


def _heat(sheet: RatesSheet, segment: str | None) -> pd.DataFrame:
    mine = sheet.shares[sheet.shares["segment_code"] == segment]
    recent = sorted(mine["vintage_date"].unique())[-13:]
    return mine[mine["vintage_date"].isin(recent)].drop(columns="segment_code")


def _vintages(sheet: RatesSheet, segment: str | None, is_first: bool) -> pd.DataFrame:
    """The last months billed: so far, where they go; of the segment billed most, or of the others."""
    table = sheet.vintages
    if "billed_mad" not in table:
        return table.head(0)
    mine = table[(table["segment_code"] == segment) == is_first]
    mine = mine.assign(billed_centimes=(mine["billed_mad"] * 100).round().astype("Int64"))
    mine["method_code"] = mine["method_code"].replace("", None)  # a month of which nothing can be said
    names = ["vintage_date", "billed_centimes", "cohort_rate", "ultimate_rate", "low_rate", "high_rate", "method_code"]
    return mine[names if is_first else ["segment_code", *names]]


def _ranked(table: pd.DataFrame, unit: str, classed: bool = False) -> pd.DataFrame:
    """Units in the order of their ranks, what nobody could rank last with its reason."""
    names = [
        unit,
        "rank",
        "low_rank",
        "high_rank",
        "share",
        "expected_share",
        "index",
        "shrunk_share",
        "low_share",
        "high_share",
        "reason_code",
    ]
    head = ["debtor_class_code"] if classed else []
    more = [name for name in ("bill_count", "funnel_code", "trend_code") if name in table]
    # A column that says the same of every row says nothing: all ranked, or no unit with three years behind it.
    more = [name for name in more if name != "trend_code" or (table[name] != "not_measured").any()]
    more += ["reason_code"] if (table["reason_code"] != "ranked").any() else []
    found = table[[*head, *names[:-1], *more]]
    return found.rename(columns={unit: "unit_code"}).sort_values([*head, "rank", "unit_code"], na_position="last")


def _off(sheet: RatesSheet) -> pd.DataFrame:
    """Centres that their size and their mix do not explain."""
    mine = sheet.centers[sheet.centers["funnel_code"].isin(["below", "above"])]
    mine = mine.rename(columns={"center_code": "unit_code"}).sort_values(
        ["funnel_code", "index"], ascending=[False, True]
    )
    return mine[["unit_code", "debtor_class_code", "funnel_code", "bill_count", "share", "expected_share", "index"]]


def _change(sheet: RatesSheet) -> pd.DataFrame:
    """Points of the change of the cash rate, by class: the rate before, mix, behaviour, one-offs, the rate after."""
    wide = sheet.effects.pivot(index="debtor_class_code", columns="effect_code", values="rate").reset_index()
    names = {
        "before": "before_rate",
        "mix": "mix_rate",
        "behaviour": "behaviour_rate",
        "one_off": "effect_rate",
        "after": "after_rate",
    }
    order = {code: place for place, code in enumerate(three_rates(sheet)["debtor_class_code"])}
    found = wide.rename(columns=names)[["debtor_class_code", *names.values()]]
    return found.sort_values("debtor_class_code", key=lambda codes: codes.map(order))


def _movers(sheet: RatesSheet) -> pd.DataFrame:
    """Centres whose own rate moved that of private clients most: points, largest first."""
    mine = sheet.movers[sheet.movers["debtor_class_code"] == PRIVATE]
    sums = mine.groupby("center_code", dropna=False)[["behaviour_rate", "mix_rate"]].sum().reset_index()
    sums = sums.rename(columns={"center_code": "unit_code"})
    sums = sums[sums["behaviour_rate"].fillna(0) != 0]
    size = sums["behaviour_rate"].abs()
    order = sums.assign(_size=size).sort_values(["_size", "unit_code"], ascending=[False, True])
    return order.drop(columns="_size").head(MOVERS)


def _changed(sheet: RatesSheet) -> pd.DataFrame:
    names = ["change_code", "item_count", "before_centimes", "after_centimes", "change_centimes"]
    sums = sheet.changed.groupby("change_code")[names[1:]].sum().reset_index()
    return sums[sums["change_code"] != "unchanged"].sort_values("change_centimes", ascending=False)


def rates_ties(sheet: RatesSheet, facts: Sequence[Fact]) -> list[tuple[str, int, int]]:
    """The equalities of the page: (what, one figure, the other). Each comes from a table of its own."""
    out = sheet.triangle_left_out
    gone = out.loc[out["reason_code"] == "invoice_cancelled", "collected_centimes"].sum()  # its bill is in no vintage
    received = sheet.unpaid.months["collected_centimes"].sum()
    cells = sheet.cells[(sheet.cells["age_days"] == sheet.cells["oldest_days"])]
    year = cells[cells["vintage_ordinal"] // 12 == sheet.period]
    after = sheet.effects[sheet.effects["effect_code"] == "after"]["collected_centimes"].sum()
    counted = sheet.unpaid.rates.year[["current_collected_centimes", "arrears_collected_centimes"]].sum().sum()
    steps = sheet.effects[sheet.effects["effect_code"] != "after"]["collected_centimes"].sum()
    alone = sheet.cells_ht.loc[sheet.cells_ht["age_days"] == sheet.cells_ht["oldest_days"], "bill_count"].sum()
    off = next(fact for fact in facts if fact.indicator == "centers_off")
    private = sheet.centers["debtor_class_code"] == PRIVATE
    is_off = sheet.centers["funnel_code"].isin(["below", "above"])
    overdue = sheet.unpaid.sums["due_centimes"].sum()
    sums: list[tuple[str, Any, Any]] = [
        ("cash of all vintages = cash allocated", sheet.triangle_sums["collected_centimes"].sum() + gone, received),
        ("bills of centres ranked = bills of their year", sheet.centers["bill_count"].sum(), year["bill_count"].sum()),
        ("bills by centre = bills by segment", cells["bill_count"].sum(), alone),
        ("steps of the change = cash of the year", steps, after),
        ("cash of the change = cash of the rates", after, counted),
        ("items that changed = what is past due", sheet.changed["after_centimes"].sum(), overdue),
        ("centres outside the funnel = centres listed", off.value or 0, (private & is_off).sum()),
    ]  # fmt: skip
    return [(what, int(one), int(other)) for what, one, other in sums]


def rates_decisions(sheet: RatesSheet, said: Mapping[str, Any]) -> list[tuple[str, None, date | None, dict[str, Any]]]:
    """What the page asks for, as it takes it: (sentence, no amount, last day, values). Centres below the funnel are to be visited; chance alone puts a few there."""
    names = _off(sheet).query("funnel_code == 'below' and debtor_class_code == @PRIVATE")["unit_code"]
    if not len(names) or sheet.unpaid.has_ended:
        return []
    days = sheet.unpaid.threshold("recovery_decision_days")
    before = None if days is None else open_day(sheet.as_of + timedelta(days=int(days)))
    return [("decide_visit_centers", None, before, {"below": said["below"], "names": listed(list(names))})]


def rates_card_rows(sheet: RatesSheet, facts: Sequence[Fact]) -> dict[str, list[tuple[str, Any, str]]]:
    """The lines under the cards: (label, value, kind), by indicator."""
    by_name = {fact.indicator: fact for fact in facts}
    cohort, ultimate, off, moved = (
        by_name[name] for name in ("cohort_rate_private", "ultimate_rate_private", "centers_off", "behaviour_private")
    )
    change = None if None in (cohort.value, cohort.previous) else cohort.value - cohort.previous
    return {
        "cohort": [
            ("row_before", cohort.previous, "pct"),
            ("row_points", change, "pts"),
            ("row_count_rate", cohort.details["count_rate"], "pct"),
        ],
        "ultimate": [(f"row_{end}", ultimate.details.get(end), "pct") for end in ("low", "high")],
        "centers": [(f"row_{name}", off.details[name], "count") for name in ("below", "above")]
        + [("row_compared", off.details["count"], "count")],
        "behaviour": [
            ("row_mix", moved.details.get("mix"), "pts"),
            ("row_before", moved.details.get("before"), "pct"),
            ("row_after", moved.details.get("after"), "pct"),
        ],
    }
