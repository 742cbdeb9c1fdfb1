"""Cash positions: what the office holds, in bank and in value, what is coming, what it costs, how far it is proven."""

from workbench.cash.facts import cash_facts
from workbench.cash.findings import card_rows, decisions, findings, lede, tone
from workbench.cash.forward import flows_in_course, flows_without_balance, forward_positions, named_flows
from workbench.cash.idle import accounts_without_floor, idle_balances, levelling_error, over_limit
from workbench.cash.outlook import Beside, Outlook, outlook
from workbench.cash.own_transfers import flows_by, lines_between, own_transfers
from workbench.cash.plan import CashPlan
from workbench.cash.plan_findings import (
    PLAN_CODES,
    known_marks,
    plan_card_rows,
    plan_card_states,
    plan_curve,
    plan_decisions,
    plan_findings,
    plan_lede,
    plan_status,
    plan_tone,
)
from workbench.cash.plan_layout import treasurer_layout
from workbench.cash.plan_record import Record, plan_record
from workbench.cash.plan_page import PLAN_KINDS, plan_tables, plan_ties, treasurer_sheet
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
    "PLAN_CODES",
    "PLAN_KINDS",
    "Beside",
    "CashPlan",
    "Outlook",
    "Record",
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
    "forward_positions",
    "forward_steps",
    "gaps",
    "idle_balances",
    "known_marks",
    "last_statements",
    "lede",
    "levelling_error",
    "lines_between",
    "month_steps",
    "named_flows",
    "other_names",
    "outlook",
    "over_limit",
    "own_transfers",
    "plan_card_rows",
    "plan_card_states",
    "plan_curve",
    "plan_decisions",
    "plan_findings",
    "plan_lede",
    "plan_record",
    "plan_status",
    "plan_tables",
    "plan_ties",
    "plan_tone",
    "position_on",
    "positions_by",
    "proven_share",
    "situation",
    "states_of_accounts",
    "ties",
    "tone",
    "treasurer_layout",
    "treasurer_sheet",
    "turned_away",
    "typed_apart",
    "value_on_its_way",
]
