"""Cash positions: what the office holds, in bank and in value, what is coming, what it costs, how far it is proven."""

from workbench.cash.dated_events import DatedEvent, load_events
from workbench.cash.facts import cash_facts
from workbench.cash.findings import card_rows, decisions, findings, lede, tone
from workbench.cash.forecast import PanelForecast, forecast_panel
from workbench.cash.forward import flows_in_course, flows_without_balance, forward_positions, named_flows
from workbench.cash.idle import accounts_without_floor, idle_balances, levelling_error, over_limit
from workbench.cash.monthly import monthly_forecast, months_of
from workbench.cash.own_transfers import flows_by, lines_between, own_transfers
from workbench.cash.panel import Panel
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
    "DatedEvent",
    "Panel",
    "PanelForecast",
    "Situation",
    "accounts_without_floor",
    "balance_steps",
    "card_rows",
    "cash_facts",
    "cash_tables",
    "contradictions",
    "curves",
    "daily_positions",
    "decisions",
    "findings",
    "flows_by",
    "flows_in_course",
    "flows_without_balance",
    "forecast_panel",
    "forward_positions",
    "forward_steps",
    "gaps",
    "idle_balances",
    "last_statements",
    "lede",
    "levelling_error",
    "lines_between",
    "load_events",
    "month_steps",
    "monthly_forecast",
    "months_of",
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
