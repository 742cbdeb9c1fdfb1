"""Cash positions: what the office holds, in bank and in value, what is coming, what it costs, how far it is proven."""

from workbench.cash.accuracy import accuracy, naive_scales, one_plan_an_origin, with_actuals
from workbench.cash.facts import cash_facts
from workbench.cash.findings import card_rows, decisions, findings, lede, tone
from workbench.cash.forward import flows_in_course, flows_without_balance, forward_positions, named_flows
from workbench.cash.headroom import draw_by, lines_to_draw, placeable_until, suppliers_to_pay
from workbench.cash.idle import accounts_without_floor, idle_balances, levelling_error, over_limit
from workbench.cash.misses import miss_summary, split_misses
from workbench.cash.own_transfers import flows_by, lines_between, own_transfers
from workbench.cash.plan import CashPlan
from workbench.cash.plan_changes import against_budget, against_last
from workbench.cash.plan_facts import plan_decisions_asked, plan_facts
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
from workbench.cash.rate_moves import rate_effects
from workbench.cash.risk import LowPoint, buffer_needed, days_of_cover, low_point, risk_by_day
from workbench.cash.risk_drivers import variance_shares
from workbench.cash.scenario_files import Scenario, load_scenario, load_scenarios
from workbench.cash.scenario_table import compare as compare_scenarios
from workbench.cash.scenarios import Surroundings, each_scenario
from workbench.cash.scenarios import apply as apply_scenario
from workbench.cash.situation import Situation, situation
from workbench.cash.tables import cash_tables, curves, forward_steps, month_steps, ties
from workbench.cash.trust import Trust, trust, trust_trend

__all__ = [
    "CashPlan",
    "LowPoint",
    "Scenario",
    "Situation",
    "Surroundings",
    "Trust",
    "accounts_without_floor",
    "accuracy",
    "against_budget",
    "against_last",
    "apply_scenario",
    "balance_steps",
    "buffer_needed",
    "card_rows",
    "cash_facts",
    "cash_tables",
    "compare_scenarios",
    "contradictions",
    "curves",
    "daily_positions",
    "days_of_cover",
    "decisions",
    "draw_by",
    "each_scenario",
    "findings",
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
    "lines_to_draw",
    "load_scenario",
    "load_scenarios",
    "low_point",
    "miss_summary",
    "month_steps",
    "naive_scales",
    "named_flows",
    "one_plan_an_origin",
    "other_names",
    "over_limit",
    "own_transfers",
    "placeable_until",
    "plan_decisions_asked",
    "plan_facts",
    "position_on",
    "positions_by",
    "proven_share",
    "rate_effects",
    "risk_by_day",
    "situation",
    "split_misses",
    "states_of_accounts",
    "suppliers_to_pay",
    "ties",
    "tone",
    "trust",
    "trust_trend",
    "turned_away",
    "typed_apart",
    "value_on_its_way",
    "variance_shares",
    "with_actuals",
]
