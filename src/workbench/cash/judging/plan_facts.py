"""The cash plan as facts: position, low point, risk below the floor, buffer, days of cover, trust; then what it asks to decide.

No sentence here; `reporting.words` finds them. What the page judges and asks is judged and asked here, and nowhere else. A fact that rests on a
floor is `unmeasured` where none is set.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from workbench.cash.judging.trust import TrustCode
from workbench.cash.plan.outlook import Outlook, low_accounts
from workbench.schemas.facts import Fact, Status, Unit, status_against, status_of

TRUSTED: dict[TrustCode, Status] = {"holds": "ok", "partly": "watch", "not_yet": "alert", "unmeasured": "unmeasured"}
MORE_LIKELY_THAN_NOT = 0.5
SOON = 5  # bank days within which an account that goes below its floor asks for a decision


def plan_facts(found: Outlook) -> dict[str, Fact]:
    """Facts of an outlook by indicator, in the order of the page; then its decisions (`decide_…`), most pressing first.

    `plan_position`; `plan_low_point` (details: its day, band and span of days); `below_floor` (share of paths that pass it; an alert where it is
    more likely than not, to watch above 1 − confidence; details: `first_date`, the first day on which the share passes that, and
    `worst_date`, `worst_share`, the likeliest day, `risky_days`); `buffer` (negative: to spare; an alert where credit lines do not cover
    it); `days_of_cover` (None: beyond the weeks); `plan_trust` (value added against the naive forecast).

    Where no account is proven, position, low point and buffer are `unmeasured`, and nothing is asked but `decide_statements`.
    Every decision has `before` among its details, the last day to decide it (None: no day). `decide_draw` (`banks`), `decide_raise` (what no line
    covers; `decide_find` where no credit line is known), `decide_pay` (`suppliers`, `unpaid_centimes`), `decide_place` (`until_date`, `term_days`: the term that is worth most;
    who must draw does not place), `decide_feed` (accounts below their floor soon that no sweep feeds), `decide_refused`, `decide_feasts` (`days`),
    `decide_classify` (`shapes`). There is none for nothing.
    """
    cash_asked = _cash_asked(found) if is_proven(found) else _statements_asked(found)
    asked = [fact for fact in (*cash_asked, *_others_asked(found)) if fact.value]
    facts = [*_levels(found), _below(found), _buffer(found, asked), _cover(found), _trust(found), *asked]
    return {fact.indicator: fact for fact in facts}


def is_proven(found: Outlook) -> bool:
    """Whether a recent statement proves the balance of any account at all: a plan that starts from none judges and asks nothing of cash."""
    return bool((found.plan.opening["state_code"] == "proven").any())


def verdict_status(facts: Mapping[str, Fact]) -> Status:
    """The status of the page: the worst of the low point and of the chance to pass the floor; `info` where nothing can be judged."""
    told = (facts["plan_low_point"].status, facts["below_floor"].status)
    if "unmeasured" in told:
        return "info"
    return next((status for status in ("alert", "watch") if status in told), "ok")


def _levels(found: Outlook) -> list[Fact]:
    low, floor, currency = found.low, found.plan.floor_centimes, found.plan.currency_code
    position = found.position_centimes
    details = {
        "low_date": low.day,
        "first_date": low.first_date,
        "last_date": low.last_date,
        "median_mad": low.median_mad,
        "q10_mad": low.q10_mad,
        "q90_mad": low.q90_mad,
    }
    proven = is_proven(found)
    at_low: Status = status_against(low.value_centimes, floor) if proven else "unmeasured"
    now: Status = status_against(position, floor) if proven else "unmeasured"
    if now == "ok" and (found.plan.opening["state_code"] != "proven").any():
        now = "watch"  # part of the position is what a statement said long ago, or what nobody said
    of_low = (at_low, floor, position, currency, details)
    of_position = (now, floor, None, currency)
    return [
        Fact("plan_position", position, "centimes", *of_position),
        Fact("plan_low_point", low.value_centimes, "centimes", *of_low),
    ]


def _below(found: Outlook) -> Fact:
    by_day, limit = found.by_day, 1 - found.confidence
    if found.plan.floor_centimes is None or by_day.empty:
        nothing = dict.fromkeys(("first_date", "worst_date", "worst_share", "risky_days"))
        return Fact("below_floor", None, "share", "unmeasured", limit, details=nothing)
    passed = float(by_day["passed_share"].iloc[-1])
    worst = by_day.iloc[int(by_day["below_share"].to_numpy(float).argmax())]
    risky = by_day.loc[by_day["passed_share"] > limit, "day_date"]
    details = {
        "first_date": risky.iloc[0].date() if len(risky) else None,
        "worst_date": worst["day_date"].date() if worst["below_share"] else None,
        "worst_share": float(worst["below_share"]),
        "risky_days": int((by_day["below_share"] > limit).sum()),
    }
    return Fact("below_floor", passed, "share", status_of(passed, limit, MORE_LIKELY_THAN_NOT), limit, details=details)


def _buffer(found: Outlook, asked: list[Fact]) -> Fact:
    buffer, names = found.buffer_centimes, {fact.indicator for fact in asked}
    status: Status = "ok"
    if buffer is None or not is_proven(found):
        status = "unmeasured"
    elif buffer > 0:
        status = "alert" if names & {"decide_raise", "decide_find"} else "watch"
    at_risk = found.by_day.loc[found.by_day["day_date"] == pd.Timestamp(found.low.day), "at_risk_centimes"]
    details = {
        "confidence": found.confidence,
        "at_risk_centimes": None if at_risk.isna().all() else int(at_risk.iloc[0]),
    }
    return Fact("buffer", buffer, "centimes", status, 0, currency_code=found.plan.currency_code, details=details)


def _cover(found: Outlook) -> Fact:
    return Fact("days_of_cover", found.cover_days, "days", details={"day_count": len(found.by_day)})


def _trust(found: Outlook) -> Fact:
    record = found.beside.record
    if record is None or record.overall.empty:
        nothing = {"trust_code": "unmeasured", "origin_count": 0, "better_count": 0}
        return Fact("plan_trust", None, "share", "unmeasured", 0.0, details=nothing)
    trust = record.trust
    added = None if trust.trust_code == "unmeasured" or pd.isna(trust.value_added) else trust.value_added
    counts = {
        "trust_code": trust.trust_code,
        "origin_count": trust.origin_count,
        "better_count": trust.better_count,
    }
    return Fact("plan_trust", added, "share", TRUSTED[trust.trust_code], 0.0, details=counts)


def _asked(
    found: Outlook, name: str, value: int, unit: Unit, status: Status, before: date | None, **details: Any
) -> Fact:
    told = {"before": before} | details
    return Fact(f"decide_{name}", value, unit, status, currency_code=found.plan.currency_code, details=told)


def _cash_asked(found: Outlook) -> list[Fact]:
    """What must be drawn or found, can be paid, can be placed."""
    act_by, buffer = found.days[0].date(), max(0, found.buffer_centimes or 0)
    draw_before = found.draw_before or found.low.day
    drawn, paid = _positive(found.credit, "draw_centimes"), _positive(found.overdue, "paid_centimes")
    draw, pay = (int(table[name].sum()) for table, name in ((drawn, "draw_centimes"), (paid, "paid_centimes")))
    owed = int(found.overdue["running_centimes"].iloc[-1]) if len(paid) else 0
    banks, suppliers = _texts(drawn, "bank_code"), _texts(paid, "supplier_code")
    # Where no situation of credit lines is known, what they would cover is not known either: all is to be found.
    lacking = "raise" if "draw_centimes" in found.credit else "find"
    facts = [
        _asked(found, "draw", draw, "centimes", "alert", draw_before, banks=banks),
        _asked(found, lacking, max(0, buffer - draw), "centimes", "alert", min(act_by, draw_before)),
        _asked(found, "pay", pay, "centimes", "watch", act_by, suppliers=suppliers, unpaid_centimes=owed - pay),
    ]
    # An amount for long is worth more than for a week.
    terms = found.placeable.dropna().to_dict("records")
    best = max(terms, key=lambda term: int(term["placeable_centimes"]) * int(term["term_days"]), default=None)
    if buffer or best is None:
        return facts
    details = {"until_date": best["maturity_date"].date(), "term_days": int(best["term_days"])}
    return [*facts, _asked(found, "place", int(best["placeable_centimes"]), "centimes", "watch", act_by, **details)]


def _statements_asked(found: Outlook) -> list[Fact]:
    """Nothing of cash can be decided on balances that nothing proves: their statements are asked for."""
    return [_asked(found, "statements", len(found.plan.opening), "count", "alert", found.days[0].date())]


def _others_asked(found: Outlook) -> list[Fact]:
    """Accounts to feed, rows to correct, dates to confirm, labels to classify."""
    act_by, notes = found.days[0].date(), found.plan.notes
    low = low_accounts(found)
    soon = (low["since_date"] <= found.days[min(SOON, len(found.days)) - 1]) & (low["feeding_code"] == "person")
    feasts = [day for day in notes.get("estimated_feasts", ()) if day <= found.until]
    refused, unknown = notes.get("problems"), found.beside.unclassified
    amount = int(unknown["amount_centimes"].abs().sum()) if len(unknown) else 0
    return [
        _asked(found, "feed", int(soon.sum()) if is_proven(found) else 0, "count", "watch", act_by),
        _asked(found, "refused", 0 if refused is None else len(refused), "count", "watch", act_by),
        _asked(found, "feasts", len(feasts), "count", "watch", None, days=feasts),
        _asked(found, "classify", amount, "centimes", "watch", None, shapes=len(unknown)),
    ]


def _positive(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table[table[name] > 0] if name in table else table.head(0).assign(**{name: pd.Series(dtype="int64")})


def _texts(table: pd.DataFrame, name: str) -> list[str]:
    return [str(value) for value in table[name]] if name in table else []
