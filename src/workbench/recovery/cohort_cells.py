"""What was paid of the bills of each period at each age: one pass over the bills, small cells out, from which every cohort rate is made.

An age is a number of days since the bill. A bill counts at an age only once it has lived it, and as it then stood: what was cancelled, credited
or paid later says nothing of that age, so that bills of two periods are compared as they were on the same day of their lives.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Literal

import narwhals as nw
import pandas as pd

from workbench.errors import WrongUse
from workbench.frames import frame, to_pandas
from workbench.recovery.balances import on_day
from workbench.recovery.groups import group_keys
from workbench.recovery.months import bill_events
from workbench.recovery.without_tax import before_tax

Table = nw.LazyFrame[Any]
Vintage = Literal["none", "month", "quarter", "year"]
AGES = (30, 60, 90, 180, 365)
VINTAGES = {"none": "", "month": "vintage_ordinal", "quarter": "vintage_ordinal", "year": "vintage_year"}
SUMS = ("bill_count", "paid_count", "base_centimes", "collected_centimes", "excess_centimes", "no_cash_centimes")
SQUARES = ("bill_squares", "bill_paid_products", "paid_squares", "base_squares", "base_collected", "collected_squares")


def cohort_cells(
    invoices: Any,
    allocations: Any,
    payments: Any = None,
    credit_notes: Any = None,
    write_offs: Any = None,
    *,
    as_of: date | str,
    by: str | Sequence[str] = ("center_code", "segment_code", "service_code"),
    ages: Sequence[int] = AGES,
    vintage: Vintage = "month",
    basis: Literal["ttc", "ht"] = "ttc",
    since: date | str | None = None,
) -> pd.DataFrame:
    """Counts and amounts by currency, `by`, vintage and age, of events dated up to `as_of`.

    Parameters
    ----------
    invoices, …
        Tables of `schemas.tables`. Without `payments`, allocations count as cash that never bounced. A bill's rest (`source_invoice_id`) is part of its bill.
    by
        Columns of `invoices` (join others before: agency and directorate with `in_unit`, `cycle_code` with `with_cycles`), as they stood on the bill.
    ages
        Days since the bill, whole and rising.
    vintage
        Period of the bill: `vintage_ordinal` (year × 12 + month − 1, first month of a quarter) or `vintage_year`; none.
    basis
        `ht`: every amount × HT ÷ TTC of its own bill; a bill without HT counts in full.
    since
        First day of the bills counted.

    Returns
    -------
    One row a group, vintage, `age_days` and `oldest_days` (the greatest of `ages` that these bills have lived: sum over it for all that lived the age, or keep
    `age_days == oldest_days` for each bill once, as `at_reached_age` does), with `is_complete` (every day of the vintage has lived the age), and of the bills
    that then owed anything: `bill_count`, `paid_count` (settled in cash), `base_centimes` (billed − cancelled − credited by then), `collected_centimes` (cash by then, at most the base), `excess_centimes` (cash
    beyond it), `no_cash_centimes` (stamps and compensations by then), and squares by customer, floats, amounts in dirhams² (`bill_squares`, `bill_paid_products`,
    `paid_squares`, `base_squares_mad`, `base_collected_mad`, `collected_squares_mad`) that tell how many bills or accounts truly stand behind a rate. Bills too young for the
    first age are in no row; bills below zero, cancelled or credited whole owe nothing and are in none either (`left_out_bills` counts them).

    Raises `WrongUse` for ages that are none, an unknown vintage or basis, or a column that is missing.
    """
    if not ages or list(ages) != sorted({int(age) for age in ages}) or ages[0] < 0:
        raise WrongUse(f"ages are whole days that rise, not {list(ages)}", "ages")
    if vintage not in VINTAGES:
        raise WrongUse(f"vintage is one of {', '.join(VINTAGES)}, not {vintage!r}", "vintage")
    if basis not in ("ttc", "ht"):
        raise WrongUse(f"basis is ttc or ht, not {basis!r}", "basis")
    day = on_day(as_of)
    bills = frame(invoices)
    keys = group_keys(by, bills)
    span = to_pandas(bills.select(first=nw.col("issue_date").min()))["first"].iloc[0]
    first = on_day(since) if since is not None else day if pd.isna(span) else min(span.date(), day)
    days = _calendar(first, day, ages, vintage)
    paid, credits, offs = (None if table is None else frame(table) for table in (payments, credit_notes, write_offs))
    states = _states(bills, frame(allocations), paid, credits, offs, frame(days), keys, len(ages), basis)
    return _long(
        to_pandas(_summed(states, [*keys, "vintage", "lived_count"], len(ages))), keys, ages, VINTAGES[vintage], days
    )


def at_reached_age(cells: pd.DataFrame) -> pd.DataFrame:
    """Each bill once, at the greatest age that it has lived: what a fair ranking is made from, recent bills included."""
    return cells[cells["age_days"] == cells["oldest_days"]].drop(columns="oldest_days").reset_index(drop=True)


def left_out_bills(invoices: Any, allocations: Any, *, as_of: date | str, first_age: int = AGES[0]) -> pd.DataFrame:
    """What no cohort can hold, by currency: `reason_code`, `row_count`, `amount_centimes`, so that totals still add up.

    `too_young` (issued less than `first_age` days before), `not_issued` (after `as_of`), `below_zero` (negative bills), `cancelled`, and of
    allocations `unknown_bill` (no such bill) and `before_bill` (counted from the bill's own day, not left out: told).
    """
    day = on_day(as_of)
    bills, counted = frame(invoices), frame(allocations)
    issued, amount = nw.col("issue_date"), nw.col("amount_ttc_centimes")
    gone = (nw.col("cancelled_date") <= day).fill_null(False)
    reason = (
        nw.when(issued > day).then(nw.lit("not_issued"))
        .when(gone).then(nw.lit("cancelled"))
        .when(amount <= 0).then(nw.lit("below_zero"))
        .when(issued > day - timedelta(days=first_age)).then(nw.lit("too_young"))
    )  # fmt: skip
    whole = bills.with_columns(reason_code=reason).select("currency_code", "reason_code", "amount_ttc_centimes")
    known = bills.select("invoice_id", "issue_date")
    paid = counted.filter(nw.col("allocation_date") <= day).join(known, on="invoice_id", how="left")
    early = nw.col("allocation_date") < nw.col("issue_date")
    why = nw.when(nw.col("issue_date").is_null()).then(nw.lit("unknown_bill")).when(early).then(nw.lit("before_bill"))
    part = paid.with_columns(reason_code=why).select(
        "currency_code", "reason_code", amount_ttc_centimes="amount_centimes"
    )
    rows = nw.concat([whole, part], how="vertical").filter(~nw.col("reason_code").is_null())
    summed = rows.group_by("currency_code", "reason_code").agg(
        row_count=nw.len(), amount_centimes=nw.col("amount_ttc_centimes").sum()
    )
    counts = summed.with_columns(nw.col("row_count", "amount_centimes").cast(nw.Int64))
    return to_pandas(counts.sort("currency_code", "reason_code"))


def with_cycles(invoices: Any, *, as_of: date | str) -> Any:
    """Invoices with `cycle_code`, how often their customer was billed over the two years before `as_of`: a lazy table for `cohort_cells`.

    From the months with a bill of the same customer and service: `monthly` (half or more of the months between the first and the last), `two_monthly`, `quarterly`,
    `longer`; `unknown` with a single month.
    """
    day = on_day(as_of)
    bills = frame(invoices)
    month = nw.col("issue_date").dt.year().cast(nw.Int64) * 12 + nw.col("issue_date").dt.month().cast(nw.Int64)
    recent = bills.filter(nw.col("issue_date") <= day, nw.col("issue_date") > day - timedelta(days=731))
    who = ["customer_code", "service_code"]
    seen = recent.select(*who, month=month).unique().group_by(*who).agg(
        first=nw.col("month").min(), last=nw.col("month").max(), months=nw.len()
    )  # fmt: skip
    gap = (nw.col("last") - nw.col("first")).cast(nw.Float64) / (nw.col("months") - 1).cast(nw.Float64)
    code = (
        nw.when(nw.col("months") <= 1).then(nw.lit("unknown"))
        .when(gap <= 1.5).then(nw.lit("monthly"))
        .when(gap <= 2.5).then(nw.lit("two_monthly"))
        .when(gap <= 4).then(nw.lit("quarterly"))
        .otherwise(nw.lit("longer"))
    )  # fmt: skip
    cycles = seen.with_columns(cycle_code=code).select(*who, "cycle_code")
    joined = bills.join(cycles, on=who, how="left").with_columns(cycle_code=nw.col("cycle_code").fill_null("unknown"))
    return nw.to_native(joined)


def _calendar(first: date, last: date, ages: Sequence[int], vintage: Vintage) -> pd.DataFrame:
    """Every day of issue with its vintage, how many of the ages it has lived, and the day on which it reaches each."""
    days = pd.date_range(min(first, last), last)
    lived = sum((days + pd.Timedelta(days=age) <= pd.Timestamp(last)).astype("int64") for age in ages)
    month = days.year * 12 + days.month - 1
    of = {"none": month * 0, "month": month, "quarter": month // 3 * 3, "year": days.year.astype("int64")}[vintage]
    until = {f"until_{place}_date": days + pd.Timedelta(days=age) for place, age in enumerate(ages)}
    return pd.DataFrame({"cohort_date": days, "vintage": of.astype("int64"), "lived_count": lived, **until})


def _states(
    invoices: Table,
    allocations: Table,
    payments: Table | None,
    credit_notes: Table | None,
    write_offs: Table | None,
    days: Table,
    keys: Sequence[str],
    ages: int,
    basis: str,
) -> Table:
    """One row a bill: its keys, customer, vintage, ages lived, and at each age what it owed at most, what came, what came beyond, stamps."""
    # Events carry no more of their bill than its number and day: its texts are joined once a bill, not once an event.
    bill = ["bill_id", "cohort_date"]
    items, rests = _items(invoices)
    events = bill_events(items, allocations, payments, credit_notes, write_offs, bill)
    events = events.filter(~nw.col("bill_id").is_null()).join(days, on="cohort_date", how="inner")
    sums: dict[str, nw.Expr] = {}
    owed = nw.col("billed_centimes") - nw.col("cancelled_centimes") - nw.col("credited_centimes")
    for place in range(ages):
        inside = nw.col("event_date") <= nw.col(f"until_{place}_date")
        other = nw.col("stamps_centimes") + nw.col("compensations_centimes")
        parts = {"base": owed, "cash": nw.col("collected_centimes"), "other": other}
        sums |= {f"{name}_{place}": nw.when(inside).then(value).otherwise(0) for name, value in parts.items()}
    kept = [*bill, "vintage", "lived_count"]
    states = events.select(*kept, **sums).group_by(*kept).agg(nw.col(*sums).sum()).with_columns(nw.col(*sums).cast(nw.Int64))  # fmt: skip
    states = states.join(_own(invoices, rests, keys, basis), on="bill_id", how="inner")
    if basis == "ht":
        states = states.with_columns(*[before_tax(name) for name in sums])
    return states


def _items(invoices: Table) -> tuple[Table, Table]:
    """Items with the bill that they are of, and its day; and of these the rests, which are few. A rest whose bill is unknown is a bill."""
    names = ["invoice_id", "issue_date", "cancelled_date", "amount_ttc_centimes", "amount_ht_centimes", "currency_code"]
    whole = invoices.filter(nw.col("source_invoice_id").is_null()).select(
        *names, bill_id="invoice_id", cohort_date="issue_date"
    )
    sources = invoices.select(source_invoice_id="invoice_id", of_date="issue_date")
    rests = invoices.filter(~nw.col("source_invoice_id").is_null()).join(sources, on="source_invoice_id", how="left")
    found = ~nw.col("of_date").is_null()
    rests = rests.select(
        *names,
        bill_id=nw.when(found).then(nw.col("source_invoice_id")).otherwise(nw.col("invoice_id")),
        cohort_date=nw.min_horizontal(nw.col("of_date").fill_null(nw.col("issue_date")), nw.col("issue_date")),
    )
    return nw.concat([whole, rests], how="vertical"), rests


def _own(invoices: Table, rests: Table, keys: Sequence[str], basis: str) -> Table:
    """The keys and customer of every bill; before tax also its TTC and HT with those of its rests, HT null where one of them does not say it."""
    names = ["customer_code", *[name for name in keys if name != "customer_code"]]
    if basis == "ttc":
        return invoices.select(*names, bill_id="invoice_id")
    silent = nw.when(nw.col("amount_ht_centimes").is_null()).then(1).otherwise(0)
    others = rests.filter(nw.col("bill_id") != nw.col("invoice_id")).with_columns(silent=silent).group_by("bill_id").agg(
        rest_ttc=nw.col("amount_ttc_centimes").sum(), rest_ht=nw.col("amount_ht_centimes").sum(), silent=nw.col("silent").sum()
    )  # fmt: skip
    bills = invoices.select(*names, "amount_ttc_centimes", "amount_ht_centimes", bill_id="invoice_id").join(others, on="bill_id", how="left")  # fmt: skip
    ht = nw.col("amount_ht_centimes") + nw.col("rest_ht").fill_null(0)
    return bills.select(
        "bill_id",
        *names,
        amount_ttc_centimes=(nw.col("amount_ttc_centimes") + nw.col("rest_ttc").fill_null(0)).cast(nw.Int64),
        amount_ht_centimes=nw.when(nw.col("silent").fill_null(0) == 0).then(ht).cast(nw.Int64),
    )


def _summed(states: Table, keys: list[str], ages: int) -> Table:
    """Cells: first by customer, so that squares tell how much rests on one of them, then by key."""
    amounts: dict[str, nw.Expr] = {}
    for place in range(ages):
        base, cash = nw.col(f"base_{place}"), nw.col(f"cash_{place}")
        owes = (nw.col("lived_count") > place) & (base > 0)
        held = nw.min_horizontal(nw.max_horizontal(cash, nw.lit(0)), base)
        values = {
            "bill_count": nw.lit(1), "paid_count": nw.when(cash >= base).then(1).otherwise(0), "base_centimes": base,
            "collected_centimes": held, "excess_centimes": nw.max_horizontal(cash - base, nw.lit(0)), "no_cash_centimes": nw.col(f"other_{place}"),
        }  # fmt: skip
        amounts |= {f"{name}_{place}": nw.when(owes).then(value).otherwise(0) for name, value in values.items()}
    by_customer = (
        states.select(*keys, "customer_code", **amounts).group_by(*keys, "customer_code").agg(nw.col(*amounts).sum())
    )
    by_customer = by_customer.with_columns(nw.col(*amounts).cast(nw.Int64))
    squares: dict[str, nw.Expr] = {}
    for place in range(ages):
        bills, paid = nw.col(f"bill_count_{place}"), nw.col(f"paid_count_{place}")
        # Whole dirhams on 128 bits: sums of integers are the same whatever the threads did, sums of floats are not.
        base, cash = ((nw.col(f"{name}_centimes_{place}") // 100).cast(nw.Int128) for name in ("base", "collected"))
        products = (bills * bills, bills * paid, paid * paid, base * base, base * cash, cash * cash)
        squares |= {f"{name}_{place}": value for name, value in zip(SQUARES, products, strict=True)}
    summed = by_customer.with_columns(**squares).group_by(*keys).agg(nw.col(*amounts, *squares).sum())
    return summed.with_columns(nw.col(*amounts).cast(nw.Int64), nw.col(*squares).cast(nw.Float64)).sort(*keys)


def _long(wide: pd.DataFrame, keys: list[str], ages: Sequence[int], vintage: str, days: pd.DataFrame) -> pd.DataFrame:
    """One row an age lived, from one column an age."""
    told = {name: f"{name}_mad" if name.startswith(("base", "collected")) else name for name in SQUARES}
    least = days.groupby("vintage")["lived_count"].min()
    parts = []
    for place, age in enumerate(ages):
        rows = wide[(wide["lived_count"] > place) & (wide[f"bill_count_{place}"] > 0)]
        part = rows[[*keys, "vintage"]].assign(
            age_days=int(age),
            oldest_days=rows["lived_count"].map(lambda lived: ages[int(lived) - 1]).astype("int64"),
            is_complete=(rows["vintage"].map(least) > place).astype("bool"),
            **{name: rows[f"{name}_{place}"] for name in SUMS},
            **{name: rows[f"{source}_{place}"] for source, name in told.items()},
        )
        parts.append(part)
    found = pd.concat(parts, ignore_index=True)
    found = found.rename(columns={"vintage": vintage}) if vintage else found.drop(columns="vintage")
    named = [*keys, *([vintage] if vintage else []), "age_days", "oldest_days"]
    return found.sort_values(named, ignore_index=True)
