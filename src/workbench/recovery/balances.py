"""Balances of all items on a date, settled and cancelled ones too: what rates and the roll-forward are made of.

balance = billed − cancelled − collected − stamps − compensations − credited − written off. A payment that bounced by the date
is no payment. Nothing is netted: an item below zero is a credit, flagged, and credits on no bill are items of their own.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import narwhals as nw

from workbench.frames import table_function

EVENTS = ("collected", "stamps", "compensations", "credited", "written_off")
_STAMP, _COMPENSATION = "prepaid_stamp", "compensation"
_DESCRIBED = (
    "invoice_id",
    "customer_code",
    "center_code",
    "segment_code",
    "issue_date",
    "due_date",
    "currency_code",
    "amount_ht_centimes",
)
Days = Mapping[str, date]  # prefix of the columns → day


def on_day(as_of: date | str) -> date:
    """A date, or its ISO text as notebooks hold it."""
    return date.fromisoformat(as_of) if isinstance(as_of, str) else as_of


@table_function
def item_balances(
    invoices: nw.LazyFrame[Any],
    allocations: nw.LazyFrame[Any],
    payments: nw.LazyFrame[Any] | None = None,
    credit_notes: nw.LazyFrame[Any] | None = None,
    write_offs: nw.LazyFrame[Any] | None = None,
    disputes: nw.LazyFrame[Any] | None = None,
    *,
    as_of: date | str,
) -> nw.LazyFrame[Any]:
    """Every item issued by `as_of`, settled ones too: what was billed, what was counted on it, what is left.

    Tables are those of `schemas.tables`. Without `payments`, allocations count as cash that never bounced.

    Returns
    -------
    One row an item: `invoice_id`, `customer_code`, `center_code`, `segment_code`, `issue_date` and `due_date` (of the source bill
    where the item is the rest of one), `currency_code`, `amount_ht_centimes`, `billed_centimes`, `cancelled_centimes`, one column
    for each of `EVENTS`, `no_cash_centimes` (stamps and compensations together), `outstanding_centimes`, `is_credit`, `is_disputed`.
    """
    day = on_day(as_of)
    items = balances_on(invoices, allocations, payments, credit_notes, write_offs, {"": day})
    items = items.drop("is_issued").with_columns(is_credit=nw.col("outstanding_centimes") < 0)
    return with_disputes(items, disputes, {"": day})


def balances_on(
    invoices: nw.LazyFrame[Any],
    allocations: nw.LazyFrame[Any],
    payments: nw.LazyFrame[Any] | None,
    credit_notes: nw.LazyFrame[Any] | None,
    write_offs: nw.LazyFrame[Any] | None,
    days: Days,
) -> nw.LazyFrame[Any]:
    """Balances on several days, side by side, every table read once.

    `days` gives to each day the prefix of its columns. An item issued after a day has zeros on it, and `…is_issued` false. Columns
    as in `item_balances` but for its flags.
    """
    items = _items(invoices, max(days.values()))
    items = items.join(_counted(allocations, payments, days), on="invoice_id", how="left")
    items = _with_sums(items, credit_notes, "credit_date", "amount_ttc_centimes", "credited", days)
    items = _with_sums(items, write_offs, "write_off_date", "amount_centimes", "written_off", days)
    items = items.select(*_DESCRIBED, *[column for each in days for column in _on_one_day(each, days)])
    if credit_notes is None:
        return items
    return nw.concat([items, _loose_credits(credit_notes, items.columns, days)], how="vertical")


def _items(invoices: nw.LazyFrame[Any], last: date) -> nw.LazyFrame[Any]:
    # Rests are few and go their own way: no join then holds every bill for them. Their source's dates are taken together: a due
    # date that the source lacks is missing, not the rest's own.
    issued = invoices.filter(nw.col("issue_date") <= last)
    sources = invoices.select(
        source_invoice_id="invoice_id", source_issue_date="issue_date", source_due_date="due_date"
    )
    rests = issued.filter(~nw.col("source_invoice_id").is_null()).join(sources, on="source_invoice_id", how="left")
    found = ~nw.col("source_issue_date").is_null()
    issue_date = nw.when(found).then(nw.col("source_issue_date")).otherwise(nw.col("issue_date"))
    due_date = nw.when(found).then(nw.col("source_due_date")).otherwise(nw.col("due_date"))
    parts = [
        _described(issued.filter(nw.col("source_invoice_id").is_null()), nw.col("issue_date"), nw.col("due_date")),
        _described(rests, issue_date, due_date),
    ]
    return nw.concat(parts, how="vertical")


def _described(bills: nw.LazyFrame[Any], issue_date: nw.Expr, due_date: nw.Expr) -> nw.LazyFrame[Any]:
    return bills.select(
        "invoice_id", "customer_code", "center_code", "segment_code", issue_date.alias("issue_date"), due_date.alias("due_date"), "currency_code",
        "amount_ht_centimes", "amount_ttc_centimes", "cancelled_date", own_date="issue_date",
    )  # fmt: skip


def _counted(allocations: nw.LazyFrame[Any], payments: nw.LazyFrame[Any] | None, days: Days) -> nw.LazyFrame[Any]:
    # All that counts on a bill is one sum, what is no cash a part of it, stamps a part of that: a balance then needs only the
    # first, a rate the first two.
    last = max(days.values())
    counted = allocations.filter(nw.col("allocation_date") <= last)
    if payments is None:
        counted = counted.with_columns(channel_code=nw.lit("cash"), bounced_date=nw.lit(None).cast(nw.Date()))
    else:
        counted = counted.join(
            payments.select("payment_id", "channel_code", "bounced_date"), on="payment_id", how="left"
        )
    amounts = {}
    for each, day in days.items():
        held = nw.col("bounced_date").is_null() | (nw.col("bounced_date") > day)
        if day < last:
            held = held & (nw.col("allocation_date") <= day)
        amount = nw.when(held).then(nw.col("amount_centimes")).otherwise(0)
        if len(days) == 1:  # what is filtered out need not be asked about in every sum
            counted, amount = counted.filter(held), nw.col("amount_centimes")
        amounts[f"{each}counted_sum"] = amount
        amounts[f"{each}no_cash_sum"] = nw.when(_is(_STAMP) | _is(_COMPENSATION)).then(amount).otherwise(0)
        amounts[f"{each}stamps_sum"] = nw.when(_is(_STAMP)).then(amount).otherwise(0)
    return counted.select("invoice_id", **amounts).group_by("invoice_id").agg(_added(amounts))


def _added(amounts: Iterable[str]) -> nw.Expr:
    # DuckDB adds 64 bits up into 128, and every step after it would work on 128: brought back at once.
    return nw.col(*amounts).sum().cast(nw.Int64)


def _is(channel: str) -> nw.Expr:
    return nw.col("channel_code").fill_null("") == channel


def _with_sums(
    items: nw.LazyFrame[Any], events: nw.LazyFrame[Any] | None, dated: str, amount: str, name: str, days: Days
) -> nw.LazyFrame[Any]:
    if events is None:
        return items.with_columns(**{f"{each}{name}_sum": nw.lit(0).cast(nw.Int64) for each in days})
    known = events.filter(nw.col(dated) <= max(days.values()), ~nw.col("invoice_id").is_null())
    amounts = {
        f"{each}{name}_sum": nw.when(nw.col(dated) <= day).then(nw.col(amount)).otherwise(0)
        for each, day in days.items()
    }
    sums = known.select("invoice_id", **amounts).group_by("invoice_id").agg(_added(amounts))
    return items.join(sums, on="invoice_id", how="left")


def _on_one_day(each: str, days: Days) -> list[nw.Expr]:
    """The columns of one day, from the sums: nothing on it for an item issued after it."""
    day, billed = days[each], nw.col("amount_ttc_centimes")
    total = {
        name: nw.col(f"{each}{name}_sum").fill_null(0)
        for name in ("counted", "no_cash", "stamps", "credited", "written_off")
    }
    made = {
        "billed": billed,
        "cancelled": nw.when(nw.col("cancelled_date") <= day).then(billed).otherwise(0),
        "collected": total["counted"] - total["no_cash"],
        "no_cash": total["no_cash"],
        "stamps": total["stamps"],
        "compensations": total["no_cash"] - total["stamps"],
        "credited": total["credited"],
        "written_off": total["written_off"],
    }
    # From the one sum of all that counts, not from its parts: who asks for the balance alone has no stamp told from cash.
    made["outstanding"] = billed - made["cancelled"] - total["counted"] - total["credited"] - total["written_off"]
    if day < max(days.values()):
        made = {name: nw.when(nw.col("own_date") <= day).then(value).otherwise(0) for name, value in made.items()}
    amounts = [value.cast(nw.Int64).alias(f"{each}{name}_centimes") for name, value in made.items()]
    return [*amounts, (nw.col("own_date") <= day).alias(f"{each}is_issued")]


def _loose_credits(credit_notes: nw.LazyFrame[Any], columns: list[str], days: Days) -> nw.LazyFrame[Any]:
    amount, credited_on = nw.col("amount_ttc_centimes"), nw.col("credit_date")
    known = {"invoice_id": nw.col("credit_note_id"), "issue_date": credited_on}
    for each, day in days.items():
        credited = nw.when(credited_on <= day).then(amount).otherwise(0).cast(nw.Int64)
        known |= {
            f"{each}is_issued": credited_on <= day,
            f"{each}credited_centimes": credited,
            f"{each}outstanding_centimes": nw.lit(0).cast(nw.Int64) - credited,
        }
    nothing = {
        "center_code": nw.String(),
        "segment_code": nw.String(),
        "due_date": nw.Date(),
        "amount_ht_centimes": nw.Int64(),
    }
    loose = credit_notes.filter(credited_on <= max(days.values()), nw.col("invoice_id").is_null())
    made = []
    for name in columns:
        if name in nothing:
            made.append(nw.lit(None).cast(nothing[name]).alias(name))
        elif name.endswith("_centimes") and name not in known:
            made.append(nw.lit(0).cast(nw.Int64).alias(name))
        else:
            made.append(known.get(name, nw.col(name)).alias(name))
    return loose.select(*made)


def with_disputes(items: nw.LazyFrame[Any], disputes: nw.LazyFrame[Any] | None, days: Days) -> nw.LazyFrame[Any]:
    """Items with `…is_disputed` on each day: a dispute opened by then and not closed by then."""
    names = {each: f"{each}is_disputed" for each in days}
    if disputes is None:
        return items.with_columns(**dict.fromkeys(names.values(), nw.lit(False)))
    closed = nw.col("closed_date")
    is_open = {
        names[each]: (nw.col("opened_date") <= day) & (closed.is_null() | (closed > day)) for each, day in days.items()
    }
    found = disputes.select("invoice_id", **is_open).group_by("invoice_id").agg(nw.col(*is_open).max())
    return items.join(found, on="invoice_id", how="left").with_columns(nw.col(*is_open).fill_null(False))
