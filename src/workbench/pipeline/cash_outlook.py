"""The outlook of cash of an office: its plan, scenarios of it, what stands in its registers and log, brought together for a page."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import narwhals as nw
import pandas as pd

from workbench import banking, cash
from workbench.cash.judging.proven_accounts import proof_of
from workbench.errors import Unanswerable
from workbench.frames import frame, to_pandas
from workbench.pipeline.cash_plan import PlanTables, plan_of, plan_tables_of
from workbench.pipeline.plan_scenarios import scenarios_of
from workbench.pipeline.project import OWN
from workbench.pipeline.runs import newest_by
from workbench.reporting.words import say
from workbench.standards import BankDays, load_bank_days

LAST_PLANS = 26  # origins of the log that a page looks at: half a year of Mondays
REPORT = "treasury/cash_plan"
CURVE_DAYS = 62  # days of the position before the plan, as on the page of the position
NO_DAY = datetime(1970, 1, 1, tzinfo=UTC)  # of rows that are made to be compared, not logged


def outlook_of(
    office: Any,
    as_of: date,
    forecasts: Any,
    weeks: int = 13,
    receivables: bool = True,
    currency_code: str = "MAD",
    confidence: float = cash.CONFIDENCE,
) -> cash.Outlook:
    """The plan of an office on a date, and everything that its page says of it. Raises what `plan_of` raises.

    `forecasts` is the log of plans, `office["forecasts"]`: a notebook names it, so that its page is made again when a plan is logged.
    """
    bank_days = load_bank_days()
    tables = plan_tables_of(office, as_of, receivables, bank_days)
    plan = plan_of(office, as_of, receivables, currency_code, bank_days, tables=tables)
    log = _logged(forecasts, as_of, currency_code)
    told = scenarios_of(office, plan, tables, bank_days, receivables)
    if told.problems:
        plan = replace(plan, notes={**plan.notes, "told": [*plan.notes.get("told", ()), *told.problems]})
    chosen = cash.load_scenarios(own=office.folder / OWN, faults={})  # what does not hold is told by `scenarios_of`
    beside = cash.Beside(
        lines=pd.DataFrame([asdict(line) for line in cash.load_lines()]),
        position=position_before(office, as_of, currency_code),
        actual=_of(tables.flows, currency_code),
        known=_of(plan.notes["flows"], currency_code),
        log=log,
        overdue=_of(cash.overdue_suppliers(office["suppliers_due"], as_of), currency_code),
        credit=_of(cash.credit_room(office["credit_lines"], as_of, _low_day(plan)), currency_code),
        accounts=tables.accounts.reindex(
            columns=["account_number", "account_label", "floor_centimes", "bank_code", "bank_name", "role_code"]
        ),
        scenarios=told.days,
        scenario_sums=told.sums,
        unclassified=pd.DataFrame() if tables.unclassified is None else _of(tables.unclassified, currency_code),
        sweeps=pd.DataFrame() if tables.sweeps is None else tables.sweeps,
        scenario_labels={code: _marked(labels, chosen.get(code)) for code, labels in told.labels.items()},
        scenario_steps=_with_sources(told.steps, chosen),
        scenario_sources={one.source: {lang: one.source_in(lang) for lang in ("fr", "en")} for one in chosen.values()},
        logged_id=plan.plan_id if _is_logged(forecasts, plan.plan_id) else None,
        record=_record(office, plan, tables, log, bank_days, currency_code),
    )
    return cash.outlook(plan, beside, weeks, confidence)


def month_of(office: Any, as_of: date, forecasts: Any, currency_code: str = "MAD") -> cash.Month:
    """The month of an office that ends on a date: its outlook, its situation, its placements and debts; `forecasts` as in `outlook_of`.

    Raises `Unanswerable` where no statement closes a day of the month: nothing is known of it, which is not « nothing came ».
    """
    last = newest_by(office, as_of)
    if last < as_of.replace(day=1):
        raise Unanswerable(
            f"no statement closes a day of the month of {as_of.isoformat()}; the last day closed is {last.isoformat()}",
            remedy="import its statements, or ask for an earlier month",
        )
    names = (office["account_aliases"], office["bank_accounts"])
    days = banking.resolve(office["statement_days"], *names, lazy=True)
    lines = banking.resolve(office["bank_transactions"], *names, lazy=True)
    found = cash.situation(
        days,
        lines,
        banking.describe(office["bank_accounts"], office["units"], as_of=as_of),
        office["planned_flows"],
        office["typed_balances"],
        as_of=as_of,
        targets=office["targets"],
        statements=banking.resolve(office["statements"], *names, lazy=True),
    )
    outlook = outlook_of(office, as_of, forecasts, currency_code=currency_code)
    moved = outlook.beside.actual.groupby("account_number")["flow_date"].max().rename("last_date").reset_index()
    return cash.month_of(outlook, found, office["placements"], office["loans"], office["bank_accounts"], moved)


def _marked(labels: Mapping[str, str], scenario: cash.Scenario | None) -> dict[str, str]:
    """The label of a scenario in each language: one whose figures are an assumption of the workbench says so wherever it is named."""
    if scenario is None or scenario.status != "illustrative":
        return dict(labels)
    return {lang: say(REPORT, "scenario_illustrative", lang, label=label) for lang, label in labels.items()}


def _with_sources(steps: pd.DataFrame, chosen: Mapping[str, cash.Scenario]) -> pd.DataFrame:
    if steps.empty:
        return steps
    told = [chosen.get(code) for code in steps["scenario_code"]]
    natures, sources = (pd.array([getattr(one, name, None) for one in told], "str") for name in ("status", "source"))
    return steps.assign(nature_code=natures, source=sources)


def _of(table: pd.DataFrame, currency_code: str) -> pd.DataFrame:
    return table[table["currency_code"] == currency_code].reset_index(drop=True)


def position_before(office: Any, as_of: date, currency_code: str = "MAD") -> pd.DataFrame:
    """The position in value of the office, day by day up to a date: `day_date`, `value_centimes`."""
    daily = _balances(office, as_of - timedelta(days=CURVE_DAYS), as_of)
    register = banking.describe(office["bank_accounts"], office["units"], as_of=as_of)
    return _of(cash.positions_by(daily, register), currency_code)[["day_date", "value_centimes"]]


def _balances(office: Any, start: date, as_of: date) -> pd.DataFrame:
    """What every account held, day by day (`daily_positions`)."""
    names = (office["account_aliases"], office["bank_accounts"])
    days = banking.resolve(office["statement_days"], *names, lazy=True)
    lines = banking.resolve(office["bank_transactions"], *names, lazy=True)
    return cash.daily_positions(cash.balance_steps(days, lines, as_of=as_of), start, as_of)


def _low_day(plan: cash.CashPlan) -> date | None:
    """The day of the weeks on which the plan is lowest: a credit line that ends before it does not help there."""
    position = plan.positions(until=plan.daily_until)
    values = position["value_centimes"]
    if values.empty or values.isna().any():
        return None
    low: date = position["day_date"].iloc[int(values.astype("int64").to_numpy().argmin())].date()
    return low


def _logged(forecasts: Any, as_of: date, currency_code: str) -> pd.DataFrame:
    """The last plans of origins before the date, one an origin. Only their rows leave the engine, however long the log has grown."""
    asked = nw.col("origin_date") < as_of, nw.col("currency_code") == currency_code, ~nw.col("is_try").fill_null(False)
    rows = frame(forecasts).filter(*asked)
    origins = to_pandas(rows.select("origin_date").unique().sort("origin_date", descending=True).head(LAST_PLANS))
    if origins.empty:
        return to_pandas(rows)
    first = origins["origin_date"].min().date()
    return cash.one_plan_an_origin(to_pandas(rows.filter(nw.col("origin_date") >= first)))


def _is_logged(forecasts: Any, plan_id: str) -> bool:
    """Whether the log holds a plan of a name: the same books, parameters and amounts."""
    return bool(len(to_pandas(frame(forecasts).filter(nw.col("plan_id") == plan_id).select("plan_id").head(1))))


def _record(
    office: Any, plan: cash.CashPlan, tables: PlanTables, log: pd.DataFrame, bank_days: BankDays, currency_code: str
) -> cash.Record:
    now = to_pandas(cash.log_rows(plan, NO_DAY))
    opening = tables.opening[tables.opening["currency_code"] == currency_code]
    holes = None if tables.holes is None else _of(tables.holes, currency_code)
    budgets = _of(to_pandas(office["budgets"]), currency_code)
    flows = _of(tables.flows, currency_code)
    by_account, positions = (_of_plans(office[name], log) for name in ("account_forecasts", "position_forecasts"))
    balances = None
    if len(positions):
        balances = _of(_balances(office, positions["origin_date"].min().date(), plan.as_of), currency_code)
    return cash.plan_record(
        log, flows, budgets, bank_days, plan.as_of, proof_of(opening, plan.as_of, holes), this_plan=now,
        by_account=by_account, positions=positions, balances=balances,
    )  # fmt: skip


def _of_plans(table: Any, log: pd.DataFrame) -> pd.DataFrame:
    """Rows of the plans of the log; only they leave the engine."""
    plans = log["plan_id"].unique().tolist() if len(log) else []
    return to_pandas(frame(table).filter(nw.col("plan_id").is_in(plans))) if plans else pd.DataFrame()
