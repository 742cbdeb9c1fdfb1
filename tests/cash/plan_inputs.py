"""Inputs of a small plan, and a forecaster that says the mean of the last twenty days: what a test of `make_plan` starts from."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from tests.builders import table
from workbench.cash.known.known_flows import FLOW_COLUMNS, LEFT_OUT_COLUMNS, KnownFlows
from workbench.cash.lines.flow_rules import FlowLine
from workbench.cash.models.forecast import PanelForecast
from workbench.cash.models.panel import Panel
from workbench.cash.plan.plan import CashPlan
from workbench.cash.plan.plan_making import make_plan
from workbench.evidence import LEVELS
from workbench.standards import load_bank_days

AS_OF = date(2024, 9, 30)
ACCOUNTS = """
account_number account_label bank_code directorate_code role_code currency_code opened_date closed_date floor_centimes
C              Central       011       head_office      central   MAD           2015-01-01  -           -
R1             Recettes1     011       DR1              receipts  MAD           2015-01-01  -           -
R2             Recettes2     022       DR2              receipts  MAD           2015-01-01  -           -
OLD            Ancien        022       DR2              receipts  MAD           2015-01-01  2024-06-30  -
E              Euros         011       head_office      central   EUR           2015-01-01  -           -
"""
OPENING = """
account_number currency_code value_centimes state_code statement_date
C              MAD           500_000        proven     2024-09-30
R1             MAD           100_000        proven     2024-09-30
R2             MAD           -              missing    -
E              EUR           700            proven     2024-09-30
"""


def lines() -> list[FlowLine]:
    """Four lines of the plan."""
    kinds = {"receipts_counters": "in", "suppliers": "out", "payroll": "out", "debt_service": "both"}
    return [FlowLine(code, code, code, way, "operating", date(2015, 1, 1), None, "test") for code, way in kinds.items()]


def history(days: int = 130, until: date = AS_OF) -> pd.DataFrame:
    """Each bank day R1 gets 300.01 and R2 100.00 from counters, C pays suppliers 120.07; OLD got 50.00 until it closed."""
    calendar = load_bank_days().ordinals(date(2024, 1, 1), until)
    open_days = calendar.loc[calendar["is_ouvre"], "day_date"].tail(days)
    parts = []
    for number, line, amount in (
        ("R1", "receipts_counters", 30_001),
        ("R2", "receipts_counters", 10_000),
        ("C", "suppliers", -12_007),
        ("OLD", "receipts_counters", 5_000),
    ):
        on = open_days[open_days < pd.Timestamp(2024, 6, 30)] if number == "OLD" else open_days
        parts.append(
            pd.DataFrame({"account_number": number, "line_code": line, "flow_date": on, "amount_centimes": amount})
        )
    table_ = pd.concat(parts, ignore_index=True)
    return table_.assign(directorate_code=None, currency_code="MAD", line_count=1)


def known(text: str = "", left_out: str = "") -> KnownFlows:
    """Known flows written as words; what is not written is plain."""
    plain = {"due_date": pd.NaT, "counterparty": None, "is_moved": False, "is_date_estimated": False, "is_overdue": False, "supplier_code": None, "day_rule_code": None,
             "currency_code": "MAD", "certainty_code": "certain", "flow_source_code": "order", "left_out_code": "amount_missing"}  # fmt: skip
    found = []
    for words, columns in ((text, FLOW_COLUMNS), (left_out, LEFT_OUT_COLUMNS)):
        rows = (
            table(words)
            if words
            else pd.DataFrame(
                {name: [] for name in ("flow_id", "account_number", "line_code", "flow_date", "amount_centimes")}
            )
        )
        rows = rows.assign(**{name: value for name, value in plain.items() if name not in rows})
        found.append(rows[columns].astype({"amount_centimes": "Int64", "flow_date": "datetime64[us]"}))
    return KnownFlows(found[0], pd.DataFrame(), found[1])


def overrides(text: str = "") -> pd.DataFrame:
    """Overrides written as words, typed on the day of the plan."""
    if not text:
        return pd.DataFrame(
            columns=[
                "override_id",
                "entered_by",
                "entered_at",
                "line_code",
                "account_number",
                "target_date",
                "amount_centimes",
                "currency_code",
                "note",
            ]
        )
    rows = table(text)
    plain = {"entered_by": "t", "entered_at": pd.Timestamp(AS_OF, tz="UTC"), "note": "why", "currency_code": "MAD"}
    return rows.assign(**{name: value for name, value in plain.items() if name not in rows})


def simple(
    panel: Panel, future: Any, closed: Any, events: Any = (), paths: int = 8, seed: int = 0, **_: Any
) -> PanelForecast:
    """The mean of the last twenty days, and paths that are it plus or minus a tenth."""
    count, horizon = len(panel.names), len(future)
    mean = (
        np.tile(np.nan_to_num(panel.values[-20:].mean(axis=0)), (horizon, 1))
        if len(panel.values)
        else np.zeros((horizon, count))
    )
    sides = np.where(np.arange(paths) % 2, 0.1, -0.1)[:, None, None]
    quantiles = mean[..., None] * (1 + np.array([-0.1, -0.1, 0.0, 0.1, 0.1]) * np.sign(mean)[..., None])
    assert quantiles.shape[-1] == len(LEVELS)
    drawn = (mean * (1 + sides)).astype(np.float32)
    return PanelForecast(
        future,
        mean,
        mean,
        quantiles,
        mean * 0.9,
        drawn,
        ("recent_mean",) * count,
        ("won",) * count,
        pd.DataFrame(),
        pd.DataFrame(),
    )


def made(**given: Any) -> CashPlan:
    """A plan of the inputs, changed by what is given."""
    inputs: dict[str, Any] = {
        "flows": history(), "known": known(), "expected": None, "opening": table(OPENING), "accounts": table(ACCOUNTS),
        "bank_days": load_bank_days(), "as_of": AS_OF, "lines": lines(), "overrides": overrides(), "forecaster": simple, "paths": 8,
        "known_import_id": "imp-00001",
    }  # fmt: skip
    return make_plan(**{**inputs, **given})
