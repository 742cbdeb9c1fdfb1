"""What the page of expected receipts says and shows: findings and tables of a gate. No sentence here."""

from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench import recovery
from workbench.frames import frame, to_pandas
from workbench.money import estimated_centimes
from workbench.pipeline.receipts import Tables
from workbench.pipeline.receipts_gate import FIRST, MODELS, NAIVE, WEEKS, Gate
from workbench.recovery.unpaid import EVENTS_TABLES
from workbench.schemas.columns import KEY_ACCOUNTS
from workbench.standards import load_bank_days

LEVELS = (0.10, 0.90)
CENTERS_SHOWN = 20
PATHS_SEED = 20
_Centimes = npt.NDArray[np.int64]


def outlook_centimes(gate: Gate) -> _Centimes:
    """Expected cash (segments, weeks) in centimes, rounded once: sums of rows and of columns agree."""
    return estimated_centimes(gate.chosen)


def _rounded(amount: float) -> int:
    return int(estimated_centimes(np.array([amount]))[0])


def outlook_findings(gate: Gate) -> dict[str, Any]:
    """The figures of the sentences: sums of four and thirteen weeks, their bands and how often such bands held, who serves."""
    amounts = outlook_centimes(gate)
    said: dict[str, Any] = {"currency": gate.currency_code}
    for weeks in (FIRST, WEEKS):
        low, high, held, count = gate.band(weeks)
        said |= {f"expected_{weeks}": int(amounts[:, :weeks].sum()), f"low_{weeks}": _rounded(low), f"high_{weeks}": _rounded(high),
                 f"held_{weeks}": held, f"origins_{weeks}": count}  # fmt: skip
    serving = gate.table[gate.table["is_serving"]]
    key = np.isin(np.array(gate.segments), KEY_ACCOUNTS)
    first = int(amounts[:, :FIRST].sum(axis=1).argmax())
    said |= {
        "key_4": int(amounts[key, :FIRST].sum()),
        "private_4": int(amounts[~key, :FIRST].sum()),
        "owed": _rounded(float(gate.receipts.told["outstanding_mad"].sum())),
        "to_bill": _rounded(float(gate.receipts.told["to_bill_mad"].sum())),
        "races": len(serving),
        "hazard_races": int((serving["model_code"] == "hazards").sum()),
        "naive_races": int(serving["model_code"].isin(NAIVE).sum()),
        "phi": gate.weekly.phi,
        "first_segment": gate.segments[first],
        "is_measured": bool(gate.misses[f"miss_{FIRST}"].notna().sum() >= 2),
    }
    return said


def outlook_ties(gate: Gate) -> list[tuple[str, int, int]]:
    """Pairs of sums that must be equal: weeks = segments, days = centres (of the hazards, in whole units)."""
    tables = outlook_tables(gate)
    weeks, segments = tables["weeks"], tables["segments"]
    return [
        ("weeks = segments", int(weeks["expected_centimes"].sum()), int(segments["expected_centimes"].sum())),
        ("days = centres", round(float(gate.receipts.amounts.sum())), round(float(gate.weekly.mean.sum()))),
    ]


def outlook_tables(gate: Gate) -> dict[str, pd.DataFrame]:
    """Tables of the page: `weeks`, `segments`, `centers`, `race`, `misses`."""
    return {
        "weeks": _weeks(gate),
        "segments": _segments(gate),
        "centers": _centers(gate),
        "race": _race(gate),
        "misses": gate.misses.rename(columns={"miss_4": "first_miss_share", "miss_13": "whole_miss_share"}),
    }


def _weeks(gate: Gate) -> pd.DataFrame:
    """By week, key accounts and private clients, with the band that the paths of the hazards have around their mean."""
    amounts = outlook_centimes(gate)
    key = np.isin(np.array(gate.segments), KEY_ACCOUNTS)
    of_currency = (gate.weekly.rows["currency_code"] == gate.currency_code).to_numpy(bool)
    paths = gate.weekly.paths(PATHS_SEED)[:, of_currency].sum(axis=1)
    # On another day than a Sunday the weeks of the hazards are those of the calendar: their bands serve in the same order.
    low, high = (np.quantile(paths, level, axis=0)[:WEEKS] / np.maximum(paths.mean(axis=0)[:WEEKS], 1e-9) for level in LEVELS)  # fmt: skip
    whole = amounts.sum(axis=0)
    start = pd.Timestamp(gate.as_of) + pd.to_timedelta(np.arange(WEEKS) * 7 + 1, unit="D")
    return pd.DataFrame({
        "week_date": start, "key_accounts_centimes": amounts[key].sum(axis=0), "private_centimes": amounts[~key].sum(axis=0),
        "expected_centimes": whole, "low_centimes": estimated_centimes(whole * low / 100), "high_centimes": estimated_centimes(whole * high / 100),
    })  # fmt: skip


def _segments(gate: Gate) -> pd.DataFrame:
    amounts = outlook_centimes(gate)
    told = pd.DataFrame({
        "segment_code": gate.segments, "first_weeks_centimes": amounts[:, :FIRST].sum(axis=1),
        "later_weeks_centimes": amounts[:, FIRST:].sum(axis=1), "expected_centimes": amounts.sum(axis=1),
    })  # fmt: skip
    return told.sort_values("expected_centimes", ascending=False, kind="stable", ignore_index=True)


def _centers(gate: Gate) -> pd.DataFrame:
    """Centres by what the hazards expect of them: not what serves where another model won, but the only one that knows centres."""
    weekly, mine = gate.weekly, (gate.weekly.rows["currency_code"] == gate.currency_code).to_numpy(bool)
    found = pd.DataFrame({
        "center_code": weekly.rows["center_code"], "owed_centimes": weekly.outstanding_mad, "to_bill_centimes": weekly.to_bill_mad,
        "first_weeks_centimes": weekly.mean[:, :FIRST].sum(axis=1), "expected_centimes": weekly.mean.sum(axis=1),
    })[mine]  # fmt: skip
    summed = (
        found.groupby("center_code")
        .sum()
        .apply(lambda sums: estimated_centimes(sums.to_numpy(np.float64)))
        .reset_index()
    )
    return summed.sort_values(["expected_centimes", "center_code"], ascending=[False, True], ignore_index=True)


def _race(gate: Gate) -> pd.DataFrame:
    """A row a segment and span: who serves, and what each model missed on past evenings."""
    wide = gate.table.pivot_table(index=["segment_code", "span"], columns="model_code", values="wape", dropna=False)
    wide = wide.reindex(columns=list(MODELS)).add_suffix("_share").reset_index()
    serving = gate.table.loc[gate.table["is_serving"], ["segment_code", "span", "model_code", "origin_count"]]
    told = serving.merge(wide, on=["segment_code", "span"])
    told["span_code"] = np.where(told.pop("span") == 0, "first", "later")
    names = ["segment_code", "span_code", "model_code", *(f"{name}_share" for name in MODELS), "origin_count"]
    return told[names]


def payers_of(office: Tables, gate: Gate) -> pd.DataFrame:
    """The payers who owe most on the evening of a gate, in its currency, each by his own dates (`recovery.large_payers`); `likely_date` and the others are moved to bank days."""
    events = [office[name] for name in EVENTS_TABLES]
    owed = recovery.open_items(*events, office["disputes"], as_of=gate.as_of, lazy=True)
    mine = to_pandas(frame(owed).filter(nw.col("currency_code") == gate.currency_code))
    found = recovery.large_payers(mine, *events[:3], as_of=gate.as_of, weeks=FIRST)
    bank_days = load_bank_days()
    for name in ("early_date", "likely_date", "late_date"):
        moved = [pd.NaT if pd.isna(day) else pd.Timestamp(bank_days.add(day.date(), 0)) for day in found[name]]
        found[name] = pd.Series(moved, index=found.index, dtype="datetime64[s]")
    within = found["within_mad"].to_numpy(np.float64)
    centimes = pd.Series(estimated_centimes(np.nan_to_num(within)), index=found.index, dtype="Int64").where(
        ~np.isnan(within)
    )
    names = [
        "customer_code",
        "segment_code",
        "owed_centimes",
        "within_centimes",
        "early_date",
        "likely_date",
        "late_date",
        "paid_count",
        "unsaid_centimes",
        "disputed_centimes",
    ]
    return found.rename(columns={"outstanding_centimes": "owed_centimes"}).assign(within_centimes=centimes)[names]
