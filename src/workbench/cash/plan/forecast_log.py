"""The log of plans: what each plan said of each line and day, week, month and of its thirteen weeks, kept as it was said.

Rows are only ever added. A plan is named by its content, so that the same plan is logged once. Beside the lines stand what the plan said
of each account, and of balances at the end of each week: so a plan is judged over the accounts that statements prove. An account
without a recent statement on the origin may never be proven: where there is one, the log holds the bands of the others alone too.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from workbench.cash.plan.plan import CashPlan
from workbench.schemas.tables import TABLES

ALL = "all"
WEEK_DAYS = 5  # bank days
PERIODS = ("day", "week", "month", "total")
_BANDS = ["median_mad", "q025_mad", "q10_mad", "q90_mad", "q975_mad"]
_SUM = {"model_name": "sum_of_lines", "reason_code": "sum"}


def log_rows(
    plan: CashPlan,
    made_at: datetime,
    known_import_id: str | None = None,
    is_made_again: bool = False,
    is_try: bool = False,
) -> pa.Table:
    """The rows of table `forecasts` of a plan.

    A row a line (and `all`) and day or week up to `daily_until`, month to the end of the plan, and total of the thirteen weeks.
    `is_made_again`: the plan was made after its origin, with what was known then; `is_try`: it was made otherwise than the
    office's own, and is judged nowhere. Overrides bear who entered them and why.
    `told_…`: the bands of the accounts of which recent statements told on the origin, where that is not all of them.
    """
    table = _by_line(plan)
    told = told_part(plan)
    if told is not None:
        keys = ["line_code", "period_code", "target_date"]
        table = table.merge(_by_line(told)[[*keys, *_BANDS]].rename(columns=_told_names()), on=keys, how="left")
    models = plan.series.drop_duplicates("line_code").set_index("line_code")
    for name, of_all in _SUM.items():
        table[name] = table["line_code"].map(models[name]).fillna(of_all)
    table = table.assign(
        plan_id=plan.plan_id,
        origin_date=plan.as_of,
        made_at=pd.Timestamp(made_at).tz_convert("UTC"),
        known_import_id=plan.known_import_id if known_import_id is None else known_import_id,
        is_made_again=is_made_again,
        is_try=is_try,
        currency_code=plan.currency_code,
    )
    table["entered_by"], table["note"] = _told(plan.notes.get("overrides"), table)
    return _declared("forecasts", table.sort_values(["period_code", "line_code", "target_date"], ignore_index=True))


def account_rows(plan: CashPlan) -> pa.Table:
    """The rows of table `account_forecasts` of a plan: a row an account and line, and period, as of `log_rows`.

    Lines of an account say its mean track; `all` of them has the bands of the account too, from its paths.
    """
    owners = ["account_number", "directorate_code"]
    parts = [
        plan.flows(by, period, _last(plan, period), bands="line_code" not in by).assign(period_code=period)
        for period in PERIODS
        for by in ([*owners, "line_code"], owners)
    ]
    table = pd.concat([part.assign(line_code=part.get("line_code", ALL)) for part in parts], ignore_index=True)
    told = ~table["account_number"].isin(_untold(plan))
    order = ["account_number", "period_code", "line_code", "target_date"]
    return _declared("account_forecasts", _named(plan, table.assign(is_told=told)).sort_values(order))


def position_rows(plan: CashPlan) -> pa.Table:
    """The rows of table `position_forecasts` of a plan: balances in value at the end of every fifth bank day up to `daily_until`.

    A row an account with a known balance, and `all`, whose bands are read off the joint paths, never added up from those of accounts.
    """
    untold = _untold(plan)
    whole = _weekly(plan, ())
    told = told_part(plan)
    if told is not None:
        bands = _weekly(told, ())[["target_date", *_BANDS]].rename(columns=_told_names())
        whole = whole.merge(bands, on="target_date", how="left")
    accounts = _weekly(plan, ("account_number",))
    whole = whole.assign(account_number=ALL, is_told=not untold)
    accounts = accounts.assign(is_told=~accounts["account_number"].isin(untold))
    table = pd.concat([part for part in (whole, accounts) if len(part)] or [whole], ignore_index=True)
    return _declared("position_forecasts", _named(plan, table).sort_values(["account_number", "target_date"]))


def told_part(plan: CashPlan) -> CashPlan | None:
    """The plan of the accounts alone of which recent statements told on its origin; None where that is all of them."""
    untold = _untold(plan)
    if not untold:
        return None
    keep = ~plan.series["account_number"].isin(untold).to_numpy(dtype=bool)
    return replace(
        plan,
        series=plan.series[keep].reset_index(drop=True),
        known=plan.known[:, keep],
        estimated=plan.estimated[:, keep],
        override=plan.override[:, keep],
        paths=plan.paths[:, :, keep],
        naive=plan.naive[:, keep],
        opening=plan.opening[~plan.opening["account_number"].isin(untold)].reset_index(drop=True),
        line_quantiles=None,
    )


def _untold(plan: CashPlan) -> set[str]:
    return set(plan.opening.loc[plan.opening["state_code"] != "proven", "account_number"])


def _told_names() -> dict[str, str]:
    return {name: f"told_{name}" for name in _BANDS}


def _last(plan: CashPlan, period: str) -> date | None:
    return None if period == "month" else plan.daily_until


def _by_line(plan: CashPlan) -> pd.DataFrame:
    parts = [
        plan.flows(by, period, _last(plan, period)).assign(period_code=period)
        for period in PERIODS
        for by in (("line_code",), ())
    ]
    return pd.concat([part.assign(line_code=part.get("line_code", ALL)) for part in parts], ignore_index=True)


def _weekly(plan: CashPlan, by: Sequence[str]) -> pd.DataFrame:
    """Known balances at the end of every fifth bank day."""
    found = plan.positions(by, plan.daily_until).rename(columns={"day_date": "target_date"})
    found["horizon_days"] = pd.array(plan.days.get_indexer(pd.DatetimeIndex(found["target_date"])) + 1, dtype="Int64")
    return found[(found["horizon_days"] % WEEK_DAYS == 0) & found["value_centimes"].notna()].reset_index(drop=True)


def _named(plan: CashPlan, table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(plan_id=plan.plan_id, origin_date=plan.as_of, currency_code=plan.currency_code)


def _declared(name: str, table: pd.DataFrame) -> pa.Table:
    declared = TABLES[name]
    ordered = table.reindex(columns=list(declared.columns)).reset_index(drop=True)
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
