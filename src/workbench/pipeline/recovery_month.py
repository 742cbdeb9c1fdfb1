"""The month of recovery of an office: rates, unpaid bills, receipts, acts and allowances brought together for the monthly report."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import pandas as pd

from workbench import recovery
from workbench.frames import frame, to_pandas
from workbench.pipeline.recovery_rates import rates_sheet_of
from workbench.recovery import impairment
from workbench.recovery.channels import receipts_by
from workbench.recovery.indicators import month_before, year_before
from workbench.recovery.portfolios import portfolio_of
from workbench.recovery.recovery_month import RecoveryMonth
from workbench.recovery.unpaid import EVENTS_TABLES
from workbench.schemas.columns import SEGMENTS
from workbench.standards import value_on


def recovery_month_of(office: Any, as_of: date | str, currency_code: str | None = None) -> RecoveryMonth:
    """The report of an office on a date, in one currency (default: as `recovery.unpaid`). Raises `Unanswerable` where no bill was issued by then."""
    sheet = rates_sheet_of(office, as_of, currency_code)
    day, code = sheet.as_of, sheet.currency_code
    events = [office[name] for name in EVENTS_TABLES]
    owed = recovery.open_items(*events, office["disputes"], as_of=day, lazy=True)
    mine = to_pandas(frame(owed).filter(nw.col("currency_code") == code))
    allowances = impairment.item_allowances(
        mine, impairment.load_allowance_rates(), as_of=day, decisions=office["allowance_decisions"]
    )
    booked = _of(impairment.booked_allowances(office["provisions"], events[0], as_of=day), code)
    movement, opened_on = _movement(office, events, allowances.items, day, code)
    steps = office["enforcement_steps"]
    paid = impairment.part_payments(mine, events[1], events[2], as_of=day, lazy=True)
    days = impairment.last_days_to_act(mine, impairment.load_limitation_rules(), steps, paid, as_of=day)
    months = int(value_on("provision_lawsuit_months", day).value)
    clock = _of(impairment.lawsuit_clock(office["provisions"], events[0], steps, as_of=day, months=months), code)
    year, before = day.replace(month=1, day=1), year_before(day)
    good, bad = (float(value_on(f"coverage_share_{end}", day).value) for end in ("good", "bad"))
    return RecoveryMonth(
        rates=sheet,
        channels=_of(receipts_by(events[2], year, day), code),
        earlier_channels=_of(receipts_by(events[2], before.replace(month=1, day=1), before), code),
        coverage=impairment.allowance_coverage(allowances.items),
        booked_coverage=impairment.allowance_coverage(allowances.items, booked=booked),
        movement=movement,
        opened_on=opened_on,
        clock=impairment.clock_totals(clock) if len(clock) else pd.DataFrame(columns=["clock_code", "item_count"]),
        lapsing=impairment.lapsing(days),
        losses=_losses(events, mine, day, code),
        acts=_acts(steps, day),
        plans=_plans(office["payment_plans"], day, code),
        thresholds=(good, bad),
    )


def _of(table: pd.DataFrame, currency_code: str) -> pd.DataFrame:
    return table[table["currency_code"] == currency_code].reset_index(drop=True)


def _movement(
    office: Any, events: Sequence[Any], closing: pd.DataFrame, day: date, code: str
) -> tuple[pd.DataFrame, date | None]:
    """What the rules ask now against what the books held at the last closing of the year before, by segment."""
    opening = _of(impairment.booked_allowances(office["provisions"], events[0], as_of=date(day.year - 1, 12, 31)), code)
    if opening.empty:
        return pd.DataFrame(
            columns=[f"{name}_centimes" for name in ("opening", "charge", "release", "used", "closing")]
        ), None
    opened_on = pd.Timestamp(opening["provision_date"].iloc[0]).date()
    moved = recovery.movements(*events, opening=opened_on, as_of=day, lazy=True)
    lost = _of(impairment.written_off_ht(moved), code)
    moved_by_claim = impairment.allowance_movement(opening, closing, lost)
    return impairment.movement_totals(moved_by_claim), opened_on


def _losses(events: Sequence[Any], owed: pd.DataFrame, day: date, code: str) -> pd.DataFrame:
    """IFRS 9, simplified, from the office's own windows; empty where the books hold no whole month to learn from."""
    last = day if (day + timedelta(days=1)).day == 1 else day.replace(day=1) - timedelta(days=1)
    windows = _of(impairment.loss_windows(events, as_of=last), code)
    if windows.empty or owed.empty:
        return pd.DataFrame(columns=["segment_code", "allowance_centimes", "forward_centimes"])
    rates = impairment.loss_rates(windows, yearly_rate=float(value_on("discount_key_accounts", day).value))
    factors = {code: value_on(f"forward_factor_{code}", day).value for code in ("private", "key_accounts")}
    portfolios = portfolio_of(pd.Series(list(SEGMENTS)))
    forward = {segment: factors[name] for segment, name in zip(SEGMENTS, portfolios, strict=True)}
    return impairment.expected_losses(impairment.exposures_by_age(owed, as_of=day), rates, forward)


def _acts(steps: Any, day: date) -> pd.DataFrame:
    """Acts of the month that ends on the date, of the month before, and of the year to date, by step."""
    known = to_pandas(frame(steps).filter(nw.col("opened_date") <= day).select("step_code", "opened_date"))
    last, earlier = (pd.Timestamp(each) for each in (month_before(day), month_before(month_before(day))))
    opened = known["opened_date"]
    counts = {
        "month_count": opened > last,
        "previous_month_count": (opened > earlier) & (opened <= last),
        "year_count": opened.dt.year == day.year,
    }
    table = known[["step_code"]].assign(**{name: holds.astype("int64") for name, holds in counts.items()})
    return table.groupby("step_code", sort=True)[list(counts)].sum().reset_index()


def _plans(plans: Any, day: date, code: str) -> pd.DataFrame:
    """Payment plans known by the date: how many customers, what is promised, what was paid, what is late, what broke: `plan_state_code`, `plan_count`, `amount_centimes`."""
    known = to_pandas(frame(plans).filter(nw.col("signed_date") <= day, nw.col("currency_code") == code))
    today = pd.Timestamp(day)
    is_paid, is_broken = ((known[name] <= today).fillna(False) for name in ("paid_date", "broken_date"))
    state = (
        pd.Series("to_come", index=known.index)
        .mask(known["due_date"] < today, "late")
        .mask(is_paid, "paid")
        .mask(is_broken & ~is_paid, "broken")
    )
    groups = known.assign(plan_state_code=state).groupby("plan_state_code", sort=True)
    return groups.agg(plan_count=("plan_id", "nunique"), amount_centimes=("amount_centimes", "sum")).reset_index()
