"""Making the cash plan: known flows, a forecast of each line netted of them, cut on accounts to the centime, and what a person added.

Models are chosen line by line for the whole office, where there is enough to choose by; accounts take their part of the line. Nothing later
than `as_of` is read. Everything is seeded: the same tables give the same plan.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.cash.closed import is_closed
from workbench.cash.known.known_flows import KnownFlows
from workbench.cash.known.late_values import LateValues
from workbench.cash.lines.flow_rules import UNCLASSIFIED, FlowLine
from workbench.cash.models.calendar_design import Feast
from workbench.cash.models.dated_events import DatedEvent
from workbench.cash.models.forecast import PanelForecast, forecast_panel
from workbench.cash.plan.plan import CashPlan, Centimes, LineQuantiles
from workbench.cash.plan.plan_ground import Ground, ground_of
from workbench.cash.plan.plan_lines import LineForecast, forecast_lines
from workbench.cash.plan.plan_months import Months
from workbench.cash.plan.plan_netting import KNOWN_ONLY
from workbench.cash.plan.plan_paths import Slips, with_certain, with_late_values
from workbench.cash.plan.plan_problems import of_history, of_panel
from workbench.cash.plan.plan_rows import grid, is_nothing_known, told_accounts
from workbench.cash.plan.plan_shares import shares, split_lines, split_paths
from workbench.cash.plan.plan_slips import expected_slips
from workbench.errors import Unanswerable
from workbench.evidence import Floats
from workbench.money import estimated_centimes
from workbench.standards import BankDays

Forecaster = Callable[..., PanelForecast]
PATHS, SEED = 400, 8


def make_plan(
    flows: pd.DataFrame,
    known: KnownFlows,
    expected: pd.DataFrame | None,
    opening: pd.DataFrame,
    accounts: pd.DataFrame,
    *,
    bank_days: BankDays,
    as_of: date,
    lines: Sequence[FlowLine],
    overrides: pd.DataFrame,
    currency_code: str = "MAD",
    events: Sequence[DatedEvent] = (),
    feasts: tuple[Feast, ...] = (),
    calendar: pd.DataFrame | None = None,
    slips: Slips | None = None,
    holes: pd.DataFrame | None = None,
    ahead: pd.DataFrame | None = None,
    late: LateValues | None = None,
    floor_centimes: int | None = None,
    known_import_id: str = "",
    notes: Mapping[str, Any] | None = None,
    twelve_months: bool = True,
    paths: int = PATHS,
    seed: int = SEED,
    origins: int = 12,
    forecaster: Forecaster = forecast_panel,
    months: Months | None = None,
) -> CashPlan:
    """The plan of a currency on a date.

    Parameters
    ----------
    flows
        History (`daily_flows`): `account_number`, `directorate_code`, `line_code`, `currency_code`, `flow_date`, `amount_centimes`.
    known
        As from `gather_known_flows`, to the end of the plan (`horizon_of`).
    expected
        Receipts that the receivables tell: `origin_date`, `flow_date`, `line_code`, `currency_code`, `mean_mad`, for the origin
        `as_of` and for past ones; None: the plan is made without them.
    opening
        `account_number`, `currency_code`, `value_centimes` (null: not known), `state_code`, `statement_date`.
    accounts
        The register (`banking.describe`) and the accounts that only statements tell of.
    overrides
        Table `overrides`.
    calendar
        Days that a calendar is to name beyond those of the register (`plan_calendar.calendar_days`).
    slips
        How late announced flows have come, see `plan_paths`; None: they come on their day.
    months
        Totals of the months beyond, where a plan of the same history has found them (`notes["months"]`): they are not raced again.
    twelve_months
        Whether the plan goes on for twelve months. A plan made again to be judged ends with its thirteen weeks, in a third of the time.
    holes
        Days without a statement inside the history (`cash.holes`).
    ahead, late
        As from `booked_ahead` and `late_values`: what banks book before the day of value, and after it.

    Raises `OutsideSpan` where the bank calendar ends before the plan, `Unanswerable` where nothing at all is known by `as_of`. Rows that cannot count are problems, in `notes`.
    """
    if is_nothing_known(flows, opening, known, as_of):
        raise Unanswerable(
            f"no statement, flow or schedule is known by {as_of.isoformat()}",
            "cash plan",
            "choose a later date, or import the statements of that time",
        )
    register = accounts
    opening, accounts, flows = (table[table["currency_code"] == currency_code] for table in (opening, accounts, flows))
    if holes is not None:
        holes = holes[holes["currency_code"] == currency_code]
    ground = ground_of(
        flows,
        known,
        opening,
        accounts,
        register,
        bank_days,
        as_of,
        lines,
        overrides,
        currency_code,
        calendar,
        twelve_months,
        holes,
        ahead,
    )
    told = forecast_lines(
        ground, expected, events, feasts, currency_code, as_of, forecaster, paths, seed, origins, months
    )
    made = _cut(ground, told, feasts, slips, late, currency_code, seed)
    kept = _kept(ground.history.series, accounts, as_of, made.estimated, made.known, made.override)
    beside = _notes(ground, known, told, flows, opening, accounts, as_of, currency_code, bank_days)
    drawn = made.paths if kept.all() else made.paths[:, :, kept]
    slipped, may_slip = expected_slips(ground.known, ground.history.series, ground.days, slips)
    return CashPlan(
        as_of=as_of,
        currency_code=currency_code,
        days=ground.days,
        daily_until=ground.daily_until,
        series=_described(ground, accounts, told)[kept].reset_index(drop=True),
        known=made.known[:, kept],
        estimated=made.estimated[:, kept],
        override=made.override[:, kept],
        paths=drawn,
        naive=made.naive[:, kept],
        opening=_described_opening(opening, accounts),
        floor_centimes=floor_centimes,
        notes={
            **(notes or {}),
            **beside,
            "told": [
                *(notes or {}).get("told", ()),
                *of_history(flows, as_of, bank_days, currency_code),
                *of_panel(told.notes, currency_code),
            ],
        },
        parameters={
            "paths": paths,
            "seed": seed,
            "origins": origins,
            "receivables": expected is not None,
            "twelve_months": twelve_months,
        },
        known_import_id=known_import_id,
        line_quantiles=LineQuantiles(
            ground.history.lines,
            _but_where(may_slip, made.quantiles, ground.history.line_of),
            drawn,
            slipped[:, kept] if may_slip.any() else None,
        ),
    )


@dataclass(frozen=True)
class _Cut:
    """Lines cut on series: tracks (H, n) in centimes, `naive` (H, n), `paths` (P, H, n), and `quantiles` (H, L, levels) of whole lines."""

    known: Centimes
    estimated: Centimes
    override: Centimes
    naive: Floats
    paths: npt.NDArray[np.float32]
    quantiles: Floats


def _cut(
    ground: Ground,
    told: LineForecast,
    feasts: tuple[Feast, ...],
    slips: Slips | None,
    late: LateValues | None,
    currency_code: str,
    seed: int,
) -> _Cut:
    history, signs = ground.history, ground.panel.signs
    weights = shares(history, ground.future, ground.closed_days, feasts, ground.is_open, signs)
    sure = [grid(rows, history.series, ground.days) for rows in (ground.known, ground.overrides.rows)]
    estimated = split_lines(estimated_centimes(told.mean), history.line_of, weights)
    drawn = split_paths(told.paths, history, weights, signs, seed)
    drawn = with_certain(drawn, ground.known, history.series, ground.days, sure, slips, seed)
    drawn = with_late_values(drawn, late, history.series, currency_code, seed)
    quantiles = _whole_quantiles(told, sure, history.line_of, len(history.lines))
    return _Cut(sure[0], estimated, sure[1], told.naive[:, history.line_of] * weights, drawn, quantiles)


def _described(ground: Ground, accounts: pd.DataFrame, told: LineForecast) -> pd.DataFrame:
    register = accounts.drop_duplicates("account_number").set_index("account_number")
    series = ground.history.series
    table = pd.DataFrame({"account_number": series["account_number"]})
    labels = series["account_number"].map(register["account_label"])
    table["account_label"] = labels.where(labels.notna(), series["account_number"])
    for name in ("bank_code", "directorate_code"):
        table[name] = series["account_number"].map(register[name])
    table["line_code"] = series["line_code"]
    table["model_name"] = [told.model_names[line] for line in ground.history.line_of]
    table["reason_code"] = [told.reason_codes[line] for line in ground.history.line_of]
    return table


def _described_opening(opening: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    register = accounts.drop_duplicates("account_number")[
        ["account_number", "account_label", "bank_code", "directorate_code"]
    ]
    table = opening[["account_number", "value_centimes", "state_code", "statement_date"]].merge(
        register, on="account_number", how="left"
    )
    table["account_label"] = table["account_label"].where(table["account_label"].notna(), table["account_number"])
    return table.sort_values("account_number", ignore_index=True)


def _kept(
    series: pd.DataFrame, accounts: pd.DataFrame, as_of: date, *amounts: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Series of a closed account stay only where something still falls on them."""
    gone = set(accounts.loc[is_closed(accounts, as_of), "account_number"])
    moves = np.any([part.any(axis=0) for part in amounts], axis=0)
    return np.asarray(moves | ~series["account_number"].isin(gone).to_numpy(dtype=bool))


def _whole_quantiles(told: LineForecast, sure: Sequence[npt.NDArray[np.int64]], line_of: Any, count: int) -> Floats:
    """Calibrated quantiles (H, L, levels) of whole flows: of the estimate, and what is sure added."""
    added = np.zeros((count, len(told.mean)))
    for part in sure:
        np.add.at(added, line_of, part.T / 100)
    return told.quantiles + added.T[:, :, None]


def _but_where(may_slip: npt.NDArray[np.bool_], quantiles: Floats, line_of: Any) -> Floats:
    """Quantiles (H, L, levels) but on the days of lines on which a known flow may come, or not come yet: only paths know of delays."""
    told = quantiles.copy()
    for series in np.flatnonzero(may_slip.any(axis=0)):
        told[may_slip[:, series], line_of[series]] = np.nan
    return told


def _notes(
    ground: Ground, known: KnownFlows, told: LineForecast, flows: pd.DataFrame, opening: pd.DataFrame, accounts: pd.DataFrame,
    as_of: date, currency_code: str, bank_days: BankDays,
) -> dict[str, Any]:  # fmt: skip
    blank = set(opening.loc[opening["value_centimes"].isna(), "account_number"])
    without = ground.known[ground.known["account_number"].isin(blank)].assign(left_out_code="balance_unknown")
    # Of the currency, or of an account of it: an instalment in another currency than its account is told where it is looked for.
    of_currency = known.left_out["currency_code"] == currency_code
    left_out = known.left_out[of_currency | known.left_out["account_number"].isin(accounts["account_number"])]
    unknown = flows[flows["line_code"] == UNCLASSIFIED]
    estimated = bank_days.estimated_between(ground.days[0].date(), ground.days[-1].date())
    return {
        "scores": told.scores,
        "rules": told.rules,
        "receipts_race": told.receipts_race,
        "months": told.months,
        "line_models": told.line_models,
        "months_race": told.months.race,
        "panel_notes": told.notes,
        "flows": ground.known,
        "matched": known.matched,
        "overrides": ground.overrides.rows,
        "unclassified": unknown.groupby("account_number")[["amount_centimes", "line_count"]].sum().reset_index(),
        "unplaced": pd.concat([part for part in (left_out, without) if len(part)] or [left_out], ignore_index=True),
        "accounts": told_accounts(opening, accounts, as_of),
        "estimated_feasts": [feast.day for feast in estimated],
        "problems": list(ground.overrides.problems),
        "known_only": list(KNOWN_ONLY),
    }
