"""What the monthly report of the treasury says and shows: values of its sentences, tables, decisions, equalities. No sentence here."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from workbench.cash.findings import findings
from workbench.cash.plan.month import Month
from workbench.cash.plan.plan_findings import plan_findings
from workbench.cash.plan.plan_page import PLAN_KINDS, month_columns, plan_tables
from workbench.cash.plan.plan_tones import plan_card_rows, plan_card_states, plan_decisions, plan_status
from workbench.cash.tables import cash_tables
from workbench.schemas.facts import Status
from workbench.standards import values_table

ASKED = 3  # decisions of the first page: the others stand at the end, as alerts
# (alert, value that says how many, status where there are any)
_ALERTS: tuple[tuple[str, str, Status], ...] = (
    ("low_accounts", "low_unfed", "alert"),
    ("over_limit", "over", "alert"),
    ("stale", "stale", "watch"),
    ("unclassified", "shapes", "watch"),
    ("unplaced", "unplaced", "watch"),
    ("refused", "refused", "watch"),
    ("feasts", "feasts", "watch"),
    ("gaps", "lines_to_explain", "watch"),
)
MONTH_KINDS = PLAN_KINDS | {
    "booked_centimes": "mdh",
    "gap_share": "pct",
    "comment_code": "word",
    "status": "status",
    "placement_rate": "pct",
    "alert_code": "word",
    "rate_kind_code": "word",
}
_ROWS = {
    "gap": (
        ("plan", "month_plan", "mdh"),
        ("actual", "month_actual", "mdh"),
        ("lines_off", "lines_to_explain", "count"),
    ),
    "placed": (("runs", "placements", "count"), ("next_maturity", "next_maturity", "date"), ("owed", "owed", "mdh")),
}


def month_findings(found: Month) -> dict[str, Any]:
    """Values of the sentences of the report; those of the plan's page are among them, under the same names."""
    currency = found.outlook.plan.currency_code
    today = findings(found.situation, found.situation.facts(currency, found.outlook.plan.floor_centimes), currency)
    names = ("booked", "banks", "known", "proven", "over", "idle", "change", "received", "paid", "net")
    moved = {f"month_{name}" if name in ("received", "paid", "net") else name: today[name] for name in names}
    return plan_findings(found.outlook) | moved | _gaps(found) | _placed(found) | _accounts(found)


def _gaps(found: Month) -> dict[str, Any]:
    gaps = found.gaps
    total, lines = gaps[gaps["line_code"] == "all"], gaps[gaps["line_code"] != "all"]
    off = lines[lines["status"] != "ok"]
    worst = lines.iloc[int(lines["gap_to_plan_centimes"].abs().to_numpy(float).argmax())] if len(lines) else None
    first = total.iloc[0] if len(total) else None
    return {
        "month_start": found.start,
        "planned_on": found.planned_on,
        "month_plan": None if first is None else int(first["plan_centimes"]),
        "month_actual": None if first is None else int(first["actual_centimes"]),
        "month_gap": None if first is None else int(first["gap_to_plan_centimes"]),
        "lines_to_explain": len(off) if len(lines) else None,
        "worst_line": None if worst is None else worst["line_code"],
        "worst_gap": None if worst is None else int(worst["gap_to_plan_centimes"]),
        "gap_status": None if first is None else str(first["status"]),
    }


def _placed(found: Month) -> dict[str, Any]:
    placed, loans, debts = found.placements, found.loans, found.debts
    ends = placed["maturity_date"].dropna()
    return {
        "placements": len(placed),
        "placed": int(placed["principal_centimes"].sum()) if len(placed) else 0,
        "next_maturity": pd.Timestamp(ends.min()).date() if len(ends) else None,
        "debts": len(debts),
        "outstanding": int(debts["outstanding_centimes"].sum()) if len(debts) else 0,
        "owed": int(loans["service_centimes"].sum()) if len(loans) else 0,
        "owed_interest": int(loans["interest_centimes"].sum()) if len(loans) else 0,
    }


def _accounts(found: Month) -> dict[str, Any]:
    counts = found.accounts["event_code"].value_counts()
    return {code: int(counts.get(code, 0)) for code in ("opened", "closed", "dormant")}


def month_tone(said: Mapping[str, Any]) -> dict[str, str]:
    """Which sentence of several the report says, beside those of the plan."""
    return {
        "gaps": ("none" if said["planned_on"] is None else "unproven")
        if said["month_plan"] is None
        else "off"
        if said["lines_to_explain"]
        else "on",
        "placements": "some" if said["placements"] else "none",
        "banks": "whole" if said["proven"] == said["known"] else "part",
    }


def month_card_rows(said: Mapping[str, Any]) -> dict[str, list[tuple[str, Any, str]]]:
    """The lines under the figure of each card: those of the plan's page, and of the month."""
    mine = {card: [(f"row_{label}", said[name], kind) for label, name, kind in rows] for card, rows in _ROWS.items()}
    return plan_card_rows(said) | mine


def month_states(said: Mapping[str, Any]) -> dict[str, Status | None]:
    """The status of each card."""
    gap: Status = "unmeasured" if said["gap_status"] is None else said["gap_status"]
    return plan_card_states(said) | {"gap": gap, "placed": None, "page": plan_status(said)}


def month_decisions(said: Mapping[str, Any]) -> list[tuple[str, int | None, date | None, dict[str, Any]]]:
    """The three decisions that press most."""
    return plan_decisions(said)[:ASKED]


def month_tables(found: Month, said: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The tables of the report by key; empty ones are left out. Those of the plan's page keep their keys."""
    today = cash_tables(found.situation, found.outlook.plan.currency_code)
    plan = plan_tables(found.outlook)
    kept = {
        key: plan[key]
        for key in (
            "history",
            "fan",
            "named_marks",
            "months",
            "credit",
            "scenarios",
            "scenario_lows",
            "by_horizon",
            "trend",
        )
        if key in plan
    }
    tables: dict[str, pd.DataFrame] = {
        "banks": today["banks"].drop(columns="in_course_centimes") if "banks" in today else pd.DataFrame(),
        "curve": today["curve"] if "curve" in today else pd.DataFrame(),
        "moved": today.get("moved", pd.DataFrame()),
        "matrix": today.get("matrix", pd.DataFrame()),
        "month_gaps": found.gaps.assign(is_level=found.gaps["line_code"] == "all"),
        "placements": found.placements,
        "debts": found.debts,
        "loans": found.loans,
        "events": found.accounts.sort_values(["event_code", "event_date"], kind="stable"),
        "alerts": _alerts(said),
        "thresholds": values_table(found.thresholds),
    }
    return kept | {key: table.reset_index(drop=True) for key, table in tables.items() if len(table)}


def _alerts(said: Mapping[str, Any]) -> pd.DataFrame:
    rows = [(code, said[name], status) for code, name, status in _ALERTS if said[name]]
    return pd.DataFrame(rows, columns=["alert_code", "item_count", "status"])


def month_ties(found: Month) -> list[tuple[str, int, int]]:
    """The equalities of the report, beside those of the plan: (what, one figure, the other)."""
    said = month_findings(found)
    lines = found.gaps[found.gaps["line_code"] != "all"]
    gaps: Sequence[tuple[str, int, int]] = [
        ("gaps of the lines = gap of the month", int(lines["gap_to_plan_centimes"].sum()), said["month_gap"] or 0),
        ("actual - plan = gap", (said["month_actual"] or 0) - (said["month_plan"] or 0), said["month_gap"] or 0),
    ]
    opening = month_columns(found.outlook)[0].opening_centimes
    return [*gaps, ("opening of the months = position", opening, found.outlook.position_centimes)]
