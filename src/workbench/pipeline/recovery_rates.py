"""The sheet of recovery rates of an office: cohorts, triangles, fair ranking and what explains a change, brought together for a page."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from workbench import recovery
from workbench.recovery import explaining, ranking, triangles
from workbench.recovery.cohort_cells import at_reached_age, cohort_cells, left_out_bills, with_cycles
from workbench.recovery.cohort_rates import Weight, ultimate_rates
from workbench.recovery.indicators import month_before
from workbench.recovery.portfolios import debtor_class_of
from workbench.recovery.rate_readings import rate_periods
from workbench.recovery.rates_sheet import AGES, RatesSheet
from workbench.recovery.units import placed_when_billed
from workbench.recovery.unpaid import EVENTS_TABLES, Unpaid

LAST_AGES = 13  # months of a vintage's life that count, its own and twelve more
RANKED = ["currency_code", "debtor_class_code"]
WEIGHTS: tuple[Weight, ...] = ("amount", "count")


def rates_sheet_of(office: Any, as_of: date | str, currency_code: str | None = None) -> RatesSheet:
    """The sheet of an office on a date, in one currency (default: as `recovery.unpaid`). Raises `Unanswerable` where no bill was issued by then."""
    found = recovery.unpaid(office, as_of, currency_code)
    day, code = found.as_of, found.currency_code
    events = [office[name] for name in EVENTS_TABLES]
    invoices, *others = events
    placed = with_cycles(placed_when_billed(invoices, office["units"], lazy=True), as_of=day)
    by = ("center_code", "directorate_code", "segment_code", "service_code", "cycle_code")
    cells = _of(cohort_cells(placed, *others, as_of=day, by=by, ages=AGES), code)
    before_tax = _of(cohort_cells(invoices, *others, as_of=day, by="segment_code", ages=AGES, basis="ht"), code)
    book = triangles.triangle_book(invoices, *others, as_of=day)
    vintages, shares, tried = _triangles(book, code)
    period, centers, directorates = _ranked(cells)
    overdue = explaining.changed_items(invoices, *others, opening=month_before(day), as_of=day, lazy=True)
    owed = recovery.open_items(invoices, *others, office["disputes"], as_of=day, lazy=True)
    effects, movers = _explained(found)
    return RatesSheet(
        unpaid=found,
        cells=cells,
        cells_ht=before_tax,
        curves=_curves(cells),
        period=period,
        centers=centers,
        directorates=directorates,
        vintages=vintages,
        shares=shares,
        tried=tried,
        effects=effects,
        movers=movers,
        one_offs=_one_offs(events, found),
        concentration=_of(explaining.concentration(owed), code),
        changed=_of(explaining.changes_by(overdue), code),
        left_out=_of(left_out_bills(invoices, others[0], as_of=day, first_age=AGES[0]), code),
        triangle_left_out=_of(book.left_out, code),
        triangle_sums=_of(book.vintages, code),
        problems=book.problems,
    )


def _of(table: pd.DataFrame, currency_code: str) -> pd.DataFrame:
    return table[table["currency_code"] == currency_code].reset_index(drop=True)


def _curves(cells: pd.DataFrame) -> pd.DataFrame:
    parts = [ultimate_rates(cells, weight=weight).assign(weight_code=weight) for weight in WEIGHTS]
    return pd.concat(parts, ignore_index=True)


def _triangles(book: triangles.TriangleBook, currency_code: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Of each segment, that which was billed most first: ultimate rates by vintage, rates by vintage and age, and how the model was tried."""
    vintages, shares, tried = [], [], []
    for triangle in _by_size(book, currency_code):
        cut, segment = triangle.up_to(LAST_AGES), triangle.keys["segment_code"]
        if not cut.is_known.any():
            continue
        checked = triangles.check_intervals(cut)
        said = triangles.ultimate_rates(cut, widening=checked.widening).table()
        vintages.append(said.tail(LAST_AGES))
        billed = dict(zip(cut.vintages.astype("datetime64[s]"), cut.billed, strict=True))
        cells = cut.table()
        whole = cells["vintage_date"].map({pd.Timestamp(day): amount for day, amount in billed.items()})
        shares.append(cells.assign(cohort_rate=cells["cumulative_mad"] / whole.where(whole > 0)))
        test, held = triangles.calendar_test(cut), checked.held
        row = {"held_share": held.share, "held_count": held.count, "calendar_p": test.p_value}
        tried.append({"segment_code": segment, "vintage_count": len(said)} | row)
    names = ["segment_code", "vintage_date", "age", "cohort_rate"]
    return (
        pd.concat(vintages, ignore_index=True) if vintages else pd.DataFrame(columns=["segment_code", "vintage_date"]),
        pd.concat(shares, ignore_index=True)[names] if shares else pd.DataFrame(columns=names),
        pd.DataFrame(tried, columns=["segment_code", "vintage_count", "held_share", "held_count", "calendar_p"]),
    )


def _by_size(book: triangles.TriangleBook, currency_code: str) -> Sequence[triangles.Triangle]:
    mine = [
        each for each in book.triangles() if each.keys["currency_code"] == currency_code and each.keys["segment_code"]
    ]
    return sorted(mine, key=lambda each: -float(each.billed[each.billed > 0].sum()))


def _ranked(cells: pd.DataFrame) -> tuple[int, pd.DataFrame, pd.DataFrame]:
    """The last year with bills old enough, its centres and its directorates, ranked; centres with their funnel and trend."""
    once = at_reached_age(cells.assign(vintage_year=cells["vintage_ordinal"] // 12))
    period = int(once["vintage_year"].max()) if len(once) else 0
    shares = ranking.fair_shares(once)
    centers = ranking.rank_units(shares)
    limits = ["bill_count", "low_index", "high_index", "funnel_code"]
    funnel = ranking.funnel_limits(shares).reindex(columns=[*RANKED, "vintage_year", "center_code", *limits])
    trends = ranking.unit_trends(shares)[[*RANKED, "vintage_year", "center_code", "trend_code"]]
    keys = [*RANKED, "vintage_year", "center_code"]
    centers = centers.merge(funnel, on=keys, how="left").merge(trends, on=keys, how="left")
    above = ranking.rank_units(ranking.fair_shares(once, unit="directorate_code"), unit="directorate_code")
    of_period = [table[table["vintage_year"] == period].reset_index(drop=True) for table in (centers, above)]
    return period, of_period[0], of_period[1]


def _explained(found: Unpaid) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The year to date against the same months of the year before, by class of debtors: steps of the cascade, and what each centre did."""
    sides = []
    for sums in (found.rates.earlier, found.rates.year):
        parts = explaining.rate_parts(sums, ("center_code", "segment_code"))
        sides.append(parts.assign(debtor_class_code=debtor_class_of(parts["segment_code"])))
    by = ("center_code", "segment_code", "side_code")
    change = explaining.explain_change(sides[0], sides[1], by=by, within=("debtor_class_code",))
    return change.effects, change.groups


def _one_offs(events: Sequence[Any], found: Unpaid) -> pd.DataFrame:
    opening, day = rate_periods(found.as_of)["year"]
    moved = recovery.movements(*events, opening=opening, as_of=day, lazy=True)
    return _of(explaining.one_off_candidates(moved), found.currency_code)
