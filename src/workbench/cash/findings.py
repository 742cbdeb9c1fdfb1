"""What the cash page says, as one set of values: every sentence, title and decision takes its numbers from here, so that they agree.

No sentence here; the values carry the names that `sentences/cash_position.toml` uses.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from workbench.cash.own_transfers import half_transfers
from workbench.cash.situation import Situation
from workbench.schemas.facts import Fact, listed

LARGEST = 5  # balances whose share of the position is said


def findings(found: Situation, facts: Sequence[Fact], currency_code: str) -> dict[str, Any]:
    """Values of the sentences for one currency; hundredths, shares, counts and days. What is not known is None, never zero."""
    by_name = {fact.indicator: fact for fact in facts}
    position, low, idle = (by_name[name] for name in ("value_position", "low_point", "idle_balances"))
    over, proof, error = (by_name[name] for name in ("accounts_over_limit", "proven_share", "levelling_error"))
    mine = found.by_account[found.by_account["currency_code"] == currency_code]
    largest = mine["value_centimes"].dropna().nlargest(LARGEST)
    booked = position.details["booked_centimes"]
    return {
        "as_of": found.as_of,
        "currency": currency_code,
        "accounts": len(mine),
        "every_account": len(found.by_account),
        "known": int(mine["value_centimes"].notna().sum()),
        "banks": mine["bank_code"].nunique(),
        "directorates": mine.loc[mine["directorate_code"] != "head_office", "directorate_code"].nunique(),
        "position": position.value,
        "booked": booked,
        "change": _less(position.value, position.previous),
        "floor": position.target,
        "margin": _less(position.value, position.target),
        "low": low.value,
        "low_status": low.status,
        "low_date": low.details.get("low_date"),
        "low_margin": _less(low.value, low.target),
        "short": _less(low.target, low.value),
        "days_below": len(low.details.get("days_below", [])),
        "idle": idle.value,
        "idle_accounts": idle.details["account_count"],
        "idle_cost": idle.details["cost_centimes"],
        "idle_away": idle.details["away_centimes"],
        "top": len(largest),
        "top_share": int(largest.sum()) / position.value if position.value else None,
        "in_debit": int((mine["value_centimes"] < 0).sum()),
        "debit": -int(mine.loc[mine["value_centimes"] < 0, "value_centimes"].sum()),
        "over": over.value,
        "excess": over.details["excess_centimes"],
        "error": error.value,
        "error_days": error.details["day_count"],
        "error_cost": error.details["cost_centimes"],
        "proven_share": proof.value,
        "proven": proof.details["proven_count"],
        "stale": proof.details["stale_count"],
        "missing": proof.details["missing_count"],
        "unregistered": proof.details["unregistered_count"],
        "contradicted": proof.details["contradicted_count"],
        "unproven": sum(proof.details[f"{state}_count"] for state in ("stale", "missing", "contradicted")),
    } | _movements(found, currency_code)


def _less(value: int | None, floor: int | None) -> int | None:
    return None if value is None or floor is None else int(value - floor)


def _movements(found: Situation, currency_code: str) -> dict[str, Any]:
    month = found.month_flows[found.month_flows["currency_code"] == currency_code]
    flows = found.flows[found.flows["currency_code"] == currency_code]
    gaps = found.gaps[found.gaps["currency_code"] == currency_code]
    own = found.own_transfers[found.own_transfers["currency_code"] == currency_code]
    whole = own[(own["pair_code"] == "paired") & ~own.index.isin(half_transfers(own).index)]
    moved = whole.loc[whole["amount_centimes"] > 0, "amount_centimes"]
    received, paid = int(month["receipt_centimes"].sum()), int(month["disbursement_centimes"].sum())
    out = flows[flows["amount_centimes"] < 0].groupby("flow_date")["amount_centimes"].sum()
    return {
        "month_start": found.as_of.replace(day=1),
        "received": received,
        "paid": -paid,
        "net": received + paid,
        "lost": -received - paid,
        "own_moved": int(moved.sum()),
        "flows": len(flows),
        "incoming": int(flows.loc[flows["amount_centimes"] > 0, "amount_centimes"].sum()),
        "outgoing": -int(out.sum()),
        "worst_day": pd.Timestamp(str(out.idxmin())).date() if len(out) else found.as_of,
        "worst_day_out": -int(out.min()) if len(out) else 0,
        "unplaced": len(found.unplaced_flows),
        "gaps": len(gaps),
        "turned": len(found.turned_away),
        "torn_days": len(found.contradictions),
        "typed": len(found.typed),
        "loose": _loose_transfers(found.own_transfers),
        "feasts": len(found.estimated_feasts),
    }


def _loose_transfers(own: pd.DataFrame) -> int:
    """Transfers that somebody has to confirm: two legs that are probably one transfer are one."""
    loose = own[own["pair_code"] != "paired"]
    return int(loose["pair_number"].nunique() + loose["pair_number"].isna().sum())


def tone(said: Mapping[str, Any]) -> dict[str, str]:
    """Which sentence of several a page says, by the name of what it speaks of: the sentence `<name>_<tone>` is there for each tone."""
    net, known = said["net"], said["position"] is not None
    has_moved = bool(said["received"] or said["paid"] or said["own_moved"])
    unjudged = known and said["low_status"] == "unmeasured"  # a position that no recent statement proves
    is_flat = (
        known and (unjudged or said["low_status"] == "info") and said["low"] == said["position"] and not said["flows"]
    )
    return {
        "verdict": "stale" if unjudged else said["low_status"],
        "curve": "flat" if is_flat else "info" if unjudged else said["low_status"],
        "moved": ("up" if net > 0 else "down" if net < 0 else "flat") if has_moved else "none",
        "scope": "known" if said["banks"] else "bare",
        "matrix": "debit" if said["in_debit"] else "credit",
        "flows": "none" if not said["flows"] else "out" if said["worst_day_out"] else "in",
        "proof": "split"
        if said["contradicted"]
        else "whole"
        if known and said["proven"] == said["accounts"] and not said["unregistered"]
        else "part",
    }


_ROWS = {
    "position": (("since", "change", "mdh+"), ("floor", "floor", "mdh"), ("margin", "margin", "mdh+")),
    "low": (("when", "low_date", "day"), ("floor", "floor", "mdh"), ("margin", "low_margin", "mdh+")),
    "over": (("excess", "excess", "mdh"), ("aim", "aim", "count")),
    "idle": (("accounts", "idle_accounts", "count"), ("cost", "idle_cost", "mad")),
    "error": (("days", "error_days", "count"), ("cost", "error_cost", "mad")),
    "proven": (("accounts", "proven", "count"), ("without", "unproven", "count")),
}


def card_rows(said: Mapping[str, Any]) -> dict[str, list[tuple[str, Any, str]]]:
    """The lines under the figure of each card, by card: (label `row_…`, value, kind of the value)."""
    known = {"aim": 0, **said}
    return {card: [(f"row_{label}", known[name], kind) for label, name, kind in rows] for card, rows in _ROWS.items()}


def lede(said: Mapping[str, Any]) -> list[str]:
    """The sentences, at most three, that follow the verdict: what sleeps, what is beyond its limit, what is not proven."""
    if said["position"] is None:
        return ["lede_unknown", "lede_unproven"]
    keys = ["lede_idle" if said["idle"] else "lede_no_floor" if said["idle"] is None else "lede_no_idle"]
    keys += ["lede_over"] if said["over"] else ["lede_error"] if said["error"] else []
    doubts = {"contradicted": said["contradicted"], "unproven": said["unproven"], "unregistered": said["unregistered"]}
    proof = next((name for name, count in doubts.items() if count), "proven")
    return [*keys, f"lede_{proof}"]


def decisions(facts: Sequence[Fact], labels: Mapping[str, str]) -> list[tuple[str, int | None, date, dict[str, Any]]]:
    """The decisions among `facts`, most pressing first: (sentence, hundredths or None, last day, values of the sentence)."""
    asked = []
    for fact in facts:
        if fact.indicator.startswith("decide_"):
            names = [labels.get(number) or number for number in fact.details.get("accounts", [])]
            values = dict(fact.details) | {"accounts": len(names), "names": listed(names)}
            amount = fact.value if fact.unit == "centimes" else None
            asked.append((fact.indicator, amount, fact.details["before"], values))
    return asked
