"""What the page of the cash plan makes of its values: which sentence is said, what is judged, what is asked. Codes, no sentence."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from workbench.cash.judging.plan_facts import verdict_status
from workbench.cash.plan.outlook import Outlook
from workbench.schemas.facts import Status


def plan_status(said: Mapping[str, Any]) -> Status:
    """The status of the page, from its facts (`verdict_status`)."""
    return verdict_status(said["facts"])


def plan_tone(said: Mapping[str, Any]) -> dict[str, str]:
    """Which sentence of several a page says, by the name of what it speaks of."""
    status = plan_status(said)
    below = said["low_margin"] is not None and said["low_margin"] < 0
    act = "_raise" if said["raise"] else "_find" if said["find"] else "_draw" if said["draw"] else ""
    risky = status in ("watch", "alert")
    verdict = (
        "stale"
        if said["stale"] == said["accounts"]
        else "info"
        if status == "info"
        else f"alert{act}"
        if below
        else "watch"
        if risky
        else "place"
        if said["place"]
        else "ok"
    )
    return {
        "verdict": verdict,
        "weeks": "up" if said["net"] >= 0 else "down",
        "fan": "below" if below else "info" if status == "info" else "risk" if risky else "above",
        "measured": _measured(said),
        "scenarios": "below" if said["scenarios_below"] else "above" if said["floor"] is not None else "info",
        "drivers": "one" if (said["driver_share"] or 0) >= 0.5 else "several",
        "trust": said["trust"],
        "by_horizon": said["trust"],
        "untrusted": "untrusted_yet" if said["logged"] else "untrusted",
        "models": "routed" if said["routed"] else "raced",
    }


def plan_doubts(said: Mapping[str, Any]) -> list[str]:
    """The sentences that come before the scores of past plans: that there are none, or of which accounts they are not."""
    unjudged = [] if said["origins"] else [plan_tone(said)["untrusted"]]
    return [*unjudged, *(["silent_accounts"] if said["silent"] and said["judged_share"] is not None else [])]


def _measured(said: Mapping[str, Any]) -> str:
    if said["coverage_80"] is None:
        return "fan_unmeasured"
    return "fan_measured" if said["position_80"] is None else "fan_measured_position"


def plan_lede(said: Mapping[str, Any]) -> list[str]:
    """The sentences, at most three, that follow the verdict: what it rests on, who can be paid, how far to believe it."""
    keys = ["lede_low"]
    unproven = (
        said["stale"] == said["accounts"]
    )  # nothing is said of what can be paid out of balances that nobody knows
    keys += ["lede_pay"] if said["pay"] else ["lede_no_pay"] if said["overdue"] and not unproven else []
    few = "lede_few" if said["logged"] else "lede_no_trust"
    return [*keys, few if said["trust"] == "unmeasured" else "lede_trust"]


_ROWS = {
    "position": (("floor", "floor", "mdh"), ("margin", "margin", "mdh+"), ("unproven", "stale", "count")),
    "low": (("when", "low_date", "day"), ("band_low", "low_q10", "mad_unit"), ("band_high", "low_q90", "mad_unit")),
    "passed": (
        ("worst", "worst_date", "day"),
        ("that_day", "worst_share", "pct0"),
        ("over_limit", "risky_days", "count"),
    ),
    "buffer": (("spare", "spare", "mdh"), ("undrawn", "undrawn", "mdh"), ("cover", "cover", "count")),
    "total": (
        ("received", "received", "mdh"),
        ("paid", "paid", "mdh"),
        ("financed", "financed", "mdh+"),
        ("known_share", "known_share", "pct0"),
    ),
    "trust": (
        ("coverage_80", "coverage_80", "pct0"),
        ("coverage_95", "coverage_95", "pct0"),
        ("value_added", "value_added", "pct0"),
    ),
}


def plan_card_rows(said: Mapping[str, Any]) -> dict[str, list[tuple[str, Any, str]]]:
    """The lines under the figure of each card, by card: (label `row_…`, value, kind of the value)."""
    return {card: [(f"row_{label}", said[name], kind) for label, name, kind in rows] for card, rows in _ROWS.items()}


def plan_card_states(said: Mapping[str, Any]) -> dict[str, Status | None]:
    """The status of each card that is judged."""
    facts = said["facts"]
    position, low, buffer = (facts[name].status for name in ("plan_position", "plan_low_point", "buffer"))
    return {
        "position": None if position == "info" else position,
        "low": None if low == "info" else low,
        "passed": plan_status(said) if said["passed"] is not None else "unmeasured",
        "buffer": None if buffer == "unmeasured" else buffer,
        "trust": facts["plan_trust"].status,
    }


def plan_curve(found: Outlook) -> list[int]:
    """The plan's position at the end of each day of the weeks: what a card draws."""
    return [int(value) for value in found.by_day["value_centimes"]]


def plan_decisions(said: Mapping[str, Any]) -> list[tuple[str, int | None, date | None, dict[str, Any]]]:
    """What the page asks to decide, most pressing first: (sentence, hundredths or None, last day, values of the sentence)."""
    asked = [fact for name, fact in said["facts"].items() if name.startswith("decide_")]
    return [
        (fact.indicator, fact.value if fact.unit == "centimes" else None, fact.details["before"], dict(said))
        for fact in asked
    ]
