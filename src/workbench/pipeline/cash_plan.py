"""The cash plan of an office: banking, cash, recovery and receipts brought together, as known on an import, for a date.

One plan a currency. The tables are those of the office as it was opened (`store.open_office(folder, known_on)`), and of them only what had
happened by `as_of`: so a past plan can be made again as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from workbench import banking, cash
from workbench.cash.known.booked_ahead import booked_ahead
from workbench.cash.known.hindsight import closings_known
from workbench.cash.known.known_flows import KnownFlows, gather_known_flows
from workbench.cash.known.late_values import LateValues, late_values
from workbench.cash.lines.flow_rules import OWN_TRANSFER, UNCLASSIFIED
from workbench.cash.models.calendar_design import feasts_of
from workbench.cash.models.dated_events import DatedEvent, load_events
from workbench.cash.plan import plan_problems
from workbench.cash.plan.plan_calendar import calendar_days
from workbench.cash.plan.plan_making import PATHS, SEED, make_plan
from workbench.cash.plan.plan_months import Months
from workbench.cash.plan.plan_paths import measured_slips
from workbench.cash.plan.plan_rows import horizon_of
from workbench.errors import Unanswerable
from workbench.frames import to_pandas
from workbench.pipeline.flow_history import Tables, classified_lines, resolved
from workbench.pipeline.plan_receivables import Receivables
from workbench.schemas.checking import Problem
from workbench.standards import BankDays, MovableFeast, load_bank_days, load_movable_feasts, office_targets, value_on

_REGISTERS = (
    "loans",
    "payment_calendar",
    "suppliers_due",
    "placements",
    "payment_plans",
    "agreements",
    "planned_flows",
)


@dataclass(frozen=True)
class PlanTables:
    """Everything that a plan is made from, as known and up to `as_of`, in every currency: see `cash.make_plan`."""

    as_of: date
    flows: pd.DataFrame
    known: KnownFlows
    expected: pd.DataFrame | None
    opening: pd.DataFrame
    accounts: pd.DataFrame
    overrides: pd.DataFrame
    calendar: pd.DataFrame
    slips: Mapping[str, Sequence[int]]
    floors: Mapping[str, int]
    flow_totals: pd.DataFrame
    holes: pd.DataFrame | None = None
    told: tuple[Problem, ...] = ()
    sweeps: pd.DataFrame | None = None  # accounts that own transfers feed or empty by habit (`cash.sweeps`)
    ahead: pd.DataFrame | None = None
    late: LateValues | None = None
    unclassified: pd.DataFrame | None = None  # shapes of labels that no rule takes (`cash.unclassified`)


def plan_of(
    office: Any,
    as_of: date,
    receivables: bool = True,
    currency_code: str = "MAD",
    bank_days: BankDays | None = None,
    events: Sequence[DatedEvent] | None = None,
    feasts: Sequence[MovableFeast] | None = None,
    tables: PlanTables | None = None,
    twelve_months: bool = True,
    paths: int = PATHS,
    seed: int = SEED,
    months: Months | None = None,
) -> cash.CashPlan:
    """The cash plan of a currency of an office on a date.

    Parameters
    ----------
    office
        `store.open_office(folder, known_on)`: what was known.
    receivables
        Whether receipts that the receivables tell are raced against the calendar alone; without them the plan still runs.
    bank_days, feasts
        Closed days and movable feasts, by default those of the reference folder: a scenario gives others.
    tables
        As from `plan_tables_of`, where several plans are made of them (one a currency).
    months
        As from the notes of a plan of the same tables, where months beyond the weeks are not to be raced again.
    twelve_months
        Whether the plan goes on for twelve months; without, it ends with the thirteen weeks, and so does its log.

    Raises `Unanswerable` where nothing is known in that currency, `OutsideSpan` where the bank calendar ends before the plan.
    """
    bank_days = bank_days or load_bank_days()
    tables = tables or plan_tables_of(office, as_of, receivables, bank_days)
    if currency_code not in currencies_of(tables):
        raise Unanswerable(
            f"no account in {currency_code} is known by {as_of.isoformat()}",
            "cash plan",
            "import statements or the register of accounts, or ask for another date",
        )
    with threadpool_limits(1):  # the same bytes on any number of cores, and none of them waits for another
        return _made(
            office, tables, receivables, currency_code, bank_days, events, feasts, twelve_months, paths, seed, months
        )


def _made(
    office: Any,
    tables: PlanTables,
    receivables: bool,
    currency_code: str,
    bank_days: BankDays,
    events: Sequence[DatedEvent] | None,
    feasts: Sequence[MovableFeast] | None,
    twelve_months: bool,
    paths: int,
    seed: int,
    months: Months | None,
) -> cash.CashPlan:
    return make_plan(
        tables.flows,
        tables.known,
        tables.expected if receivables else None,
        tables.opening,
        tables.accounts,
        bank_days=bank_days,
        as_of=tables.as_of,
        lines=cash.load_lines(),
        overrides=tables.overrides,
        currency_code=currency_code,
        events=load_events() if events is None else events,
        feasts=feasts_of(load_movable_feasts() if feasts is None else feasts),
        calendar=tables.calendar,
        slips=tables.slips,
        holes=tables.holes,
        ahead=tables.ahead,
        late=tables.late,
        floor_centimes=tables.floors.get(currency_code),
        known_import_id=office.data_import_id,
        notes={
            "flow_totals": tables.flow_totals[tables.flow_totals["currency_code"] == currency_code],
            "told": [each for each in tables.told if each.values.get("currency_code", currency_code) == currency_code],
        },
        twelve_months=twelve_months,
        paths=paths,
        seed=seed,
        months=months,
    )


def currencies_of(tables: PlanTables) -> list[str]:
    """Currencies in which an account holds or moves something, dirhams first; they are never added together."""
    held = set(tables.opening["currency_code"]) | set(tables.flows["currency_code"])
    return sorted(held, key=lambda code: (code != "MAD", code))


def plan_tables_of(
    office: Tables,
    as_of: date,
    receivables: bool | Receivables = True,
    bank_days: BankDays | None = None,
) -> PlanTables:
    """What a plan of any currency is made from; see `plan_of`. `receivables`: those of several plans, worked out once for all."""
    bank_days = bank_days or load_bank_days()
    if receivables is True:
        receivables = Receivables(office, [as_of], bank_days)
    daily, until = horizon_of(bank_days, as_of)
    days, transactions = resolved(office, "statement_days"), resolved(office, "bank_transactions")
    register = banking.describe(office["bank_accounts"], office["units"], as_of=as_of)
    is_made_again = _is_made_again(office, as_of)
    if is_made_again:
        register = closings_known(register, as_of)
    classified = classified_lines(office, as_of)
    flows_alone = classified[classified["line_code"] != OWN_TRANSFER]
    steps = cash.balance_steps(days, transactions, as_of=as_of)
    last = cash.last_statements(days, as_of=as_of)
    accounts = _with_unregistered(register, last)
    opening = _opening(register, last, steps, days, as_of, bank_days)
    registers: tuple[Any, Any, Any, Any, Any, Any, Any] = tuple(office[name] for name in _REGISTERS)
    known = gather_known_flows(
        *registers,
        cash.lines_on_their_way(flows_alone, as_of),
        as_of=as_of,
        bank_days=bank_days,
        until=until,
        accounts=accounts,
        last=last,
        is_made_again=is_made_again,
    )
    known = _on_lines(known, cash.lines_by_precedent(to_pandas(office["planned_flows"]), flows_alone))
    slips = measured_slips(
        office["planned_flows"],
        office["suppliers_due"],
        office["payment_plans"],
        office["agreements"],
        as_of=as_of,
        bank_days=bank_days,
    )
    flows = cash.daily_flows(classified, accounts, bank_days, as_of)
    holes = cash.holes(steps)
    return PlanTables(
        as_of=as_of,
        flows=flows,
        known=known,
        expected=receivables.expected(flows, as_of, daily) if receivables else None,
        opening=opening,
        accounts=accounts,
        overrides=to_pandas(office["overrides"]),
        calendar=calendar_days(office["payment_calendar"], as_of, until, bank_days),
        slips=slips,
        floors=_floors(office, register, as_of),
        flow_totals=cash.flow_totals(classified),
        holes=holes,
        told=tuple(_told(office, flows_alone, holes, known, accounts, bank_days, until)),
        sweeps=cash.sweeps(classified[classified["line_code"] == OWN_TRANSFER], as_of),
        ahead=booked_ahead(classified, bank_days, as_of),
        late=late_values(classified, bank_days, as_of),
        unclassified=cash.unclassified(classified),
    )


def _is_made_again(office: Any, as_of: date) -> bool:
    """Whether statements tell of days after `as_of`: then registers may hold what nobody knew that day. Days after the office itself was
    written are slips of the pen."""
    days = office["statement_days"].filter("not is_superseded")
    if written := getattr(office, "imported_at", None):
        days = days.filter(f"day_date <= DATE '{written.date().isoformat()}'")
    newest = days.aggregate("max(day_date)").fetchall()[0][0]
    return newest is not None and as_of < date.fromisoformat(str(newest)[:10])


def _told(
    office: Any, flows_alone: pd.DataFrame, holes: pd.DataFrame, known: KnownFlows, accounts: pd.DataFrame,
    bank_days: BankDays, until: date,
) -> list[Problem]:  # fmt: skip
    """What the plan is made in spite of."""
    lines = [line.line_code for line in cash.load_lines()]
    return [
        *plan_problems.of_value_dates(flows_alone, bank_days, until),
        *plan_problems.of_holes(holes),
        *plan_problems.of_unknown_lines(known.flows, office["budgets"], lines),
        *plan_problems.of_currencies(known.left_out, set(accounts["currency_code"])),
        *plan_problems.of_closed_accounts(known.left_out),
        *plan_problems.of_placements(known.flows, until),
    ]


def _on_lines(known: KnownFlows, lines: pd.DataFrame) -> KnownFlows:
    """Flows in course that no schedule put on a line, on that of their like."""
    told = known.flows["flow_id"].map(lines.set_index("flow_id")["line_code"])
    takes = told.notna() & (known.flows["line_code"] == UNCLASSIFIED)
    flows = known.flows.assign(line_code=known.flows["line_code"].where(~takes, told).astype("str"))
    return replace(known, flows=flows)


def _with_unregistered(register: pd.DataFrame, last: pd.DataFrame) -> pd.DataFrame:
    """The register, and accounts that only statements tell of: under their own name, of no bank and directorate."""
    strangers = last[~last["account_number"].isin(register["account_number"])]
    if strangers.empty:
        return register
    rows = strangers[["account_number", "currency_code"]].assign(account_label=strangers["account_number"])
    return pd.concat([register, rows], ignore_index=True)


def _opening(
    register: pd.DataFrame, last: pd.DataFrame, steps: pd.DataFrame, days: Any, as_of: date, bank_days: BankDays
) -> pd.DataFrame:
    """Balance in value of every account on `as_of`, carried from its last statement; null where there is none: unknown, not zero."""
    today = cash.balances_on(steps, as_of)
    keys = ["account_number", "currency_code"]
    gone = cash.closed_and_empty(register, today, as_of)
    lag = int(value_on("default_statement_lag_days", as_of).value)
    contradicted = cash.contradictions(cash.other_names(days, as_of=as_of))
    states = cash.states_of_accounts(
        cash.without(register, gone), cash.without(last, gone), bank_days, as_of, lag, contradicted
    )
    return states.merge(today[[*keys, "value_centimes"]], on=keys, how="left")[
        [*keys, "value_centimes", "state_code", "statement_date"]
    ]


def _floors(office: Tables, register: pd.DataFrame, as_of: date) -> dict[str, int]:
    """Floor of the position, by currency: the office's own target (dirhams), else the sum of the accounts' floors where all have one."""
    found: dict[str, int] = {}
    for currency, group in register.groupby("currency_code"):
        if group["floor_centimes"].notna().all():
            found[str(currency)] = int(group["floor_centimes"].sum())
    target = office_targets(to_pandas(office["targets"]), as_of).get("value_position")
    return found | ({"MAD": int(target.value * 100)} if target is not None else {})
