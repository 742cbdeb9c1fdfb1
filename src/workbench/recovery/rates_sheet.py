"""The sheet of recovery rates: how much of what is billed comes in, by class of debtors, vintage and centre, and why it moved.

`pipeline.recovery_rates` brings what the alcoves of recovery make to `RatesSheet`; here it becomes the facts that a page says first. Three rates
stand side by side and are never mixed; State, communes, utility boards and private clients never make one rate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from workbench.recovery.cohort_rates import cohort_rates
from workbench.recovery.groups import group_keys
from workbench.recovery.portfolios import PRIVATE, debtor_class_of
from workbench.recovery.rate_readings import rate_readings
from workbench.recovery.unpaid import Unpaid
from workbench.schemas.checking import Problem
from workbench.schemas.facts import Fact, Status, status_of

AGES = (30, 60, 90, 180, 365)
TOLD_AGE = 90  # days: the age that the page speaks of; most that private clients will pay is in by then
VINTAGES = 3  # months taken together, against the same three a year before
CLASSES = (PRIVATE, "state", "municipality", "utility_board", "regional_utility")


@dataclass(frozen=True)
class RatesSheet:
    """Every table of the page, in one currency; see the functions that make them.

    `cells`, `cells_ht`: `cohort_cells` by month, centre, directorate and segment (the second before tax, by segment). `curves`: ultimate rates by class and age, of amounts (`amount`)
    and of bills (`count`). `centers`, `directorates`: `rank_units` of the last period (`funnel_code`, `trend_code`, `agency_code` joined to centres). `vintages`: a row a segment and month (`triangles.ultimate_rates`), `shares`:
    `segment_code`, `vintage_date`, `age`, `cohort_rate`; `tried`: a row a segment: how intervals held on hidden months, and whether the calendar shows in the triangle. `effects`, `movers`:
    `explain_change` of the year against the one before; `one_offs`; `concentration`; `changed`: items new, cured, worsened over a month; `left_out`: what no cohort can hold.
    """

    unpaid: Unpaid
    cells: pd.DataFrame
    cells_ht: pd.DataFrame
    curves: pd.DataFrame
    period: int  # the year whose bills are ranked
    centers: pd.DataFrame
    directorates: pd.DataFrame
    vintages: pd.DataFrame
    shares: pd.DataFrame
    tried: pd.DataFrame
    effects: pd.DataFrame
    movers: pd.DataFrame
    one_offs: pd.DataFrame
    concentration: pd.DataFrame
    changed: pd.DataFrame
    left_out: pd.DataFrame
    triangle_left_out: pd.DataFrame
    triangle_sums: pd.DataFrame
    problems: tuple[Problem, ...]

    @property
    def as_of(self) -> date:
        """The date of the page."""
        return self.unpaid.as_of

    @property
    def currency_code(self) -> str:
        """The currency of the page."""
        return self.unpaid.currency_code


def latest_at_age(cells: pd.DataFrame, age: int, by: str | Sequence[str] = (), months: int = VINTAGES) -> pd.DataFrame:
    """The last `months` vintages that have lived an age whole, together, against the same months a year before.

    Returns
    -------
    By the keys of `cohort_rates`: `first_ordinal`, `last_ordinal` (year × 12 + month − 1), `bill_count`, `base_centimes`, `count_rate`, `amount_rate`, `previous_count_rate`, `previous_amount_rate`, `count_change`,
    `amount_change`. Null where a month a year before is not there. No row where fewer months have lived the age.
    """
    named = group_keys(by)[1:]
    rates = cohort_rates(cells, [*named, "vintage_ordinal"])
    rates = rates[(rates["age_days"] == age) & rates["is_complete"]]
    keys = [name for name in rates.columns if name in {*group_keys(by), "debtor_class_code"}]
    if rates.empty:
        return _compared(rates.assign(first_ordinal=0, last_ordinal=0), keys)
    # One window for all groups: a class that was not billed lately has no row, rather than an older one beside the others.
    last = int(rates["vintage_ordinal"].max())
    now = _window(rates, keys, last, months)
    before = _window(rates, keys, last - 12, months).add_prefix("previous_")
    return _compared(now.join(before).reset_index(), keys)


def _window(rates: pd.DataFrame, keys: list[str], last: int, months: int) -> pd.DataFrame:
    inside = rates[rates["vintage_ordinal"].between(last - months + 1, last)]
    sums = ["bill_count", "paid_count", "base_centimes", "collected_centimes"]
    found = inside.groupby(keys, dropna=False)[sums].sum()
    held = inside.groupby(keys, dropna=False)["vintage_ordinal"].nunique()
    found = found[(held == months).reindex(found.index)]
    rated = found.assign(first_ordinal=last - months + 1, last_ordinal=last)
    for name, part, whole in (
        ("count_rate", "paid_count", "bill_count"),
        ("amount_rate", "collected_centimes", "base_centimes"),
    ):
        rated[name] = (rated[part].astype("float64") / rated[whole].where(rated[whole] > 0)).astype("Float64")
    return rated


def _compared(found: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    for name in ("count", "amount"):
        for column in (f"{name}_rate", f"previous_{name}_rate"):
            if column not in found:
                found[column] = pd.Series(pd.NA, index=found.index, dtype="Float64")
        found[f"{name}_change"] = found[f"{name}_rate"] - found[f"previous_{name}_rate"]
    names = ["first_ordinal", "last_ordinal", "bill_count", "base_centimes", "count_rate", "amount_rate", "previous_count_rate", "previous_amount_rate", "count_change", "amount_change"]  # fmt: skip
    return found[[*keys, *names]]


_THREE = [
    "debtor_class_code", "cash_rate", "cohort_rate", "cohort_count_rate", "cohort_ht_rate", "ultimate_rate", "low_rate", "high_rate", "ultimate_count_rate",
    "ultimate_age_days",
]  # fmt: skip


def three_rates(sheet: RatesSheet) -> pd.DataFrame:
    """The three rates of each class of debtors, side by side: `debtor_class_code`, `cash_rate` (of the year to date), `cohort_rate` and
    `cohort_count_rate` (by `TOLD_AGE` days, TTC), `cohort_ht_rate`, `ultimate_rate`, `low_rate`, `high_rate`, `ultimate_count_rate`, `ultimate_age_days`."""
    cash = _cash_rates(sheet)
    cohort = latest_at_age(sheet.cells, TOLD_AGE).set_index("debtor_class_code")
    before_tax = latest_at_age(sheet.cells_ht, TOLD_AGE).set_index("debtor_class_code")
    ends = sheet.curves[sheet.curves["is_last"]]
    last = {(row["weight_code"], row["debtor_class_code"]): row for row in ends.to_dict("records")}
    rows = []
    for code in _classes(sheet):
        amount, count = (last.get((weight, code)) for weight in ("amount", "count"))
        rows.append(
            {
                "debtor_class_code": code,
                "cash_rate": cash.get(code),
                "cohort_rate": _at(cohort, code, "amount_rate"),
                "cohort_count_rate": _at(cohort, code, "count_rate"),
                "cohort_ht_rate": _at(before_tax, code, "amount_rate"),
                **{
                    f"{name}_rate": None if amount is None else amount["rate" if name == "ultimate" else f"{name}_rate"]
                    for name in ("ultimate", "low", "high")
                },
                "ultimate_count_rate": None if count is None else count["rate"],
                "ultimate_age_days": None if amount is None else int(amount["age_days"]),
            }
        )
    table = pd.DataFrame(rows, columns=_THREE)
    kinds = {name: "Float64" for name in table.columns if name.endswith("_rate")} | {"ultimate_age_days": "Int64"}
    return table.astype(kinds)


def _classes(sheet: RatesSheet) -> list[str]:
    billed = {*sheet.curves["debtor_class_code"], *cohort_rates(sheet.cells)["debtor_class_code"]}
    return [code for code in CLASSES if code in billed] + sorted(billed - {*CLASSES})


def _cash_rates(sheet: RatesSheet) -> dict[str, float | None]:
    """Cash of the year ÷ what there was to collect in it, by class: what the pages of unpaid bills call the global rate."""
    segments = rate_readings(sheet.unpaid.rates, ("segment_code",)).set_index("segment_code")["global_rate"]
    both = rate_readings(sheet.unpaid.rates, ("portfolio_code",)).set_index("portfolio_code")["global_rate"]
    found = {str(code): value for code, value in segments.items()} | {PRIVATE: both.get(PRIVATE)}
    return {code: None if value is None or pd.isna(value) else float(value) for code, value in found.items()}


def _at(table: pd.DataFrame, code: str, name: str) -> float | None:
    value = table[name].get(code)
    return None if value is None or pd.isna(value) else float(value)


def rates_facts(sheet: RatesSheet, unpaid_facts: Sequence[Fact]) -> list[Fact]:
    """The figures that the page says first: `global_rate_private`, `global_rate_key_accounts` (as on the page of unpaid bills, judged by their targets), `cohort_rate_private`, `ultimate_rate_private`,
    `centers_off` (centres outside the funnel; of how many in `details`), `behaviour_private` (points of the change of the year that payers' behaviour made)."""
    by_name = {fact.indicator: fact for fact in unpaid_facts}
    cohort = latest_at_age(sheet.cells, TOLD_AGE).set_index("debtor_class_code")
    mine = three_rates(sheet).set_index("debtor_class_code")
    private = mine.loc[PRIVATE] if PRIVATE in mine.index else None
    ends = {} if private is None else {name: _plain(private[f"{name}_rate"]) for name in ("low", "high")}
    codes = sheet.centers.loc[sheet.centers["debtor_class_code"] == PRIVATE, "funnel_code"]
    details = {
        "below": int((codes == "below").sum()),
        "above": int((codes == "above").sum()),
        "count": int(codes.isin(["below", "above", "inside"]).sum()),
    }
    off = details["below"] + details["above"] if details["count"] else None
    return [
        *(by_name[f"global_rate_{code}"] for code in ("private", "key_accounts")),
        Fact(
            "cohort_rate_private",
            _at(cohort, PRIVATE, "amount_rate"),
            "share",
            "unmeasured" if _at(cohort, PRIVATE, "amount_rate") is None else "info",
            previous=_at(cohort, PRIVATE, "previous_amount_rate"),
            details={"count_rate": _at(cohort, PRIVATE, "count_rate")},
        ),
        Fact(
            "ultimate_rate_private",
            None if private is None else _plain(private["ultimate_rate"]),
            "share",
            "unmeasured" if private is None or pd.isna(private["ultimate_rate"]) else "info",
            details=ends,
        ),
        Fact("centers_off", off, "count", _off_status(off, details["below"]), details=details),
        _behaviour(sheet),
    ]


def _off_status(off: int | None, below: int) -> Status:
    return "unmeasured" if off is None else status_of(below, 0, float("inf"))


def _behaviour(sheet: RatesSheet) -> Fact:
    mine = sheet.effects[sheet.effects["debtor_class_code"] == PRIVATE].set_index("effect_code")["rate"]
    told = {str(code): _plain(value) for code, value in mine.items()}
    value = told.get("behaviour")
    return Fact("behaviour_private", value, "share", "unmeasured" if value is None else "info", details=told)


def _plain(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def rates_findings(sheet: RatesSheet, facts: Sequence[Fact]) -> dict[str, Any]:
    """Values of the sentences of the page; what is not known is None."""
    by_name = {fact.indicator: fact for fact in facts}
    cohort, off = by_name["cohort_rate_private"], by_name["centers_off"]
    window = latest_at_age(sheet.cells, TOLD_AGE)
    first, last = (None if window.empty else int(window[f"{end}_ordinal"].iloc[0]) for end in ("first", "last"))
    change = None if None in (cohort.value, cohort.previous) else cohort.value - cohort.previous
    ranked = sheet.centers[(sheet.centers["debtor_class_code"] == PRIVATE) & (sheet.centers["reason_code"] == "ranked")]
    spread = (ranked["high_rank"] - ranked["low_rank"] + 1).median() if len(ranked) else None
    is_private = (debtor_class_of(sheet.tried["segment_code"]) == PRIVATE).to_numpy()
    tried, key = (_first(sheet.tried[part]) for part in (is_private, ~is_private))
    return {
        "as_of": sheet.as_of,
        "currency": sheet.currency_code,
        "others": ", ".join(sheet.unpaid.other_currencies),
        "age": TOLD_AGE,
        "cohort": cohort.value,
        "cohort_before": cohort.previous,
        "cohort_change": change,
        "cohort_size": None if change is None else abs(change),
        "first_month": None if first is None else _month(first),
        "last_month": None if last is None else _month(last),
        "ultimate": by_name["ultimate_rate_private"].value,
        **{f"ultimate_{end}": by_name["ultimate_rate_private"].details.get(end) for end in ("low", "high")},
        "cash_private": by_name["global_rate_private"].value,
        "cash_key": by_name["global_rate_key_accounts"].value,
        "period": sheet.period,
        **{name: off.details[name] for name in ("below", "above", "count")},
        "ranked": len(ranked),
        "spread": None if spread is None or pd.isna(spread) else int(spread),
        "behaviour": by_name["behaviour_private"].value,
        "largest": int(sheet.unpaid.sums["outstanding_centimes"].sum()),
        "ends": sheet.unpaid.has_ended,
        "last": sheet.unpaid.last_receipt or sheet.unpaid.last_bill,
        "bills": int(cohort_rates(sheet.cells).query("age_days == @AGES[0]")["bill_count"].sum()),
        "first_segment": None if tried is None else tried["segment_code"],
        "key_segment": None if key is None else key["segment_code"],
        "held": None if tried is None else _plain(tried["held_share"]),
        "held_count": 0 if tried is None else int(tried["held_count"]),
    }


def _first(table: pd.DataFrame) -> pd.Series | None:
    """The first row: the segment that was billed most."""
    return None if table.empty else table.iloc[0]


def rates_tone(said: Mapping[str, Any]) -> dict[str, str]:
    """Which sentence of several each block takes."""
    change = said["cohort_change"]
    verdict = "alone" if change is None else "up" if change > 0.0005 else "down" if change < -0.0005 else "same"
    return {
        "verdict": "none" if said["cohort"] is None else verdict,
        "centers": "none" if not said["count"] else "off" if said["below"] + said["above"] else "inside",
        "vintages": "none" if said["first_segment"] is None else "tried" if said["held_count"] else "untried",
        "ranks": "none" if not said["ranked"] else "ranked",
    }


def rates_lede(said: Mapping[str, Any], tone: Mapping[str, str]) -> list[str]:
    """The sentences under the verdict: where data end, first."""
    told = [f"lede_centers_{tone['centers']}", f"lede_ranks_{tone['ranks']}", "lede_last"]
    return ["not_judged", *told] if said["ends"] else told


def _month(ordinal: int) -> date:
    return date(ordinal // 12, ordinal % 12 + 1, 1)
