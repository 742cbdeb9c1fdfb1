"""The log of plans: what each plan said of each line and day, week, month and of its thirteen weeks, kept as it was said.

Rows are only ever added. A plan is named by its content, so that the same plan is logged once.
"""

from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from workbench.cash.plan.plan import CashPlan
from workbench.schemas.tables import TABLES

ALL = "all"
_SUM = {"model_name": "sum_of_lines", "reason_code": "sum"}


def log_rows(
    plan: CashPlan, made_at: datetime, known_import_id: str | None = None, is_made_again: bool = False
) -> pa.Table:
    """The rows of table `forecasts` of a plan.

    A row a line (and `all`) and day or week up to `daily_until`, month to the end of the plan, and total of the thirteen weeks.
    `is_made_again`: the plan was made after its origin, with what was known then. Overrides bear who entered them and why.
    """
    parts = [
        plan.flows(by, period, None if period == "month" else plan.daily_until).assign(period_code=period)
        for period in ("day", "week", "month", "total")
        for by in (("line_code",), ())
    ]
    table = pd.concat([part.assign(line_code=part.get("line_code", ALL)) for part in parts], ignore_index=True)
    models = plan.series.drop_duplicates("line_code").set_index("line_code")
    for name, of_all in _SUM.items():
        table[name] = table["line_code"].map(models[name]).fillna(of_all)
    table = table.assign(
        plan_id=plan.plan_id,
        origin_date=plan.as_of,
        made_at=pd.Timestamp(made_at).tz_convert("UTC"),
        known_import_id=plan.known_import_id if known_import_id is None else known_import_id,
        is_made_again=is_made_again,
        currency_code=plan.currency_code,
    )
    table["entered_by"], table["note"] = _told(plan.notes.get("overrides"), table)
    declared = TABLES["forecasts"]
    ordered = table.sort_values(["period_code", "line_code", "target_date"], ignore_index=True)[list(declared.columns)]
    return pa.Table.from_pandas(ordered, schema=declared.arrow, preserve_index=False)


def _told(overrides: pd.DataFrame | None, table: pd.DataFrame) -> tuple[list[str | None], list[str | None]]:
    """Who put overrides on the line and period of each row, and why; None where there is none."""
    who: list[list[str]] = [[] for _ in range(len(table))]
    why: list[list[str]] = [[] for _ in range(len(table))]
    if overrides is not None and len(overrides):
        line = table["line_code"].to_numpy(object)
        start, end = (pd.to_datetime(table[name]).to_numpy() for name in ("target_date", "last_date"))
        names = ["line_code", "flow_date", "entered_by", "note"]
        for code, day, entered_by, note in overrides[names].itertuples(index=False, name=None):
            on = np.datetime64(pd.Timestamp(day))
            for row in np.flatnonzero(((line == ALL) | (line == code)) & (start <= on) & (on <= end)):
                who[row].append(entered_by)
                why[row].append(note)
    return ["; ".join(sorted(set(names))) or None for names in who], [
        "; ".join(dict.fromkeys(said)) or None for said in why
    ]
