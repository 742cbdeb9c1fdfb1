"""What is unpaid, as facts: what a page says first, each figure with its threshold and its last year. No sentence here."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workbench.recovery.portfolios import PORTFOLIOS
from workbench.recovery.rate_readings import rate_readings
from workbench.recovery.unpaid import Unpaid
from workbench.schemas.facts import Fact, Status, Unit, status_of
from workbench.standards import DatedValue

NAMES = 10
_RATES = ("current", "arrears", "global")


def unpaid_facts(found: Unpaid) -> list[Fact]:
    """Facts of the page, in its order: to collect, rates by portfolio, delays, ages, what is netted against nothing.

    Indicators: `outstanding`, `due`; `<rate>_rate_<portfolio>`, `dso_days_<portfolio>`, `unpaid_share_<portfolio>`,
    `mean_age_days_<portfolio>`, `old_share_<portfolio>` for each of `PORTFOLIOS`; `waiting_receipts`, `reject_share`, `customer_credits`, `disputed`, `concentration`. Private clients and key accounts are never one rate.
    """
    facts = [_total(found, "outstanding"), _total(found, "due")]
    rates = _by_code(rate_readings(found.rates, ("portfolio_code",)))
    now, before = (_by_code(found.indicators("portfolio_code", before=earlier)) for earlier in (False, True))
    for code in PORTFOLIOS:
        facts += [_rate(found, code, rate, rates.get(code, {})) for rate in _RATES]
        facts += _ages(found, code, now.get(code, {}), before.get(code, {}))
    return [*facts, _waiting(found), _rejects(found), _credits(found), _disputed(found), _concentration(found)]


def _by_code(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    named = table.set_index("portfolio_code")
    return {str(code): dict(row) for code, row in named.iterrows()}


def _number(row: Mapping[str, Any], name: str) -> float | None:
    value = row.get(name)
    return None if value is None or pd.isna(value) else float(value)


def _sum(table: pd.DataFrame | None, name: str) -> int | None:
    return None if table is None else int(table[name].sum())


def _total(found: Unpaid, name: str) -> Fact:
    column = f"{name}_centimes"
    details = {
        "month_before": _sum(found.month_before, column),
        "opening": int(found.rates.year["opening_centimes"].sum()),
        "item_count": int(found.sums["item_count"].sum()),
    }
    previous = _sum(found.year_before, column)
    value = int(found.sums[column].sum())
    return Fact(name, value, "centimes", previous=previous, currency_code=found.currency_code, details=details)


def _rate(found: Unpaid, code: str, rate: str, row: Mapping[str, Any]) -> Fact:
    value = _number(row, f"{rate}_rate")
    good, bad = (found.threshold(f"collection_rate_{rate}_{end}") for end in ("good", "bad"))
    readings = ("due_global_rate", "ht_global_rate", "rolling_global_rate", "rolling_plain_rate", "with_no_cash_rate")
    details = {name: _number(row, name) for name in readings} | {"bad": bad}
    status = _judged(value, good, bad)
    previous = _number(row, f"previous_{rate}_rate")
    return Fact(f"{rate}_rate_{code}", value, "share", status, good, previous, found.currency_code, details)


def _ages(found: Unpaid, code: str, row: Mapping[str, Any], before: Mapping[str, Any]) -> list[Fact]:
    term = _number(row, "term_days")
    margin = found.threshold("dso_margin_days_bad")
    limits: dict[str, tuple[Unit, float | None, float | None]] = {
        "dso_days": ("days", term, None if term is None or margin is None else term + margin),
        "unpaid_share": ("share", found.threshold("unpaid_share_good"), found.threshold("unpaid_share_bad")),
        "mean_age_days": ("days", found.threshold("mean_age_days_good"), found.threshold("mean_age_days_bad")),
        "old_share": ("share", None, None),
    }
    counted = found.count_back[found.count_back["group_code"] == code]["count_back_days"]
    details = {"count_back_days": None if counted.empty or pd.isna(counted.iloc[0]) else float(counted.iloc[0])}
    return [
        Fact(
            f"{name}_{code}",
            _number(row, name),
            unit,
            _judged(_number(row, name), good, bad),
            good,
            _number(before, name),
            found.currency_code,
            details if name == "dso_days" else {},
        )
        for name, (unit, good, bad) in limits.items()
    ]


def _judged(value: float | None, good: float | None, bad: float | None) -> Status:
    if value is None:
        return "unmeasured"
    return "info" if good is None or bad is None else status_of(value, good, bad)


def _waiting(found: Unpaid) -> Fact:
    cash = _cash(found.waiting)
    earlier = None if found.year_before is None else int(_cash(found.waiting_before)["unallocated_centimes"].sum())
    over = found.waiting[found.waiting["is_over_allocated"]]
    no_cash = found.waiting[~found.waiting["is_cash"] & ~found.waiting["is_over_allocated"]]
    oldest = cash["oldest_date"].min()
    details = {
        "receipt_count": int(cash["receipt_count"].sum()),
        "oldest_date": None if pd.isna(oldest) else oldest.date(),
        "no_cash_centimes": int(no_cash["unallocated_centimes"].sum()),
        "over_allocated_centimes": int(over["unallocated_centimes"].sum()),
    }
    value = int(cash["unallocated_centimes"].sum())
    status: Status = "watch" if value else "ok"
    return Fact("waiting_receipts", value, "centimes", status, 0, earlier, found.currency_code, details)


def _cash(waiting: pd.DataFrame) -> pd.DataFrame:
    return waiting[waiting["is_cash"] & ~waiting["is_over_allocated"]]


def _rejects(found: Unpaid) -> Fact:
    """The part of what was presented in twelve months that came back, by amount; every channel that can come back together."""
    sums = found.rejects[["presented_count", "rejected_count", "presented_centimes", "rejected_centimes"]].sum()
    presented = int(sums["presented_centimes"])
    share = int(sums["rejected_centimes"]) / presented if presented else None
    good, bad = (found.threshold(f"reject_share_{end}") for end in ("good", "bad"))
    details = {name: int(sums[name]) for name in ("presented_count", "rejected_count", "rejected_centimes")}
    status = _judged(share, good, bad)
    return Fact("reject_share", share, "share", status, good, None, found.currency_code, details | {"bad": bad})


def _credits(found: Unpaid) -> Fact:
    value = int(found.credits["credit_centimes"].sum())
    details = {"item_count": int(found.credits["item_count"].sum())}
    previous = _sum(found.year_before, "credit_centimes")
    return Fact("customer_credits", value, "centimes", "info", None, previous, found.currency_code, details)


def _disputed(found: Unpaid) -> Fact:
    value = int(found.sums["disputed_centimes"].sum())
    previous = _sum(found.year_before, "disputed_centimes")
    return Fact("disputed", value, "centimes", "info", None, previous, found.currency_code)


def _concentration(found: Unpaid) -> Fact:
    """The share of all that key accounts owe past due which the first names hold."""
    names = found.debtors
    amount = int(names["due_centimes"].sum())
    details = {"name_count": len(names), "due_centimes": amount, "old_centimes": int(names["old_centimes"].sum())}
    share = float(names["cumulative_share"].iloc[-1]) if len(names) else None
    status: Status = "info" if len(names) else "unmeasured"
    return Fact("concentration", share, "share", status, currency_code=found.currency_code, details=details)


def thresholds_used(found: Unpaid) -> list[DatedValue]:
    """The dated values behind the statuses, by name: every one illustrative until the office sets its own."""
    return [found.thresholds[name] for name in sorted(found.thresholds)]
