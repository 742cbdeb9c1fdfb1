"""The month of recovery: what a monthly report says of bills, receipts, rates, what is unpaid, acts and allowances; facts, tables and equalities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from workbench.recovery.portfolios import PORTFOLIOS
from workbench.recovery.rate_readings import rate_readings
from workbench.recovery.rates_sheet import RatesSheet
from workbench.recovery.unpaid_tables import passage_steps, unpaid_tables
from workbench.schemas.columns import SEGMENTS
from workbench.schemas.facts import Fact, Status, status_of

RECOVERY_MONTH_KINDS = {
    **dict.fromkeys(("coverage_share", "rate_private", "rate_key_accounts", "previous_rate_private", "previous_rate_key_accounts", "loss_share"), "pct"),
    **dict.fromkeys(("clock_code", "step_code"), "code"),
    "change_share": "pct",
}  # fmt: skip
NAMES = 20
ALLOWANCE_STEPS = ("opening", "charge", "release", "used", "closing")


@dataclass(frozen=True)
class RecoveryMonth:
    """Every table of the report, in one currency.

    `rates`: the sheet of rates, with what is unpaid. `channels`: `receipts_by` of the year to date, `earlier_channels` of the same days a year before. `coverage`: `allowance_coverage` by what the rules ask, by segment, and
    `booked_coverage` by what the books hold; `movement`: `movement_totals` since the last closing of the year before (`opened_on`; None: no closing); `clock`: `clock_totals`; `lapsing`: by segment; `losses`: `expected_losses` by segment;
    `acts`: of the month and of the month before, by step; `plans`: agreements signed, kept, broken. `thresholds`: (good, bad) of coverage.
    """

    rates: RatesSheet
    channels: pd.DataFrame
    earlier_channels: pd.DataFrame
    coverage: pd.DataFrame
    booked_coverage: pd.DataFrame
    movement: pd.DataFrame
    opened_on: date | None
    clock: pd.DataFrame
    lapsing: pd.DataFrame
    losses: pd.DataFrame
    acts: pd.DataFrame
    plans: pd.DataFrame
    thresholds: tuple[float, float]

    @property
    def as_of(self) -> date:
        """The date of the report."""
        return self.rates.as_of


def recovery_month_facts(found: RecoveryMonth, unpaid_facts: Sequence[Fact]) -> list[Fact]:
    """What the report says first: `outstanding`, `global_rate_<portfolio>` (as on the page of unpaid bills), `coverage` (allowance ÷ doubtful, both before tax), `lapsing_90` (within ninety days), `lapsed`."""
    by_name = {fact.indicator: fact for fact in unpaid_facts}
    sums = found.coverage[["doubtful_ht_centimes", "allowance_centimes", "sound_allowance_centimes"]].sum()
    doubtful, allowance = int(sums["doubtful_ht_centimes"]), int(sums["allowance_centimes"])
    share = allowance / doubtful if doubtful else None
    good, bad = found.thresholds
    details = {"doubtful": doubtful, "allowance": allowance, "whole": allowance + int(sums["sound_allowance_centimes"])}
    soon, lapsed = (_lapse(found, name) for name in ("within_90", "lapsed"))
    return [
        by_name["outstanding"],
        *(by_name[f"global_rate_{code}"] for code in PORTFOLIOS),
        Fact("coverage", share, "share", status_of(share, good, bad), good, details=details),
        Fact("lapsing_90", soon, "centimes", "alert" if soon else "ok", details={"count": _lapse(found, "within_90", "count")}),
        Fact("lapsed", lapsed, "centimes", "alert" if lapsed else "ok", details={"count": _lapse(found, "lapsed", "count")}),
    ]  # fmt: skip


def _lapse(found: RecoveryMonth, name: str, what: str = "centimes") -> int:
    return int(found.lapsing[f"{name}_{what}"].sum()) if len(found.lapsing) else 0


def recovery_month_findings(found: RecoveryMonth, facts: Sequence[Fact]) -> dict[str, Any]:
    """Values of the sentences of the report."""
    by_name = {fact.indicator: fact for fact in facts}
    owed, coverage, soon, lapsed = (by_name[name] for name in ("outstanding", "coverage", "lapsing_90", "lapsed"))
    flows = found.rates.unpaid.rates
    cash, before = (int(_cash(sums).sum()) for sums in (flows.year, flows.earlier))
    billed, billed_before = (int(sums["billed_centimes"].sum()) for sums in (flows.year, flows.earlier))
    return {
        "as_of": found.as_of,
        "currency": found.rates.currency_code,
        "owed": owed.value,
        "owed_change": None if owed.previous is None else owed.value - owed.previous,
        "billed": billed,
        "billed_before": billed_before,
        "cash": cash,
        "cash_change": cash - before,
        "rate_private": by_name["global_rate_private"].value,
        "rate_key": by_name["global_rate_key_accounts"].value,
        "coverage": coverage.value,
        **coverage.details,
        "lapsing": soon.value,
        "lapsing_count": soon.details["count"],
        "lapsed": lapsed.value,
        "lapsed_count": lapsed.details["count"],
        "opened_on": found.opened_on,
        "expected_loss": int(found.losses["allowance_centimes"].sum()) if len(found.losses) else 0,
        "forward": int(found.losses["forward_centimes"].sum()) if len(found.losses) else 0,
        "missed": int(found.clock.loc[found.clock["clock_code"] == "missed", "item_count"].sum()),
        "acts": int(found.acts["month_count"].sum()) if len(found.acts) else 0,
    }


def recovery_month_tone(found: RecoveryMonth, said: Mapping[str, Any]) -> dict[str, str]:
    """Which sentence of several each block takes."""
    change = said["owed_change"]
    return {
        "verdict": "first" if change is None else "up" if change > 0 else "down",
        "lapse": "soon" if said["lapsing"] else "none",
        "movement": "none" if found.opened_on is None else "known",
    }


def recovery_month_lede(said: Mapping[str, Any], tone: Mapping[str, str]) -> list[str]:
    """The sentences under the verdict: where data end, first."""
    told = ["lede_rates", "lede_coverage", f"lede_lapse_{tone['lapse']}"]
    return ["not_judged", *told] if said.get("ends") else told


def recovery_month_card_rows(said: Mapping[str, Any]) -> dict[str, list[tuple[str, Any, str]]]:
    """The lines under the cards: (label, value, kind)."""
    return {
        "owed": [
            ("row_since_year", said["owed_change"], "mdh+"),
            ("row_billed", said["billed"], "mdh"),
            ("row_cash", said["cash"], "mdh"),
        ],
        "coverage": [("row_doubtful", said["doubtful"], "mdh"), ("row_allowance", said["allowance"], "mdh")],
        "lapsing": [("row_claims", said["lapsing_count"], "count"), ("row_lapsed", said["lapsed"], "mdh")],
    }


def recovery_month_status(facts: Sequence[Fact]) -> Status:
    """The gravest status of the figures judged."""
    grave: tuple[Status, ...] = ("alert", "watch", "unmeasured", "info", "ok")
    found = [fact.status for fact in facts if fact.indicator != "outstanding"]
    return next((status for status in grave if status in found), "info")


def _cash(sums: pd.DataFrame) -> pd.Series:
    return sums["current_collected_centimes"] + sums["arrears_collected_centimes"]


def recovery_month_tables(found: RecoveryMonth) -> dict[str, pd.DataFrame]:
    """The tables of the report by the name of their block; those of nothing are left out."""
    unpaid = found.rates.unpaid
    theirs = unpaid_tables(unpaid)
    made = {
        "billed": _billed(found),
        "channels": _channels(found),
        "directorates": _directorates(found),
        "segments": theirs["segments"],
        "heat": theirs["heat"],
        "key_names": _names(unpaid.debtors),
        "private_names": _names(unpaid.private_debtors),
        "no_cash": _channels(found, is_cash=False),
        "acts": found.acts,
        "plans": found.plans,
        "lapsing": _lapsing(found),
        "coverage": _coverage(found),
        "movement": found.movement.drop(columns=["currency_code", "unrated_count"], errors="ignore"),
        "clock": found.clock.drop(columns="currency_code", errors="ignore"),
        "losses": _losses(found),
    }
    return {name: table.reset_index(drop=True) for name, table in made.items() if len(table)}


def _in_order(table: pd.DataFrame, column: str = "segment_code") -> pd.DataFrame:
    order = {segment: place for place, segment in enumerate(SEGMENTS)}
    return table.sort_values(
        column, key=lambda codes: codes.map(order).fillna(len(order)), kind="stable", ignore_index=True
    )


def _billed(found: RecoveryMonth) -> pd.DataFrame:
    """Billed and cashed in the year to date and in the same days of the year before, by segment."""
    parts = []
    for sums, mark in ((found.rates.unpaid.rates.year, ""), (found.rates.unpaid.rates.earlier, "previous_")):
        table = sums.assign(cashed_centimes=_cash(sums))
        parts.append(
            table.groupby("segment_code", dropna=False)[["billed_centimes", "cashed_centimes"]].sum().add_prefix(mark)
        )
    joined = parts[0].join(parts[1], how="outer").fillna(0).astype("int64").reset_index()
    names = [
        "segment_code",
        "billed_centimes",
        "previous_billed_centimes",
        "cashed_centimes",
        "previous_cashed_centimes",
    ]
    return _in_order(joined)[names]


def _channels(found: RecoveryMonth, is_cash: bool = True) -> pd.DataFrame:
    now, before = (
        table[table["is_cash"] == is_cash].set_index("channel_code")
        for table in (found.channels, found.earlier_channels)
    )
    names = ["receipt_count", "received_centimes"]
    joined = (
        now[names].join(before[["received_centimes"]].add_prefix("previous_"), how="outer").fillna(0).astype("int64")
    )
    return joined.sort_values("received_centimes", ascending=False, kind="stable").reset_index()


def _directorates(found: RecoveryMonth) -> pd.DataFrame:
    """The rate of the year of each directorate, private clients and key accounts each in their column: never one rate."""
    rates = rate_readings(found.rates.unpaid.rates, ("directorate_code", "portfolio_code"))
    wide = rates.pivot(
        index="directorate_code", columns="portfolio_code", values=["global_rate", "previous_global_rate"]
    )
    table = pd.DataFrame(index=wide.index)
    for code in PORTFOLIOS:
        for name, column in (("global_rate", f"rate_{code}"), ("previous_global_rate", f"previous_rate_{code}")):
            table[column] = wide[name].get(code, pd.NA)
    kept = table.reset_index()
    return kept[kept["directorate_code"].notna()].sort_values("rate_private", ascending=False, na_position="last")


def _names(names: pd.DataFrame) -> pd.DataFrame:
    shown = [
        "customer_code",
        "segment_code",
        "center_code",
        "due_centimes",
        "old_centimes",
        "cumulative_share",
        "oldest_date",
    ]
    return names[shown].head(NAMES)


def _lapsing(found: RecoveryMonth) -> pd.DataFrame:
    names = ["segment_code", "lapsed_centimes", "within_30_centimes", "within_90_centimes", "within_365_centimes", "later_centimes", "lifted_centimes", "no_rule_centimes", "first_last_date"]  # fmt: skip
    return _in_order(found.lapsing)[names] if len(found.lapsing) else found.lapsing


def _coverage(found: RecoveryMonth) -> pd.DataFrame:
    booked = found.booked_coverage[["segment_code", "allowance_centimes"]].rename(
        columns={"allowance_centimes": "booked_centimes"}
    )
    names = [
        "segment_code",
        "doubtful_count",
        "doubtful_ht_centimes",
        "allowance_centimes",
        "coverage_share",
        "booked_centimes",
        "sound_allowance_centimes",
    ]
    return _in_order(found.coverage.merge(booked, on="segment_code", how="left"))[names]


def _losses(found: RecoveryMonth) -> pd.DataFrame:
    if found.losses.empty:
        return found.losses
    names = [
        "exposure_ht_centimes",
        "credit_loss_centimes",
        "forward_centimes",
        "time_value_centimes",
        "allowance_centimes",
    ]
    return _in_order(found.losses.groupby("segment_code", dropna=False)[names].sum().reset_index())


def allowance_steps(found: RecoveryMonth) -> pd.DataFrame:
    """From the allowance of the last closing of the year before to that of the date: `label`, `amount_centimes`, `is_level`."""
    sums = found.movement[[f"{name}_centimes" for name in ALLOWANCE_STEPS]].sum()
    signs = {"opening": 1, "charge": 1, "release": -1, "used": -1, "closing": 1}
    rows = [
        (name, signs[name] * int(sums[f"{name}_centimes"]), name in ("opening", "closing")) for name in ALLOWANCE_STEPS
    ]
    return pd.DataFrame(rows, columns=["label", "amount_centimes", "is_level"])


def owed_steps(found: RecoveryMonth) -> pd.DataFrame:
    """From what was owed on 1 January to what is owed on the date (`unpaid_tables.passage_steps`)."""
    return passage_steps(found.rates.unpaid)


def recovery_month_ties(found: RecoveryMonth, facts: Sequence[Fact]) -> list[tuple[str, int, int]]:
    """The equalities of the report, beside those of the sheets that it is made of: (what, one figure, the other)."""
    shown = recovery_month_tables(found)
    flows = found.rates.unpaid.rates.year
    coverage = next(fact for fact in facts if fact.indicator == "coverage")
    owed = next(fact for fact in facts if fact.indicator == "outstanding")
    lapse = found.lapsing["outstanding_centimes"].sum() if len(found.lapsing) else 0
    closing = found.movement["closing_centimes"].sum() if len(found.movement) else coverage.details["whole"]
    sums: list[tuple[str, Any, Any]] = [
        ("billed by segment = billed", shown["billed"]["billed_centimes"].sum(), flows["billed_centimes"].sum()),
        ("cashed by segment = cashed", shown["billed"]["cashed_centimes"].sum(), _cash(flows).sum()),
        ("claims with a last day or none = owed", lapse, owed.value),
        ("closing allowance = allowance of all claims", closing, coverage.details["whole"]),
    ]
    return [(what, int(one), int(other)) for what, one, other in sums]
