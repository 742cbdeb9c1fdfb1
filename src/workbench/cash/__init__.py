"""Cash positions: what the office holds, in bank and in value, what is coming, what it costs, how far it is proven."""

from workbench.cash.closed import closed_and_empty, without
from workbench.cash.facts import cash_facts
from workbench.cash.findings import card_rows, decisions, findings, lede, tone
from workbench.cash.forward import flows_in_course, flows_without_balance, forward_positions, named_flows
from workbench.cash.idle import accounts_without_floor, idle_balances, levelling_error, over_limit
from workbench.cash.judging.accuracy import accuracy, naive_scales, one_plan_an_origin, with_actuals
from workbench.cash.judging.headroom import draw_by, lines_to_draw, placeable_until, suppliers_to_pay
from workbench.cash.judging.misses import miss_summary, split_misses
from workbench.cash.judging.plan_changes import against_budget, against_last
from workbench.cash.judging.plan_facts import plan_facts, verdict_status
from workbench.cash.judging.rate_moves import rate_effects
from workbench.cash.judging.receipt_bands import receipt_band_coverage
from workbench.cash.judging.risk import LowPoint, buffer_needed, days_of_cover, low_point, risk_by_day
from workbench.cash.judging.risk_drivers import variance_shares
from workbench.cash.judging.scenario_files import Scenario, load_scenario, load_scenarios
from workbench.cash.judging.scenario_table import compare as compare_scenarios
from workbench.cash.judging.scenarios import Surroundings, each_scenario
from workbench.cash.judging.scenarios import apply as apply_scenario
from workbench.cash.judging.trust import Trust, trust, trust_trend
from workbench.cash.known.credit import credit_room
from workbench.cash.known.known_flows import KnownFlows, gather_known_flows, known_flows
from workbench.cash.known.precedents import lines_by_precedent, lines_on_their_way
from workbench.cash.known.supplier_items import open_supplier_items, overdue_suppliers
from workbench.cash.lines.flow_lines import (
    booked_lines,
    classify,
    daily_flows,
    flow_totals,
    flows_on_their_way,
    lines_tie,
)
from workbench.cash.lines.flow_rules import RULES_FILE, FlowLine, FlowRule, load_lines, load_rules
from workbench.cash.lines.label_answers import Accepted, accept_labels, write_labels
from workbench.cash.lines.label_suggestions import known_labels, suggest, unclassified
from workbench.cash.models.calendar_design import Feast, feasts_of
from workbench.cash.models.calendar_model import CalendarFit, CalendarForecast, backtest, fit_calendar
from workbench.cash.models.dated_events import DatedEvent, load_events
from workbench.cash.models.flow_study import Study, lines_of, study
from workbench.cash.models.forecast import PanelForecast, forecast_panel
from workbench.cash.models.monthly import monthly_forecast, months_of
from workbench.cash.models.panel import Panel, brought_down
from workbench.cash.own_transfers import flows_by, lines_between, own_transfers, sweeps
from workbench.cash.plan.forecast_log import account_rows, log_rows, position_rows
from workbench.cash.plan.month import Month, month_of
from workbench.cash.plan.month_page import (
    MONTH_KINDS,
    month_card_rows,
    month_decisions,
    month_findings,
    month_states,
    month_tables,
    month_ties,
    month_tone,
)
from workbench.cash.plan.outlook import CONFIDENCE, Beside, Outlook, known_marks, outlook
from workbench.cash.plan.plan import CashPlan
from workbench.cash.plan.plan_findings import PLAN_CODES, plan_findings
from workbench.cash.plan.plan_layout import treasurer_layout
from workbench.cash.plan.plan_making import make_plan
from workbench.cash.plan.plan_page import (
    FOLDED_TABLES,
    MARK_KINDS,
    PLAN_KINDS,
    TRUST_TABLES,
    plan_tables,
    plan_ties,
    treasurer_sheet,
)
from workbench.cash.plan.plan_record import Record, plan_record
from workbench.cash.plan.plan_tones import (
    plan_card_rows,
    plan_card_states,
    plan_curve,
    plan_decisions,
    plan_doubts,
    plan_lede,
    plan_status,
    plan_tone,
)
from workbench.cash.positions import (
    balance_steps,
    balances_on,
    daily_positions,
    other_names,
    position_on,
    positions_by,
    value_on_its_way,
)
from workbench.cash.proof import (
    contradictions,
    gaps,
    holes,
    last_statements,
    proven_share,
    states_of_accounts,
    turned_away,
    typed_apart,
)
from workbench.cash.situation import Situation, situation
from workbench.cash.tables import cash_tables, curves, forward_steps, month_steps, ties

__all__ = [
    "CONFIDENCE",
    "FOLDED_TABLES",
    "MARK_KINDS",
    "MONTH_KINDS",
    "PLAN_CODES",
    "PLAN_KINDS",
    "RULES_FILE",
    "TRUST_TABLES",
    "Accepted",
    "Beside",
    "CalendarFit",
    "CalendarForecast",
    "CashPlan",
    "DatedEvent",
    "Feast",
    "FlowLine",
    "FlowRule",
    "KnownFlows",
    "LowPoint",
    "Month",
    "Outlook",
    "Panel",
    "PanelForecast",
    "Record",
    "Scenario",
    "Situation",
    "Study",
    "Surroundings",
    "Trust",
    "accept_labels",
    "account_rows",
    "accounts_without_floor",
    "accuracy",
    "against_budget",
    "against_last",
    "apply_scenario",
    "backtest",
    "balance_steps",
    "balances_on",
    "booked_lines",
    "brought_down",
    "buffer_needed",
    "card_rows",
    "cash_facts",
    "cash_tables",
    "classify",
    "closed_and_empty",
    "compare_scenarios",
    "contradictions",
    "credit_room",
    "curves",
    "daily_flows",
    "daily_positions",
    "days_of_cover",
    "decisions",
    "draw_by",
    "each_scenario",
    "feasts_of",
    "findings",
    "fit_calendar",
    "flow_totals",
    "flows_by",
    "flows_in_course",
    "flows_on_their_way",
    "flows_without_balance",
    "forecast_panel",
    "forward_positions",
    "forward_steps",
    "gaps",
    "gather_known_flows",
    "holes",
    "idle_balances",
    "known_flows",
    "known_labels",
    "known_marks",
    "last_statements",
    "lede",
    "levelling_error",
    "lines_between",
    "lines_by_precedent",
    "lines_of",
    "lines_on_their_way",
    "lines_tie",
    "lines_to_draw",
    "load_events",
    "load_lines",
    "load_rules",
    "load_scenario",
    "load_scenarios",
    "log_rows",
    "low_point",
    "make_plan",
    "miss_summary",
    "month_card_rows",
    "month_decisions",
    "month_findings",
    "month_of",
    "month_states",
    "month_steps",
    "month_tables",
    "month_ties",
    "month_tone",
    "monthly_forecast",
    "months_of",
    "naive_scales",
    "named_flows",
    "one_plan_an_origin",
    "open_supplier_items",
    "other_names",
    "outlook",
    "over_limit",
    "overdue_suppliers",
    "own_transfers",
    "placeable_until",
    "plan_card_rows",
    "plan_card_states",
    "plan_curve",
    "plan_decisions",
    "plan_doubts",
    "plan_facts",
    "plan_findings",
    "plan_lede",
    "plan_record",
    "plan_status",
    "plan_tables",
    "plan_ties",
    "plan_tone",
    "position_on",
    "position_rows",
    "positions_by",
    "proven_share",
    "rate_effects",
    "receipt_band_coverage",
    "risk_by_day",
    "situation",
    "split_misses",
    "states_of_accounts",
    "study",
    "suggest",
    "suppliers_to_pay",
    "sweeps",
    "ties",
    "tone",
    "treasurer_layout",
    "treasurer_sheet",
    "trust",
    "trust_trend",
    "turned_away",
    "typed_apart",
    "unclassified",
    "value_on_its_way",
    "variance_shares",
    "verdict_status",
    "with_actuals",
    "without",
    "write_labels",
]
