"""Cash positions: what the office holds, in bank and in value, what is coming, what it costs, how far it is proven."""

from workbench.cash.accuracy import accuracy, one_plan_an_origin, with_actuals
from workbench.cash.closed import closed_and_empty, without
from workbench.cash.credit import credit_room
from workbench.cash.facts import cash_facts
from workbench.cash.findings import card_rows, decisions, findings, lede, tone
from workbench.cash.flow_lines import booked_lines, classify, daily_flows, flow_totals, flows_on_their_way, lines_tie
from workbench.cash.flow_rules import RULES_FILE, FlowLine, FlowRule, load_lines, load_rules
from workbench.cash.forecast_log import log_rows
from workbench.cash.forward import flows_in_course, flows_without_balance, forward_positions, named_flows
from workbench.cash.idle import accounts_without_floor, idle_balances, levelling_error, over_limit
from workbench.cash.known_flows import KnownFlows, gather_known_flows, known_flows
from workbench.cash.label_answers import Accepted, accept_labels, write_labels
from workbench.cash.label_suggestions import known_labels, suggest, unclassified
from workbench.cash.month import Month, month_of
from workbench.cash.month_page import (
    MONTH_KINDS,
    month_card_rows,
    month_decisions,
    month_findings,
    month_states,
    month_tables,
    month_ties,
    month_tone,
)
from workbench.cash.outlook import CONFIDENCE, Beside, Outlook, outlook
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
from workbench.cash.plan_making import make_plan
from workbench.cash.plan_page import PLAN_KINDS, plan_tables, plan_ties, treasurer_sheet
from workbench.cash.plan_record import Record, plan_record
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
from workbench.cash.scenario_files import load_scenarios
from workbench.cash.scenario_table import compare
from workbench.cash.scenarios import Surroundings, each_scenario
from workbench.cash.situation import Situation, situation
from workbench.cash.supplier_items import open_supplier_items, overdue_suppliers
from workbench.cash.tables import cash_tables, curves, forward_steps, month_steps, ties

__all__ = [
    "CONFIDENCE",
    "MONTH_KINDS",
    "PLAN_CODES",
    "PLAN_KINDS",
    "RULES_FILE",
    "Accepted",
    "Beside",
    "CashPlan",
    "FlowLine",
    "FlowRule",
    "KnownFlows",
    "Month",
    "Outlook",
    "Record",
    "Situation",
    "Surroundings",
    "accept_labels",
    "accounts_without_floor",
    "accuracy",
    "balance_steps",
    "booked_lines",
    "card_rows",
    "cash_facts",
    "cash_tables",
    "classify",
    "closed_and_empty",
    "compare",
    "contradictions",
    "credit_room",
    "curves",
    "daily_flows",
    "daily_positions",
    "decisions",
    "each_scenario",
    "findings",
    "flow_totals",
    "flows_by",
    "flows_in_course",
    "flows_on_their_way",
    "flows_without_balance",
    "forward_positions",
    "forward_steps",
    "gaps",
    "gather_known_flows",
    "idle_balances",
    "known_flows",
    "known_labels",
    "known_marks",
    "last_statements",
    "lede",
    "levelling_error",
    "lines_between",
    "lines_tie",
    "load_lines",
    "load_rules",
    "load_scenarios",
    "log_rows",
    "make_plan",
    "month_card_rows",
    "month_decisions",
    "month_findings",
    "month_of",
    "month_states",
    "month_steps",
    "month_tables",
    "month_ties",
    "month_tone",
    "named_flows",
    "one_plan_an_origin",
    "open_supplier_items",
    "other_names",
    "outlook",
    "over_limit",
    "overdue_suppliers",
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
    "suggest",
    "ties",
    "tone",
    "treasurer_layout",
    "treasurer_sheet",
    "turned_away",
    "typed_apart",
    "unclassified",
    "value_on_its_way",
    "with_actuals",
    "without",
    "write_labels",
]
