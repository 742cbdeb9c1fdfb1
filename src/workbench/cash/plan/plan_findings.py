"""What the page of the cash plan says, as one set of values: every sentence, title and decision takes its numbers from here.

No sentence here; the values carry the names that `sentences/cash_plan.toml` uses. `_mad` values are estimates in units of the currency.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from workbench.cash.judging.accuracy import ALL
from workbench.cash.judging.plan_facts import plan_facts
from workbench.cash.plan.outlook import Outlook, group_sums, known_marks, low_accounts
from workbench.cash.plan.plan_record import budget_year, lumpy
from workbench.schemas.facts import Fact, listed

# Values of sentences that are codes: the page says them in words, by the column that names them.
PLAN_CODES = {"driver": "line_code", "scenario": "scenario_code"}
POSITION_WEEKS = 4  # ahead: what the page says of the bands of the position
TELLING_SHARE = 0.05  # of the variance: a line below it is not named


def plan_findings(found: Outlook) -> dict[str, Any]:
    """Values of the sentences; hundredths, shares, counts and days. What is not known is None, never zero.

    `facts` are those that the page judges and asks by (`plan_facts`).
    """
    plan, low, floor = found.plan, found.low, found.plan.floor_centimes
    facts = plan_facts(found)
    said = {
        "facts": facts,
        "as_of": plan.as_of,
        "logged_id": found.beside.logged_id,
        "currency": plan.currency_code,
        "until": found.until,
        "weeks": -(-(found.until - plan.as_of).days // 7),  # the last one may end on closed days
        "accounts": len(plan.opening),
        "lines": plan.series["line_code"].nunique(),
        "monthly_lines": _monthly_lines(found),
        "position": found.position_centimes,
        "floor": floor,
        "margin": None if floor is None else found.position_centimes - floor,
        "low": low.value_centimes,
        "low_date": low.day,
        "low_margin": None if floor is None else low.value_centimes - floor,
        "short": None if floor is None else max(0, floor - low.value_centimes),
        "low_median": low.median_mad,
        "low_q10": low.q10_mad,
        "low_q90": low.q90_mad,
        "low_first": low.first_date,
        "low_last": low.last_date,
        "confidence": found.confidence,
        "cover": found.cover_days,
        "days": len(found.days),
    }
    return (
        said
        | _risk(found, facts)
        | _room(found, facts)
        | _totals(found)
        | _drivers(found)
        | _worst_scenario(found)
        | _doubts(found, facts)
        | _trust(found)
    )


def _monthly_lines(found: Outlook) -> int:
    """Lines whose months beyond the weeks are told by a monthly forecast; none where there was no race of months."""
    race = found.plan.notes.get("months_race")
    return 0 if race is None or race.empty else int((race["chosen_code"] == "months").sum())


def _risk(found: Outlook, facts: Mapping[str, Fact]) -> dict[str, Any]:
    below, buffer = facts["below_floor"], facts["buffer"]
    return {
        "passed": below.value,
        "limit": below.target,
        "first_risk": below.details["first_date"],
        "risky_days": below.details["risky_days"],
        "worst_share": below.details["worst_share"],
        "worst_date": below.details["worst_date"],
        "at_risk": buffer.details["at_risk_centimes"],
        "buffer": None if buffer.value is None else max(0, buffer.value),
        "spare": None if buffer.value is None else max(0, -buffer.value),
    }


def _room(found: Outlook, facts: Mapping[str, Fact]) -> dict[str, Any]:
    """What can be paid, must be drawn, can be placed: what is asked, and what it is out of."""
    credit, overdue = found.credit, found.overdue
    has_credit, has_overdue = "draw_centimes" in credit, "paid_centimes" in overdue
    draw, pay, place = (_told(facts, name) for name in ("draw", "pay", "place"))
    return {
        "undrawn": int(credit["undrawn_centimes"].sum()) if has_credit else None,
        "draw": _amount(facts, "draw"),
        "draw_banks": listed([found.bank_names.get(code, code) for code in draw.get("banks", [])]),
        "draw_before": found.draw_before or found.low.day,
        "raise": _amount(facts, "raise"),
        "find": _amount(facts, "find"),
        "overdue": int(-overdue["overdue_centimes"].sum()) if has_overdue else None,
        "overdue_count": int((overdue["overdue_centimes"] < 0).sum()) if has_overdue else 0,
        "blocked": int(-overdue["blocked_centimes"].sum()) if has_overdue else 0,
        "pay": _amount(facts, "pay"),
        "pay_count": len(pay.get("suppliers", [])),
        "place": _amount(facts, "place"),
        "place_days": place.get("term_days", 0),
        "place_date": place.get("until_date", found.until),
    }


def _amount(facts: Mapping[str, Fact], decision: str) -> int:
    """What a decision is about; 0 where it is not asked."""
    fact = facts.get(f"decide_{decision}")
    return 0 if fact is None else int(fact.value)


def _told(facts: Mapping[str, Fact], decision: str) -> Mapping[str, Any]:
    fact = facts.get(f"decide_{decision}")
    return {} if fact is None else fact.details


def _totals(found: Outlook) -> dict[str, Any]:
    by_line, every = found.by_line, found.position
    amounts, groups = by_line["plan_centimes"], group_sums(found)
    known, estimated = (float(by_line[f"{part}_size"].sum()) for part in ("known", "estimated"))
    ends = found.balances[:, -1] - found.position_centimes / 100
    return {
        "net": int(amounts.sum()),
        "lost": int(-amounts.sum()),
        "received": groups["receipts"],
        "paid": -groups["payments"],
        "financed": groups["financing"],
        "net_q10": float(np.quantile(ends, 0.10)),
        "net_q90": float(np.quantile(ends, 0.90)),
        "end": found.position_centimes + int(amounts.sum()),
        "year_end": int(every["value_centimes"].iloc[-1]),
        "year_low": int(every["value_centimes"].min()),
        "known_share": _share(known, known + estimated),
        "override": int(by_line["override_centimes"].sum()),
    }


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _drivers(found: Outlook) -> dict[str, Any]:
    shares = found.drivers[found.drivers["variance_share"] > TELLING_SHARE]
    first = found.drivers.iloc[0]
    return {
        "driver": first["line_code"],
        "driver_date": found.drivers_day,
        "driver_share": None if pd.isna(first["variance_share"]) else float(first["variance_share"]),
        "drivers": len(shares),
        "drivers_share": float(shares["variance_share"].sum()) if len(shares) else None,
    }


def _worst_scenario(found: Outlook) -> dict[str, Any]:
    sums, floor = found.beside.scenario_sums, found.plan.floor_centimes
    others = sums[sums["scenario_code"] != "plan"].dropna(subset="low_centimes") if len(sums) else sums
    if others.empty:
        return {"scenarios": 0, "scenario": None, "scenario_low": None, "scenario_date": None, "scenarios_below": 0}
    worst = others.sort_values("low_centimes", kind="stable").iloc[0]
    return {
        "scenarios": len(others),
        "scenario": worst["scenario_code"],
        "scenario_low": int(worst["low_centimes"]),
        "scenario_date": pd.Timestamp(worst["low_date"]).date(),
        "scenarios_below": None if floor is None else int((others["low_centimes"] < floor).sum()),
    }


def _unplaced(found: Outlook) -> int:
    """Known flows of the weeks that the plan does not hold."""
    told = found.plan.notes.get("unplaced")
    if told is None or not len(told):
        return 0
    return int((~(pd.to_datetime(told["due_date"]) > pd.Timestamp(found.until))).sum())


def _doubts(found: Outlook, facts: Mapping[str, Fact]) -> dict[str, Any]:
    opening = found.plan.opening
    moved, marks, low = found.beside.known, known_marks(found), low_accounts(found)
    feasts = _told(facts, "feasts").get("days", [])
    estimated = moved[moved["is_date_estimated"]] if "is_date_estimated" in moved else moved.head(0)
    routed = found.plan.series[found.plan.series["reason_code"].isin(["short", "sparse", "constant", "ended"])]
    return {
        "mark_count": len(marks),
        "marks_sum": int(marks["amount_centimes"].sum()),
        "stale": int((opening["state_code"] != "proven").sum()),
        "last_statement": None
        if opening["statement_date"].isna().all()
        else pd.to_datetime(opening["statement_date"]).max().date(),
        "unclassified": _amount(facts, "classify"),
        "shapes": _told(facts, "classify").get("shapes", 0),
        "feasts": len(feasts),
        "feast_days": ", ".join(f"{day:%d/%m/%Y}" for day in feasts),
        "estimated_dates": len(estimated),
        "refused": _amount(facts, "refused"),
        "unplaced": _unplaced(found),
        "routed": len(routed),
        "models": found.plan.series["model_name"].nunique(),
        **_raced(found.plan.notes.get("receipts_race", pd.DataFrame())),
        "low_accounts": len(low),
        "low_unfed": int((low["feeding_code"] == "person").sum()),
        "low_soon": _amount(facts, "feed"),
    }


def _raced(race: pd.DataFrame) -> dict[str, int]:
    """Lines on which receivables were tried, and those that they tell."""
    chosen = race["chosen_code"] if "chosen_code" in race else pd.Series(dtype="str")
    return {"race_lines": len(chosen), "race_won": int((chosen == "receivables").sum())}


_BANDS = ("coverage_80", "coverage_80_low", "coverage_80_high", "coverage_95", "coverage_95_low", "coverage_95_high")
_SCORES = (*_BANDS, "wape", "naive_wape", "value_added", "bias", "mase")

_TREND = ("wape", "naive_wape", "coverage_80")  # means over the plans that the trend shows, each counted once


def _remade(matched: pd.DataFrame) -> int:
    """Plans judged that were made again, after their day, from what was known then."""
    judged = matched[(matched["period_code"] == "day") & matched["actual_centimes"].notna()]
    return int(judged.drop_duplicates("origin_date")["is_made_again"].sum())


def _trust(found: Outlook) -> dict[str, Any]:
    """What past plans were worth, over all lines: scores of their days, measured coverage of days and weeks, timing of misses."""
    record = found.beside.record
    nothing = dict.fromkeys((*_SCORES, *(f"trend_{name}" for name in _TREND), "week_80", "week_95", "timing_share"))
    log = found.beside.log
    nothing["logged"] = log["origin_date"].nunique() if len(log) else 0
    nothing |= _silent(found) | _position_held(pd.DataFrame() if record is None else record.positions)
    unmeasured = nothing | {"trust": "unmeasured", "origins": 0, "better": 0, "trend_count": 0, "remade": 0, "lumpy": 0}
    if record is None:
        return unmeasured | _changed(pd.DataFrame()) | _landing(pd.DataFrame())
    more = _changed(record.changes) | _landing(record.budget)
    if record.overall.empty:
        return unmeasured | more
    days, weeks = record.overall.iloc[0], record.weeks
    total = record.misses[record.misses["line_code"] == "all"]
    return (
        nothing
        | {name: _number(days[name]) for name in _SCORES}
        | _held(record.bands)
        | more
        | {
            "trust": record.trust.trust_code,
            "origins": int(days["origin_count"]),
            "better": record.trust.better_count,
            "trend_count": record.trust.origin_count,
            "remade": _remade(record.matched),
            **{f"trend_{name}": _number(record.trust.trend[name].mean()) for name in _TREND},
            "week_80": _number(weeks["coverage_80"].iloc[0]) if len(weeks) else None,
            "week_95": _number(weeks["coverage_95"].iloc[0]) if len(weeks) else None,
            "timing_share": _number(total["timing_share"].iloc[0]) if len(total) else None,
            "lumpy": int(lumpy(record.by_line).sum()),
        }
    )


def _silent(found: Outlook) -> dict[str, Any]:
    """Accounts that totals are judged without, by name, and how much of past plans is judged."""
    record, plan = found.beside.record, found.plan
    numbers = () if record is None else record.silent
    names = dict(zip(plan.opening["account_number"], plan.opening.get("account_label", []), strict=False))
    return {
        "silent": len(numbers),
        "silent_names": listed([str(names.get(number, number)) for number in numbers]),
        "judged_share": None if record is None else _number(record.judged_share),
    }


def _position_held(positions: pd.DataFrame) -> dict[str, Any]:
    """What the bands of the position held four weeks ahead, or at the nearest week that is judged."""
    names = [f"position_{name}" for name in ("weeks", "plans", "apart", "80", "80_low", "80_high", "95")]
    if positions.empty:
        return dict.fromkeys(names)
    near = positions[positions["week_count"] <= max(POSITION_WEEKS, int(positions["week_count"].min()))]
    last = near[near["week_count"] == near["week_count"].max()].set_index("band")
    one = last.loc[80]
    told = (one["week_count"], one["plan_count"], one["apart_count"])
    shares = (one["share"], one["low"], one["high"], last.at[95, "share"])
    return dict(zip(names, (*(int(each) for each in told), *(float(each) for each in shares)), strict=True))


def _held(bands: pd.DataFrame) -> dict[str, Any]:
    """What the bands held, with intervals that count each day once."""
    names = {"share": "", "low": "_low", "high": "_high"}
    return {
        f"coverage_{band}{end}": _number(row[name])
        for band, row in bands.set_index("band").iterrows()
        for name, end in names.items()
    }


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _changed(changes: pd.DataFrame) -> dict[str, Any]:
    """What changed since the last plan, over all lines."""
    total = changes[changes["line_code"] == "all"] if len(changes) else changes
    if total.empty:
        return {"last_origin": None, "changed": None, "passed_gap": None}
    row = total.iloc[0]
    change = int(row["plan_now_centimes"]) - int(row["previous_plan_centimes"])
    return {
        "last_origin": row["previous_origin_date"].date(),
        "changed": change,
        "passed_gap": int(row["passed_gap_centimes"]),
    }


def _landing(budget: pd.DataFrame) -> dict[str, Any]:
    """What the year comes to against its budget, over the lines that have one."""
    year = budget_year(budget)
    if year.empty:
        return {"budget_year": None, "budget_gap": None}
    total = year[year["line_code"] == ALL].iloc[0]
    return {"budget_year": str(total["year"]), "budget_gap": int(total["budget_gap_centimes"])}
