"""Cash positions: what the office holds, in bank and in value, what is coming, what it costs, how far it is proven."""

from workbench.cash.calendar_design import Feast, feasts_of
from workbench.cash.calendar_model import CalendarFit, CalendarForecast, backtest, fit_calendar
from workbench.cash.facts import cash_facts
from workbench.cash.findings import card_rows, decisions, findings, lede, tone
from workbench.cash.forward import flows_in_course, flows_without_balance, forward_positions, named_flows
from workbench.cash.idle import accounts_without_floor, idle_balances, levelling_error, over_limit
from workbench.cash.own_transfers import flows_by, lines_between, own_transfers
from workbench.cash.positions import (
    balance_steps,
    daily_positions,
    other_names,
    position_on,
    positions_by,
    value_on_its_way,
)
from workbench.cash.proof import (
    contradictions,
    gaps,
    last_statements,
    proven_share,
    states_of_accounts,
    turned_away,
    typed_apart,
)
from workbench.cash.situation import Situation, situation
from workbench.cash.tables import cash_tables, curves, forward_steps, month_steps, ties

__all__ = [
    "CalendarFit",
    "CalendarForecast",
    "Feast",
    "Situation",
    "accounts_without_floor",
    "backtest",
    "balance_steps",
    "card_rows",
    "cash_facts",
    "cash_tables",
    "contradictions",
    "curves",
    "daily_positions",
    "decisions",
    "feasts_of",
    "findings",
    "fit_calendar",
    "flows_by",
    "flows_in_course",
    "flows_without_balance",
    "forward_positions",
    "forward_steps",
    "gaps",
    "idle_balances",
    "last_statements",
    "lede",
    "levelling_error",
    "lines_between",
    "month_steps",
    "named_flows",
    "other_names",
    "over_limit",
    "own_transfers",
    "position_on",
    "positions_by",
    "proven_share",
    "situation",
    "states_of_accounts",
    "ties",
    "tone",
    "turned_away",
    "typed_apart",
    "value_on_its_way",
]
