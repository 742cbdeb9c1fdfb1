"""Where an item belongs: centre, agency and directorate as the organisation stood on a date, never as it stands today."""

from datetime import date, timedelta
from typing import Any

import narwhals as nw

from workbench.frames import frame, table_function, to_pandas
from workbench.recovery.balances import on_day


@table_function
def units_on(units: nw.LazyFrame[Any], as_of: date | str) -> nw.LazyFrame[Any]:
    """One row a centre on `as_of`: `center_code`, `agency_code`, `directorate_code` (the nearest directorate above)."""
    day = on_day(as_of)
    valid = units.filter(
        (nw.col("valid_from_date") <= day) & (nw.col("valid_to_date").is_null() | (nw.col("valid_to_date") >= day))
    )
    center = valid.filter(nw.col("unit_level_code") == "center").select(
        center_code="unit_code", agency_code="parent_unit_code"
    )
    agency = valid.filter(nw.col("unit_level_code") == "agency").select(
        agency_code="unit_code", directorate_code="parent_unit_code"
    )
    return center.join(agency, on="agency_code", how="left").sort("center_code")


def days_of_change(units: Any) -> list[date]:
    """The first days on which the organisation differs from the day before, in order."""
    lazy = frame(units)
    begun = lazy.select(day=nw.col("valid_from_date"))
    ended = lazy.filter(~nw.col("valid_to_date").is_null()).select(day=nw.col("valid_to_date"))
    first = to_pandas(begun)["day"].dt.date
    after = to_pandas(ended)["day"].dt.date.map(lambda last: last + timedelta(days=1))
    return sorted({*first, *after})


@table_function
def in_unit(
    items: nw.LazyFrame[Any], units: nw.LazyFrame[Any], as_of: date | str, directorate: str = ""
) -> nw.LazyFrame[Any]:
    """Items with `agency_code` and `directorate_code` of their centre on `as_of`; only those of `directorate` unless it is empty.

    An item whose centre is not in the register keeps its row, with no directorate.
    """
    mapping = nw.from_native(units_on(units, as_of, lazy=True))
    placed = items.join(mapping, on="center_code", how="left")
    return placed.filter(nw.col("directorate_code") == directorate) if directorate else placed


@table_function
def placed_when_billed(invoices: nw.LazyFrame[Any], units: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Invoices with `agency_code` and `directorate_code` of their centre on their own day: what a centre billed before it moved stays where it was billed.

    A centre that the register does not place on that day keeps its bills, without agency or directorate.
    """
    day = nw.col("issue_date")

    def above(level: str, code: str, parent: str) -> nw.LazyFrame[Any]:
        rows = units.filter(nw.col("unit_level_code") == level)
        return rows.select("valid_from_date", "valid_to_date", **{code: nw.col("unit_code"), parent: nw.col("parent_unit_code")})  # fmt: skip

    def on_the_day(rows: nw.LazyFrame[Any], code: str, parent: str, level: str) -> nw.LazyFrame[Any]:
        found = rows.join(above(level, code, parent), on=code, how="inner")
        held = (nw.col("valid_from_date") <= day) & (
            nw.col("valid_to_date").is_null() | (nw.col("valid_to_date") >= day)
        )
        return found.filter(held).group_by("center_code", "issue_date").agg(nw.col(parent).max())

    # A centre on a day is placed once, whatever it billed that day.
    pairs = invoices.select("center_code", "issue_date").unique()
    agencies = on_the_day(pairs, "center_code", "agency_code", "center")
    directorates = on_the_day(agencies, "agency_code", "directorate_code", "agency")
    placed = agencies.join(directorates, on=["center_code", "issue_date"], how="left")
    return invoices.join(placed, on=["center_code", "issue_date"], how="left")
