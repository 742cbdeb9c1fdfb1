"""The cash plan as facts: position, low point, risk below the floor, buffer, days of cover, trust; then what it asks to decide.

No sentence here; `reporting.words` finds them. A fact that rests on a floor is `unmeasured` where none is set.
"""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from workbench.cash.judging.risk import LowPoint
from workbench.cash.judging.trust import Trust, TrustCode
from workbench.schemas.facts import Fact, Status, status_of

TRUSTED: dict[TrustCode, Status] = {"holds": "ok", "partly": "watch", "not_yet": "alert", "unmeasured": "unmeasured"}


def plan_facts(
    position_centimes: int | None,
    floor_centimes: int | None,
    by_day: pd.DataFrame,
    low: LowPoint,
    buffer_centimes: int | None,
    cover_days: int | None,
    trust: Trust,
    confidence: float,
    currency_code: str = "MAD",
) -> list[Fact]:
    """Facts of one plan, in the order of the page.

    Parameters
    ----------
    position_centimes
        Balance in value on the date of the plan.
    by_day, low, buffer_centimes, cover_days, trust
        As from `risk_by_day`, `low_point`, `buffer_needed`, `days_of_cover`, `trust.trust`.
    confidence
        That of the promises. The risk below the floor is an alert where it is more likely than not, to watch above 1 − `confidence`.

    Returns
    -------
    `plan_position`, `plan_low_point` (details: its day, band and span of days), `below_floor` (share of paths; details: the first day on which the
    share passes 1 − confidence, the likeliest day), `buffer` (negative: to spare; details: confidence, largest amount at risk on a day),
    `days_of_cover` (None: beyond the plan), `plan_trust` (value added against the naive forecast; details: code, coverage and
    its interval, plans judged).
    """
    no_floor = floor_centimes is None
    shares = by_day["passed_share"]
    passed = None if no_floor or shares.empty else float(shares.iloc[-1])
    risky = by_day.loc[shares > 1 - confidence, "day_date"]
    at = int(by_day["below_share"].to_numpy(float).argmax()) if passed else 0
    likeliest = by_day["day_date"].iloc[at].date() if passed else None
    at_risk = by_day["at_risk_centimes"].max()
    band = {"median_mad": low.median_mad, "q10_mad": low.q10_mad, "q90_mad": low.q90_mad}
    span = {"low_date": low.day, "first_date": low.first_date, "last_date": low.last_date}
    first = risky.iloc[0].date() if len(risky) else None
    lacking: Status = "unmeasured" if buffer_centimes is None else "watch" if buffer_centimes > 0 else "ok"
    promised = {"confidence": confidence, "at_risk_centimes": None if pd.isna(at_risk) else int(at_risk)}
    judged = trust.coverage_80
    added = None if trust.trust_code == "unmeasured" or trust.value_added != trust.value_added else trust.value_added
    held = {"coverage_80": judged.share, "coverage_80_low": judged.low, "coverage_80_high": judged.high}
    counts = {"trust_code": trust.trust_code, "origin_count": trust.origin_count, "better_count": trust.better_count}
    return [
        Fact(
            "plan_position",
            position_centimes,
            "centimes",
            _against(position_centimes, floor_centimes),
            floor_centimes,
            currency_code=currency_code,
        ),
        Fact(
            "plan_low_point",
            low.value_centimes,
            "centimes",
            _against(low.value_centimes, floor_centimes),
            floor_centimes,
            position_centimes,
            currency_code,
            span | band,
        ),
        Fact(
            "below_floor",
            passed,
            "share",
            status_of(passed, 1 - confidence, 0.5),
            1 - confidence,
            details={"first_date": first, "likeliest_date": likeliest},
        ),
        Fact("buffer", buffer_centimes, "centimes", lacking, 0, currency_code=currency_code, details=promised),
        Fact("days_of_cover", cover_days, "days", details={"day_count": len(by_day)}),
        Fact("plan_trust", added, "share", TRUSTED[trust.trust_code], 0.0, details=held | counts),
    ]


def _against(value: int | None, floor: int | None) -> Status:
    if value is None:
        return "unmeasured"
    return "info" if floor is None else "ok" if value >= floor else "alert"


def plan_decisions_asked(
    buffer_centimes: int | None,
    draw_before: date | None,
    credit: pd.DataFrame,
    suppliers: pd.DataFrame,
    placeable: pd.DataFrame,
    act_by: date,
    currency_code: str = "MAD",
) -> list[Fact]:
    """What the plan asks to decide, most pressing first: what to draw, what is still lacking, whom to pay, what to place.

    Parameters
    ----------
    credit, suppliers, placeable
        As from `lines_to_draw`, `suppliers_to_pay`, `placeable_until` (what is placed comes after the suppliers are paid).
    draw_before
        As from `draw_by`: the last day on which drawn money saves the promise.
    act_by
        The next bank day: the last day of every other decision.

    Returns
    -------
    `decide_draw` (details: `before`, `banks`), `decide_raise` (what no line covers), `decide_pay_suppliers` (details: `suppliers`, and what is left
    `unpaid_centimes`), `decide_place` (a fact a term; details: `until_date`, `term_days`); none of them for nothing.
    """

    def asked(name: str, value: int, status: Status, before: date, **details: object) -> list[Fact]:
        told = {"before": before} | details
        fact = Fact(f"decide_{name}", value, "centimes", status, currency_code=currency_code, details=told)
        return [fact] if value > 0 else []

    drawn = credit[credit["draw_centimes"] > 0] if "draw_centimes" in credit else credit.head(0)
    draw = int(drawn["draw_centimes"].sum()) if len(drawn) else 0
    by = min(act_by, draw_before) if draw_before else act_by
    facts = asked("draw", draw, "alert", draw_before or act_by, banks=_texts(drawn, "bank_code"))
    facts += asked("raise", max(0, buffer_centimes or 0) - draw, "alert", by)
    if "paid_centimes" in suppliers:
        paid = suppliers[suppliers["paid_centimes"] > 0]
        total = int(paid["paid_centimes"].sum())
        owed = int(suppliers["running_centimes"].iloc[-1]) if len(suppliers) else 0
        names = _texts(paid, "supplier_code")
        facts += asked("pay_suppliers", total, "watch", act_by, suppliers=names, unpaid_centimes=owed - total)
    for row in placeable.dropna(subset=["placeable_centimes"]).to_dict("records"):
        until, amount = row["day_date"].date(), int(row["placeable_centimes"])
        facts += asked("place", amount, "watch", act_by, until_date=until, term_days=int(row["term_days"]))
    return facts


def _texts(table: pd.DataFrame, name: str) -> Sequence[str]:
    return [str(value) for value in table[name]] if name in table else []
