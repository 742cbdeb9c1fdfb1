"""Which model of expected receipts serves: hazards, cohort rates and naive ones raced on past evenings, by segment, for the next four weeks and the nine after.

The loser does not serve: where no model beats the better naive one, that one serves. What each missed is returned, so that a page can say why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.evidence import Floats, conformal_quantile
from workbench.pipeline.receipts import Tables, office_cube
from workbench.recovery import CohortReceipts, ReceiptCube, cohort_receipts, units_on
from workbench.recovery.payment_times import WeeklyReceipts, exposure_tables, hazard_receipts, learn

WEEKS, FIRST = 13, 4  # weeks told; those of the first span
SPANS = ((0, FIRST), (FIRST, WEEKS))
MODELS = ("hazards", "cohorts", "book_share", "last_year")
NAIVE = MODELS[2:]
ORIGINS, STEP_DAYS, LEAST_WEEKS = 10, 28, 40
BAND = 0.80
_BOOK = ("invoices", "allocations", "payments", "credit_notes", "write_offs", "disputes")
_YEAR = 52


@dataclass(frozen=True)
class Gate:
    """The race and what it chose. `segments`, of one currency; `said` and `chosen` (segments, weeks) after `as_of`: by model, and what serves.

    `table`: `segment_code`, `span` (0 or 1), `model_code`, `wape` over `origin_count` evenings, `is_serving`. `misses`: of each evening, came ÷ what
    would have served − 1 over four and thirteen weeks (NaN where not known), the choice made on the other evenings. `receipts` and `weekly`: of hazards.
    """

    as_of: date
    currency_code: str
    segments: tuple[str, ...]
    said: dict[str, Floats]
    chosen: Floats
    table: pd.DataFrame
    misses: pd.DataFrame
    receipts: CohortReceipts
    weekly: WeeklyReceipts

    def band(self, weeks: int) -> tuple[float, float, float, int]:
        """Low and high of the sum of the first `weeks` (4 or 13), how often such a band held at past evenings, and how many these were."""
        total = float(self.chosen[:, :weeks].sum())
        missed = np.abs(self.misses[f"miss_{weeks}"].dropna().to_numpy(np.float64))
        if len(missed) < 2:
            return total, total, float("nan"), len(missed)
        half = float(conformal_quantile(missed[:, None], BAND)[0])
        others = [np.delete(missed, place) for place in range(len(missed))]
        held = [one <= conformal_quantile(rest[:, None], BAND)[0] for one, rest in zip(missed, others, strict=True)]
        return total * max(1 - half, 0.0), total * (1 + half), float(np.mean(held)), len(missed)


def receipts_gate(office: Tables, as_of: date, origins: int = ORIGINS) -> Gate:
    """Race on evenings before `as_of`, a Sunday every four weeks, and say what is expected after it by what won.

    What came is all cash, allocated or not, bounced payments out, on the day it was received.
    """
    last = as_of - timedelta(days=(as_of.weekday() + 1) % 7 + 7 * FIRST)
    past = [last - timedelta(days=STEP_DAYS * back) for back in range(origins)]
    cube = office_cube(office, as_of, past)
    begun = cube.bills["issue_date"].min()
    past = sorted(day for day in past if pd.Timestamp(day) >= begun + pd.Timedelta(weeks=LEAST_WEEKS))
    currency = str(cube.bills.groupby("currency_code", observed=True)["billed_centimes"].sum().idxmax())
    cash = cube.receipts[cube.receipts["currency_code"] == currency]
    segments = tuple(sorted({*map(str, cash["segment_code"].unique())}))
    rows = [_of_origin(office, cube.on(day), currency, segments)[0] for day in past]
    came = [_cash_after(cash, day, segments, as_of) for day in past]
    now, receipts, weekly = _of_origin(office, cube, currency, segments)
    table = _race(rows, came, segments)
    return Gate(as_of, currency, segments, now, _served(now, table, segments), table, _misses(rows, came, past, segments), receipts, weekly)  # fmt: skip


def _of_origin(
    office: Tables, cube: ReceiptCube, currency: str, segments: Sequence[str]
) -> tuple[dict[str, Floats], CohortReceipts, WeeklyReceipts]:
    """What each model says on an evening, (segments, weeks)."""
    day = cube.as_of
    until, places = day + timedelta(days=7 * WEEKS), units_on(office["units"], day)
    model = learn(exposure_tables(*(office[name] for name in _BOOK), as_of=day))
    receipts, weekly = hazard_receipts(model, cube, places, until)
    plain = cohort_receipts(cube, places, until)
    cash = cube.receipts[cube.receipts["currency_code"] == currency]
    said = {
        "hazards": _by_segment(receipts, currency, segments),
        "cohorts": _by_segment(plain, currency, segments),
        "book_share": _book_share(cube, cash, currency, segments),
        "last_year": np.nan_to_num(_cash_after(cash, day - timedelta(weeks=_YEAR), segments, day)),
    }
    return said, receipts, weekly


def _by_segment(expected: CohortReceipts, currency: str, segments: Sequence[str]) -> Floats:
    week = (expected.days - np.datetime64(expected.origin)).astype(np.int64) - 1
    mine = (expected.keys["currency_code"] == currency).to_numpy(bool)
    found = np.zeros((len(segments), WEEKS))
    for place, segment in enumerate(segments):
        column = mine & (expected.keys["segment_code"] == segment).to_numpy(bool)
        found[place] = np.bincount(week // 7, expected.amounts[:, column].sum(axis=1), WEEKS)[:WEEKS]
    return found


def _cash_after(cash: pd.DataFrame, day: date, segments: Sequence[str], known_to: date) -> Floats:
    """Cash of the weeks after a day, (segments, weeks), NaN for weeks not over on `known_to`."""
    week = ((cash["receipt_date"].to_numpy("datetime64[D]") - np.datetime64(day)).astype(np.int64) - 1) // 7
    inside = (week >= 0) & (week < WEEKS)
    amount, segment = cash["cash_centimes"].to_numpy(np.float64) / 100, cash["segment_code"].astype("str").to_numpy()
    found = np.stack([np.bincount(week[inside & (segment == name)], amount[inside & (segment == name)], WEEKS) for name in segments])  # fmt: skip
    over = np.array([day + timedelta(days=7 * (place + 1)) <= known_to for place in range(WEEKS)])
    return np.where(over, found, np.nan)


def _book_share(cube: ReceiptCube, cash: pd.DataFrame, currency: str, segments: Sequence[str]) -> Floats:
    """The open book × what the same number of weeks brought of the book before them, an equal part a week."""
    book = cube.book[cube.book["currency_code"] == currency]
    rest = (book["billed_centimes"] - book["cash_centimes"] - book["no_cash_centimes"]).to_numpy(np.float64) / 100
    segment, part = book["segment_code"].astype("str").to_numpy(), book["part_date"].to_numpy("datetime64[D]")
    found = np.zeros((len(segments), WEEKS))
    for place, name in enumerate(segments):
        mine = segment == name
        owed = max(float(rest[mine].sum()), 0.0)
        for first, end in SPANS:
            back = cube.as_of - timedelta(days=7 * end)
            before = max(float(rest[mine & (part <= np.datetime64(back))].sum()), 0.0)
            brought = np.nansum(_cash_after(cash, back, segments, cube.as_of)[place, first:end])
            found[place, first:end] = owed * brought / before / (end - first) if before > 0 else 0.0
    return found


def _errors(rows: Sequence[dict[str, Floats]], came: Sequence[Floats]) -> npt.NDArray[np.float64]:
    """|said − came| of each evening, segment, span and model; NaN where the span is not over."""
    return np.array([[[[abs(float((one[name][place, a:b] - there[place, a:b]).sum())) for name in MODELS] for a, b in SPANS]
                      for place in range(len(there))] for one, there in zip(rows, came, strict=True)])  # fmt: skip


def _race(rows: Sequence[dict[str, Floats]], came: Sequence[Floats], segments: Sequence[str]) -> pd.DataFrame:
    if not rows:
        # Too short a past to judge: what is simplest and rests on the open book serves.
        return pd.DataFrame([(name, span, model, float("nan"), 0, model == "cohorts") for name in segments for span in (0, 1) for model in MODELS],
                            columns=["segment_code", "span", "model_code", "wape", "origin_count", "is_serving"])  # fmt: skip
    errors = _errors(rows, came)
    told = []
    for place, segment in enumerate(segments):
        for span, (first, end) in enumerate(SPANS):
            known = ~np.isnan(errors[:, place, span, 0])
            whole = sum(float(np.abs(there[place, first:end]).sum()) for there, over in zip(came, known, strict=True) if over)  # fmt: skip
            missed = errors[known, place, span].sum(axis=0)
            best = int(missed.argmin()) if known.any() else MODELS.index("cohorts")
            told += [(segment, span, name, missed[at] / whole if whole else np.nan, int(known.sum()), at == best) for at, name in enumerate(MODELS)]  # fmt: skip
    return pd.DataFrame(told, columns=["segment_code", "span", "model_code", "wape", "origin_count", "is_serving"])


def _served(said: dict[str, Floats], table: pd.DataFrame, segments: Sequence[str]) -> Floats:
    found = np.zeros((len(segments), WEEKS))
    for row in table[table["is_serving"]].itertuples(index=False):
        first, end = SPANS[int(str(row.span))]
        place = segments.index(str(row.segment_code))
        found[place, first:end] = said[str(row.model_code)][place, first:end]
    return found


def _misses(
    rows: Sequence[dict[str, Floats]], came: Sequence[Floats], past: Sequence[date], segments: Sequence[str]
) -> pd.DataFrame:
    """What would have served at each evening, had the choice been made on all the others."""
    told = []
    for place, day in enumerate(past):
        others = [at for at in range(len(rows)) if at != place]
        table = _race([rows[at] for at in others], [came[at] for at in others], segments)
        served = _served(rows[place], table, segments)
        sums = {f"miss_{weeks}": float(came[place][:, :weeks].sum() / max(served[:, :weeks].sum(), 1e-9) - 1) for weeks in (FIRST, WEEKS)}  # fmt: skip
        told.append({"origin_date": pd.Timestamp(day)} | sums)
    return pd.DataFrame(told, columns=["origin_date", f"miss_{FIRST}", f"miss_{WEEKS}"])


def office_gate(office: Any, as_of: date | str) -> Gate:
    """The gate of an office on an evening given as a notebook holds it."""
    return receipts_gate(office, date.fromisoformat(as_of) if isinstance(as_of, str) else as_of)
