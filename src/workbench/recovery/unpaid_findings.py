"""What the unpaid page says, as one set of values: every sentence, title and card takes its numbers from here, so that they agree.

No sentence here; the values carry the names that `sentences/unpaid.toml` uses.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from workbench.recovery.indicators import year_before
from workbench.recovery.unpaid import Unpaid
from workbench.recovery.unpaid_decisions import worse_centers
from workbench.schemas.facts import Fact, Status


def unpaid_findings(found: Unpaid, facts: Sequence[Fact]) -> dict[str, Any]:
    """Values of the sentences; hundredths, shares, counts and days. What is not known is None, never zero."""
    by_name = {fact.indicator: fact for fact in facts}
    owed, due, loose = by_name["outstanding"], by_name["due"], by_name["waiting_receipts"]
    old, credits, names = int(found.sums["old_centimes"].sum()), by_name["customer_credits"], by_name["concentration"]
    worse, grew = worse_centers(found), owed.value + credits.value - int(found.rates.year["opening_centimes"].sum())
    return {
        "last_bill": found.last_bill,
        "last_receipt": found.last_receipt,
        "ends": found.has_ended,
        "as_of": found.as_of,
        "year_ago": year_before(found.as_of),
        "year_start": found.as_of.replace(month=1, day=1),
        "currency": found.currency_code,
        "others": ", ".join(found.other_currencies),
        "owed": owed.value,
        "opening": int(found.rates.year["opening_centimes"].sum()),
        "items": owed.details["item_count"],
        "since_year": _less(owed.value, owed.previous),
        "since_month": _less(owed.value, owed.details["month_before"]),
        "due": due.value,
        "due_since": _less(due.value, due.previous),
        "due_share": due.value / owed.value if owed.value else 0.0,
        "old": old,
        "old_share": old / due.value if due.value else 0.0,
        "loose": loose.value,
        "loose_since": _less(loose.value, loose.previous),
        "loose_count": loose.details["receipt_count"],
        "rejects": by_name["reject_share"].details["rejected_count"],
        "presented": by_name["reject_share"].details["presented_count"],
        "reject_share": by_name["reject_share"].value,
        "no_cash": loose.details["no_cash_centimes"],
        "credits": -credits.value,
        "credit_count": credits.details["item_count"],
        "disputed": by_name["disputed"].value,
        "names": names.details["name_count"],
        "names_share": names.value,
        "names_due": names.details["due_centimes"],
        "worse": len(worse),
        "worse_due": int(worse["due_centimes"].sum()),
        "grew": grew,
        "fell": -grew,
    } | _places(found)


def _less(value: int | None, before: int | None) -> int | None:
    return None if value is None or before is None else int(value - before)


def _places(found: Unpaid) -> dict[str, Any]:
    """Who owes most past due: the first segment, the first directorates."""
    segments = found.indicators("segment_code").sort_values("due_centimes", ascending=False, kind="stable")
    units = found.by_unit("directorate")
    unplaced = int(units.loc[units["unit_code"].isna(), "due_centimes"].sum())
    units = units[units["unit_code"].notna()]
    due = int(found.sums["due_centimes"].sum())
    first = segments.iloc[0] if len(segments) else None
    shares = units["old_share"].dropna()
    # Of several units with the same part of old debt none is the first; nor is any where there is none.
    oldest = units[units["old_share"] == shares.max()] if len(shares) and shares.max() > 0 else units.head(0)
    top = units.head(3)
    return {
        "first_segment": None if first is None else first["segment_code"],
        "first_segment_share": int(first["due_centimes"]) / due if due and first is not None else 0.0,
        "unplaced_share": unplaced / due if due else 0.0,
        "top_units": ", ".join(str(code) for code in top["unit_code"]),
        "top_count": len(top),
        "top_units_share": int(top["due_centimes"].sum()) / due if due else 0.0,
        "oldest_unit": str(oldest["unit_code"].iloc[0]) if len(oldest) == 1 else None,
        "oldest_share": _number(oldest["old_share"].iloc[0]) if len(oldest) == 1 else None,
        "units": len(units),
        "centers": int(found.sums["center_code"].nunique()),
        "agencies": int(found.sums["agency_code"].nunique()),
        "segments": len(segments),
    }


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def unpaid_lede(said: Mapping[str, Any]) -> list[str]:
    """The sentences, at most three, that follow the verdict."""
    keys = [] if not said["ends"] else ["lede_ends" if said["last_receipt"] else "lede_ends_unpaid"]
    keys += ["lede_names"] if said["names"] else []
    keys += ["lede_worse"] if said["worse"] and not said["ends"] else []
    return [*keys, "lede_loose" if said["loose"] else "lede_no_loose"]


def passage_tone(said: Mapping[str, Any]) -> str:
    """Which title the passage of the year has: `up`, `down` or `flat`."""
    return "up" if said["grew"] > 0 else "down" if said["grew"] < 0 else "flat"


def heat_tone(said: Mapping[str, Any]) -> str:
    """Which title the ages by directorate have: `known`, `tied` (no directorate is the oldest alone), `unplaced` (most is of none) or
    `bare` (none is known)."""
    if said["units"] and said["unplaced_share"] > said["top_units_share"]:
        return "unplaced"
    return "bare" if not said["units"] else "known" if said["oldest_unit"] else "tied"


_ROWS = {
    "owed": (("since_year", "since_year", "mdh+"), ("since_month", "since_month", "mdh+"), ("due", "due", "mdh")),
    "old": (("part_of_due", "old_share", "pct"), ("items", "items", "count")),
    "loose": (("since_year", "loose_since", "mdh+"), ("receipts", "loose_count", "count")),
    "disputed": (("credits", "credits", "mdh"),),
}


def unpaid_card_rows(said: Mapping[str, Any]) -> dict[str, list[tuple[str, Any, str]]]:
    """The lines under the figure of each card, by card: (label `row_…`, value, kind of the value)."""
    return {card: [(f"row_{label}", said[name], kind) for label, name, kind in rows] for card, rows in _ROWS.items()}


def worst_status(facts: Sequence[Fact]) -> Status:
    """The gravest status of the global rates: what the index of reports shows for the page."""
    grave: tuple[Status, ...] = ("alert", "watch", "unmeasured", "info", "ok")
    rates = [fact.status for fact in facts if fact.indicator.startswith("global_rate_")]
    return next((status for status in grave if status in rates), "info")


def rate_rows(fact: Fact) -> list[tuple[str, Any, str]]:
    """The lines under a rate: the year before, the change in points, the threshold."""
    change = None if fact.value is None or fact.previous is None else fact.value - fact.previous
    return [("row_before", fact.previous, "pct"), ("row_points", change, "pts"), ("row_target", fact.target, "pct0")]
