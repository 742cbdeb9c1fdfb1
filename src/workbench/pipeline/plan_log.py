"""Plans made and logged: each says once what it said, in one commit of the store that changes nothing that a plan can read."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from workbench import cash, store
from workbench.cash.plan.plan_rows import is_nothing_known
from workbench.pipeline import plan_doubts
from workbench.pipeline.cash_plan import PlanTables, currencies_of, plan_of, plan_tables_of
from workbench.pipeline.held_office import HeldOffice
from workbench.pipeline.plan_receivables import Receivables
from workbench.pipeline.project import instant_or_import
from workbench.pipeline.runs import newest_by
from workbench.schemas.checking import Problem
from workbench.standards import load_bank_days
from workbench.store.tables import FORECAST

Told = Callable[[int, int, str], None]
Rows = Mapping[str, pa.Table]
LOG_TABLES = ("forecasts", "account_forecasts", "position_forecasts")
WEEK = 7


@dataclass(frozen=True)
class LoggedPlan:
    """A plan as it was logged, in centimes of its currency: what the office opens with, the plan's balance after thirteen weeks and its
    lowest day by then. `is_new`: whether the log lacked it. Balances are None where no account has a known one. `problems`: rows refused, then
    what the plan was made in spite of."""

    plan_id: str
    as_of: date
    currency_code: str
    known_import_id: str
    opening_centimes: int | None
    closing_centimes: int | None
    lowest_centimes: int | None
    lowest_date: date | None
    problems: tuple[Problem, ...]
    is_new: bool


@dataclass(frozen=True)
class ToldOnce:
    """A problem of one or several plans, as the last of them tells it, and the dates of those plans, in order."""

    problem: Problem
    as_of: tuple[date, ...]


# Values of a sentence that another date of the plan changes: they make no other problem of it.
_OF_THE_DATE = frozenset({"count", "amount", "until", "day", "value", "as_of", "first"})


def told_once(plans: Sequence[LoggedPlan]) -> list[ToldOnce]:
    """The problems of plans made together, each once, in the order in which the plans tell of them."""
    found: dict[Any, ToldOnce] = {}
    for plan in sorted(plans, key=lambda plan: plan.as_of):
        for problem in plan.problems:
            same = tuple(sorted((k, str(v)) for k, v in problem.values.items() if k not in _OF_THE_DATE))
            key = (problem.code, problem.severity, problem.where, problem.row_key, same)
            days = found[key].as_of if key in found else ()
            found[key] = ToldOnce(problem, tuple(dict.fromkeys((*days, plan.as_of))))
    return list(found.values())


def log_plans(
    office: Path,
    made_at: datetime,
    actor: str,
    as_of: date | None = None,
    origins: int = 1,
    known_on: str | None = None,
    receivables: bool = True,
    currencies: Sequence[str] = (),
    progress: Told | None = None,
) -> tuple[str | None, list[LoggedPlan]]:
    """Make the plans of an office on a date (by default the last day booked) and at `origins` − 1 earlier ones, a week apart, and log them.

    One plan a currency that the office holds, or of those named. Earlier ones are made to be judged, and end with their 13 weeks. What they
    share is read and worked out once.

    A plan is *made at the time* where nothing was known of later days: it reads the newest data of the office
    and no statement closes a day after its origin; any other is logged as made again. One without its receivables is a try.

    The import that brought the rows (None: the log held every plan already), and the plans, oldest
    first; those of the date bear what they rest on badly (`plan_doubts`). Raises what `plan_of` raises, and `Unanswerable` for a date long after the last day told.
    """
    opened, now, bank_days = (
        store.open_office(office, instant_or_import(known_on)),
        store.open_office(office),
        load_bank_days(),
    )
    booked, newest = newest_by(opened, where=str(office)), _newest(opened, made_at)
    last = as_of or newest
    plan_doubts.refuse_beyond_books(newest, last, bank_days)
    doubts = [
        *plan_doubts.of_booked_ahead(booked, newest, last),
        *plan_doubts.of_old_books(opened, last, None if as_of or known_on else made_at.date(), bank_days),
        *plan_doubts.of_refused_register(opened),
    ]
    told_by_now = None if opened.data_import_id != now.data_import_id else _newest(now, made_at)
    days = [last - timedelta(days=WEEK * back) for back in range(origins - 1, -1, -1)]
    shared = Receivables(opened, days, bank_days) if receivables else False
    told: list[tuple[LoggedPlan, Rows]] = []
    with ExitStack() as stack:
        held = HeldOffice(opened, stack) if origins > 1 else opened
        for number, day in enumerate(days):
            if progress:
                progress(number, len(days), day.isoformat())
            tables = plan_tables_of(held, day, shared, bank_days)
            for currency in _asked(tables, currencies, day == last):
                plan = plan_of(opened, day, receivables, currency, bank_days, tables=tables, twelve_months=day == last)
                is_made_again = told_by_now is None or day < told_by_now
                told.append(
                    (
                        _told(plan, doubts if day == last else ()),
                        _rows(plan, made_at, is_made_again, is_try=not receivables),
                    )
                )
    return _written(office, told, actor)


def _asked(tables: PlanTables, currencies: Sequence[str], is_asked: bool) -> list[str]:
    """Currencies to plan: those named, else all that are held. A date that was asked for and of which nothing is known is refused by its plan, so is a
    currency named that nobody holds; an earlier date is passed over, for every currency or for the one not held yet."""
    if is_asked:
        return list(currencies) or currencies_of(tables) or ["MAD"]
    if is_nothing_known(tables.flows, tables.opening, tables.known, tables.as_of):
        return []
    held = currencies_of(tables)
    return [code for code in currencies if code in held] if currencies else held


def _newest(office: Any, made_at: datetime) -> date:
    """The newest day that statements close; a day yet to come when the plan is made is a slip of the pen."""
    booked = newest_by(office)
    return newest_by(office, until=made_at.date()) if booked > made_at.date() else booked


def _rows(plan: cash.CashPlan, made_at: datetime, is_made_again: bool, is_try: bool) -> Rows:
    return {
        "forecasts": cash.log_rows(plan, made_at, is_made_again=is_made_again, is_try=is_try),
        "account_forecasts": cash.account_rows(plan),
        "position_forecasts": cash.position_rows(plan),
    }


def _written(office: Path, told: Sequence[tuple[LoggedPlan, Rows]], actor: str) -> tuple[str | None, list[LoggedPlan]]:
    """A plan logged before its accounts and balances were has them added: it is the same plan, by its name."""
    with store.writer(office, kind=FORECAST, actor=actor) as writer:
        known = {
            name: {row[0] for row in writer.read(name).project("plan_id").distinct().fetchall()} for name in LOG_TABLES
        }
        done, is_changed = [], False
        for plan, rows in told:
            is_new = plan.plan_id not in known["forecasts"]
            for name in LOG_TABLES:
                if plan.plan_id not in known[name] and len(rows[name]):
                    writer.append(name, rows[name])
                    known[name].add(plan.plan_id)
                    is_changed = True
            done.append(LoggedPlan(**{**vars(plan), "is_new": is_new}))
        if not is_changed:
            writer.abandon()
        return None if writer.is_abandoned else writer.import_id, done


def _told(plan: cash.CashPlan, more: Sequence[Problem]) -> LoggedPlan:
    position = plan.positions(until=plan.daily_until)
    values = position["value_centimes"]
    known = bool(values.notna().all()) and len(values) > 0
    lowest = int(values.astype("int64").argmin()) if known else 0
    return LoggedPlan(
        plan_id=plan.plan_id,
        as_of=plan.as_of,
        currency_code=plan.currency_code,
        known_import_id=plan.known_import_id,
        opening_centimes=int(position["opening_centimes"].iloc[0]) if known else None,
        closing_centimes=int(values.iloc[-1]) if known else None,
        lowest_centimes=int(values.iloc[lowest]) if known else None,
        lowest_date=position["day_date"].iloc[lowest].date() if known else None,
        problems=(*plan.notes.get("problems", ()), *more, *plan.notes.get("told", ())),
        is_new=True,
    )
